import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Service } from '../../sdk/types.ts'
import { makeProofKey } from '../dpop-proof.ts'
import type { Conversation, Parameters, RegisteredTestClient, TokenExtras } from './conversation.ts'
import { codeParameters, converse, errorOf, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine()
  engine = converse(under)
})

beforeEach(async () => {
  await setService({ refreshTokenIdempotent: true })
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

async function setService(settings: Service): Promise<void> {
  const params = { path: { serviceId: String(under.serviceId) } }
  const body = { issuer: testIssuer, supportedScopes: testScopes, ...testEndpoints, ...settings }
  await ask(under.engine.POST('/api/{serviceId}/service/update', { params, body }))
}

const refresh = (refresh_token = '', more: Record<string, string> = {}, extras?: TokenExtras, of = client) => {
  const parameters: Parameters = { grant_type: 'refresh_token', refresh_token, ...more }
  return engine.token(parameters, of, extras)
}

const isActive = async (token: string) => (await engine.introspect(token))['active']

describe('RFC 9700 §4.14.2: a refresh whose answer was lost is repeated (refreshTokenIdempotent)', () => {
  it('given the same request again, then the same tokens, and it is said so', async () => {
    const { refresh_token } = await engine.obtainTokens(client)
    const first = await refresh(refresh_token)
    const tokens = tokensOf(first)
    expect(first).not.toHaveProperty('previousRefreshTokenUsed')
    under.clock.advance(30)
    const second = await refresh(refresh_token)
    expect(second).toMatchObject({
      action: 'OK',
      previousRefreshTokenUsed: true,
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      accessTokenDuration: 570,
    })
    expect(jsonOf(second)).toMatchObject({ expires_in: 570, scope: tokens.scope })
    expect(await refresh(refresh_token, {}, { accessTokenDuration: 5 })).toMatchObject({ accessTokenDuration: 570 })
    expect(await isActive(tokens.access_token)).toBe(true)
  })

  it('given sixty seconds, then it is a replay, and the family ends', async () => {
    const { refresh_token } = await engine.obtainTokens(client)
    const next = tokensOf(await refresh(refresh_token))
    under.clock.advance(59)
    expect((await refresh(refresh_token)).action).toBe('OK')
    under.clock.advance(1)
    expect(await refresh(refresh_token)).toMatchObject({ resultCode: 'A953304' })
    expect(await isActive(next.access_token)).toBe(false)
    expect(errorOf(await refresh(next.refresh_token))).toBe('invalid_grant')
  })

  it('given that the successor has expired, then there is nothing to repeat, and it is no replay', async () => {
    await setService({ refreshTokenIdempotent: true, accessTokenDuration: 600, refreshTokenDuration: 40 })
    const { refresh_token } = await engine.obtainTokens(client)
    const next = tokensOf(await refresh(refresh_token))
    under.clock.advance(39)
    expect((await refresh(refresh_token)).action).toBe('OK')
    under.clock.advance(1)
    expect(await refresh(refresh_token)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A053305' })
    expect(await isActive(next.access_token)).toBe(true)
  })

  it('given that the successor was used, then the one before it is a replay at once', async () => {
    const { refresh_token } = await engine.obtainTokens(client)
    const next = tokensOf(await refresh(refresh_token))
    const last = tokensOf(await refresh(next.refresh_token))
    expect(await refresh(refresh_token)).toMatchObject({ resultCode: 'A953304' })
    expect(await isActive(last.access_token)).toBe(false)
  })

  it('given a service that does not want it, then a repeat is a replay', async () => {
    await setService({ refreshTokenIdempotent: false })
    const { refresh_token } = await engine.obtainTokens(client)
    const next = tokensOf(await refresh(refresh_token))
    expect(await refresh(refresh_token)).toMatchObject({ resultCode: 'A953304' })
    expect(await isActive(next.access_token)).toBe(false)
  })

  it('given another client, then it gets nothing, and nothing ends', async () => {
    const { refresh_token } = await engine.obtainTokens(client)
    const next = tokensOf(await refresh(refresh_token))
    const other = await engine.registerClient()
    expect(errorOf(await refresh(refresh_token, {}, {}, other))).toBe('invalid_grant')
    expect(await isActive(next.access_token)).toBe(true)
  })

  it('given a revocation in between, then there is nothing to repeat', async () => {
    const { refresh_token } = await engine.obtainTokens(client)
    const next = tokensOf(await refresh(refresh_token))
    await engine.revoke({ token: next.access_token }, client)
    expect(errorOf(await refresh(refresh_token))).toBe('invalid_grant')
  })

  it('given fewer scopes in the repeat, then another access token with the same refresh token; the first one ends', async () => {
    const { refresh_token } = await engine.obtainTokens(client)
    const first = tokensOf(await refresh(refresh_token))
    const second = tokensOf(await refresh(refresh_token, { scope: 'notes:read' }))
    expect(second).toMatchObject({ scope: 'notes:read', refresh_token: first.refresh_token })
    expect([await isActive(first.access_token), await isActive(second.access_token)]).toEqual([false, true])
    expect(await refresh(refresh_token, { scope: 'notes:read' })).toMatchObject({ accessToken: second.access_token })
    expect(errorOf(await refresh(refresh_token, { scope: 'openid profile' }))).toBe('invalid_scope')
  })

  it('RFC 9449 §5: given another key in the repeat, then an access token for that key', async () => {
    const prove = async () => {
      const key = await makeProofKey()
      return { dpop: await key.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() }) }
    }
    const { code, codeVerifier } = await engine.obtainCode(client)
    const start = tokensOf(await engine.token(codeParameters(client, code, codeVerifier), client, await prove()))
    const first = tokensOf(await refresh(start.refresh_token, {}, await prove()))
    const second = tokensOf(await refresh(start.refresh_token, {}, await prove()))
    expect(second.refresh_token).toBe(first.refresh_token)
    expect(second.access_token).not.toBe(first.access_token)
    expect(await refresh(start.refresh_token)).toMatchObject({ resultCode: 'A953305' })
    expect(await isActive(second.access_token)).toBe(true)
    expect((await refresh(second.refresh_token, {}, await prove())).action).toBe('OK')
  })

  it('RFC 9449 §5: given the first proof in the repeat, then a refusal that ends nothing: it would bind what is out already', async () => {
    const key = await makeProofKey()
    const now = under.clock.now()
    const dpop = await key.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now })
    const { refresh_token } = await engine.obtainTokens(client)
    const next = tokensOf(await refresh(refresh_token))
    expect(await refresh(refresh_token, {}, { dpop })).toMatchObject({ resultCode: 'A053305' })
    expect(await isActive(next.access_token)).toBe(true)
  })

  it('given a new first key of the service in between, then still the same tokens; without the old one, a refusal that ends nothing', async () => {
    const makeKey = async (kid: string) => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true })
      return { ...(await exportJWK(privateKey)), kid, use: 'sig', alg: 'ES256' }
    }
    const [old, fresh] = [await makeKey('old'), await makeKey('new')]
    const use = (...keys: object[]) => setService({ refreshTokenIdempotent: true, jwks: JSON.stringify({ keys }) })
    await use(old)
    const { refresh_token } = await engine.obtainTokens(client)
    const next = tokensOf(await refresh(refresh_token))
    await use(fresh, old)
    expect(await refresh(refresh_token)).toMatchObject({
      accessToken: next.access_token,
      refreshToken: next.refresh_token,
    })
    await use(fresh)
    expect(await refresh(refresh_token)).toMatchObject({ resultCode: 'A053305' })
    expect((await refresh(next.refresh_token)).action).toBe('OK')
  })

  it('RFC 9068: given signed access tokens, then the repeat signs about the same record', async () => {
    await setService({ refreshTokenIdempotent: true, accessTokenSignAlg: 'ES256' })
    const { refresh_token } = await engine.obtainTokens(client)
    const jwts = [tokensOf(await refresh(refresh_token)), tokensOf(await refresh(refresh_token))]
    const ids = jwts.map(({ access_token }) => Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString())
    expect(ids[1]).toBe(ids[0])
    for (const { access_token } of jwts) expect(await isActive(access_token)).toBe(true)
  })

  it('given 100 at once, then one pair of tokens', async () => {
    const { refresh_token } = await engine.obtainTokens(client)
    const answers = await Promise.all(Array.from({ length: 100 }, () => refresh(refresh_token)))
    const pairs = answers.map(tokensOf).map((tokens) => `${tokens.access_token} ${String(tokens.refresh_token)}`)
    expect(new Set(pairs).size).toBe(1)
    expect(answers.filter((answer) => !('previousRefreshTokenUsed' in answer))).toHaveLength(1)
  })
})

describe('OIDC Core §11: openidDroppedOnRefreshWithoutOfflineAccess', () => {
  const scopesAfterRefresh = async (scope: string) => {
    const parameters = { scope, prompt: 'consent' }
    const { refresh_token } = await engine.obtainTokens(client, { parameters })
    return tokensOf(await refresh(refresh_token))
  }

  it('given it is set, then openid stays only where offline_access was granted', async () => {
    await setService({ openidDroppedOnRefreshWithoutOfflineAccess: true })
    const without = await scopesAfterRefresh('openid notes:read')
    expect(without.scope).toBe('notes:read')
    expect(without.id_token).toBeUndefined()
    const offline = await scopesAfterRefresh('openid notes:read offline_access')
    expect(offline.scope).toBe('openid notes:read offline_access')
    expect(offline.id_token).toBeDefined()
  })

  it('given it is set and nothing but openid was granted, then nothing is left, and the refresh token stays', async () => {
    await setService({ openidDroppedOnRefreshWithoutOfflineAccess: true })
    const { refresh_token = '' } = await engine.obtainTokens(client, { parameters: { scope: 'openid' } })
    expect(errorOf(await refresh(refresh_token))).toBe('invalid_scope')
    await setService({})
    expect((await refresh(refresh_token)).action).toBe('OK')
  })

  it('given it is not set, then openid stays', async () => {
    expect((await scopesAfterRefresh('openid notes:read')).scope).toBe('openid notes:read')
  })
})

describe('One access token for a subject and a client (singleAccessTokenPerSubject)', () => {
  it.each(['service', 'client'] as const)(
    'given it is set for the %s, then an authorization ends the others',
    async (who) => {
      if (who === 'service') await setService({ singleAccessTokenPerSubject: true })
      const single = await engine.registerClient({ singleAccessTokenPerSubject: who === 'client' })
      const first = await engine.obtainTokens(single)
      const [ofOther, own] = [await engine.obtainTokens(single, { subject: 'subject-2' }), await ownToken(single)]
      const waiting = await engine.obtainCode(single)
      const second = await engine.obtainTokens(single)
      expect(await isActive(first.access_token)).toBe(false)
      expect(errorOf(await refresh(first.refresh_token, {}, {}, single))).toBe('invalid_grant')
      for (const token of [second, ofOther, own]) expect(await isActive(token.access_token)).toBe(true)
      const third = await engine.token(codeParameters(single, waiting.code, waiting.codeVerifier), single)
      expect([await isActive(second.access_token), third.action]).toEqual([false, 'OK'])
      const fourth = tokensOf(await refresh(tokensOf(third).refresh_token, {}, {}, single))
      expect(await isActive(fourth.access_token)).toBe(true)
    },
  )

  it('given it is not set, then they live side by side', async () => {
    const tokens = [await engine.obtainTokens(client), await engine.obtainTokens(client)]
    for (const { access_token } of tokens) expect(await isActive(access_token)).toBe(true)
  })

  const ownToken = async (of: RegisteredTestClient) =>
    tokensOf(await engine.token({ grant_type: 'client_credentials', scope: 'notes:read' }, of))
})
