import { createHash, randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { ask, connectEngine } from '../../sdk/engine.ts'
import { parseJwks } from '../../server/engine/keys.ts'
import { makeClientAssertion } from '../client-assertion.ts'
import { person } from '../flows/person.ts'
import { freePort } from '../free-port.ts'
import type { ServerProcess } from '../server-process.ts'
import { startServer } from '../server-process.ts'
import type { TestDatabase } from './storage/contract.ts'
import { createPostgresDatabase, createSqliteDatabase } from './storage/test-databases.ts'

const program = resolve(import.meta.dirname, '../../server/engine/main.ts')
const params = { path: { serviceId: '1000001' } }
const basicOf = (client: string) => `Basic ${Buffer.from(`${client}:${client}-secret`).toString('base64')}`
const basic = basicOf('demo-web')

/** What was given out, by what it is. */
type Issued = [what: string, value: string][]

/** In the forms in which a log or a database may show it. */
function formsOf(value: string): string[] {
  const forms = [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('hex'),
    Buffer.from(value).toString('base64'),
  ]
  // Of a handle, the part that is secret; what comes before it stands in the database, and the two make the whole.
  const secret = /^[\w-]{59}$/.test(value) ? Buffer.from(value, 'base64url').subarray(12) : undefined
  const encodings = ['latin1', 'hex', 'base64', 'base64url'] as const
  return secret ? [...forms, ...encodings.map((encoding) => secret.toString(encoding).replace(/=+$/, ''))] : forms
}

async function post(url: string, parameters: Record<string, string>, authorization?: string) {
  const headers = authorization === undefined ? undefined : { authorization }
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(parameters),
    ...(headers && { headers }),
  })
  const answer: unknown = await response.json()
  if (!response.ok || typeof answer !== 'object' || answer === null) throw new Error(JSON.stringify(answer))
  return new Map(Object.entries(answer).map(([name, value]) => [name, String(value)]))
}

/** Signs in, allows, redeems, refreshes twice, asks about the token, and tries what is spent. */
async function walkThrough({ issuer, demoUrl }: ServerProcess): Promise<Issued> {
  const codeVerifier = randomBytes(32).toString('base64url')
  const redirect_uri = `${demoUrl}/callback`
  const request = {
    ...{ response_type: 'code', client_id: 'demo-web', redirect_uri, state: 'state', nonce: 'nonce' },
    ...{ scope: 'openid profile email offline_access notes:read', prompt: 'consent' },
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  const requestUri = (await post(`${issuer}/oauth/par`, request, basic)).get('request_uri') ?? ''
  const john = person(issuer)
  const pushed = new URLSearchParams({ client_id: 'demo-web', request_uri: requestUri })
  const consent = await john.signIn(await john.visit(`${issuer}/oauth/authorize?${pushed.toString()}`))
  const answer = await john.decide(consent, 'allow', ['email', 'offline_access', 'notes:read'])
  const code = answer.sentTo?.searchParams.get('code') ?? ''
  const tokenEndpoint = `${issuer}/oauth/token`
  const redeem = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: codeVerifier }
  const first = await post(tokenEndpoint, redeem, basic)
  const refresh = { grant_type: 'refresh_token', refresh_token: first.get('refresh_token') ?? '' }
  const second = await post(tokenEndpoint, refresh, basic)
  await post(`${issuer}/oauth/introspect`, { token: second.get('access_token') ?? '' }, basicOf('demo-api'))
  // What is refused is what gets logged most easily.
  for (const spent of [redeem, refresh, { ...redeem, code: `${code}x` }]) {
    await expect(post(tokenEndpoint, spent, basic)).rejects.toThrow('invalid_grant')
  }
  const tokens = [first, second].flatMap((response) =>
    ['access_token', 'refresh_token', 'id_token'].map((name): [string, string] => [name, response.get(name) ?? '']),
  )
  const cookies = [...john.cookies].flatMap(([name, value]): Issued => {
    const cookie = decodeURIComponent(value)
    return [
      [`cookie ${name}`, cookie],
      ...[/^s:([^.]+)\./.exec(cookie)?.[1] ?? ''].map((id): [string, string] => [`id in ${name}`, id]),
    ]
  })
  return [
    ['request_uri', requestUri.slice('urn:ietf:params:oauth:request_uri:'.length)],
    ['code', code],
    ['code_verifier', codeVerifier],
    ...tokens,
    ...cookies,
  ]
}

/** A client that signs with its secret, tokens that are created and repeated, a ticket, and the keys of the service: what only the engine's API tells. */
async function askTheEngine(url: string, subject: string, { issuer, demoUrl }: ServerProcess): Promise<Issued> {
  const engine = connectEngine({ baseUrl: url, accessToken: 'dev-engine-token' })
  const methods = ['NONE', 'CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'CLIENT_SECRET_JWT', 'PRIVATE_KEY_JWT'] as const
  const current = await ask(engine.GET('/api/{serviceId}/service/get', { params }))
  const changed = { accessTokenSignAlg: 'ES256' as const, refreshTokenIdempotent: true }
  const body = { ...current, supportedTokenAuthMethods: [...methods], ...changed }
  await ask(engine.POST('/api/{serviceId}/service/update', { params, body }))
  const settings = {
    ...{ clientName: 'Signs with its secret', clientType: 'CONFIDENTIAL' as const },
    ...{ tokenAuthMethod: 'CLIENT_SECRET_JWT' as const, grantTypes: ['CLIENT_CREDENTIALS' as const] },
  }
  const client = await ask(engine.POST('/api/{serviceId}/client/create', { params, body: settings }))
  const { clientId = 0, clientSecret = '' } = client
  const signer = { clientId: String(clientId), key: Buffer.from(clientSecret), alg: 'HS256' }
  const tokens = await post(`${issuer}/oauth/token`, {
    grant_type: 'client_credentials',
    scope: 'notes:read',
    client_assertion: await makeClientAssertion(signer, { aud: issuer, now: new Date() }),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
  const grant = { grantType: 'AUTHORIZATION_CODE' as const, clientIdentifier: 'demo-web', subject }
  const created = await ask(engine.POST('/api/{serviceId}/auth/token/create', { params, body: grant }))
  if (created.action !== 'OK') throw new Error(created.resultMessage)
  const refresh = { grant_type: 'refresh_token', refresh_token: created.refreshToken ?? '' }
  const refreshed = await post(`${issuer}/oauth/token`, refresh, basic)
  // Said again, and so found again by the server: not because it was kept.
  const repeated = await post(`${issuer}/oauth/token`, refresh, basic)
  expect(repeated.get('refresh_token')).toBe(refreshed.get('refresh_token'))
  const preset = {
    accessToken: randomBytes(24).toString('base64url'),
    refreshToken: `of another server: ${randomBytes(24).toString('base64url')}`.replaceAll(' ', '_'),
  }
  const given = { grantType: 'AUTHORIZATION_CODE' as const, clientIdentifier: 'demo-web', subject: 'john', ...preset }
  const createdTokens = await ask(engine.POST('/api/{serviceId}/auth/token/create', { params, body: given }))
  expect(createdTokens).toMatchObject({ action: 'OK', ...preset })
  // What is refused is what gets logged most easily.
  const again = await ask(engine.POST('/api/{serviceId}/auth/token/create', { params, body: given }))
  expect(again).toMatchObject({ action: 'BAD_REQUEST' })
  const parameters = new URLSearchParams({
    ...{ response_type: 'code', client_id: 'demo-web', scope: 'openid', redirect_uri: `${demoUrl}/callback` },
    ...{ code_challenge: createHash('sha256').update('v').digest('base64url'), code_challenge_method: 'S256' },
  }).toString()
  const asked = await ask(engine.POST('/api/{serviceId}/auth/authorization', { params, body: { parameters } }))
  const jwks = await ask(
    engine.GET('/api/{serviceId}/service/jwks/get', { params: { ...params, query: { includePrivateKeys: true } } }),
  )
  const parts = parseJwks(JSON.stringify(jwks)).flatMap(({ d, p, q, dp, dq, qi }) => [d, p, q, dp, dq, qi])
  return [
    ['ticket', 'ticket' in asked ? asked.ticket : ''],
    ['client secret', clientSecret],
    ['client secret', 'demo-web-secret'],
    ['signed access token', tokens.get('access_token') ?? ''],
    ['created access token', created.accessToken],
    ['created access token', created.jwtAccessToken ?? ''],
    ['created refresh token', created.refreshToken ?? ''],
    ['refreshed access token', refreshed.get('access_token') ?? ''],
    ['repeated access token', repeated.get('access_token') ?? ''],
    ['repeated refresh token', repeated.get('refresh_token') ?? ''],
    ['preset access token', preset.accessToken],
    ['preset refresh token', preset.refreshToken],
    ...parts.filter((part) => part !== undefined).map((part): [string, string] => ['private key', part]),
  ]
}

describe.each([
  ['SQLite', createSqliteDatabase],
  ['PostgreSQL', createPostgresDatabase],
])('Hashes only: after a whole flow on %s', (_, createDatabase) => {
  it('neither a dump of both databases nor any log has anything that was given out', { timeout: 120_000 }, async () => {
    const databases: TestDatabase[] = await Promise.all([createDatabase(), createDatabase()])
    const [engineDatabase, frontEndDatabase] = databases
    const port = await freePort()
    const server = await startServer(program, {
      ENGINE_DATABASE_URL: engineDatabase?.url ?? '',
      DATABASE_URL: frontEndDatabase?.url ?? '',
      ENGINE_PORT: String(port),
      LOG_LEVEL: 'debug',
    })
    try {
      const walked = await walkThrough(server)
      const { sub = '' } = decodeJwt(walked.find(([what]) => what === 'id_token')?.[1] ?? '')
      const issued = [...walked, ...(await askTheEngine(`http://127.0.0.1:${port}`, sub, server))]
      // Nothing was forgotten: each of them is there, and long enough to be found by no chance.
      for (const [what, value] of issued) expect([what, value.length > 10]).toEqual([what, true])
      const dump = (await Promise.all(databases.map((database) => database.dump()))).join('\n')
      expect(dump).toContain('Signs with its secret')
      const places = { dump, log: server.said.join('\n') }
      const found = Object.entries(places).flatMap(([place, text]) =>
        issued
          .filter(([, value]) => formsOf(value).some((form) => text.includes(form)))
          .map(([what]) => `${what} in the ${place}`),
      )
      expect(found).toEqual([])
      // Whatever was issued besides: no text in the form of a handle stands anywhere.
      expect(dump.match(/(?<![\w-])A[\w-]{58}(?![\w-])/g) ?? []).toEqual([])
    } finally {
      await server.stop()
      await Promise.all(databases.map((database) => database.drop()))
    }
  })
})
