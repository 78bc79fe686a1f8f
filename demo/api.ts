import { randomUUID } from 'node:crypto'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { z } from 'zod'
import { ApiRefusal, BearerRefusal, challenge } from './api-refusal.ts'
import { authorizationServer, type AuthorizationServer, type Registration } from './authorization-server.ts'
import { checkScope, introspectCaller, parseBearerToken, type Caller } from './bearer.ts'
import { boundedMap } from './bounded-map.ts'
import { upcomingEvents } from './calendar.ts'
import { listen, type Running } from './listen.ts'
import { parseRequestError } from './request-error.ts'

export interface DemoApiOptions extends Registration {
  /** 0 lets the system choose. */
  port: number
}

/** RFC 6749 §1.1: the demo's resource server. It believes no token that the authorization server has not just confirmed (RFC 7662). */
export function startDemoApi({ port, ...registration }: DemoApiOptions): Promise<Running> {
  return listen(port, () => createApi(registration.issuer, authorizationServer(registration)))
}

interface Endpoint {
  method: 'get' | 'post'
  path: string
  scope: string
  description: string
  answer: (caller: Caller, body: unknown) => { status: number; body: object }
}

interface Note {
  id: string
  text: string
  createdAt: string
}

const notebookLimit = 1000
const notesPerNotebook = 50

const noteForm = z.strictObject({ text: z.string().trim().min(1).max(500) })

const paymentForm = z.strictObject({
  to: z.string().trim().min(1).max(70),
  amount: z.string().regex(/^(?!0+(\.0+)?$)\d{1,6}(\.\d{2})?$/, 'must be above zero, for example 12.50'),
  currency: z.enum(['EUR', 'GBP', 'JPY', 'USD']),
})

/** What the API can do, and which scope each takes. Notes live in memory and go when the process does. */
function createEndpoints(): readonly Endpoint[] {
  const notebooks = boundedMap<readonly Note[]>(notebookLimit)
  return [
    {
      method: 'get',
      path: '/notes',
      scope: 'notes:read',
      description: 'Your notes, newest first',
      answer: ({ owner }) => ({ status: 200, body: { notes: notebooks.get(owner) ?? [] } }),
    },
    {
      method: 'post',
      path: '/notes',
      scope: 'notes:write',
      description: `Adds a note, {"text": "…"}, and keeps the ${notesPerNotebook} newest`,
      answer: ({ owner }, body) => {
        const note = { id: randomUUID(), text: parseBody(noteForm, body).text, createdAt: new Date().toISOString() }
        notebooks.set(owner, [note, ...(notebooks.get(owner) ?? [])].slice(0, notesPerNotebook))
        return { status: 201, body: note }
      },
    },
    {
      method: 'get',
      path: '/calendar',
      scope: 'calendar:read',
      description: 'The coming seven days; everybody has the same sample calendar',
      answer: () => ({ status: 200, body: { events: upcomingEvents(new Date()) } }),
    },
    {
      method: 'post',
      path: '/payments',
      scope: 'payments:send',
      description: 'Accepts a payment, {"to": "…", "amount": "12.50", "currency": "EUR"}; no money moves',
      answer: (_caller, body) => {
        const payment = parseBody(paymentForm, body)
        return {
          status: 201,
          body: { id: randomUUID(), status: 'accepted', ...payment, acceptedAt: new Date().toISOString() },
        }
      },
    },
  ]
}

type ApiHandler = RequestHandler<Record<string, string>, unknown, unknown, unknown, { caller: Caller }>

function createApi(issuer: string, findServer: AuthorizationServer): Express {
  const endpoints = createEndpoints()
  const api = express()
  api.set('etag', false)
  api.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
      strictTransportSecurity: false, // Loopback is plain http.
    }),
  )
  api.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  })

  api.get('/', (_req, res) => {
    res.json({
      name: 'Daybook API',
      description: 'A resource server that checks every access token by introspection (RFC 7662)',
      authorizationServer: issuer,
      endpoints: endpoints.map(({ method, path, scope, description }) => ({
        method: method.toUpperCase(),
        path,
        scope,
        description,
      })),
    })
  })

  for (const { method, path, scope, answer } of endpoints) {
    // The token comes first: nobody's body is read who may not send one.
    api[method](path, requireScope(scope, findServer), express.json({ limit: '4kb' }), ((req, res) => {
      const { status, body } = answer(res.locals.caller, req.body)
      res.status(status).json(body)
    }) satisfies ApiHandler)
  }

  const methodsByPath = new Map([['/', ['GET']]])
  for (const { method, path } of endpoints) {
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method.toUpperCase()])
  }
  for (const [path, methods] of methodsByPath) {
    api.all(path, (_req, res) => {
      res.set('Allow', methods.join(', '))
      throw new ApiRefusal(405, 'method_not_allowed', `${path} answers ${methods.join(' and ')}`)
    })
  }
  api.use(() => {
    throw new ApiRefusal(404, 'not_found', 'There is nothing here; GET / lists what there is')
  })
  api.use(onApiError)
  return api
}

function requireScope(scope: string, findServer: AuthorizationServer): ApiHandler {
  return async (req, res, next) => {
    const caller = await introspectCaller(parseBearerToken(req.get('authorization')), findServer)
    checkScope(caller, scope)
    res.locals.caller = caller
    next()
  }
}

function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  if (body === undefined) throw new ApiRefusal(415, 'invalid_request', 'Send JSON, with Content-Type: application/json')
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
  throw new ApiRefusal(400, 'invalid_request', problems.join('; '))
}

/** The API's edge: refusals say why, everything else is logged here and says nothing. */
const onApiError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) {
    next(error)
    return
  }
  const refusal = error instanceof ApiRefusal ? error : (bodyRefusal(error) ?? serverError(error))
  if (refusal instanceof BearerRefusal) res.set('WWW-Authenticate', challenge(refusal))
  if (refusal.status === 503) res.set('Retry-After', '5')
  res.status(refusal.status).json({ error: refusal.code, error_description: refusal.message })
}

/** What Express says about a request that it could not read: a body too large, not JSON, cut off. */
function bodyRefusal(error: unknown): ApiRefusal | undefined {
  const unreadable = parseRequestError(error)
  return unreadable && new ApiRefusal(unreadable.status, 'invalid_request', unreadable.message)
}

function serverError(error: unknown): ApiRefusal {
  console.error('demo API:', error)
  return new ApiRefusal(500, 'server_error', 'The API failed')
}
