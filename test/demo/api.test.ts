import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemoApi } from '../../demo/api.ts'
import type { Running } from '../../demo/listen.ts'
import { startUnreachableServer, type UnreachableServer } from './unreachable-server.ts'

let api: Running
let unreachable: UnreachableServer

beforeAll(async () => {
  unreachable = await startUnreachableServer()
  api = await startDemoApi({
    issuer: unreachable.issuer,
    clientId: 'demo-api',
    clientSecret: 'demo-api-secret',
    port: 0,
  })
})

afterAll(async () => {
  await api.close()
  await unreachable.close()
})

const endpoints = [
  ['GET', '/notes', { scope: 'notes:read' }],
  ['POST', '/notes', { scope: 'notes:write' }],
  ['GET', '/calendar', { scope: 'calendar:read' }],
  ['POST', '/payments', { scope: 'payments:send', authorizationDetails: 'payment_initiation' }],
  ['GET', '/payments/:id', { scope: 'payment:<id>' }],
  ['GET', '/accounts', { authorizationDetails: 'account_information' }],
  ['GET', '/introspection', {}],
] as const

describe('GET / describes the API', () => {
  it('names the authorization server and every endpoint with what opens it', async () => {
    const response = await fetch(api.url)
    expect(await response.json()).toMatchObject({
      resource: api.url,
      authorizationServer: unreachable.issuer,
      endpoints: endpoints.map(([method, path, opens]) => ({ method, path, ...opens })),
    })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    })
  })
})

/** RFC 6750 §3.1 and RFC 9449 §7.1: the schemes, and no error. */
const bareChallenge = 'Bearer realm="Daybook API", DPoP algs="ES256 PS256 EdDSA Ed25519"'

describe('RFC 6750 §3: a request without a usable access token is challenged', () => {
  it.each(endpoints)('%s %s without a token: 401, and no error code', async (method, path) => {
    const response = await fetch(`${api.url}${path}`, { method })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, bareChallenge])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it.each(['Basic ZGVtbzpkZW1v', 'DPoPabc', 'Bearerabc'])(
    'given %s, then 401 without an error code',
    async (authorization) => {
      const response = await fetch(`${api.url}/notes`, { headers: { authorization } })
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, bareChallenge])
    },
  )

  it.each(['Bearer', 'Bearer a b', 'Bearer "quoted"', 'Bearer a=b', 'DPoP', 'DPoP a b'])(
    'given %s, then 400 invalid_request',
    async (authorization) => {
      const response = await fetch(`${api.url}/notes`, { headers: { authorization } })
      expect(response.status).toBe(400)
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_request"')
    },
  )

  it('§2.3: a token in the address is not read', async () => {
    expect((await fetch(`${api.url}/notes?access_token=abc`)).status).toBe(401)
  })
})

describe('when the authorization server cannot be reached', () => {
  it.each(endpoints)('%s %s: 503, because a token that nobody confirms opens nothing', async (method, path) => {
    const response = await fetch(`${api.url}${path}`, { method, headers: { authorization: 'Bearer abc' } })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(response.headers.has('www-authenticate')).toBe(false)
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' })
  })
})

describe('what does not exist', () => {
  it('given an unknown path, then 404 as JSON', async () => {
    const response = await fetch(`${api.url}/nothing`)
    expect([response.status, await response.json()]).toMatchObject([404, { error: 'not_found' }])
  })

  it.each([
    ['DELETE', '/notes', 'GET, POST'],
    ['POST', '/calendar', 'GET'],
    ['GET', '/payments', 'POST'],
    ['POST', '/', 'GET'],
  ])('%s %s: 405, and Allow says %s', async (method, path, allow) => {
    const response = await fetch(`${api.url}${path}`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
  })
})

describe('starting', () => {
  it('given a port that is taken, then it rejects with EADDRINUSE', async () => {
    const port = Number(new URL(api.url).port)
    const attempt = startDemoApi({
      issuer: unreachable.issuer,
      clientId: 'demo-api',
      clientSecret: 'demo-api-secret',
      port,
    })
    await expect(attempt).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
