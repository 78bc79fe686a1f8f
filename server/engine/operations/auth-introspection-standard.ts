import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { checkFapiIntrospection } from '../fapi/introspection.ts'
import { fapiModesOfEverybody } from '../fapi/metadata.ts'
import { fapiModesOfGrant } from '../fapi/token-request.ts'
import type { Protection } from '../introspection-protection.ts'
import { findProtection } from '../introspection-protection.ts'
import { findLiveAccessToken } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { confirmationOf, resourcesOf } from '../protocol/access-token.ts'
import { detailsFor } from '../protocol/authorization-details.ts'
import { refuse } from '../protocol/error-response.ts'
import { expires, numericDate } from '../protocol/lifetime.ts'
import { allMembers, visibleMembers } from '../protocol/properties.ts'
import { checkNothingRepeated, parseParameters } from '../protocol/parameters.ts'
import { tokenTypeOf } from './auth-token.ts'

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
    const protection = await findProtection(question, context)
    const modes = fapiModesOfEverybody(context.service.settings)
    checkFapiIntrospection(modes, question.httpAcceptHeader, protection?.alg)
    const introspection = await introspect(token, question, protection, context)
    const said = { resultCode: 'A145001', resultMessage: '[A145001] The introspection request was served.' }
    return protection
      ? { action: 'JWT', ...said, responseContent: await protection.protect(introspection) }
      : { action: 'OK', ...said, responseContent: JSON.stringify(introspection) }
  } catch (error) {
    const refusal = refuse(error, context.service.settings)
    const isOurs = error instanceof OAuthError && error.error === 'server_error'
    return { action: isOurs ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST', ...refusal }
  }
}

/**
 * RFC 7662 §2.2: what is known of the token; nothing at all of one that is not active. Only access tokens are looked for, whatever
 * the hint says: a resource server that asks about what it was sent must never find a refresh token good.
 */
async function introspect(
  token: string,
  { rsUri: resourceServer, httpAcceptHeader, withHiddenProperties }: Question<'auth_introspection_standard_api'>,
  protection: Protection | undefined,
  context: ServiceContext,
): Promise<object> {
  const live = await findLiveAccessToken(token, context)
  if (!live) return { active: false }
  const resources = resourcesOf(live.token.authorization)
  // RFC 8707 §2.2: a token for others is not good here.
  if (resources && resourceServer !== undefined && !resources.includes(resourceServer)) return { active: false }
  const { scopes, subject, expiresAt, createdAt, authorization } = live.token
  checkFapiIntrospection(
    fapiModesOfGrant(context.service, live.client, [...authorization.scopes, ...scopes]),
    httpAcceptHeader,
    protection?.alg,
  )
  const { clientIdAliasUsed, acr, authTime, sub, authorizationDetails, managedGrantId } = authorization
  const { properties } = authorization
  return {
    ...(withHiddenProperties ? allMembers(properties) : visibleMembers(properties)),
    active: true,
    // RFC 6749 §3.3: never empty.
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    client_id: clientIdAliasUsed ? live.client.alias : String(live.client.clientId),
    token_type: tokenTypeOf(authorization, context.service),
    exp: expires(expiresAt) ? numericDate(expiresAt) : undefined,
    iat: numericDate(createdAt),
    sub: sub ?? subject,
    aud: resources,
    iss: context.service.issuer,
    // RFC 9449 §6.2, RFC 8705 §3.2.
    cnf: confirmationOf(authorization),
    auth_time: authTime,
    acr,
    // RFC 9396 §9.2: a resource server sees what concerns it.
    authorization_details: detailsFor(
      authorizationDetails,
      resourceServer === undefined ? undefined : [resourceServer],
    )?.map(({ detail }) => detail),
    grant_id: managedGrantId,
  }
}
