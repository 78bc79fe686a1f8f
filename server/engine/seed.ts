import { dirname, join } from 'node:path'
import type { Engine } from '../../sdk/engine.ts'
import { ask, EngineError } from '../../sdk/engine.ts'
import type { Client, Schema, Service } from '../../sdk/types.ts'
import { parseCertificates } from '../certificates.ts'
import type { Config } from '../config.ts'
import { pageLanguages } from '../page-text.ts'
import { StartError } from '../start.ts'
import type { DemoClient } from './demo-clients.ts'
import { demoAliases, demoClients } from './demo-clients.ts'
import { demoDetailSchemas, demoDetailTypes } from './demo-details.ts'
import { readOrMakeKey } from './demo-fapi-key.ts'
import type { DemoResources } from './demo-resources.ts'
import { demoResources } from './demo-resources.ts'
import { demoScopes } from './demo-scopes.ts'
import { serviceDefaults } from './settings/service-defaults.ts'

/**
 * What an engine begins with: in development the demonstration, in production a service that is as strict as the preset and has no
 * clients. Through the engine's API, as anybody else would. What is missing is created, what differs is changed back, the rest is left
 * alone; several processes may do it at once. Answers the id of the service.
 */
export async function seed(engine: Engine, config: Config): Promise<string> {
  return config.production ? seedService(engine, config) : seedDemonstration(engine, config)
}

async function seedService(engine: Engine, { engine: { serviceId }, issuer, mutualTls }: Config): Promise<string> {
  await refuseDemonstration(engine)
  // Without MTLS_PORT a proxy may have a host for it: then whoever runs it has said where. The methods of clients are theirs to choose.
  return ensureService(engine, serviceId, { ...endpointsOf(issuer), ...(mutualTls && aliasesAt(mutualTls.origin)) })
}

/** Production does not start on an engine where a client of the demonstration is left, in whichever service. */
export async function refuseDemonstration(engine: Engine): Promise<void> {
  const params = { query: { start: 0, end: 1_000 } }
  const { services } = await ask(engine.GET('/api/service/get/list', { params }))
  for (const { apiKey } of services) {
    for (const alias of demoAliases) {
      if (await findClient(engine, String(apiKey), alias)) {
        throw new StartError(
          `The engine has the demo client ${alias}, which everybody knows. Delete it, or use another ENGINE_DATABASE_URL in production.`,
        )
      }
    }
  }
}

async function seedDemonstration(
  engine: Engine,
  { engine: { serviceId, databaseUrl }, issuer, demoPort, demoApiUrl, tls, mutualTls }: Config,
): Promise<string> {
  const resources = demoResources(demoApiUrl)
  const ours = await ensureService(engine, serviceId, {
    ...endpointsOf(issuer),
    ...(mutualTls ? { ...aliasesAt(mutualTls.origin), ...certificateMethods(tls?.clientCa) } : withoutMutualTls),
    serviceName,
    supportedAcrs: ['urn:gatehouse:acr:password', 'urn:gatehouse:acr:passkey'],
    supportedUiLocales: [...pageLanguages],
    supportedScopes: demoScopes(resources),
    supportedAuthorizationDetailsTypes: demoDetailTypes,
    attributes: demoAttributes(resources, issuer),
  })
  const fapiKey = await readOrMakeKey(join(folderOf(databaseUrl), 'demo-fapi.jwk.json'))
  for (const client of demoClients({ demoPort, resources, fapiKey })) await ensureClient(engine, ours, client)
  return ours
}

/** What people call the server, as a whole and as one resource among others. */
const serviceName = 'Gatehouse Demo'

/** RFC 9396 §2 and RFC 8707 §2: the rules of the types of authorization details, and what people call the resources. */
function demoAttributes(resources: DemoResources | undefined, issuer: string): Schema<'Pair'>[] {
  return [
    ...Object.entries(demoDetailSchemas).map(([type, schema]) => ({
      key: `authorization_details.schema.${type}`,
      value: JSON.stringify(schema),
    })),
    ...(resources
      ? [
          { key: `resource.name:${resources.api}`, value: 'Daybook API' },
          { key: `resource.name:${resources.bank}`, value: 'Example Bank' },
          { key: `resource.name:${issuer}`, value: serviceName },
        ]
      : []),
  ]
}

/** The folder of a database file; what belongs to another kind of database goes where files go by default. */
export function folderOf(databaseUrl: string): string {
  return databaseUrl.startsWith('sqlite:') ? dirname(databaseUrl.slice('sqlite:'.length)) : '.data'
}

/** RFC 8414 §2: where the front-end answers, for the metadata. */
function endpointsOf(issuer: string) {
  return {
    issuer,
    authorizationEndpoint: `${issuer}/oauth/authorize`,
    tokenEndpoint: `${issuer}/oauth/token`,
    pushedAuthReqEndpoint: `${issuer}/oauth/par`,
    userInfoEndpoint: `${issuer}/oauth/userinfo`,
    introspectionEndpoint: `${issuer}/oauth/introspect`,
    revocationEndpoint: `${issuer}/oauth/revoke`,
    jwksUri: `${issuer}/oauth/jwks`,
    grantManagementEndpoint: `${issuer}/oauth/gm`,
  } satisfies Service
}

/** RFC 8705 §5: the same endpoints where clients are asked for certificates, and §3: tokens may be bound to these. */
function aliasesAt(origin: string) {
  const aliases = {
    token_endpoint: '/oauth/token',
    pushed_authorization_request_endpoint: '/oauth/par',
    userinfo_endpoint: '/oauth/userinfo',
    introspection_endpoint: '/oauth/introspect',
    revocation_endpoint: '/oauth/revoke',
    grant_management_endpoint: '/oauth/gm',
  }
  return {
    mtlsEndpointAliases: Object.entries(aliases).map(([name, path]) => ({ name, uri: origin + path })),
    tlsClientCertificateBoundAccessTokens: true,
  } satisfies Service
}

/** RFC 8705 §2: the ways in which a client is known by its certificate. A name in it counts where there is an authority to vouch for it. */
function certificateMethods(clientCa: string | undefined) {
  if (clientCa === undefined)
    return { trustedRootCertificates: [], ...authMethodsWith(['SELF_SIGNED_TLS_CLIENT_AUTH']) }
  return {
    trustedRootCertificates: parseCertificates(clientCa).map((certificate) => certificate.toString()),
    ...authMethodsWith(['TLS_CLIENT_AUTH', 'SELF_SIGNED_TLS_CLIENT_AUTH']),
  } satisfies Service
}

function authMethodsWith(more: readonly Schema<'ClientAuthMethod'>[]) {
  const { supportedTokenAuthMethods, supportedRevocationAuthMethods, supportedIntrospectionAuthMethods } =
    serviceDefaults
  return {
    supportedTokenAuthMethods: [...(supportedTokenAuthMethods ?? []), ...more],
    supportedRevocationAuthMethods: [...(supportedRevocationAuthMethods ?? []), ...more],
    supportedIntrospectionAuthMethods: [...(supportedIntrospectionAuthMethods ?? []), ...more],
  } satisfies Service
}

/** What a start without MTLS_PORT takes back of one with it. */
const withoutMutualTls = {
  mtlsEndpointAliases: [],
  tlsClientCertificateBoundAccessTokens: false,
  trustedRootCertificates: [],
  ...authMethodsWith([]),
} satisfies Service

/** Makes sure that the service is there and has these settings. Another id is taken only when the engine has no service at all. */
async function ensureService(engine: Engine, serviceId: string, settings: Service): Promise<string> {
  const params = { query: { start: 0, end: 100 } }
  const { totalCount, services } = await ask(engine.GET('/api/service/get/list', { params }))
  if (totalCount === 0) {
    const { apiKey } = await ask(engine.POST('/api/service/create', { body: settings }))
    if (String(apiKey) === serviceId) return serviceId
    const created = { path: { serviceId: String(apiKey) } }
    // Another process was a moment earlier when ours exists now; then its service is ours as well.
    if (!(await findService(engine, serviceId))) return created.path.serviceId
    await engine.DELETE('/api/{serviceId}/service/delete', { params: created })
  }
  const existing = await findService(engine, serviceId)
  if (!existing) {
    const ids = services.map(({ apiKey }) => apiKey).join(', ')
    throw new StartError(
      `The engine has no service ${serviceId}. It has ${ids}: name one of them in ENGINE_SERVICE_ID.`,
    )
  }
  if (differs(existing, settings)) {
    // Without its keys, which stay: one may have been added since.
    const body = { ...existing, ...settings }
    delete body.jwks
    await ask(engine.POST('/api/{serviceId}/service/update', { params: { path: { serviceId } }, body }))
  }
  return serviceId
}

async function ensureClient(
  engine: Engine,
  serviceId: string,
  { alias, settings, hasSecret }: DemoClient,
): Promise<void> {
  const existing =
    (await findClient(engine, serviceId, alias)) ??
    (await createClient(engine, serviceId, { ...settings, clientIdAlias: alias }))
  if (differs(existing, settings)) {
    const params = { path: { serviceId, clientId: alias } }
    const body = { ...existing, ...settings }
    await ask(engine.POST('/api/{serviceId}/client/update/{clientId}', { params, body }))
  }
  if (!hasSecret) return
  const params = { path: { serviceId, clientIdentifier: alias } }
  const body = { clientSecret: `${alias}-secret` }
  await ask(engine.POST('/api/{serviceId}/client/secret/update/{clientIdentifier}', { params, body }))
}

async function createClient(engine: Engine, serviceId: string, settings: Client): Promise<Client> {
  try {
    return await ask(engine.POST('/api/{serviceId}/client/create', { params: { path: { serviceId } }, body: settings }))
  } catch (error) {
    // Another process may have been a moment earlier.
    const theirs = await findClient(engine, serviceId, settings.clientIdAlias ?? '')
    if (theirs) return theirs
    throw error
  }
}

function findService(engine: Engine, serviceId: string): Promise<Service | undefined> {
  return found(ask(engine.GET('/api/{serviceId}/service/get', { params: { path: { serviceId } } })))
}

function findClient(engine: Engine, serviceId: string, clientId: string): Promise<Client | undefined> {
  return found(ask(engine.GET('/api/{serviceId}/client/get/{clientId}', { params: { path: { serviceId, clientId } } })))
}

/** The answer, or undefined when the engine has no such thing. */
async function found<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined
    throw error
  }
}

/** Whether any of the wanted settings is not as wanted. */
function differs<Settings extends object>(existing: Settings, wanted: Settings): boolean {
  for (const member in wanted) {
    const [is, shouldBe] = [JSON.stringify(existing[member]), JSON.stringify(wanted[member])]
    // What is off may be left out of the answer.
    if (is !== shouldBe && !(existing[member] === undefined && (shouldBe === '[]' || shouldBe === 'false'))) return true
  }
  return false
}
