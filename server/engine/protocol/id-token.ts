import { createHash } from 'node:crypto'
import type { SigningKey } from '../keys.ts'
import { signClaims } from './compact-jws.ts'
import type { SigningAlgorithm } from './signing-algorithms.ts'

/** What an ID token says, OIDC Core §2. Times are seconds since 1970. */
export interface IdTokenClaims {
  issuer: string
  subject: string
  audience: string | string[]
  issuedAt: number
  expiresAt: number
  authTime?: number
  nonce?: string
  acr?: string
  /** The access token that is issued with it; its hash is put in. */
  accessToken?: string
  /** Further claims that were asked for. They never replace one of the above. */
  values?: Record<string, unknown>
}

/** RFC 7519 §5.1, RFC 8725 §3.11: what tells an ID token from userinfo and protected responses, which are signed with the same keys and have no type. */
export const idTokenType = 'JWT'

/** OIDC Core §2 and §3.1.3.6: makes and signs an ID token. */
export async function signIdToken(claims: IdTokenClaims, key: SigningKey): Promise<string> {
  const payload = {
    ...claims.values,
    iss: claims.issuer,
    sub: claims.subject,
    aud: claims.audience,
    exp: claims.expiresAt,
    iat: claims.issuedAt,
    auth_time: claims.authTime,
    nonce: claims.nonce,
    acr: claims.acr,
    at_hash: claims.accessToken === undefined ? undefined : accessTokenHash(claims.accessToken, key.alg),
  }
  return signClaims(payload, idTokenType, key)
}

/** OIDC Core §3.1.3.6: `at_hash`, the left half of the hash that belongs to the algorithm of the ID token, base64url. */
export function accessTokenHash(accessToken: string, alg: SigningAlgorithm): string {
  const hash = createHash(hashOf(alg)).update(accessToken, 'ascii').digest()
  return hash.subarray(0, hash.length / 2).toString('base64url')
}

/** RFC 7518 §3.1: the number in the name is that of the hash. RFC 8032 §5.1: Ed25519 hashes with SHA-512. */
function hashOf(alg: SigningAlgorithm): string {
  return alg === 'EdDSA' ? 'sha512' : `sha${alg.slice(2)}`
}
