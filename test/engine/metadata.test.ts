import { createHash, randomBytes } from 'node:crypto'
import type { CryptoKey, JWK } from 'jose'
import { compactDecrypt, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client, Service } from '../../sdk/types.ts'
import { settingsOf } from '../../server/engine/presets/preset.ts'
import { presets } from '../../server/engine/presets/presets.ts'
import { withUnderscores } from '../../server/engine/protocol/encryption.ts'
import type { IssuedCertificate } from '../certificates.ts'
import { issueCertificate, makeAuthority } from '../certificates.ts'
import { makeClientAssertion } from '../client-assertion.ts'
import type { ProofKey } from '../dpop-proof.ts'
import { makeProofKey } from '../dpop-proof.ts'
import { encryptRequest, signRequest } from '../request-object.ts'
import type { Conversation } from './conversation.ts'
import { converse, errorOf, jsonOf, testRedirectUri, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'

/** OIDC Discovery §3, RFC 8414 §2: what the service under test says about itself. */
let under: TestEngine
let engine: Conversation
let metadata: Record<string, unknown>
let serviceKeys: JWK[]
let authority: IssuedCertificate
let certificate: IssuedCertificate

/** Keys are slow to make, and one for each algorithm is enough. */
const signingKeys = new Map<string, { privateKey: CryptoKey; publicJwk: JWK }>()
const proofKeys = new Map<string, ProofKey>()
const decryptionKeys = new Map<string, { privateKey: CryptoKey; publicJwk: JWK }>()

async function keyFor(alg: string, known: typeof signingKeys, use: 'sig' | 'enc') {
  const found = known.get(alg)
  if (found) return found
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const made = { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid: `${use} ${alg}`, use, alg } }
  known.set(alg, made)
  return made
}

/** What of a complete flow is done in another way. */
interface Variation {
  assertionAlg?: string
  requestAlg?: string
  requestEncryption?: { alg: string; enc: string }
  responseMode?: string
  codeChallengeMethod?: string
  dpopAlg?: string
  /** What answers to the client are encrypted with. */
  answerAlg?: string
  /** More of what the client registers. */
  client?: Record<string, string>
  request?: Record<string, unknown>
  released?: Record<string, unknown>
}

interface Completed {
  /** The authorization response, as its parameters. */
  response: URLSearchParams
  tokens: ReturnType<typeof tokensOf>
  settings: Client
  clientId: string
  again(): Promise<ReturnType<typeof tokensOf>>
}

/** The flow that every service here takes: PAR with a signed request object, private_key_jwt, S256 and DPoP. */
async function complete(variation: Variation = {}): Promise<Completed> {
  const { assertionAlg = 'ES256', requestAlg = 'ES256', dpopAlg = 'ES256', codeChallengeMethod = 'S256' } = variation
  const [assertionKey, requestKey] = [
    await keyFor(assertionAlg, signingKeys, 'sig'),
    await keyFor(requestAlg, signingKeys, 'sig'),
  ]
  const { answerAlg } = variation
  const decryptionKey = answerAlg === undefined ? undefined : await keyFor(answerAlg, decryptionKeys, 'enc')
  const proofKey = proofKeys.get(dpopAlg) ?? (await makeProofKey(dpopAlg))
  proofKeys.set(dpopAlg, proofKey)
  const keys = [...new Set([assertionKey, requestKey, ...(decryptionKey ? [decryptionKey] : [])])]
  const settings: Client = {
    ...{ tokenAuthMethod: 'PRIVATE_KEY_JWT', idTokenSignAlg: 'ES256', authorizationSignAlg: 'ES256' },
    ...{ applicationType: 'WEB', responseTypes: ['CODE'], grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'] },
    jwks: JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }),
    ...variation.client,
  }
  const { clientId } = await engine.registerClient(settings)
  const asClient = async (parameters: Record<string, string>) => {
    const signer = { clientId, key: assertionKey.privateKey, alg: assertionAlg, kid: assertionKey.publicJwk.kid ?? '' }
    return {
      ...parameters,
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await makeClientAssertion(signer, { aud: testIssuer, now: under.clock.now() }),
    }
  }

  const codeVerifier = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(codeVerifier).digest('base64url')
  const nbf = Math.floor(under.clock.now().getTime() / 1000)
  const claims = {
    ...{ iss: clientId, aud: testIssuer, nbf, iat: nbf, exp: nbf + 60, jti: randomBytes(9).toString('hex') },
    ...{ client_id: clientId, response_type: 'code', redirect_uri: testRedirectUri, scope: 'openid email' },
    ...{ state: 'af0ifjsldkj', nonce: 'n-0S6_WzA2Mj', response_mode: variation.responseMode ?? 'jwt' },
    ...{ code_challenge: codeChallengeMethod === 'S256' ? hash : codeVerifier },
    code_challenge_method: codeChallengeMethod,
    ...variation.request,
  }
  let request = await signRequest({ alg: requestAlg, ...requestKey }, claims)
  const { requestEncryption } = variation
  if (requestEncryption) {
    const to = serviceKeys.find(({ alg, use }) => use === 'enc' && fits(alg, requestEncryption.alg))
    request = await encryptRequest(request, to ?? {}, requestEncryption)
  }
  const pushed = await engine.push(await asClient({ request }))
  if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
  const asked = await engine.authorize({ client_id: clientId, request_uri: pushed.requestUri })
  if (asked.action !== 'INTERACTION' && asked.action !== 'NO_INTERACTION') throw new Error(asked.resultMessage)
  const released = {
    claims: JSON.stringify(variation.released ?? {}),
    consentedClaims: Object.keys(variation.released ?? {}),
  }
  const issued = await engine.issue({ ticket: asked.ticket, subject: 'subject-1', ...released })
  const code = 'authorizationCode' in issued ? issued.authorizationCode : undefined
  if (code === undefined) throw new Error(issued.resultMessage)
  const proof = async () => ({
    dpop: await proofKey.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() }),
  })
  const redeem = async (parameters: Record<string, string>) =>
    tokensOf(await engine.token(await asClient(parameters), undefined, await proof()))
  const grant = { grant_type: 'authorization_code', code, redirect_uri: testRedirectUri, code_verifier: codeVerifier }
  const tokens = await redeem(grant)
  const again = () => redeem({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
  return { response: responseIn(issued), tokens, settings, clientId, again }
}

/** Whether a published key is for this way of agreeing on a key: one of ECDH-ES is for all of its variants. */
function fits(keyAlg: string | undefined, alg: string): boolean {
  return keyAlg === alg || (keyAlg === 'ECDH-ES' && alg.startsWith('ECDH-ES'))
}

function responseIn(issued: object): URLSearchParams {
  const content = 'responseContent' in issued ? String(issued.responseContent) : ''
  if (!content.startsWith('<')) return new URL(content.replace('#', '?')).searchParams
  const inputs = [...content.matchAll(/name="(\w+)" value="([^"]*)"/g)]
  return new URLSearchParams(inputs.map(([, name = '', value = '']): [string, string] => [name, value]))
}

/** Shows that a value of a member of the metadata works, or throws. */
type Proof = (value: string) => Promise<void>

/** RFC 7523, RFC 8705, RFC 6749 §2.3: a client that registers the method is known at the endpoint. */
const authenticatedBy =
  (send: (parameters: Record<string, string>, beside: object) => Promise<object>) =>
  async (method: string, macAlg = 'HS256'): Promise<void> => {
    const methods: Record<string, Client> = {
      none: { tokenAuthMethod: 'NONE', clientType: 'PUBLIC' },
      client_secret_basic: { tokenAuthMethod: 'CLIENT_SECRET_BASIC' },
      client_secret_post: { tokenAuthMethod: 'CLIENT_SECRET_POST' },
      client_secret_jwt: { tokenAuthMethod: 'CLIENT_SECRET_JWT' },
      private_key_jwt: { tokenAuthMethod: 'PRIVATE_KEY_JWT' },
      tls_client_auth: {
        tokenAuthMethod: 'TLS_CLIENT_AUTH',
        tlsClientAuthSubjectDn: 'CN=client.example,O=Example,C=DE',
      },
      self_signed_tls_client_auth: { tokenAuthMethod: 'SELF_SIGNED_TLS_CLIENT_AUTH' },
    }
    const key = await keyFor('ES256', signingKeys, 'sig')
    const jwks = JSON.stringify({ keys: [method.includes('tls') ? certificate.jwk : key.publicJwk] })
    const isPublic = method === 'none' && { grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'] as const }
    const client = await engine.registerClient({
      ...{ grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'], jwks, ...methods[method] },
      ...(isPublic && { grantTypes: [...isPublic.grantTypes] }),
    })
    const { clientId, clientSecret } = client
    const beside: Record<string, object> = {
      client_secret_basic: { clientId, clientSecret },
      tls_client_auth: { clientCertificate: certificate.pem, clientCertificatePath: [authority.pem] },
      self_signed_tls_client_auth: { clientCertificate: certificate.pem },
    }
    const isJwt = method.endsWith('_jwt')
    const signer =
      method === 'client_secret_jwt'
        ? { clientId, key: Buffer.from(await setSecret(clientId)), alg: macAlg }
        : { clientId, key: key.privateKey, alg: 'ES256' }
    const assertion = isJwt && {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await makeClientAssertion(signer, { aud: testIssuer, now: under.clock.now() }),
    }
    const secret = method === 'client_secret_post' && { client_secret: clientSecret }
    const parameters = { ...(method !== 'client_secret_basic' && { client_id: clientId }), ...assertion, ...secret }
    const answer = await send(parameters, beside[method] ?? {})
    // The grant is looked at after the client.
    if (!('action' in answer) || (answer.action !== 'OK' && errorOf(answer) !== 'invalid_grant')) {
      throw new Error(JSON.stringify(answer))
    }
  }

const path = () => ({ path: { serviceId: String(under.serviceId) } })

const atToken = authenticatedBy((parameters, beside) => {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'unknown', ...parameters })
  const body = { parameters: form.toString(), ...beside }
  return ask(under.engine.POST('/api/{serviceId}/auth/token', { params: path(), body }))
})

/** The introspection endpoint of the front-end asks in the same way, with a token that cannot exist. */
const atRevocation = authenticatedBy((parameters, beside) => {
  const body = { parameters: new URLSearchParams({ token: '-', ...parameters }).toString(), ...beside }
  return ask(under.engine.POST('/api/{serviceId}/auth/revocation', { params: path(), body }))
})

/** RFC 7518 §3.2: a secret that is long enough for every algorithm. */
async function setSecret(clientIdentifier: string): Promise<string> {
  const clientSecret = randomBytes(64).toString('base64url')
  const params = { path: { ...path().path, clientIdentifier } }
  const body = { clientSecret }
  await ask(under.engine.POST('/api/{serviceId}/client/secret/update/{clientIdentifier}', { params, body }))
  return clientSecret
}

const byAssertion =
  (at: typeof atToken): Proof =>
  async (assertionAlg) => {
    if (assertionAlg.startsWith('HS')) await at('client_secret_jwt', assertionAlg)
    else await complete({ assertionAlg })
  }

/** OIDC Core §2, JARM §2.2, RFC 9701 §5, OIDC Core §5.3.2: how an answer is signed, and how it is encrypted. */
type Answer = (flow: Completed) => Promise<string>
type Registration = (alg: string | undefined, encryption: { alg?: string; enc?: string }) => Record<string, string>

const answers: Record<string, { registered: Registration; read: Answer }> = {
  authorization: {
    registered: (alg = 'ES256', { alg: keyAlg, enc }) =>
      clientOf({ authorizationSignAlg: alg, authorizationEncryptionAlg: keyAlg, authorizationEncryptionEnc: enc }),
    read: ({ response }) => Promise.resolve(response.get('response') ?? ''),
  },
  id_token: {
    registered: (alg = 'ES256', { alg: keyAlg, enc }) =>
      clientOf({ idTokenSignAlg: alg, idTokenEncryptionAlg: keyAlg, idTokenEncryptionEnc: enc }),
    read: ({ tokens }) => Promise.resolve(tokens.id_token ?? ''),
  },
  userinfo: {
    registered: (alg = 'ES256', { alg: keyAlg, enc }) =>
      clientOf({ userInfoSignAlg: alg, userInfoEncryptionAlg: keyAlg, userInfoEncryptionEnc: enc }),
    async read({ tokens }) {
      const body = { token: tokens.access_token, claims: '{}' }
      const answer = await ask(under.engine.POST('/api/{serviceId}/auth/userinfo/issue', { params: path(), body }))
      return 'responseContent' in answer ? answer.responseContent : ''
    },
  },
}

/** Settings, of which those without a value are left out; the contract writes algorithms with underscores. */
function clientOf(settings: Record<string, string | undefined>): Record<string, string> {
  const named = Object.entries(settings).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return []
    return [[name, /Encryption/.test(name) ? withUnderscores(value) : value]]
  })
  return Object.fromEntries(named)
}

function answered(answer: string): Record<string, Proof> {
  const { registered, read } = answers[answer] ?? {}
  const show = async (signAlg: string | undefined, encryption?: { alg: string; enc: string }) => {
    if (!registered || !read) throw new Error(`Nobody can read ${answer}`)
    const client = registered(signAlg, encryption ?? {})
    const flow = await complete({ client, ...(encryption && { answerAlg: encryption.alg }) })
    let jwt = await read(flow)
    if (encryption) {
      expect(decodeProtectedHeader(jwt)).toMatchObject(encryption)
      const { privateKey } = await keyFor(encryption.alg, decryptionKeys, 'enc')
      jwt = new TextDecoder().decode((await compactDecrypt(jwt, privateKey)).plaintext)
    }
    expect(decodeProtectedHeader(jwt).alg).toBe(signAlg ?? 'ES256')
  }
  return {
    [`${answer}_signing_alg_values_supported`]: (alg) => show(alg),
    [`${answer}_encryption_alg_values_supported`]: (alg) => show(undefined, { alg, enc: 'A256GCM' }),
    [`${answer}_encryption_enc_values_supported`]: (enc) => show(undefined, { alg: 'ECDH-ES', enc }),
  }
}

/** RFC 9701 §5: the engine signs and encrypts as the resource server asks. */
async function introspected(question: { introspectionSignAlg?: string; alg?: string; enc?: string }): Promise<void> {
  const { introspectionSignAlg = 'ES256', alg, enc } = question
  const { tokens } = await complete()
  const key = alg === undefined ? undefined : await keyFor(alg, decryptionKeys, 'enc')
  const encryption = key && {
    introspectionEncryptionAlg: alg,
    introspectionEncryptionEnc: enc,
    publicKeyForEncryption: JSON.stringify(key.publicJwk),
  }
  const parameters = new URLSearchParams({ token: tokens.access_token }).toString()
  const asked = { rsUri: 'https://api.example', httpAcceptHeader: 'application/token-introspection+jwt' }
  const body = JSON.stringify({ parameters, ...asked, introspectionSignAlg, ...encryption })
  const { json } = await under.call('POST', `/${under.serviceId}/auth/introspection/standard`, { body })
  let jwt = String(json['responseContent'])
  if (key) jwt = new TextDecoder().decode((await compactDecrypt(jwt, key.privateKey)).plaintext)
  expect([decodeProtectedHeader(jwt).alg, decodeJwt(jwt)['token_introspection']]).toMatchObject([
    introspectionSignAlg,
    { active: true },
  ])
}

/** A proof for every list that may stand in the metadata: what is advertised without one makes the test fail. */
const proofs: Record<string, Proof> = {
  async scopes_supported(scope) {
    // OIDC Core §11: offline_access is for requests that ask for consent.
    const { tokens } = await complete({ request: { scope: `openid ${scope}`, prompt: 'consent' } })
    expect(tokens.scope.split(' ')).toContain(scope)
  },
  async response_types_supported(response_type) {
    await complete({ request: { response_type } })
  },
  async response_modes_supported(responseMode) {
    const { response } = await complete({ responseMode })
    expect([...response.keys()][0]).toBe(responseMode.endsWith('jwt') ? 'response' : 'code')
  },
  async grant_types_supported(grantType) {
    if (grantType === 'authorization_code') await complete()
    else if (grantType === 'refresh_token') await (await complete()).again()
    else await actAlone(grantType)
  },
  async code_challenge_methods_supported(codeChallengeMethod) {
    await complete({ codeChallengeMethod })
  },
  async dpop_signing_alg_values_supported(dpopAlg) {
    await complete({ dpopAlg })
  },
  token_endpoint_auth_methods_supported: (method) => atToken(method),
  token_endpoint_auth_signing_alg_values_supported: byAssertion(atToken),
  revocation_endpoint_auth_methods_supported: (method) => atRevocation(method),
  revocation_endpoint_auth_signing_alg_values_supported: byAssertion(atRevocation),
  introspection_endpoint_auth_methods_supported: (method) => atRevocation(method),
  introspection_endpoint_auth_signing_alg_values_supported: byAssertion(atRevocation),
  async request_object_signing_alg_values_supported(requestAlg) {
    await complete({ requestAlg })
  },
  async request_object_encryption_alg_values_supported(alg) {
    await complete({ requestEncryption: { alg, enc: 'A256GCM' } })
  },
  async request_object_encryption_enc_values_supported(enc) {
    await complete({ requestEncryption: { alg: 'ECDH-ES', enc } })
  },
  async subject_types_supported(type) {
    const [one, other] = [await complete(), await complete()].map(({ tokens }) => decodeJwt(tokens.id_token ?? '').sub)
    expect([type, one]).toEqual(['public', other])
  },
  async display_values_supported(display) {
    await complete({ request: { display } })
  },
  async prompt_values_supported(prompt) {
    await complete({ request: { prompt } })
  },
  async claim_types_supported(type) {
    expect(type).toBe('normal')
    await complete({ request: { claims: { id_token: { name: null } } } })
  },
  async claims_supported(name) {
    const request = { claims: { id_token: { [name]: null } } }
    const { tokens } = await complete({ request, released: name === 'sub' ? {} : { [name]: 'a value' } })
    expect(decodeJwt(tokens.id_token ?? '')[name]).toBe(name === 'sub' ? 'subject-1' : 'a value')
  },
  ...answered('authorization'),
  ...answered('id_token'),
  ...answered('userinfo'),
  introspection_signing_alg_values_supported: (introspectionSignAlg) => introspected({ introspectionSignAlg }),
  introspection_encryption_alg_values_supported: (alg) => introspected({ alg, enc: 'A256GCM' }),
  introspection_encryption_enc_values_supported: (enc) => introspected({ alg: 'ECDH-ES', enc }),
}

/** RFC 6749 §4.4: a client that acts for itself. */
async function actAlone(grantType: string): Promise<void> {
  const key = await keyFor('ES256', signingKeys, 'sig')
  const proofKey = await makeProofKey()
  const { clientId } = await engine.registerClient({
    ...{ tokenAuthMethod: 'PRIVATE_KEY_JWT', jwks: JSON.stringify({ keys: [key.publicJwk] }) },
    ...{ grantTypes: ['CLIENT_CREDENTIALS'], responseTypes: [] },
  })
  const answer = await engine.token(
    {
      ...{ grant_type: grantType, scope: 'notes:read', client_id: clientId },
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await makeClientAssertion(
        { clientId, key: key.privateKey, alg: 'ES256' },
        { aud: testIssuer, now: under.clock.now() },
      ),
    },
    undefined,
    { dpop: await proofKey.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() }) },
  )
  expect(jsonOf(answer)['access_token']).toEqual(expect.any(String))
}

const messageSigning = settingsOf<Service>(presets['fapi2-ms'].service)

const everyMethod: NonNullable<Service['supportedTokenAuthMethods']> = [
  ...(['NONE', 'CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'CLIENT_SECRET_JWT'] as const),
  ...(['PRIVATE_KEY_JWT', 'TLS_CLIENT_AUTH', 'SELF_SIGNED_TLS_CLIENT_AUTH'] as const),
]

const everyWay: Service = {
  supportedTokenAuthMethods: everyMethod,
  supportedRevocationAuthMethods: everyMethod,
  supportedIntrospectionAuthMethods: everyMethod.filter((method) => method !== 'NONE'),
}

const services: [name: string, settings: Service][] = [
  ['by default', {}],
  ['with everything that a service may offer', { ...everyWay, pkceS256Required: false }],
  ['under FAPI 2.0 Message Signing', messageSigning],
  [
    'under FAPI 2.0 Message Signing, with more than that allows',
    { ...messageSigning, ...everyWay, requestObjectRequired: false },
  ],
]

describe.each(services)('RFC 8414 §2: the metadata of a service %s', (_, settings) => {
  beforeAll(async () => {
    authority = await makeAuthority('Root')
    certificate = await issueCertificate({ by: authority })
    const all = { supportedScopes: testScopes, trustedRootCertificates: [authority.pem], ...settings }
    under = await openTestEngine(all, undefined, randomBytes(32))
    engine = converse(under)
    metadata = (await under.call('GET', `/${under.serviceId}/service/configuration`)).json
    const { json } = await under.call('GET', `/${under.serviceId}/service/jwks/get`)
    const isKey = (value: unknown): value is JWK => typeof value === 'object' && value !== null && 'kty' in value
    serviceKeys = Array.isArray(json['keys']) ? json['keys'].filter(isKey) : []
  })

  afterAll(async () => {
    expect(under.failures).toEqual([])
    await under.close()
  })

  it('names nothing that this test cannot show', () => {
    const lists = Object.entries(metadata).filter(([, value]) => Array.isArray(value))
    expect(lists.map(([name]) => name).filter((name) => !proofs[name])).toEqual([])
  })

  it.each(Object.entries(proofs))('%s: each of its values works', async (name, prove) => {
    const values: unknown[] = Array.isArray(metadata[name]) ? metadata[name] : []
    const failures: string[] = []
    for (const value of values) {
      await prove(String(value)).catch((error: unknown) => failures.push(`${String(value)}: ${String(error)}`))
    }
    expect(failures).toEqual([])
  })
})

describe('RFC 8414 §2: what a profile for everybody leaves of the metadata', () => {
  it('given FAPI 2.0 Message Signing, then its algorithms, its methods, and answers that are signed', async () => {
    const under = await openTestEngine(
      { ...messageSigning, ...everyWay, trustedRootCertificates: [(await makeAuthority('Root')).pem] },
      undefined,
      randomBytes(32),
    )
    const { json } = await under.call('GET', `/${under.serviceId}/service/configuration`)
    expect(json).toMatchObject({
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
      request_object_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
      response_modes_supported: ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'],
      require_signed_request_object: true,
      require_pushed_authorization_requests: true,
    })
    expect(json['id_token_signing_alg_values_supported']).not.toContain('RS256')
    await under.close()
  })
})
