import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppUnderTest, EngineCall } from './app-under-test.ts'
import { startApp } from './app-under-test.ts'

let app: AppUnderTest
let time = Date.parse('2026-01-01T00:00:00Z')

const right = 'the-secret'
const basic = (id: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

beforeAll(async () => {
  const refused = {
    action: 'INVALID_CLIENT',
    resultCode: 'A957313',
    resultMessage: '[A957313] No.',
    responseContent: '{"error":"invalid_client"}',
  }
  const served = { action: 'OK', resultCode: 'A050001', resultMessage: '[A050001] Yes.', responseContent: '{}' }
  // From another address by way of a proxy, which is believed here.
  const answer = ({ operation, body }: EngineCall) => {
    if (body['clientSecret'] === right) return served
    return operation === 'pushed_auth_req' ? { ...refused, action: 'UNAUTHORIZED' } : refused
  }
  app = await startApp(answer, {
    env: { TRUST_PROXY: 'loopback' },
    now: () => new Date(time),
  })
})

afterAll(() => app.close())

function ask(id: string, secret: string, { path = '/oauth/token', from = '192.0.2.1' } = {}) {
  return app.post(path, { grant_type: 'client_credentials' }, { ...basic(id, secret), 'X-Forwarded-For': from })
}

async function statusOf(...args: Parameters<typeof ask>): Promise<number> {
  const response = await ask(...args)
  await response.text()
  return response.status
}

describe('RFC 6749 §10.10: guesses of client credentials', () => {
  it('given ten wrong ones, wherever they were tried, then 429 until a minute is over; nobody else waits', async () => {
    const paths = ['/oauth/token', '/oauth/par', '/oauth/revoke']
    for (let n = 0; n < 10; n += 1) expect(await statusOf('one', `wrong-${n}`, { path: paths[n % 3] ?? '' })).toBe(401)
    const refused = await ask('one', right)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable' })
    expect(await statusOf('other', right)).toBe(200)
    expect(await statusOf('one', right, { from: '192.0.2.2' })).toBe(200)
    time += 60_001
    expect(await statusOf('one', right)).toBe(200)
  })

  it('given a network of IPv6, then its addresses are one', async () => {
    for (let n = 0; n < 10; n += 1) {
      expect(await statusOf('two', 'wrong', { from: `2001:db8:1:2::${n.toString(16)}` })).toBe(401)
    }
    expect(await statusOf('two', right, { from: '2001:db8:1:2:ffff::1' })).toBe(429)
    expect(await statusOf('two', right, { from: '2001:db8:1:3::1' })).toBe(200)
  })

  it('given many that are right, at once and before a few wrong ones, then none is counted', async () => {
    const served = await Promise.all(Array.from({ length: 60 }, () => statusOf('three', right)))
    expect(new Set(served)).toEqual(new Set([200]))
    expect(await statusOf('three', 'wrong')).toBe(401)
    expect(await statusOf('three', right)).toBe(200)
  })

  it('given the id in the form, or in an assertion, then it is counted for that client', async () => {
    const claims = Buffer.from(JSON.stringify({ sub: 'four' })).toString('base64url')
    const assertion = { client_assertion: `e30.${claims}.x`, client_assertion_type: 'x' }
    const headers = { 'X-Forwarded-For': '192.0.2.1' }
    const ways = [{ client_id: 'four', client_secret: 'wrong' }, assertion, { client_id: '', ...assertion }]
    for (let n = 0; n < 10; n += 1) {
      expect((await app.post('/oauth/token', ways[n % 3] ?? {}, headers)).status).toBe(401)
    }
    expect((await app.post('/oauth/token', assertion, headers)).status).toBe(429)
    expect((await app.post('/oauth/token', { client_id: 'five' }, headers)).status).toBe(401)
  })

  it('given the first wrong ones at once, then each is counted, and for nobody else', async () => {
    time += 120_000
    const guesses = Array.from({ length: 10 }, (_, n) => statusOf('six', `wrong-${n}`))
    expect(new Set(await Promise.all(guesses))).toEqual(new Set([401]))
    expect([await statusOf('six', right), await statusOf('seven', right)]).toEqual([429, 200])
    time += 60_000
    expect(await statusOf('six', right)).toBe(200)
  })

  it('given two names that failed one after the other, then each is remembered for a minute of its own', async () => {
    time += 120_000
    for (let n = 0; n < 9; n += 1) expect(await statusOf('eight', 'wrong')).toBe(401)
    time += 59_999
    expect(await statusOf('nine', 'wrong')).toBe(401)
    time += 1
    for (let n = 0; n < 9; n += 1) expect(await statusOf('nine', 'wrong')).toBe(401)
    expect([await statusOf('eight', right), await statusOf('nine', right)]).toEqual([200, 429])
  })

  it('given credentials that cannot be read, then 401 each time, and nobody has to wait', async () => {
    time += 120_000
    const headers = { 'X-Forwarded-For': '192.0.2.1', Authorization: 'Basic !' }
    for (let n = 0; n < 11; n += 1) expect((await app.post('/oauth/token', {}, headers)).status).toBe(401)
    expect(await statusOf('ten', right)).toBe(200)
  })

  it('given requests that name no client, then none is counted: nothing was guessed', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.3' }
    const assertion = { client_assertion: 'x', client_assertion_type: 'x' }
    for (let n = 0; n < 11; n += 1) {
      const answers = [await app.post('/oauth/token', {}, headers), await app.post('/oauth/token', assertion, headers)]
      expect(answers.map(({ status }) => status)).toEqual([401, 401])
    }
  })
})
