import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask, connectEngine } from '../../sdk/engine.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { createEngine } from '../../server/engine/engine.ts'
import { openStorage } from '../../server/engine/storage/sql.ts'
import type { Storage } from '../../server/engine/storage/storage.ts'
import type { InterruptibleDatabase } from '../interruptible-database.ts'
import { interruptDatabase } from '../interruptible-database.ts'
import type { FragilePostgres } from '../postgres.ts'
import { createTestDatabase, startOwnPostgres } from '../postgres.ts'
import type { ServerProcess } from '../server-process.ts'
import { startServer } from '../server-process.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, errorOf, tokensOf } from './conversation.ts'
import { testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'

describe('RFC 9110 §15.6.4: a server whose PostgreSQL goes down and comes back', () => {
  const basic = (id: string) => `Basic ${Buffer.from(`${id}:${id}-secret`).toString('base64')}`
  let postgres: FragilePostgres
  let server: ServerProcess

  beforeAll(async () => {
    postgres = await startOwnPostgres()
    const [ownUrl, engineUrl] = [await createTestDatabase(postgres.url), await createTestDatabase(postgres.url)]
    const program = resolve(import.meta.dirname, '../../server/engine/main.ts')
    server = await startServer(program, { DATABASE_URL: ownUrl, ENGINE_DATABASE_URL: engineUrl })
  })

  afterAll(async () => {
    await server.stop()
    await postgres.stop()
  })

  const post = (path: string, form: Record<string, string>, client = 'demo-machine') =>
    fetch(server.issuer + path, {
      method: 'POST',
      headers: { Authorization: basic(client) },
      body: new URLSearchParams(form),
    })
  const obtainToken = () => post('/oauth/token', { grant_type: 'client_credentials', scope: 'notes:read' })
  const tokenOf = async (response: Response) => {
    expect(response.status).toBe(200)
    const answer: unknown = await response.json()
    if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) throw new Error('no token')
    return String(answer.access_token)
  }
  const isActive = async (token: string) => {
    const response = await post('/oauth/introspect', { token }, 'demo-api')
    expect(response.status).toBe(200)
    return response.json()
  }

  it('given requests under way when it goes down, then each is answered, with tokens or with 503; and later all is as before', async () => {
    const before = await tokenOf(await obtainToken())
    expect((await fetch(`${server.issuer}/readyz`)).status).toBe(200)

    // As long as it is up, eight clients ask for tokens, each as soon as it has one.
    const issued: string[] = []
    const clients = Array.from({ length: 8 }, async () => {
      for (;;) {
        const response = await obtainToken()
        if (response.status !== 200) return response
        issued.push(await tokenOf(response))
      }
    })
    while (issued.length < 8) await tokenOf(await obtainToken())
    await postgres.crash()
    for (const response of await Promise.all(clients)) await expectOutage(response)

    // While it is down.
    await expectOutage(await obtainToken())
    await expectOutage(await post('/oauth/introspect', { token: before }, 'demo-api'))
    await expectOutage(await post('/oauth/revoke', { token: before }))
    await expectOutage(
      await fetch(`${server.issuer}/oauth/userinfo`, { headers: { Authorization: `Bearer ${before}` } }),
    )
    await expectOutage(await fetch(`${server.issuer}/readyz`))
    expect((await fetch(`${server.issuer}/healthz`)).status).toBe(200)
    const address = `${server.issuer}/oauth/authorize?client_id=demo-web&response_type=code`
    const page = await fetch(address, { headers: { Accept: 'text/html' } })
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5'])
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).not.toMatch(insides)

    await postgres.restart()
    expect((await fetch(`${server.issuer}/readyz`)).status).toBe(200)
    // What was answered is kept, and what is new is served, by the process that was there all the time.
    for (const token of [before, ...issued]) expect(await isActive(token)).toMatchObject({ active: true })
    expect(await isActive(await tokenOf(await obtainToken()))).toMatchObject({ active: true })
    const secrets = ['demo-machine-secret', basic('demo-machine'), basic('demo-api'), before]
    const log = server.said.filter((line) => line.startsWith('{')).join('\n')
    expect(log).toContain('The storage does not answer')
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
  })
})

/** What nobody outside is told of an outage. */
const insides = /postgres|ECONN|terminat|node_modules|\.ts:\d/i

async function expectOutage(response: Response): Promise<void> {
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(response.headers.get('content-type')).toContain('application/json')
  const text = await response.text()
  expect(JSON.parse(text)).toMatchObject({ error: 'temporarily_unavailable' })
  expect(text).not.toMatch(insides)
}

describe('RFC 6749 §4.1.2 and §6: an engine whose connection breaks in the middle', () => {
  const accessToken = 'token-of-the-test'
  let way: InterruptibleDatabase
  let storage: Storage
  let fetchEngine: (request: Request) => Promise<Response>
  let engine: Conversation
  let client: RegisteredTestClient
  const logged: unknown[] = []

  beforeAll(async () => {
    way = await interruptDatabase(await createTestDatabase(inject('postgresUrl')))
    storage = await openStorage(way.url)
    const { caller } = makeCaller({ id: 'test', token: accessToken, rights: ['ADMIN'], serviceIds: 'all' })
    fetchEngine = createEngine({
      storage,
      now: () => new Date('2026-03-01T12:00:00Z'),
      callers: [caller],
      log: { error: (details) => logged.push(details) },
    })
    const connected = connectEngine({ baseUrl: 'http://engine.test', accessToken, fetch: fetchEngine })
    const body = { issuer: testIssuer, jwks: inject('serviceJwks'), supportedScopes: testScopes, ...testEndpoints }
    const { apiKey = 0 } = await ask(connected.POST('/api/service/create', { body }))
    engine = converse({ engine: connected, serviceId: apiKey })
    client = await engine.registerClient()
  })

  afterAll(async () => {
    await storage.close()
    await way.close()
  })

  const lost = async (attempt: Promise<unknown>) => {
    await expect(attempt).rejects.toMatchObject({ status: 503, resultCode: 'A901101' })
  }

  it('given an authorization that is lost, then 503, and the same ticket still brings a code', async () => {
    const request = await engine.authorize(authorizationParameters(client, 'v'.repeat(43)))
    if (request.action !== 'INTERACTION') throw new Error(request.resultMessage)
    const answer = { ticket: request.ticket, subject: 'subject-1' }
    way.cutAt('COMMIT')
    await lost(engine.issue(answer))
    expect((await engine.issue(answer)).action).toBe('LOCATION')
    expect((await engine.issue(answer)).action).not.toBe('LOCATION')
  })

  it('given a redemption that is lost, then 503, and the same code is redeemed once', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client)
    const redeem = () => engine.token(codeParameters(client, code, codeVerifier), client)
    way.cutAt('COMMIT')
    await lost(redeem())
    const { access_token } = tokensOf(await redeem())
    expect(await engine.introspect(access_token)).toMatchObject({ active: true })
    expect(errorOf(await redeem())).toBe('invalid_grant')
  })

  it('given a refresh that is lost, then 503, nothing is spent, and the same refresh token is good', async () => {
    const { access_token, refresh_token = '' } = await engine.obtainTokens(client)
    const refresh = () => engine.token({ grant_type: 'refresh_token', refresh_token }, client)
    way.cutAt('COMMIT')
    await lost(refresh())
    expect(await engine.introspect(access_token)).toMatchObject({ active: true })
    const refreshed = tokensOf(await refresh())
    expect(await engine.introspect(access_token)).toEqual({ active: false })
    expect(await engine.introspect(refreshed.access_token)).toMatchObject({ active: true })
  })

  it('given a health check that is lost, then 503 with Retry-After and no more than that, and the log knows why', async () => {
    const before = logged.length
    way.cutAt('SELECT 1 AS answer')
    const response = await fetchEngine(new Request('http://engine.test/api/lifecycle/healthcheck'))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toEqual({
      resultCode: 'A901101',
      resultMessage: '[A901101] /api/lifecycle/healthcheck, the storage does not answer; try again.',
    })
    expect(logged.slice(before)).toMatchObject([{ operation: 'GET /api/lifecycle/healthcheck' }])
    expect(JSON.stringify(logged)).not.toContain(accessToken)
    const again = await fetchEngine(new Request('http://engine.test/api/lifecycle/healthcheck'))
    expect([again.status, await again.text()]).toEqual([200, 'OK'])
  })
})
