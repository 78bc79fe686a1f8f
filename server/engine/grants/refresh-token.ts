import { certificateFor } from '../certificate-binding.ts'
import type { ServiceContext } from '../context.ts'
import { checkFapiTokens, forbidsRotation } from '../fapi/token-request.ts'
import { tokenKey } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { after, hasExpired } from '../protocol/lifetime.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { parseWords } from '../protocol/parameters.ts'
import { withProperties } from '../protocol/properties.ts'
import { grantableScopes } from '../protocol/scope.ts'
import { findSuccessor } from '../protocol/successor.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import { ClientNotActiveError } from '../storage/active-clients.ts'
import type { RefreshToken } from '../storage/storage.ts'
import type { Grant, Granted, TokenClient } from './grant.ts'
import type { RefreshTokenPlan, TokensToIssue } from './make-tokens.ts'
import { makeTokens } from './make-tokens.ts'
import { narrowAuthorization } from './narrow-authorization.ts'
import { isRepeatable, repeatableSince, repeatTokens } from './repeated-refresh.ts'
import { lifetimeOf } from './token-lifetimes.ts'
import { isAnythingToRefresh } from './what-is-left.ts'

/** RFC 6749 §6. The service decides whether the refresh token is rotated, RFC 9700 §4.14.2. */
export const refreshToken: Grant = async (parameters, client, context) => {
  const { storage, service, now } = context
  const { wishes } = client
  const sent = parameters.get('refresh_token')
  if (sent === undefined)
    throw new OAuthError('invalid_request', 'A953302', 'refresh_token is missing.', 'rfc6749#section-6')
  if (wishes.accessToken !== undefined && service.settings.refreshTokenIdempotent) throw notRepeatable()
  const record = await storage.findRefreshToken(service.serviceId, tokenKey(sent, service.serviceId))
  if (!record || record.clientId !== client.client.clientId) throw noSuchRefreshToken()
  if (record.clientLocked) throw new ClientNotActiveError()
  if (isRepeatable(record, service, now)) return repeat(sent, record, parameters, client, context)
  if (record.rotatedAt) {
    // RFC 9700 §4.14.2: of the thief and the owner, nobody can tell who came first. Both lose access.
    await storage.revokeGrant(service.serviceId, record.grantId, now)
    throw replayed()
  }
  if (hasExpired(record.expiresAt, now)) throw noSuchRefreshToken()
  const refresh = planFor(record, sent, client, context)
  const isRepeatableLater = refresh.plan === 'new' && service.settings.refreshTokenIdempotent
  const plan = planRefresh(record, parameters, client, context, refresh, isRepeatableLater ? sent : undefined)
  const tokens = await makeTokens(plan, context)
  const since = repeatableSince(service, now)
  const { key: spent, changes } = record
  const { outcome } = await storage.refreshTokens(service.serviceId, spent, tokens.records, now, since, changes)
  if (outcome === 'replayed') throw replayed()
  if (outcome === 'redeemed') return { plan, tokens, resultCode: 'A953001' }
  // Somebody was faster: the same client, it may be, whose request came twice.
  const again = await storage.findRefreshToken(service.serviceId, record.key)
  if (hasChanged(record, again)) return refreshToken(parameters, client, context)
  if (again && isRepeatable(again, service, now)) return repeat(sent, again, parameters, client, context)
  throw noSuchRefreshToken()
}

/** RFC 9700 §4.14.2: the answer to a refresh that was served already. It spends nothing, and every process can give it. */
async function repeat(
  sent: string,
  spent: RefreshToken,
  parameters: Parameters,
  client: TokenClient,
  context: ServiceContext,
): Promise<Granted> {
  const { storage, service, now } = context
  const { accessToken: access, refreshToken: record } = await storage.findLiveTokens(service.serviceId, spent.grantId)
  const value = record && findSuccessor(service.successorKeys, sent, record.key)
  if (!record || value === undefined || hasExpired(record.expiresAt, now)) throw noSuchRefreshToken()
  // The first proof binds the refresh token, and this one is made already.
  if (bindsAnew(record, bindingFor(record, client, context))) throw noSuchRefreshToken()
  const { expiresAt } = record
  const plan = planRefresh(record, parameters, client, context, { plan: 'kept', value, record, expiresAt }, sent)
  checkFapiTokens(plan, context)
  const granted = { plan, resultCode: 'A953001', isRepeated: true }
  const same = access && (await repeatTokens(plan, sent, access, { value, record }, context))
  if (same) return { ...granted, tokens: same }
  // It asks for another access token, of another key for example. The refresh token is the same.
  const tokens = await makeTokens(plan, context)
  const since = repeatableSince(service, now)
  const { key, changes } = record
  const { outcome } = await storage.refreshTokens(service.serviceId, key, tokens.records, now, since, changes)
  if (outcome === 'redeemed') return { ...granted, tokens }
  const again = await storage.findRefreshToken(service.serviceId, key)
  if (hasChanged(record, again)) return refreshToken(parameters, client, context)
  throw noSuchRefreshToken()
}

/** RFC 6749 §6: whether the front-end or the person changed the grant since it was read. What was made of it then would undo that: it is made anew. */
function hasChanged({ changes }: RefreshToken, again: RefreshToken | undefined): boolean {
  return again !== undefined && again.changes !== changes
}

/** RFC 6749 §6: what comes of a refresh. It is all checked before anything is spent. */
function planRefresh(
  record: RefreshToken,
  parameters: Parameters,
  sender: TokenClient,
  context: ServiceContext,
  refreshToken: RefreshTokenPlan,
  parent: string | undefined,
): TokensToIssue {
  const { client, wishes } = sender
  const { service } = context
  const { jkt, certificateThumbprint } = bindingFor(record, sender, context)
  // What the client may not request any more, a refresh does not bring either.
  const scopes = grantableScopes(narrowedScopes(parameters, record), service, client)
  return {
    client,
    grantId: record.grantId,
    grantType: 'REFRESH_TOKEN',
    ...(jkt !== undefined && { jkt }),
    ...(certificateThumbprint !== undefined && { certificateThumbprint }),
    ...(wishes.durations && { durations: wishes.durations }),
    ...(wishes.accessToken !== undefined && { accessToken: wishes.accessToken }),
    subject: record.subject,
    scopes: dropsOpenid(record, service) ? scopes.filter((scope) => scope !== 'openid') : scopes,
    ...narrowAuthorization(withProperties(record.authorization, wishes.properties), parameters, client, service),
    refreshToken,
    ...(parent !== undefined && { parent }),
  }
}

/** OIDC Core §11: while the person is away, who they are is told to nobody that was not allowed to ask then. */
function dropsOpenid({ scopes }: RefreshToken, { settings }: RegisteredService): boolean {
  return settings.openidDroppedOnRefreshWithoutOfflineAccess === true && !scopes.includes('offline_access')
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
  if (!isAnythingToRefresh(record)) throw noSuchRefreshToken()
  return asked.length > 0 ? asked : record.scopes
}

function planFor(record: RefreshToken, value: string, sender: TokenClient, context: ServiceContext): RefreshTokenPlan {
  const { service, now } = context
  const { client, wishes } = sender
  const { refreshTokenDurationKept, refreshTokenDurationReset } = service.settings
  const isKept = service.settings.refreshTokenKept || forbidsRotation(service, client, record.authorization.scopes)
  if (isKept && !mustRotate(record, client) && !bindsAnew(record, bindingFor(record, sender, context))) {
    const expiresAt = refreshTokenDurationReset
      ? after(now, lifetimeOf('refreshToken', service, client, record.scopes))
      : record.expiresAt
    return { plan: 'kept', value, record, expiresAt }
  }
  // RFC 6749 §6: the new refresh token has the scope of the old one, however narrow the access token is.
  const { scopes, expiresAt } = record
  const authorization = withProperties(record.authorization, wishes.properties)
  const isRenewed = isKept ? refreshTokenDurationReset : !refreshTokenDurationKept
  return { plan: 'new', scopes, authorization, ...(!isRenewed && { expiresAt }) }
}

/** RFC 9700 §4.14.2: what a thief could use without a key or a secret is rotated, so that the second use of it shows. */
function mustRotate(
  { authorization: { jkt, certificateThumbprint } }: RefreshToken,
  client: RegisteredClient,
): boolean {
  return client.settings.clientType === 'PUBLIC' && jkt === undefined && certificateThumbprint === undefined
}

/** The client, and what the tokens of this request are bound to. */
interface Binding {
  client: RegisteredClient
  jkt: string | undefined
  certificateThumbprint?: string
}

/** RFC 9449 §5 and RFC 8705 §4: the key and the certificate that this request binds to, once they are found to be right. */
function bindingFor(record: RefreshToken, sender: TokenClient, context: ServiceContext): Binding {
  const { client, jkt } = sender
  checkKey(record, jkt)
  return { client, jkt, ...certificateFor(sender, context, record.authorization) }
}

/** RFC 9449 §5 and RFC 8705 §4: the first proof or certificate binds the refresh token, and a token that stays as it was would not be bound. */
function bindsAnew({ authorization }: RefreshToken, { client, jkt, certificateThumbprint }: Binding): boolean {
  const isPublic = client.settings.clientType === 'PUBLIC'
  const hasKey = authorization.jkt !== undefined || (!isPublic && authorization.takesProof === true)
  const hasCertificate =
    authorization.certificateThumbprint !== undefined || (!isPublic && authorization.takesCertificate === true)
  return (jkt !== undefined && !hasKey) || (certificateThumbprint !== undefined && !hasCertificate)
}

/** RFC 9700 §4.14.2: the answer to a refresh is made again from what was spent for it, and a value that was brought along does not follow from that. */
function notRepeatable(): OAuthError {
  return new OAuthError(
    'server_error',
    'A950205',
    'accessToken: refreshes of this service can be repeated (refreshTokenIdempotent), so the engine makes their values; leave it out.',
    'rfc9700#section-4.14.2',
  )
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
