import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import type { SigningKey } from '../keys.ts'

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

/** OIDC Core §2 and §3.1.3.6: makes and signs an ID token. */
export async function signIdToken(claims: IdTokenClaims, key: SigningKey): Promise<string> {
  return new SignJWT({
    ...claims.values,
    iss: claims.issuer,
    sub: claims.subject,
    aud: claims.audience,
    exp: claims.expiresAt,
    iat: claims.issuedAt,
    auth_time: claims.authTime,
    nonce: claims.nonce,
    acr: claims.acr,
    at_hash: claims.accessToken === undefined ? undefined : accessTokenHash(claims.accessToken),
  })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
    .sign(key.privateKey)
}

/** OIDC Core §3.1.3.6: the left half of the hash, base64url. ES256 and RS256 both hash with SHA-256. */
export function accessTokenHash(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest().subarray(0, 16).toString('base64url')
}
