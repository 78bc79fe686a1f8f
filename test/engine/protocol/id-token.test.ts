import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SigningKey } from '../../../server/engine/keys.ts'
import type { SigningAlgorithm } from '../../../server/engine/protocol/signing-algorithms.ts'
import { generateJwks, loadSigningKeys } from '../../../server/engine/keys.ts'
import { accessTokenHash, signIdToken } from '../../../server/engine/protocol/id-token.ts'

describe('OIDC Core §3.1.3.6: at_hash', () => {
  it('given the access token of OIDC Core Appendix A.3, then the at_hash that stands there', () => {
    expect(accessTokenHash('jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y', 'RS256')).toBe('77QmUPtjPfzWtF2AnpK9RQ')
  })

  it.each<[SigningAlgorithm, string, number]>([
    ['ES256', 'sha256', 16],
    ['PS256', 'sha256', 16],
    ['RS256', 'sha256', 16],
    ['ES384', 'sha384', 24],
    ['PS384', 'sha384', 24],
    ['RS384', 'sha384', 24],
    ['ES512', 'sha512', 32],
    ['PS512', 'sha512', 32],
    ['RS512', 'sha512', 32],
    ['EdDSA', 'sha512', 32],
  ])('given %s, then the left half of %s', (alg, hash, bytes) => {
    const whole = createHash(hash).update('token').digest()
    expect(accessTokenHash('token', alg)).toBe(whole.subarray(0, bytes).toString('base64url'))
  })
})

describe('OIDC Core §2: ID tokens', () => {
  let keys: SigningKey[]
  beforeAll(async () => {
    keys = await loadSigningKeys(await generateJwks())
  })

  const claims = { issuer: 'https://as.example', subject: 's-1', audience: ['demo'], issuedAt: 1_000, expiresAt: 1_600 }

  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])('are signed with %s by a key that is named', async (alg) => {
    const key = keys.find((candidate) => candidate.alg === alg)
    expect(key).toBeDefined()
    if (!key) return
    const idToken = await signIdToken({ ...claims, nonce: 'n', authTime: 990, acr: 'x' }, key)
    expect(decodeProtectedHeader(idToken)).toEqual({ alg, kid: key.kid, typ: 'JWT' })
    const set = createLocalJWKSet({ keys: keys.map(({ publicJwk }) => publicJwk) })
    const { payload } = await jwtVerify(idToken, set, { currentDate: new Date(1_100_000) })
    expect(payload).toEqual({
      iss: 'https://as.example',
      sub: 's-1',
      aud: ['demo'],
      exp: 1_600,
      iat: 1_000,
      nonce: 'n',
      auth_time: 990,
      acr: 'x',
    })
  })

  it('given further claims, they never replace those of the engine', async () => {
    const [key] = keys
    if (!key) throw new Error('no key')
    const idToken = await signIdToken(
      { ...claims, values: { email: 'a@example.com', sub: 'somebody else', iss: 'https://evil.example' } },
      key,
    )
    const set = createLocalJWKSet({ keys: keys.map(({ publicJwk }) => publicJwk) })
    const { payload } = await jwtVerify(idToken, set, { currentDate: new Date(1_100_000) })
    expect(payload).toMatchObject({ sub: 's-1', iss: 'https://as.example', email: 'a@example.com' })
  })

  it('public keys hold no private member', () => {
    for (const { publicJwk } of keys) {
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(publicJwk).not.toHaveProperty(member)
    }
  })
})
