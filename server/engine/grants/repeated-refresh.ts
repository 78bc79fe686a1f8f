import { isDeepStrictEqual } from 'node:util'
import type { ServiceContext } from '../context.ts'
import type { Handle } from '../handle.ts'
import { after, hasExpired, secondsBetween } from '../protocol/lifetime.ts'
import { findSuccessor } from '../protocol/successor.ts'
import type { RegisteredService } from '../registry.ts'
import type { AccessToken, RefreshToken } from '../storage/storage.ts'
import type { MadeTokens, TokensToIssue } from './make-tokens.ts'
import { bindingOf, isIdTokenReissuable, makeIdToken, makeJwtAccessToken } from './make-tokens.ts'

/** Seconds in which a refresh can be repeated. The conformance suite of FAPI 2.0 does so after thirty. */
const repeatableFor = 60

/** RFC 9700 §4.14.2: since when a refresh token must have been spent that may be used again; undefined where none may. */
export function repeatableSince({ settings }: RegisteredService, now: Date): Date | undefined {
  return settings.refreshTokenIdempotent ? after(now, -repeatableFor) : undefined
}

/** RFC 9700 §4.14.2: whether a refresh token comes again because its answer got lost: soon, and before anybody used the successor. */
export function isRepeatable(
  { rotatedAt, isPredecessor }: RefreshToken,
  service: RegisteredService,
  now: Date,
): boolean {
  const since = repeatableSince(service, now)
  return isPredecessor === true && since !== undefined && rotatedAt !== undefined && rotatedAt > since
}

/**
 * RFC 6749 §6: the tokens that the first request was given, for one that asks for the same; undefined where it asks for another access
 * token, or where that one is over. A JWT is signed again, about the same record. An ID token is new.
 */
export async function repeatTokens(
  plan: TokensToIssue,
  parent: Handle,
  access: AccessToken,
  refresh: { value: Handle; record: RefreshToken },
  context: ServiceContext,
): Promise<MadeTokens | undefined> {
  const { service, now } = context
  const accessToken = findSuccessor(service.successorKeys, parent, access.key)
  if (accessToken === undefined || hasExpired(access.expiresAt, now) || !isFor(plan, access)) return undefined
  const jwtAccessToken = await makeJwtAccessToken(plan, access, service)
  const { subject } = plan
  const hasIdToken = access.scopes.includes('openid') && subject !== undefined && !isIdTokenReissuable(plan, service)
  const idToken = hasIdToken && (await makeIdToken(plan, subject, jwtAccessToken ?? accessToken, context))
  const { value, record } = refresh
  return {
    records: { accessToken: access },
    accessToken,
    ...(jwtAccessToken !== undefined && { jwtAccessToken }),
    accessTokenDuration: secondsBetween(now, access.expiresAt),
    accessTokenExpiresAt: access.expiresAt,
    refreshToken: { value, scopes: record.scopes, expiresAt: record.expiresAt },
    ...(idToken !== false && { idToken }),
  }
}

/** Whether the access token is what the plan would bring. */
function isFor(plan: TokensToIssue, access: AccessToken): boolean {
  const { scopes, authorization } = plan
  const planned = { ...authorization, ...bindingOf(plan) }
  return isDeepStrictEqual(scopes, access.scopes) && isDeepStrictEqual(planned, access.authorization)
}
