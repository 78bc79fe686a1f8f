import { join } from 'node:path'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import type { Configuration } from 'openid-client'
import { callApi } from './api-calls.ts'
import {
  authorizationServer,
  isUnreachable,
  type AuthorizationServer,
  type Registration,
} from './authorization-server.ts'
import {
  parseApiCallForm,
  parseSignInForm,
  readForm,
  refuseForeignForms,
  signInFields,
  type FormFields,
} from './forms.ts'
import { forgetToken } from './forget-token.ts'
import { queryGrant, revokeGrant } from './grant.ts'
import { listen, type Running } from './listen.ts'
import { pageHeaders, showPage } from './page.ts'
import { DaybookRefusal, describeProblem, describeRefusal } from './problems.ts'
import { resultView } from './result-view.ts'
import { createSessions, type Session, type Sessions } from './session.ts'
import {
  finishSignIn,
  needsGrant,
  refreshTokens,
  revokeTokens,
  startSignIn,
  type PendingSignIn,
  type SignIn,
  type SignInRequest,
} from './sign-in.ts'
import { startView } from './start-view.ts'

export interface DemoClientOptions extends Registration {
  /** 0 lets the system choose. Its `/callback` must be a registered redirect URI. */
  port: number
  /** Where the demo API answers, without a slash at the end. Absent hides the buttons that call it. */
  apiUrl?: string | undefined
}

/** OIDC Core §1.2: Daybook, a relying party that keeps to the standard and knows nothing about the server but its issuer. */
export function startDemoClient({ port, apiUrl, ...registration }: DemoClientOptions): Promise<Running> {
  const sessions = createSessions({ limit: 1000, idleMilliseconds: 60 * 60 * 1000, now: Date.now })
  const findServer = authorizationServer(registration)
  return listen(port, (url) => createClient({ url, issuer: registration.issuer, apiUrl, findServer, sessions }))
}

interface Daybook {
  url: string
  issuer: string
  apiUrl: string | undefined
  findServer: AuthorizationServer
  sessions: Sessions
}

function createClient(daybook: Daybook): Express {
  const client = express()
  client.use(pageHeaders)
  client.use(express.static(join(import.meta.dirname, 'public'), { index: false }))
  client.use(keepToOneHost(daybook.url))
  client.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  })
  client.post('/{*path}', readForm, refuseForeignForms(daybook.url, daybook.sessions))

  client.get('/', start(daybook))
  client.post('/login', login(daybook)) //         RFC 6749 §4.1.1, RFC 9126 §2
  client.get('/callback', callback(daybook)) //    RFC 6749 §4.1.2
  client.get('/result', result(daybook))
  client.post('/call', call(daybook)) //           RFC 6750 §2.1
  client.post('/refresh', refresh(daybook)) //     RFC 6749 §6
  client.post('/revoke', revoke(daybook)) //       RFC 7009
  client.post('/grant/query', queryGrantOf(daybook))
  client.post('/grant/revoke', revokeGrantOf(daybook))
  client.post('/sign-out', signOut(daybook))

  client.use(() => {
    throw new DaybookRefusal(404, 'There is no such page', 'Daybook is small: everything begins on the start page.')
  })
  client.use(onClientError(daybook))
  return client
}

/** The cookie and the redirect URI belong to one host name, so 127.0.0.1 and others are sent to it. Ends DNS rebinding, too. */
function keepToOneHost(url: string): RequestHandler {
  const { host } = new URL(url)
  return (req, res, next) => {
    if (req.get('host') === host) next()
    else if (req.method === 'GET') res.redirect(302, `${url}${req.originalUrl.replace(/^\/*/, '/')}`)
    else throw new DaybookRefusal(421, 'Daybook has another address', `It answers at ${url} only.`)
  }
}

function start({ issuer, apiUrl, sessions }: Daybook): RequestHandler {
  return async (req, res) => {
    const view = startView({
      issuer,
      apiUrl,
      session: sessions.find(req),
      asked: Object.keys(req.query),
      now: new Date(),
    })
    await showPage(res, 200, 'start', { ...view, formToken: sessions.formToken(req, res) })
  }
}

function login({ url, apiUrl, findServer, sessions }: Daybook): RequestHandler {
  return async (req, res) => {
    const request = parseSignInForm(req.body)
    if (request.scopes.length === 0) {
      res.redirect(303, '/?no-scope')
      return
    }
    const session = sessions.open(req, res)
    session.lastRequest = request
    if (needsGrant(request) && session.grantId === undefined) {
      res.redirect(303, '/?no-grant')
      return
    }
    const context = { redirectUri: `${url}/callback`, apiUrl, grantId: session.grantId }
    const pending = await startSignIn(await findServer(), request, context)
    keepPending(session, pending)
    res.redirect(303, pending.authorizationUrl)
  }
}

const pendingLimit = 8
const pendingMilliseconds = 30 * 60 * 1000

function keepPending({ pending }: Session, signIn: PendingSignIn): void {
  pending.set(signIn.state, signIn)
  for (const oldest of pending.keys()) {
    if (pending.size <= pendingLimit) break
    pending.delete(oldest)
  }
}

function callback({ url, findServer, sessions }: Daybook): RequestHandler {
  return async (req, res) => {
    const session = sessions.find(req)
    const pending = session && takePending(session, req.query.state)
    if (session === undefined || pending === undefined) {
      throw new DaybookRefusal(
        400,
        'This answer belongs to no sign-in of yours',
        'Daybook did not ask for it from this browser, it has been used already, or it took longer than half an hour.',
      )
    }
    session.lastRequest = pending.request
    // The redirect URI as it was sent (RFC 6749 §4.1.3), whatever the request line says.
    const currentUrl = new URL('/callback', url)
    currentUrl.search = new URL(req.originalUrl, url).search
    session.signIn = await finishSignIn(await findServer(), pending, currentUrl)
    session.grantId = session.signIn.grantId ?? session.grantId
    sessions.renew(req, res, session)
    // A reload of the result must not send the code again.
    res.redirect(303, '/result')
  }
}

/** RFC 6749 §10.12: the state must be one that this browser was given, and it counts once. */
function takePending({ pending }: Session, state: unknown): PendingSignIn | undefined {
  if (typeof state !== 'string') return undefined
  const found = pending.get(state)
  pending.delete(state)
  return found !== undefined && Date.now() - found.startedAt < pendingMilliseconds ? found : undefined
}

function result({ apiUrl, sessions }: Daybook): RequestHandler {
  return async (req, res) => {
    const signIn = sessions.find(req)?.signIn
    if (signIn === undefined) {
      res.redirect(303, '/')
      return
    }
    const view = resultView(signIn, apiUrl, new Date())
    signIn.notice = undefined
    await showPage(res, 200, 'result', { ...view, formToken: sessions.formToken(req, res) })
  }
}

function call({ apiUrl, sessions }: Daybook): RequestHandler {
  return async (req, res) => {
    const signIn = sessions.find(req)?.signIn
    if (signIn === undefined || apiUrl === undefined) {
      res.redirect(303, '/')
      return
    }
    const { call: asked, body } = parseApiCallForm(req.body)
    try {
      signIn.lastAnswer = await callApi(apiUrl, signIn.tokens.accessToken, asked, body)
      res.redirect(303, '/result#api')
    } catch (error) {
      if (!isUnreachable(error)) throw error
      signIn.lastAnswer = undefined
      signIn.notice = { kind: 'bad', text: `The API at ${apiUrl} cannot be reached. Is it running?` }
      res.redirect(303, '/result')
    }
  }
}

function refresh(daybook: Daybook): RequestHandler {
  const text = 'Gatehouse issued a new access token. Scopes and expiry below are those of the new one.'
  return withTokens(daybook, refreshTokens, text)
}

function revoke(daybook: Daybook): RequestHandler {
  const text = 'Gatehouse revoked the tokens. Call the API or refresh now, and see both refused.'
  return withTokens(daybook, endsAccess(daybook, revokeTokens), text)
}

function queryGrantOf(daybook: Daybook): RequestHandler {
  return withTokens(daybook, queryGrant, 'Gatehouse says below what the grant holds now.')
}

function revokeGrantOf(daybook: Daybook): RequestHandler {
  const text = 'Gatehouse revoked the grant, and every token that came of it.'
  return withTokens(daybook, endsAccess(daybook, revokeGrant), text)
}

/** RFC 7662 §4: the API may remember what it heard about the access token that ends here, so it is told. */
function endsAccess({ apiUrl }: Daybook, act: TokenAction): TokenAction {
  return async (server, signIn) => {
    await act(server, signIn)
    if (apiUrl !== undefined) await forgetToken(apiUrl, signIn.tokens.accessToken)
  }
}

type TokenAction = (server: Configuration, signIn: SignIn) => Promise<void>

/** Does something with the tokens of whoever is signed in, and shows on the result page how it went. */
function withTokens({ findServer, sessions }: Daybook, act: TokenAction, text: string): RequestHandler {
  return async (req, res) => {
    const signIn = sessions.find(req)?.signIn
    if (signIn === undefined) {
      res.redirect(303, '/')
      return
    }
    try {
      await act(await findServer(), signIn)
      signIn.notice = { kind: 'good', text }
    } catch (error) {
      signIn.notice = refusalNotice(error)
    }
    res.redirect(303, '/result')
  }
}

/** A refusal is a result worth showing; anything else goes on to the error page. */
function refusalNotice(error: unknown): { kind: 'bad'; text: string } {
  const text = describeRefusal(error)
  if (text === undefined) throw error
  return { kind: 'bad', text }
}

function signOut({ sessions }: Daybook): RequestHandler {
  return (req, res) => {
    sessions.end(req, res)
    res.redirect(303, '/?signed-out')
  }
}

/** The client's edge: every error becomes a page that says what happened and what to do next. */
function onClientError({ issuer, sessions }: Daybook): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error)
      return
    }
    const problem = describeProblem(error, issuer)
    if (problem.isBug) console.error('demo client:', error)
    const session = sessions.find(req)
    await showPage(res, problem.status, 'problem', {
      formToken: sessions.formToken(req, res),
      problem,
      retry: problem.canTryAgain ? retryOf(session?.lastRequest) : undefined,
      signedIn: session?.signIn !== undefined,
    })
  }
}

/** What "try again" sends: the same, but with pages allowed, because without any it would only fail again. */
function retryOf(request: SignInRequest | undefined): FormFields | undefined {
  if (request === undefined) return undefined
  return signInFields(request.prompt === 'none' ? { ...request, prompt: '' } : request)
}
