import { afterEach, describe, expect, it } from 'vitest'
import { findGrantedItems } from '../../server/connected-apps.ts'
import { settleHoldings } from '../../server/grant-holdings.ts'
import { allow } from './allowed.ts'
import { startApp, type AppUnderTest, type EngineScript } from './app-under-test.ts'

let app: AppUnderTest | undefined

async function start(script: EngineScript): Promise<AppUnderTest> {
  app = await startApp(script)
  return app
}

afterEach(() => app?.close())

const result = { resultCode: 'A277001', resultMessage: '[A277001] test' }
const headers = { Authorization: 'Bearer the-token' }

describe('Grant Management for OAuth 2.0 §6: the grant management endpoint', () => {
  it.each([
    ['GET', 'QUERY'],
    ['DELETE', 'REVOKE'],
  ])('given %s with an access token, then the engine is asked to %s', async (method, gmAction) => {
    const { fetch, calls } = await start(() => ({ action: 'NO_CONTENT', ...result }))
    const res = await fetch('/oauth/gm/TSdqirmAxDa0_-DB_1bASQ', { method, headers })
    expect([res.status, await res.text(), res.headers.get('cache-control')]).toEqual([204, '', 'no-store'])
    const body = { gmAction, grantId: 'TSdqirmAxDa0_-DB_1bASQ', accessToken: 'the-token' }
    expect(calls).toEqual([{ operation: 'gm', body }])
  })

  it.each([
    ['given that the engine revoked it, then "connected apps" is without it', 'NO_CONTENT', 0],
    ['given that the engine did not, then it is still there', 'FORBIDDEN', 1],
  ])('§6.5: %s', async (_what, action, left) => {
    const { fetch, database } = await start(() => ({ action, responseContent: 'Bearer', ...result }))
    const now = new Date()
    await allow(database, 'jane', { clientId: 7 }, { granted: ['a'], managedTicket: 'ticket' }, now)
    await settleHoldings(
      database,
      { subject: 'jane', clientId: 7 },
      { ticket: 'ticket', grantId: 'g', replaces: false },
    )
    await fetch('/oauth/gm/g', { method: 'DELETE', headers })
    expect((await findGrantedItems(database, 'jane', 7, now)).scopes.size).toBe(left)
  })

  it('§6: given a grant, then its JSON goes out as it is, and nobody may keep it', async () => {
    const responseContent = '{"scopes":[{"scope":"openid notes:read"}],"claims":["name"]}'
    const { fetch } = await start(() => ({ action: 'OK', responseContent, ...result }))
    const res = await fetch('/oauth/gm/a', { headers })
    expect([res.status, await res.text()]).toEqual([200, responseContent])
    expect(res.headers.get('content-type')).toMatch(/^application\/json/)
    expect(res.headers.get('cache-control')).toBe('no-store')
  })

  it.each([
    ['UNAUTHORIZED', 401],
    ['FORBIDDEN', 403],
  ])('§6: given %s, then %i with the challenge of the engine', async (action, status) => {
    const { fetch } = await start(() => ({ action, responseContent: 'Bearer error="x"', ...result }))
    const res = await fetch('/oauth/gm/a', { method: 'DELETE', headers })
    expect([res.status, res.headers.get('www-authenticate')]).toEqual([status, 'Bearer error="x"'])
  })

  it.each([
    ['NOT_FOUND', 404],
    ['CALLER_ERROR', 500],
    ['AUTHLETE_ERROR', 500],
  ])('§6: given %s, then %i with the JSON of the engine', async (action, status) => {
    const { fetch } = await start(() => ({ action, responseContent: '{"error":"x"}', ...result }))
    const res = await fetch('/oauth/gm/a', { headers })
    expect([res.status, await res.json()]).toEqual([status, { error: 'x' }])
  })

  it('RFC 6750 §3.1: given no access token, then 401 with a bare challenge, and the engine is not asked', async () => {
    const { fetch, calls } = await start(() => ({ action: 'NO_CONTENT', ...result }))
    const res = await fetch('/oauth/gm/a?access_token=the-token')
    expect([res.status, res.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(calls).toEqual([])
  })

  it.each(['x'.repeat(201), 'a%2Fb', 'a%20b', '%E4%BD%A0', 'a/b', ''])(
    'given the id "%s", which no grant has, then 404 as JSON, and the engine is not asked',
    async (id) => {
      const { fetch, calls } = await start(() => ({ action: 'NO_CONTENT', ...result }))
      const res = await fetch(`/oauth/gm/${id}`, { headers: { ...headers, Accept: 'application/json' } })
      expect([res.status, await res.json()]).toEqual([404, expect.objectContaining({ error: 'not_found' })])
      expect(calls).toEqual([])
    },
  )

  it('given the longest id there is, then the engine is asked', async () => {
    const { fetch, calls } = await start(() => ({ action: 'NO_CONTENT', ...result }))
    await fetch(`/oauth/gm/${'~'.repeat(200)}`, { headers })
    expect(calls).toHaveLength(1)
  })

  it.each(['POST', 'PUT', 'HEAD', 'PATCH'])('RFC 9110 §15.5.6: given %s, then 405', async (method) => {
    const { fetch } = await start(() => ({ action: 'NO_CONTENT', ...result }))
    const res = await fetch('/oauth/gm/a', { method, headers })
    expect([res.status, res.headers.get('allow')]).toEqual([405, 'GET, DELETE'])
  })
})
