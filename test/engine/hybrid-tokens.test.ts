import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import { generateJwks, parseJwks } from '../../server/engine/keys.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse, jsonOf, testScopes, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const detail = { type: 'accounts', actions: ['balance'] }

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient
let keys: ReturnType<typeof createLocalJWKSet>
let jwks: string

beforeAll(async () => {
  jwks = await generateJwks()
  under = await openTestEngine({
    supportedScopes: testScopes,
    jwks,
    accessTokenSignAlg: 'ES256',
    supportedAuthorizationDetailsTypes: ['accounts'],
    grantManagementEndpoint: `${testIssuer}/oauth/gm`,
  })
  engine = converse(under)
  client = await engine.registerClient({ authorizationDetailsTypes: ['accounts'] })
  const path = { serviceId: String(under.serviceId) }
  keys = createLocalJWKSet(await ask(under.engine.GET('/api/{serviceId}/service/jwks/get', { params: { path } })))
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const verify = async (token: string, audience: string) =>
  jwtVerify(token, keys, { issuer: testIssuer, audience, typ: 'at+jwt', currentDate: under.clock.now() })

/** Tokens, and the answer that the front-end got with them. */
async function obtain(options: Parameters<Conversation['obtainCode']>[1] = {}) {
  const { code, codeVerifier } = await engine.obtainCode(client, options)
  const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
  if (answer.action !== 'OK') throw new Error(answer.resultMessage)
  return { answer, tokens: tokensOf(answer), jwt: tokensOf(answer).access_token, opaque: answer.accessToken ?? '' }
}

describe('RFC 9068 §2: a signed access token', () => {
  it('says what a resource server needs to know, and verifies with the published keys', async () => {
    const { jwt, answer } = await obtain({
      parameters: { authorization_details: JSON.stringify([detail]) },
      resources: ['https://notes.example', 'https://mail.example'],
      issue: { authTime: 1_772_366_000, acr: 'urn:acr:1', claims: '{"email":"a@example.com"}' },
    })
    const { payload, protectedHeader } = await verify(jwt, 'https://notes.example')
    const iat = under.clock.now().getTime() / 1000
    expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'ES256' })
    const { jti, ...claims } = payload
    expect(claims).toEqual({
      iss: testIssuer,
      sub: 'subject-1',
      aud: ['https://notes.example', 'https://mail.example'],
      client_id: client.clientId,
      iat,
      exp: iat + 600,
      scope: 'openid email notes:read notes:write',
      authorization_details: [detail],
      grant_type: 'authorization_code',
      auth_time: 1_772_366_000,
      acr: 'urn:acr:1',
    })
    expect(answer).toMatchObject({ jwtAccessToken: jwt })
    expect(jti).toMatch(/^[\w-]{32}$/)
  })

  it('§3: without a resource indicator it is for the issuer', async () => {
    const { jwt } = await obtain()
    expect((await verify(jwt, testIssuer)).payload.aud).toEqual([testIssuer])
    expect(decodeJwt(jwt)).not.toHaveProperty('authorization_details')
  })

  it('of a client that acts for itself, the subject is the client', async () => {
    const { access_token } = tokensOf(
      await engine.token({ grant_type: 'client_credentials', scope: 'notes:read' }, client),
    )
    expect((await verify(access_token, testIssuer)).payload).toMatchObject({
      sub: client.clientId,
      client_id: client.clientId,
    })
    expect(await engine.introspect(access_token)).toMatchObject({ active: true, scope: 'notes:read' })
  })

  it('names the grant that brought it, and the managed one that it belongs to, but not what that holds', async () => {
    const { answer, jwt, tokens } = await obtain({ parameters: { grant_management_action: 'create' } })
    expect(answer.grantId).toBeDefined()
    expect(decodeJwt(jwt)).toMatchObject({ grant_type: 'authorization_code', grant_id: answer.grantId })
    const again = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
    const { access_token } = tokensOf(await engine.token(again, client))
    expect(decodeJwt(access_token)).toMatchObject({ grant_type: 'refresh_token', grant_id: answer.grantId })
    expect(decodeJwt(access_token)).not.toHaveProperty('grant')
  })

  it('OIDC Core §3.1.3.6: at_hash is of what the client was given', async () => {
    const { tokens, jwt } = await obtain()
    const hash = createHash('sha256').update(jwt).digest().subarray(0, 16).toString('base64url')
    expect(decodeJwt(tokens.id_token ?? '')['at_hash']).toBe(hash)
  })

  it('its jti is no token, and nothing in it is: logs may have it', async () => {
    const { jwt, opaque } = await obtain()
    const { jti = '' } = decodeJwt(jwt)
    expect(await engine.introspect(jti)).toEqual({ active: false })
    expect(jwt).not.toContain(opaque)
    expect(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).not.toContain(opaque)
  })

  it('accessTokenSignatureKeyId chooses the key among several', async () => {
    const all = [jwks, await generateJwks()].flatMap((set) => parseJwks(set))
    const kids = all.flatMap(({ alg, kid }) => (alg === 'RS256' && kid !== undefined ? [kid] : []))
    expect(kids).toHaveLength(2)
    for (const accessTokenSignatureKeyId of kids) {
      const signing = await openTestEngine({
        ...{ supportedScopes: testScopes, jwks: JSON.stringify({ keys: all }) },
        ...{ accessTokenSignAlg: 'RS256', accessTokenSignatureKeyId },
      })
      const talk = converse(signing)
      const own = await talk.registerClient()
      const tokens = tokensOf(await talk.token({ grant_type: 'client_credentials', scope: 'notes:read' }, own))
      const { kid, alg } = decodeProtectedHeader(tokens.access_token)
      expect({ kid, alg }).toEqual({ kid: accessTokenSignatureKeyId, alg: 'RS256' })
      expect(await talk.introspect(tokens.access_token)).toMatchObject({ active: true })
      await signing.close()
    }
  })

  it('RFC 9396 §9.1: says what concerns its audience, while the response says all that was granted', async () => {
    const [a, b] = ['https://a.example', 'https://b.example']
    const details = [{ ...detail, locations: [a] }, { ...detail, locations: [b, 'https://c.example'] }, detail]
    const parameters = { authorization_details: JSON.stringify(details) }
    const tokens = await engine.obtainTokens(client, {
      parameters,
      resources: [a, b],
      tokenParameters: [['resource', b]],
    })
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: [b], authorization_details: details.slice(1) })
    const limited = await obtain({ parameters, resources: [a] })
    expect(decodeJwt(limited.jwt)['authorization_details']).toEqual([details[0], detail])
    expect(jsonOf(limited.answer)['authorization_details']).toEqual(details)
    expect(decodeJwt((await obtain({ parameters })).jwt)['authorization_details']).toEqual(details)
  })

  it('given more than a token can carry, then it is refused before anything is spent, and less can be asked for', async () => {
    const large = [detail, ...Array.from({ length: 3 }, () => ({ ...detail, note: 'x'.repeat(2_000) }))]
    const parameters = { authorization_details: JSON.stringify(large) }
    const { code, codeVerifier } = await engine.obtainCode(client, { parameters })
    const redeem = (extra: object) => engine.token({ ...codeParameters(client, code, codeVerifier), ...extra }, client)
    expect(await redeem({})).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A950308' })
    const tokens = tokensOf(await redeem({ authorization_details: JSON.stringify(large.slice(0, 3)) }))
    expect(tokens.access_token.length).toBeGreaterThan(5_000)
    expect((await engine.introspect(tokens.access_token))['active']).toBe(true)
    expect((await engine.userinfo(tokens.access_token)).action).toBe('OK')
    expect((await engine.revoke({ token: tokens.access_token }, client)).action).toBe('OK')
    expect(await engine.introspect(tokens.access_token)).toEqual({ active: false })
  })

  it('without accessTokenSignAlg, tokens are opaque', async () => {
    const plain = await openTestEngine({ supportedScopes: testScopes })
    const talk = converse(plain)
    const answer = await talk.token(
      { grant_type: 'client_credentials', scope: 'notes:read' },
      await talk.registerClient(),
    )
    expect(answer).not.toHaveProperty('jwtAccessToken')
    expect(tokensOf(answer).access_token).not.toContain('.')
    await plain.close()
  })
})

describe('A signed access token, wherever it is presented', () => {
  it('is the same token as the opaque one', async () => {
    const { jwt, opaque } = await obtain()
    const introspected = await engine.introspect(jwt)
    expect(introspected).toMatchObject({ active: true, sub: 'subject-1' })
    expect(introspected).toEqual(await engine.introspect(opaque))
    expect(await engine.inspect({ token: jwt })).toEqual(await engine.inspect({ token: opaque }))
    expect(await engine.userinfo(jwt)).toMatchObject({ action: 'OK', token: jwt, claims: ['email', 'email_verified'] })
    const params = { path: { serviceId: String(under.serviceId) } }
    const body = { token: jwt, claims: '{"email":"a@example.com"}' }
    const userinfo = await ask(under.engine.POST('/api/{serviceId}/auth/userinfo/issue', { params, body }))
    expect(jsonOf(userinfo)).toEqual({ email: 'a@example.com', sub: 'subject-1' })
  })

  it.each([undefined, 'access_token', 'refresh_token'])('RFC 7009: can be revoked (hint: %s)', async (hint) => {
    const { jwt, opaque, tokens } = await obtain()
    const other = await engine.registerClient()
    const parameters = { token: jwt, ...(hint && { token_type_hint: hint }) }
    await engine.revoke(parameters, other)
    expect((await engine.introspect(jwt))['active']).toBe(true)
    await engine.revoke(parameters, client)
    for (const token of [jwt, opaque]) expect(await engine.introspect(token)).toEqual({ active: false })
    const refreshed = await engine.token(
      { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' },
      client,
    )
    expect(refreshed.action).toBe('BAD_REQUEST')
  })

  it('ends with a refresh, with the clock, and with what the person takes back', async () => {
    const first = await obtain()
    const refreshed = tokensOf(
      await engine.token({ grant_type: 'refresh_token', refresh_token: first.tokens.refresh_token ?? '' }, client),
    )
    expect(await engine.introspect(first.jwt)).toEqual({ active: false })
    await engine.narrow(client, { subject: 'subject-1', scopes: ['openid'] })
    expect(await engine.introspect(refreshed.access_token)).toMatchObject({ active: true, scope: 'openid' })
    under.clock.advance(600)
    expect(await engine.introspect(refreshed.access_token)).toEqual({ active: false })
    expect(await engine.inspect({ token: refreshed.access_token })).toMatchObject({ resultCode: 'A065301' })
  })

  it('lets a client manage its grants', async () => {
    const answer = await engine.manageGrant({ gmAction: 'QUERY', grantId: 'x', accessToken: (await obtain()).jwt })
    expect(answer).toMatchObject({ action: 'FORBIDDEN', resultCode: 'A977301' })
  })

  it('RFC 8725 §3: whatever else is made to look like it is unknown', async () => {
    const { jwt, tokens } = await obtain()
    const { privateKey } = await generateKeyPair('ES256')
    const [header = '', payload = '', signature = ''] = jwt.split('.')
    const claims = decodeJwt(jwt)
    const parsedHeader = decodeProtectedHeader(jwt)
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const publicKey = Buffer.from(
      JSON.stringify(
        await ask(
          under.engine.GET('/api/{serviceId}/service/jwks/get', {
            params: { path: { serviceId: String(under.serviceId) } },
          }),
        ),
      ),
    )
    const forged = [
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: parsedHeader.kid ?? '', typ: 'at+jwt' })
        .sign(privateKey),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: parsedHeader.kid ?? '', typ: 'at+jwt' })
        .sign(publicKey),
      `${encode({ ...parsedHeader, alg: 'none' })}.${payload}.`,
      `${header}.${encode({ ...claims, scope: 'more' })}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${jwt}.`,
      `.${jwt}`,
      '..',
      'a.b.c',
      // Signed by the service with the same key, and yet no access token.
      tokens.id_token ?? '',
    ]
    for (const token of forged) {
      expect(await engine.introspect(token)).toEqual({ active: false })
      expect((await engine.inspect({ token })).action).toBe('UNAUTHORIZED')
      expect((await engine.userinfo(token)).action).toBe('UNAUTHORIZED')
    }
    expect((await engine.introspect(jwt))['active']).toBe(true)
  })

  it('is no good at another service, even one of the same name', async () => {
    const { jwt } = await obtain()
    const body = { issuer: testIssuer, jwks, supportedScopes: testScopes }
    const other = await under.call('POST', '/service/create', { body })
    const path = `/${String(other.json['apiKey'])}/auth/introspection`
    expect((await under.call('POST', path, { body: { token: jwt } })).json['action']).toBe('UNAUTHORIZED')
  })
})
