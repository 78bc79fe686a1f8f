import type { CryptoKey } from 'jose'
import { createLocalJWKSet, decodeJwt, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../../sdk/engine.ts'
import type { Conversation, RegisteredTestClient } from '../conversation.ts'
import {
  authorizationParameters,
  codeParameters,
  converse,
  errorOf,
  jsonOf,
  responseOf,
  testScopes,
  tokensOf,
} from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testIssuer } from '../engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({ supportedScopes: testScopes })
  engine = converse(under)
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

describe('RFC 6749 §4.1.2: ending an authorization request', () => {
  const open = async (parameters: Record<string, string> = {}) => {
    const answer = await engine.authorize({ ...authorizationParameters(client, 'v'.repeat(43)), ...parameters })
    if (answer.action !== 'INTERACTION') throw new Error(answer.resultMessage)
    return answer.ticket
  }

  it('a ticket is spent once, by issue or by fail', async () => {
    const ticket = await open()
    expect((await engine.issue({ ticket, subject: 's' })).action).toBe('LOCATION')
    expect((await engine.issue({ ticket, subject: 's' })).action).toBe('INTERNAL_SERVER_ERROR')
    expect((await engine.fail({ ticket, reason: 'DENIED' })).action).toBe('INTERNAL_SERVER_ERROR')
  })

  it('of 32 that issue and fail at once, one wins', async () => {
    const ticket = await open()
    const attempts = Array.from({ length: 32 }, (_, index) =>
      index % 2 === 0 ? engine.issue({ ticket, subject: 's' }) : engine.fail({ ticket, reason: 'DENIED' }),
    )
    const answers = await Promise.all(attempts)
    expect(answers.filter(({ action }) => action === 'LOCATION')).toHaveLength(1)
  })

  it('a ticket lives twenty minutes', async () => {
    const [before, after] = [await open(), await open()]
    under.clock.advance(1_199)
    expect((await engine.issue({ ticket: before, subject: 's' })).action).toBe('LOCATION')
    under.clock.advance(1)
    expect((await engine.issue({ ticket: after, subject: 's' })).action).toBe('INTERNAL_SERVER_ERROR')
  })

  it('scopes: never more than was requested; none at all when the list is empty', async () => {
    const granted = async (scopes: string[] | undefined) => {
      const tokens = await engine.obtainTokens(client, { ...(scopes && { scopes }) })
      return tokens.scope
    }
    expect(await granted(undefined)).toBe('openid email notes:read notes:write')
    expect(await granted(['notes:read', 'openid', 'profile', 'offline_access'])).toBe('openid notes:read')
    expect(await granted([])).toBe('')
  })

  it('§3.3: scope is never empty: without scopes it is left out', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { scopes: [] })
    const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
    expect(jsonOf(answer)).not.toHaveProperty('scope')
    expect(await engine.introspect(tokensOf(answer).access_token)).not.toHaveProperty('scope')
    const { access_token } = await engine.obtainTokens(client, { scopes: ['email'] })
    expect(await engine.introspect(access_token)).toMatchObject({ scope: 'email' })
  })

  it('openid can be taken away: then there is no ID token', async () => {
    const tokens = await engine.obtainTokens(client, { scopes: ['notes:read'] })
    expect(tokens.id_token).toBeUndefined()
  })

  it('aud of the ID token is written as the front-end says, in refreshes, too', async () => {
    const tokens = await engine.obtainTokens(client, { issue: { idTokenAudType: 'string' } })
    expect(decodeJwt(tokens.id_token ?? '').aud).toBe(client.clientId)
    const { refresh_token = '' } = tokens
    const refreshed = tokensOf(await engine.token({ grant_type: 'refresh_token', refresh_token }, client))
    expect(decodeJwt(refreshed.id_token ?? '').aud).toBe(client.clientId)
    const asArray = await engine.obtainTokens(client, { issue: { idTokenAudType: 'array' } })
    expect(decodeJwt(asArray.id_token ?? '').aud).toEqual([client.clientId])
  })

  it('members for the header of the ID token are refused, and the ticket stays', async () => {
    const ticket = await open()
    expect(await engine.issue({ ticket, subject: 's', idtHeaderParams: '{"x":1}' })).toMatchObject({
      action: 'INTERNAL_SERVER_ERROR',
      resultCode: 'A940208',
    })
    expect((await engine.issue({ ticket, subject: 's', idtHeaderParams: '' })).action).toBe('LOCATION')
  })

  it('another subject than the one demanded is refused, and the ticket stays', async () => {
    const ticket = await open({ claims: JSON.stringify({ id_token: { sub: { value: 'subject-7' } } }) })
    expect(await engine.issue({ ticket, subject: 'subject-8' })).toMatchObject({
      action: 'INTERNAL_SERVER_ERROR',
      resultCode: 'A940202',
    })
    expect((await engine.issue({ ticket, subject: 'subject-7' })).action).toBe('LOCATION')
  })

  it.each([
    ['NOT_LOGGED_IN', 'login_required'],
    ['EXCEEDS_MAX_AGE', 'login_required'],
    ['DIFFERENT_SUBJECT', 'login_required'],
    ['ACR_NOT_SATISFIED', 'unmet_authentication_requirements'],
    ['DENIED', 'access_denied'],
    ['CONSENT_REQUIRED', 'consent_required'],
    ['INTERACTION_REQUIRED', 'interaction_required'],
    ['ACCOUNT_SELECTION_REQUIRED', 'account_selection_required'],
    ['SERVER_ERROR', 'server_error'],
  ] as const)('%s becomes %s', async (reason, error) => {
    const answer = await engine.fail({ ticket: await open(), reason })
    expect(responseOf(answer)).toMatchObject({ error, state: 'af0ifjsldkj', iss: testIssuer })
  })
})

describe('RFC 6749 §4.1.3: the authorization code', () => {
  it('is exchanged for tokens, and the ID token verifies', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, {
      issue: { authTime: 1_772_366_000, acr: 'urn:acr:1', claims: '{"email":"a@example.com"}' },
    })
    const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
    const tokens = tokensOf(answer)
    expect(answer).toMatchObject({
      resultCode: 'A050001',
      grantType: 'AUTHORIZATION_CODE',
      subject: 'subject-1',
      clientAuthMethod: 'CLIENT_SECRET_BASIC',
    })
    const path = { serviceId: String(under.serviceId) }
    const { keys } = await ask(under.engine.GET('/api/{serviceId}/service/jwks/get', { params: { path } }))
    const set = createLocalJWKSet({ keys })
    const { payload } = await jwtVerify(tokens.id_token ?? '', set, {
      issuer: testIssuer,
      audience: client.clientId,
      currentDate: under.clock.now(),
    })
    expect(payload).toMatchObject({
      sub: 'subject-1',
      nonce: 'n-0S6_WzA2Mj',
      auth_time: 1_772_366_000,
      acr: 'urn:acr:1',
      email: 'a@example.com',
    })
  })

  it('lives sixty seconds', async () => {
    const [before, after] = [await engine.obtainCode(client), await engine.obtainCode(client)]
    under.clock.advance(59)
    expect((await engine.token(codeParameters(client, before.code, before.codeVerifier), client)).action).toBe('OK')
    under.clock.advance(1)
    expect(errorOf(await engine.token(codeParameters(client, after.code, after.codeVerifier), client))).toBe(
      'invalid_grant',
    )
  })

  it('of 64 that redeem it at once, one wins; the rest are refused, and what it brought is revoked', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client)
    const parameters = codeParameters(client, code, codeVerifier)
    const answers = await Promise.all(Array.from({ length: 64 }, () => engine.token(parameters, client)))
    const won = answers.filter(({ action }) => action === 'OK')
    expect(won).toHaveLength(1)
    for (const answer of answers) if (answer.action !== 'OK') expect(errorOf(answer)).toBe('invalid_grant')
    const [winner] = won
    expect(await engine.introspect(winner ? tokensOf(winner).access_token : '')).toEqual({ active: false })
  })

  it.each([
    [
      'a wrong verifier',
      (parameters: Record<string, string>) => ({ ...parameters, code_verifier: 'w'.repeat(43) }),
      'A050315',
    ],
    ['no verifier', (parameters: Record<string, string>) => without(parameters, 'code_verifier'), 'A050312'],
    [
      'another redirect_uri',
      (parameters: Record<string, string>) => ({ ...parameters, redirect_uri: 'https://app.example/cb/' }),
      'A050309',
    ],
    ['no redirect_uri', (parameters: Record<string, string>) => without(parameters, 'redirect_uri'), 'A050309'],
  ])('after %s it is still good', async (_, change, resultCode) => {
    const { code, codeVerifier } = await engine.obtainCode(client)
    const parameters = codeParameters(client, code, codeVerifier)
    expect(await engine.token(change(parameters), client)).toMatchObject({ action: 'BAD_REQUEST', resultCode })
    expect((await engine.token(parameters, client)).action).toBe('OK')
  })

  it('another client gets nothing for it, and does not use it up', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client)
    const other = await engine.registerClient()
    expect(errorOf(await engine.token(codeParameters(other, code, codeVerifier), other))).toBe('invalid_grant')
    expect((await engine.token(codeParameters(client, code, codeVerifier), client)).action).toBe('OK')
  })

  it('a refresh token is no code, and a code is no refresh token', async () => {
    const { code } = await engine.obtainCode(client)
    expect(errorOf(await engine.token({ grant_type: 'refresh_token', refresh_token: code }, client))).toBe(
      'invalid_grant',
    )
    const tokens = await engine.obtainTokens(client)
    expect(
      errorOf(await engine.token(codeParameters(client, tokens.refresh_token ?? '', 'v'.repeat(43)), client)),
    ).toBe('invalid_grant')
    expect(await engine.introspect(tokens.refresh_token ?? '')).toEqual({ active: false })
    expect((await engine.userinfo(tokens.refresh_token ?? '')).action).toBe('UNAUTHORIZED')
  })
})

describe('RFC 6749 §6: refresh tokens', () => {
  it('of 64 that refresh at once, one wins, and the family ends', async () => {
    const { refresh_token = '' } = await engine.obtainTokens(client)
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => engine.token({ grant_type: 'refresh_token', refresh_token }, client)),
    )
    const won = answers.filter(({ action }) => action === 'OK')
    expect(won).toHaveLength(1)
    const [winner] = won
    const successor = winner ? tokensOf(winner) : undefined
    expect(await engine.introspect(successor?.access_token ?? '')).toEqual({ active: false })
    const later = await engine.token(
      { grant_type: 'refresh_token', refresh_token: successor?.refresh_token ?? '' },
      client,
    )
    expect(errorOf(later)).toBe('invalid_grant')
  })

  it('a refresh ends the access token that went before', async () => {
    const tokens = await engine.obtainTokens(client)
    await engine.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }, client)
    expect(await engine.introspect(tokens.access_token)).toEqual({ active: false })
  })

  it('expires, and a locked client gets nothing', async () => {
    const tokens = await engine.obtainTokens(client)
    const params = { path: { serviceId: String(under.serviceId), clientIdentifier: client.clientId } }
    const lock = (clientLocked: boolean) =>
      ask(
        under.engine.POST('/api/{serviceId}/client/lock_flag/update/{clientIdentifier}', {
          params,
          body: { clientLocked },
        }),
      )
    await lock(true)
    expect(
      (await engine.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }, client)).action,
    ).toBe('INVALID_CLIENT')
    expect(await engine.introspect(tokens.access_token)).toEqual({ active: false })
    await lock(false)
    expect((await engine.introspect(tokens.access_token))['active']).toBe(true)
    under.clock.advance(30 * 24 * 3_600)
    expect(
      errorOf(await engine.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }, client)),
    ).toBe('invalid_grant')
  })

  it('a client without the grant gets no refresh token', async () => {
    const once = await engine.registerClient({ grantTypes: ['AUTHORIZATION_CODE'] })
    expect((await engine.obtainTokens(once)).refresh_token).toBeUndefined()
  })
})

describe('RFC 6749 §4.4: client credentials', () => {
  it('brings a token without subject and without refresh token', async () => {
    const answer = await engine.token({ grant_type: 'client_credentials', scope: 'notes:read openid' }, client)
    const tokens = tokensOf(answer)
    expect(tokens).toMatchObject({ scope: 'notes:read' })
    expect(tokens).not.toHaveProperty('refresh_token')
    const introspected = await engine.introspect(tokens.access_token)
    expect(introspected).toMatchObject({ active: true, client_id: client.clientId, scope: 'notes:read' })
    expect(introspected).not.toHaveProperty('sub')
    expect((await engine.userinfo(tokens.access_token)).action).toBe('FORBIDDEN')
  })

  it('RFC 7591 §2: is not for clients that did not register for it', async () => {
    const path = { serviceId: String(under.serviceId) }
    const created = await ask(
      under.engine.POST('/api/{serviceId}/client/create', { params: { path }, body: { clientName: 'Web' } }),
    )
    const web = { clientId: String(created.clientId), clientSecret: created.clientSecret ?? '' }
    expect(errorOf(await engine.token({ grant_type: 'client_credentials', scope: 'notes:read' }, web))).toBe(
      'unauthorized_client',
    )
  })

  it('is not for public clients', async () => {
    const spa = await engine.registerClient({
      clientType: 'PUBLIC',
      tokenAuthMethod: 'NONE',
      grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    })
    expect(errorOf(await engine.token({ grant_type: 'client_credentials', client_id: spa.clientId }))).toBe(
      'unauthorized_client',
    )
  })
})

describe('RFC 6749 §5.2: what is no token request', () => {
  it.each([
    ['no grant_type', {}, 'invalid_request'],
    ['password, RFC 9700 §2.4', { grant_type: 'password', username: 'a', password: 'b' }, 'unsupported_grant_type'],
    ['an unknown grant', { grant_type: 'x' }, 'unsupported_grant_type'],
    ['a grant named like a property', { grant_type: '__proto__' }, 'unsupported_grant_type'],
    ['no code', { grant_type: 'authorization_code' }, 'invalid_request'],
    ['no refresh_token', { grant_type: 'refresh_token' }, 'invalid_request'],
  ])('%s', async (_, parameters: Record<string, string>, error) => {
    const answer = await engine.token(parameters, client)
    expect(answer.action).toBe('BAD_REQUEST')
    expect(errorOf(answer)).toBe(error)
  })

  it('a parameter that is sent twice', async () => {
    const answer = await engine.token(
      [
        ['grant_type', 'client_credentials'],
        ['grant_type', 'client_credentials'],
      ],
      client,
    )
    expect(errorOf(answer)).toBe('invalid_request')
  })
})

describe('RFC 6749 §2.3: client authentication, one method and the registered one', () => {
  const grant = { grant_type: 'client_credentials', scope: 'notes:read' }

  it.each([
    ['nobody', () => engine.token(grant), 'A116302'],
    ['an unknown client', () => engine.token(grant, { clientId: 'nobody', clientSecret: 'x' }), 'A957313'],
    ['a wrong secret', () => engine.token(grant, { ...client, clientSecret: `${client.clientSecret}x` }), 'A957313'],
    ['an empty secret', () => engine.token(grant, { ...client, clientSecret: '' }), 'A957313'],
    [
      'the right secret in the wrong place',
      () => engine.token({ ...grant, client_id: client.clientId, client_secret: client.clientSecret }),
      'A157357',
    ],
    [
      'a confidential client that only says its name',
      () => engine.token({ ...grant, client_id: client.clientId }),
      'A157357',
    ],
    ['two names', () => engine.token({ ...grant, client_id: 'other' }, client), 'A957318'],
  ])('%s: invalid_client', async (_, attempt, resultCode) => {
    const answer = await attempt()
    expect(answer).toMatchObject({ action: 'INVALID_CLIENT', resultCode })
  })

  it('two methods at once: invalid_request', async () => {
    expect(errorOf(await engine.token({ ...grant, client_secret: client.clientSecret }, client))).toBe(
      'invalid_request',
    )
  })

  it('a public client that sends a secret', async () => {
    const spa = await engine.registerClient({
      clientType: 'PUBLIC',
      tokenAuthMethod: 'NONE',
      grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    })
    expect(
      await engine.token({
        grant_type: 'refresh_token',
        refresh_token: 'x',
        client_id: spa.clientId,
        client_secret: 'x',
      }),
    ).toMatchObject({ resultCode: 'A157303' })
  })

  it('client_secret_post', async () => {
    const post = await engine.registerClient({ tokenAuthMethod: 'CLIENT_SECRET_POST' })
    expect((await engine.token({ ...grant, client_id: post.clientId, client_secret: post.clientSecret })).action).toBe(
      'OK',
    )
    expect((await engine.token(grant, post)).action).toBe('INVALID_CLIENT')
  })
})

describe('RFC 7523 §3 and OIDC Core §9: private_key_jwt', () => {
  const grant = { grant_type: 'client_credentials', scope: 'notes:read' }
  let key: CryptoKey
  let signer: RegisteredTestClient

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    key = pair.privateKey
    const jwks = JSON.stringify({
      keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' }],
    })
    signer = await engine.registerClient({ tokenAuthMethod: 'PRIVATE_KEY_JWT', tokenAuthSignAlg: 'ES256', jwks })
  })

  let jtis = 0
  const seconds = () => Math.floor(under.clock.now().getTime() / 1000)
  const claims = () => ({
    iss: signer.clientId,
    sub: signer.clientId,
    aud: testIssuer,
    iat: seconds(),
    exp: seconds() + 60,
    jti: `j${(jtis += 1)}`,
  })
  const sign = (payload: Record<string, unknown>, signingKey = key) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(signingKey)
  const attempt = async (assertion: string, parameters: Record<string, string> = grant) =>
    engine.token({
      ...parameters,
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })

  it('passes, once', async () => {
    const assertion = await sign(claims())
    expect((await attempt(assertion)).action).toBe('OK')
    expect(await attempt(assertion)).toMatchObject({ action: 'INVALID_CLIENT', resultCode: 'A957320' })
  })

  it('of 32 that use one assertion at once, one passes', async () => {
    const assertion = await sign(claims())
    const answers = await Promise.all(Array.from({ length: 32 }, () => attempt(assertion)))
    expect(answers.filter(({ action }) => action === 'OK')).toHaveLength(1)
  })

  it.each<[string, Record<string, unknown>]>([
    ['iat 8 seconds ahead', { iat: 8 }],
    ['nbf 8 seconds ahead', { nbf: 8 }],
    ['no iat', { iat: undefined }],
  ])('%s passes', async (_, change) => {
    const at = (offset: unknown) => (typeof offset === 'number' ? seconds() + offset : undefined)
    const times = Object.fromEntries(Object.entries(change).map(([name, offset]) => [name, at(offset)]))
    expect((await attempt(await sign({ ...claims(), ...times }))).action).toBe('OK')
  })

  it.each<[string, () => Record<string, unknown>]>([
    ['another iss', () => ({ iss: 'other' })],
    ['no sub', () => ({ sub: undefined })],
    ['another sub', () => ({ sub: 'other' })],
    ['no aud', () => ({ aud: undefined })],
    ['the token endpoint as aud', () => ({ aud: `${testIssuer}/oauth/token` })],
    ['the issuer in an array', () => ({ aud: [testIssuer] })],
    ['the issuer with a slash', () => ({ aud: `${testIssuer}/` })],
    ['no exp', () => ({ exp: undefined })],
    ['expired', () => ({ exp: seconds() - 11 })],
    ['exp in ten years', () => ({ exp: seconds() + 315_360_000 })],
    ['iat 61 seconds ahead', () => ({ iat: seconds() + 61 })],
    ['nbf 61 seconds ahead', () => ({ nbf: seconds() + 61 })],
    ['no jti', () => ({ jti: undefined })],
  ])('%s: invalid_client', async (_, change) => {
    expect((await attempt(await sign({ ...claims(), ...change() }))).action).toBe('INVALID_CLIENT')
  })

  it('somebody else’s key, none at all, and another algorithm: invalid_client', async () => {
    const other = await generateKeyPair('ES256')
    expect((await attempt(await sign(claims(), other.privateKey))).action).toBe('INVALID_CLIENT')
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.`
    expect((await attempt(unsigned)).action).toBe('INVALID_CLIENT')
    const hmac = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('k'.repeat(32)))
    expect((await attempt(hmac)).action).toBe('INVALID_CLIENT')
    expect((await attempt('x')).action).toBe('INVALID_CLIENT')
  })

  it('a header that cannot be read: invalid_client', async () => {
    const claimsPart = Buffer.from(JSON.stringify(claims())).toString('base64url')
    for (const header of ['bm90', '', '%', Buffer.from('[]').toString('base64url')]) {
      expect((await attempt(`${header}.${claimsPart}.eA`)).action).toBe('INVALID_CLIENT')
    }
  })

  it('where the service accepts more than the issuer, aud may be the endpoint that is meant, and no other', async () => {
    const lenient = await openTestEngine({ supportedScopes: testScopes, clientAssertionAudRestrictedToIssuer: false })
    const talk = converse(lenient)
    const pair = await generateKeyPair('ES256', { extractable: true })
    const jwks = JSON.stringify({
      keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' }],
    })
    const own = await talk.registerClient({ tokenAuthMethod: 'PRIVATE_KEY_JWT', tokenAuthSignAlg: 'ES256', jwks })
    const revokeWith = async (aud: string | string[]) => {
      const iat = Math.floor(lenient.clock.now().getTime() / 1000)
      const said = { ...claims(), iss: own.clientId, sub: own.clientId, aud, iat, exp: iat + 60 }
      const assertion = await sign(said, pair.privateKey)
      const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
      return (await talk.revoke({ token: '-', client_assertion: assertion, client_assertion_type })).action
    }
    // Introspection is authenticated by way of revocation.
    for (const endpoint of ['revoke', 'introspect', 'token']) {
      expect(await revokeWith([`${testIssuer}/oauth/${endpoint}`])).toBe('OK')
    }
    expect(await revokeWith(`${testIssuer}/oauth/par`)).toBe('INVALID_CLIENT')
    expect(await revokeWith(testIssuer)).toBe('OK')
    await lenient.close()
  })

  it('another client_id beside it: invalid_client', async () => {
    expect((await attempt(await sign(claims()), { ...grant, client_id: client.clientId })).action).toBe(
      'INVALID_CLIENT',
    )
  })
})

describe('OIDC Core §5.3: userinfo', () => {
  const params = () => ({ path: { serviceId: String(under.serviceId) } })

  it('opens the claims of the granted scopes, and no others', async () => {
    const tokens = await engine.obtainTokens(client, { scopes: ['openid', 'email'] })
    expect(await engine.userinfo(tokens.access_token)).toMatchObject({
      action: 'OK',
      claims: ['email', 'email_verified'],
      subject: 'subject-1',
    })
  })

  it('is signed when the client registered an algorithm', async () => {
    const signed = await engine.registerClient({ userInfoSignAlg: 'RS256' })
    const tokens = await engine.obtainTokens(signed)
    const body = { token: tokens.access_token, claims: '{"email":"a@example.com","sub":"somebody else"}' }
    const answer = await ask(under.engine.POST('/api/{serviceId}/auth/userinfo/issue', { params: params(), body }))
    expect(answer.action).toBe('JWT')
    const { keys } = await ask(under.engine.GET('/api/{serviceId}/service/jwks/get', { params: params() }))
    const { payload } = await jwtVerify(answer.responseContent, createLocalJWKSet({ keys }), {
      issuer: testIssuer,
      audience: signed.clientId,
    })
    expect(payload).toMatchObject({ sub: 'subject-1', email: 'a@example.com' })
  })

  it('§5.3.2: sub is that of the ID token, and no other', async () => {
    const { access_token: token, id_token = '' } = await engine.obtainTokens(client, { issue: { sub: 'pairwise' } })
    expect(decodeJwt(id_token).sub).toBe('pairwise')
    const issue = async (more: object) => {
      const body = { token, ...more }
      return (await under.call('POST', `/${under.serviceId}/auth/userinfo/issue`, { body })).json
    }
    for (const more of [{}, { sub: 'pairwise' }]) {
      expect(await issue(more)).toMatchObject({ action: 'JSON', responseContent: '{"sub":"pairwise"}' })
    }
    for (const sub of ['subject-1', 'somebody-else']) {
      expect(await issue({ sub })).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A996202' })
    }
  })

  it('whoever takes back a scope takes back its claims, however they were asked for', async () => {
    const claims = JSON.stringify({ userinfo: { email: { essential: true }, name: null } })
    const tokens = await engine.obtainTokens(client, { parameters: { claims } })
    expect(await engine.userinfo(tokens.access_token)).toMatchObject({ claims: ['email', 'email_verified', 'name'] })
    const path = { ...params().path, clientId: client.clientId }
    const body = { subject: 'subject-1', scopes: ['openid'] }
    await ask(under.engine.POST('/api/{serviceId}/client/authorization/update/{clientId}', { params: { path }, body }))
    expect(await engine.userinfo(tokens.access_token)).toMatchObject({ action: 'OK', claims: ['name'] })
  })

  it('needs openid', async () => {
    const tokens = await engine.obtainTokens(client, { scopes: ['email'] })
    const answer = await engine.userinfo(tokens.access_token)
    expect(answer).toMatchObject({ action: 'FORBIDDEN', resultCode: 'A089304' })
    expect('responseContent' in answer && answer.responseContent).toMatch(
      /^Bearer error="insufficient_scope",error_description="[^"]+",error_uri="[^"]+"$/,
    )
  })
})

describe('RFC 6750 §3: introspection for resource servers that call the engine', () => {
  const introspect = (body: {
    token: string
    scopes?: string[]
    subject?: string
    acrValues?: string[]
    maxAge?: number
  }) =>
    ask(
      under.engine.POST('/api/{serviceId}/auth/introspection', {
        params: { path: { serviceId: String(under.serviceId) } },
        body,
      }),
    )

  it('says what the token is good for', async () => {
    const { access_token: token } = await engine.obtainTokens(client, {
      scopes: ['notes:read'],
      issue: { authTime: Math.floor(under.clock.now().getTime() / 1000), acr: 'urn:acr:1' },
    })
    expect(await introspect({ token, scopes: ['notes:read'] })).toMatchObject({
      action: 'OK',
      existent: true,
      usable: true,
      sufficient: true,
      refreshable: true,
    })
    expect(await introspect({ token, scopes: ['notes:write'] })).toMatchObject({
      action: 'FORBIDDEN',
      sufficient: false,
    })
    expect(await introspect({ token, subject: 'other' })).toMatchObject({ action: 'FORBIDDEN' })
    // RFC 9470 §3.
    expect(await introspect({ token, acrValues: ['urn:acr:2'] })).toMatchObject({
      action: 'UNAUTHORIZED',
      resultCode: 'A341302',
    })
    expect(await introspect({ token, maxAge: 60 })).toMatchObject({ action: 'OK' })
    under.clock.advance(61)
    expect(await introspect({ token, maxAge: 60 })).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A340301' })
    under.clock.advance(600)
    expect(await introspect({ token })).toMatchObject({
      action: 'UNAUTHORIZED',
      usable: false,
      refreshable: true,
      resultCode: 'A065301',
    })
  })

  it.each<[string, object]>([
    ['targetUri', { targetUri: 'https://api.example/x' }],
    ['headers', { headers: [{ key: 'Signature', value: 'bogus' }] }],
    ['requiredComponents', { requiredComponents: ['@method'] }],
    ['message', { message: 'GET / HTTP/1.1' }],
    ['requestBodyContained', { requestBodyContained: true }],
  ])('RFC 9421: given %s, then it is said that no signature is verified', async (member, more) => {
    const { access_token: token } = await engine.obtainTokens(client)
    for (const path of ['introspection', 'userinfo']) {
      const { json } = await under.call('POST', `/${under.serviceId}/auth/${path}`, { body: { token, ...more } })
      expect(json).toMatchObject({ action: 'INTERNAL_SERVER_ERROR' })
      expect(json['responseContent']).toMatch(
        new RegExp(`^Bearer error="server_error",error_description="[^"]+${member}: `),
      )
    }
    const nothing = { headers: [], requiredComponents: [], requestBodyContained: false, message: '' }
    expect(await engine.inspect({ token, ...nothing })).toMatchObject({ action: 'OK' })
    const body = { token, requestSignature: 'bogus' }
    const issued = await under.call('POST', `/${under.serviceId}/auth/userinfo/issue`, { body })
    expect(issued.json).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A996203' })
  })

  it.each([{}, { token: '' }, { token: null }])('given %j, then BAD_REQUEST and a challenge', async (body) => {
    for (const path of ['introspection', 'userinfo']) {
      const { json } = await under.call('POST', `/${under.serviceId}/auth/${path}`, { body })
      expect(json).toMatchObject({ action: 'BAD_REQUEST' })
      expect(json['responseContent']).toMatch(/^Bearer error="invalid_request",/)
    }
  })

  it.each(['a"b', 'a\\b', 'a\r\nX: y', 'a b', 'ä', ''])(
    'RFC 9110 §5.6.4: given %j as a scope or an acr, which no challenge can say, then 400',
    async (text) => {
      const { access_token: token } = await engine.obtainTokens(client)
      for (const more of [{ scopes: [text] }, { acrValues: [text] }]) {
        const { status, json } = await under.call('POST', `/${under.serviceId}/auth/introspection`, {
          body: { token, ...more },
        })
        expect([status, json['resultCode']]).toEqual([400, 'A126202'])
      }
    },
  )

  it('of an unknown token nothing', async () => {
    expect(await introspect({ token: 'x' })).toMatchObject({
      action: 'UNAUTHORIZED',
      existent: false,
      resultCode: 'A057302',
    })
  })
})

function without(parameters: Record<string, string>, left: string): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== left))
}
