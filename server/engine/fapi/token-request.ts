import { requestedSignAlg, signAlgAttribute } from '../access-token-signing.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticate.ts'
import type { ServiceContext } from '../context.ts'
import type { TokensToIssue } from '../grants/make-tokens.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { scopesBehind } from '../protocol/scope.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import { checkFapiAlgorithm, ofServer } from './algorithm.ts'
import { checkFapiClient, verifiedAssertion } from './client.ts'
import type { FapiMode } from './modes.ts'
import { fapiModesOf, noModes, offersFapi } from './modes.ts'
import { demandsOf, isDemanded, refusal } from './profiles.ts'

/** FAPI 2.0 §5.3.2.1: a token request, as far as the service or the client are under a profile, whatever the scopes. */
export function checkFapiTokenRequest(
  { client, method }: AuthenticatedClient,
  parameters: Parameters,
  { service }: Pick<ServiceContext, 'service'>,
): void {
  const modes = fapiModesOf(service, client, [])
  const grantType = parameters.get('grant_type')
  for (const demand of demandsOf(modes, 'grantType')) {
    if (grantType !== undefined && demand.refused.includes(grantType))
      throw refusal(demand, 'unsupported_grant_type', 'A295306', `the grant ${grantType} is not served.`)
  }
  checkFapiClient(modes, method, client, verifiedAssertion(parameters), service.issuer)
}

/**
 * FAPI 1.0 Advanced §5.2.2 and FAPI 2.0 §5.3.2.1: tokens before they are made or changed, whichever grant brings them. Here the scopes
 * are known that were granted; and nothing is spent yet.
 */
export function checkFapiTokens(
  {
    client,
    jkt,
    certificateThumbprint,
    scopes,
    authorization,
  }: Pick<TokensToIssue, 'client' | 'jkt' | 'certificateThumbprint' | 'scopes' | 'authorization'>,
  { service, tokenRequest }: Pick<ServiceContext, 'service' | 'tokenRequest'>,
): void {
  const modes = fapiModesOfGrant(service, client, [...authorization.scopes, ...scopes])
  if (modes.size === 0) return
  const { tokenAuthMethod = 'CLIENT_SECRET_BASIC' } = client.settings
  const assertion = tokenRequest && verifiedAssertion(tokenRequest)
  checkFapiClient(modes, tokenAuthMethod, client, assertion, service.issuer)
  checkFapiTokenBinding(modes, { bound: jkt !== undefined || certificateThumbprint !== undefined })
  // What the client says counts first: then what the service says signs nothing here.
  const { accessTokenSignAlg } = service.settings
  const requested = requestedSignAlg(client.settings)
  if (requested) checkFapiAlgorithm(modes, `${signAlgAttribute} of the client`, requested.alg)
  else checkFapiAlgorithm(modes, 'accessTokenSignAlg of the service', accessTokenSignAlg ?? undefined, ofServer)
  if (scopes.includes('openid'))
    checkFapiAlgorithm(modes, 'idTokenSignAlg of the client', client.settings.idTokenSignAlg)
}

/** FAPI 2.0 §5.3.2.1-4: access tokens are bound to a key (RFC 9449) or to a certificate (RFC 8705). */
export function checkFapiTokenBinding(modes: ReadonlySet<FapiMode>, { bound }: { bound: boolean }): void {
  for (const demand of demandsOf(modes, 'senderConstraint')) {
    if (bound) continue
    const expectation = 'access tokens are sender-constrained: send a DPoP proof, or use your certificate.'
    throw refusal(demand, 'invalid_request', 'A995314', expectation)
  }
}

/** FAPI 2.0 §5.3.2.1-9: whether refresh tokens of the grant stay as they are. Where repeats are answered, rotation is harmless. */
export function forbidsRotation(
  service: RegisteredService,
  client: RegisteredClient,
  grantedScopes: readonly string[],
): boolean {
  if (service.settings.refreshTokenIdempotent) return false
  return isDemanded(fapiModesOfGrant(service, client, grantedScopes), 'noRotation')
}

/** The profiles that tokens are under: those of the scopes that were granted, unless service or client name some. */
export function fapiModesOfGrant(
  service: RegisteredService,
  client: RegisteredClient,
  grantedScopes: readonly string[],
): ReadonlySet<FapiMode> {
  return offersFapi(service) ? fapiModesOf(service, client, scopesBehind(grantedScopes, service)) : noModes
}
