import type { Answer, Question } from '../../../sdk/types.ts'
import { problemOfCertificate } from '../certificate-binding.ts'
import type { ServiceContext } from '../context.ts'
import { nextDpopNonce, problemOfBinding, schemeOf } from '../dpop.ts'
import type { LiveToken } from '../live-token.ts'
import { findLiveAccessToken } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { resourcesOf } from '../protocol/access-token.ts'
import { userinfoClaimNames, withdrawnClaims } from '../protocol/claim-names.ts'
import { accessTokenChallenge } from '../protocol/error-response.ts'
import { localizedClaims, untagged } from '../protocol/localized-claims.ts'
import { dynamicScopesOf } from '../protocol/scope.ts'
import type { RegisteredService } from '../registry.ts'
import { problemOfSignedRequest } from '../signed-request.ts'
import { attributesOf } from './auth-token.ts'

/** POST /api/{serviceId}/auth/userinfo — OIDC Core §5.3.1. */
export async function authUserinfo(
  question: Question<'auth_userinfo_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_userinfo_api'>> {
  return { ...(await answer(question, context)), ...nextDpopNonce(question, context) }
}

async function answer(
  question: Question<'auth_userinfo_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_userinfo_api'>> {
  const { service } = context
  const { token: value = '' } = question
  const unread = problemOfSignedRequest(question, 'A991201')
  if (unread) return { action: 'INTERNAL_SERVER_ERROR', ...challenge(unread, service, schemeOf(question)) }
  if (value === '') {
    const error = new OAuthError('invalid_request', 'A991202', 'token is missing.', 'rfc6750#section-3.1')
    return { action: 'BAD_REQUEST', ...challenge(error, service, schemeOf(question)) }
  }
  const live = await findLiveAccessToken(value, context)
  const scheme = schemeOf(question, live)
  if (!live) return { action: 'UNAUTHORIZED', ...challenge(unknownToken(), service, scheme) }
  const stolen = problemOfCertificate(live, question)
  if (stolen) return { action: 'UNAUTHORIZED', ...challenge(stolen, service, scheme) }
  const resource = { ...userinfoEndpoint, htu: service.settings.userInfoEndpoint }
  const problem = await problemOfBinding(value, live, question, resource, context)
  if (problem) return { action: 'UNAUTHORIZED', ...challenge(problem, service, 'DPoP') }
  if (!isForIssuer(live, service)) return { action: 'UNAUTHORIZED', ...challenge(limitedElsewhere(), service, scheme) }
  const subject = personOf(live)
  if (subject === undefined) return { action: 'FORBIDDEN', ...challenge(openidMissing(), service, scheme) }
  const { token, client } = live
  const { claims, consentedClaims, clientIdAliasUsed, claimsLocales = [], properties } = token.authorization
  const dynamicScopes = dynamicScopesOf(token.scopes, service)
  const withdrawn = withdrawnClaims(token.authorization.scopes, token.scopes)
  // A translation goes where its claim goes, or by itself where it was consented to by itself.
  const isConsented = (name: string) => consentedClaims?.some((one) => one === name || one === untagged(name)) ?? true
  const names = userinfoClaimNames(token.scopes, claims, service).filter(
    (name) => !withdrawn.has(untagged(name)) && isConsented(name),
  )
  return {
    action: 'OK',
    resultCode: 'A091001',
    resultMessage: '[A091001] The access token allows these claims.',
    clientId: client.clientId,
    clientIdAlias: client.alias,
    clientIdAliasUsed,
    subject,
    token: value,
    scopes: token.scopes,
    ...(dynamicScopes.length > 0 && { dynamicScopes }),
    claims: localizedClaims(names, claimsLocales),
    ...(Object.keys(claims.userinfo).length > 0 && { userInfoClaims: JSON.stringify(claims.userinfo) }),
    ...(consentedClaims && { consentedClaims }),
    ...(properties && { properties }),
    ...attributesOf(client.settings, service.settings),
  }
}

/** RFC 8707 §2.2: the endpoints of the issuer are a resource like any other. A token without a limit is good for all there are. */
export function isForIssuer({ token }: LiveToken, { issuer }: RegisteredService): boolean {
  return resourcesOf(token.authorization)?.includes(issuer) ?? true
}

const userinfoEndpoint = {
  htm: 'GET',
  missingCode: 'A089311',
  otherKeyCode: 'A089312',
  athCode: 'A089313',
  nonceCode: 'A989314',
}

/** OIDC Core §5.3: whose claims the token opens; nobody's without `openid`. */
export function personOf({ token }: LiveToken): string | undefined {
  return token.scopes.includes('openid') ? token.subject : undefined
}

export function unknownToken(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'A088302',
    'The access token is unknown, expired or revoked.',
    'rfc6750#section-3.1',
  )
}

export function limitedElsewhere(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'A988301',
    'The access token is limited to other resources. Name the issuer as a resource as well.',
    'rfc8707#section-2.2',
  )
}

export function openidMissing(): OAuthError {
  return new OAuthError(
    'insufficient_scope',
    'A089304',
    'The access token does not have the scope openid.',
    'oidc-core#UserInfo',
  )
}

/** RFC 6750 §3, RFC 9449 §7.1. */
export function challenge(
  error: OAuthError,
  { settings }: RegisteredService,
  scheme: 'Bearer' | 'DPoP',
): { resultCode: string; resultMessage: string; responseContent: string } {
  return {
    resultCode: error.resultCode,
    resultMessage: error.resultMessage,
    responseContent: accessTokenChallenge(scheme, error, settings),
  }
}
