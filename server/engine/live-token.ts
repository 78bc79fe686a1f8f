import type { ServiceContext } from './context.ts'
import { parseHandle } from './handle.ts'
import { verifyAccessToken } from './protocol/access-token.ts'
import { hasExpired } from './protocol/lifetime.ts'
import type { RegisteredClient } from './registry.ts'
import type { AccessToken } from './storage/storage.ts'

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

/** RFC 6749 §1.4, RFC 9068 §4: the record of an access token as it was presented, a handle or a JWT. Whether it expired is for the caller to see. */
export async function findAccessToken(
  value: string,
  { storage, service }: ServiceContext,
): Promise<AccessToken | undefined> {
  if (isJwt(value)) {
    const locator = await verifyAccessToken(value, service.verificationKeys, service.issuer)
    return locator && storage.findSignedAccessToken(service.serviceId, locator)
  }
  const key = parseHandle(value)
  return key && storage.findAccessToken(service.serviceId, key)
}

/** RFC 7515 §3.1: three parts. No handle has a dot. */
function isJwt(value: string): boolean {
  return value.split('.', 4).length === 3
}
