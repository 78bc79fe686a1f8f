import type { Answer, Question, Schema } from '../../../sdk/types.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticate.ts'
import { authenticateClient } from '../client-authentication/authenticate.ts'
import type { ServiceContext } from '../context.ts'
import { presentedThumbprint } from '../certificate-binding.ts'
import { acceptDpopProof, nextDpopNonce } from '../dpop.ts'
import { checkFapiTokenRequest } from '../fapi/token-request.ts'
import { checkGrantAllowed } from '../grants/allowed-grants.ts'
import { authorizationCode } from '../grants/authorization-code.ts'
import { clientCredentials } from '../grants/client-credentials.ts'
import type { Grant, Granted, TokenWishes } from '../grants/grant.ts'
import { refreshToken } from '../grants/refresh-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { isIdTokenReissuable } from '../grants/make-tokens.ts'
import { idTokenClaimNames, withdrawnClaims } from '../protocol/claim-names.ts'
import { refuse } from '../protocol/error-response.ts'
import { readJwtAtClaims } from '../protocol/jwt-at-claims.ts'
import { localizedClaims, untagged } from '../protocol/localized-claims.ts'
import { faultOfProperties } from '../protocol/properties.ts'
import { resourcesOf } from '../protocol/access-token.ts'
import { toContract } from '../protocol/authorization-details.ts'
import { expires, secondsBetween } from '../protocol/lifetime.ts'
import { checkNothingRepeated, parseParameters } from '../protocol/parameters.ts'
import { dynamicScopesOf } from '../protocol/scope.ts'
import type { RegisteredService } from '../registry.ts'
import type { Authorization } from '../storage/storage.ts'
import { TokenValueTaken } from '../storage/token-value-taken.ts'
import { callerFault } from './auth-authorization-issue.ts'
import { tokenResponse } from './token-response.ts'

/** RFC 6749 §4. The password grant is left out: RFC 9700 §2.4 says it must not be used. */
const grants: ReadonlyMap<string, [Schema<'GrantType'>, Grant]> = new Map<string, [Schema<'GrantType'>, Grant]>([
  ['authorization_code', ['AUTHORIZATION_CODE', authorizationCode]],
  ['refresh_token', ['REFRESH_TOKEN', refreshToken]],
  ['client_credentials', ['CLIENT_CREDENTIALS', clientCredentials]],
])

/** POST /api/{serviceId}/auth/token — RFC 6749 §3.2. */
export async function authToken(
  question: Question<'auth_token_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_token_api'>> {
  const nonce = nextDpopNonce(question, context)
  const fault = faultOfProperties(question.properties)
  if (fault !== undefined) return callerFault('A950201', fault, context)
  const added = readJwtAtClaims(question.jwtAtClaims)
  if ('fault' in added) return callerFault('A950202', added.fault, context)
  try {
    const parameters = parseParameters(question.parameters)
    checkNothingRepeated(parameters) //                                                        RFC 6749 §3.2
    const authenticated = await authenticateClient(question, parameters, 'tokenEndpoint', context) // §2.3
    checkFapiTokenRequest(authenticated, parameters, context) //                                       FAPI 2.0 §5.3.2.1
    const [grantType, grant] = grantOf(parameters.get('grant_type')) //                               §4
    if (added.jwtAtClaims && grantType !== 'CLIENT_CREDENTIALS') throw claimsOfOthers()
    checkGrantAllowed(grantType, authenticated.client, context.service) //                            §5.2
    const certificateThumbprint = presentedThumbprint(question) //                                    RFC 8705 §3
    const client = {
      ...authenticated,
      ...(await keyOf(question, authenticated, context)), //                                          RFC 9449 §5
      ...(certificateThumbprint !== undefined && { certificateThumbprint }),
      wishes: { ...wishesOf(question), ...added },
    }
    const granted = await grant(parameters, client, { ...context, tokenRequest: parameters })
    return { ...succeed(granted, client, context), ...nonce } //                                        §5.1
  } catch (error) {
    if (error instanceof TokenValueTaken) return { ...callerFault('A950203', `${error.message}.`, context), ...nonce }
    const refusal = refuse(error, context.service.settings)
    const code = error instanceof OAuthError ? error.error : undefined
    if (code === 'server_error') return { action: 'INTERNAL_SERVER_ERROR', ...refusal, ...nonce }
    return { action: code === 'invalid_client' ? 'INVALID_CLIENT' : 'BAD_REQUEST', ...refusal, ...nonce }
  }
}

/** What the front-end says of the tokens. */
function wishesOf(question: Question<'auth_token_api'>): TokenWishes {
  const { accessTokenDuration = 0, refreshTokenDuration = 0, properties, accessToken } = question
  return {
    durations: { accessTokenDuration, refreshTokenDuration },
    ...(properties && { properties }),
    ...(accessToken !== undefined && { accessToken }),
  }
}

/** RFC 9449 §5: the key that the tokens are to be bound to, where the client proves to hold one. */
async function keyOf(
  question: Question<'auth_token_api'>,
  { client }: AuthenticatedClient,
  context: ServiceContext,
): Promise<{ jkt?: string }> {
  const endpoint = { htm: 'POST', htu: context.service.settings.tokenEndpoint, nonceCode: 'A254307' }
  const jkt = await acceptDpopProof(question, endpoint, client.clientId, context)
  if (jkt !== undefined) return { jkt }
  if (!client.settings.dpopRequired) return {}
  throw new OAuthError(
    'invalid_request',
    'A954315',
    'The client is registered for DPoP: send a DPoP proof with every token request.',
    'rfc9449#section-5.2',
  )
}

/** RFC 9068 §2.2: of what a person decided about, the claims are settled then. */
function claimsOfOthers(): OAuthError {
  return new OAuthError(
    'server_error',
    'A950204',
    'jwtAtClaims: with a token request they are for client_credentials only; give those of other grants to auth/authorization/issue.',
    'rfc9068#section-2.2',
  )
}

function grantOf(grantType: string | undefined): [Schema<'GrantType'>, Grant] {
  if (grantType === undefined)
    throw new OAuthError('invalid_request', 'A950307', 'grant_type is missing.', 'rfc6749#section-4.1.3')
  const grant = grants.get(grantType)
  if (!grant)
    throw new OAuthError(
      'unsupported_grant_type',
      'A950302',
      'The service does not support this grant.',
      'rfc6749#section-5.2',
    )
  return grant
}

/** RFC 6749 §5.1: the token response, and the same facts for the front-end. */
function succeed(
  { plan, tokens, resultCode, isRepeated }: Granted,
  { client, method, aliasUsed }: AuthenticatedClient,
  { service, now }: ServiceContext,
): Answer<'auth_token_api'> {
  const { accessToken, jwtAccessToken, accessTokenDuration, accessTokenExpiresAt, refreshToken: refresh } = tokens
  const { idToken } = tokens
  const { scopes, subject, grantType, resources, authorization } = plan
  const tokenType = tokenTypeOf(plan, service)
  // A repeated refresh answers what there is, and the front-end may have made that persistent.
  const isEnding = expires(accessTokenExpiresAt)
  return {
    action: isIdTokenReissuable(plan, service) ? 'ID_TOKEN_REISSUABLE' : 'OK',
    resultCode,
    resultMessage: `[${resultCode}] The token request was served (grant_type=${grantType.toLowerCase()}).`,
    responseContent: tokenResponse({
      accessToken: jwtAccessToken ?? accessToken,
      tokenType,
      expiresIn: isEnding ? accessTokenDuration : undefined,
      scopes,
      refreshToken: refresh?.value,
      idToken,
      authorization,
    }),
    grantType,
    clientId: client.clientId,
    clientIdAlias: client.alias,
    clientIdAliasUsed: aliasUsed,
    clientAuthMethod: method,
    ...(subject !== undefined && { subject }),
    scopes,
    ...(resources.length > 0 && { resources }),
    ...describeAuthorization(scopes, authorization, service),
    accessToken,
    ...(jwtAccessToken !== undefined && { jwtAccessToken }),
    ...(isEnding && { accessTokenDuration, accessTokenExpiresAt: accessTokenExpiresAt.getTime() }),
    ...(refresh && {
      refreshToken: refresh.value,
      refreshTokenExpiresAt: refresh.expiresAt.getTime(),
      refreshTokenDuration: secondsBetween(now, refresh.expiresAt),
      refreshTokenScopes: refresh.scopes,
    }),
    ...(idToken !== undefined && { idToken }),
    ...(isRepeated && { previousRefreshTokenUsed: true }),
    ...(isIdTokenReissuable(plan, service) && { requestedIdTokenClaims: claimsToReissue(plan, service) }),
    ...(authorization.properties && { properties: authorization.properties }),
    ...attributesOf(client.settings, service.settings),
  }
}

/** OIDC Core §5.5 and §12.2: the claims of the first ID token that are still consented to, for which there may be other values now. */
function claimsToReissue({ scopes, authorization }: Granted['plan'], service: RegisteredService): string[] {
  const { claims, consentedClaims, claimsLocales = [] } = authorization
  const withdrawn = withdrawnClaims(authorization.scopes, scopes)
  const isConsented = (name: string) => consentedClaims?.some((one) => one === name || one === untagged(name)) ?? true
  const names = idTokenClaimNames(scopes, claims, service)
  return localizedClaims(
    names.filter((name) => !withdrawn.has(untagged(name)) && isConsented(name)),
    claimsLocales,
  )
}

/** RFC 6749 §7.1 and RFC 9449 §5: how the access token is used. */
export function tokenTypeOf({ jkt }: { jkt?: string }, { settings }: RegisteredService): string {
  return jkt === undefined ? (settings.accessTokenType ?? 'Bearer') : 'DPoP'
}

/** What an access token is good for besides its plain scopes; what does not limit it is left out. */
export function describeAuthorization(
  scopes: readonly string[],
  authorization: Authorization,
  service: RegisteredService,
): {
  dynamicScopes?: Schema<'DynamicScope'>[]
  accessTokenResources?: string[]
  authorizationDetails?: Schema<'AuthorizationDetails'>
  grantId?: string
} {
  const dynamicScopes = dynamicScopesOf(scopes, service)
  const accessTokenResources = resourcesOf(authorization)
  const { authorizationDetails, managedGrantId } = authorization
  return {
    ...(dynamicScopes.length > 0 && { dynamicScopes }),
    ...(accessTokenResources && { accessTokenResources }),
    ...(authorizationDetails && {
      authorizationDetails: toContract(authorizationDetails.map(({ detail }) => detail)),
    }),
    ...(managedGrantId !== undefined && { grantId: managedGrantId }),
  }
}

/** Attributes travel with every answer that names the client. */
export function attributesOf(
  client: { attributes?: Schema<'Pair'>[] },
  service: { attributes?: Schema<'Pair'>[] },
): { clientAttributes?: Schema<'Pair'>[]; serviceAttributes?: Schema<'Pair'>[] } {
  return {
    ...(client.attributes && { clientAttributes: client.attributes }),
    ...(service.attributes && { serviceAttributes: service.attributes }),
  }
}
