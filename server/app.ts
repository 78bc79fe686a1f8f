import path from 'node:path'
import express, { Router, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import type { Engine } from '../sdk/engine.ts'
import { createClientLogos } from './client-logos.ts'
import type { Config } from './config.ts'
import { slowDownGuessing } from './client-attempts.ts'
import { cors } from './cors.ts'
import type { Database } from './database/database.ts'
import { demoUsers } from './demo-people.ts'
import type { FrontEnd } from './front-end.ts'
import { createIdentityProviders } from './identity-providers.ts'
import { onPageError, onProtocolError } from './on-error.ts'
import { createFetchBytes, type FetchBytes } from './outbound/fetch-outbound.ts'
import { countAttempts } from './password-check.ts'
import { isLoopback } from './redirect-destination.ts'
import { Refusal } from './refusal.ts'
import { accounts, chooseAccount } from './routes/accounts.ts'
import { appRemoval, takeBack } from './routes/app-removal.ts'
import { app as connectedApp, apps } from './routes/apps.ts'
import { authorization, postedAuthorization } from './routes/authorization.ts'
import { clientLogo } from './routes/client-logo.ts'
import { consent, decideConsent } from './routes/consent.ts'
import { consentRecord } from './routes/consent-record.ts'
import { discovery } from './routes/discovery.ts'
import { grantManagement } from './routes/grant-management.ts'
import { alive, ready } from './routes/health.ts'
import { home, leave } from './routes/home.ts'
import { cancel, interaction, switchAccount } from './routes/interaction.ts'
import { introspection } from './routes/introspection.ts'
import { jwks } from './routes/jwks.ts'
import { language } from './routes/language.ts'
import { checkPassword, login } from './routes/login.ts'
import {
  passkeyCreationOptions,
  passkeyRemoval,
  passkeyRequestOptions,
  postedPasskey,
  postedPasskeyRemoval,
} from './routes/passkeys.ts'
import { preview } from './routes/preview.ts'
import { providerCallback, providerLogin, providerSignIn } from './routes/provider-login.ts'
import { pushedAuthorization } from './routes/pushed-authorization.ts'
import { revocation } from './routes/revocation.ts'
import { postedSignIn, signInPage } from './routes/sign-in.ts'
import { token } from './routes/token.ts'
import { userinfo } from './routes/userinfo.ts'
import { sessions } from './session.ts'
import { styleSheets } from './style-sheets.ts'
import { createUsers } from './users.ts'

export interface AppOptions {
  config: Config
  log: Logger
  engine: Engine
  /** Which of the engine's services this front-end serves. */
  serviceId: string
  /** What people call the service, on pages that belong to no request. */
  serviceName: string
  /** Its languages: the first decides for people who wish for none that we have. */
  supportedUiLocales?: readonly string[]
  /** Migrated. */
  database: Database
  /** The guarded way to the pictures of clients. */
  fetchLogo?: FetchBytes
  now: () => Date
}

/** Every endpoint, and the section it answers to. */
export function createApp(options: AppOptions): Express {
  const frontEnd = frontEndAt(options.config.issuer, options)
  const app = emptyApp(options.config)
  app.use(protocolEndpoints(frontEnd))
  app.use(pages(frontEnd))
  return app
}

/** RFC 8705 §5: the same endpoints where clients are asked for certificates. People are not: there are no pages. */
export function createMutualTlsApp(origin: string, options: AppOptions): Express {
  const frontEnd = frontEndAt(origin, options)
  const app = emptyApp(options.config)
  app.use(protocolEndpoints(frontEnd))
  app.use(nothingHere, onProtocolError(frontEnd))
  return app
}

function frontEndAt(origin: string, { serviceId, database, fetchLogo, ...shared }: AppOptions): FrontEnd {
  const { config, log, now } = shared
  const fetch = fetchLogo ?? createFetchBytes({ allow: config.engine.outboundAllow, log })
  const logos = createClientLogos({ config, fetch, now })
  const providers = createIdentityProviders(config.loginProviders, config.issuer, now)
  const users = createUsers(database)
  return { ...shared, origin, service: { serviceId }, logos, providers, database, users }
}

function emptyApp({ trustProxy }: Config): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.set('trust proxy', trustProxy)
  return app
}

/** For programs. There is no session here, and nothing that makes objects of parameters: the engine reads what was sent. */
function protocolEndpoints(frontEnd: FrontEnd): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const at = endpointsOf(router)
  const ours = frontEnd.config.corsOrigins
  // One counter: whoever guesses credentials gains nothing by going to another endpoint.
  const guarded = slowDownGuessing(frontEnd)

  at('/oauth/token', { POST: [guarded, token(frontEnd)] }, ours) //                           RFC 6749 §3.2
  at('/oauth/par', { POST: [guarded, pushedAuthorization(frontEnd)] }, ours) //               RFC 9126 §2
  at('/oauth/introspect', { POST: [guarded, introspection(frontEnd)] }) //                    RFC 7662 §2
  at('/oauth/revoke', { POST: [guarded, revocation(frontEnd)] }, ours) //                     RFC 7009 §2
  at('/oauth/userinfo', { GET: userinfo(frontEnd), POST: userinfo(frontEnd) }, ours) //       OIDC Core §5.3
  at('/oauth/gm/:id', { GET: grantManagement(frontEnd, 'QUERY'), DELETE: grantManagement(frontEnd, 'REVOKE') }) // Grant Management §6
  at('/oauth/jwks', readOnly(jwks(frontEnd)), '*') //                                         RFC 7517 §5
  at('/.well-known/openid-configuration', readOnly(discovery(frontEnd)), '*') //              OIDC Discovery §4
  at('/.well-known/oauth-authorization-server', readOnly(discovery(frontEnd)), '*') //        RFC 8414 §3
  at('/healthz', readOnly(alive()))
  at('/readyz', readOnly(ready(frontEnd)))
  router.use(onProtocolError(frontEnd))
  return router
}

/** For people: a session, the headers of pages, and error pages. Scripts of other origins get nowhere here (RFC 9700 §2.6). */
function pages(frontEnd: FrontEnd): Router {
  const { config, database, now } = frontEnd
  const secure = config.issuer.startsWith('https:')
  const router = Router({ caseSensitive: true, strict: true })
  const at = endpointsOf(router)

  // On localhost it would lock the developer's other projects, on all ports, into https.
  router.use(pageHeaders({ hsts: secure && !isLoopback(new URL(config.issuer)) }))
  router.use(
    '/assets',
    styleSheets(assets),
    express.static(assets, { immutable: true, maxAge: '1y', index: false, redirect: false }),
  )
  at('/client-logo/:signature', { GET: clientLogo(frontEnd) })
  if (secure) router.use(checkForwardedProtocol)
  router.use(sessions({ database, secrets: config.sessionSecrets, secure, now }))

  // One counter: whoever guesses passwords gains nothing by going to another page.
  const attempts = countAttempts()
  at('/', { GET: home(frontEnd) })
  at('/sign-out', { POST: leave(frontEnd) })
  at('/sign-in/:provider', { POST: providerSignIn(frontEnd) })
  at('/login/callback/:provider', { GET: providerCallback(frontEnd) }) //                          OIDC Core §3.1.2.5
  at('/sign-in', { GET: signInPage(frontEnd), POST: [...attempts, postedSignIn(frontEnd)] })
  at('/passkeys', { POST: postedPasskey(frontEnd) }) //                                       WebAuthn §7.1
  at('/passkeys/request-options', { POST: passkeyRequestOptions(frontEnd) }) //               WebAuthn §5.5
  at('/passkeys/creation-options', { POST: passkeyCreationOptions(frontEnd) }) //             WebAuthn §5.4
  at('/passkeys/:credentialId/remove', { GET: passkeyRemoval(frontEnd), POST: postedPasskeyRemoval(frontEnd) })
  at('/apps', { GET: apps(frontEnd) })
  at('/apps/:clientId', { GET: connectedApp(frontEnd) })
  at('/apps/:clientId/remove', { GET: appRemoval(frontEnd), POST: takeBack(frontEnd) })
  at('/apps/:clientId/record.json', { GET: consentRecord(frontEnd) })
  at('/language', { POST: language(frontEnd) })
  at('/oauth/authorize', { GET: authorization(frontEnd), POST: postedAuthorization(frontEnd) }) // RFC 6749 §3.1
  at('/interaction/:id', { GET: interaction(frontEnd) })
  at('/interaction/:id/login', { GET: login(frontEnd), POST: [...attempts, checkPassword(frontEnd)] })
  at('/interaction/:id/accounts', { GET: accounts(frontEnd), POST: chooseAccount(frontEnd) })
  at('/interaction/:id/login/:provider', { POST: providerLogin(frontEnd) })
  at('/interaction/:id/consent', { GET: consent(frontEnd), POST: decideConsent(frontEnd) })
  if (demoUsers(frontEnd).length > 0) at('/interaction/:id/preview', { POST: preview(frontEnd) })
  at('/interaction/:id/switch', { POST: switchAccount(frontEnd) })
  at('/interaction/:id/cancel', { POST: cancel(frontEnd) })
  router.use(nothingHere, onPageError(frontEnd))
  return router
}

const nothingHere: RequestHandler = () => {
  throw new Refusal(404, { error: 'not_found', description: 'There is nothing at this address' })
}

const assets = path.join(import.meta.dirname, '..', 'views', 'public')

/** RFC 9700 §4.16: nobody may frame a page, and nothing on it comes from elsewhere. */
function pageHeaders({ hsts }: { hsts: boolean }): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        // There is no form-action: browsers apply it to every redirect after a form, so after Allow it would stop the person at the
        // door of the client, or of wherever the client sends them next.
      },
    },
    frameguard: { action: 'deny' },
    // With no-referrer, a form of ours would arrive with `Origin: null`.
    referrerPolicy: { policy: 'same-origin' },
    // A client may have opened the sign-in in a window of its own, and waits for that window.
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },
    strictTransportSecurity: hsts ? { maxAge: 63_072_000, includeSubDomains: false } : false,
  })
}

/** Over https the session cookie is Secure, and express-session would silently not set it. */
const checkForwardedProtocol: RequestHandler = (req, _res, next) => {
  if (!req.secure) {
    throw new Error(
      'ISSUER is https, but this request came over http. Does the proxy send X-Forwarded-Proto, and does TRUST_PROXY name it?',
    )
  }
  next()
}

type Handlers = Readonly<Record<string, RequestHandler | RequestHandler[]>>

/** Puts endpoints on a router: each answers the methods it has, and says so to all others. RFC 9110 §15.5.6. */
function endpointsOf(router: Router) {
  return (address: string, handlers: Handlers, origins?: '*' | readonly string[]): void => {
    const methods = Object.keys(handlers).join(', ')
    const route = router.route(address)
    if (origins !== undefined) route.all(cors({ origins, methods }))
    for (const [method, steps] of Object.entries(handlers)) {
      // Not route.get(), which would answer HEAD as well.
      for (const step of [steps].flat()) {
        route.all(async (req, res, next) => {
          if (req.method === method) await step(req, res, next)
          else next()
        })
      }
    }
    route.all(() => {
      const description = `This endpoint answers ${methods}`
      throw new Refusal(405, { error: 'invalid_request', description, headers: { Allow: methods } })
    })
  }
}

function readOnly(handler: RequestHandler): Handlers {
  return { GET: handler, HEAD: handler }
}
