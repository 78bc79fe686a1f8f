import { equalBytesInConstantTime } from '../constant-time.ts'
import type { ServiceContext } from '../context.ts'
import { tokenKey } from '../handle.ts'
import { findAccessToken, findTokenById } from '../live-token.ts'
import { hasExpired } from '../protocol/lifetime.ts'
import type { AccessToken, RefreshToken } from '../storage/storage.ts'

/** RFC 6749 §1.4: the access token that is meant by its value or by its hash, unless it was revoked or replaced. */
export async function identifyAccessToken(
  identifier: string,
  context: ServiceContext,
): Promise<AccessToken | undefined> {
  return (await findAccessToken(identifier, context)) ?? findAccessTokenByHash(identifier, context)
}

async function findAccessTokenByHash(
  hash: string,
  { storage, service }: ServiceContext,
): Promise<AccessToken | undefined> {
  const proof = hashIn(hash)
  const key = proof && (await storage.findTokenKey(service.serviceId, 'access', proof))
  return key && storage.findAccessToken(service.serviceId, key)
}

/** What may say which access token is meant. */
interface TokenNames {
  accessToken?: string
  accessTokenHash?: string
  tokenId?: string
  refreshToken?: string
  refreshTokenHash?: string
}

/** RFC 6749 §1.4: the access token that is meant, unless it was revoked or replaced. The first of the names that is there says which. */
export async function findNamedToken(
  { accessToken, accessTokenHash, tokenId, refreshToken, refreshTokenHash }: TokenNames,
  context: ServiceContext,
): Promise<AccessToken | undefined> {
  if (accessToken !== undefined) return findAccessToken(accessToken, context)
  if (accessTokenHash !== undefined) return findAccessTokenByHash(accessTokenHash, context)
  if (tokenId !== undefined) return findTokenById(tokenId, context)
  if (refreshToken !== undefined) return findAccessTokenOf(await findRefreshToken(refreshToken, context), context)
  if (refreshTokenHash === undefined) return undefined
  return findAccessTokenOf(await findRefreshTokenByHash(refreshTokenHash, context), context)
}

/** RFC 6749 §1.5: the access token that goes with a refresh token. With one that was spent or has expired, none goes. */
async function findAccessTokenOf(
  named: RefreshToken | undefined,
  { storage, service, now }: ServiceContext,
): Promise<AccessToken | undefined> {
  if (!named || hasExpired(named.expiresAt, now)) return undefined
  const live = await storage.findLiveTokens(service.serviceId, named.grantId)
  const isLive = live.refreshToken && equalBytesInConstantTime(live.refreshToken.key.locator, named.key.locator)
  return isLive ? live.accessToken : undefined
}

/** RFC 6749 §1.5: the refresh token that is meant by its value or by its hash; a spent one, too. */
export async function identifyRefreshToken(
  identifier: string,
  context: ServiceContext,
): Promise<RefreshToken | undefined> {
  return (await findRefreshToken(identifier, context)) ?? findRefreshTokenByHash(identifier, context)
}

function findRefreshToken(value: string, { storage, service }: ServiceContext): Promise<RefreshToken | undefined> {
  return storage.findRefreshToken(service.serviceId, tokenKey(value, service.serviceId))
}

async function findRefreshTokenByHash(
  hash: string,
  { storage, service }: ServiceContext,
): Promise<RefreshToken | undefined> {
  const proof = hashIn(hash)
  const key = proof && (await storage.findTokenKey(service.serviceId, 'refresh', proof))
  return key && storage.findRefreshToken(service.serviceId, key)
}

/** A hash as lists show it: base64url of a SHA-256. No value that the engine makes has 43 characters; one of another server may. */
function hashIn(identifier: string): Buffer | undefined {
  return /^[A-Za-z0-9_-]{43}$/.test(identifier) ? Buffer.from(identifier, 'base64url') : undefined
}
