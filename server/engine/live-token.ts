import type { ServiceContext } from './context.ts'
import { parseHandle } from './handle.ts'
import { hasExpired } from './protocol/lifetime.ts'
import type { RegisteredClient } from './registry.ts'
import type { AccessToken, RefreshToken } from './storage/storage.ts'

/** A token that may be used now, with the client that holds it. */
export interface LiveToken<Token> {
  token: Token
  client: RegisteredClient
}

/** RFC 6749 §1.4: the access token, unless it is unknown, revoked or expired, or its client is gone or locked. */
export function findLiveAccessToken(
  value: string,
  context: ServiceContext,
): Promise<LiveToken<AccessToken> | undefined> {
  return findLive(value, context, (key) => context.storage.findAccessToken(context.service.serviceId, key))
}

/** RFC 6749 §1.5: the same of a refresh token. One that was rotated is spent. */
export async function findLiveRefreshToken(
  value: string,
  context: ServiceContext,
): Promise<LiveToken<RefreshToken> | undefined> {
  const live = await findLive(value, context, (key) => context.storage.findRefreshToken(context.service.serviceId, key))
  return live?.token.rotatedAt ? undefined : live
}

async function findLive<Token extends { clientId: number; expiresAt: Date }>(
  value: string,
  { registry, service, now }: ServiceContext,
  find: (key: NonNullable<ReturnType<typeof parseHandle>>) => Promise<Token | undefined>,
): Promise<LiveToken<Token> | undefined> {
  const key = parseHandle(value)
  const token = key && (await find(key))
  if (!token || hasExpired(token.expiresAt, now)) return undefined
  const client = await registry.findClient(service.serviceId, String(token.clientId))
  return client && !client.locked ? { token, client } : undefined
}
