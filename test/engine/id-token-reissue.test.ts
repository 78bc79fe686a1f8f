import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Answer, Question, Service } from '../../sdk/types.ts'
import { makeDecryptionKey, setOf } from './client-keys.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { converse, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient
/** What stands at the address of a client's keys. */
let published: string | undefined

beforeAll(async () => {
  const supportedClaims = ['email', 'nickname', 'name', 'name#de', 'name#ja']
  under = await openTestEngine({ idTokenReissuable: true, supportedClaims }, async (_, { read }) =>
    published === undefined ? undefined : read({ text: published, cacheControl: 'max-age=60' }),
  )
  engine = converse(under)
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

function reissue(body: Question<'idtoken_reissue_api'>): Promise<Answer<'idtoken_reissue_api'>> {
  const params = { path: { serviceId: String(under.serviceId) } }
  return ask(under.engine.POST('/api/{serviceId}/idtoken/reissue', { params, body }))
}

/** The first tokens, and what a refresh of them answered. */
async function refreshed(asked: { scope?: string; claims?: string } = {}) {
  const scope = 'openid email notes:read'
  const claims = JSON.stringify({ id_token: { email: null, nickname: null } })
  const issue = {
    claims: JSON.stringify({ email: 'old@example.com', nickname: 'J' }),
    consentedClaims: ['email'],
    authTime: 1_795_255_200,
    acr: 'urn:example:gold',
  }
  const first = await engine.obtainTokens(client, { parameters: { scope, claims, ...asked }, issue })
  under.clock.advance(2)
  const parameters = { grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' }
  const answer = await engine.token(parameters, client)
  if (answer.action !== 'OK' && answer.action !== 'ID_TOKEN_REISSUABLE') throw new Error(answer.resultMessage)
  const { accessToken = '', refreshToken = '' } = answer
  return { first, answer, tokens: { accessToken, refreshToken } }
}

describe('OIDC Core §12.2: a new ID token for a refresh (idTokenReissuable)', () => {
  it('given a refresh with openid, then it says so, names the claims to supply, and has no ID token yet', async () => {
    const { answer } = await refreshed()
    expect(answer).toMatchObject({ action: 'ID_TOKEN_REISSUABLE', requestedIdTokenClaims: ['email'] })
    const { refreshTokenDuration = 0, refreshTokenExpiresAt = 0 } = { ...answer }
    expect(under.clock.now().getTime() + refreshTokenDuration * 1000).toBe(refreshTokenExpiresAt)
    expect(jsonOf(answer)).not.toHaveProperty('id_token')
  })

  it('given claims as they are now, then they are in it; the rest is as it was, but for iat', async () => {
    const { first, tokens } = await refreshed()
    const answer = await reissue({ ...tokens, claims: JSON.stringify({ email: 'new@example.com', iss: 'evil' }) })
    if (answer.action !== 'OK') throw new Error(answer.resultMessage)
    const [before, now] = [decodeJwt(first.id_token ?? ''), decodeJwt(answer.idToken)]
    for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time', 'acr']) expect(now[name]).toEqual(before[name])
    expect(now.iat).toBe((before.iat ?? 0) + 2)
    expect(now).toMatchObject({ email: 'new@example.com' })
    expect(now).not.toHaveProperty('nonce')
    expect(JSON.parse(answer.responseContent)).toEqual({
      access_token: tokens.accessToken,
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'openid email notes:read',
      refresh_token: tokens.refreshToken,
      id_token: answer.idToken,
    })
  })

  it('given no claims, then those of the first one; given string, then aud is one', async () => {
    const { tokens } = await refreshed()
    const answer = await reissue({ ...tokens, idTokenAudType: 'string' })
    if (answer.action !== 'OK') throw new Error(answer.resultMessage)
    expect(decodeJwt(answer.idToken)).toMatchObject({ email: 'old@example.com', aud: client.clientId })
  })

  it.each([
    ['the value that was asked for', { id_token: { email: { value: 'a@example.com' } } }, true],
    ['one of the values', { id_token: { email: { values: ['b@example.com', 'a@example.com'] } } }, true],
    ['another value', { id_token: { email: { value: 'b@example.com' } } }, false],
    ['none of the values', { id_token: { email: { essential: true, values: ['b@example.com'] } } }, false],
    [
      'another value than the other place names',
      { id_token: { email: null }, userinfo: { email: { value: 'b@example.com' } } },
      false,
    ],
  ])(
    'OIDC Core §5.5.1: given a claim that has %s now, then it is told only if it is as asked',
    async (_, claims, told) => {
      const parameters = { scope: 'openid email notes:read', claims: JSON.stringify(claims) }
      const { tokens } = await refreshed(parameters)
      const answer = await reissue({ ...tokens, claims: JSON.stringify({ email: 'a@example.com' }) })
      if (answer.action !== 'OK') throw new Error(answer.resultMessage)
      expect('email' in decodeJwt(answer.idToken)).toBe(told)
    },
  )

  it('OIDC Core §5.2: given `name#ja` with a value, then it limits its translations, and no other claim', async () => {
    const claims = JSON.stringify({ id_token: { 'name#ja': { value: '花子' }, name: null, 'name#de': null } })
    const { tokens } = await refreshed({ scope: 'openid', claims })
    const supplied = {
      'name#ja-Kana-JP': 'ハナコ',
      'name#ja-Hani-JP': '花子',
      'name#JA': 'はなこ',
      name: 'Hanako',
      'name#de': 'H',
    }
    const answer = await reissue({ ...tokens, claims: JSON.stringify(supplied) })
    if (answer.action !== 'OK') throw new Error(answer.resultMessage)
    const told = Object.entries(decodeJwt(answer.idToken)).filter(([claim]) => claim.startsWith('name'))
    expect(Object.fromEntries(told)).toEqual({ 'name#ja-Hani-JP': '花子', name: 'Hanako', 'name#de': 'H' })
  })

  it('given a client whose key is gone, then the refresh succeeds, and there is no ID token', async () => {
    published = setOf(await makeDecryptionKey('RSA-OAEP-256'))
    const encrypting = await engine.registerClient({
      ...{ jwksUri: 'https://app.example/jwks', idTokenEncryptionAlg: 'RSA_OAEP_256' },
    })
    const first = await engine.obtainTokens(encrypting)
    expect(first.id_token?.split('.')).toHaveLength(5)
    const refresh = async (refresh_token = '') => {
      const answer = await engine.token({ grant_type: 'refresh_token', refresh_token }, encrypting)
      if (answer.action !== 'ID_TOKEN_REISSUABLE') throw new Error(answer.resultMessage)
      const { accessToken = '', refreshToken = '' } = answer
      return { accessToken, refreshToken }
    }
    const second = await refresh(first.refresh_token)
    expect(await reissue(second)).toMatchObject({ action: 'OK' })
    published = '{"keys":[]}'
    under.clock.advance(3_600)
    const third = await refresh(second.refreshToken)
    const answer = await reissue(third)
    expect(answer.action).toBe('INTERNAL_SERVER_ERROR')
    expect(answer.resultCode).toMatch(/^A\d+$/)
    expect(answer).not.toHaveProperty('idToken')
    expect(await engine.introspect(third.accessToken)).toMatchObject({ active: true })
  })

  it('given a refresh without openid, or no subject, then it is an ordinary answer', async () => {
    expect((await refreshed({ scope: 'notes:read' })).answer.action).toBe('OK')
    const own = await engine.token({ grant_type: 'client_credentials', scope: 'notes:read' }, client)
    expect(own.action).toBe('OK')
    expect(await reissue({ accessToken: tokensOf(own).access_token, refreshToken: 'x' })).toMatchObject({
      action: 'CALLER_ERROR',
    })
  })

  it.each([
    ['an unknown access token', { accessToken: 'x' }, 'A960202'],
    ['an unknown refresh token', { refreshToken: 'x' }, 'A960204'],
    ['another sub', { sub: 'somebody' }, 'A960203'],
    ['claims that are no object', { claims: '[]' }, 'A960203'],
    ['members for the header', { idtHeaderParams: '{"x":1}' }, 'A960203'],
    ['another type of aud', { idTokenAudType: 'both' }, 'A960203'],
  ])('given %s, then it is the caller’s error', async (_, change, resultCode) => {
    const { tokens } = await refreshed()
    expect(await reissue({ ...tokens, ...change })).toMatchObject({ action: 'CALLER_ERROR', resultCode })
  })

  it('given the tokens of two refreshes, or of none, then it is the caller’s error', async () => {
    const [{ tokens: one, first }, { tokens: two }] = [await refreshed(), await refreshed()]
    const mixed = { accessToken: one.accessToken, refreshToken: two.refreshToken }
    expect(await reissue(mixed)).toMatchObject({ resultCode: 'A960204' })
    const spent = { accessToken: one.accessToken, refreshToken: first.refresh_token ?? '' }
    expect(await reissue(spent)).toMatchObject({ resultCode: 'A960204' })
    const fresh = await engine.obtainTokens(client)
    const original = { accessToken: fresh.access_token, refreshToken: fresh.refresh_token ?? '' }
    expect(await reissue(original)).toMatchObject({ resultCode: 'A960202' })
  })

  it('given a service that does not want it, then the refresh has its ID token, and nothing is reissued', async () => {
    await setService({})
    const { answer, tokens } = await refreshed()
    expect(answer.action).toBe('OK')
    expect(jsonOf(answer)).toHaveProperty('id_token')
    expect(await reissue(tokens)).toMatchObject({ resultCode: 'A960201' })
  })
})
