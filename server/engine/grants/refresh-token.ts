import type { ServiceContext } from '../context.ts'
import { parseHandle } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { after, hasExpired } from '../protocol/lifetime.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { parseWords } from '../protocol/parameters.ts'
import { grantableScopes } from '../protocol/scope.ts'
import type { RegisteredClient } from '../registry.ts'
import type { RefreshToken } from '../storage/storage.ts'
import type { Grant } from './grant.ts'
import type { RefreshTokenPlan, TokensToIssue } from './make-tokens.ts'
import { makeTokens } from './make-tokens.ts'
import { narrowAuthorization } from './narrow-authorization.ts'
import { lifetimeOf } from './token-lifetimes.ts'

/** RFC 6749 §6. The service decides whether the refresh token is rotated, RFC 9700 §4.14.2. */
export const refreshToken: Grant = async (parameters, { client, jkt, wishes }, context) => {
  const { storage, service, now } = context
  const sent = parameters.get('refresh_token')
  if (sent === undefined)
    throw new OAuthError('invalid_request', 'A953302', 'refresh_token is missing.', 'rfc6749#section-6')
  const key = parseHandle(sent)
  const record = key && (await storage.findRefreshToken(service.serviceId, key))
  if (!record || record.clientId !== client.clientId) throw noSuchRefreshToken()
  if (record.rotatedAt) {
    // RFC 9700 §4.14.2: of the thief and the owner, nobody can tell who came first. Both lose access.
    await storage.revokeGrant(service.serviceId, record.grantId, now)
    throw replayed()
  }
  if (hasExpired(record.expiresAt, now)) throw noSuchRefreshToken()
  checkKey(record, jkt)
  const plan: TokensToIssue = {
    client,
    grantId: record.grantId,
    grantType: 'REFRESH_TOKEN',
    ...(jkt !== undefined && { jkt }),
    ...(wishes.durations && { durations: wishes.durations }),
    subject: record.subject,
    // What the client may not request any more, a refresh does not bring either.
    scopes: grantableScopes(narrowedScopes(parameters, record), service, client),
    ...narrowAuthorization(record.authorization, parameters, client, service),
    refreshToken: planFor(record, sent, { client, jkt }, context),
  }
  const tokens = await makeTokens(plan, context)
  const { outcome } = await storage.refreshTokens(service.serviceId, key, tokens.records, now)
  if (outcome === 'replayed') throw replayed()
  if (outcome === 'unknown') throw noSuchRefreshToken()
  return { plan, tokens, resultCode: 'A953001' }
}

/** RFC 9449 §5: what was obtained with a DPoP proof is refreshed with one; by a public client, with one of the same key. */
function checkKey({ authorization }: RefreshToken, jkt: string | undefined): void {
  if (jkt === undefined && (authorization.takesProof || authorization.jkt !== undefined)) {
    throw new OAuthError(
      'invalid_request',
      'A953305',
      'The refresh token takes a DPoP proof, and there is none.',
      'rfc9449#section-5',
    )
  }
  if (authorization.jkt !== undefined && authorization.jkt !== jkt) {
    throw new OAuthError('invalid_grant', 'A953306', 'The refresh token is bound to another key.', 'rfc9449#section-5')
  }
}

/** RFC 6749 §6: the scopes asked for must be within those that were granted; without `scope` they are all meant. */
function narrowedScopes(parameters: Parameters, record: RefreshToken): string[] {
  const asked = parseWords(parameters.get('scope'))
  if (asked.some((scope) => !record.scopes.includes(scope))) {
    throw new OAuthError('invalid_scope', 'A953303', 'scope goes beyond what was granted.', 'rfc6749#section-6')
  }
  // Everything that the person allowed has been taken back since: there is nothing left to refresh.
  const { scopes: granted, authorizationDetails } = record.authorization
  const isEmpty = record.scopes.length === 0 && !authorizationDetails?.length
  if (isEmpty && (granted.length > 0 || authorizationDetails)) throw noSuchRefreshToken()
  // OIDC Core §11: access while the person is away was taken back, and that is all that a refresh token is for.
  if (granted.includes('offline_access') && !record.scopes.includes('offline_access')) throw noSuchRefreshToken()
  return asked.length > 0 ? asked : record.scopes
}

function planFor(
  record: RefreshToken,
  value: string,
  { client, jkt }: { client: RegisteredClient; jkt: string | undefined },
  { service, now }: ServiceContext,
): RefreshTokenPlan {
  const { refreshTokenKept, refreshTokenDurationKept, refreshTokenDurationReset } = service.settings
  if (refreshTokenKept && !bindsAnew(record, client, jkt)) {
    const expiresAt = refreshTokenDurationReset
      ? after(now, lifetimeOf('refreshToken', service, client, record.scopes))
      : record.expiresAt
    return { plan: 'kept', value, record, expiresAt }
  }
  // RFC 6749 §6: the new refresh token has the scope of the old one, however narrow the access token is.
  const { scopes, authorization, expiresAt } = record
  const isRenewed = refreshTokenKept ? refreshTokenDurationReset : !refreshTokenDurationKept
  return { plan: 'new', scopes, authorization, ...(!isRenewed && { expiresAt }) }
}

/** RFC 9449 §5: the first proof binds the refresh token, and a token that stays as it was would not be bound. */
function bindsAnew({ authorization }: RefreshToken, { settings }: RegisteredClient, jkt: string | undefined): boolean {
  if (jkt === undefined || authorization.jkt !== undefined) return false
  return settings.clientType === 'PUBLIC' || !authorization.takesProof
}

function noSuchRefreshToken(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'A053305',
    'The refresh token is unknown, expired or revoked, or another client received it.',
    'rfc6749#section-5.2',
  )
}

function replayed(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'A953304',
    'The refresh token was used before. What came of it is revoked.',
    'rfc9700#section-4.14.2',
  )
}
