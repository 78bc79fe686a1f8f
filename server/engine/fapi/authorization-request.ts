import { parseWords } from '../protocol/parameters.ts'
import { defaultScopes, scopesBehind } from '../protocol/scope.ts'
import type { SentRequest } from '../authorization-request/sent-request.ts'
import { OAuthError } from '../oauth-error.ts'
import { checkFapiAlgorithm } from './algorithm.ts'
import type { FapiMode } from './modes.ts'
import { fapiModesOf, noModes, offersFapi } from './modes.ts'
import { demandsOf, refusal } from './profiles.ts'
import { brokenByRedirectUri } from './redirect-uri.ts'
import { fapiModesOfGrant } from './token-request.ts'
import { checkFapiRequestObject, verifiedRequestObject } from './request-object.ts'

/** What the checks look at: a request at the authorization endpoint or at the PAR endpoint. */
type Request = Pick<SentRequest, 'parameters' | 'client' | 'service' | 'pushedRequest' | 'requestObject' | 'now'>

/** The profiles of a request: the scopes count that it names, also those that the client may not have. */
export function fapiModesOfRequest({
  parameters,
  client,
  service,
}: Pick<Request, 'parameters' | 'client' | 'service'>): ReadonlySet<FapiMode> {
  if (!offersFapi(service)) return noModes
  const sent = parameters.get('scope')
  const asked = sent === undefined ? defaultScopes(service) : parseWords(sent)
  return fapiModesOf(service, client, scopesBehind(asked, service))
}

/** FAPI 2.0 §5.3.2.2-3: at the authorization endpoint. The person is told: who was not asked by PAR is not sent anywhere. */
export function checkFapiPushed(request: Request): void {
  for (const demand of demandsOf(fapiModesOfRequest(request), 'pushedRequest')) {
    if (request.pushedRequest === undefined)
      throw refusal(demand, 'invalid_request', 'A294308', 'the request must be pushed first: see the PAR endpoint.')
  }
}

/** FAPI 1.0 Baseline §5.2.2-9 and -20, FAPI 2.0 §5.3.2.2-6 and -8: before anybody is sent to the redirect URI. */
export function checkFapiRedirectUri(request: Request): void {
  const modes = fapiModesOfRequest(request)
  const redirectUri = request.parameters.get('redirect_uri')
  for (const demand of demandsOf(modes, 'redirectUri')) {
    if (redirectUri === undefined)
      throw refusal(demand, 'invalid_request', 'A995303', 'redirect_uri must be in the request.')
  }
  const [broken] = brokenByRedirectUri(modes, redirectUri ?? '', request.client.settings)
  if (broken) throw refusal(broken, 'invalid_request', 'A995304', 'redirect_uri must be https.')
}

/** FAPI 1.0 §5.2.2 and FAPI 2.0 §5.3.2.2: the parameters of the request, and the registration that its answer follows. */
export function checkFapiRequest(request: Request): void {
  const modes = fapiModesOfRequest(request)
  if (modes.size === 0) return
  const { parameters, client, service, now } = request
  for (const demand of demandsOf(modes, 'confidentialClient')) {
    if (client.settings.clientType === 'PUBLIC')
      throw refusal(demand, 'unauthorized_client', 'A995301', 'public clients are not served.')
  }
  // One that was pushed was looked at when it was pushed: that it was signed is all that is kept of it.
  const { requestObject } = request
  if (!requestObject?.signed || requestObject.payload !== undefined)
    checkFapiRequestObject(modes, requestObject && verifiedRequestObject(requestObject), service, now)
  checkResponseType(modes, request)
  checkCodeChallenge(modes, request)
  for (const demand of demandsOf(modes, 'issuer')) {
    if (service.settings.issSuppressed)
      throw refusal(demand, 'server_error', 'A995305', 'the service must not suppress iss: see issSuppressed.')
  }
  const openid = parseWords(parameters.get('scope')).includes('openid')
  for (const name of ['nonce', 'state'] as const) {
    for (const demand of demandsOf(modes, name)) {
      if ((name === 'nonce') === openid && parameters.get(name) === undefined)
        throw refusal(demand, 'invalid_request', 'A995306', `${name} is missing.`)
    }
  }
  if (openid) {
    checkFapiAlgorithm(modes, 'idTokenSignAlg of the client', client.settings.idTokenSignAlg)
    checkFapiAlgorithm(modes, 'userInfoSignAlg of the client', client.settings.userInfoSignAlg)
  }
}

/** FAPI 2.0 §5.3.2.2: a request that merges gets the scopes that the grant holds, so it keeps to their profiles as well. */
export function checkFapiMerge(request: Request, held: readonly string[]): void {
  if (!mayMerge(fapiModesOfRequest(request), held, request)) throw dodgesProfile()
}

/** FAPI 2.0 §5.3.2.2: whether a request that was held to these profiles may bring these scopes. */
export function mayMerge(
  modes: ReadonlySet<FapiMode>,
  scopes: readonly string[],
  { service, client }: Pick<Request, 'service' | 'client'>,
): boolean {
  return [...fapiModesOfGrant(service, client, scopes)].every((mode) => modes.has(mode))
}

/** FAPI 2.0 §5.3.2.2: the refusal of a merge that would bring scopes of a profile without keeping to it. */
export function dodgesProfile(): OAuthError {
  return new OAuthError(
    'invalid_request',
    'A995316',
    'The grant holds scopes of a FAPI profile, and scope names none that brings it: name one of them, too.',
    'fapi2-security-profile#section-5.3.2.2',
  )
}

const jwtModes: ReadonlySet<string> = new Set(['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'])

function checkResponseType(modes: ReadonlySet<FapiMode>, { parameters, client }: Request): void {
  const responseType = parseWords(parameters.get('response_type')).sort().join(' ')
  const withJwtMode = jwtModes.has(parameters.get('response_mode') ?? '')
  for (const demand of demandsOf(modes, 'responseType')) {
    if (demand.allowed.includes(responseType) || (withJwtMode && demand.withJwtMode.includes(responseType))) continue
    const expected = [...demand.allowed, ...demand.withJwtMode.map((type) => `${type} with response_mode=jwt`)]
    const expectation = `response_type must be ${expected.join(', or ')}.`
    throw refusal(demand, 'invalid_request', 'A995307', expectation)
  }
  for (const demand of demandsOf(modes, 'jwtResponseMode')) {
    if (!withJwtMode) throw refusal(demand, 'invalid_request', 'A309301', 'response_mode must be jwt.')
  }
  if (withJwtMode) checkFapiAlgorithm(modes, 'authorizationSignAlg of the client', client.settings.authorizationSignAlg)
}

/** RFC 7636 §4.3. FAPI 1.0 Advanced asks for it where the request is pushed, and its own endpoint says so. */
function checkCodeChallenge(modes: ReadonlySet<FapiMode>, { parameters, pushedRequest }: Request): void {
  const demands = [
    ...demandsOf(modes, 'codeChallenge'),
    ...(pushedRequest === undefined ? [] : demandsOf(modes, 'pushedCodeChallenge')),
  ]
  for (const demand of demands) {
    if (parameters.get('code_challenge') === undefined)
      throw refusal(demand, 'invalid_request', 'A124301', 'code_challenge is missing.')
    if (parameters.get('code_challenge_method') !== 'S256')
      throw refusal(demand, 'invalid_request', 'A124308', 'code_challenge_method must be S256.')
  }
}
