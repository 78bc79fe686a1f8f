import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../sdk/engine.ts'
import { ask, connectEngine } from '../../sdk/engine.ts'
import type { Config } from '../../server/config.ts'
import { readConfig } from '../../server/config.ts'
import { makeAuthority } from '../certificates.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { demoAliases } from '../../server/engine/demo-clients.ts'
import { developmentCallers } from '../../server/engine/development-callers.ts'
import { demoDetailSchemas } from '../../server/engine/demo-details.ts'
import { createEngine } from '../../server/engine/engine.ts'
import { hasPrivatePart } from '../../server/engine/keys.ts'
import { compileDetailSchema } from '../../server/engine/protocol/detail-schema.ts'
import { staysWithin } from '../../server/engine/protocol/narrowing.ts'
import { refuseDemonstration, seed } from '../../server/engine/seed.ts'
import { openStorage } from '../../server/engine/storage/sql.ts'
import type { Storage } from '../../server/engine/storage/storage.ts'

let folder: string
let storage: Storage
let engine: Engine
let fetch: (request: Request) => Promise<Response>

const params = { path: { serviceId: '1000001' } }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-seed-'))
  storage = await openStorage(`sqlite:${join(folder, 'engine.sqlite')}`)
  const { token, caller } = makeCaller({ id: 'founder', rights: ['ADMIN'], serviceIds: 'all' })
  fetch = createEngine({ storage, now: () => new Date(), callers: [caller, ...developmentCallers(1_000_001)] })
  engine = connectEngine({ baseUrl: 'http://engine.test', accessToken: token, fetch })
})

afterAll(async () => {
  await storage.close()
  await rm(folder, { recursive: true, force: true })
})

function configure(environment: Record<string, string> = {}): Config {
  return readConfig({ ENGINE_DATABASE_URL: `sqlite:${join(folder, 'engine.sqlite')}`, ...environment })
}

async function everything() {
  const [service, clients] = await Promise.all([
    ask(engine.GET('/api/{serviceId}/service/get', { params })),
    ask(engine.GET('/api/{serviceId}/client/get/list', { params: { ...params, query: { end: 100 } } })),
  ])
  return { service, clients: clients.clients }
}

describe('The demonstration', () => {
  it('given an empty engine, when several processes seed it at once, then it is made once', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => seed(engine, configure())))
    expect(ids).toEqual(['1000001', '1000001', '1000001'])
    const { service, clients } = await everything()
    expect(service).toMatchObject({
      serviceName: 'Gatehouse Demo',
      issuer: 'http://localhost:3000',
      authorizationEndpoint: 'http://localhost:3000/oauth/authorize',
      supportedAcrs: ['urn:gatehouse:acr:password', 'urn:gatehouse:acr:passkey'],
      pkceRequired: true,
    })
    expect(clients.map(({ clientIdAlias }) => clientIdAlias).sort()).toEqual([...demoAliases].sort())
    const { totalCount } = await ask(engine.GET('/api/service/get/list'))
    expect(totalCount).toBe(1)
  })

  it('given scopes, then every kind of consent is there, each with its texts in four languages', async () => {
    const { supportedScopes = [] } = (await everything()).service
    const modes = supportedScopes.map(({ attributes }) => attributes?.find(({ key }) => key === 'consent.mode')?.value)
    expect(new Set(modes)).toEqual(new Set(['implicit', 'required', 'optional']))
    expect(supportedScopes.some(({ attributes }) => attributes?.some(({ key }) => key === 'consent.sensitive'))).toBe(
      true,
    )
    for (const { description, descriptions, attributes } of supportedScopes) {
      expect(description).toMatch(/\.$/)
      expect(descriptions?.map(({ tag }) => tag)).toEqual(['de', 'ja', 'ar'])
      const keys = attributes?.map(({ key }) => key) ?? []
      for (const text of ['title', 'group'].filter((name) => keys.includes(`consent.${name}`))) {
        for (const tag of ['de', 'ja', 'ar']) expect(keys).toContain(`consent.${text}#${tag}`)
      }
      expect(keys).toContain('consent.title')
    }
  })

  it('given a parameterized scope and a privileged one, then their attributes say so', async () => {
    const { supportedScopes = [] } = (await everything()).service
    const attributesOf = (wanted: string) => supportedScopes.find(({ name }) => name === wanted)?.attributes
    expect(attributesOf('payment')).toContainEqual({ key: 'regex', value: '^payment:[A-Za-z0-9-]{1,36}$' })
    expect(attributesOf('directory:read')).toContainEqual({ key: 'policy.affiliation', value: 'first-party partner' })
    expect(supportedScopes.filter(({ name }) => name.startsWith('grant_management_'))).toHaveLength(2)
  })

  it('given two resources, then they and the server have names, scopes belong to them, and the demo API is one of them', async () => {
    const { service, clients } = await everything()
    expect(service.attributes).toEqual(
      expect.arrayContaining([
        { key: 'resource.name:http://localhost:3002', value: 'Daybook API' },
        { key: 'resource.name:http://localhost:3002/bank', value: 'Example Bank' },
        { key: 'resource.name:http://localhost:3000', value: 'Gatehouse Demo' },
      ]),
    )
    const owners = (service.supportedScopes ?? []).flatMap(({ attributes = [] }) =>
      attributes.filter(({ key }) => key === 'consent.resource').map(({ value }) => value),
    )
    expect(new Set(owners)).toEqual(new Set(['http://localhost:3002', 'http://localhost:3002/bank']))
    const api = clients.find(({ clientIdAlias }) => clientIdAlias === 'demo-api')
    expect(api?.attributes).toContainEqual({ key: 'resource_server_uri', value: 'http://localhost:3002' })
  })

  it('given no demo API, then nothing names a resource; and it is back when the API is', async () => {
    await seed(engine, configure({ DEMO_API_PORT: '0' }))
    expect(JSON.stringify(await everything())).not.toMatch(/resource\.name|consent\.resource|resource_server_uri/)
    await seed(engine, configure())
    expect(JSON.stringify(await everything())).toMatch(/resource\.name/)
  })

  it('given authorization details, then both types may be asked for by the clients that are partners', async () => {
    const { service, clients } = await everything()
    const types = ['payment_initiation', 'account_information']
    expect(service).toMatchObject({
      supportedAuthorizationDetailsTypes: types,
      grantManagementEndpoint: 'http://localhost:3000/oauth/gm',
    })
    const allowed = clients.filter(({ authorizationDetailsTypes = [] }) => authorizationDetailsTypes.length > 0)
    expect(allowed.map(({ clientIdAlias }) => clientIdAlias).sort()).toEqual(['demo-fapi', 'demo-web'])
    for (const { attributes, authorizationDetailsTypes } of allowed) {
      expect(authorizationDetailsTypes).toEqual(types)
      expect(attributes).toContainEqual({ key: 'affiliation', value: 'partner' })
    }
  })

  it('given nothing that differs, when it is seeded again, then nothing but secrets is written', async () => {
    const before = await everything()
    await seed(engine, configure())
    const after = await everything()
    expect(after.service).toEqual(before.service)
    expect(after.clients.map(({ modifiedAt, ...rest }) => [rest, typeof modifiedAt])).toEqual(
      before.clients.map(({ modifiedAt, ...rest }) => [rest, typeof modifiedAt]),
    )
  })

  it('given other ports and settings that were changed, then the first follow and the second stay', async () => {
    const { service } = await everything()
    await ask(
      engine.POST('/api/{serviceId}/service/update', { params, body: { ...service, accessTokenDuration: 123 } }),
    )
    await seed(engine, configure({ PORT: '3100', DEMO_PORT: '3101' }))
    const { service: moved, clients } = await everything()
    expect(moved).toMatchObject({ issuer: 'http://localhost:3100', accessTokenDuration: 123, jwks: service.jwks })
    const web = clients.find(({ clientIdAlias }) => clientIdAlias === 'demo-web')
    expect(web?.redirectUris).toEqual(['http://localhost:3101/callback'])
  })

  it('RFC 8705 §5: given a port for mutual TLS, then the service has its aliases, until a start without it', async () => {
    const mutualTls = { port: 3443, origin: 'https://localhost:3443' }
    await seed(engine, { ...configure(), mutualTls })
    const { service } = await everything()
    expect(service.tlsClientCertificateBoundAccessTokens).toBe(true)
    expect(service.supportedTokenAuthMethods).toContain('SELF_SIGNED_TLS_CLIENT_AUTH')
    // Nobody vouches for names yet.
    expect(service.supportedTokenAuthMethods).not.toContain('TLS_CLIENT_AUTH')
    const configuration = await ask(engine.GET('/api/{serviceId}/service/configuration', { params, parseAs: 'text' }))
    const metadata: unknown = JSON.parse(configuration)
    expect(metadata).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: 'https://localhost:3443/oauth/token',
        pushed_authorization_request_endpoint: 'https://localhost:3443/oauth/par',
        userinfo_endpoint: 'https://localhost:3443/oauth/userinfo',
        introspection_endpoint: 'https://localhost:3443/oauth/introspect',
        revocation_endpoint: 'https://localhost:3443/oauth/revoke',
        grant_management_endpoint: 'https://localhost:3443/oauth/gm',
      },
    })
    const { certificate } = await makeAuthority('Example CA')
    await seed(engine, {
      ...configure(),
      mutualTls,
      tls: { cert: '', key: '', clientCa: `An authority\n${certificate.toString()}` },
    })
    const { trustedRootCertificates, supportedTokenAuthMethods } = (await everything()).service
    expect(trustedRootCertificates).toEqual([certificate.toString()])
    expect(supportedTokenAuthMethods).toEqual(
      expect.arrayContaining(['TLS_CLIENT_AUTH', 'SELF_SIGNED_TLS_CLIENT_AUTH']),
    )
    await seed(engine, configure())
    expect(JSON.stringify((await everything()).service)).not.toMatch(/3443|TLS_CLIENT_AUTH|CERTIFICATE-/)
  })

  it('given a client that was deleted or changed, then it is as it should be again', async () => {
    const path = { ...params.path, clientId: 'demo-spa' }
    await engine.DELETE('/api/{serviceId}/client/delete/{clientId}', { params: { path } })
    const web = { ...params.path, clientId: 'demo-web' }
    await ask(
      engine.POST('/api/{serviceId}/client/update/{clientId}', { params: { path: web }, body: { clientName: 'Gone' } }),
    )
    await seed(engine, configure())
    const spa = await ask(engine.GET('/api/{serviceId}/client/get/{clientId}', { params: { path } }))
    expect(spa).toMatchObject({ clientType: 'PUBLIC', redirectUris: ['http://localhost:3001/callback'] })
    const daybook = await ask(engine.GET('/api/{serviceId}/client/get/{clientId}', { params: { path: web } }))
    expect(daybook).toMatchObject({
      clientName: 'Daybook',
      attributes: [
        { key: 'verified', value: 'true' },
        { key: 'affiliation', value: 'partner' },
      ],
    })
  })

  it.each(['demo-web', 'demo-machine', 'demo-api'])('given %s, then its secret is the seeded one', async (alias) => {
    const body = { parameters: 'token=none', clientId: alias, clientSecret: `${alias}-secret` }
    const { action } = await ask(engine.POST('/api/{serviceId}/auth/revocation', { params, body }))
    expect(action).toBe('OK')
  })

  it('given demo-fapi, then the key in the file opens, and only its owner may read the file', async () => {
    const file = join(folder, 'demo-fapi.jwk.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const jwk: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof jwk !== 'object' || jwk === null) throw new Error('no key')
    const { clients } = await everything()
    const registered: unknown = JSON.parse(
      clients.find(({ clientIdAlias }) => clientIdAlias === 'demo-fapi')?.jwks ?? '',
    )
    expect(hasPrivatePart(jwk)).toBe(true)
    expect(JSON.stringify(registered)).not.toContain('"d"')
    const assertion = await new SignJWT({ jti: 'once' })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('demo-fapi')
      .setSubject('demo-fapi')
      .setAudience('http://localhost:3000')
      .setExpirationTime('1m')
      .sign(await importJWK(jwk, 'ES256'))
    const parameters = new URLSearchParams({
      token: 'none',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    })
    const body = { parameters: parameters.toString() }
    expect((await ask(engine.POST('/api/{serviceId}/auth/revocation', { params, body }))).action).toBe('OK')
  })

  it('given the API access tokens of development, then each opens what its right says', async () => {
    const list = (accessToken: string) =>
      connectEngine({ baseUrl: 'http://engine.test', accessToken, fetch }).GET('/api/{serviceId}/client/get/list', {
        params,
      })
    expect((await list('dev-engine-token')).response.status).toBe(200)
    expect((await list('dev-engine-token-view-client')).response.status).toBe(200)
    expect((await list('dev-engine-token-use-service')).response.status).toBe(403)
    expect((await list('dev-engine-token-nothing')).response.status).toBe(401)
  })
})

describe('RFC 9396 §2: the schemas of the demonstration', () => {
  const payment = {
    type: 'payment_initiation',
    locations: ['https://example.com/payments'],
    actions: ['initiate', 'status', 'cancel'],
    instructedAmount: { currency: 'EUR', amount: '123.50' },
    creditorName: 'Merchant A',
    creditorAccount: { iban: 'DE02100100109307118603' },
    remittanceInformationUnstructured: 'Ref Number Merchant',
  }
  const accounts = {
    type: 'account_information',
    locations: ['https://example.com/accounts'],
    actions: ['list_accounts', 'read_balances', 'read_transactions'],
  }
  const schemas = {
    payment: compileDetailSchema(JSON.stringify(demoDetailSchemas.payment_initiation)),
    accounts: compileDetailSchema(JSON.stringify(demoDetailSchemas.account_information)),
  }
  const priced = (amount: string) => ({ ...payment, instructedAmount: { currency: 'EUR', amount } })

  it("given the RFC's examples, then nothing is wrong with them", () => {
    expect(schemas.payment.problemOf(payment)).toBeUndefined()
    expect(schemas.accounts.problemOf(accounts)).toBeUndefined()
  })

  it.each(['0.01', '0.5', '0.005', '1', '1.234', '999999999.99'])('given the amount %s, then it is taken', (amount) => {
    expect(schemas.payment.problemOf(priced(amount))).toBeUndefined()
  })

  it.each(['0', '0.00', '-1', '01', '1,50', '1.2345', '1e3', '1234567890', ' 1', ''])(
    'given the amount %j, then the member is named',
    (amount) => {
      expect(schemas.payment.problemOf(priced(amount))).toContain('/instructedAmount/amount')
    },
  )

  it.each([
    ['a payment to nobody', schemas.payment, { ...payment, creditorName: '' }],
    ['a payment without an amount', schemas.payment, { type: 'payment_initiation', creditorName: 'Merchant A' }],
    ['a payment with a member of its own', schemas.payment, { ...payment, tip: '1' }],
    ['an account that is no IBAN', schemas.accounts, { ...accounts, accounts: [{ iban: '4711' }] }],
    ['an action that nobody knows', schemas.accounts, { ...accounts, actions: ['delete_accounts'] }],
    ['no action at all', schemas.accounts, { ...accounts, actions: [] }],
    ['an end that is no date', schemas.accounts, { ...accounts, validUntil: 'tomorrow' }],
  ])('given %s, then it is refused', (_, schema, detail) => {
    expect(schema.problemOf(detail)).toBeDefined()
  })

  it.each([
    ['a lower amount', schemas.payment, payment, priced('40.00'), true],
    ['a higher amount', schemas.payment, payment, priced('123.51'), false],
    ['another creditor', schemas.payment, payment, { ...payment, creditorName: 'Merchant B' }, false],
    ['fewer actions', schemas.accounts, accounts, { ...accounts, actions: ['list_accounts'] }, true],
    [
      'chosen accounts',
      schemas.accounts,
      accounts,
      { ...accounts, accounts: [{ iban: 'IE29AIBK93115212345678' }] },
      true,
    ],
    ['an end', schemas.accounts, accounts, { ...accounts, validUntil: '2027-01-31' }, true],
    [
      'a later end',
      schemas.accounts,
      { ...accounts, validUntil: '2027-01-31' },
      { ...accounts, validUntil: '2027-02-01' },
      false,
    ],
  ])('given %s, then it is within what was asked for: %#', (_, { root }, asked, granted, isWithin) => {
    expect(staysWithin(granted, asked, root)).toBe(isWithin)
  })
})

describe('Production', () => {
  const production = {
    NODE_ENV: 'production',
    ISSUER: 'https://as.example',
    TRUST_PROXY: '1',
    SESSION_SECRET: 'x'.repeat(32),
  }
  const environment = { ...production, ENGINE_ACCESS_TOKEN: 'y'.repeat(32) }

  it('given an engine with the demonstration, then the engine alone does not start either', async () => {
    await expect(refuseDemonstration(engine)).rejects.toThrow('The engine has the demo client demo-web')
  })

  it('given an engine with the demonstration, then it does not start, and nothing has changed', async () => {
    const before = await everything()
    await expect(seed(engine, configure(environment))).rejects.toThrow('The engine has the demo client demo-web')
    expect(await everything()).toEqual(before)
  })

  it('given an empty engine, then one service with the safe preset and no clients', async () => {
    const empty = await openStorage(`sqlite:${join(folder, 'production.sqlite')}`)
    const { token, caller } = makeCaller({ id: 'founder', rights: ['ADMIN'], serviceIds: 'all' })
    const fresh = createEngine({ storage: empty, now: () => new Date(), callers: [caller] })
    const client = connectEngine({ baseUrl: 'http://engine.test', accessToken: token, fetch: fresh })
    expect(await seed(client, configure(environment))).toBe('1000001')
    expect(await seed(client, configure(environment))).toBe('1000001')
    const service = await ask(client.GET('/api/{serviceId}/service/get', { params }))
    expect(service).toMatchObject({ issuer: 'https://as.example', pkceRequired: true, accessTokenDuration: 600 })
    const clients = await ask(client.GET('/api/{serviceId}/client/get/list', { params }))
    expect(clients.totalCount).toBe(0)
    await empty.close()
  })

  it('given a service id that the engine does not have, then it says which it has', async () => {
    const wrong = configure({ ENGINE_SERVICE_ID: '4711' })
    await expect(seed(engine, wrong)).rejects.toThrow(
      'The engine has no service 4711. It has 1000001: name one of them in ENGINE_SERVICE_ID.',
    )
  })
})
