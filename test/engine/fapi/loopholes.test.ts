import { randomBytes } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../../sdk/engine.ts'
import type { Client, Scope, Service } from '../../../sdk/types.ts'
import { parseJwks } from '../../../server/engine/keys.ts'
import { issueCertificate } from '../../certificates.ts'
import type { ProofKey } from '../../dpop-proof.ts'
import { makeProofKey } from '../../dpop-proof.ts'
import type { RequestKey } from '../../request-object.ts'
import { makeRequestKey, signRequest } from '../../request-object.ts'
import { makeDecryptionKey, setOf } from '../client-keys.ts'
import type { Conversation, RegisteredTestClient } from '../conversation.ts'
import { authorizationParameters, codeParameters, converse, jsonOf, responseOf, tokensOf } from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from '../engine-under-test.ts'
import type { AssertionKey } from './key-client.ts'
import { makeAssertionKey, ofAnyAlgorithm } from './key-client.ts'

let under: TestEngine
let proofKey: ProofKey
let es256: AssertionKey
let rs256: AssertionKey
let requestKey: RequestKey

const scopes: Scope[] = [
  ...testScopes,
  { name: 'pay', attributes: [{ key: 'fapi2', value: 'sp' }] },
  { name: 'signed', attributes: [{ key: 'fapi2', value: 'ms-authres ms-introres' }] },
  { name: 'write', attributes: [{ key: 'fapi', value: 'rw' }] },
]

beforeAll(async () => {
  under = await openTestEngine()
  proofKey = await makeProofKey()
  es256 = await makeAssertionKey('ES256', under)
  rs256 = await makeAssertionKey('RS256', under)
  requestKey = await makeRequestKey()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

interface TestService {
  engine: Conversation
  call: (path: string, body: object) => ReturnType<TestEngine['call']>
  metadata: () => Promise<Record<string, unknown>>
}

async function openService(settings: Service = {}): Promise<TestService> {
  const offered: Service = { supportedServiceProfiles: ['FAPI'], supportedScopes: scopes }
  const body = { issuer: testIssuer, jwks: inject('serviceJwks'), ...testEndpoints, ...offered, ...settings }
  const { apiKey: serviceId = 0 } = await ask(under.engine.POST('/api/service/create', { body }))
  return {
    engine: converse({ engine: under.engine, serviceId }),
    call: (path, question) => under.call('POST', `/${serviceId}${path}`, { body: question }),
    metadata: async () => (await under.call('GET', `/${serviceId}/service/configuration`)).json,
  }
}

/** A JWK Set with a key for each algorithm. */
function bothKeys(): string {
  return JSON.stringify({ keys: [es256, rs256].flatMap(({ settings }) => parseJwks(settings.jwks)) })
}

const codeVerifier = randomBytes(32).toString('base64url')
const seconds = () => Math.floor(under.clock.now().getTime() / 1000)
const proof = async (key = proofKey) => ({
  dpop: await key.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() }),
})

/** Tokens of the client for itself, bound to the key of the proof or to none. */
async function own(engine: Conversation, client: RegisteredTestClient, scope: string, isBound: boolean) {
  const parameters = { grant_type: 'client_credentials', scope, ...(await es256.assert(client)) }
  return engine.token(parameters, undefined, isBound ? await proof() : undefined)
}

/** From the pushed request to the tokens; with the code, the client waits so many seconds. */
async function tokensFor(engine: Conversation, client: RegisteredTestClient, change: Record<string, string>, wait = 0) {
  const request = { ...authorizationParameters(client, codeVerifier), ...change }
  const pushed = await engine.push({ ...request, ...(await es256.assert(client)) })
  if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
  const begun = await engine.authorize({ client_id: client.clientId, request_uri: pushed.requestUri })
  if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
  const issued = await engine.issue({ ticket: begun.ticket, subject: 'jane' })
  const { response, code = String(decodeJwt(response ?? 'e30.e30.')['code']) } = responseOf(issued)
  under.clock.advance(wait)
  const parameters = { ...codeParameters(client, code, codeVerifier), ...(await es256.assert(client)) }
  return jsonOf(await engine.token(parameters, undefined, await proof()))
}

describe('FAPI 1.0 Advanced 5.2.2-10: only what is in the signed request object counts', () => {
  const traditional: Service = { traditionalRequestObjectProcessingApplied: true }

  async function request(scope: string, outer: Record<string, string>) {
    const { engine } = await openService(traditional)
    const key = { jwks: JSON.stringify({ keys: [requestKey.publicJwk] }) }
    const client = await engine.registerClient({ ...key, authorizationSignAlg: 'ES256' })
    const claims = {
      ...{ iss: client.clientId, aud: testIssuer, nbf: seconds(), exp: seconds() + 300 },
      ...{ ...authorizationParameters(client, codeVerifier), scope, response_mode: 'jwt' },
    }
    const sent = {
      client_id: client.clientId,
      response_type: 'code',
      scope,
      request: await signRequest(requestKey, claims),
    }
    return engine.authorize({ ...sent, ...outer })
  }

  it('given a login_hint and a max_age outside, when the scope brings the profile, then they are as if not sent', async () => {
    const answer = await request('openid write', { login_hint: 'jane', max_age: '7' })
    // The contract says 0 where nothing is asked for.
    expect(answer).toMatchObject({ action: 'INTERACTION', maxAge: 0 })
    expect(answer).not.toHaveProperty('loginHint')
  })

  it('given a scope outside, then it does not count, and where none is inside there is none', async () => {
    const answer = await request('openid', { scope: 'openid write' })
    expect(answer).toMatchObject({ action: 'INTERACTION', scopes: [{ name: 'openid' }] })
    expect((await request('', { scope: 'openid write' })).action).toBe('LOCATION')
  })

  it('given no profile, then what is outside counts as OIDC Core §6.1 has it', async () => {
    const answer = await request('openid', { login_hint: 'jane', max_age: '7' })
    expect(answer).toMatchObject({ action: 'INTERACTION', maxAge: 7, loginHint: 'jane' })
  })
})

describe('FAPI 2.0 5.3.2.2: a request that merges a managed grant', () => {
  it('given a grant with a scope of a profile, when it is merged without PAR, then A995316; with PAR and the scope, then it is', async () => {
    const { engine } = await openService({ grantManagementEndpoint: `${testIssuer}/oauth/grants` })
    const client = await engine.registerClient(es256.settings)
    const first = await tokensFor(engine, client, { scope: 'pay', grant_management_action: 'create' })
    const merge = { grant_management_action: 'merge', grant_id: String(first['grant_id']) }
    const plain = { ...authorizationParameters(client, codeVerifier), scope: 'notes:read', ...merge }
    expect(responseOf(await engine.authorize(plain))['error_description']).toContain('[A995316] ')
    const merged = await tokensFor(engine, client, { scope: 'pay notes:read', ...merge })
    expect(merged).toMatchObject({ grant_id: first['grant_id'], token_type: 'DPoP', scope: 'pay notes:read' })
  })

  /** A grant of notes:read, and a request without the profile that waits for a person to merge notes:write into it. */
  async function waitToMerge() {
    const { engine } = await openService({ grantManagementEndpoint: `${testIssuer}/oauth/grants` })
    const client = await engine.registerClient(es256.settings)
    const first = await tokensFor(engine, client, { scope: 'notes:read', grant_management_action: 'create' })
    const merge = { grant_management_action: 'merge', grant_id: String(first['grant_id']) }
    const plain = { ...authorizationParameters(client, codeVerifier), scope: 'notes:write', ...merge }
    const begun = await engine.authorize(plain)
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    return { engine, client, merge, ticket: begun.ticket }
  }

  it('given one that waited while the grant got a scope of a profile, then A995316, and the grant stays as it is', async () => {
    const { engine, client, merge, ticket } = await waitToMerge()
    const secured = await tokensFor(engine, client, { scope: 'pay', ...merge })
    expect(secured).toMatchObject({ scope: 'notes:read pay' })
    const refused = responseOf(await engine.issue({ ticket, subject: 'jane' }))
    expect(refused).toMatchObject({ error: 'invalid_request' })
    expect(refused['error_description']).toContain('[A995316] ')
    expect(await tokensFor(engine, client, { scope: 'pay', ...merge })).toMatchObject({ scope: 'notes:read pay' })
  })

  it('given one that waited while the grant got another scope, then both are merged', async () => {
    const { engine, client, merge, ticket } = await waitToMerge()
    await tokensFor(engine, client, { scope: 'email', ...merge })
    const { code = '' } = responseOf(await engine.issue({ ticket, subject: 'jane' }))
    const parameters = { ...codeParameters(client, code, codeVerifier), ...(await es256.assert(client)) }
    const { scope } = jsonOf(await engine.token(parameters))
    expect(scope).toBe('notes:read email notes:write')
  })

  it('given one that kept to the profile and waited, then it is merged', async () => {
    const { engine, client, merge } = await waitToMerge()
    const request = { ...authorizationParameters(client, codeVerifier), scope: 'pay', ...merge }
    const pushed = await engine.push({ ...request, ...(await es256.assert(client)) })
    if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
    const begun = await engine.authorize({ client_id: client.clientId, request_uri: pushed.requestUri })
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    await tokensFor(engine, client, { scope: 'pay notes:write', ...merge })
    expect(responseOf(await engine.issue({ ticket: begun.ticket, subject: 'jane' }))).toHaveProperty('code')
  })
})

describe('FAPI 2.0 5.3.2.1-11: a code lives sixty seconds at most', () => {
  it('given a service with longer codes, then they are that long where no profile holds', async () => {
    const { engine } = await openService({ authorizationCodeDuration: 300 })
    const client = await engine.registerClient(es256.settings)
    expect(await tokensFor(engine, client, { scope: 'pay' }, 59)).toMatchObject({ scope: 'pay' })
    expect(await tokensFor(engine, client, { scope: 'pay' }, 60)).toMatchObject({ error: 'invalid_grant' })
    expect(await tokensFor(engine, client, { scope: 'notes:read' }, 60)).toMatchObject({ scope: 'notes:read' })
  })
})

describe('FAPI 2.0 5.3.2.1-4: no token that is bound to nothing, whoever makes it', () => {
  it('given token/update, then a scope of a profile is put on a bound token only, and the refusal ends in one full stop', async () => {
    const { engine, call } = await openService()
    const client = await engine.registerClient(es256.settings)
    const [bound, bearer] = [
      await own(engine, client, 'notes:read', true),
      await own(engine, client, 'notes:read', false),
    ]
    const update = (accessToken: string) => call('/auth/token/update', { accessToken, scopes: ['pay'] })
    expect((await update(tokensOf(bound).access_token)).json).toMatchObject({ action: 'OK', scopes: ['pay'] })
    const { json } = await update(tokensOf(bearer).access_token)
    expect(json).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A995314' })
    expect(json['resultMessage']).toMatch(/[^.]\.$/)
    expect(await engine.introspect(tokensOf(bearer).access_token)).toMatchObject({ scope: 'notes:read' })
  })

  const publicClient: Client = { clientType: 'PUBLIC', tokenAuthMethod: 'NONE', grantTypes: ['AUTHORIZATION_CODE'] }

  it.each<[string, string, Service, () => Client]>([
    ['A995301', 'of a public client', {}, () => publicClient],
    ['A295301', 'of a client with a secret', {}, () => ({})],
    ['A995317', 'that is signed with RS256', { accessTokenSignAlg: 'RS256' }, () => es256.settings],
  ])(
    'given token/update, then %s for a scope of a profile on a bound token %s, as from token/create',
    async (resultCode, _, service, settings) => {
      const { engine, call } = await openService(service)
      const { numericId: clientId } = await engine.registerClient(settings())
      const token = { clientId, subject: 'jane', dpopKeyThumbprint: proofKey.jkt }
      const create = async (...names: string[]) => {
        const question = { grantType: 'AUTHORIZATION_CODE', ...token, scopes: names }
        return (await call('/auth/token/create', question)).json
      }
      expect(await create('pay')).toMatchObject({ action: 'BAD_REQUEST', resultCode })
      const { accessToken } = await create('notes:read')
      const { json } = await call('/auth/token/update', { accessToken, scopes: ['pay'] })
      expect(json).toMatchObject({ action: 'BAD_REQUEST', resultCode })
      expect(await engine.introspect(String(accessToken))).toMatchObject({ scope: 'notes:read' })
    },
  )

  it('given token/create for a client that is registered for binding, then A909207 but with its key', async () => {
    const { engine, call } = await openService({ tlsClientCertificateBoundAccessTokens: true })
    const create = async (settings: Client, more: object = {}) => {
      const { numericId: clientId } = await engine.registerClient(settings)
      const { json } = await call('/auth/token/create', {
        ...{ grantType: 'AUTHORIZATION_CODE', clientId, subject: 'jane', scopes: ['notes:read'] },
        ...more,
      })
      return json
    }
    const refused = await create({ dpopRequired: true })
    expect(refused).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A909207' })
    expect(refused['resultMessage']).toMatch(/[^.]\.$/)
    const key = { dpopKeyThumbprint: proofKey.jkt }
    expect(await create({ dpopRequired: true }, key)).toMatchObject({ action: 'OK', tokenType: 'DPoP' })
    const certified = await create({ tlsClientCertificateBoundAccessTokens: true }, key)
    expect(certified).toMatchObject({ resultCode: 'A909207' })
    expect(await create({})).toMatchObject({ action: 'OK', tokenType: 'Bearer' })
  })
})

describe('FAPI 2.0 Message Signing 5.5.1-1 and FAPI 2.0 5.4.1-1: introspection', () => {
  const jwt = 'application/token-introspection+jwt'
  const setUp = async (settings: Service, scope: string) => {
    const service = await openService(settings)
    const client = await service.engine.registerClient(es256.settings)
    const token = tokensOf(await own(service.engine, client, scope, true)).access_token
    const ask = async (httpAcceptHeader: string, more: object = {}) => {
      const question = { parameters: `token=${token}`, httpAcceptHeader, rsUri: 'https://rs.example', ...more }
      return (await service.call('/auth/introspection/standard', question)).json
    }
    return { ...service, ask }
  }

  it.each<[string, Service, string]>([
    ['the scope', {}, 'signed'],
    ['the service', { fapiModes: ['FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES'] }, 'notes:read'],
  ])('given the profile by %s, then a JWT with ES256, and no JSON by any weight', async (_, settings, scope) => {
    const { ask } = await setUp(settings, scope)
    const answer = await ask(jwt)
    expect(answer['action']).toBe('JWT')
    expect(decodeProtectedHeader(String(answer['responseContent']))).toMatchObject({ alg: 'ES256' })
    for (const accept of [
      'application/json',
      `${jwt};q=0, application/json`,
      `${jwt};q=0.1, application/json`,
      `${jwt};q=abc`,
    ]) {
      expect([accept, await ask(accept)]).toMatchObject([accept, { action: 'BAD_REQUEST', resultCode: 'A995315' }])
    }
  })

  it.each<[string, Service, string]>([
    ['a scope', {}, 'pay'],
    ['the service', { fapiModes: ['FAPI2_SECURITY'] }, 'notes:read'],
  ])('given FAPI 2.0 by %s, when RS256 is to sign, then A995317; PS256 signs', async (_, settings, scope) => {
    const { ask } = await setUp(settings, scope)
    expect(await ask(jwt, { introspectionSignAlg: 'RS256' })).toMatchObject({
      action: 'INTERNAL_SERVER_ERROR',
      resultCode: 'A995317',
    })
    expect(await ask(jwt, { introspectionSignAlg: 'PS256' })).toMatchObject({ action: 'JWT' })
  })

  it('given a token without a profile, then RS256 signs', async () => {
    const { ask } = await setUp({}, 'notes:read')
    expect(await ask(jwt, { introspectionSignAlg: 'RS256' })).toMatchObject({ action: 'JWT' })
  })
})

describe('FAPI 2.0 5.3.2.1-8: a refresh that is repeated is held against the profile again', () => {
  it('given refreshTokenIdempotent, when the repeat has a list in aud, then A157356; else the same tokens', async () => {
    const { engine } = await openService({ refreshTokenIdempotent: true, clientAssertionAudRestrictedToIssuer: false })
    const client = await engine.registerClient(es256.settings)
    const { refresh_token } = await tokensFor(engine, client, { scope: 'pay' })
    const refresh = async (claims: Record<string, unknown> = {}) =>
      engine.token(
        { grant_type: 'refresh_token', refresh_token: String(refresh_token), ...(await es256.assert(client, claims)) },
        undefined,
        await proof(),
      )
    const first = await refresh()
    expect((await refresh({ aud: [testIssuer] })).resultCode).toBe('A157356')
    expect(jsonOf(await refresh())['access_token']).toBe(jsonOf(first)['access_token'])
  })
})

describe('RFC 7517 §4.2 and §4.3: a key is used for what it says', () => {
  it('given a certificate whose key is registered for encryption, then it authenticates nobody', async () => {
    const { engine } = await openService({ supportedTokenAuthMethods: ['SELF_SIGNED_TLS_CLIENT_AUTH'] })
    const certificate = await issueCertificate()
    const authenticate = async (more: object) => {
      const jwks = JSON.stringify({ keys: [{ ...certificate.jwk, kid: 'k', ...more }] })
      const client = await engine.registerClient({ tokenAuthMethod: 'SELF_SIGNED_TLS_CLIENT_AUTH', jwks })
      const parameters = { grant_type: 'client_credentials', scope: 'notes:read', client_id: client.clientId }
      return (await engine.token(parameters, undefined, { clientCertificate: certificate.pem })).action
    }
    expect(await authenticate({ use: 'sig' })).toBe('OK')
    expect(await authenticate({ use: 'enc', alg: 'ECDH-ES' })).toBe('INVALID_CLIENT')
  })

  it('given key_ops, then a key that may wrap keys is encrypted to, and one that may verify is not', async () => {
    const { engine, call } = await openService()
    const settings = async (key_ops: string[]): Promise<Client> => ({
      idTokenEncryptionAlg: 'RSA_OAEP_256',
      jwks: setOf(await makeDecryptionKey('RSA-OAEP-256', undefined, { key_ops })),
    })
    const client = await engine.registerClient(await settings(['wrapKey']))
    const { id_token = '' } = await engine.obtainTokens(client, { parameters: { scope: 'openid' } })
    expect(id_token.split('.')).toHaveLength(5)
    const refused = await call('/client/create', await settings(['verify']))
    expect(refused.json['resultMessage']).toContain('jwks: idTokenEncryptionAlg needs a public key')
  })
})

describe('FAPI 2.0 5.4.1-1: what the service signs', () => {
  it('given a service under the profile, then RS256 is refused where it is registered', async () => {
    const { engine, call } = await openService({ fapiModes: ['FAPI2_SECURITY'] })
    const service = { issuer: testIssuer, supportedServiceProfiles: ['FAPI'], fapiModes: ['FAPI2_SECURITY'] }
    const updated = await call('/service/update', { ...service, accessTokenSignAlg: 'RS256' })
    expect([updated.status, updated.json['resultMessage']]).toEqual([
      400,
      expect.stringContaining('accessTokenSignAlg: FAPI 2.0 Security Profile 5.4.1-1: '),
    ])
    const members = ['tokenAuthSignAlg', 'userInfoSignAlg', 'idTokenSignAlg', 'requestSignAlg', 'authorizationSignAlg']
    for (const member of members) {
      const refused = await call('/client/create', { ...es256.settings, jwks: bothKeys(), [member]: 'RS256' })
      expect(refused.json['resultMessage']).toContain(`${member}: FAPI 2.0 Security Profile 5.4.1-1: `)
    }
    await engine.registerClient({ ...es256.settings, userInfoSignAlg: 'ES256', idTokenSignAlg: 'PS256' })
    expect((await call('/service/update', { ...service, accessTokenSignAlg: 'ES256' })).status).toBe(200)
  })

  it('given a profile by a scope, then tokens that would be signed with RS256 are not made, and others are', async () => {
    const { engine } = await openService({ accessTokenSignAlg: 'RS256' })
    const client = await engine.registerClient(es256.settings)
    const refused = await own(engine, client, 'pay', true)
    expect(refused).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A995317' })
    expect((await own(engine, client, 'notes:read', true)).action).toBe('OK')
  })

  it('given access_token.sign_alg of a client, then that counts, and not what the service says', async () => {
    const attributes = (value: string) => ({ attributes: [{ key: 'access_token.sign_alg', value }] })
    const { engine, call } = await openService({ accessTokenSignAlg: 'RS256' })
    const client = await engine.registerClient({ ...es256.settings, ...attributes('ES256') })
    const { jwtAccessToken } = { jwtAccessToken: 'e30', ...(await own(engine, client, 'pay', true)) }
    expect(decodeProtectedHeader(jwtAccessToken)).toMatchObject({ alg: 'ES256' })
    const other = await openService({ accessTokenSignAlg: 'ES256' })
    const weak = { ...es256.settings, ...attributes('RS256') }
    const refused = await own(other.engine, await other.engine.registerClient(weak), 'pay', true)
    expect(refused).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A995308' })
    const registered = await call('/client/create', { ...weak, fapiModes: ['FAPI2_SECURITY'] })
    expect([registered.status, registered.json['resultMessage']]).toEqual([
      400,
      expect.stringContaining('attributes/0: access_token.sign_alg: FAPI 2.0 Security Profile 5.4.1-1: '),
    ])
  })

  it('given a profile by a scope, then userinfo is not signed with RS256', async () => {
    const { engine, call } = await openService()
    const client = await engine.registerClient({ ...es256.settings, userInfoSignAlg: 'ES256' })
    const { access_token: token } = await tokensFor(engine, client, { scope: 'openid pay' })
    expect((await call('/auth/userinfo/issue', { token })).json).toMatchObject({ action: 'JWT' })
    await call(`/client/update/${client.clientId}`, {
      ...{ ...es256.settings, clientIdAlias: client.clientId, redirectUris: [client.redirectUri] },
      userInfoSignAlg: 'RS256',
    })
    const { json } = await call('/auth/userinfo/issue', { token })
    expect(json).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A995317' })
    const request = { ...authorizationParameters(client, codeVerifier), scope: 'openid pay' }
    const pushed = await engine.push({ ...request, ...(await es256.assert(client)) })
    expect(pushed.resultMessage).toContain('userInfoSignAlg of the client must be one of')
  })
})

describe('which profiles hold: nothing that is named is switched off in silence', () => {
  it('given a service that names its own, then a client with others is refused, at create and at update', async () => {
    const { engine, call } = await openService({ fapiModes: ['FAPI1_BASELINE'] })
    const stricter: Client = { ...es256.settings, fapiModes: ['FAPI2_SECURITY'] }
    const refused = await call('/client/create', stricter)
    expect([refused.status, refused.json['resultMessage']]).toEqual([
      400,
      expect.stringContaining('fapiModes: FAPI2_SECURITY would not count'),
    ])
    const { clientId } = await engine.registerClient({ ...es256.settings, fapiModes: ['FAPI1_BASELINE'] })
    expect((await call(`/client/update/${clientId}`, stricter)).status).toBe(400)
  })

  it('given a client under FAPI 1.0 Baseline, when its scope asks for FAPI 2.0, then both hold', async () => {
    const { engine } = await openService()
    const client = await engine.registerClient({ ...es256.settings, fapiModes: ['FAPI1_BASELINE'] })
    const request = authorizationParameters(client, codeVerifier)
    expect((await engine.authorize({ ...request, scope: 'pay' })).resultCode).toBe('A294308')
    expect((await own(engine, client, 'pay', false)).resultCode).toBe('A995314')
    expect((await engine.authorize({ ...request, scope: 'notes:read' })).action).toBe('INTERACTION')
  })
})

describe('FAPI 2.0 5.3.2.1-6: at the revocation endpoint, where resource servers prove who they are as well', () => {
  it('given a secret, RS256 or another aud, then INVALID_CLIENT; given ES256 for the issuer, then OK', async () => {
    const { engine } = await openService({ fapiModes: ['FAPI2_SECURITY'], clientAssertionAudRestrictedToIssuer: false })
    const secret = await engine.registerClient()
    expect(await engine.revoke({ token: 'x' }, secret)).toMatchObject({
      action: 'INVALID_CLIENT',
      resultCode: 'A295301',
    })
    const weak = await engine.registerClient(ofAnyAlgorithm(rs256))
    expect((await engine.revoke({ token: 'x', ...(await rs256.assert(weak)) })).resultCode).toBe('A995302')
    const good = await engine.registerClient(es256.settings)
    const elsewhere = await es256.assert(good, { aud: testEndpoints.revocationEndpoint })
    expect((await engine.revoke({ token: 'x', ...elsewhere })).resultCode).toBe('A157356')
    expect((await engine.revoke({ token: 'x', ...(await es256.assert(good)) })).action).toBe('OK')
  })
})

describe('FAPI 1.0 Baseline 5.2.2-20: redirect URIs are https', () => {
  const native: Client = {
    ...{ clientType: 'PUBLIC', tokenAuthMethod: 'NONE', applicationType: 'NATIVE' },
    grantTypes: ['AUTHORIZATION_CODE'],
  }

  it.each(['com.example.app:/cb', 'http://127.0.0.1:4711/cb'])('given %s, then it is refused', async (uri) => {
    const client: Client = { ...native, redirectUris: [uri] }
    const { call } = await openService({ fapiModes: ['FAPI1_BASELINE'] })
    const refused = await call('/client/create', client)
    expect(refused.json['resultMessage']).toContain('redirectUris/0: FAPI 1.0 Baseline 5.2.2-20: ')
    expect((await call('/client/create', { ...native, redirectUris: ['https://app.example/cb'] })).status).toBe(201)
    const { engine } = await openService()
    const free = await engine.registerClient(client)
    const request = { ...authorizationParameters(free, codeVerifier), scope: 'write', redirect_uri: uri }
    expect(await engine.authorize(request)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A995304' })
  })
})

describe('RFC 8414 §2: metadata of a service under a profile offers nothing that would be refused', () => {
  it('given FAPI 2.0 Message Signing, then only its methods, algorithms and response modes', async () => {
    const { metadata } = await openService({
      fapiModes: ['FAPI2_MESSAGE_SIGNING_AUTH_REQ', 'FAPI2_MESSAGE_SIGNING_AUTH_RES'],
    })
    const said = await metadata()
    expect(said).toMatchObject({
      require_signed_request_object: true,
      require_pushed_authorization_requests: true,
      response_modes_supported: ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      revocation_endpoint_auth_methods_supported: ['private_key_jwt'],
      introspection_endpoint_auth_methods_supported: ['private_key_jwt'],
    })
    const lists = Object.entries(said).filter(([name]) => name.includes('signing_alg'))
    expect(lists.length).toBeGreaterThan(6)
    for (const [name, algorithms] of lists)
      expect([name, algorithms]).not.toEqual([name, expect.arrayContaining(['RS256'])])
    expect(said['id_token_signing_alg_values_supported']).toEqual(['ES256', 'PS256', 'EdDSA'])
  })

  it('given FAPI 1.0 Advanced with the code flow alone, then answers are JWTs; given Baseline, then they need not be', async () => {
    const advanced = await (await openService({ fapiModes: ['FAPI1_ADVANCED'] })).metadata()
    expect(advanced['response_modes_supported']).not.toContain('query')
    expect(advanced['id_token_signing_alg_values_supported']).toEqual(['ES256', 'PS256'])
    const baseline = await (await openService({ fapiModes: ['FAPI1_BASELINE'] })).metadata()
    expect(baseline['response_modes_supported']).toContain('query')
    expect(baseline).toMatchObject({
      require_signed_request_object: false,
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    })
  })

  it('given no profile of its own, then all that it can do', async () => {
    const said = await (await openService()).metadata()
    expect(said['token_endpoint_auth_methods_supported']).toContain('client_secret_basic')
    expect(said['id_token_signing_alg_values_supported']).toContain('RS256')
    expect(said['response_modes_supported']).toContain('query')
  })
})
