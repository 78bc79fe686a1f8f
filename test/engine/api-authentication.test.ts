import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import { createApiToken } from '../../server/engine/api-authentication.ts'
import { sha256 } from '../../server/engine/constant-time.ts'
import contract from '../../server/engine/contract.json' with { type: 'json' }
import { hasPrivatePart, parseJwks } from '../../server/engine/keys.ts'
import type { ApiRight } from '../../server/engine/storage/storage.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

let engine: TestEngine
let otherServiceId: number

beforeAll(async () => {
  engine = await openTestEngine()
  otherServiceId = await createService()
})

afterAll(async () => {
  expect(engine.failures).toEqual([])
  await engine.close()
})

async function createService(): Promise<number> {
  const { apiKey = 0 } = await ask(
    engine.engine.POST('/api/service/create', { body: { issuer: testIssuer, jwks: inject('serviceJwks') } }),
  )
  return apiKey
}

const rights: readonly ApiRight[] = [
  'VIEW_CLIENT',
  'MODIFY_CLIENT',
  'CREATE_CLIENT',
  'VIEW_SERVICE',
  'MODIFY_SERVICE',
  'CREATE_SERVICE',
  'DELETE_SERVICE',
  'USE_SERVICE',
  'USE_INTROSPECTION',
  'ADMIN',
]

/** Who may call what: every operation that needs a token, below the rights that open it. Written down by hand, on purpose. */
const openedBy: Record<string, readonly ApiRight[]> = {
  service_create_api: ['CREATE_SERVICE', 'ADMIN'],
  service_get_list_api: ['USE_SERVICE', 'VIEW_SERVICE', 'MODIFY_SERVICE', 'ADMIN'],
  service_get_api: ['USE_SERVICE', 'VIEW_SERVICE', 'MODIFY_SERVICE', 'ADMIN'],
  service_update_api: ['MODIFY_SERVICE', 'ADMIN'],
  service_delete_api: ['DELETE_SERVICE', 'ADMIN'],
  service_jwks_get_api: ['USE_SERVICE', 'VIEW_SERVICE', 'MODIFY_SERVICE', 'ADMIN'],
  service_configuration_api: ['USE_SERVICE', 'VIEW_SERVICE', 'MODIFY_SERVICE', 'ADMIN'],
  client_create_api: ['CREATE_CLIENT', 'ADMIN'],
  client_get_api: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_get_list_api: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_update_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_delete_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_extension_requestables_scopes_get_api: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_extension_requestables_scopes_update_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_extension_requestables_scopes_update_api_post: ['MODIFY_CLIENT', 'ADMIN'],
  client_extension_requestables_scopes_delete_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_flag_update_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_secret_refresh_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_secret_update_api: ['MODIFY_CLIENT', 'ADMIN'],
  auth_authorization_api: ['USE_SERVICE', 'ADMIN'],
  auth_authorization_issue_api: ['USE_SERVICE', 'ADMIN'],
  auth_authorization_fail_api: ['USE_SERVICE', 'ADMIN'],
  auth_authorization_ticket_info_api: ['USE_SERVICE', 'ADMIN'],
  auth_authorization_ticket_update_api: ['USE_SERVICE', 'ADMIN'],
  pushed_auth_req_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_issue_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_fail_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_get_list_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_create_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_create_batch_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_create_batch_status_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_update_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_revoke_api: ['USE_SERVICE', 'ADMIN'],
  auth_token_delete_api: ['USE_SERVICE', 'ADMIN'],
  idtoken_reissue_api: ['USE_SERVICE', 'ADMIN'],
  auth_introspection_api: ['USE_INTROSPECTION', 'USE_SERVICE', 'ADMIN'],
  auth_introspection_standard_api: ['USE_INTROSPECTION', 'USE_SERVICE', 'ADMIN'],
  auth_revocation_api: ['USE_SERVICE', 'ADMIN'],
  auth_userinfo_api: ['USE_SERVICE', 'ADMIN'],
  auth_userinfo_issue_api: ['USE_SERVICE', 'ADMIN'],
  client_authorization_get_list_api: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_authorization_get_list_api_post: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_authorization_get_list_by_subject_api: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_authorization_update_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_authorization_delete_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_authorization_delete_api_post: ['MODIFY_CLIENT', 'ADMIN'],
  client_authorization_delete_by_subject_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_granted_scopes_get_api: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_granted_scopes_get_api_post: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_granted_scopes_get_by_subject_api: ['VIEW_CLIENT', 'MODIFY_CLIENT', 'ADMIN'],
  client_granted_scopes_delete_api: ['MODIFY_CLIENT', 'ADMIN'],
  client_granted_scopes_delete_api_post: ['MODIFY_CLIENT', 'ADMIN'],
  client_granted_scopes_delete_by_subject_api: ['MODIFY_CLIENT', 'ADMIN'],
  grant_m_api: ['USE_SERVICE', 'ADMIN'],
}

const open = ['info_api', 'lifecycle_healthcheck_api']
const guarded = contract.operations.filter(({ operationId }) => !open.includes(operationId))
const ofServices = guarded.filter(({ path }) => path.includes('{serviceId}'))

/** Calls an operation with nothing useful in it: what matters is who may. */
function call(operation: (typeof guarded)[number], serviceId: number, accessToken: string | null) {
  const path = operation.path
    .replace(/^\/api/, '')
    .replace('{serviceId}', String(serviceId))
    .replaceAll(/\{\w+\}/g, '4711')
  const body = operation.method === 'POST' ? {} : undefined
  return engine.call(operation.method, path, { accessToken, body })
}

describe('Rights of API access tokens', () => {
  it('given the contract, then the table of this test names each of its operations', () => {
    expect(Object.keys(openedBy).sort()).toEqual(guarded.map(({ operationId }) => operationId).sort())
  })

  describe.each(rights)('given a token with %s', (right) => {
    it.each(guarded.map((operation) => [operation.operationId, operation] as const))(
      'when %s is called',
      async (name, operation) => {
        // What may be deleted here is not needed elsewhere.
        const serviceId = name === 'service_delete_api' ? await createService() : engine.serviceId
        const serviceIds = right === 'CREATE_SERVICE' ? 'all' : [serviceId]
        const accessToken = await engine.makeAccessToken([right], right === 'ADMIN' ? 'all' : serviceIds)
        const { status, json } = await call(operation, serviceId, accessToken)
        if (openedBy[name]?.includes(right)) {
          expect([200, 201, 204, 400, 404]).toContain(status)
        } else {
          expect(status).toBe(403)
          expect(json['resultMessage']).toMatch(/^\[A001215\] .* lacks the right [A-Z_]+/)
        }
      },
    )
  })
})

describe('A token of one service opens no other', () => {
  it.each(ofServices.map((operation) => [operation.operationId, operation] as const))(
    'given %s, when another service or none is named, then 403 either way',
    async (_name, operation) => {
      const accessToken = await engine.makeAccessToken(['ADMIN'], [otherServiceId])
      const [existing, missing] = await Promise.all([
        call(operation, engine.serviceId, accessToken),
        call(operation, 4711, accessToken),
      ])
      expect(existing.status).toBe(403)
      expect(missing.status).toBe(403)
      expect(missing.json).toEqual(existing.json)
    },
  )

  it('given a token for certain services, when services are listed, then only those are', async () => {
    const accessToken = await engine.makeAccessToken(['VIEW_SERVICE'], [otherServiceId])
    const { json } = await engine.call('GET', '/service/get/list', { accessToken })
    expect(json).toMatchObject({ totalCount: 1, services: [{ apiKey: otherServiceId }] })
  })

  it('given a token for certain services, when it creates one, then 403', async () => {
    const accessToken = await engine.makeAccessToken(['ADMIN'], [otherServiceId])
    const { status } = await engine.call('POST', '/service/create', {
      accessToken,
      body: { issuer: testIssuer, jwks: inject('serviceJwks') },
    })
    expect(status).toBe(403)
  })
})

describe('RFC 6750 §3: without a good token, nothing is done', () => {
  it.each(guarded.map((operation) => [operation.operationId, operation] as const))(
    'given no token, an unknown one, or broken credentials, when %s is called, then it is refused',
    async (_name, operation) => {
      const missing = await call(operation, engine.serviceId, null)
      expect([missing.status, missing.json['resultCode']]).toEqual([401, 'A001202'])
      expect(missing.headers.get('www-authenticate')).toBe('Bearer')
      const unknown = await call(operation, engine.serviceId, 'gh_unknown')
      expect([unknown.status, unknown.json['resultCode']]).toEqual([401, 'A001203'])
      const broken = await call(operation, engine.serviceId, 'two words')
      expect([broken.status, broken.json['resultCode']]).toEqual([400, 'A001201'])
    },
  )

  it('given Basic credentials, then 400: this API knows Bearer only', async () => {
    const headers = { Authorization: `Basic ${btoa('1000001:secret')}` }
    const request = new Request(`http://engine.test/api/${engine.serviceId}/service/get`, { headers })
    expect((await engine.fetch(request)).status).toBe(400)
  })
})

describe('An access token of a client and an API access token are different things', () => {
  it('given an OAuth access token, when it is used as an API access token, then 401', async () => {
    const accessToken = await issueAccessToken()
    const { status, json } = await engine.call('GET', `/${engine.serviceId}/service/get`, { accessToken })
    expect([status, json['resultCode']]).toEqual([401, 'A001203'])
  })

  it('given an API access token, when it is used as an OAuth access token, then it is not active', async () => {
    const token = await engine.makeAccessToken(['ADMIN'])
    const body = { parameters: `token=${token}` }
    const { json } = await engine.call('POST', `/${engine.serviceId}/auth/introspection/standard`, { body })
    expect(json['responseContent']).toBe('{"active":false}')
    const introspection = await engine.call('POST', `/${engine.serviceId}/auth/introspection`, { body: { token } })
    expect(introspection.json['action']).toBe('UNAUTHORIZED')
    const userinfo = await engine.call('POST', `/${engine.serviceId}/auth/userinfo`, { body: { token } })
    expect(userinfo.json['action']).toBe('UNAUTHORIZED')
  })

  async function issueAccessToken(): Promise<string> {
    const service = `/${engine.serviceId}`
    const client = await engine.call('POST', `${service}/client/create`, {
      body: { grantTypes: ['CLIENT_CREDENTIALS'] },
    })
    const { clientId, clientSecret } = client.json
    const body = {
      parameters: 'grant_type=client_credentials&scope=notes:read',
      clientId: String(clientId),
      clientSecret: String(clientSecret),
    }
    const { json } = await engine.call('POST', `${service}/auth/token`, { body })
    expect(json['action']).toBe('OK')
    return String(json['accessToken'])
  }
})

describe('API access tokens are made of 256 random bits and kept as hashes', () => {
  it('given no token, then one is made, and its hash alone is kept', async () => {
    const { storage } = engine
    const token = await createApiToken({ storage, id: 'made', rights: ['VIEW_CLIENT'], serviceIds: 'all' })
    expect(token).toMatch(/^gh_[A-Za-z0-9_-]{43}$/)
    expect(await storage.findApiToken(sha256(token))).toMatchObject({
      id: 'made',
      rights: ['VIEW_CLIENT'],
      serviceIds: 'all',
    })
  })

  it('given a token that exists already, then it opens what it is for', async () => {
    const { storage, serviceId } = engine
    const token = 'a-token-that-somebody-else-made'
    await createApiToken({ storage, id: 'given', token, rights: ['VIEW_CLIENT'], serviceIds: [serviceId] })
    const { status } = await engine.call('GET', `/${serviceId}/client/get/list`, { accessToken: token })
    expect(status).toBe(200)
  })

  it('given rights that are taken away elsewhere, then the token is refused a second later', async () => {
    const { storage, serviceId, clock } = engine
    const token = await createApiToken({ storage, id: 'changing', rights: ['VIEW_CLIENT'], serviceIds: [serviceId] })
    const list = () => engine.call('GET', `/${serviceId}/client/get/list`, { accessToken: token })
    expect((await list()).status).toBe(200)
    await createApiToken({ storage, id: 'changing', token, rights: [], serviceIds: [serviceId] })
    clock.advance(1)
    expect((await list()).status).toBe(403)
  })
})

describe('Without VIEW_SERVICE, a service shows little of itself', () => {
  it('given USE_SERVICE alone, when service/get and service/get/list are called, then the limited view', async () => {
    const accessToken = await engine.makeAccessToken(['USE_SERVICE'])
    const limited = { apiKey: engine.serviceId, number: 1, serviceName: 'Test service', clientIdAliasEnabled: true }
    expect((await engine.call('GET', `/${engine.serviceId}/service/get`, { accessToken })).json).toEqual(limited)
    expect((await engine.call('GET', '/service/get/list', { accessToken })).json).toEqual({
      start: 0,
      end: 5,
      totalCount: 1,
      services: [limited],
    })
  })

  it('given VIEW_SERVICE, when private keys are asked for, then 403; given MODIFY_SERVICE, then they come', async () => {
    const path = `/${engine.serviceId}/service/jwks/get?includePrivateKeys=true`
    const viewing = await engine.call('GET', path, { accessToken: await engine.makeAccessToken(['VIEW_SERVICE']) })
    expect(viewing.status).toBe(403)
    const modifying = await engine.call('GET', path, { accessToken: await engine.makeAccessToken(['MODIFY_SERVICE']) })
    const [es256, rs256] = parseJwks(modifying.text)
    expect([es256?.alg, hasPrivatePart(es256 ?? {})]).toEqual(['ES256', true])
    expect([rs256?.alg, hasPrivatePart(rs256 ?? {})]).toEqual(['RS256', true])
  })
})
