import type { SigningKey } from '../keys.ts'
import type { AuthorizationDetail } from './authorization-details.ts'
import { signClaims, verifyClaims } from './compact-jws.ts'
import type { Authorization } from '../storage/storage.ts'

/** What a signed access token says, RFC 9068 §2.2. Times are seconds since 1970. */
export interface AccessTokenClaims {
  issuer: string
  subject: string
  audience: string[]
  clientId: string
  issuedAt: number
  expiresAt: number
  /** The `jti`: that ends up in logs, so it must open nothing. */
  tokenId: string
  scopes: string[]
  authorizationDetails?: AuthorizationDetail[]
  /** As `grant_type` of a token request names it. */
  grantType: string
  /** Grant Management for OAuth 2.0 §5.5: the managed grant that it belongs to. What else was granted there stays out: every API could read it. */
  grantId?: string
  authTime?: number
  acr?: string
  /** RFC 7800 §3.1: what it is bound to. */
  cnf?: Confirmation
  /** §2.2.2: further claims. They never replace one of the above. */
  extra?: Record<string, unknown>
}

/** RFC 7800 §3.1, RFC 9449 §6.1 and RFC 8705 §3.1: the key and the certificate that a token is bound to. */
interface Confirmation {
  jkt?: string
  'x5t#S256'?: string
}

/** RFC 7800 §3.1: what a token is bound to; undefined for one that whoever bears it may use. */
export function confirmationOf({
  jkt,
  certificateThumbprint: thumbprint,
}: Pick<Authorization, 'jkt' | 'certificateThumbprint'>): Confirmation | undefined {
  if (jkt === undefined && thumbprint === undefined) return undefined
  return { ...(jkt !== undefined && { jkt }), ...(thumbprint !== undefined && { 'x5t#S256': thumbprint }) }
}

/** RFC 9068 §2.1: what tells an access token from all else that the service signs with the same keys. */
const accessTokenType = 'at+jwt'

/** Characters. A longer one does not fit into the header of a request, nor into the parameter `token`, RFC 7009 and RFC 7662. */
export const longestAccessToken = 8_192

/** RFC 9068 §2: makes and signs an access token. Claims about the person stay out: every resource server could read them. */
export async function signAccessToken(claims: AccessTokenClaims, key: SigningKey): Promise<string> {
  const { scopes, authorizationDetails, grantId, authTime, acr, cnf } = claims
  const payload = {
    ...claims.extra,
    iss: claims.issuer,
    sub: claims.subject,
    aud: claims.audience,
    client_id: claims.clientId,
    iat: claims.issuedAt,
    exp: claims.expiresAt,
    jti: claims.tokenId,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(authorizationDetails && { authorization_details: authorizationDetails }),
    grant_type: claims.grantType,
    ...(grantId !== undefined && { grant_id: grantId }),
    ...(authTime !== undefined && { auth_time: authTime }),
    ...(acr !== undefined && { acr }),
    ...(cnf && { cnf }),
  }
  return signClaims(payload, accessTokenType, key)
}

/**
 * RFC 9068 §4: which token it is that this service signed, and since when; undefined for any other text. The record says the rest: whether
 * it was revoked, when it expires, and what the person has left of it.
 */
export async function verifyAccessToken(
  token: string,
  keys: readonly SigningKey[],
  issuer: string,
): Promise<{ tokenId: unknown; issuedAt: unknown } | undefined> {
  const claims = await verifyClaims(token, accessTokenType, keys)
  return claims?.['iss'] === issuer ? { tokenId: claims['jti'], issuedAt: claims['iat'] } : undefined
}

/** RFC 8707 §2.2: the resources that an access token is good for; undefined when it is not limited to any. */
export function resourcesOf({ accessTokenResources, resources }: Authorization): string[] | undefined {
  return accessTokenResources ?? resources
}
