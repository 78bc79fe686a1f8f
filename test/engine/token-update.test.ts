import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client, Question, Service } from '../../sdk/types.ts'
import { toContract } from '../../server/engine/protocol/authorization-details.ts'
import { thumbprintOf } from '../../server/engine/protocol/certificate.ts'
import { issueCertificate } from '../certificates.ts'
import type { ProofKey } from '../dpop-proof.ts'
import { makeProofKey } from '../dpop-proof.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse, errorOf, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints } from './engine-under-test.ts'

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

  it.each([
    // The last instant of all is that of tokens that do not expire.
    ['accessTokenExpiresAt', 8.64e15 - 1, 8.64e15 - 1000],
    ['refreshTokenExpiresAt', 8.64e15 - 1, 8.64e15 - 1000],
  ])(
    'given %s after the last instant that there is, then 400; given the last, then the last second',
    async (member, last, second) => {
      const { access_token: accessToken } = await engine.obtainTokens(client)
      const path = `/${under.serviceId}/auth/token/update`
      const set = (time: number) => under.call('POST', path, { body: { accessToken, [member]: time } })
      expect((await set(last + 1)).status).toBe(400)
      expect((await set(last)).json).toMatchObject({ action: 'OK', [member]: second })
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

describe('auth/token/update: where access tokens end with their refresh tokens', () => {
  start({ tokenExpirationLinked: true, accessTokenDuration: 600, refreshTokenDuration: 3_600 })

  it('given an end after that of the refresh token, then it is that one, unless that is moved as well', async () => {
    const { access_token: accessToken } = await engine.obtainTokens(client)
    const end = inSeconds(3_600)
    expect(await update({ accessToken, accessTokenExpiresAt: inSeconds(5_000) })).toMatchObject({
      accessTokenExpiresAt: end,
      refreshTokenExpiresAt: end,
    })
    const both = { accessTokenExpiresAt: inSeconds(5_000), refreshTokenExpiresAt: inSeconds(6_000) }
    expect(await update({ accessToken, ...both })).toMatchObject(both)
  })

  it('given an end of the refresh token before that of the access token, then both end then', async () => {
    const { access_token: accessToken } = await engine.obtainTokens(client)
    const end = inSeconds(60)
    expect(await update({ accessToken, refreshTokenExpiresAt: end })).toMatchObject({
      accessTokenExpiresAt: end,
      refreshTokenExpiresAt: end,
    })
    under.clock.advance(60)
    expect(await engine.introspect(accessToken)).toEqual({ active: false })
  })
})

describe('auth/token/update: which access token', () => {
  start({})

  const hashOf = (value: string) => createHash('sha256').update(value).digest('base64url')

  async function create(values: { accessToken?: string; refreshToken?: string } = {}) {
    const { numericId: clientId } = client
    const body = { grantType: 'AUTHORIZATION_CODE' as const, clientId, subject: 'subject-9', ...values }
    const params = { path: { serviceId: String(under.serviceId) } }
    const answer = await ask(under.engine.POST('/api/{serviceId}/auth/token/create', { params, body }))
    if (answer.action !== 'OK') throw new Error(answer.resultMessage)
    const { accessToken, tokenId, refreshToken = '' } = answer
    return {
      accessToken,
      accessTokenHash: hashOf(accessToken),
      tokenId,
      refreshToken,
      refreshTokenHash: hashOf(refreshToken),
    }
  }

  const names = ['accessToken', 'accessTokenHash', 'tokenId', 'refreshToken', 'refreshTokenHash'] as const

  it.each(names)('given %s, then it is changed, whatever is named after it', async (name) => {
    const [token, other] = [await create(), await create()]
    const later = Object.fromEntries(names.slice(names.indexOf(name)).map((next) => [next, other[next]]))
    const properties = [{ key: 'tier', value: 'b' }]
    const answer = await update({ ...later, [name]: token[name], properties })
    expect(answer).toMatchObject({ action: 'OK', tokenId: token.tokenId, properties })
    expect('accessToken' in answer).toBe(name === 'accessToken')
    expect(await engine.introspect(token.accessToken)).toMatchObject({ tier: 'b' })
    expect(await engine.introspect(other.accessToken)).not.toHaveProperty('tier')
  })

  it.each(names)('given a wrong %s before right names, or one that has ended, then 404', async (name) => {
    const token = await create()
    const hash = hashOf('x')
    const later = Object.fromEntries(names.slice(names.indexOf(name) + 1).map((next) => [next, token[next]]))
    const wrong = {
      accessToken: 'x',
      accessTokenHash: hash,
      tokenId: 'x'.repeat(32),
      refreshToken: 'x',
      refreshTokenHash: hash,
    }
    expect(await update({ ...later, [name]: wrong[name] })).toMatchObject({ action: 'NOT_FOUND' })
    await engine.revoke({ token: token.accessToken }, client)
    expect(await update({ [name]: token[name] })).toMatchObject({ action: 'NOT_FOUND' })
  })

  it('given a hash that is the value of another token, then the token with the hash is meant; given the value, that one', async () => {
    const token = await create()
    const { accessTokenHash, refreshTokenHash } = token
    const other = await create({ accessToken: accessTokenHash, refreshToken: refreshTokenHash })
    for (const name of [{ accessTokenHash }, { refreshTokenHash }]) {
      expect(await update(name)).toMatchObject({ tokenId: token.tokenId })
    }
    for (const name of [{ accessToken: accessTokenHash }, { refreshToken: refreshTokenHash }]) {
      expect(await update(name)).toMatchObject({ tokenId: other.tokenId })
    }
    await engine.revoke({ token: token.accessToken }, client)
    for (const name of [{ accessTokenHash }, { refreshTokenHash }]) {
      expect(await update(name)).toMatchObject({ action: 'NOT_FOUND' })
    }
  })

  it('given a refresh token that was spent, or one that has expired, then 404', async () => {
    const { refreshToken, refreshTokenHash } = await create()
    const next = tokensOf(await refresh(refreshToken)).refresh_token ?? ''
    for (const name of [{ refreshToken }, { refreshTokenHash }]) {
      expect(await update(name)).toMatchObject({ action: 'NOT_FOUND' })
    }
    const far = { accessTokenPersistent: true }
    expect(await update({ refreshToken: next, ...far })).toMatchObject({ action: 'OK' })
    under.clock.advance(400 * 86_400)
    expect(await update({ refreshToken: next })).toMatchObject({ action: 'NOT_FOUND' })
  })

  it('given the wish for a new value, then the token has another name', async () => {
    const { tokenId } = await create()
    const answer = await update({ tokenId, accessTokenValueUpdated: true })
    if (answer.action !== 'OK' || answer.tokenId === undefined) throw new Error(answer.resultMessage)
    expect(answer.tokenId).not.toBe(tokenId)
    expect(await update({ tokenId })).toMatchObject({ action: 'NOT_FOUND' })
    expect(await update({ tokenId: answer.tokenId })).toMatchObject({ action: 'OK' })
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

describe('auth/token/update: what the subject took back', () => {
  start({ accessTokenSignAlg: 'ES256', supportedAuthorizationDetailsTypes: ['account'] })

  const account = { type: 'account', actions: ['balance'] }
  const payment = { type: 'account', actions: ['pay'] }

  it('RFC 9068: given scopes and details that were taken back, then answer, JWT and record all lack them', async () => {
    client = await engine.registerClient({ authorizationDetailsTypes: ['account'] })
    const { access_token: accessToken } = await engine.obtainTokens(client, {
      parameters: {
        scope: 'openid notes:read notes:write',
        authorization_details: JSON.stringify([account, payment]),
      },
    })
    const left = { scopes: ['openid', 'notes:read'], authorizationDetails: toContract([account]) }
    await engine.narrow(client, { subject: 'subject-1', ...left })
    const answer = await update({
      accessToken,
      accessTokenValueUpdated: true,
      scopes: ['notes:read', 'notes:write'],
      authorizationDetails: toContract([account, payment]),
    })
    if (answer.action !== 'OK' || answer.accessToken === undefined) throw new Error(answer.resultMessage)
    expect(answer).toMatchObject({ scopes: ['notes:read'], authorizationDetails: toContract([account]) })
    const remaining = { scope: 'notes:read', authorization_details: [account] }
    expect(decodeJwt(answer.accessToken)).toMatchObject(remaining)
    expect(await engine.introspect(answer.accessToken)).toMatchObject(remaining)
  })

  it('given other scopes, then the next refresh brings those of the grant, less what was taken back', async () => {
    const scope = 'openid notes:read notes:write'
    const { access_token: accessToken, refresh_token } = await engine.obtainTokens(client, { parameters: { scope } })
    expect(await update({ accessToken, scopes: ['email'] })).toMatchObject({ scopes: ['email'] })
    await engine.narrow(client, { subject: 'subject-1', scopes: ['openid', 'notes:read'] })
    expect(jsonOf(await refresh(refresh_token))['scope']).toBe('openid notes:read')
  })
})

describe('RFC 9449 §5, RFC 8705 §4: a token that auth/token/update bound', () => {
  start({ tlsClientCertificateBoundAccessTokens: true })

  const token = { grant_type: 'refresh_token' }
  const tokenEndpoint = { htm: 'POST', htu: testEndpoints.tokenEndpoint }
  const proofOf = async (key: ProofKey) => ({ dpop: await key.prove({ ...tokenEndpoint, now: under.clock.now() }) })

  async function bind(binding: object, settings: Client = {}) {
    client = await engine.registerClient({ grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'], ...settings })
    const isPublic = settings.clientType === 'PUBLIC'
    const { code, codeVerifier } = await engine.obtainCode(client)
    const authentication = isPublic ? undefined : client
    const named = isPublic ? { client_id: client.clientId } : {}
    const parameters = { ...codeParameters(client, code, codeVerifier), ...named }
    const { access_token: accessToken, refresh_token = '' } = tokensOf(await engine.token(parameters, authentication))
    expect(await update({ accessToken, ...binding })).toMatchObject({ action: 'OK' })
    return (more = {}) => engine.token({ ...token, refresh_token, ...named }, authentication, more)
  }

  const publicClient: Client = { clientType: 'PUBLIC', tokenAuthMethod: 'NONE' }

  it('given a key and a confidential client, then it is refreshed with a proof of any key, and not without', async () => {
    const [key, other] = [await makeProofKey(), await makeProofKey()]
    const attempt = await bind({ dpopKeyThumbprint: key.jkt })
    expect(await attempt()).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A953305' })
    expect(jsonOf(await attempt(await proofOf(other)))).toMatchObject({ token_type: 'DPoP' })
  })

  it('given a key and a public client, then it is refreshed with a proof of that key alone', async () => {
    const [key, other] = [await makeProofKey(), await makeProofKey()]
    const attempt = await bind({ dpopKeyThumbprint: key.jkt }, publicClient)
    expect(await attempt()).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A953305' })
    expect(await attempt(await proofOf(other))).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A953306' })
    expect(jsonOf(await attempt(await proofOf(key)))).toMatchObject({ token_type: 'DPoP' })
  })

  it('given a certificate and a public client, then it is refreshed with that certificate alone', async () => {
    const [own, other] = [await issueCertificate(), await issueCertificate()]
    const attempt = await bind({ certificateThumbprint: thumbprintOf(own.certificate) }, publicClient)
    expect(await attempt()).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A957350' })
    const refused = await attempt({ clientCertificate: other.pem })
    expect(refused).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A953307' })
    expect((await attempt({ clientCertificate: own.pem })).action).toBe('OK')
  })
})
