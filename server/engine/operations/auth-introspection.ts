import type { Answer, Question } from '../../../sdk/types.ts'
import { problemOfCertificate } from '../certificate-binding.ts'
import type { ServiceContext } from '../context.ts'
import { nextDpopNonce, problemOfBinding, schemeOf } from '../dpop.ts'
import { isAnythingToRefresh } from '../grants/what-is-left.ts'
import { findAccessToken } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { resourcesOf } from '../protocol/access-token.ts'
import { detailsFor } from '../protocol/authorization-details.ts'
import { describeGrant, hasEnded } from '../protocol/describe-grant.ts'
import { accessTokenChallenge } from '../protocol/error-response.ts'
import { expires, hasExpired, numericDate } from '../protocol/lifetime.ts'
import { describeScopes } from '../protocol/scope.ts'
import { problemOfSignedRequest } from '../signed-request.ts'
import type { AccessToken, Authorization } from '../storage/storage.ts'
import { attributesOf, describeAuthorization } from './auth-token.ts'

type IntrospectionQuestion = Question<'auth_introspection_api'>
type IntrospectionAnswer = Answer<'auth_introspection_api'>

/** What is known about the token, whatever the outcome. */
interface Flags {
  existent: boolean
  usable: boolean
  sufficient: boolean
  refreshable: boolean
}

const unknownToken: Flags = { existent: false, usable: false, sufficient: false, refreshable: false }

/** POST /api/{serviceId}/auth/introspection — RFC 6750 §3, for resource servers that call the engine themselves. */
export async function authIntrospection(
  question: IntrospectionQuestion,
  context: ServiceContext,
): Promise<IntrospectionAnswer> {
  return { ...(await answer(question, context)), ...nextDpopNonce(question, context) }
}

async function answer(question: IntrospectionQuestion, context: ServiceContext): Promise<IntrospectionAnswer> {
  const { storage, registry, service, now } = context
  const unread = problemOfSignedRequest(question, 'A956309')
  if (unread) return refused('INTERNAL_SERVER_ERROR', unread, unknownToken, schemeOf(question), context)
  const { token: value = '' } = question
  if (value === '') {
    const error = new OAuthError('invalid_request', 'A956310', 'token is missing.', 'rfc6750#section-3.1')
    return refused('BAD_REQUEST', error, unknownToken, schemeOf(question), context)
  }
  const token = await findAccessToken(value, context)
  const client = token && (await registry.findClient(service.serviceId, String(token.clientId)))
  if (!token || !client || token.clientLocked) {
    return refused(
      'UNAUTHORIZED',
      new OAuthError('invalid_token', 'A057302', 'The access token is unknown or revoked.', 'rfc6750#section-3.1'),
      unknownToken,
      schemeOf(question),
      context,
    )
  }
  const scheme = schemeOf(question, { token })
  const usable = !hasExpired(token.expiresAt, now)
  const refreshable = await isRefreshable(token, context)
  const sufficient = (question.scopes ?? []).every((scope) => token.scopes.includes(scope))
  const flags = { existent: true, usable, sufficient, refreshable }
  if (!usable) {
    const resultCode = refreshable ? 'A065301' : 'A956301'
    return refused(
      'UNAUTHORIZED',
      new OAuthError('invalid_token', resultCode, 'The access token has expired.', 'rfc6750#section-3.1'),
      flags,
      scheme,
      context,
    )
  }
  const stolen = problemOfCertificate({ token }, question)
  if (stolen) return refused('UNAUTHORIZED', stolen, flags, scheme, context)
  const { dpop, htm, htu } = question
  if (dpop !== undefined && (htm === undefined || htu === undefined)) {
    const description = 'dpop goes with htm and htu: what the request to the resource was.'
    const fault = new OAuthError('server_error', 'A956305', description, 'rfc9449#section-7')
    return refused('INTERNAL_SERVER_ERROR', fault, flags, 'DPoP', context)
  }
  const problem = await problemOfBinding(value, { token }, question, anyResource, context)
  if (problem) return refused('UNAUTHORIZED', problem, flags, 'DPoP', context)
  if (question.subject !== undefined && question.subject !== token.subject) {
    return refused(
      'FORBIDDEN',
      new OAuthError(
        'invalid_request',
        'A956302',
        'The access token belongs to another subject.',
        'rfc6750#section-3.1',
      ),
      flags,
      scheme,
      context,
    )
  }
  if (!sufficient) {
    const error = new OAuthError(
      'insufficient_scope',
      'A956303',
      'The access token does not cover the required scopes.',
      'rfc6750#section-3.1',
    )
    return refused('FORBIDDEN', error, flags, scheme, context, { scope: (question.scopes ?? []).join(' ') })
  }
  const resources = resourcesOf(token.authorization)
  if (resources && !(question.resources ?? []).every((resource) => resources.includes(resource))) {
    const error = new OAuthError(
      'invalid_target',
      'A956304',
      'The access token is for other resources.',
      'rfc8707#section-2.2',
    )
    return refused('FORBIDDEN', error, flags, scheme, context)
  }
  const stepUp = stepUpFor(question, token, now)
  if (stepUp) return refused('UNAUTHORIZED', stepUp.error, flags, scheme, context, stepUp.challenge)
  const { acr, authTime, consentedClaims, managedGrantId, certificateThumbprint, properties } = token.authorization
  const { forExternalAttachment } = token.authorization
  const grant =
    managedGrantId === undefined ? undefined : await storage.findManagedGrant(service.serviceId, managedGrantId)
  return {
    action: 'OK',
    resultCode: 'A056001',
    resultMessage: '[A056001] The access token is valid.',
    // The contract puts a constant here; it is used when the front-end finds fault with the request afterwards.
    responseContent: 'Bearer error="invalid_request"',
    ...flags,
    clientId: client.clientId,
    clientIdAlias: client.alias,
    clientIdAliasUsed: token.authorization.clientIdAliasUsed,
    ...(token.subject !== undefined && { subject: token.subject }),
    scopes: token.scopes,
    scopeDetails: describeScopes(token.scopes, service),
    ...(token.authorization.resources && { resources: token.authorization.resources }),
    ...describeAuthorization(token.scopes, { ...token.authorization, ...detailsShown(question, token) }, service),
    ...(grant && !hasEnded(grant, now) && { grant: describeGrant(grant) }),
    ...(expires(token.expiresAt) && { expiresAt: token.expiresAt.getTime() }),
    grantType: token.grantType,
    ...(acr !== undefined && { acr }),
    ...(authTime !== undefined && { authTime }),
    ...(consentedClaims && { consentedClaims }),
    ...(certificateThumbprint !== undefined && { certificateThumbprint }),
    ...(properties && { properties }),
    ...(forExternalAttachment !== undefined && { forExternalAttachment }),
    ...attributesOf(client.settings, service.settings),
  }
}

/** RFC 6749 §6: whether a refresh would be served. What this token lacks may be left in the refresh token, and only then is that read. */
async function isRefreshable(token: AccessToken, { storage, service, now }: ServiceContext): Promise<boolean> {
  if (token.refreshTokenExpiresAt === undefined || hasExpired(token.refreshTokenExpiresAt, now)) return false
  if (isAnythingToRefresh(token)) return true
  const { refreshToken } = await storage.findLiveTokens(service.serviceId, token.grantId)
  return refreshToken !== undefined && isAnythingToRefresh(refreshToken)
}

/** RFC 9396 §9: the resources that ask see what concerns them. */
function detailsShown(
  { resources }: IntrospectionQuestion,
  { authorization }: AccessToken,
): Pick<Authorization, 'authorizationDetails'> {
  const details = detailsFor(authorization.authorizationDetails, resources?.length ? resources : undefined)
  return details ? { authorizationDetails: details } : {}
}

/** What was asked for is the front-end's to say: the engine does not know the resource. */
const anyResource = {
  htm: '',
  htu: undefined,
  missingCode: 'A065308',
  otherKeyCode: 'A956306',
  athCode: 'A956307',
  nonceCode: 'A956308',
}

/** RFC 9470 §3: the authentication behind the token may be too weak or too old for this resource, or both: then one challenge says both. */
function stepUpFor(
  { acrValues, maxAge }: IntrospectionQuestion,
  { authorization: { acr, authTime } }: AccessToken,
  now: Date,
): { error: OAuthError; challenge: Record<string, string> } | undefined {
  const tooOld = maxAge !== undefined && maxAge > 0 && (authTime ?? 0) + maxAge < numericDate(now)
  const age = tooOld ? { max_age: String(maxAge) } : {}
  if (acrValues && acrValues.length > 0 && !acrValues.includes(acr ?? '')) {
    const error = new OAuthError(
      'insufficient_user_authentication',
      'A341302',
      'Another authentication context class is required.',
      'rfc9470#section-3',
    )
    return { error, challenge: { acr_values: acrValues.join(' '), ...age } }
  }
  if (tooOld) {
    const error = new OAuthError(
      'insufficient_user_authentication',
      'A340301',
      'A more recent authentication is required.',
      'rfc9470#section-3',
    )
    return { error, challenge: age }
  }
  return undefined
}

function refused<Action extends 'BAD_REQUEST' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'INTERNAL_SERVER_ERROR'>(
  action: Action,
  error: OAuthError,
  flags: Flags,
  scheme: 'Bearer' | 'DPoP',
  { service }: ServiceContext,
  challenge: Record<string, string> = {},
) {
  const { resultCode, resultMessage } = error
  return {
    action,
    resultCode,
    resultMessage,
    responseContent: accessTokenChallenge(scheme, error, service.settings, challenge),
    ...flags,
  }
}
