import { checkRight, checkServiceAccess, createAuthenticate, sufficientRights } from './api-authentication.ts'
import { ApiFault } from './api-fault.ts'
import type { Background } from './background.ts'
import { createBackground } from './background.ts'
import { readBody } from './body.ts'
import type { Context, ServiceContext } from './context.ts'
import contract from './contract.json' with { type: 'json' }
import { serviceNotFound } from './not-found.ts'
import { authAuthorization } from './operations/auth-authorization.ts'
import { authAuthorizationFail } from './operations/auth-authorization-fail.ts'
import { authAuthorizationIssue } from './operations/auth-authorization-issue.ts'
import { authAuthorizationTicketInfo } from './operations/auth-authorization-ticket-info.ts'
import { authAuthorizationTicketUpdate } from './operations/auth-authorization-ticket-update.ts'
import { authIntrospection } from './operations/auth-introspection.ts'
import { authIntrospectionStandard } from './operations/auth-introspection-standard.ts'
import { authRevocation } from './operations/auth-revocation.ts'
import { authToken } from './operations/auth-token.ts'
import { authTokenCreate } from './operations/auth-token-create.ts'
import { authTokenCreateBatch } from './operations/auth-token-create-batch.ts'
import { authTokenCreateBatchStatus } from './operations/auth-token-create-batch-status.ts'
import { authTokenDelete } from './operations/auth-token-delete.ts'
import { authTokenFail } from './operations/auth-token-fail.ts'
import { authTokenGetList } from './operations/auth-token-get-list.ts'
import { authTokenIssue } from './operations/auth-token-issue.ts'
import { authTokenRevoke } from './operations/auth-token-revoke.ts'
import { authTokenUpdate } from './operations/auth-token-update.ts'
import { authUserinfo } from './operations/auth-userinfo.ts'
import { authUserinfoIssue } from './operations/auth-userinfo-issue.ts'
import { clientAuthorizationDelete, clientAuthorizationDeletePost } from './operations/client-authorization-delete.ts'
import {
  clientAuthorizationGetList,
  clientAuthorizationGetListPost,
} from './operations/client-authorization-get-list.ts'
import { clientAuthorizationUpdate } from './operations/client-authorization-update.ts'
import { clientCreate } from './operations/client-create.ts'
import { clientDelete } from './operations/client-delete.ts'
import { clientExtensionRequestablesScopesDelete } from './operations/client-extension-requestables-scopes-delete.ts'
import { clientExtensionRequestablesScopesGet } from './operations/client-extension-requestables-scopes-get.ts'
import { clientExtensionRequestablesScopesUpdate } from './operations/client-extension-requestables-scopes-update.ts'
import { clientFlagUpdate } from './operations/client-flag-update.ts'
import { clientGet } from './operations/client-get.ts'
import { clientGetList } from './operations/client-get-list.ts'
import { clientGrantedScopesDelete, clientGrantedScopesDeletePost } from './operations/client-granted-scopes-delete.ts'
import { clientGrantedScopesGet, clientGrantedScopesGetPost } from './operations/client-granted-scopes-get.ts'
import { clientSecretRefresh } from './operations/client-secret-refresh.ts'
import { clientSecretUpdate } from './operations/client-secret-update.ts'
import { clientUpdate } from './operations/client-update.ts'
import { grantM } from './operations/grant-m.ts'
import { idtokenReissue } from './operations/idtoken-reissue.ts'
import { info } from './operations/info.ts'
import { lifecycleHealthcheck } from './operations/lifecycle-healthcheck.ts'
import { pushedAuthReq } from './operations/pushed-auth-req.ts'
import { serviceConfiguration } from './operations/service-configuration.ts'
import { serviceCreate } from './operations/service-create.ts'
import { serviceDelete } from './operations/service-delete.ts'
import { serviceGet } from './operations/service-get.ts'
import { serviceGetList } from './operations/service-get-list.ts'
import { serviceJwksGet } from './operations/service-jwks-get.ts'
import { serviceUpdate } from './operations/service-update.ts'
import type { OperationTable, RouteOfEngine, RouteOfService } from './operation-table.ts'
import { withoutBody } from './operation-table.ts'
import { DatabaseOutage } from '../database/outage.ts'
import type { FetchOutbound } from '../outbound/fetch-outbound.ts'
import { createFetchOutbound } from '../outbound/fetch-outbound.ts'
import { createPublishedKeys } from './published-keys.ts'
import type { RegisteredService } from './registry.ts'
import { createRegistry } from './registry.ts'
import type { Match } from './routes.ts'
import { compileRoutes } from './routes.ts'
import { createSealer } from './sealing.ts'
import { ClientNotActiveError } from './storage/active-clients.ts'
import type { ApiToken, Storage } from './storage/storage.ts'
import type { RawBody } from './validation.ts'
import { questionParser } from './validation.ts'

/** What an engine is made of. */
export interface EngineParts {
  storage: Storage
  now: () => Date
  /** Makes a response; an engine in the caller's process can be given a lighter one than the web's. */
  respond?: (status: number, headers: Headers, text: string) => Response
  /** Is told of bugs and outages, once each. */
  log?: { error: (details: object, message: string) => void }
  /** Callers known besides those in the storage, for as long as the process lives. */
  callers?: readonly ApiToken[]
  /** Reads what clients publish; the guarded way, which lets nothing private through, when it is left out. */
  fetchOutbound?: FetchOutbound
  /** 32 bytes that secrets are sealed with, which must be used as they are. Without it, nothing that needs such a secret can be registered. */
  encryptionKey?: Uint8Array | undefined
  /** For whoever waits, before the storage is closed, until what was begun is done. */
  background?: Background
}

/** Every operation below `/api/{serviceId}`. When spec/engine.yaml gains one, the compiler stops here until it is served. */
const serviceOperations = {
  'POST /api/{serviceId}/auth/authorization': authAuthorization,
  'POST /api/{serviceId}/auth/authorization/fail': authAuthorizationFail,
  'POST /api/{serviceId}/auth/authorization/issue': authAuthorizationIssue,
  'POST /api/{serviceId}/auth/authorization/ticket/info': authAuthorizationTicketInfo,
  'POST /api/{serviceId}/auth/authorization/ticket/update': authAuthorizationTicketUpdate,
  'POST /api/{serviceId}/pushed_auth_req': pushedAuthReq,
  'POST /api/{serviceId}/auth/token': authToken,
  'POST /api/{serviceId}/auth/token/fail': authTokenFail,
  'POST /api/{serviceId}/auth/token/issue': authTokenIssue,
  'POST /api/{serviceId}/auth/token/create': authTokenCreate,
  'POST /api/{serviceId}/auth/token/create/batch': authTokenCreateBatch,
  'GET /api/{serviceId}/auth/token/create/batch/status/{requestId}': withoutBody(authTokenCreateBatchStatus),
  'POST /api/{serviceId}/auth/token/update': authTokenUpdate,
  'POST /api/{serviceId}/auth/token/revoke': authTokenRevoke,
  'DELETE /api/{serviceId}/auth/token/delete/{accessTokenIdentifier}': withoutBody(authTokenDelete),
  'POST /api/{serviceId}/idtoken/reissue': idtokenReissue,
  'GET /api/{serviceId}/auth/token/get/list': withoutBody(authTokenGetList),
  'POST /api/{serviceId}/auth/introspection': authIntrospection,
  'POST /api/{serviceId}/auth/introspection/standard': authIntrospectionStandard,
  'POST /api/{serviceId}/auth/revocation': authRevocation,
  'POST /api/{serviceId}/auth/userinfo': authUserinfo,
  'POST /api/{serviceId}/auth/userinfo/issue': authUserinfoIssue,
  'POST /api/{serviceId}/gm': grantM,

  'GET /api/{serviceId}/service/get': withoutBody(serviceGet),
  'POST /api/{serviceId}/service/update': serviceUpdate,
  'DELETE /api/{serviceId}/service/delete': withoutBody(serviceDelete),
  'GET /api/{serviceId}/service/configuration': withoutBody(serviceConfiguration),
  'GET /api/{serviceId}/service/jwks/get': withoutBody(serviceJwksGet),

  'POST /api/{serviceId}/client/create': clientCreate,
  'GET /api/{serviceId}/client/get/{clientId}': withoutBody(clientGet),
  'GET /api/{serviceId}/client/get/list': withoutBody(clientGetList),
  'POST /api/{serviceId}/client/update/{clientId}': clientUpdate,
  'DELETE /api/{serviceId}/client/delete/{clientId}': withoutBody(clientDelete),
  'POST /api/{serviceId}/client/lock_flag/update/{clientIdentifier}': clientFlagUpdate,
  'GET /api/{serviceId}/client/secret/refresh/{clientIdentifier}': withoutBody(clientSecretRefresh),
  'POST /api/{serviceId}/client/secret/update/{clientIdentifier}': clientSecretUpdate,

  'GET /api/{serviceId}/client/extension/requestable_scopes/get/{clientId}': withoutBody(
    clientExtensionRequestablesScopesGet,
  ),
  'PUT /api/{serviceId}/client/extension/requestable_scopes/update/{clientId}': clientExtensionRequestablesScopesUpdate,
  'POST /api/{serviceId}/client/extension/requestable_scopes/update/{clientId}':
    clientExtensionRequestablesScopesUpdate,
  'DELETE /api/{serviceId}/client/extension/requestable_scopes/delete/{clientId}': withoutBody(
    clientExtensionRequestablesScopesDelete,
  ),

  'GET /api/{serviceId}/client/authorization/get/list': withoutBody(clientAuthorizationGetList),
  'POST /api/{serviceId}/client/authorization/get/list': clientAuthorizationGetListPost,
  'GET /api/{serviceId}/client/authorization/get/list/{subject}': withoutBody(clientAuthorizationGetList),
  'POST /api/{serviceId}/client/authorization/update/{clientId}': clientAuthorizationUpdate,
  'DELETE /api/{serviceId}/client/authorization/delete/{clientId}': withoutBody(clientAuthorizationDelete),
  'POST /api/{serviceId}/client/authorization/delete/{clientId}': clientAuthorizationDeletePost,
  'DELETE /api/{serviceId}/client/authorization/delete/{clientId}/{subject}': withoutBody(clientAuthorizationDelete),
  'GET /api/{serviceId}/client/granted_scopes/get/{clientId}': withoutBody(clientGrantedScopesGet),
  'POST /api/{serviceId}/client/granted_scopes/get/{clientId}': clientGrantedScopesGetPost,
  'GET /api/{serviceId}/client/granted_scopes/get/{clientId}/{subject}': withoutBody(clientGrantedScopesGet),
  'DELETE /api/{serviceId}/client/granted_scopes/delete/{clientId}': withoutBody(clientGrantedScopesDelete),
  'POST /api/{serviceId}/client/granted_scopes/delete/{clientId}': clientGrantedScopesDeletePost,
  'DELETE /api/{serviceId}/client/granted_scopes/delete/{clientId}/{subject}': withoutBody(clientGrantedScopesDelete),
} satisfies ServiceOperations

/** The operations of the engine itself. */
const engineOperations = {
  'POST /api/service/create': serviceCreate,
  'GET /api/service/get/list': withoutBody(serviceGetList),
  'GET /api/info': withoutBody(info),
  'GET /api/lifecycle/healthcheck': withoutBody(lifecycleHealthcheck),
} satisfies EngineOperations

type ServiceOperations = OperationTable<RouteOfService, ServiceContext>
type EngineOperations = OperationTable<RouteOfEngine, Context>

/** RFC 9110 §15.3.2: answered with 201; all other answers with a body are 200. */
const creating: ReadonlySet<string> = new Set(['POST /api/{serviceId}/client/create'])

/** The engine: a function from Request to Response, as openapi-fetch takes it for its `fetch`. */
export function createEngine({
  storage,
  now,
  respond = respondWithText,
  log = { error: () => undefined },
  callers = [],
  fetchOutbound = createFetchOutbound(),
  encryptionKey,
  background = createBackground({ now, log }),
}: EngineParts): (request: Request) => Promise<Response> {
  const registry = createRegistry(storage, now)
  const publishedKeys = createPublishedKeys(fetchOutbound)
  const sealer = createSealer(encryptionKey)
  const authenticate = createAuthenticate(storage, now, callers)

  async function serve(request: Request, url: URL, { route, parameters }: Found): Promise<unknown> {
    const authorization = request.headers.get('authorization')
    const caller = route.rights ? await authenticate(authorization) : nobody
    const known = { storage, registry, publishedKeys, fetchOutbound, sealer, background, now: now() }
    const context = { ...known, caller, path: parameters, query: url.searchParams }
    if (route.kind === 'engine') {
      if (route.rights) checkRight(caller, ...route.rights)
      return route.run(await readBody(request), context)
    }
    const serviceId = parseServiceId(parameters['serviceId'])
    checkServiceAccess(caller, serviceId)
    checkRight(caller, ...(route.rights ?? []))
    const service = await findService(serviceId)
    const body = await readBody(request)
    for (let asked = 1; ; asked += 1) {
      try {
        return await route.run(body, { ...context, service: asked === 1 ? service : await findService(serviceId) })
      } catch (error) {
        if (!(error instanceof ClientNotActiveError) || asked === mostAsked) throw error
        // Another process locked or deleted the client. Who asks again with nothing remembered is refused as every such client is.
        registry.forget(service.serviceId)
      }
    }
  }

  async function findService(serviceId: number | undefined): Promise<RegisteredService> {
    const service = serviceId === undefined ? undefined : await registry.findService(serviceId)
    if (!service) throw serviceNotFound()
    return service
  }

  return async (request) => {
    const url = new URL(request.url)
    const match = routes.find(request.method, url.pathname)
    if (match.outcome !== 'found') return respond(404, headersOf.json, faultText(noRoute(match)))
    const { path, key } = match.route
    try {
      const answer = await serve(request, url, match)
      if (answer === undefined) return respond(204, headersOf.nothing, '')
      if (typeof answer === 'string') return respond(200, headersOf.text, answer)
      const indent = url.searchParams.get('pretty') === 'true' ? 2 : 0
      return respond(creating.has(key) ? 201 : 200, headersOf.json, JSON.stringify(answer, null, indent))
    } catch (error) {
      if (error instanceof ApiFault) {
        return respond(
          error.status,
          error.status === 401 ? headersOf.challenge : headersOf.json,
          faultText(error, path),
        )
      }
      if (error instanceof DatabaseOutage) {
        log.error({ err: error, operation: key }, 'The storage does not answer.')
        return respond(503, headersOf.outage, resultText('A901101', 'the storage does not answer; try again', path))
      }
      if (error instanceof ClientNotActiveError) {
        const reason = 'the client is being locked and unlocked; try again'
        return respond(503, headersOf.outage, resultText('A901102', reason, path))
      }
      log.error({ err: error, operation: key }, 'The engine failed.')
      return respond(500, headersOf.json, resultText('A001101', 'the engine failed; its log says why', path))
    }
  }
}

/** How often a question is asked whose client is found to be locked meanwhile: it may be unlocked again each time that it is looked up. */
const mostAsked = 3

type Found = Extract<Match<PlannedRoute>, { outcome: 'found' }>

/** An operation, ready to be called. */
type PlannedRoute = {
  method: string
  path: string
  key: string
  /** Any of them is enough; undefined where everybody may call. */
  rights: ReturnType<typeof sufficientRights>
} & (
  | { kind: 'service'; run: (body: RawBody, context: ServiceContext) => Promise<unknown> }
  | { kind: 'engine'; run: (body: RawBody, context: Context) => Promise<unknown> }
)

const routes = compileRoutes(contract.operations.map(planRoute))

function planRoute(operation: (typeof contract.operations)[number]): PlannedRoute {
  const { method, path, operationId, right } = operation
  const key = `${method} ${path}`
  const route = { method, path, key, rights: sufficientRights(operationId, right) }
  if (isRouteOf(serviceOperations, key)) return { ...route, kind: 'service', run: planForService(key) }
  if (isRouteOf(engineOperations, key)) return { ...route, kind: 'engine', run: planForEngine(key) }
  throw new Error(`The contract has ${key}, and the engine has not.`)
}

function isRouteOf<Table extends object>(table: Table, key: string): key is string & keyof Table {
  return Object.hasOwn(table, key)
}

function planForService<Key extends RouteOfService>(key: Key) {
  const parse = questionParser(key)
  const operations: ServiceOperations = serviceOperations
  const operate = operations[key]
  return (body: RawBody, context: ServiceContext) => operate(parse(body), context)
}

function planForEngine<Key extends RouteOfEngine>(key: Key) {
  const parse = questionParser(key)
  const operations: EngineOperations = engineOperations
  const operate = operations[key]
  return (body: RawBody, context: Context) => operate(parse(body), context)
}

/** Who calls where nobody needs to say who it is. */
const nobody: ApiToken = { id: 'nobody', proof: new Uint8Array(), rights: [], serviceIds: [] }

/** A service id has one spelling, and every digit of it counts. */
function parseServiceId(text: string | undefined): number | undefined {
  const serviceId = /^[1-9]\d{0,15}$/.test(text ?? '') ? Number(text) : undefined
  return Number.isSafeInteger(serviceId) ? serviceId : undefined
}

function noRoute(match: Exclude<Match<PlannedRoute>, { outcome: 'found' }>): ApiFault {
  return match.outcome === 'unknown-path'
    ? new ApiFault(404, 'A901201', 'the engine has no such path')
    : new ApiFault(404, 'A901202', `this path is served for ${match.methods.join(' and ')}`)
}

function faultText({ resultCode, message }: ApiFault, path?: string): string {
  return resultText(resultCode, message, path)
}

/** What every answer that is not 2xx says. */
function resultText(resultCode: string, text: string, path?: string): string {
  return JSON.stringify({
    resultCode,
    resultMessage: `[${resultCode}] ${path === undefined ? '' : `${path}, `}${text}.`,
  })
}

// Made once: a set of headers costs more than most lookups.
const headersOf = {
  json: new Headers({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }),
  text: new Headers({ 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }),
  nothing: new Headers({ 'Cache-Control': 'no-store' }),
  // RFC 6750 §3.
  challenge: new Headers({
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'WWW-Authenticate': 'Bearer',
  }),
  // RFC 9110 §15.6.4. Seconds.
  outage: new Headers({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'Retry-After': '5' }),
}

function respondWithText(status: number, headers: Headers, text: string): Response {
  return new Response(status === 204 ? null : text, { status, headers })
}
