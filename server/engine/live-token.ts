import type { ServiceContext } from './context.ts'
import { parseHandle } from './handle.ts'
import { hasExpired } from './protocol/lifetime.ts'
import type { RegisteredClient } from './registry.ts'
import type { AccessToken } from './storage/storage.ts'

/** An access token that may be used now, with the client that holds it. */
export interface LiveToken {
  token: AccessToken
  client: RegisteredClient
}

/** RFC 6749 §1.4: the access token, unless it is unknown, revoked or expired, or its client is gone or locked. */
export async function findLiveAccessToken(
  value: string,
  { storage, registry, service, now }: ServiceContext,
): Promise<LiveToken | undefined> {
  const key = parseHandle(value)
  const token = key && (await storage.findAccessToken(service.serviceId, key))
  if (!token || hasExpired(token.expiresAt, now)) return undefined
  const client = await registry.findClient(service.serviceId, String(token.clientId))
  return client && !client.locked ? { token, client } : undefined
}
