import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { findLiveAccessToken, findLiveRefreshToken } from '../live-token.ts'
import type { LiveToken } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { refuse } from '../protocol/error-response.ts'
import { numericDate } from '../protocol/lifetime.ts'
import { checkNothingRepeated, parseParameters } from '../protocol/parameters.ts'
import type { AccessToken, RefreshToken } from '../storage/storage.ts'

/** POST /api/{serviceId}/auth/introspection/standard — RFC 7662 §2.1. */
export async function authIntrospectionStandard(
  question: Question<'auth_introspection_standard_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_introspection_standard_api'>> {
  try {
    const parameters = parseParameters(question.parameters)
    checkNothingRepeated(parameters)
    const token = parameters.get('token')
    if (token === undefined)
      throw new OAuthError('invalid_request', 'A945302', 'token is missing.', 'rfc7662#section-2.1')
    return {
      action: 'OK',
      resultCode: 'A145001',
      resultMessage: '[A145001] The introspection request was served.',
      responseContent: JSON.stringify(await introspect(token, parameters.get('token_type_hint'), context)),
    }
  } catch (error) {
    return { action: 'BAD_REQUEST', ...refuse(error, context.service.settings) }
  }
}

/**
 * RFC 7662 §2.2: what is known of the token; nothing at all of one that is not active. A refresh token is looked for only
 * when the caller says so: a resource server that asks about what it was sent must never find one good.
 */
async function introspect(token: string, hint: string | undefined, context: ServiceContext): Promise<object> {
  const access = await findLiveAccessToken(token, context)
  if (access) return { ...facts(access, context), token_type: context.service.settings.accessTokenType ?? 'Bearer' }
  const refresh = hint === 'refresh_token' ? await findLiveRefreshToken(token, context) : undefined
  return refresh ? facts(refresh, context) : { active: false }
}

function facts({ token, client }: LiveToken<AccessToken | RefreshToken>, { service }: ServiceContext): object {
  const { clientIdAliasUsed, acr, authTime, sub } = token.authorization
  return {
    active: true,
    scope: token.scopes.join(' '),
    client_id: clientIdAliasUsed ? client.alias : String(client.clientId),
    exp: numericDate(token.expiresAt),
    iat: numericDate(token.createdAt),
    sub: sub ?? token.subject,
    iss: service.issuer,
    auth_time: authTime,
    acr,
  }
}
