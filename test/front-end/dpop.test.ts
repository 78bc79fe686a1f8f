import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { startApp, type AppUnderTest, type EngineScript } from './app-under-test.ts'

let app: AppUnderTest | undefined

async function start(script: EngineScript, env: Record<string, string> = {}): Promise<AppUnderTest> {
  app = await startApp(script, { env })
  return app
}

afterEach(() => app?.close())

const issuer = 'http://localhost:3000'
const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }
const json = { responseContent: '{"error":"use_dpop_nonce"}', ...result }

describe('RFC 9449 §5: the DPoP header of clients', () => {
  it.each([
    ['/oauth/token', 'auth/token'],
    ['/oauth/par', 'pushed_auth_req'],
  ])(
    'given one at %s, then the engine gets it with the method and the address at the issuer',
    async (path, operation) => {
      const { post, calls } = await start(() => ({ action: 'BAD_REQUEST', ...json }))
      await post(`${path}?a=b`, 'grant_type=x', { DPoP: 'the-proof' })
      const body = { parameters: 'grant_type=x', dpop: 'the-proof', htm: 'POST', htu: issuer + path }
      expect(calls).toEqual([{ operation, body }])
    },
  )

  it('given two, then the engine gets both as one text, which is no proof', async () => {
    const { url, calls } = await start(() => ({ action: 'BAD_REQUEST', ...json }))
    await postTwice(`${url}/oauth/token`)
    expect(calls.map(({ body }) => body['dpop'])).toEqual(['the-proof, the-proof'])
  })
})

describe('RFC 9449 §7: the DPoP header of those who use an access token', () => {
  const headers = { Authorization: 'DPoP the-token', DPoP: 'the-proof' }

  it.each([
    ['GET', '/oauth/userinfo', 'auth/userinfo', { token: 'the-token' }],
    ['POST', '/oauth/userinfo', 'auth/userinfo', { token: 'the-token' }],
    ['GET', '/oauth/gm/the-grant', 'gm', { accessToken: 'the-token', gmAction: 'QUERY', grantId: 'the-grant' }],
    ['DELETE', '/oauth/gm/the-grant', 'gm', { accessToken: 'the-token', gmAction: 'REVOKE', grantId: 'the-grant' }],
  ])('given %s %s, then the engine gets the proof', async (method, path, operation, asked) => {
    const { fetch, calls } = await start(() => ({ action: 'UNAUTHORIZED', responseContent: 'DPoP', ...result }))
    await fetch(`${path}?a=b`, { method, headers })
    expect(calls).toEqual([{ operation, body: { ...asked, dpop: 'the-proof', htm: method, htu: issuer + path } }])
  })

  it.each(['/oauth/userinfo', '/oauth/gm/the-grant'])(
    '§7.2: given a bearer token at %s, then a proof beside it is not passed on',
    async (path) => {
      const { fetch, calls } = await start(() => ({ action: 'UNAUTHORIZED', responseContent: 'DPoP', ...result }))
      await fetch(path, { headers: { ...headers, Authorization: 'Bearer the-token' } })
      expect(calls.map(({ body }) => Object.keys(body).filter((name) => /^(dpop|ht)/.test(name)))).toEqual([[]])
    },
  )

  it('given the scheme DPoP without a proof, then 401 with a challenge, and the engine is not asked', async () => {
    const { fetch, calls } = await start(() => ({ action: 'UNAUTHORIZED', responseContent: 'DPoP', ...result }))
    const res = await fetch('/oauth/userinfo', { headers: { Authorization: 'DPoP the-token' } })
    expect(res.status).toBe(401)
    expect(res.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_dpop_proof"/)
    expect(calls).toEqual([])
  })
})

describe('RFC 9449 §8.2: the nonce goes out with every answer that has one', () => {
  it.each<[string, string, number, object]>([
    ['/oauth/token', 'OK', 200, json],
    ['/oauth/token', 'BAD_REQUEST', 400, json],
    ['/oauth/token', 'INVALID_CLIENT', 401, json],
    ['/oauth/par', 'CREATED', 201, { ...json, requestUri: 'urn:x' }],
    ['/oauth/par', 'BAD_REQUEST', 400, json],
    ['/oauth/userinfo', 'UNAUTHORIZED', 401, { responseContent: 'DPoP error="use_dpop_nonce"', ...result }],
    ['/oauth/userinfo', 'FORBIDDEN', 403, { responseContent: 'DPoP error="insufficient_scope"', ...result }],
  ])('given %s and %s, then %i and one DPoP-Nonce', async (path, action, status, answer) => {
    const { post } = await start(() => ({ action, ...answer, dpopNonce: 'the-nonce' }))
    const res = await post(path, 'a=1', { DPoP: 'the-proof', ...authorizationFor(path) })
    expect([res.status, res.headers.get('dpop-nonce')]).toEqual([status, 'the-nonce'])
  })

  it('given that claims are issued, then it goes with them', async () => {
    const allowed = { action: 'OK', subject: 's', token: 't', claims: [], dpopNonce: 'the-nonce', ...result }
    const { fetch } = await start(({ operation }) =>
      operation === 'auth/userinfo' ? allowed : { action: 'JSON', responseContent: '{"sub":"s"}', ...result },
    )
    const res = await fetch('/oauth/userinfo', { headers: { Authorization: 'DPoP the-token', DPoP: 'the-proof' } })
    expect([res.status, res.headers.get('dpop-nonce')]).toEqual([200, 'the-nonce'])
  })

  it('given the grant management endpoint, then with 204 as well', async () => {
    const { fetch } = await start(() => ({ action: 'NO_CONTENT', dpopNonce: 'the-nonce', ...result }))
    const headers = { Authorization: 'DPoP the-token', DPoP: 'the-proof' }
    const res = await fetch('/oauth/gm/the-grant', { method: 'DELETE', headers })
    expect([res.status, res.headers.get('dpop-nonce')]).toEqual([204, 'the-nonce'])
  })

  it('given none, then there is no such header', async () => {
    const { post } = await start(() => ({ action: 'BAD_REQUEST', ...json }))
    expect((await post('/oauth/token', 'a=1')).headers.has('dpop-nonce')).toBe(false)
  })
})

describe('RFC 9449 and scripts of other origins', () => {
  it('given a listed origin, then it may send proofs and read nonces', async () => {
    const origin = 'https://app.example'
    const { post, fetch } = await start(() => ({ action: 'BAD_REQUEST', ...json }), { CORS_ORIGINS: origin })
    const asked = await fetch('/oauth/token', { method: 'OPTIONS', headers: { Origin: origin } })
    expect(asked.headers.get('access-control-allow-headers')).toContain('DPoP')
    const answered = await post('/oauth/token', 'a=1', { Origin: origin })
    expect(answered.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce')
  })
})

function authorizationFor(path: string): Record<string, string> {
  return path === '/oauth/userinfo' ? { Authorization: 'DPoP the-token' } : {}
}

/** A post with two DPoP headers; `fetch` would join them. */
function postTwice(url: string): Promise<void> {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', DPoP: ['the-proof', 'the-proof'] }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (res) => {
      res.resume().on('end', resolve)
    })
    sent.on('error', reject)
    sent.end('grant_type=x')
  })
}
