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

export const methods = ['plain', 'par'] as const
export const prompts = ['', 'none', 'login', 'consent', 'select_account'] as const

/** What the person chose on the start page. */
export interface SignInRequest {
  scopes: readonly string[]
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
  /** Absent when `openid` was not granted. */
  idToken: { header: ProtectedHeaderParameters; claims: IDToken } | undefined
  userInfo: UserInfoResponse | undefined
  userInfoProblem: string | undefined
  tokens: Tokens
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

/** RFC 6749 §4.1.1 with PKCE (RFC 7636 §4.3), `nonce` (OIDC Core §3.1.2.1) and, if chosen, PAR (RFC 9126 §2). */
export async function startSignIn(
  server: Configuration,
  request: SignInRequest,
  redirectUri: string,
): Promise<PendingSignIn> {
  const codeVerifier = randomPKCECodeVerifier()
  const state = randomState()
  const nonce = request.scopes.includes('openid') ? randomNonce() : undefined
  const prompt = promptParameter(request)
  const parameters = {
    redirect_uri: redirectUri,
    scope: request.scopes.join(' '),
    state,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(nonce !== undefined && { nonce }),
    ...(prompt !== undefined && { prompt }),
  }
  const authorizationUrl =
    request.method === 'par'
      ? await buildAuthorizationUrlWithPAR(server, parameters)
      : buildAuthorizationUrl(server, parameters)
  return { request, authorizationUrl: authorizationUrl.href, state, codeVerifier, nonce, startedAt: Date.now() }
}

/** OIDC Core §11: offline_access is heeded only together with prompt=consent. With prompt=none the server may show no page at all. */
export function promptParameter({ scopes, prompt }: SignInRequest): string | undefined {
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
    grantedScopes: scopesOf(response) ?? pending.request.scopes,
    idToken:
      response.id_token === undefined || claims === undefined
        ? undefined
        : { header: decodeProtectedHeader(response.id_token), claims },
    ...(await readUserInfo(server, response.access_token, claims)),
    tokens: tokensOf(response, undefined),
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
  signIn.tokens = tokensOf(response, signIn.tokens.refreshToken)
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
