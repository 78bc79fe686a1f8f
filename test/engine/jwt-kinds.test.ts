import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { createLocalJWKSet, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import { parseJwks } from '../../server/engine/keys.ts'
import { hashOfToken } from '../dpop-proof.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, converse, testScopes } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer } from './engine-under-test.ts'

/** RFC 8725 §3.11 and §3.12: the kinds of JWT that travel here. What the service signs is signed with one key, and so is what the client signs. */
const kinds = [
  ...(['ID token', 'access token', 'protected response', 'introspection response'] as const),
  ...(['request object', 'client assertion', 'DPoP proof', 'logout token'] as const),
] as const
type Kind = (typeof kinds)[number]

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const rsUri = 'https://api.example'
const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient
let serviceKeys: JWTVerifyGetKey
let jwts: Record<Kind, string>

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(pair.publicKey)
  under = await openTestEngine({ supportedScopes: testScopes, accessTokenSignAlg: 'ES256' })
  engine = converse(under)
  client = await engine.registerClient({
    ...{ tokenAuthMethod: 'PRIVATE_KEY_JWT', idTokenSignAlg: 'ES256', authorizationSignAlg: 'ES256' },
    jwks: JSON.stringify({ keys: [{ ...jwk, kid: 'client-key', use: 'sig', alg: 'ES256' }] }),
  })
  const params = { path: { serviceId: String(under.serviceId) } }
  const privateSet = await under.call('GET', `/${under.serviceId}/service/jwks/get?includePrivateKeys=true`)
  serviceKeys = createLocalJWKSet(await ask(under.engine.GET('/api/{serviceId}/service/jwks/get', { params })))

  const iat = Math.floor(under.clock.now().getTime() / 1000)
  const common = { iat, exp: iat + 300, jti: 'one of a kind' }
  const byClient = (typ: string, claims: JWTPayload, header: object = { kid: 'client-key' }) =>
    new SignJWT({ ...common, ...claims }).setProtectedHeader({ alg: 'ES256', typ, ...header }).sign(pair.privateKey)
  const assert = (jti: string) => byClient('JWT', { iss: client.clientId, sub: client.clientId, aud: testIssuer, jti })

  const { code } = await engine.obtainCode(client, { parameters: { code_challenge: await challengeOf(codeVerifier) } })
  const redeemed = await engine.token({
    ...{ grant_type: 'authorization_code', code, redirect_uri: client.redirectUri, code_verifier: codeVerifier },
    ...{ client_assertion: await assert('first'), client_assertion_type: assertionType },
  })
  if (redeemed.action !== 'OK') throw new Error(redeemed.resultMessage)
  const request = authorizationParameters(client, codeVerifier)
  const denied = await engine.authorize({ ...request, response_mode: 'jwt', prompt: 'none login' })
  if (denied.action !== 'LOCATION') throw new Error(denied.resultMessage)
  const introspected = await ask(
    under.engine.POST('/api/{serviceId}/auth/introspection/standard', {
      params,
      body: {
        ...{ parameters: `token=${redeemed.jwtAccessToken ?? ''}`, rsUri, introspectionSignAlg: 'ES256' },
        httpAcceptHeader: 'application/token-introspection+jwt',
      },
    }),
  )
  // OIDC Back-Channel Logout §2.4, signed with the very key that signs ID tokens.
  const serviceKey = parseJwks(privateSet.text).find(({ alg }) => alg === 'ES256') ?? {}
  const logout = await new SignJWT({
    ...{ ...common, iss: testIssuer, sub: 'subject-1', aud: client.clientId, sid: 'session' },
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  })
    .setProtectedHeader({ alg: 'ES256', kid: serviceKey.kid ?? '', typ: 'logout+jwt' })
    .sign(await importJWK(serviceKey, 'ES256'))

  jwts = {
    'ID token': redeemed.idToken ?? '',
    'access token': redeemed.jwtAccessToken ?? '',
    'protected response': new URL(denied.responseContent).searchParams.get('response') ?? '',
    'introspection response': introspected.responseContent,
    'request object': await byClient('oauth-authz-req+jwt', {
      ...{ ...request, iss: client.clientId, aud: testIssuer, nbf: iat },
    }),
    'client assertion': await assert('second'),
    'DPoP proof': await byClient(
      'dpop+jwt',
      { htm: 'POST', htu: testEndpoints.tokenEndpoint, ath: hashOfToken(redeemed.jwtAccessToken ?? '') },
      { jwk },
    ),
    'logout token': logout,
  }
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return Buffer.from(digest).toString('base64url')
}

/** Whether a JWT is accepted where another kind is expected. The first five are places of this server, the others are clients and resource servers. */
const places: Record<Kind, (jwt: string) => Promise<boolean>> = {
  'ID token': async (id_token_hint) => {
    const answer = await engine.authorize({ ...authorizationParameters(client, codeVerifier), id_token_hint })
    return answer.action === 'INTERACTION'
  },
  'access token': async (token) => {
    const active = (await engine.introspect(token))['active'] === true
    const usable = (await engine.inspect({ token })).action === 'OK'
    const opens = (await engine.userinfo(token)).action === 'OK'
    // The three say the same.
    expect([usable, opens]).toEqual([active, active])
    return active
  },
  'request object': async (request) => {
    const { clientId: client_id } = client
    const answer = await engine.authorize({ client_id, redirect_uri: client.redirectUri, request })
    return answer.action === 'INTERACTION'
  },
  'client assertion': async (client_assertion) => {
    const grant = { grant_type: 'client_credentials', scope: 'notes:read' }
    const answer = await engine.token({ ...grant, client_assertion, client_assertion_type: assertionType })
    return answer.action === 'OK'
  },
  'DPoP proof': async (dpop) => {
    const request = { dpop, htm: 'POST', htu: testEndpoints.tokenEndpoint }
    return (await engine.userinfo(jwts['access token'], request)).action === 'OK'
  },
  'protected response': (jwt) =>
    holds(jwt, async () => {
      // JARM §2.4, and what distinguishes it: the parameters of a response, and nobody's `sub`.
      const { payload } = await verify(jwt, client.clientId)
      return payload.sub === undefined && (typeof payload['code'] === 'string' || typeof payload['error'] === 'string')
    }),
  'introspection response': (jwt) =>
    holds(jwt, async () => {
      const { protectedHeader, payload } = await verify(jwt, rsUri)
      return protectedHeader.typ === 'token-introspection+jwt' && typeof payload['token_introspection'] === 'object'
    }),
  'logout token': (jwt) =>
    holds(jwt, async () => {
      const { protectedHeader, payload } = await verify(jwt, client.clientId)
      return protectedHeader.typ === 'logout+jwt' && 'events' in payload && !('nonce' in payload)
    }),
}

function verify(jwt: string, audience: string) {
  return jwtVerify(jwt, serviceKeys, { issuer: testIssuer, audience, currentDate: under.clock.now() })
}

/** Whether a strict verifier accepts it; jose throws when it does not. */
async function holds(jwt: string, check: () => Promise<boolean>): Promise<boolean> {
  expect(jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  return check().catch(() => false)
}

describe('RFC 8725 §3.12: a JWT of one kind is no JWT of another', () => {
  const others = kinds.flatMap((expected) =>
    kinds.filter((kind) => kind !== expected).map((kind) => [kind, expected] as const),
  )

  it.each(others)('given a JWT of the kind "%s", when "%s" is expected, then it is refused', async (kind, expected) => {
    expect(await places[expected](jwts[kind])).toBe(false)
  })

  // A request object is accepted where request objects are; that is for their own tests to say.
  it.each(kinds.filter((kind) => kind !== 'request object'))(
    'given the kind "%s" in its own place, then it is good',
    async (kind) => {
      expect(await places[kind](jwts[kind])).toBe(true)
    },
  )

  it('given userinfo that is signed with the key of ID tokens, then it is no hint either', async () => {
    const path = `/${under.serviceId}/client/update/${client.numericId}`
    const { json } = await under.call('GET', `/${under.serviceId}/client/get/${client.clientId}`)
    expect((await under.call('POST', path, { body: { ...json, userInfoSignAlg: 'ES256' } })).status).toBe(200)
    const params = { path: { serviceId: String(under.serviceId) } }
    const body = { token: jwts['access token'], claims: '{"exp":4000000000,"iat":1}' }
    const answer = await ask(under.engine.POST('/api/{serviceId}/auth/userinfo/issue', { params, body }))
    expect(answer.action).toBe('JWT')
    expect(await places['ID token'](answer.responseContent)).toBe(false)
  })

  it('given an ID token that is encrypted, then the hint is refused with words', async () => {
    const answer = await engine.authorize({
      ...authorizationParameters(client, codeVerifier),
      id_token_hint: 'eyJhbGciOiJFQ0RILUVTIn0..AAAA.AAAA.AAAA',
    })
    expect([answer.resultCode, answer.resultMessage]).toEqual(['A922302', expect.stringContaining('is encrypted')])
  })
})
