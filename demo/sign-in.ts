import { decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose'
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildAuthorizationUrlWithPAR,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  tokenRevocation,
  type Configuration,
  type IDToken,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  type UserInfoResponse,
} from 'openid-client'
import type { ApiAnswer } from './api-calls.ts'
import { maskToken } from './mask-token.ts'
import { claimsParameter } from './wanted-claims.ts'
import {
  parseDetails,
  wantedDetails,
  type AuthorizationDetail,
  type DetailType,
  type WantedPayment,
} from './wanted-details.ts'

export const methods = ['plain', 'par'] as const
export const prompts = ['', 'none', 'login', 'consent', 'select_account'] as const
export const grantActions = ['', 'create', 'merge', 'replace'] as const
export const resourceNames = ['api', 'bank'] as const
export type ResourceName = (typeof resourceNames)[number]

/** What the person chose on the start page. */
export interface SignInRequest {
  /** The boxes that are ticked. */
  scopes: readonly string[]
  /** The value of the parameterized scope `payment:<id>`; empty asks for none. */
  paymentId: string
  /** Claims that are asked for by name. */
  claims: readonly string[]
  details: readonly DetailType[]
  payment: WantedPayment
  /** What the tokens are to be good for; none means everything. */
  resources: readonly ResourceName[]
  /** Empty leaves grant management out. */
  grantAction: (typeof grantActions)[number]
  /** `par` pushes the request to the server first (RFC 9126); `plain` sends it through the browser. */
  method: (typeof methods)[number]
  /** Empty sends no prompt. */
  prompt: (typeof prompts)[number]
}

/** What must be remembered until the browser comes back. */
export interface PendingSignIn {
  request: SignInRequest
  authorizationUrl: string
  state: string
  codeVerifier: string
  /** Only when an ID token is expected. */
  nonce: string | undefined
  startedAt: number
}

export interface SignIn {
  request: SignInRequest
  authorizationUrl: string
  grantedScopes: readonly string[]
  grantedDetails: readonly AuthorizationDetail[]
  /** Absent when `openid` was not granted. */
  idToken: { header: ProtectedHeaderParameters; claims: IDToken } | undefined
  userInfo: UserInfoResponse | undefined
  userInfoProblem: string | undefined
  tokens: Tokens
  /** The last token response, with everything masked that opens something. */
  tokenResponse: object
  /** Grant Management for OAuth 2.0: what the server calls the grant. */
  grantId: string | undefined
  /** What the server said last that the grant holds. */
  grantContent: string | undefined
  refreshes: number
  revoked: boolean
  /** The refresh under way, if there is one. */
  refreshing: Promise<void> | undefined
  lastAnswer: ApiAnswer | undefined
  notice: Notice | undefined
}

interface Tokens {
  accessToken: string
  refreshToken: string | undefined
  tokenType: string
  expiresInSeconds: number | undefined
  issuedAt: number
}

/** One sentence about what the last button did. */
export interface Notice {
  kind: 'good' | 'bad'
  text: string
}

/** What goes into a request besides the person's choices. */
interface SignInContext {
  redirectUri: string
  /** Absent when no API is running: then there is no resource to limit tokens to. */
  apiUrl: string | undefined
  /** The grant that is merged or replaced. */
  grantId: string | undefined
}

/**
 * RFC 6749 §4.1.1 with PKCE (RFC 7636 §4.3), `nonce` and `claims` (OIDC Core §3.1.2.1, §5.5), `resource` (RFC 8707 §2),
 * `authorization_details` (RFC 9396 §2), grant management and, if chosen, PAR (RFC 9126 §2).
 */
export async function startSignIn(
  server: Configuration,
  request: SignInRequest,
  { redirectUri, apiUrl, grantId }: SignInContext,
): Promise<PendingSignIn> {
  const codeVerifier = randomPKCECodeVerifier()
  const state = randomState()
  const scopes = requestedScopes(request)
  const isSignIn = scopes.includes('openid')
  const nonce = isSignIn ? randomNonce() : undefined
  const details = wantedDetails(request.details, request.payment)
  const parameters = new URLSearchParams({
    redirect_uri: redirectUri,
    state,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...given({
      scope: scopes.join(' '),
      nonce,
      prompt: promptParameter(request),
      claims: isSignIn ? claimsParameter(request.claims) : undefined,
      authorization_details: details.length === 0 ? undefined : JSON.stringify(details),
      grant_management_action: request.grantAction,
      grant_id: needsGrant(request) ? grantId : undefined,
    }),
  })
  for (const resource of requestedResources(request, apiUrl, server.serverMetadata().issuer)) {
    parameters.append('resource', resource)
  }
  const authorizationUrl =
    request.method === 'par'
      ? await buildAuthorizationUrlWithPAR(server, parameters)
      : buildAuthorizationUrl(server, parameters)
  return { request, authorizationUrl: authorizationUrl.href, state, codeVerifier, nonce, startedAt: Date.now() }
}

/** RFC 6749 §3.1: a parameter without a value counts as left out, so it is not sent. */
function given(parameters: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  )
}

/** RFC 6749 §3.3: what is ticked, and the value of the parameterized scope. */
export function requestedScopes({ scopes, paymentId }: Pick<SignInRequest, 'scopes' | 'paymentId'>): string[] {
  return paymentId === '' ? [...scopes] : [...scopes, `payment:${paymentId}`]
}

/** RFC 8707 §2: the API is called by its address. The bank is another resource of the same server; nothing answers there. */
export function resourceUris(apiUrl: string): Record<ResourceName, string> {
  return { api: apiUrl, bank: `${apiUrl}/bank` }
}

/** RFC 8707 §2: what is ticked, and the server itself with it: tokens that are limited to others open neither userinfo nor the grant there. */
export function requestedResources(
  { resources }: Pick<SignInRequest, 'resources'>,
  apiUrl: string | undefined,
  issuer: string,
): string[] {
  if (apiUrl === undefined || resources.length === 0) return []
  const uris = resourceUris(apiUrl)
  return [...resources.map((resource) => uris[resource]), issuer]
}

/** Grant Management for OAuth 2.0: only an existing grant can be added to or replaced. */
export function needsGrant({ grantAction }: Pick<SignInRequest, 'grantAction'>): boolean {
  return grantAction === 'merge' || grantAction === 'replace'
}

/** OIDC Core §11: offline_access is heeded only together with prompt=consent. With prompt=none the server may show no page at all. */
export function promptParameter({ scopes, prompt }: Pick<SignInRequest, 'scopes' | 'prompt'>): string | undefined {
  if (prompt === 'none' || prompt === 'consent' || !scopes.includes('offline_access')) return prompt || undefined
  return `${prompt} consent`.trim()
}

/** RFC 6749 §4.1.2 to §4.1.4. openid-client checks `state`, `iss` (RFC 9207), `nonce` and the ID token, and sends the code_verifier. */
export async function finishSignIn(server: Configuration, pending: PendingSignIn, currentUrl: URL): Promise<SignIn> {
  const response = await authorizationCodeGrant(server, currentUrl, {
    expectedState: pending.state,
    pkceCodeVerifier: pending.codeVerifier,
    // An expected nonce makes the ID token mandatory.
    ...(pending.nonce !== undefined && { expectedNonce: pending.nonce }),
  })
  const claims = response.claims()
  return {
    request: pending.request,
    authorizationUrl: pending.authorizationUrl,
    // RFC 6749 §5.1: no scope in the answer means that everything was granted.
    grantedScopes: scopesOf(response) ?? requestedScopes(pending.request),
    // RFC 9396 §7: what is not in the answer was not granted.
    grantedDetails: parseDetails(response.authorization_details),
    idToken:
      response.id_token === undefined || claims === undefined
        ? undefined
        : { header: decodeProtectedHeader(response.id_token), claims },
    ...(await readUserInfo(server, response.access_token, claims)),
    tokens: tokensOf(response, undefined),
    tokenResponse: maskedResponse(response),
    grantId: typeof response['grant_id'] === 'string' ? response['grant_id'] : undefined,
    grantContent: undefined,
    refreshes: 0,
    revoked: false,
    refreshing: undefined,
    lastAnswer: undefined,
    notice: undefined,
  }
}

/** OIDC Core §5.3. A sign-in stands without it, so its failure is shown and does not undo the sign-in. */
async function readUserInfo(server: Configuration, accessToken: string, claims: IDToken | undefined) {
  if (claims === undefined) return { userInfo: undefined, userInfoProblem: undefined }
  try {
    // §5.3.2: an answer about somebody else must not be used; openid-client compares `sub`.
    return { userInfo: await fetchUserInfo(server, accessToken, claims.sub), userInfoProblem: undefined }
  } catch (error) {
    return { userInfo: undefined, userInfoProblem: error instanceof Error ? error.message : 'unknown problem' }
  }
}

/** RFC 6749 §6. Two clicks make one request: the server may rotate the refresh token, and then takes a second use for theft. */
export async function refreshTokens(server: Configuration, signIn: SignIn): Promise<void> {
  signIn.refreshing ??= refresh(server, signIn).finally(() => {
    signIn.refreshing = undefined
  })
  await signIn.refreshing
}

async function refresh(server: Configuration, signIn: SignIn): Promise<void> {
  if (signIn.tokens.refreshToken === undefined) return
  const response = await refreshTokenGrant(server, signIn.tokens.refreshToken)
  const claims = response.claims()
  // OIDC Core §12.2: a refreshed ID token is about the same person.
  if (claims !== undefined && claims.sub !== signIn.idToken?.claims.sub) {
    throw new Error('the refreshed ID token is about somebody else')
  }
  if (response.id_token !== undefined && claims !== undefined) {
    signIn.idToken = { header: decodeProtectedHeader(response.id_token), claims }
  }
  signIn.grantedScopes = scopesOf(response) ?? signIn.grantedScopes
  signIn.grantedDetails = parseDetails(response.authorization_details)
  signIn.tokens = tokensOf(response, signIn.tokens.refreshToken)
  signIn.tokenResponse = maskedResponse(response)
  signIn.refreshes += 1
}

/** RFC 7009 §2.1. The refresh token goes first: with it the server may already end everything that came from it. */
export async function revokeTokens(server: Configuration, signIn: SignIn): Promise<void> {
  const { refreshToken, accessToken } = signIn.tokens
  if (refreshToken !== undefined) await tokenRevocation(server, refreshToken, { token_type_hint: 'refresh_token' })
  await tokenRevocation(server, accessToken, { token_type_hint: 'access_token' })
  signIn.revoked = true
}

function tokensOf(
  response: TokenEndpointResponse & TokenEndpointResponseHelpers,
  refreshToken: string | undefined,
): Tokens {
  return {
    accessToken: response.access_token,
    // RFC 6749 §6: without a new refresh token the old one stays in use.
    refreshToken: response.refresh_token ?? refreshToken,
    tokenType: response.token_type,
    expiresInSeconds: response.expires_in,
    issuedAt: Date.now(),
  }
}

function scopesOf({ scope }: TokenEndpointResponse): string[] | undefined {
  return scope?.split(' ').filter((name) => name !== '')
}

const secretMembers = ['access_token', 'refresh_token', 'id_token']

/** The answer as it came, but nobody who reads it over a shoulder can use it. */
function maskedResponse(response: TokenEndpointResponse): object {
  return Object.fromEntries(
    Object.entries(response).map(([name, value]) => [
      name,
      secretMembers.includes(name) && typeof value === 'string' ? maskToken(value) : value,
    ]),
  )
}
