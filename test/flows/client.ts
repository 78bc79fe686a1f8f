import * as oidc from 'openid-client'
import { allowInsecureRequests } from 'openid-client'
import { inject } from 'vitest'

/** The issuer under test: the one that ISSUER names, or the one that was started for this run. */
export const issuer = inject('issuer')
export const demoUrl = inject('demoUrl')
export const demoApiUrl = inject('demoApiUrl')
export const redirectUri = `${demoUrl}/callback`

/** demo-web, on a certified library. */
export function discoverDemoWeb(): Promise<oidc.Configuration> {
  return discover('demo-web', oidc.ClientSecretBasic('demo-web-secret'))
}

/** demo-api: the resource server. */
export function discoverDemoApi(): Promise<oidc.Configuration> {
  return discover('demo-api', oidc.ClientSecretBasic('demo-api-secret'))
}

export function discover(clientId: string, authentication: oidc.ClientAuth): Promise<oidc.Configuration> {
  // The issuer under test is on loopback, where http is allowed; any other must be https.
  const execute = new URL(issuer).protocol === 'http:' ? [allowInsecureRequests] : []
  return oidc.discovery(new URL(issuer), clientId, {}, authentication, { execute })
}

/** An authorization request under way: what the client keeps until the answer comes. */
export interface Started {
  url: URL
  codeVerifier: string
  state: string
  nonce: string
}

/** Begins an authorization request with PKCE, state and nonce. */
export async function start(
  configuration: oidc.Configuration,
  scope: string,
  parameters: Record<string, string> = {},
): Promise<Started> {
  const { request, ...kept } = await prepare(scope, parameters)
  return { url: oidc.buildAuthorizationUrl(configuration, request), ...kept }
}

/** The same through the pushed authorization request endpoint. */
export async function startByPar(
  configuration: oidc.Configuration,
  scope: string,
  parameters: Record<string, string> = {},
): Promise<Started> {
  const { request, ...kept } = await prepare(scope, parameters)
  return { url: await oidc.buildAuthorizationUrlWithPAR(configuration, request), ...kept }
}

async function prepare(scope: string, parameters: Record<string, string>) {
  const codeVerifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const nonce = oidc.randomNonce()
  const request = {
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  }
  return { request, codeVerifier, state, nonce }
}

/** Ends it: the answer is checked (state, iss, nonce, PKCE, ID token) and the code is redeemed. */
export function finish(
  configuration: oidc.Configuration,
  answer: URL | undefined,
  { codeVerifier, state, nonce }: Started,
  options?: oidc.DPoPOptions,
) {
  if (!answer) throw new Error('The browser was not sent back to the client.')
  const checks = {
    pkceCodeVerifier: codeVerifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  }
  return oidc.authorizationCodeGrant(configuration, answer, checks, undefined, options)
}
