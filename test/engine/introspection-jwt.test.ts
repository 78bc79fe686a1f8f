import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Question, Service } from '../../sdk/types.ts'
import { wantsIntrospectionJwt } from '../../server/engine/protocol/introspection-jwt.ts'
import type { DecryptionKey } from './client-keys.ts'
import { makeDecryptionKey } from './client-keys.ts'
import type { Conversation } from './conversation.ts'
import { converse, jsonOf, testScopes } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const mediaType = 'application/token-introspection+jwt'
const rsUri = 'https://api.example'

let under: TestEngine
let engine: Conversation
let keys: ReturnType<typeof createLocalJWKSet>
let key: DecryptionKey
let token: string

beforeAll(async () => {
  under = await openTestEngine({ supportedScopes: testScopes })
  engine = converse(under)
  const params = { path: { serviceId: String(under.serviceId) } }
  keys = createLocalJWKSet(await ask(under.engine.GET('/api/{serviceId}/service/jwks/get', { params })))
  key = await makeDecryptionKey('RSA-OAEP')
  token = (await engine.obtainTokens(await engine.registerClient())).access_token
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

type IntrospectionQuestion = Question<'auth_introspection_standard_api'>

function introspect(more: Partial<IntrospectionQuestion> = {}, about = token, { engine: sdk, serviceId } = under) {
  const body = { parameters: `token=${about}`, rsUri, httpAcceptHeader: mediaType, ...more }
  const params = { path: { serviceId: String(serviceId) } }
  return ask(sdk.POST('/api/{serviceId}/auth/introspection/standard', { params, body }))
}

async function jwtOf(more: Partial<IntrospectionQuestion> = {}, about = token): Promise<string> {
  const answer = await introspect(more, about)
  expect(answer).toMatchObject({ action: 'JWT', resultCode: 'A145001' })
  return 'responseContent' in answer ? answer.responseContent : ''
}

describe('RFC 9701 §5: the introspection response as a JWT', () => {
  it('given a live token, then exactly these claims, and the same inside as in JSON', async () => {
    const { payload, protectedHeader } = await jwtVerify(await jwtOf(), keys, { currentDate: under.clock.now() })
    const { kid, ...header } = protectedHeader
    expect([header, typeof kid]).toEqual([{ typ: 'token-introspection+jwt', alg: 'RS256' }, 'string'])
    const iat = under.clock.now().getTime() / 1000
    expect(payload).toEqual({
      ...{ iss: testIssuer, aud: rsUri, iat },
      token_introspection: await engine.introspect(token, rsUri),
    })
    expect(payload).toMatchObject({ token_introspection: { active: true, sub: 'subject-1' } })
  })

  it.each(['unknown', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])(
    'given %s, then {"active":false} and no more',
    async (about) => {
      expect(decodeJwt(await jwtOf({}, about))['token_introspection']).toEqual({ active: false })
    },
  )

  it('RFC 8707: given a token for another resource server, then it is not active', async () => {
    const client = await engine.registerClient()
    const limited = await engine.obtainTokens(client, { resources: ['https://other.example'] })
    expect(decodeJwt(await jwtOf({}, limited.access_token))['token_introspection']).toEqual({ active: false })
  })

  it('§8.1: given the response itself as a token, then it opens nothing', async () => {
    const jwt = await jwtOf()
    expect(await engine.introspect(jwt)).toEqual({ active: false })
    expect((await engine.userinfo(jwt)).action).toBe('UNAUTHORIZED')
  })

  it('given no rsUri, then A404301, and nothing about the token', async () => {
    const params = { path: { serviceId: String(under.serviceId) } }
    const body = { parameters: `token=${token}`, httpAcceptHeader: mediaType }
    const answer = await ask(under.engine.POST('/api/{serviceId}/auth/introspection/standard', { params, body }))
    expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A404301' })
  })
})

describe('RFC 9701 §4: only who asks for it gets a JWT', () => {
  it.each<[string | undefined, boolean]>([
    [mediaType, true],
    ['Application/Token-Introspection+JWT', true],
    [`application/json;q=0.5, ${mediaType}`, true],
    [`text/html, ${mediaType};q=0.9;x=y`, true],
    [`${mediaType}, */*;q=0.1`, true],
    [`application/json, ${mediaType};q=0.5`, false],
    [`${mediaType};q=0`, false],
    [`${mediaType};q=x`, false],
    [`${mediaType}-x`, false],
    ['application/jwt', false],
    ['application/*', false],
    ['*/*', false],
    ['application/json', false],
    ['', false],
    [undefined, false],
  ])('given Accept: %s, then %s', async (accept, isJwt) => {
    expect(wantsIntrospectionJwt(accept)).toBe(isJwt)
    const answer = await introspect(accept === undefined ? {} : { httpAcceptHeader: accept })
    if (accept !== undefined) expect(answer.action).toBe(isJwt ? 'JWT' : 'OK')
  })
})

describe('RFC 9701 §6: algorithms', () => {
  it.each(['ES256', 'PS256', 'RS256', 'EdDSA'])('given introspectionSignAlg %s, then it signs', async (alg) => {
    const jwt = await jwtOf({ introspectionSignAlg: alg })
    await jwtVerify(jwt, keys, { algorithms: [alg], currentDate: under.clock.now() })
  })

  it.each(['ES384', 'HS256', 'none', 'NONE', ''])('given introspectionSignAlg %j, then it is refused', async (alg) => {
    const answer = await introspect({ introspectionSignAlg: alg })
    expect(answer).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A945201' })
    expect(String(jsonOf(answer)['error_description'])).toContain('introspectionSignAlg: ES256, RS256, PS256, EdDSA')
  })

  it('given introspectionSignatureKeyId, then that key signs where nothing else is said', async () => {
    const { json } = await under.call('GET', `/${under.serviceId}/service/jwks/get?includePrivateKeys=true`)
    const set = Array.isArray(json['keys']) ? json['keys'].map((each: object) => ({ alg: '', kid: '', ...each })) : []
    const pick = (...algs: string[]) => JSON.stringify({ keys: set.filter(({ alg }) => algs.includes(alg)) })
    const headerWith = async (settings: Service) => {
      const other = await openTestEngine({ supportedScopes: testScopes, ...settings })
      const answer = await introspect({}, 'unknown', other)
      await other.close()
      return decodeProtectedHeader(answer.responseContent)
    }
    const kid = set.find(({ alg }) => alg === 'PS256')?.kid ?? ''
    const chosen = await headerWith({ jwks: JSON.stringify({ keys: set }), introspectionSignatureKeyId: kid })
    expect(chosen).toMatchObject({ alg: 'PS256', kid })
    expect(await headerWith({ jwks: pick('ES256', 'EdDSA') })).toMatchObject({ alg: 'ES256' })
  })

  it.each([
    ['RSA-OAEP', undefined, 'A128CBC-HS256'],
    ['RSA_OAEP', 'A256GCM', 'A256GCM'],
    ['RSA-OAEP', 'A192CBC-HS384', 'A192CBC-HS384'],
    ['RSA-OAEP', 'A256CBC_HS512', 'A256CBC-HS512'],
  ])('given %s and %s, then the JWT is encrypted after it was signed', async (alg, enc, expected) => {
    const jwe = await jwtOf({
      introspectionEncryptionAlg: alg,
      ...(enc !== undefined && { introspectionEncryptionEnc: enc }),
      publicKeyForEncryption: JSON.stringify(key.jwk),
    })
    const { text, header } = await key.decrypt(jwe)
    expect(header).toEqual({ alg: 'RSA-OAEP', enc: expected, kid: key.jwk.kid, cty: 'JWT' })
    const { payload, protectedHeader } = await jwtVerify(text, keys, { currentDate: under.clock.now() })
    expect([protectedHeader.typ, payload.aud]).toEqual(['token-introspection+jwt', rsUri])
  })

  it('given an encryption that cannot be, then it is refused with words, and the token is not looked at', async () => {
    const publicKeyForEncryption = JSON.stringify(key.jwk)
    const private_ = JSON.stringify({ ...key.jwk, d: 'AAAA' })
    const wrong: [string, Partial<IntrospectionQuestion>][] = [
      ['introspectionEncryptionAlg', { introspectionEncryptionAlg: 'RSA1_5', publicKeyForEncryption }],
      ['introspectionEncryptionAlg', { introspectionEncryptionAlg: 'dir', publicKeyForEncryption }],
      ['introspectionEncryptionEnc', { introspectionEncryptionEnc: 'A128GCM', publicKeyForEncryption }],
      [
        'introspectionEncryptionEnc',
        { introspectionEncryptionAlg: 'RSA-OAEP', introspectionEncryptionEnc: 'A128', publicKeyForEncryption },
      ],
      ['publicKeyForEncryption', { introspectionEncryptionAlg: 'RSA-OAEP' }],
      ['publicKeyForEncryption', { introspectionEncryptionAlg: 'ECDH-ES', publicKeyForEncryption }],
      ['publicKeyForEncryption', { introspectionEncryptionAlg: 'RSA-OAEP', publicKeyForEncryption: private_ }],
      ['publicKeyForEncryption', { introspectionEncryptionAlg: 'RSA-OAEP', publicKeyForEncryption: 'x' }],
      ['publicKeyForEncryption', { introspectionEncryptionAlg: 'RSA-OAEP', publicKeyForEncryption: '[]' }],
    ]
    for (const [member, more] of wrong) {
      const answer = await introspect(more)
      expect([member, answer.action]).toEqual([member, 'INTERNAL_SERVER_ERROR'])
      expect(String(jsonOf(answer)['error_description'])).toContain(`[A945201] ${member}: `)
    }
  })
})
