import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client, Service } from '../../sdk/types.ts'
import type { Conversation, TokenResponse } from './conversation.ts'
import { codeParameters, converse, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation

beforeAll(async () => {
  under = await openTestEngine()
  engine = converse(under)
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

/** A day for the service's own tokens, so that whatever else is said is shorter. */
const day = { accessTokenDuration: 86_400, refreshTokenDuration: 86_400, idTokenDuration: 86_400 }

const limited = (key: string, value: string) => [
  { name: 'openid' },
  { name: 'email' },
  { name: 'notes:read', attributes: [{ key, value }] },
  { name: 'notes:write', attributes: [{ key, value: '90' }] },
  {
    name: 'pay',
    attributes: [
      { key: 'regex', value: 'pay:[0-9]+' },
      { key, value: '30' },
    ],
  },
]

async function setService(settings: Service): Promise<void> {
  const params = { path: { serviceId: String(under.serviceId) } }
  const body = { issuer: testIssuer, supportedScopes: limited('x', ''), ...testEndpoints, ...day, ...settings }
  await ask(under.engine.POST('/api/{serviceId}/service/update', { params, body }))
}

async function obtain(settings: Client = {}, scope = 'openid notes:read'): Promise<TokenResponse> {
  const client = await engine.registerClient(settings)
  return engine.obtainTokens(client, { parameters: { scope } })
}

async function refresh(refresh_token: string | undefined, of: { clientId: string; clientSecret: string }) {
  return engine.token({ grant_type: 'refresh_token', refresh_token: refresh_token ?? '' }, of)
}

const isActive = async ({ access_token }: TokenResponse) => (await engine.introspect(access_token))['active']

describe('RFC 6749 §5.1: how long tokens live, to the second; the shortest wins', () => {
  const accessTokens: [string, Service, Client, string, number][] = [
    ['the service', { accessTokenDuration: 60 }, {}, 'openid', 60],
    ['the client', {}, { extension: { accessTokenDuration: 50 } }, 'openid', 50],
    [
      'the service, where the client says more',
      { accessTokenDuration: 60 },
      { extension: { accessTokenDuration: 70 } },
      'openid',
      60,
    ],
    [
      'the service, where the client says 0',
      { accessTokenDuration: 60 },
      { extension: { accessTokenDuration: 0 } },
      'openid',
      60,
    ],
    ['a scope', { supportedScopes: limited('access_token.duration', '40') }, {}, 'notes:read', 40],
    [
      'the shortest of two scopes',
      { supportedScopes: limited('access_token.duration', '40') },
      {},
      'notes:read notes:write',
      40,
    ],
    ['no scope that is not granted', { supportedScopes: limited('access_token.duration', '40') }, {}, 'openid', 86_400],
    ['no scope that says 0', { supportedScopes: limited('access_token.duration', '0') }, {}, 'notes:read', 86_400],
    [
      'the scope that a value counts as',
      { supportedScopes: limited('access_token.duration', '40') },
      {},
      'notes:read pay:12',
      30,
    ],
  ]
  it.each(accessTokens)('given an access token, then %s decides', async (_, service, client, scope, seconds) => {
    await setService(service)
    const tokens = await obtain(client, scope)
    expect(tokens.expires_in).toBe(seconds)
    under.clock.advance(seconds - 1)
    expect(await isActive(tokens)).toBe(true)
    under.clock.advance(1)
    expect(await isActive(tokens)).toBe(false)
  })

  const refreshTokens: [string, Service, Client, string, number][] = [
    ['the service', { refreshTokenDuration: 700 }, {}, 'openid', 700],
    ['the client', {}, { extension: { refreshTokenDuration: 600 } }, 'openid', 600],
    [
      'the shortest scope',
      { supportedScopes: limited('refresh_token.duration', '500') },
      {},
      'notes:read notes:write',
      90,
    ],
    [
      'the service, where a scope says more',
      { refreshTokenDuration: 400, supportedScopes: limited('refresh_token.duration', '500') },
      {},
      'notes:read',
      400,
    ],
  ]
  it.each(refreshTokens)('given a refresh token, then %s decides', async (_, service, settings, scope, seconds) => {
    await setService(service)
    const client = await engine.registerClient(settings)
    const [early, late] = await Promise.all(
      [1, 2].map(() => engine.obtainTokens(client, { parameters: { scope }, issue: {} })),
    )
    under.clock.advance(seconds - 1)
    expect((await refresh(early?.refresh_token, client)).action).toBe('OK')
    under.clock.advance(1)
    expect(await refresh(late?.refresh_token, client)).toMatchObject({ resultCode: 'A053305' })
  })

  const idTokens: [string, Service, Client, string, number][] = [
    ['the service', { idTokenDuration: 300 }, {}, 'openid', 300],
    ['the client', {}, { extension: { idTokenDuration: 200 } }, 'openid', 200],
    ['a scope', { supportedScopes: limited('id_token.duration', '100') }, {}, 'openid notes:read', 100],
  ]
  it.each(idTokens)('given an ID token, then %s decides', async (_, service, client, scope, seconds) => {
    await setService(service)
    const { exp = 0, iat = 0 } = decodeJwt((await obtain(client, scope)).id_token ?? '')
    expect(exp - iat).toBe(seconds)
  })

  it('given durations with the token request, then they shorten what it makes, and lengthen nothing', async () => {
    await setService({ accessTokenDuration: 600, refreshTokenDuration: 600 })
    const client = await engine.registerClient()
    const redeem = async (durations: object) => {
      const { code, codeVerifier } = await engine.obtainCode(client)
      return engine.token(codeParameters(client, code, codeVerifier), client, durations)
    }
    expect(await redeem({ accessTokenDuration: 9, refreshTokenDuration: 99 })).toMatchObject({
      accessTokenDuration: 9,
      refreshTokenExpiresAt: under.clock.now().getTime() + 99_000,
      refreshTokenDuration: 99,
    })
    expect(await redeem({ accessTokenDuration: 999, refreshTokenDuration: 9_999 })).toMatchObject({
      accessTokenDuration: 600,
      refreshTokenExpiresAt: under.clock.now().getTime() + 600_000,
    })
    const machine = { grant_type: 'client_credentials', scope: 'notes:read' }
    expect(await engine.token(machine, client, { accessTokenDuration: 5 })).toMatchObject({ accessTokenDuration: 5 })
  })

  it.each<[Service, number]>([
    [{}, 600],
    [{ refreshTokenDurationKept: true }, 500],
    [{ refreshTokenKept: true }, 500],
    [{ refreshTokenKept: true, refreshTokenDurationReset: true }, 600],
  ])('given %o and a duration with the refresh, then the shortest counts', async (settings, seconds) => {
    await setService({ refreshTokenDuration: 600, ...settings })
    const client = await engine.registerClient()
    const left = async (durations: object) => {
      const { refresh_token = '' } = await engine.obtainTokens(client)
      under.clock.advance(100)
      const answer = await engine.token({ grant_type: 'refresh_token', refresh_token }, client, durations)
      if (answer.action !== 'OK') throw new Error(answer.resultMessage)
      return (answer.refreshTokenExpiresAt ?? 0) - under.clock.now().getTime()
    }
    expect(await left({})).toBe(seconds * 1000)
    expect(await left({ refreshTokenDuration: 9_999 })).toBe(seconds * 1000)
    expect(await left({ refreshTokenDuration: 60 })).toBe(60_000)
  })

  it('given new settings, then what is out keeps its dates', async () => {
    await setService({ accessTokenDuration: 600 })
    const tokens = await obtain()
    await setService({ accessTokenDuration: 10 })
    under.clock.advance(599)
    expect(await isActive(tokens)).toBe(true)
  })

  it('given tokenExpirationLinked, then no access token outlives its refresh token; otherwise it may', async () => {
    const settings = { accessTokenDuration: 600, refreshTokenDuration: 60 }
    await setService({ ...settings, tokenExpirationLinked: true })
    expect((await obtain()).expires_in).toBe(60)
    const client = await engine.registerClient()
    const alone = await engine.token({ grant_type: 'client_credentials', scope: 'notes:read' }, client)
    expect(tokensOf(alone).expires_in).toBe(600)
    await setService(settings)
    expect((await obtain()).expires_in).toBe(600)
  })

  it.each(['soon', '-1', '1.5', '', '1e3', '01'])(
    'given the duration %j of a scope, then it is refused',
    async (value) => {
      await expect(setService({ supportedScopes: limited('id_token.duration', value) })).rejects.toMatchObject({
        status: 400,
        resultCode: 'A970201',
      })
    },
  )
})

describe('RFC 7519 §2: one end, whoever says it', () => {
  it.each<[string, Service, { refreshTokenDuration?: number }]>([
    ['of an identifier', {}, {}],
    ['of a JWT', { accessTokenSignAlg: 'ES256' }, {}],
    ['that the person chose', { accessTokenDuration: 600 }, { refreshTokenDuration: 60 }],
    ['of the refresh token', { refreshTokenDuration: 60, tokenExpirationLinked: true, accessTokenDuration: 600 }, {}],
  ])('given a clock between two seconds and the end %s, then it is the same everywhere', async (_, settings, issue) => {
    await setService({ accessTokenDuration: 60, ...settings })
    under.clock.advance(1 - (under.clock.now().getTime() % 1000) / 1000 + 0.46)
    const client = await engine.registerClient()
    const { code, codeVerifier } = await engine.obtainCode(client, { issue })
    const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
    const { access_token, expires_in } = tokensOf(answer)
    const iat = Math.floor(under.clock.now().getTime() / 1000)
    const exp = iat + 60
    expect(expires_in).toBe(60)
    expect(answer).toMatchObject({ accessTokenDuration: 60, accessTokenExpiresAt: exp * 1000 })
    expect(await engine.introspect(access_token)).toMatchObject({ iat, exp })
    expect(await engine.inspect({ token: access_token })).toMatchObject({ expiresAt: exp * 1000 })
    if (settings.accessTokenSignAlg) expect(decodeJwt(access_token)).toMatchObject({ iat, exp })
    under.clock.advance(59.539)
    expect((await engine.introspect(access_token))['active']).toBe(true)
    under.clock.advance(0.001)
    expect((await engine.introspect(access_token))['active']).toBe(false)
  })

  it('given a clock between two seconds, then refresh tokens end on the second, too, and a kept one again', async () => {
    await setService({ refreshTokenDuration: 60, refreshTokenKept: true, refreshTokenDurationReset: true })
    under.clock.advance(1 - (under.clock.now().getTime() % 1000) / 1000 + 0.46)
    const client = await engine.registerClient()
    const { refresh_token = '' } = await engine.obtainTokens(client)
    under.clock.advance(9.3)
    const second = Math.floor(under.clock.now().getTime() / 1000)
    expect(await refresh(refresh_token, client)).toMatchObject({ refreshTokenExpiresAt: (second + 60) * 1000 })
    under.clock.advance(60)
    expect(await refresh(refresh_token, client)).toMatchObject({ resultCode: 'A053305' })
  })
})

describe('RFC 6749 §1.5: an access token that expired before its refresh token', () => {
  it.each(['an identifier', 'a JWT'])(
    'given %s, then the purge changes nothing that is said of it, and it can still end the refresh token',
    async (kind) => {
      await setService({ accessTokenDuration: 60, ...(kind === 'a JWT' && { accessTokenSignAlg: 'ES256' }) })
      const client = await engine.registerClient()
      const { access_token, refresh_token } = await engine.obtainTokens(client)
      under.clock.advance(60)
      const before = await engine.inspect({ token: access_token })
      expect(before).toMatchObject({ resultCode: 'A065301', existent: true, usable: false, refreshable: true })
      while (await under.storage.purgeExpired(under.clock.now(), 100));
      expect(await engine.inspect({ token: access_token })).toEqual(before)
      await under.call('DELETE', `/${under.serviceId}/auth/token/delete/${access_token}`)
      expect(await refresh(refresh_token, client)).toMatchObject({ resultCode: 'A053305' })
    },
  )
})

describe('RFC 6749 §1.5: a whole life, with the clock moved', () => {
  it('given issue, refresh and rotation, then each ends in its time, and at last nothing is left of it', async () => {
    await setService({ accessTokenDuration: 600, refreshTokenDuration: 3_600 })
    const client = await engine.registerClient()
    const first = await engine.obtainTokens(client)
    under.clock.advance(599)
    expect(await isActive(first)).toBe(true)
    const second = tokensOf(await refresh(first.refresh_token, client))
    expect([await isActive(first), await isActive(second)]).toEqual([false, true])
    under.clock.advance(3_599)
    expect(await isActive(second)).toBe(false)
    const third = tokensOf(await refresh(second.refresh_token, client))
    expect(await isActive(third)).toBe(true)
    under.clock.advance(3_600)
    expect(await refresh(third.refresh_token, client)).toMatchObject({ resultCode: 'A053305' })
    // The code of it is known a day longer, RFC 6749 §4.1.2.
    under.clock.advance(86_400)
    while (await under.storage.purgeExpired(under.clock.now(), 100));
    expect(await engine.inspect({ token: third.access_token })).toMatchObject({
      existent: false,
      resultCode: 'A057302',
    })
    const all = await under.storage.listAccessTokens(under.serviceId, {}, { start: 0, end: 9 }, new Date(0))
    expect(all.totalCount).toBe(0)
  })
})
