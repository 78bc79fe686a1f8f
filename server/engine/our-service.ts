import type { Engine } from '../../sdk/engine.ts'
import { ask, EngineError } from '../../sdk/engine.ts'
import type { Service } from '../../sdk/types.ts'

/** Which service the front-end serves, and what it has to be. */
export interface OurService {
  /** The id that is expected; another one is taken only when the engine has no service at all. */
  serviceId: string
  /** What a new service begins with. */
  begin: Service
  /** What is kept in step with the configuration at every start. Other settings are left as they are. */
  settings: Service
}

/** RFC 8414 §2: where the front-end answers, for the metadata. */
export function endpointsOf(issuer: string) {
  return {
    issuer,
    authorizationEndpoint: `${issuer}/oauth/authorize`,
    tokenEndpoint: `${issuer}/oauth/token`,
    pushedAuthReqEndpoint: `${issuer}/oauth/par`,
    userInfoEndpoint: `${issuer}/oauth/userinfo`,
    introspectionEndpoint: `${issuer}/oauth/introspect`,
    revocationEndpoint: `${issuer}/oauth/revoke`,
    jwksUri: `${issuer}/oauth/jwks`,
  } satisfies Service
}

/** Makes sure that our service is there and is what it has to be. Answers its id. */
export async function ensureService(engine: Engine, { serviceId, begin, settings }: OurService): Promise<string> {
  const existing = await findService(engine, serviceId)
  if (existing) return adjust(engine, serviceId, existing, settings)

  const { totalCount, services } = await ask(engine.GET('/api/service/get/list'))
  if (totalCount > 0) {
    const ids = services.map(({ apiKey }) => apiKey).join(', ')
    throw new Error(`The engine has no service ${serviceId}. It has ${ids}; name one of them in ENGINE_SERVICE_ID.`)
  }
  const { apiKey } = await ask(engine.POST('/api/service/create', { body: { ...begin, ...settings } }))
  const created = String(apiKey)
  // Another process may have been a moment earlier; then its service is ours as well.
  if (created !== serviceId && (await findService(engine, serviceId))) {
    await engine.DELETE('/api/{serviceId}/service/delete', { params: { path: { serviceId: created } } })
    return serviceId
  }
  return created
}

async function findService(engine: Engine, serviceId: string): Promise<Service | undefined> {
  return found(ask(engine.GET('/api/{serviceId}/service/get', { params: { path: { serviceId } } })))
}

/** The answer, or undefined when the engine has no such thing. */
export async function found<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined
    throw error
  }
}

async function adjust(engine: Engine, serviceId: string, existing: Service, settings: Service): Promise<string> {
  if (!differs(existing, settings)) return serviceId
  const params = { path: { serviceId } }
  await ask(engine.POST('/api/{serviceId}/service/update', { params, body: { ...existing, ...settings } }))
  return serviceId
}

/** Whether any of the wanted settings is not as wanted. */
export function differs<Settings extends object>(existing: Settings, wanted: Settings): boolean {
  for (const member in wanted) {
    if (JSON.stringify(existing[member]) !== JSON.stringify(wanted[member])) return true
  }
  return false
}
