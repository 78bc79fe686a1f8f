import { isDeepStrictEqual } from 'node:util'
import type { Answer, Question } from '../../../sdk/types.ts'
import { accessTokenKeyFor } from '../access-token-signing.ts'
import type { ServiceContext } from '../context.ts'
import { checkFapiTokens } from '../fapi/token-request.ts'
import { bindingOf, makeJwtAccessToken, refreshBindingOf, withinAuthorization } from '../grants/make-tokens.ts'
import { accessTokenLifetime, lifetimeOf } from '../grants/token-lifetimes.ts'
import { makeHandle } from '../handle.ts'
import { verifiableUntil } from '../keys/rules.ts'
import { toContract } from '../protocol/authorization-details.ts'
import { after, expires, hasExpired, never } from '../protocol/lifetime.ts'
import { faultOfProperties } from '../protocol/properties.ts'
import { grantableScopes, personalScopes } from '../protocol/scope.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { AccessToken, Authorization, TokenChange } from '../storage/storage.ts'
import { tokenIdOf } from '../token-id.ts'
import { tokenTypeOf } from './auth-token.ts'
import { findNamedToken } from './token-identifier.ts'
import { checkMayPersist, faultResult, givenDetails, LockedClient, TokenFault } from './token-settings.ts'

type UpdateQuestion = Question<'auth_token_update_api'>
type UpdateAnswer = Answer<'auth_token_update_api'>

/** What says which access token. */
const names = ['accessToken', 'accessTokenHash', 'tokenId', 'refreshToken', 'refreshTokenHash'] as const

/**
 * POST /api/{serviceId}/auth/token/update: changes a live access token. What the subject took back stays taken back, and nothing outlives
 * its authorization. A JWT that is out says what it said; where it is introspected, the record counts.
 */
export async function authTokenUpdate(question: UpdateQuestion, context: ServiceContext): Promise<UpdateAnswer> {
  try {
    return await update(question, context)
  } catch (error) {
    if (error instanceof LockedClient) return { action: 'FORBIDDEN', ...faultResult(error) }
    return { action: 'BAD_REQUEST', ...faultResult(error) }
  }
}

async function update(question: UpdateQuestion, context: ServiceContext): Promise<UpdateAnswer> {
  const { storage, registry, service, now } = context
  if (!names.some((name) => question[name] !== undefined)) {
    throw new TokenFault('A935202', `one of ${names.join(', ')} is expected`)
  }
  const fault = faultOfProperties(question.properties)
  if (fault !== undefined) throw new TokenFault('A935203', fault)
  const token = await findNamedToken(question, context)
  const client = token && (await registry.findClient(service.serviceId, String(token.clientId)))
  if (!token || !client || hasExpired(token.expiresAt, now)) return notFound()
  if (token.clientLocked) throw new LockedClient()
  const renewed = question.accessTokenValueUpdated ? makeHandle(now) : undefined
  const changed = change(question, token, client, context)
  const accessToken = renewed ? { ...changed.accessToken, key: renewed.key } : changed.accessToken
  const { authorization, scopes, expiresAt } = accessToken
  // Made even where no value is asked for: what does not fit into a JWT would fail the next refresh.
  const jwt = await makeJwtAccessToken({ client, ...authorizedBy(accessToken) }, accessToken, service)
  const isDone = await storage.changeAccessToken(service.serviceId, token.key.locator, (current) =>
    isDeepStrictEqual(changeable(current), changeable(token)) ? { ...changed, accessToken } : undefined,
  )
  // Another update, a refresh, a lock or an end was faster. This one changes what that one left, if it left anything.
  if (!isDone) return update(question, context)
  const value = renewed ? (jwt ?? renewed.handle) : question.accessToken
  const refreshTokenExpiresAt = changed.refreshTokenExpiresAt ?? token.refreshTokenExpiresAt
  return {
    action: 'OK',
    ...result('A135001', 'The access token was updated.'),
    ...(value !== undefined && { accessToken: value }),
    tokenId: tokenIdOf(accessToken),
    ...(expires(expiresAt) && { accessTokenExpiresAt: expiresAt.getTime() }),
    ...(refreshTokenExpiresAt && { refreshTokenExpiresAt: refreshTokenExpiresAt.getTime() }),
    tokenType: tokenTypeOf(authorization, service),
    scopes,
    ...(authorization.properties && { properties: authorization.properties }),
    ...(authorization.forExternalAttachment !== undefined && {
      forExternalAttachment: authorization.forExternalAttachment,
    }),
    ...(authorization.authorizationDetails && {
      authorizationDetails: toContract(authorization.authorizationDetails.map(({ detail }) => detail)),
    }),
  }
}

/** What an update reads and writes of a token. */
function changeable(token: AccessToken) {
  const { scopes, authorization, expiresAt, refreshTokenExpiresAt, remainder, clientLocked } = token
  return { scopes, authorization, expiresAt, refreshTokenExpiresAt, remainder, clientLocked }
}

/** RFC 9068 §2.2: what the token says of the subject, and of what it is bound to. */
function authorizedBy({ subject, authorization }: TokenChange['accessToken']) {
  return { ...(subject !== undefined && { subject }), ...bindingOf(authorization), authorization }
}

/** The token as it will be. */
function change(
  question: UpdateQuestion,
  token: AccessToken,
  client: RegisteredClient,
  context: ServiceContext,
): TokenChange {
  const { service } = context
  const { remainder } = token
  const { dpopKeyThumbprint: jkt, certificateThumbprint, properties, forExternalAttachment } = question
  const binding = {
    ...(jkt !== undefined && { jkt }),
    ...(certificateThumbprint !== undefined && { certificateThumbprint }),
  }
  const given = givenDetails(question.authorizationDetails, service, client)
  const authorizationDetails = given?.filter(({ id }) => remainder?.details?.includes(id) ?? true)
  const authorization: Authorization = {
    ...token.authorization,
    ...binding,
    ...(forExternalAttachment !== undefined && { forExternalAttachment }),
    ...(properties && { properties }),
    ...(authorizationDetails && { authorizationDetails }),
  }
  const scopes = givenScopes(question, token, client, service) ?? token.scopes
  checkFapiTokens({ client, scopes, authorization, ...bindingOf(authorization) }, context)
  // RFC 9449 §5, RFC 8705 §4: what was bound stays bound, and no refresh turns it into a bearer token.
  const refreshed = { ...(properties && { properties }), ...refreshBindingOf({ client, ...binding }) }
  const { expiresAt, ...ends } = endsOf(question, { ...token, authorization, scopes }, client, context)
  return {
    accessToken: { ...token, authorization, scopes, expiresAt },
    ...ends,
    ...(Object.keys(refreshed).length > 0 && { refreshed }),
  }
}

/** RFC 6749 §3.3: the scopes that the front-end gives to the token, less those that it cannot have, or not any more. */
function givenScopes(
  { scopes }: UpdateQuestion,
  { subject, remainder }: AccessToken,
  client: RegisteredClient,
  service: RegisteredService,
): string[] | undefined {
  if (!scopes) return undefined
  const isLeft = (scope: string) => remainder?.scopes?.includes(scope) ?? true
  // RFC 6749 §4.4: where there is no subject, no scope is about one.
  const isFitting = (scope: string) => subject !== undefined || !personalScopes.has(scope)
  return [...new Set(grantableScopes(scopes, service, client))].filter((scope) => isLeft(scope) && isFitting(scope))
}

/** When the token and the refresh token that goes with it end. `token` is as it will be, but for that. */
function endsOf(
  question: UpdateQuestion,
  token: AccessToken,
  client: RegisteredClient,
  context: ServiceContext,
): Pick<AccessToken, 'expiresAt' | 'refreshTokenExpiresAt'> {
  const { authorization, scopes, expiresAt, refreshTokenExpiresAt } = token
  const { service, now } = context
  const isRescoped = question.scopes !== undefined
  const asked =
    (question.accessTokenPersistent ? never : undefined) ??
    timeIn(question.accessTokenExpiresAt) ??
    (isRescoped && question.accessTokenExpiresAtUpdatedOnScopeUpdate
      ? after(now, accessTokenLifetime(authorization, service, client, scopes))
      : expiresAt)
  const askedOfRefresh =
    timeIn(question.refreshTokenExpiresAt) ??
    (isRescoped && question.refreshTokenExpiresAtUpdatedOnScopeUpdate
      ? after(now, lifetimeOf('refreshToken', service, client, scopes))
      : undefined)
  const allowed = withinAuthorization(asked, authorization)
  if (!expires(allowed)) checkMayPersist(client, service, refreshTokenExpiresAt !== undefined)
  const end = earlier(allowed, verifiableEnd(question, token, client, context))
  // RFC 6749 §1.5: nothing revives a refresh token that has expired.
  if (!refreshTokenExpiresAt || hasExpired(refreshTokenExpiresAt, now)) return { expiresAt: end }
  const refreshEnd = askedOfRefresh ? withinAuthorization(askedOfRefresh, authorization) : refreshTokenExpiresAt
  const linkedEnd = service.settings.tokenExpirationLinked ? earlier(end, refreshEnd) : end
  return { expiresAt: linkedEnd, ...(askedOfRefresh && { refreshTokenExpiresAt: refreshEnd }) }
}

/** RFC 9068 §4: until when a JWT can be verified. One that is out was signed when the token was made, or for the end that it has now. */
function verifiableEnd(
  { accessTokenValueUpdated }: UpdateQuestion,
  { createdAt, expiresAt }: AccessToken,
  client: RegisteredClient,
  { service, now }: ServiceContext,
): Date {
  if (!accessTokenKeyFor(client, service)) return never
  if (accessTokenValueUpdated) return verifiableUntil(now, service.settings)
  const end = verifiableUntil(createdAt, service.settings)
  return end > expiresAt ? end : expiresAt
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other
}

/** Milliseconds since 1970; 0 and less say nothing. */
function timeIn(milliseconds = 0): Date | undefined {
  return milliseconds > 0 ? new Date(milliseconds) : undefined
}

function notFound(): UpdateAnswer {
  return { action: 'NOT_FOUND', ...result('A935301', 'There is no such access token, or it has ended.') }
}

function result(resultCode: string, text: string) {
  return { resultCode, resultMessage: `[${resultCode}] ${text}` }
}
