import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Question, Service } from '../../sdk/types.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { converse, errorOf, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

function start(settings: Service): void {
  beforeAll(async () => {
    under = await openTestEngine(settings)
    engine = converse(under)
  })
  beforeEach(async () => {
    client = await engine.registerClient()
  })
  afterAll(async () => {
    expect(under.failures).toEqual([])
    await under.close()
  })
}

const update = (body: Question<'auth_token_update_api'>) => {
  const params = { path: { serviceId: String(under.serviceId) } }
  return ask(under.engine.POST('/api/{serviceId}/auth/token/update', { params, body }))
}
const refresh = (refresh_token = '', more = {}) =>
  engine.token({ grant_type: 'refresh_token', refresh_token }, client, more)

/** An instant from now. */
const inSeconds = (seconds: number) => under.clock.now().getTime() + seconds * 1000

describe('auth/token/update: when tokens expire', () => {
  start({ accessTokenDuration: 7_200, refreshTokenDuration: 3_600 })

  it.each(['accessTokenExpiresAt', 'refreshTokenExpiresAt'])(
    'given %s after the last instant that there is, then 400; given the last, then it is that',
    async (member) => {
      const { access_token: accessToken } = await engine.obtainTokens(client)
      const path = `/${under.serviceId}/auth/token/update`
      const set = (time: number) => under.call('POST', path, { body: { accessToken, [member]: time } })
      expect((await set(8.64e15 + 1)).status).toBe(400)
      expect((await set(8.64e15)).json).toMatchObject({ action: 'OK', [member]: 8.64e15 })
    },
  )

  it('RFC 6749 §1.5: given a refresh token that lives, then it gets a new end; given one that has expired, then none', async () => {
    const { access_token, refresh_token } = await engine.obtainTokens(client)
    const end = inSeconds(3_700)
    expect(await update({ accessToken: access_token, refreshTokenExpiresAt: end })).toMatchObject({
      refreshTokenExpiresAt: end,
    })
    under.clock.advance(3_700)
    const late = {
      refreshTokenExpiresAt: inSeconds(60),
      scopes: ['openid'],
      refreshTokenExpiresAtUpdatedOnScopeUpdate: true,
    }
    expect(await update({ accessToken: access_token, ...late })).toMatchObject({
      action: 'OK',
      refreshTokenExpiresAt: end,
    })
    expect(errorOf(await refresh(refresh_token))).toBe('invalid_grant')
  })
})

describe('auth/token/update and a refresh at the same time', () => {
  start({ refreshTokenIdempotent: true })

  it.each([false, true])(
    'given both succeed, then the tokens of the next refresh have the properties (the value is new: %s)',
    async (accessTokenValueUpdated) => {
      const properties = [{ key: 'tier', value: 'b' }]
      for (let round = 0; round < 20; round += 1) {
        const { access_token: accessToken, refresh_token } = await engine.obtainTokens(client)
        const change = () => update({ accessToken, properties, accessTokenValueUpdated })
        const [changed, refreshed] = await Promise.all([change(), refresh(refresh_token)])
        // The refresh was first: there was nothing left to change.
        if (changed.action === 'NOT_FOUND') continue
        expect(changed.action).toBe('OK')
        expect(jsonOf(refreshed)['tier']).toBe('b')
        expect(jsonOf(await refresh(String(jsonOf(refreshed)['refresh_token'])))['tier']).toBe('b')
      }
    },
  )
})

describe('RFC 9068: where access tokens are JWTs', () => {
  start({ accessTokenSignAlg: 'ES256' })

  const tooMuch = [{ key: 'k', value: 'x'.repeat(9_000) }]
  const hidden = tooMuch.map((property) => ({ ...property, hidden: true }))

  it('given the wish for a new value, then it is a JWT that says what the token is now', async () => {
    const { access_token } = await engine.obtainTokens(client)
    const properties = [{ key: 'tier', value: 'b' }]
    const dpopKeyThumbprint = 'k'.repeat(43)
    const change = { scopes: ['notes:read'], properties, dpopKeyThumbprint, accessTokenExpiresAt: inSeconds(90) }
    const answer = await update({ accessToken: access_token, accessTokenValueUpdated: true, ...change })
    if (answer.action !== 'OK' || answer.accessToken === undefined) throw new Error(answer.resultMessage)
    const before = decodeJwt(access_token)
    const now = decodeJwt(answer.accessToken)
    expect(now).toMatchObject({
      scope: 'notes:read',
      tier: 'b',
      cnf: { jkt: dpopKeyThumbprint },
      exp: inSeconds(90) / 1000,
    })
    for (const name of ['iss', 'sub', 'aud', 'client_id']) expect(now[name]).toEqual(before[name])
    expect(await engine.introspect(answer.accessToken)).toMatchObject({ active: true, tier: 'b' })
    expect(await engine.introspect(access_token)).toEqual({ active: false })
  })

  it.each([false, true])(
    'given properties that no JWT has room for, then the caller is told, and nothing is changed (the value is new: %s)',
    async (accessTokenValueUpdated) => {
      const { access_token: accessToken, refresh_token } = await engine.obtainTokens(client)
      const answer = await update({ accessToken, properties: tooMuch, accessTokenValueUpdated })
      expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A950309' })
      expect(await update({ accessToken, properties: hidden })).toMatchObject({ action: 'OK' })
      expect((await refresh(refresh_token)).action).toBe('OK')
    },
  )

  it('given them with a token request, then the front-end is at fault, not the client, and nothing is spent', async () => {
    const { refresh_token } = await engine.obtainTokens(client)
    const refused = await refresh(refresh_token, { properties: tooMuch })
    expect(refused).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A950309' })
    expect(errorOf(refused)).toBe('server_error')
    expect(tokensOf(await refresh(refresh_token, { properties: hidden })).access_token).toContain('.')
  })

  it('given them for tokens that no client asked for, then the caller is told', async () => {
    const params = { path: { serviceId: String(under.serviceId) } }
    const body = { grantType: 'CLIENT_CREDENTIALS' as const, clientId: client.numericId, properties: tooMuch }
    const answer = await ask(under.engine.POST('/api/{serviceId}/auth/token/create', { params, body }))
    expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A950309' })
  })
})
