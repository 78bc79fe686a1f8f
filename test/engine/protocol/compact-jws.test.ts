import { KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { CompactSign, compactVerify, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SigningKey } from '../../../server/engine/keys.ts'
import { generateJwks, generateKey, loadSigningKeys } from '../../../server/engine/keys.ts'
import { signClaims, verifyClaims } from '../../../server/engine/protocol/compact-jws.ts'
import type { SigningAlgorithm } from '../../../server/engine/protocol/signing-algorithms.ts'

const algorithms = ['ES256', 'EdDSA', 'ES384', 'RS256', 'PS256'] as const satisfies readonly SigningAlgorithm[]
const inThread = ['ES256', 'EdDSA'] as const
const typ = 'at+jwt'
const claims = { iss: 'https://as.example', sub: 'Zoë' }

let keys: SigningKey[]
let strangers: SigningKey[]

beforeAll(async () => {
  const more = await generateKey('ES384')
  keys = [
    ...(await loadSigningKeys(await generateJwks())),
    ...(await loadSigningKeys(JSON.stringify({ keys: [more] }))),
  ]
  strangers = await loadSigningKeys(await generateJwks())
})

function keyFor(alg: SigningAlgorithm, among = keys): SigningKey {
  const key = among.find((candidate) => candidate.alg === alg)
  if (!key) throw new Error(`There is no key for ${alg}`)
  return key
}

/** What jose makes of a text, which is what we should make of it. */
async function oracle(text: string, key: SigningKey): Promise<unknown> {
  const { payload, protectedHeader } = await compactVerify(text, key.publicKey)
  const read: unknown = JSON.parse(new TextDecoder().decode(payload))
  return { header: protectedHeader, claims: read }
}

/** A text with our signature under this header, whatever it says. */
function signed(header: object, alg: (typeof inThread)[number], text = JSON.stringify(claims)): string {
  const parts = [JSON.stringify(header), text].map((part) => Buffer.from(part).toString('base64url'))
  const input = parts.join('.')
  const key = { key: KeyObject.from(keyFor(alg).privateKey), dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${sign(alg === 'ES256' ? 'sha256' : null, Buffer.from(input), key).toString('base64url')}`
}

describe('RFC 7515 §3.1: signing', () => {
  it.each(algorithms)('given %s, then jose verifies it, and reads the same claims', async (alg) => {
    const key = keyFor(alg)
    const text = await signClaims({ ...claims, nothing: undefined }, typ, key)
    expect(await oracle(text, key)).toEqual({ header: { alg, kid: key.kid, typ }, claims })
    const untyped = await signClaims(claims, undefined, key)
    expect(await oracle(untyped, key)).toEqual({ header: { alg, kid: key.kid }, claims })
  })
})

describe('RFC 7515 §5.2: verifying', () => {
  it.each(algorithms)('given %s and what jose signed, then its claims', async (alg) => {
    const { kid, privateKey } = keyFor(alg)
    const text = await new SignJWT(claims).setProtectedHeader({ alg, kid, typ }).sign(privateKey)
    expect(await verifyClaims(text, typ, keys)).toEqual(claims)
  })

  it.each(algorithms)('given %s and any claims, then they come back', async (alg) => {
    const any = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(any, async (some) => {
        const text = JSON.stringify(some)
        const back = await verifyClaims(await signClaims(some, typ, keyFor(alg)), typ, keys)
        expect(JSON.stringify(back)).toBe(JSON.stringify(JSON.parse(text)))
      }),
      { numRuns: alg.startsWith('E') ? 50 : 5 },
    )
  })

  it.each(algorithms)('given %s and one character that is another, then nothing, as jose says', async (alg) => {
    const text = await signClaims(claims, typ, keyFor(alg))
    const at = fc.nat({ max: text.length - 1 })
    const other = fc.constantFrom(...Array.from('ABCXYZabcxyz019-_.= \n'))
    await fc.assert(
      fc.asyncProperty(at, other, async (index, character) => {
        fc.pre(text[index] !== character)
        const changed = `${text.slice(0, index)}${character}${text.slice(index + 1)}`
        expect(await verifyClaims(changed, typ, keys)).toBeUndefined()
      }),
      { numRuns: 100 },
    )
  })

  it.each(inThread)('given %s and a signature of another form or length, then nothing', async (alg) => {
    const text = signed({ alg, kid: keyFor(alg).kid, typ }, alg)
    expect(await verifyClaims(text, typ, keys)).toEqual(claims)
    const input = text.slice(0, text.lastIndexOf('.'))
    const signature = Buffer.from(text.slice(input.length + 1), 'base64url')
    const asn1 = sign(alg === 'ES256' ? 'sha256' : null, Buffer.from(input), KeyObject.from(keyFor(alg).privateKey))
    const others = [
      ...(alg === 'ES256' ? [asn1] : []),
      signature.subarray(0, 63),
      Buffer.concat([signature, Buffer.alloc(1)]),
      Buffer.concat([Buffer.alloc(1), signature]),
      Buffer.alloc(0),
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
    ]
    for (const other of others) {
      expect(await verifyClaims(`${input}.${other.toString('base64url')}`, typ, keys)).toBeUndefined()
    }
    expect(await verifyClaims(`${text}=`, typ, keys)).toBeUndefined()
    expect(await verifyClaims(`${text}.`, typ, keys)).toBeUndefined()
  })

  it.each(inThread)(
    'given %s, when the header says anything else, then nothing, although the signature is right',
    async (alg) => {
      const { kid } = keyFor(alg)
      const header = { alg, kid, typ }
      const headers: object[] = [
        { ...header, typ: 'JWT' },
        { alg, kid },
        { ...header, typ: 'AT+JWT' },
        { ...header, kid: 'unknown' },
        { alg, typ },
        { ...header, kid: keyFor('PS256').kid },
        { ...header, alg: 'none' },
        { ...header, alg: 'HS256' },
        { ...header, alg: 'ES384' },
        { kid, typ },
        { ...header, crit: ['b64'], b64: true },
        { ...header, crit: ['b64'], b64: false },
        { ...header, crit: ['exp'], exp: 1 },
        { ...header, crit: [] },
        [header],
      ]
      for (const other of headers) expect(await verifyClaims(signed(other, alg), typ, keys)).toBeUndefined()
      expect(await verifyClaims(signed(header, alg, '[]'), typ, keys)).toBeUndefined()
      expect(await verifyClaims(signed(header, alg, 'no JSON'), typ, keys)).toBeUndefined()
    },
  )

  it.each(algorithms)('given %s and the key of somebody else, whatever it is called, then nothing', async (alg) => {
    const stranger = strangers.find((key) => key.alg === alg) ?? keyFor('ES256', strangers)
    const { kid } = keyFor(stranger.alg)
    const { privateKey } = stranger
    const text = await new CompactSign(Buffer.from('{}'))
      .setProtectedHeader({ alg: stranger.alg, kid, typ })
      .sign(privateKey)
    expect(await verifyClaims(text, typ, keys)).toBeUndefined()
    expect(await verifyClaims(text, typ, [])).toBeUndefined()
  })

  it.each(['', '.', '..', '...', 'e30.e30.', 'x.y.z', 'null.null.null', 'e30'])(
    'given %j, then nothing',
    async (text) => {
      expect(await verifyClaims(text, typ, keys)).toBeUndefined()
    },
  )
})
