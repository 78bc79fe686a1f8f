import type { IncomingMessage } from 'node:http'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { ApiRefusal, BearerRefusal, challenge } from './api-refusal.ts'
import { authorizationServer, type Registration } from './authorization-server.ts'
import { introspectionBy, parseAccessToken, readCaller, schemeOf, type Caller, type ReadToken } from './bearer.ts'
import { checkBinding, parseBinding } from './binding.ts'
import { certificateOf } from './certificate.ts'
import { proofVerifier } from './dpop.ts'
import { createEndpoints, type Endpoint } from './endpoints.ts'
import { introspectionCache } from './introspection-cache.ts'
import { listen, type Running, type Tls } from './listen.ts'
import { parseRequestError } from './request-error.ts'
import { signedTokenReader } from './signed-tokens.ts'

export interface DemoApiOptions extends Registration {
  /** 0 lets the system choose. */
  port: number
  /** Absent where it speaks http; then no client can present a certificate. */
  tls?: Tls | undefined
  /** How access tokens are read; by introspection, unless it is said. */
  tokens?: TokenReading
  now?: () => Date
}

/** Each call asks (RFC 7662); answers are remembered for a while; or nobody is asked and the signature counts (RFC 9068). docs/access-tokens.md compares them. */
export type TokenReading = 'introspect' | 'cache' | 'verify'

/** RFC 6749 §1.1: the demo's resource server. Unless it is told otherwise, it believes no token that the authorization server has not just confirmed. */
export function startDemoApi({
  port,
  tls,
  tokens = 'introspect',
  now = () => new Date(),
  ...registration
}: DemoApiOptions): Promise<Running> {
  const { issuer } = registration
  const findServer = authorizationServer(registration)
  const introspect = introspectionBy(findServer)
  const readers = {
    introspect: () => ({ readToken: introspect }),
    cache: () => {
      const { read, forget } = introspectionCache(introspect, now)
      return { readToken: read, forgetToken: forget }
    },
    verify: (url) => ({ readToken: signedTokenReader({ resource: url, issuer, now }, findServer) }),
  } satisfies Record<TokenReading, (url: string) => TokenReader>
  return listen(port, (url) => createApi({ url, issuer, now, ...readers[tokens](url) }), tls)
}

interface TokenReader {
  readToken: ReadToken
  /** Where answers are remembered. */
  forgetToken?: (token: string) => void
}

interface Api extends TokenReader {
  /** RFC 8707 §2: also the name of this API as a resource. */
  url: string
  issuer: string
  now: () => Date
}

type ApiHandler = RequestHandler<Record<string, string>, unknown, unknown, unknown, { caller: Caller }>

function createApi({ url, issuer, now, readToken, forgetToken }: Api): Express {
  const endpoints = createEndpoints(now)
  const verifyToken = tokenVerifier(url, readToken, now)
  const api = express()
  api.set('etag', false)
  api.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
      strictTransportSecurity: false, // It would hold for every port of localhost.
    }),
  )
  api.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  })

  api.get('/', (_req, res) => {
    res.json({
      name: 'Daybook API',
      description: 'A resource server: what its access tokens are worth, the authorization server says',
      resource: url,
      authorizationServer: issuer,
      endpoints: endpoints.map(({ method, path, opens, description }) => ({
        method: method.toUpperCase(),
        path,
        ...opens,
        description,
      })),
    })
  })

  for (const { method, path, check, answer } of endpoints) {
    // The token comes first: nobody's body is read who may not send one.
    api[method](path, requireToken(check, verifyToken), express.json({ limit: '4kb' }), ((req, res) => {
      const { status, body } = answer({ caller: res.locals.caller, id: req.params['id'] ?? '', body: req.body })
      res.status(status).json(body)
    }) satisfies ApiHandler)
  }

  const methodsByPath = new Map([['/', ['GET']]])
  for (const { method, path } of endpoints) {
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method.toUpperCase()])
  }
  if (forgetToken) {
    // Whoever has a token may say that something has happened to it. The next call asks again, and that is all that comes of it.
    api.delete('/introspection', (req, res) => {
      forgetToken(parseAccessToken(req.get('authorization')))
      res.status(204).end()
    })
    methodsByPath.set('/introspection', ['GET', 'DELETE'])
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

type TokenVerifier = (
  req: Pick<IncomingMessage, 'headers' | 'socket'> & { method: string; path: string },
) => Promise<Caller>

function requireToken(check: Endpoint['check'], verifyToken: TokenVerifier): ApiHandler {
  return async (req, res, next) => {
    const caller = await verifyToken(req)
    check(caller, req.params['id'] ?? '')
    res.locals.caller = caller
    next()
  }
}

/** Who calls, by an access token that is alive and in the hands of whom it was given to. */
function tokenVerifier(resource: string, readToken: ReadToken, now: () => Date): TokenVerifier {
  const verifyProof = proofVerifier(now)

  return async ({ method, path, headers, socket }) => {
    const { authorization } = headers
    const accessToken = parseAccessToken(authorization)
    const caller = await readCaller(accessToken, resource, readToken)
    const binding = parseBinding(caller.introspection.cnf)
    checkBinding(binding, { scheme: schemeOf(authorization), presented: certificateOf(socket) })
    if (binding.jkt !== undefined) {
      // Two DPoP headers come joined, and then are no proof.
      const proof = headers['dpop']?.toString()
      await verifyProof(proof, { method, address: `${resource}${path}`, accessToken, jkt: binding.jkt })
    }
    return caller
  }
}

/** The API's edge: refusals say why, everything else is logged here and says nothing. */
const onApiError: ErrorRequestHandler = (error: unknown, req, res, next) => {
  if (res.headersSent) {
    next(error)
    return
  }
  const refusal = error instanceof ApiRefusal ? error : (bodyRefusal(error) ?? serverError(error))
  if (refusal instanceof BearerRefusal) {
    res.set('WWW-Authenticate', challenge(refusal, schemeOf(req.get('authorization'))))
  }
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
