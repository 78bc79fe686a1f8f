import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../sdk/engine.ts'
import { ask, connectEngine } from '../../sdk/engine.ts'
import type { Config } from '../../server/config.ts'
import { readConfig } from '../../server/config.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { demoAliases } from '../../server/engine/demo-clients.ts'
import { developmentCallers } from '../../server/engine/development-callers.ts'
import { createEngine } from '../../server/engine/engine.ts'
import { hasPrivatePart } from '../../server/engine/keys.ts'
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
      supportedAcrs: ['urn:gatehouse:acr:password'],
      pkceRequired: true,
    })
    expect(clients.map(({ clientIdAlias }) => clientIdAlias).sort()).toEqual([...demoAliases].sort())
    const { totalCount } = await ask(engine.GET('/api/service/get/list'))
    expect(totalCount).toBe(1)
  })

  it('given scopes, then every kind of consent is there, each with its texts in three languages', async () => {
    const { supportedScopes = [] } = (await everything()).service
    const modes = supportedScopes.map(({ attributes }) => attributes?.find(({ key }) => key === 'consent.mode')?.value)
    expect(new Set(modes)).toEqual(new Set(['implicit', 'required', 'optional']))
    expect(supportedScopes.some(({ attributes }) => attributes?.some(({ key }) => key === 'consent.sensitive'))).toBe(
      true,
    )
    for (const { description, descriptions } of supportedScopes) {
      expect(description).toMatch(/\.$/)
      expect(descriptions?.map(({ tag }) => tag)).toEqual(['de', 'ja'])
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
    expect(daybook).toMatchObject({ clientName: 'Daybook', attributes: [{ key: 'verified', value: 'true' }] })
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
