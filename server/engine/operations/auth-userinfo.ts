import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import type { LiveToken } from '../live-token.ts'
import { findLiveAccessToken } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { userinfoClaimNames, withdrawnClaims } from '../protocol/claim-names.ts'
import { bearerChallenge } from '../protocol/error-response.ts'
import type { RegisteredService } from '../registry.ts'
import { attributesOf } from './auth-token.ts'

/** POST /api/{serviceId}/auth/userinfo — OIDC Core §5.3.1. */
export async function authUserinfo(
  { token: value }: Question<'auth_userinfo_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_userinfo_api'>> {
  const { service } = context
  const live = await findLiveAccessToken(value, context)
  if (!live) return { action: 'UNAUTHORIZED', ...challenge(unknownToken(), service) }
  const subject = personOf(live)
  if (subject === undefined) return { action: 'FORBIDDEN', ...challenge(openidMissing(), service) }
  const { token, client } = live
  const { claims, consentedClaims, clientIdAliasUsed } = token.authorization
  const withdrawn = withdrawnClaims(token.authorization.scopes, token.scopes)
  const names = userinfoClaimNames(token.scopes, claims, service).filter((name) => !withdrawn.has(name))
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
    claims: consentedClaims ? names.filter((name) => consentedClaims.includes(name)) : names,
    ...(Object.keys(claims.userinfo).length > 0 && { userInfoClaims: JSON.stringify(claims.userinfo) }),
    ...(consentedClaims && { consentedClaims }),
    ...attributesOf(client.settings, service.settings),
  }
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

export function openidMissing(): OAuthError {
  return new OAuthError(
    'insufficient_scope',
    'A089304',
    'The access token does not have the scope openid.',
    'oidc-core#UserInfo',
  )
}

/** RFC 6750 §3. */
export function challenge(
  error: OAuthError,
  { settings }: RegisteredService,
): { resultCode: string; resultMessage: string; responseContent: string } {
  return {
    resultCode: error.resultCode,
    resultMessage: error.resultMessage,
    responseContent: bearerChallenge(error, settings),
  }
}
