import { beforeAll, describe, expect, it } from 'vitest'
import { dpopAlgorithms, verifyDpopProof } from '../../../server/engine/protocol/dpop.ts'
import type { ExpectedProof } from '../../../server/engine/protocol/dpop.ts'
import type { ChangeOfProof, ProofKey } from '../../dpop-proof.ts'
import { hashOfToken, makeProofKey, rightProofs, wrongProofs } from '../../dpop-proof.ts'

const now = new Date('2026-03-01T12:00:00Z')
const seconds = now.getTime() / 1000
const request = { htm: 'POST', htu: 'https://as.example/oauth/token', now }
const expected: ExpectedProof = { htm: 'POST', htu: 'https://as.example/oauth/token', now, clockSkew: 10 }

let key: ProofKey

beforeAll(async () => {
  key = await makeProofKey()
})

const verify = async (change: ChangeOfProof = {}, more: Partial<ExpectedProof> = {}) =>
  verifyDpopProof(await key.prove(request, change), { ...expected, ...more })

const refused = (error: string, resultCode?: string): unknown =>
  expect.objectContaining({ error, ...(resultCode !== undefined && { resultCode }) })

describe('RFC 9449 §4.3: a DPoP proof', () => {
  it.each(rightProofs)('given %s, then it is accepted, and its key is known by its thumbprint', async (_, right) => {
    expect(await verifyDpopProof(await right(key, request), expected)).toMatchObject({ jkt: key.jkt })
  })

  it.each(wrongProofs)('given %s, then invalid_dpop_proof', async (_, wrong) => {
    await expect(verifyDpopProof(await wrong(key, request), expected)).rejects.toEqual(refused('invalid_dpop_proof'))
  })

  it.each([
    ['modulus', { n: 'A'.repeat(1_400), e: 'AQAB' }],
    ['exponent', { n: 'A'.repeat(342), e: 'A'.repeat(342) }],
  ])(
    'given an RSA key with a %s of a size that only costs time, then it is refused before it is used',
    async (_, size) => {
      const header = { alg: 'PS256', jwk: { kty: 'RSA', ...size } }
      await expect(verify({ header })).rejects.toEqual(refused('invalid_dpop_proof', 'A954307'))
    },
  )

  it('given the example of §4.1 and its time, then it is accepted', async () => {
    const proof =
      'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR' +
      'nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwia' +
      'HRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvq' +
      'RMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg'
    const then = {
      htm: 'POST',
      htu: 'https://server.example.com/token',
      now: new Date(1_562_262_616_000),
      clockSkew: 10,
    }
    expect(await verifyDpopProof(proof, then)).toMatchObject({
      jti: '-BwC3ESc6acc2lTc',
      // §6.1 has the thumbprint of this key.
      jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    })
  })
})

describe('RFC 9449 §4.2 and §11.6: key and algorithm', () => {
  it.each(['ES256', 'PS256', 'EdDSA', 'Ed25519'])('given %s, then it is accepted', async (alg) => {
    const own = await makeProofKey(alg)
    expect(await verifyDpopProof(await own.prove(request), expected)).toMatchObject({ jkt: own.jkt })
    expect(dpopAlgorithms).toContain(alg)
  })

  it.each<[string, string, string, object]>([
    ['a P-384 key with ES256', 'ES384', 'A954307', { alg: 'ES256' }],
    ['an RSA key with ES256', 'PS256', 'A954307', { alg: 'ES256' }],
    ['ES384', 'ES384', 'A954305', {}],
    ['a jwk that is text', 'ES256', 'A254303', { jwk: 'jwk' }],
    ['a jwk that is null', 'ES256', 'A254303', { jwk: null }],
    ['a jwk that is a list', 'ES256', 'A254303', { jwk: [] }],
    [
      'a point that is not on the curve',
      'ES256',
      'A954309',
      { jwk: { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' } },
    ],
    ['a key without its members', 'ES256', 'A954309', { jwk: { kty: 'EC', crv: 'P-256' } }],
    ['a key for something else', 'ES256', 'A954309', { crit: ['unknown'], unknown: true }],
  ])('given %s, then it is refused', async (_, alg, resultCode, header) => {
    const own = await makeProofKey(alg)
    const jwk = 'jwk' in header ? header.jwk : own.publicJwk
    const proof = await own.prove(request, { header: { ...header, jwk } }).catch(() => undefined)
    const sent = proof ?? (await forge({ typ: 'dpop+jwt', alg, ...header, jwk }))
    await expect(verifyDpopProof(sent, expected)).rejects.toEqual(refused('invalid_dpop_proof', resultCode))
  })

  it('given an RSA key of 1024 bits, then it is refused', async () => {
    const { n = '', ...rsa } = (await makeProofKey('PS256')).publicJwk
    const short = { ...rsa, n: Buffer.from(n, 'base64url').subarray(0, 128).toString('base64url') }
    const sent = await forge({ typ: 'dpop+jwt', alg: 'PS256', jwk: short })
    await expect(verifyDpopProof(sent, expected)).rejects.toEqual(refused('invalid_dpop_proof', 'A954309'))
  })

  it('given more than a header may hold, then it is refused without being read', async () => {
    const sent = await key.prove(request, { claims: { extra: 'x'.repeat(9_000) } })
    await expect(verifyDpopProof(sent, expected)).rejects.toEqual(refused('invalid_dpop_proof', 'A954301'))
  })
})

describe('RFC 9449 §4.3: htm and htu', () => {
  it.each([
    ['an explicit default port', 'https://as.example:443/oauth/token'],
    ['an escape that is not needed', 'https://as.example/oauth/%74oken'],
    ['a dot segment', 'https://as.example/x/../oauth/token'],
    ['an empty query', 'https://as.example/oauth/token?'],
  ])('given %s, then it is the same address', async (_, htu) => {
    expect(await verify({ claims: { htu } })).toMatchObject({ htu: 'https://as.example/oauth/token' })
  })

  it.each([
    'https://as.example/oauth/token/',
    'https://as.example/oauth/Token',
    'https://as.example:8443/oauth/token',
    'http://as.example/oauth/token',
    'https://user@as.example/oauth/token',
    'https://as.example@evil.example/oauth/token',
    'https://as.example/oauth%2Ftoken',
    'https:/as.example/oauth/token',
    'https:\\\\as.example\\oauth\\token',
    ' https://as.example/oauth/token',
    '/oauth/token',
    '',
    7,
    ['https://as.example/oauth/token'],
  ])('given %j, then it is another address', async (htu) => {
    await expect(verify({ claims: { htu } })).rejects.toEqual(refused('invalid_dpop_proof', 'A254301'))
  })

  it('given that nobody knows the address of the request, then no proof fits', async () => {
    await expect(verify({ claims: { htu: '' } }, { htu: '' })).rejects.toEqual(refused('invalid_dpop_proof', 'A254301'))
  })
})

describe('RFC 9449 §11.1: a proof is accepted for a short time', () => {
  it.each([-69.9, -60, 0, 0.5, 10])(
    'given an iat %d s from now, then it is accepted, and expires when it would not be',
    async (shift) => {
      const iat = seconds + shift
      const { expiresAt } = await verify({ claims: { iat } })
      expect(expiresAt.getTime()).toBe(Math.ceil(iat * 1000) + 70_000)
      const atTheEdge = { now: new Date(expiresAt.getTime() - 1) }
      await expect(verify({ claims: { iat } }, atTheEdge)).resolves.toMatchObject({ expiresAt })
      await expect(verify({ claims: { iat } }, { now: expiresAt })).rejects.toEqual(
        refused('invalid_dpop_proof', 'A954312'),
      )
    },
  )

  it.each([-70, -600, 11, 61, 3600, 1e300, -1e300])('given an iat %d s from now, then it is refused', async (shift) => {
    await expect(verify({ claims: { iat: seconds + shift } })).rejects.toEqual(refused('invalid_dpop_proof'))
  })

  it.each([
    ['an exp in the past', { exp: seconds - 60 }],
    ['an nbf in the future', { nbf: seconds + 60 }],
    ['an iat of null', { iat: null }],
  ])('given %s, then it is refused', async (_, claims) => {
    await expect(verify({ claims })).rejects.toEqual(refused('invalid_dpop_proof'))
  })
})

describe('RFC 9449 §4.2: jti', () => {
  it.each(['x', 'ä'.repeat(255)])('given 1 to 255 characters, then it is accepted (%#)', async (jti) => {
    expect(await verify({ claims: { jti } })).toMatchObject({ jti })
  })

  it.each(['', 'x'.repeat(256), {}, null])('given %j, then it is refused', async (jti) => {
    await expect(verify({ claims: { jti } })).rejects.toEqual(refused('invalid_dpop_proof', 'A954302'))
  })
})

describe('RFC 9449 §7: ath', () => {
  const accessToken = { value: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU', resultCode: 'A089313' }

  it('given the hash of §7.1, then it is accepted', async () => {
    const claims = { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' }
    expect(hashOfToken(accessToken.value)).toBe(claims.ath)
    await expect(verify({ claims }, { accessToken })).resolves.toMatchObject({ jkt: key.jkt })
  })

  it.each([
    ['none', {}, 'A089313'],
    ['the hash of another token', { ath: hashOfToken('other') }, 'A954313'],
    ['an empty one', { ath: '' }, 'A954313'],
    ['the hash with padding', { ath: `${hashOfToken(accessToken.value)}=` }, 'A954313'],
  ])('given %s, then it is refused', async (_, claims, resultCode) => {
    await expect(verify({ claims }, { accessToken })).rejects.toEqual(refused('invalid_dpop_proof', resultCode))
  })
})

describe('RFC 9449 §8: nonce', () => {
  const nonce = { isGood: (text: string) => text === 'good', resultCode: 'A254307' }

  it('given the one of the server, then it is accepted', async () => {
    await expect(verify({ claims: { nonce: 'good' } }, { nonce })).resolves.toMatchObject({ jkt: key.jkt })
  })

  it.each([undefined, 'bad', '', 7, null])('given %j where one is needed, then use_dpop_nonce', async (sent) => {
    await expect(verify({ claims: { nonce: sent } }, { nonce })).rejects.toEqual(refused('use_dpop_nonce', 'A254307'))
  })

  it('given one where none is needed, then it does not matter', async () => {
    await expect(verify({ claims: { nonce: 'old' } })).resolves.toMatchObject({ jkt: key.jkt })
  })
})

/** A JWT with a header that no key signs for. */
async function forge(header: object): Promise<string> {
  const [, body = '', signature = ''] = (await key.prove(request)).split('.')
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${body}.${signature}`
}
