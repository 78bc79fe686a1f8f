import fc from 'fast-check'
import { createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { DecryptionKey } from '../../../server/engine/keys.ts'
import { generateJwks, loadDecryptionKeys, parseJwks, publicPartOf } from '../../../server/engine/keys.ts'
import { OAuthError } from '../../../server/engine/oauth-error.ts'
import type { ExpectedRequestObject, RequestObjectPolicy } from '../../../server/engine/protocol/request-object.ts'
import { verifyRequestObject } from '../../../server/engine/protocol/request-object.ts'
import { signingAlgorithms } from '../../../server/engine/protocol/signing-algorithms.ts'
import type { RequestKey } from '../../request-object.ts'
import { encryptRequest, makeRequestKey, signRequest, unsignedRequest } from '../../request-object.ts'

const issuer = 'https://as.example'
const now = new Date('2026-03-01T12:00:00Z')
const seconds = now.getTime() / 1000

const good = {
  iss: 'client-1',
  aud: issuer,
  client_id: 'client-1',
  nbf: seconds,
  exp: seconds + 300,
  response_type: 'code',
  scope: 'openid',
}

/** What the defaults are: RFC 9101. */
const strict: RequestObjectPolicy = {
  ...{ merged: false, unsignedAccepted: false, encryptionRequired: false },
  audienceChecked: true,
}
const traditional = { merged: true, unsignedAccepted: true }

let key: RequestKey
let encryptionKeys: Record<string, ReturnType<typeof publicPartOf>>
let decryptionKeys: DecryptionKey[]

beforeAll(async () => {
  key = await makeRequestKey()
  const jwks = await generateJwks()
  decryptionKeys = await loadDecryptionKeys(jwks)
  encryptionKeys = Object.fromEntries(parseJwks(jwks).map((jwk) => [jwk.alg ?? '', publicPartOf(jwk)]))
})

/** `good`, or the result code of the refusal. Nothing but a refusal may come of a text, whatever it is. */
async function verdict(
  text: string,
  policy: Partial<RequestObjectPolicy> = {},
  expected: Partial<ExpectedRequestObject> = {},
): Promise<string> {
  try {
    await verifyRequestObject(text, {
      policy: { ...strict, ...policy },
      clientId: 'client-1',
      issuer,
      keys: createLocalJWKSet({ keys: [key.publicJwk] }),
      decryptionKeys,
      now,
      clockSkew: 10,
      ...expected,
    })
    return 'good'
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    expect(error.error).toBe('invalid_request_object')
    return error.resultCode
  }
}

const signed = (change: object = {}, header: Record<string, unknown> = {}) =>
  signRequest(key, { ...good, ...change }, header)

describe('RFC 9101 §6.2 and RFC 8725 §3.1: signed by a key and an algorithm of the client', () => {
  it.each(signingAlgorithms)('given %s, then it is good', async (alg) => {
    const other = await makeRequestKey(alg)
    const keys = createLocalJWKSet({ keys: [other.publicJwk] })
    expect(await verdict(await signRequest(other, good), {}, { keys })).toBe('good')
    expect(await verdict(await signRequest(other, good), { signAlg: alg }, { keys })).toBe('good')
    expect(await verdict(await signRequest(other, good), { signAlg: 'ES256K' }, { keys })).toBe('A005336')
  })

  it.each(['HS256', 'HS384', 'HS512', 'None', 'NONE', 'ES256K', 'RS1', 'ML-DSA-44', '', undefined, 7])(
    'given alg %j, then it is refused',
    async (alg) => {
      expect(await verdict(await signed({}, { alg }))).toBe('A905316')
    },
  )

  it('given alg none, then it is refused, also where it may be unsigned but the client registered an algorithm', async () => {
    expect(await verdict(unsignedRequest(good))).toBe('A008311')
    expect(await verdict(unsignedRequest(good), traditional)).toBe('good')
    expect(await verdict(unsignedRequest(good), { ...traditional, signAlg: 'ES256' })).toBe('A008311')
    expect(await verdict(`${unsignedRequest(good)}AAAA`, traditional)).toBe('A905315')
  })

  it('given the key of another client, a changed claim, no signature or no key at all, then it is refused', async () => {
    expect(await verdict(await signRequest(await makeRequestKey(), good))).toBe('A005328')
    const [header, , signature] = (await signed()).split('.')
    const [, changed] = (await signed({ scope: 'admin' })).split('.')
    expect(await verdict([header, changed, signature].join('.'))).toBe('A005328')
    expect(await verdict([header, changed, ''].join('.'))).toBe('A005328')
    expect(await verdict(await signed(), {}, { keys: undefined })).toBe('A005332')
  })

  it('RFC 8725 §3.10: given a hostile header, then nothing is fetched, looked up or believed', async () => {
    const attacker = await makeRequestKey()
    const own = { jwk: attacker.publicJwk, jku: `${issuer}/jwks`, x5u: 'https://evil.example/x', x5c: ['AAAA'] }
    expect(await verdict(await signRequest(attacker, good, own))).toBe('A005328')
    for (const kid of ['../../k', "' OR 1=1--", 'x'.repeat(40_000), '']) {
      expect(await verdict(await signed({}, { kid }))).toBe('A005332')
    }
    expect(await verdict(await signed({}, { crit: ['exp2'], exp2: 1 }))).toBe('A005328')
    expect(await verdict(await signed({}, { crit: ['b64'], b64: false }))).toBe('A005328')
  })

  it.each(['', '.', '..', 'a.b.c', 'a.b.c.d', 'e30.e30.e30', 'not a JWT', '{}', '....', 'a.b.c.d.e.f'])(
    'given %j, then it is refused',
    async (text) => {
      expect(await verdict(text)).toMatch(/^A9053/)
    },
  )

  it('given any text, header or payload, then it is refused, and nothing fails', async () => {
    const algorithm = fc.constantFrom('ES256', 'PS256', 'EdDSA', 'none', 'ECDH-ES', 'ECDH-ES+A128KW', 'RSA-OAEP-256')
    const header = fc.record(
      {
        alg: algorithm,
        enc: fc.constantFrom('A128GCM', 'A256CBC-HS512'),
        epk: fc.oneof(
          fc.jsonValue(),
          fc.record({ kty: fc.constantFrom('EC', 'OKP'), crv: fc.string(), x: fc.base64String() }),
        ),
        kid: fc.jsonValue(),
        typ: fc.jsonValue(),
        crit: fc.jsonValue(),
        apu: fc.jsonValue(),
      },
      { requiredKeys: ['alg'] },
    )
    const part = fc
      .oneof(fc.jsonValue(), header)
      .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(part, fc.base64String(), fc.constant('')), { maxLength: 6 }).map((parts) => parts.join('.')),
      fc
        .tuple(header, fc.array(part, { minLength: 2, maxLength: 4 }))
        .map(([first, rest]) => [Buffer.from(JSON.stringify(first)).toString('base64url'), ...rest].join('.')),
    )
    await fc.assert(
      fc.asyncProperty(text, async (sent) => {
        expect(await verdict(sent)).not.toBe('good')
        // Unsigned ones may be good here, and still nothing fails.
        await verdict(sent, traditional)
      }),
      { numRuns: 300 },
    )
  })

  it('given a payload that is no JSON object, then it is refused', async () => {
    expect(await verdict(await signRequest(key, []))).toBe('A905310')
  })
})

describe('RFC 9101 §10.8: what kind of JWT it is', () => {
  it.each(['oauth-authz-req+jwt', 'application/oauth-authz-req+jwt', 'OAuth-AuthZ-Req+JWT', 'JWT', 'jwt', undefined])(
    'given typ %j, then it is good',
    async (typ) => {
      expect(await verdict(await signed({}, { typ }))).toBe('good')
    },
  )

  it.each(['at+jwt', 'dpop+jwt', 'logout+jwt', 'token-introspection+jwt', 'client-authentication+jwt', '', 7, null])(
    'given typ %j, then it is refused',
    async (typ) => {
      expect(await verdict(await signed({}, { typ }))).toBe('A905314')
    },
  )

  it('given sub that is the client, then it is refused: a client assertion', async () => {
    expect(await verdict(await signed({ sub: 'client-1' }))).toBe('A905319')
    expect(await verdict(await signed({ sub: 'client-1' }), traditional)).toBe('A905319')
    expect(await verdict(await signed({ sub: 'somebody' }))).toBe('good')
  })
})

describe('RFC 9101 §4, §5 and §6.3: by whom, for whom, and what is not inside', () => {
  it.each<[object, string, string]>([
    [{ client_id: 'client-2' }, 'A905317', 'A905317'],
    [{ client_id: undefined }, 'A905317', 'good'],
    [{ client_id: ['client-1'] }, 'A905317', 'A905317'],
    [{ iss: 'client-2' }, 'A905318', 'A905318'],
    [{ iss: undefined }, 'A905318', 'good'],
    [{ aud: undefined }, 'A006359', 'A006359'],
    [{ aud: 'https://other.example' }, 'A006359', 'A006359'],
    [{ aud: `${issuer}/` }, 'A006359', 'A006359'],
    [{ aud: [] }, 'A006359', 'A006359'],
    [{ aud: { [issuer]: 1 } }, 'A006359', 'A006359'],
    [{ aud: ['https://other.example', issuer] }, 'good', 'good'],
    [{ request: 'e30.e30.' }, 'A905311', 'A905311'],
    [{ request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'A905311', 'A905311'],
    [{ request_uri: null }, 'A905311', 'A905311'],
  ])('given %j, then %s, and %s with OIDC Core §6.1', async (change, jar, oidc) => {
    expect(await verdict(await signed(change))).toBe(jar)
    expect(await verdict(await signed(change), { merged: true })).toBe(oidc)
  })

  it('given an audience that is not checked, then any is good', async () => {
    expect(await verdict(await signed({ aud: 'https://other.example' }), { audienceChecked: false })).toBe('good')
  })

  it('given that nobody signed it, then aud may be left out and not be wrong', async () => {
    expect(await verdict(unsignedRequest({ ...good, aud: undefined }), traditional)).toBe('good')
    expect(await verdict(unsignedRequest({ ...good, aud: 'https://other.example' }), traditional)).toBe('A006359')
  })
})

describe('RFC 7519 §4.1.4 to §4.1.6, with ten seconds of clock skew', () => {
  it.each<[object, string]>([
    [{ exp: seconds - 9 }, 'good'],
    [{ exp: seconds - 10 }, 'A905321'],
    [{ nbf: seconds + 8 }, 'good'],
    [{ nbf: seconds + 11 }, 'A905322'],
    [{ iat: seconds + 8 }, 'good'],
    [{ iat: seconds + 11 }, 'A905323'],
    [{ exp: undefined, nbf: undefined }, 'good'],
    [{ exp: '1e99' }, 'A905320'],
    [{ nbf: null }, 'A905320'],
  ])('given %j, then %s', async (change, outcome) => {
    expect(await verdict(await signed(change))).toBe(outcome)
  })
})

describe('RFC 9101 §6.1: encrypted to the service', () => {
  const algorithms = ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW', 'RSA-OAEP-256']

  /** The key of the service that serves an algorithm. */
  const keyFor = (alg: string) => encryptionKeys[alg.startsWith('ECDH') ? 'ECDH-ES' : alg] ?? {}

  it.each(algorithms)('given %s, with every way to encrypt the content, then it is good', async (alg) => {
    for (const enc of ['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512']) {
      const text = await encryptRequest(await signed(), keyFor(alg), { alg, enc })
      expect(await verdict(text)).toBe('good')
      expect(await verdict(text, { encryptionRequired: true, encryptionAlg: alg, encryptionEnc: enc })).toBe('good')
      expect(await verdict(text, { encryptionAlg: 'RSA-OAEP' })).toBe('A905308')
      expect(await verdict(text, { encryptionEnc: 'A192GCM' })).toBe('A905309')
    }
  })

  it('given a key for RSA-OAEP, then that is good as well, and nothing else with that key', async () => {
    const { privateKey } = await generateKeyPair('RSA-OAEP', { extractable: true })
    const jwk = { ...(await exportJWK(privateKey)), kid: 'rsa', use: 'enc', alg: 'RSA-OAEP' }
    const own = await loadDecryptionKeys(JSON.stringify({ keys: [jwk] }))
    const text = await encryptRequest(await signed(), publicPartOf(jwk))
    expect(await verdict(text, {}, { decryptionKeys: own })).toBe('good')
    const other = await encryptRequest(await signed(), publicPartOf(jwk), { alg: 'RSA-OAEP-256' })
    expect(await verdict(other, {}, { decryptionKeys: own })).toBe('A905304')
  })

  it('given no kid, then the key is found by trying, and with a hostile one none is', async () => {
    const { kid, ...unnamed } = keyFor('ECDH-ES')
    expect(kid).toBeDefined()
    expect(await verdict(await encryptRequest(await signed(), unnamed))).toBe('good')
    for (const hostile of ['../../k', "' OR 1=1--", 'x'.repeat(40_000), '']) {
      expect(await verdict(await encryptRequest(await signed(), { ...unnamed, kid: hostile }))).toBe('A905304')
    }
  })

  it('given that encryption is required, then plain ones are refused', async () => {
    expect(await verdict(await signed(), { encryptionRequired: true })).toBe('A905307')
  })

  it('given a service without keys, then it is refused', async () => {
    const text = await encryptRequest(await signed(), keyFor('ECDH-ES'))
    expect(await verdict(text, {}, { decryptionKeys: [] })).toBe('A905304')
  })

  it('RFC 9101 §10.5: given an unsigned object inside, then encryption does not replace the signature', async () => {
    const around = (text: string) => encryptRequest(text, keyFor('ECDH-ES'))
    expect(await verdict(await around(unsignedRequest(good)))).toBe('A008311')
    expect(await verdict(await around(unsignedRequest(good)), { ...traditional, signAlg: 'ES256' })).toBe('A008311')
    expect(await verdict(await around(JSON.stringify(good)), traditional)).toBe('A905312')
    expect(await verdict(await around(await around(await signed())))).toBe('A905312')
    expect(await verdict(await around(await signRequest(await makeRequestKey(), good)))).toBe('A005328')
  })

  it.each(['dir', 'RSA1_5', 'A128KW', 'A256GCMKW', 'PBES2-HS256+A128KW', 'none', 'HPKE-0', ''])(
    'RFC 8725 §3.2: given alg %j, then it is refused before any key is used',
    async (alg) => {
      expect(await verdict(await changedHeader({ alg, p2c: 2 ** 31, p2s: 'AAAAAAAAAAA' }))).toBe('A905301')
    },
  )

  it.each<[string, object, string]>([
    ['an unknown enc', { enc: 'A64GCM' }, 'A905302'],
    ['compression, RFC 8725 §3.6', { zip: 'DEF' }, 'A905303'],
    ['crit that nobody knows', { crit: ['x'], x: 1 }, 'A905305'],
    ['an epk that is no key', { epk: { kty: 'EC' } }, 'A905305'],
    ['an epk of another curve', { epk: { kty: 'EC', crv: 'P-521', x: 'AA', y: 'AA' } }, 'A905305'],
    ['an epk that is text', { epk: 'x' }, 'A905305'],
    ['no epk', { epk: undefined }, 'A905305'],
    ['a kid that is a number', { kid: 7 }, 'A905304'],
  ])('given %s, then it is refused', async (_, header, outcome) => {
    expect(await verdict(await changedHeader(header))).toBe(outcome)
  })

  it('RFC 8725 §3.4: given an epk that is not on its curve, then it is refused', async () => {
    const { x, y } = keyFor('ECDH-ES')
    expect(await verdict(await changedHeader({ epk: { kty: 'EC', crv: 'P-256', x: y, y: x } }))).toBe('A905305')
  })

  it.each([1, 2, 3, 4])('given that part %i was changed, then it is refused', async (index) => {
    const parts = (await encryptRequest(await signed(), keyFor('RSA-OAEP-256'))).split('.')
    const changed = Buffer.from(parts[index] ?? '', 'base64url').map((byte, at) => (at === 0 ? byte ^ 1 : byte))
    parts[index] = Buffer.from(changed).toString('base64url')
    expect(await verdict(parts.join('.'))).toBe('A905305')
    expect(await verdict(parts.with(index, '').join('.'))).toBe('A905305')
  })

  /** A good JWE under another header. */
  async function changedHeader(change: object): Promise<string> {
    const [header = '', ...rest] = (await encryptRequest(await signed(), keyFor('ECDH-ES'))).split('.')
    const changed = { ...decodeProtectedHeader(`${header}....`), ...change }
    return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.')
  }
})
