import { createHash, randomBytes } from 'node:crypto'
import { decodeJwt, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Answer, Question, Service } from '../../sdk/types.ts'
import { thumbprintOf } from '../../server/engine/protocol/certificate.ts'
import { makeHandle } from '../../server/engine/handle.ts'
import { issueCertificate } from '../certificates.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, errorOf, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

function start(settings: Service = {}): void {
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

type CreateQuestion = Question<'auth_token_create_api'>
type Created = Extract<Answer<'auth_token_create_api'>, { action: 'OK' }>

const params = () => ({ path: { serviceId: String(under.serviceId) } })
const ofPerson = (): CreateQuestion => ({
  grantType: 'AUTHORIZATION_CODE',
  clientId: client.numericId,
  subject: 'subject-9',
  scopes: ['openid', 'notes:read'],
})
const ofClient = (): CreateQuestion => ({ grantType: 'CLIENT_CREDENTIALS', clientId: client.numericId })

const create = (body: CreateQuestion) =>
  ask(under.engine.POST('/api/{serviceId}/auth/token/create', { params: params(), body }))
const update = (body: Question<'auth_token_update_api'>) =>
  ask(under.engine.POST('/api/{serviceId}/auth/token/update', { params: params(), body }))
const revoke = (body: Question<'auth_token_revoke_api'>) =>
  ask(under.engine.POST('/api/{serviceId}/auth/token/revoke', { params: params(), body }))
const remove = (identifier: string) => under.call('DELETE', `/${under.serviceId}/auth/token/delete/${identifier}`)
const list = async () =>
  (await ask(under.engine.GET('/api/{serviceId}/auth/token/get/list', { params: { ...params(), query: {} } })))
    .accessTokens
const listOf = async (subject: string) => {
  const query = { subject }
  const answer = await ask(under.engine.GET('/api/{serviceId}/auth/token/get/list', { params: { ...params(), query } }))
  return answer.accessTokens
}

async function created(question: CreateQuestion): Promise<Created> {
  const answer = await create(question)
  if (answer.action !== 'OK') throw new Error(answer.resultMessage)
  return answer
}

const refresh = (refresh_token = '', more = {}) =>
  engine.token({ grant_type: 'refresh_token', refresh_token }, client, more)
const machine = { grant_type: 'client_credentials', scope: 'notes:read' }
const isActive = async (token: string) => (await engine.introspect(token))['active']

/** A value as another server may have made it. */
const foreignValue = (length = 32) => randomBytes(64).toString('base64url').slice(0, length)
const hashOf = (value: string) => createHash('sha256').update(value).digest('base64url')

async function foreignJwt(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256')
  return new SignJWT({ iss: 'https://old.example', jti: 'x' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'old' })
    .sign(privateKey)
}

describe('auth/token/create: values that another server gave', () => {
  start()

  it.each<[string, () => string | Promise<string>]>([
    ['of 22 characters', () => foreignValue(22)],
    ['of 43 characters, as a hash has them', () => foreignValue(43)],
    ['of 59 characters, as a handle has them', () => makeHandle(under.clock.now()).handle],
    ['that are no base64url', () => `${foreignValue(22)}/+~.==`],
    ['that are JWTs', foreignJwt],
  ])('given values %s, then the tokens work like all others', async (_, make) => {
    const [accessToken, refreshToken] = [await make(), await make()]
    const answer = await created({ ...ofPerson(), accessToken, refreshToken })
    expect(answer).toMatchObject({ accessToken, refreshToken })
    expect(await engine.introspect(accessToken)).toMatchObject({ active: true, sub: 'subject-9' })
    expect((await engine.inspect({ token: accessToken })).action).toBe('OK')
    expect((await engine.userinfo(accessToken)).action).toBe('OK')
    const next = tokensOf(await refresh(refreshToken))
    expect([await isActive(accessToken), await isActive(next.access_token)]).toEqual([false, true])
    // RFC 9700 §4.14.2: it is spent like any other.
    expect(errorOf(await refresh(refreshToken))).toBe('invalid_grant')
    expect(await isActive(next.access_token)).toBe(false)
  })

  it.each([22, 43])('given a value of %d characters, then it is known by value and by hash', async (length) => {
    const make = async () => {
      const [accessToken, refreshToken] = [foreignValue(length), foreignValue(length)]
      await created({ ...ofPerson(), accessToken, refreshToken })
      return { accessToken, refreshToken }
    }
    const ends: ((tokens: { accessToken: string; refreshToken: string }) => Promise<unknown>)[] = [
      ({ accessToken }) => remove(accessToken),
      ({ accessToken }) => remove(hashOf(accessToken)),
      ({ accessToken }) => revoke({ accessTokenIdentifier: accessToken }),
      ({ refreshToken }) => revoke({ refreshTokenIdentifier: refreshToken }),
      ({ refreshToken }) => revoke({ refreshTokenIdentifier: hashOf(refreshToken) }),
      ({ accessToken }) => engine.revoke({ token: accessToken }, client),
      ({ refreshToken }) => engine.revoke({ token: refreshToken }, client),
    ]
    for (const end of ends) {
      const tokens = await make()
      expect(await isActive(tokens.accessToken)).toBe(true)
      await end(tokens)
      expect(await isActive(tokens.accessToken)).toBe(false)
    }
    const { accessToken } = await make()
    expect(await update({ accessToken, scopes: [] })).toMatchObject({ action: 'OK', accessToken, scopes: [] })
    const renewed = await update({ accessTokenHash: hashOf(accessToken), accessTokenValueUpdated: true })
    expect(renewed).toMatchObject({ action: 'OK' })
    expect(await isActive(accessToken)).toBe(false)
  })

  it('given a value that is taken, then 400, and nothing is made; given the same one in another service, then both are', async () => {
    const [accessToken, refreshToken] = [foreignValue(), foreignValue()]
    await created({ ...ofPerson(), accessToken, refreshToken })
    const before = (await list()).length
    const refused = { action: 'BAD_REQUEST', resultCode: 'A909209' }
    for (const question of [ofPerson(), ofClient()]) {
      expect(await create({ ...question, accessToken })).toMatchObject(refused)
    }
    const subject = 'nobody'
    expect(await create({ ...ofPerson(), subject, accessToken: foreignValue(), refreshToken })).toMatchObject(refused)
    expect([(await list()).length, await listOf(subject)]).toEqual([before, []])
    const elsewhere = await openService()
    expect(await elsewhere.create({ ...ofPerson(), accessToken, refreshToken })).toMatchObject({ action: 'OK' })
    expect(await isActive(accessToken)).toBe(true)
  })

  /** Another service of the same engine, with a client of its own. */
  async function openService() {
    const { apiKey: serviceId = 0 } = await ask(
      under.engine.POST('/api/service/create', {
        body: { issuer: 'https://other.example', supportedScopes: [{ name: 'openid' }, { name: 'notes:read' }] },
      }),
    )
    const other = await converse({ engine: under.engine, serviceId }).registerClient()
    const path = { serviceId: String(serviceId) }
    return {
      create: (body: CreateQuestion) =>
        ask(
          under.engine.POST('/api/{serviceId}/auth/token/create', {
            params: { path },
            body: { ...body, clientId: other.numericId },
          }),
        ),
    }
  }

  it('given two questions with one value at the same time, then exactly one is served', async () => {
    for (const question of [ofPerson, ofClient]) {
      const accessToken = foreignValue()
      const answers = await Promise.all([1, 2, 3].map(() => create({ ...question(), accessToken })))
      expect(answers.map(({ action }) => action).sort()).toEqual(['BAD_REQUEST', 'BAD_REQUEST', 'OK'])
      expect(await isActive(accessToken)).toBe(true)
    }
  })

  it.each<[string, () => CreateQuestion, string]>([
    [
      'a refresh token where none belongs to the grant',
      () => ({ ...ofClient(), refreshToken: 'r'.repeat(22) }),
      'A909210',
    ],
    ['implicit, too', () => ({ ...ofPerson(), grantType: 'IMPLICIT', refreshToken: 'r'.repeat(22) }), 'A909210'],
    [
      'one value for both',
      () => ({ ...ofPerson(), accessToken: 'r'.repeat(22), refreshToken: 'r'.repeat(22) }),
      'A909211',
    ],
    ['another identifier of the client', () => ({ ...ofClient(), clientEntityIdUsed: true }), 'A909201'],
  ])('given %s, then 400', async (_, question, resultCode) => {
    expect(await create(question())).toMatchObject({ action: 'BAD_REQUEST', resultCode })
  })

  it.each(['x'.repeat(21), `${'x'.repeat(30)} y`, `${'x'.repeat(30)}é`, 'x'.repeat(8_193)])(
    'RFC 6750 §2.1: given %s, then it is no value of an access token',
    async (accessToken) => {
      const reply = await under.call('POST', `/${under.serviceId}/auth/token/create`, {
        body: { ...ofPerson(), accessToken },
      })
      expect(reply.status).toBe(400)
    },
  )
})

describe('RFC 7009 §2.1: a value that is the access token of one client and the refresh token of another', () => {
  start()

  it.each(['access_token', 'refresh_token', undefined])(
    'given the hint %s, when each client revokes it, then its own token ends, and the other lives',
    async (hint) => {
      const value = foreignValue()
      const other = await engine.registerClient()
      await created({ ...ofPerson(), accessToken: value })
      const { accessToken } = await created({ ...ofPerson(), clientId: other.numericId, refreshToken: value })
      const live = () => Promise.all([value, accessToken].map(isActive))
      const token = { token: value, ...(hint !== undefined && { token_type_hint: hint }) }
      await engine.revoke(token, other)
      expect(await live()).toEqual([true, false])
      await engine.revoke(token, client)
      expect(await live()).toEqual([false, false])
    },
  )
})

describe('Refreshes of a preset refresh token', () => {
  start({ refreshTokenIdempotent: true })

  it('RFC 9700 §4.14.2: given the same request again, then the same successor', async () => {
    const refreshToken = foreignValue(43)
    await created({ ...ofPerson(), refreshToken })
    const [first, second] = [await refresh(refreshToken), await refresh(refreshToken)]
    expect(second).toMatchObject({ previousRefreshTokenUsed: true })
    const { access_token, refresh_token } = tokensOf(first)
    expect(tokensOf(second)).toMatchObject({ access_token, refresh_token })
  })

  it('given that the access token was made persistent meanwhile, then the same again, and nobody says when it expires', async () => {
    const { refreshToken = '' } = await created(ofPerson())
    const { access_token: accessToken } = tokensOf(await refresh(refreshToken))
    await update({ accessToken, accessTokenPersistent: true })
    const again = await refresh(refreshToken)
    expect(again).toMatchObject({ previousRefreshTokenUsed: true, accessToken })
    for (const member of ['accessTokenExpiresAt', 'accessTokenDuration']) expect(again).not.toHaveProperty(member)
    expect(jsonOf(again)).not.toHaveProperty('expires_in')
  })

  it('given a value for the access token of a refresh that may be repeated, then the front-end is told, and nothing is spent', async () => {
    const { refreshToken = '' } = await created(ofPerson())
    const refused = await refresh(refreshToken, { accessToken: foreignValue() })
    expect(refused).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A950205' })
    const next = tokensOf(await refresh(refreshToken))
    expect(await isActive(next.access_token)).toBe(true)
  })
})

describe('OIDC Core §12.2: a preset refresh token that is kept', () => {
  start({ refreshTokenKept: true, idTokenReissuable: true })

  it('given it with idtoken/reissue, then there is a new ID token', async () => {
    const refreshToken = foreignValue(43)
    await created({ ...ofPerson(), refreshToken })
    const refreshed = await refresh(refreshToken)
    if (refreshed.action !== 'ID_TOKEN_REISSUABLE') throw new Error(refreshed.resultMessage)
    const body = { accessToken: refreshed.accessToken ?? '', refreshToken }
    const reissued = await ask(under.engine.POST('/api/{serviceId}/idtoken/reissue', { params: params(), body }))
    expect(reissued).toMatchObject({ action: 'OK' })
    expect(jsonOf(reissued)['expires_in']).toBe(600)
    await update({ refreshToken, accessTokenPersistent: true })
    const again = await ask(under.engine.POST('/api/{serviceId}/idtoken/reissue', { params: params(), body }))
    expect(again).toMatchObject({ action: 'OK' })
    expect(jsonOf(again)).not.toHaveProperty('expires_in')
  })
})

describe('auth/token: a value for the access token', () => {
  start()

  it('given a new one, then each grant gives it', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client)
    const [one, two, three] = [foreignValue(), foreignValue(), foreignValue()]
    const first = tokensOf(await engine.token(codeParameters(client, code, codeVerifier), client, { accessToken: one }))
    const second = tokensOf(await refresh(first.refresh_token, { accessToken: two }))
    const own = await engine.token(machine, client, { accessToken: three })
    expect([first, second, tokensOf(own)].map(({ access_token }) => access_token)).toEqual([one, two, three])
    expect(await Promise.all([one, two, three].map(isActive))).toEqual([false, true, true])
  })

  it('given one that is taken, then the front-end is told, and nothing is spent', async () => {
    const accessToken = foreignValue()
    await created({ ...ofClient(), accessToken })
    const { code, codeVerifier } = await engine.obtainCode(client)
    const redeem = codeParameters(client, code, codeVerifier)
    const refused = await engine.token(redeem, client, { accessToken })
    expect(refused).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A950203' })
    expect(errorOf(refused)).toBe('server_error')
    const tokens = tokensOf(await engine.token(redeem, client))
    expect(await refresh(tokens.refresh_token, { accessToken })).toMatchObject({ resultCode: 'A950203' })
    expect(await engine.token(machine, client, { accessToken })).toMatchObject({
      resultCode: 'A950203',
    })
    expect(await isActive(tokens.access_token)).toBe(true)
    expect((await refresh(tokens.refresh_token)).action).toBe('OK')
  })
})

describe('accessTokenPersistent', () => {
  start()
  const years = (count: number) => {
    under.clock.advance(count * 31_557_600)
  }

  it('given it, then the token does not end by itself, and no answer says when it does', async () => {
    const question = { ...ofPerson(), accessTokenPersistent: true, accessTokenDuration: 60 }
    const answer = await created({ ...question, subject: 'keeper' })
    const { accessToken } = answer
    years(200)
    expect(await engine.introspect(accessToken)).toMatchObject({ active: true })
    const [listed] = await listOf('keeper')
    const said = [answer, await engine.introspect(accessToken), await engine.inspect({ token: accessToken }), listed]
    for (const one of said) {
      for (const member of ['expiresAt', 'expiresIn', 'exp', 'accessTokenExpiresAt']) {
        expect(one).not.toHaveProperty(member)
      }
    }
    expect(await revoke({ accessTokenIdentifier: accessToken })).toMatchObject({ count: 1 })
    expect(await isActive(accessToken)).toBe(false)
  })

  it('given a refresh, then what it brings ends as usual', async () => {
    const { accessToken, refreshToken } = await created({ ...ofPerson(), accessTokenPersistent: true })
    const next = tokensOf(await refresh(refreshToken))
    expect(next.expires_in).toBeGreaterThan(0)
    expect(await isActive(accessToken)).toBe(false)
  })

  it('given an update, then a token becomes persistent, and ends again', async () => {
    const { accessToken } = await created(ofClient())
    const persistent = await update({ accessToken, accessTokenPersistent: true, accessTokenExpiresAt: 1 })
    expect(persistent).toMatchObject({ action: 'OK' })
    expect(persistent).not.toHaveProperty('accessTokenExpiresAt')
    years(1)
    expect(await update({ accessToken, accessTokenPersistent: false })).not.toHaveProperty('accessTokenExpiresAt')
    expect(await isActive(accessToken)).toBe(true)
    const end = under.clock.now().getTime() + 60_000
    expect(await update({ accessToken, accessTokenExpiresAt: end })).toMatchObject({ accessTokenExpiresAt: end })
    expect(await engine.introspect(accessToken)).toMatchObject({ active: true, exp: end / 1000 })
    under.clock.advance(60)
    expect(await isActive(accessToken)).toBe(false)
  })

  it('given that the person set an end, then that counts', async () => {
    const { access_token } = await engine.obtainTokens(client, { issue: { refreshTokenDuration: 3_600 } })
    const answer = await update({ accessToken: access_token, accessTokenPersistent: true })
    expect(answer).toMatchObject({ accessTokenExpiresAt: under.clock.now().getTime() + 3_600_000 })
  })
})

describe('RFC 9068 §2.2: where access tokens are JWTs', () => {
  start({ accessTokenSignAlg: 'ES256' })

  it('given accessTokenPersistent, then 400, in an update as well', async () => {
    const refused = { action: 'BAD_REQUEST', resultCode: 'A909212' }
    expect(await create({ ...ofClient(), accessTokenPersistent: true })).toMatchObject(refused)
    const { accessToken } = await created(ofClient())
    expect(await update({ accessToken, accessTokenPersistent: true })).toMatchObject(refused)
  })

  it('given a value, then it and the JWT are the same token', async () => {
    const accessToken = foreignValue()
    const { jwtAccessToken = '', tokenId } = await created({ ...ofClient(), accessToken })
    expect(decodeJwt(jwtAccessToken).jti).toBe(tokenId)
    expect(await Promise.all([accessToken, jwtAccessToken].map(isActive))).toEqual([true, true])
    await remove(accessToken)
    expect(await Promise.all([accessToken, jwtAccessToken].map(isActive))).toEqual([false, false])
  })

  it('given a value that is used again, then a JWT about the token that had it stays what it is: over', async () => {
    const value = { accessToken: foreignValue() }
    const other = await engine.registerClient()
    const ends = [
      [ofClient(), (token: string) => revoke({ accessTokenIdentifier: token })],
      [ofPerson(), () => update({ ...value, accessTokenValueUpdated: true })],
    ] as const
    for (const [question, end] of ends) {
      const { jwtAccessToken = '', tokenId } = await created({ ...question, ...value })
      await end(jwtAccessToken)
      const next = await created({ ...ofPerson(), clientId: other.numericId, subject: 'subject-10', ...value })
      expect(next.tokenId).not.toBe(tokenId)
      expect(await update({ tokenId })).toMatchObject({ action: 'NOT_FOUND' })
      expect(await engine.introspect(jwtAccessToken)).toEqual({ active: false })
      expect(await engine.introspect(next.jwtAccessToken ?? '')).toMatchObject({ sub: 'subject-10' })
      await update({ ...value, accessTokenValueUpdated: true })
    }
  })

  it('given a JWT of this service for a value, then it is taken, whether its token lives or not', async () => {
    const { jwtAccessToken: accessToken = '' } = await created(ofClient())
    const taken = { action: 'BAD_REQUEST', resultCode: 'A909209' }
    const isRefused = async () => {
      expect(await create({ ...ofPerson(), accessToken })).toMatchObject(taken)
      expect(await create({ ...ofPerson(), refreshToken: accessToken })).toMatchObject(taken)
      expect(await engine.token(machine, client, { accessToken })).toMatchObject({ resultCode: 'A950203' })
      const body = [{ ...ofClient(), accessToken }]
      const batch = await under.call('POST', `/${under.serviceId}/auth/token/create/batch`, { body })
      expect(batch).toMatchObject({ status: 400, json: { resultCode: 'A909209' } })
    }
    await isRefused()
    await revoke({ accessTokenIdentifier: accessToken })
    await isRefused()
    expect((await create({ ...ofPerson(), accessToken: await foreignJwt() })).action).toBe('OK')
  })

  it('given a value that is used again within a grant, then a JWT of before stays over', async () => {
    const value = { accessToken: foreignValue() }
    const { jwtAccessToken = '', refreshToken } = await created({ ...ofPerson(), ...value })
    await update({ ...value, accessTokenValueUpdated: true })
    under.clock.advance(1)
    const { access_token: next } = tokensOf(await refresh(refreshToken, value))
    expect(await Promise.all([jwtAccessToken, next].map(isActive))).toEqual([false, true])
  })

  const claims = { roles: ['admin'], tenant: { id: 7 }, 'https://example.com/x': null }
  const jwtAtClaims = JSON.stringify(claims)

  it('given jwtAtClaims with tokens that are created, then those of refreshes have them, too, and introspection does not say them', async () => {
    const { jwtAccessToken = '', refreshToken } = await created({ ...ofPerson(), jwtAtClaims })
    expect(decodeJwt(jwtAccessToken)).toMatchObject(claims)
    const next = tokensOf(await refresh(refreshToken)).access_token
    expect(decodeJwt(next)).toMatchObject({ ...claims, sub: 'subject-9' })
    const said = [await engine.introspect(next), await engine.inspect({ token: next })]
    for (const one of said) expect(JSON.stringify(one)).not.toContain('tenant')
  })

  it('given jwtAtClaims with an authorization, then its tokens have them', async () => {
    const tokens = await engine.obtainTokens(client, { issue: { jwtAtClaims } })
    expect(decodeJwt(tokens.access_token)).toMatchObject(claims)
    expect(decodeJwt(tokensOf(await refresh(tokens.refresh_token)).access_token)).toMatchObject(claims)
  })

  it('given jwtAtClaims with a token request, then for client credentials only, and nothing is spent', async () => {
    const own = await engine.token(machine, client, { jwtAtClaims })
    expect(decodeJwt(tokensOf(own).access_token)).toMatchObject(claims)
    const { code, codeVerifier } = await engine.obtainCode(client)
    const redeem = codeParameters(client, code, codeVerifier)
    const refused = { action: 'INTERNAL_SERVER_ERROR', resultCode: 'A950204' }
    expect(await engine.token(redeem, client, { jwtAtClaims })).toMatchObject(refused)
    const { refresh_token } = tokensOf(await engine.token(redeem, client))
    expect(await refresh(refresh_token, { jwtAtClaims })).toMatchObject(refused)
  })

  it('given a claim and a property of one name, then the JWT has the claim, and the token response the property', async () => {
    const properties = [{ key: 'tenant', value: 'a' }]
    const own = await engine.token(machine, client, { jwtAtClaims, properties })
    expect(jsonOf(own)['tenant']).toBe('a')
    expect(decodeJwt(tokensOf(own).access_token)).toMatchObject(claims)
  })

  it.each([
    ['sub', '{"sub":"x"}'],
    ['a time', '{"exp":1}'],
    ['a binding', '{"cnf":{}}'],
    ['an actor', '{"act":{}}'],
    ['details', '{"authorization_details":[]}'],
    ['a grant', '{"grant_id":"x"}'],
    ['no object', '["x"]'],
    ['nesting without end', `{"x":${'['.repeat(4_000)}${']'.repeat(4_000)}}`],
    ['no JSON', '{'],
    ['too much', JSON.stringify({ x: 'x'.repeat(8_192) })],
  ])('given %s in jwtAtClaims, then the front-end is told wherever it says it', async (_, bad) => {
    const wrong = { jwtAtClaims: bad }
    expect(await create({ ...ofClient(), ...wrong })).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A909208' })
    const own = await engine.token(machine, client, wrong)
    expect(own).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A950202' })
    const asked = await engine.authorize(authorizationParameters(client, 'v'.repeat(43)))
    if (asked.action !== 'INTERACTION') throw new Error(asked.resultMessage)
    const issue = { ticket: asked.ticket, subject: 'subject-1' }
    expect(await engine.issue({ ...issue, ...wrong })).toMatchObject({
      action: 'INTERNAL_SERVER_ERROR',
      resultCode: 'A940209',
    })
    expect((await engine.issue(issue)).action).toBe('LOCATION')
  })

  it('given more than a JWT has room for, then the front-end is told, and the client is not asked to shorten it', async () => {
    const tooMuch = { jwtAtClaims: JSON.stringify({ x: 'x'.repeat(8_000) }) }
    expect(await create({ ...ofClient(), ...tooMuch })).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A950309' })
    const own = await engine.token(machine, client, tooMuch)
    expect(own).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A950309' })
  })
})

describe('auth/token/create: what does not go together', () => {
  start()

  it('given the number of one client and the name of another, then A909213; given those of one, then its token', async () => {
    const other = await engine.registerClient({ clientIdAlias: 'other-name' })
    const both = { ...ofClient(), clientIdentifier: 'other-name' }
    expect(await create(both)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A909213' })
    expect(await create({ ...both, clientId: other.numericId })).toMatchObject({ clientId: other.numericId })
  })

  it.each(['openid', 'email', 'offline_access'])(
    'OIDC Core §5.4: given %s for a client that acts for itself, then A909214, and token/update leaves it out',
    async (scope) => {
      const refused = { action: 'BAD_REQUEST', resultCode: 'A909214' }
      expect(await create({ ...ofClient(), scopes: ['notes:read', scope] })).toMatchObject(refused)
      const { accessToken } = await created({ ...ofClient(), scopes: ['notes:read'] })
      expect(await update({ accessToken, scopes: ['notes:write', scope] })).toMatchObject({ scopes: ['notes:write'] })
    },
  )
})

describe('tokenExpirationLinked', () => {
  start({ tokenExpirationLinked: true })

  it('given a refresh token, then its access token cannot be persistent; without one, it can', async () => {
    const refused = { action: 'BAD_REQUEST', resultCode: 'A909212' }
    expect(await create({ ...ofPerson(), accessTokenPersistent: true })).toMatchObject(refused)
    const { accessToken } = await created(ofPerson())
    expect(await update({ accessToken, accessTokenPersistent: true })).toMatchObject(refused)
    expect(await create({ ...ofClient(), accessTokenPersistent: true })).toMatchObject({ action: 'OK' })
  })
})

describe('RFC 8705 §3: certificateThumbprint', () => {
  start({ tlsClientCertificateBoundAccessTokens: true })

  it('given it, then the token takes that certificate, and a refresh takes one', async () => {
    const [certificate, other] = [await issueCertificate(), await issueCertificate()]
    const certificateThumbprint = thumbprintOf(certificate.certificate)
    const { accessToken, refreshToken, tokenType } = await created({ ...ofPerson(), certificateThumbprint })
    expect(tokenType).toBe('Bearer')
    expect((await engine.introspect(accessToken))['cnf']).toEqual({ 'x5t#S256': certificateThumbprint })
    const presenting = ({ pem }: { pem: string }) => ({ clientCertificate: pem })
    for (const [proof, action] of [
      [{}, 'UNAUTHORIZED'],
      [presenting(other), 'UNAUTHORIZED'],
      [presenting(certificate), 'OK'],
    ] as const) {
      expect((await engine.userinfo(accessToken, proof)).action).toBe(action)
      expect((await engine.inspect({ token: accessToken, ...proof })).action).toBe(action)
    }
    expect(errorOf(await refresh(refreshToken))).toBe('invalid_request')
    expect((await refresh(refreshToken, presenting(other))).action).toBe('OK')
  })

  it('given a key and a certificate, then the token takes both', async () => {
    const bound = { dpopKeyThumbprint: 'k'.repeat(43), certificateThumbprint: 'c'.repeat(43) }
    const { accessToken, tokenType } = await created({ ...ofClient(), ...bound })
    expect(tokenType).toBe('DPoP')
    expect((await engine.introspect(accessToken))['cnf']).toEqual({
      jkt: bound.dpopKeyThumbprint,
      'x5t#S256': bound.certificateThumbprint,
    })
  })

  it('given a client whose tokens are always bound, then it must be said to what', async () => {
    client = await engine.registerClient({ tlsClientCertificateBoundAccessTokens: true, dpopRequired: true })
    const bound = { dpopKeyThumbprint: 'k'.repeat(43), certificateThumbprint: 'c'.repeat(43) }
    expect(await create({ ...ofClient(), ...bound })).toMatchObject({ action: 'OK' })
    for (const member of ['dpopKeyThumbprint', 'certificateThumbprint'] as const) {
      const { [member]: left, ...rest } = bound
      expect(left).toHaveLength(43)
      const answer = await create({ ...ofClient(), ...rest })
      expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A909207' })
      expect(answer.resultMessage).toContain(member)
    }
  })

  it('given an update, then the token takes that certificate from now on', async () => {
    const { accessToken } = await created(ofClient())
    await update({ accessToken, certificateThumbprint: 'c'.repeat(43) })
    expect((await engine.introspect(accessToken))['cnf']).toEqual({ 'x5t#S256': 'c'.repeat(43) })
    expect((await engine.inspect({ token: accessToken })).action).toBe('UNAUTHORIZED')
  })
})

describe('sessionId, forExternalAttachment and tokenId', () => {
  start()

  it('given them, then they are answered, and introspection says what the token opens', async () => {
    const said = { sessionId: 'session-1', forExternalAttachment: true }
    const answer = await created({ ...ofPerson(), ...said })
    expect(answer).toMatchObject(said)
    expect(answer.tokenId).toMatch(/^[A-Za-z0-9_-]{32}$/)
    const { accessToken: token } = answer
    expect(await engine.inspect({ token })).toMatchObject({ forExternalAttachment: true })
    expect(await update({ accessToken: token, scopes: [] })).toMatchObject({ forExternalAttachment: true })
    expect(await update({ accessToken: token, forExternalAttachment: false })).toMatchObject({
      forExternalAttachment: false,
    })
    expect(await engine.inspect({ token })).toMatchObject({ forExternalAttachment: false })
  })

  it('given nothing of it, then nothing is said; and what a refresh brings opens no attachment', async () => {
    const plain = await created(ofPerson())
    const inspected = await engine.inspect({ token: plain.accessToken })
    for (const member of ['sessionId', 'forExternalAttachment']) {
      expect([plain, inspected].filter((one) => member in one)).toEqual([])
    }
    const { refreshToken } = await created({ ...ofPerson(), forExternalAttachment: true })
    const token = tokensOf(await refresh(refreshToken)).access_token
    expect(await engine.inspect({ token })).not.toHaveProperty('forExternalAttachment')
  })
})
