import type { ServiceContext } from './context.ts'
import { locatorBytes, tokenKey } from './handle.ts'
import { verifyAccessToken } from './protocol/access-token.ts'
import { hasExpired, numericDate } from './protocol/lifetime.ts'
import type { RegisteredClient, RegisteredService } from './registry.ts'
import type { AccessToken } from './storage/storage.ts'
import { tokenIdOf } from './token-id.ts'

/** An access token that may be used now, with the client that holds it. */
export interface LiveToken {
  token: AccessToken
  client: RegisteredClient
}

/** RFC 6749 §1.4: the access token, unless it is unknown, revoked or expired, or its client is gone or locked. */
export async function findLiveAccessToken(value: string, context: ServiceContext): Promise<LiveToken | undefined> {
  const { registry, service, now } = context
  const token = await findAccessToken(value, context)
  if (!token || token.clientLocked || hasExpired(token.expiresAt, now)) return undefined
  const client = await registry.findClient(service.serviceId, String(token.clientId))
  return client && { token, client }
}

/** RFC 6749 §1.4, RFC 9068 §4: the record of an access token as it was presented, a JWT of ours or any other value. Whether it expired is for the caller to see. */
export async function findAccessToken(value: string, context: ServiceContext): Promise<AccessToken | undefined> {
  const { storage, service } = context
  const signed = await verifyOwnJwt(value, service)
  // A JWT of another server may be the value of a token, too.
  if (!signed) return storage.findAccessToken(service.serviceId, tokenKey(value, service.serviceId))
  const token = typeof signed.tokenId === 'string' ? await findTokenById(signed.tokenId, context) : undefined
  // Within one grant, a value may be given again after it ended. What was signed before is another token.
  return token && numericDate(token.createdAt) === signed.issuedAt ? token : undefined
}

/** RFC 7519 §4.1.7: the record of the access token that has this id. */
export async function findTokenById(
  tokenId: string,
  { storage, service }: ServiceContext,
): Promise<AccessToken | undefined> {
  const locator = Buffer.from(tokenId, 'base64url').subarray(0, locatorBytes)
  const token = await storage.findSignedAccessToken(service.serviceId, locator)
  return token && tokenIdOf(token) === tokenId ? token : undefined
}

/** RFC 9068 §4: what an access token says that the service signed; undefined for any other value. */
export async function verifyOwnJwt(value: string, { verificationKeys, issuer }: RegisteredService) {
  return isJwt(value) ? verifyAccessToken(value, verificationKeys, issuer) : undefined
}

/** RFC 7515 §3.1: three parts. No handle has a dot. */
function isJwt(value: string): boolean {
  return value.split('.', 4).length === 3
}
