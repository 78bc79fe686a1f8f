import { certificateFor } from '../certificate-binding.ts'
import { makeLocator } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { grantDetails, parseAuthorizationDetails } from '../protocol/authorization-details.ts'
import { parseWords } from '../protocol/parameters.ts'
import { parseResources } from '../protocol/resource.ts'
import { defaultScopes, grantableScopes, personalScopes } from '../protocol/scope.ts'
import type { Grant } from './grant.ts'
import type { TokensToIssue } from './make-tokens.ts'
import { makeTokens } from './make-tokens.ts'

/** RFC 6749 §4.4: a client acts for itself. §4.4.3: there is no refresh token. */
export const clientCredentials: Grant = async (parameters, sender, context) => {
  const { client, aliasUsed, jkt, wishes } = sender
  const { storage, service, now } = context
  if (client.settings.clientType === 'PUBLIC') {
    throw new OAuthError(
      'unauthorized_client',
      'A052301',
      'A public client cannot use this grant.',
      'rfc6749#section-4.4',
    )
  }
  const sent = parameters.get('scope')
  const asked = sent === undefined ? defaultScopes(service) : parseWords(sent)
  const scopes = grantableScopes(asked, service, client).filter((scope) => !personalScopes.has(scope))
  if (scopes.length === 0 && service.settings.scopeRequired) {
    throw new OAuthError(
      'invalid_scope',
      'A952302',
      'No scope is left that the client may have for itself.',
      'rfc6749#section-4.4.2',
    )
  }
  // RFC 8707 §2.2, RFC 9396 §6: nobody else is there to grant them, so what is asked for and allowed is granted.
  const resources = parseResources(parameters, service)
  const details = parseAuthorizationDetails(parameters.get('authorization_details'), service, client)
  const { serviceId } = service
  const { clientId } = client
  const plan: TokensToIssue = {
    client,
    grantId: makeLocator(now),
    grantType: 'CLIENT_CREDENTIALS',
    ...(jkt !== undefined && { jkt }),
    ...certificateFor(sender, context),
    ...(wishes.durations && { durations: wishes.durations }),
    ...(wishes.accessToken !== undefined && { accessToken: wishes.accessToken }),
    scopes,
    resources,
    authorization: {
      scopes,
      clientIdAliasUsed: aliasUsed,
      claims: { idToken: {}, userinfo: {} },
      ...(resources.length > 0 && { resources }),
      ...(details && { authorizationDetails: grantDetails(details, undefined, service) }),
      ...(wishes.properties && { properties: wishes.properties }),
      ...(wishes.jwtAtClaims && { jwtAtClaims: wishes.jwtAtClaims }),
      refreshable: false,
    },
    refreshToken: { plan: 'none' },
  }
  const tokens = await makeTokens(plan, context)
  const grant = { grantId: plan.grantId, serviceId, clientId, createdAt: now, expiresAt: tokens.accessTokenExpiresAt }
  await storage.issueTokens(grant, tokens.records)
  return { plan, tokens, resultCode: 'A052001' }
}
