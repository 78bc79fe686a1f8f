import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client } from '../../sdk/types.ts'
import { signingAlgorithms } from '../../server/engine/protocol/signing-algorithms.ts'
import { contentEncryptionAlgorithms, withUnderscores } from '../../server/engine/protocol/encryption.ts'
import type { DecryptionKey } from './client-keys.ts'
import { makeDecryptionKey, setOf } from './client-keys.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse, jsonOf, testScopes, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let keys: ReturnType<typeof createLocalJWKSet>
let ec: DecryptionKey
let rsa: DecryptionKey
/** What stands at https://rp.example/jwks. */
let published: string | undefined

/** One key for every algorithm. */
beforeAll(async () => {
  const made = await Promise.all(
    signingAlgorithms.map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true })
      return { ...(await exportJWK(privateKey)), kid: `key for ${alg}`, use: 'sig', alg }
    }),
  )
  under = await openTestEngine(
    { supportedScopes: testScopes, jwks: JSON.stringify({ keys: made }) },
    async (_, { read }) => (published === undefined ? undefined : read({ text: published, cacheControl: '' })),
  )
  engine = converse(under)
  const params = { path: { serviceId: String(under.serviceId) } }
  keys = createLocalJWKSet(await ask(under.engine.GET('/api/{serviceId}/service/jwks/get', { params })))
  ;[ec, rsa] = await Promise.all([makeDecryptionKey('ECDH-ES'), makeDecryptionKey('RSA-OAEP-256')])
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

function verify(jwt: string, client: RegisteredTestClient, alg: string) {
  const audience = client.clientId
  return jwtVerify(jwt, keys, { issuer: testIssuer, audience, algorithms: [alg], currentDate: under.clock.now() })
}

async function userinfo(token: string) {
  const params = { path: { serviceId: String(under.serviceId) } }
  const body = { token, claims: '{"email":"a@example.com"}' }
  return ask(under.engine.POST('/api/{serviceId}/auth/userinfo/issue', { params, body }))
}

describe('RFC 7518 §3.1: every signature algorithm', () => {
  it.each(signingAlgorithms)('given a client that registers %s, then its ID token and userinfo', async (alg) => {
    const client = await engine.registerClient({ idTokenSignAlg: alg, userInfoSignAlg: alg })
    const { id_token = '', access_token } = await engine.obtainTokens(client)
    const { payload, protectedHeader } = await verify(id_token, client, alg)
    expect(protectedHeader).toEqual({ alg, kid: `key for ${alg}`, typ: 'JWT' })
    // OIDC Core §3.1.3.6.
    const hash = createHash(alg === 'EdDSA' ? 'sha512' : `sha${alg.slice(2)}`)
      .update(access_token)
      .digest()
    expect(payload['at_hash']).toBe(hash.subarray(0, hash.length / 2).toString('base64url'))

    const answer = await userinfo(access_token)
    expect(answer.action).toBe('JWT')
    expect((await verify(answer.responseContent, client, alg)).payload).toMatchObject({ email: 'a@example.com' })

    // OIDC Core §3.1.2.1: and it comes back as a hint.
    const hinted = { parameters: { id_token_hint: id_token } }
    expect((await engine.obtainTokens(client, hinted)).access_token).not.toBe('')
  })
})

describe('OIDC Core §10.2: encrypted to the keys of the client', () => {
  const algs = ['RSA_OAEP', 'RSA_OAEP_256', 'ECDH_ES', 'ECDH_ES_A128KW', 'ECDH_ES_A192KW', 'ECDH_ES_A256KW'] as const
  const encs = [
    ...(['A128CBC_HS256', 'A192CBC_HS384', 'A256CBC_HS512'] as const),
    ...(['A128GCM', 'A192GCM', 'A256GCM'] as const),
  ]
  const names: Record<(typeof algs)[number], string> = {
    RSA_OAEP: 'RSA-OAEP',
    RSA_OAEP_256: 'RSA-OAEP-256',
    ECDH_ES: 'ECDH-ES',
    ECDH_ES_A128KW: 'ECDH-ES+A128KW',
    ECDH_ES_A192KW: 'ECDH-ES+A192KW',
    ECDH_ES_A256KW: 'ECDH-ES+A256KW',
  }
  // Each of the one with one of the other.
  const pairs = algs.flatMap((alg, index) => encs.slice(index, index + 1).map((enc) => [alg, enc] as const))

  it.each(pairs)('given %s and %s, then the ID token is signed, and then encrypted', async (alg, enc) => {
    const key = alg.startsWith('ECDH') ? ec : await makeDecryptionKey(names[alg])
    const settings: Client = { idTokenSignAlg: 'PS256', idTokenEncryptionAlg: alg, idTokenEncryptionEnc: enc }
    const client = await engine.registerClient({ ...settings, jwks: setOf(key) })
    const { id_token = '', access_token } = await engine.obtainTokens(client)
    const { text, header } = await key.decrypt(id_token)
    expect(header).toMatchObject({ alg: names[alg], kid: key.jwk.kid, cty: 'JWT' })
    expect(withUnderscores(String(header['enc']))).toBe(enc)
    expect((await verify(text, client, 'PS256')).payload.sub).toBe('subject-1')
    // The claims are as they would be otherwise; userinfo is not touched.
    expect((await userinfo(access_token)).action).toBe('JSON')
  })

  it.each(['P-256', 'P-384', 'P-521', 'X25519'])('given a key on %s, then it is encrypted to that', async (crv) => {
    const key = await makeDecryptionKey('ECDH-ES', crv)
    const client = await engine.registerClient({ idTokenEncryptionAlg: 'ECDH_ES', jwks: setOf(key) })
    const { id_token = '' } = await engine.obtainTokens(client)
    const { text, header } = await key.decrypt(id_token)
    // OIDC Registration §2: where the client names none.
    expect(header['enc']).toBe('A128CBC-HS256')
    await verify(text, client, 'ES256')
  })

  it('given a refresh, then that ID token is encrypted as well', async () => {
    const client = await engine.registerClient({ idTokenEncryptionAlg: 'ECDH_ES', jwks: setOf(ec) })
    const { refresh_token = '' } = await engine.obtainTokens(client)
    const refreshed = tokensOf(await engine.token({ grant_type: 'refresh_token', refresh_token }, client))
    expect((await ec.decrypt(refreshed.id_token ?? '')).header).toMatchObject({ cty: 'JWT' })
  })

  it('§5.3.2: given userinfo that is signed and encrypted, then a JWT in it', async () => {
    const client = await engine.registerClient({
      ...{ userInfoSignAlg: 'EdDSA', userInfoEncryptionAlg: 'RSA_OAEP_256', userInfoEncryptionEnc: 'A256GCM' },
      jwks: setOf(rsa),
    })
    const answer = await userinfo((await engine.obtainTokens(client)).access_token)
    expect(answer.action).toBe('JWT')
    const { text, header } = await rsa.decrypt(answer.responseContent)
    expect(header).toMatchObject({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT' })
    expect((await verify(text, client, 'EdDSA')).payload).toMatchObject({ sub: 'subject-1', email: 'a@example.com' })
  })

  it('§5.3.2: given userinfo that is encrypted alone, then the claims in it', async () => {
    const client = await engine.registerClient({ userInfoEncryptionAlg: 'RSA_OAEP_256', jwks: setOf(rsa) })
    const answer = await userinfo((await engine.obtainTokens(client)).access_token)
    expect(answer.action).toBe('JWT')
    const { text, header } = await rsa.decrypt(answer.responseContent)
    expect(header).not.toHaveProperty('cty')
    const claims = { iss: testIssuer, aud: client.clientId, sub: 'subject-1', email: 'a@example.com' }
    expect(JSON.parse(text)).toEqual(claims)
  })

  it('RFC 7517 §4.2: given several keys, then the one for encryption, or else the one that may be', async () => {
    const [unnamed, signing, other] = await Promise.all([
      makeDecryptionKey('ECDH-ES', 'P-256', {}),
      makeDecryptionKey('ECDH-ES', 'P-256', { use: 'sig' }),
      makeDecryptionKey('ECDH-ES', 'P-256', { use: 'enc', alg: 'ECDH-ES+A256KW' }),
    ])
    const encryptedTo = async (...set: DecryptionKey[]) => {
      const client = await engine.registerClient({ idTokenEncryptionAlg: 'ECDH_ES', jwks: setOf(...set) })
      return decodeProtectedHeader((await engine.obtainTokens(client)).id_token ?? '')['kid']
    }
    expect(await encryptedTo(signing, unnamed, other, rsa, ec)).toBe(ec.jwk.kid)
    expect(await encryptedTo(signing, unnamed, other, rsa)).toBe(unnamed.jwk.kid)
  })
})

describe('OIDC Registration §2: what cannot be is refused at registration', () => {
  const symmetric = [
    ...['RSA1_5', 'DIR', 'A128KW', 'A192KW', 'A256KW', 'A128GCMKW', 'A192GCMKW', 'A256GCMKW'],
    ...['PBES2_HS256_A128KW', 'PBES2_HS384_A192KW', 'PBES2_HS512_A256KW'],
  ]
  const answers = ['idToken', 'userInfo', 'authorization']
  const faultOf = async (settings: object) => {
    const body = { authorizationSignAlg: 'ES256', ...settings }
    const { status, json } = await under.call('POST', `/${under.serviceId}/client/create`, { body })
    return [status, String(json['resultMessage'])] as const
  }

  it.each(answers.flatMap((answer) => symmetric.map((alg) => [answer, alg] as const)))(
    'given %sEncryptionAlg %s, then 400',
    async (answer, alg) => {
      const [status, message] = await faultOf({ [`${answer}EncryptionAlg`]: alg, jwks: setOf(ec, rsa) })
      expect([status, message]).toEqual([400, expect.stringContaining(`${answer}EncryptionAlg: this engine offers `)])
    },
  )

  it.each(answers)('given %sEncryptionEnc alone, then 400', async (answer) => {
    const [status, message] = await faultOf({ [`${answer}EncryptionEnc`]: 'A256GCM', jwks: setOf(ec) })
    expect([status, message]).toEqual([400, expect.stringContaining(`it goes with ${answer}EncryptionAlg only`)])
  })

  it.each(answers)('given %sEncryptionAlg without a key for it, then 400', async (answer) => {
    const alg = { [`${answer}EncryptionAlg`]: 'RSA_OAEP' }
    const signing = await makeDecryptionKey('RSA-OAEP', 'P-256', { use: 'sig' })
    const otherAlg = await makeDecryptionKey('RSA-OAEP', 'P-256', { use: 'enc', alg: 'RSA-OAEP-256' })
    for (const keySet of [{}, { jwks: setOf(ec) }, { jwks: setOf(signing) }, { jwks: setOf(otherAlg) }]) {
      const [status, message] = await faultOf({ ...alg, ...keySet })
      expect([status, message]).toEqual([400, expect.stringContaining('a public key of the client for RSA-OAEP')])
    }
    // What stands at an address is looked at when it is needed.
    expect((await faultOf({ ...alg, jwksUri: 'https://rp.example/jwks' }))[0]).toBe(201)
  })

  it('given only the algorithm, then the registered default is shown', async () => {
    const body = { idTokenEncryptionAlg: 'ECDH_ES', jwks: setOf(ec) }
    const { json } = await under.call('POST', `/${under.serviceId}/client/create`, { body })
    expect(json).toMatchObject({ idTokenEncryptionEnc: contentEncryptionAlgorithms[0].replace('-', '_') })
  })

  it('JARM §3: given encrypted responses that are not signed, then 400', async () => {
    const settings = { authorizationSignAlg: null, authorizationEncryptionAlg: 'ECDH_ES', jwks: setOf(ec) }
    expect((await faultOf(settings))[1]).toContain('authorizationEncryptionAlg: it goes with authorizationSignAlg only')
  })

  it('given keys for encryption alone, then private_key_jwt still needs one that verifies', async () => {
    const settings = { clientType: 'CONFIDENTIAL', tokenAuthMethod: 'PRIVATE_KEY_JWT' }
    expect((await faultOf({ ...settings, jwks: setOf(ec) }))[1]).toContain('PRIVATE_KEY_JWT needs the public key')
  })
})

describe('A key that is not there is told clearly, and nothing is spent', () => {
  it('given keys at a jwks_uri, then they are read when they are needed, and again when the one that fits is missing', async () => {
    const client = await engine.registerClient({
      ...{ idTokenEncryptionAlg: 'ECDH_ES', userInfoEncryptionAlg: 'ECDH_ES', jwksUri: 'https://rp.example/jwks' },
    })
    published = undefined
    const { code, codeVerifier } = await engine.obtainCode(client)
    const redeem = () => engine.token(codeParameters(client, code, codeVerifier), client)
    const refused = await redeem()
    expect(refused).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A951202' })
    const { error, error_description } = jsonOf(refused)
    expect([error, error_description]).toEqual(['server_error', expect.stringContaining('encrypted with ECDH-ES')])

    // Another 30 seconds, and the address is asked again: now there is a set, without a key that fits.
    under.clock.advance(31)
    published = setOf(rsa)
    expect(await redeem()).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A951202' })

    // A key of ours among those for other purposes, and some that are broken.
    published = JSON.stringify({
      keys: [rsa.jwk, { kty: 'oct', k: 'AAAA' }, { ...ec.jwk, y: 'AAAA', kid: 'bad' }, ec.jwk],
    })
    const tokens = tokensOf(await redeem())
    expect((await ec.decrypt(tokens.id_token ?? '')).header['kid']).toBe(ec.jwk.kid)
    const answer = await userinfo(tokens.access_token)
    expect(answer.action).toBe('JWT')

    // While the address cannot be read, the last good keys serve.
    published = undefined
    under.clock.advance(400)
    expect((await userinfo(tokens.access_token)).action).toBe('JWT')
  })

  it('given a client whose key is gone, then userinfo is refused with words', async () => {
    published = undefined
    const jwksUri = 'https://rp.example/gone'
    const client = await engine.registerClient({ userInfoEncryptionAlg: 'RSA_OAEP', jwksUri })
    const answer = await userinfo((await engine.obtainTokens(client)).access_token)
    expect(answer).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A951202' })
    expect(answer.responseContent).toMatch(/^Bearer error="server_error",error_description="\[A951202\] /)
  })
})
