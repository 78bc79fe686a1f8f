import type { CryptoKey } from 'jose'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import type { Fetch } from '../../flows/person.ts'
import type { DecryptionKey } from '../client-keys.ts'

/** What a client is made of, whichever library it uses. */
export interface RelyingPartySettings {
  issuer: URL
  clientId: string
  redirectUri: string
  scope: string
  /** With its certificate, where it has one. */
  fetch: Fetch
  /** The libraries put the `kid` into what they sign. */
  signingKey: { key: CryptoKey; kid: string }
  decryptionKey: DecryptionKey
  manner: Manner
}

/** What a profile asks of a client. */
export interface Manner {
  authentication: 'private_key_jwt' | 'tls_client_auth'
  boundTo: 'key' | 'certificate'
  /** RFC 9101: the request is signed. */
  signedRequest?: boolean
  /** RFC 9126: the request is pushed; otherwise it goes through the browser. */
  pushed: boolean
  /** JARM: the answer is signed. */
  signedResponse?: boolean
  encryptedIdToken?: boolean
}

/** A client on a certified library. */
export interface RelyingParty {
  /** Where the browser goes. */
  begin(): Promise<URL>
  /** Redeems the answer that the browser brought. */
  finish(callback: URL): Promise<Tokens>
  userinfo(tokens: Tokens): Promise<Record<string, unknown>>
  call(resource: URL, tokens: Tokens): Promise<number>
}

export interface Tokens {
  accessToken: string
  idToken: string
  sub: string
}

/** RFC 7591 §2: what the client registered. */
function metadataOf({ clientId, manner }: RelyingPartySettings) {
  return {
    client_id: clientId,
    id_token_signed_response_alg: 'ES256',
    authorization_signed_response_alg: 'ES256',
    use_mtls_endpoint_aliases: manner.boundTo === 'certificate',
  }
}

async function secretsOf({ redirectUri, scope, manner }: RelyingPartySettings) {
  const codeVerifier = oauth.generateRandomCodeVerifier()
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
  const parameters = {
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(manner.signedResponse && { response_mode: 'jwt' }),
  }
  return { codeVerifier, state, nonce, parameters }
}

/** A client on openid-client. */
export async function onOpenidClient(settings: RelyingPartySettings): Promise<RelyingParty> {
  const { issuer, clientId, signingKey, manner, decryptionKey } = settings
  const authentication =
    manner.authentication === 'private_key_jwt' ? oidc.PrivateKeyJwt(signingKey) : oidc.TlsClientAuth()
  const config = await oidc.discovery(issuer, clientId, metadataOf(settings), authentication, {
    [oidc.customFetch]: (url, { body, ...options }) => settings.fetch(url, { ...options, ...(body && { body }) }),
  })
  if (manner.signedResponse) oidc.useJwtResponseMode(config)
  oidc.enableNonRepudiationChecks(config)
  const { kid = '' } = decryptionKey.jwk
  if (manner.encryptedIdToken) {
    oidc.enableDecryptingResponses(config, ['A256GCM'], { key: decryptionKey.privateKey, kid })
  }
  const options =
    manner.boundTo === 'key' ? { DPoP: oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256')) } : {}
  const { codeVerifier, state, nonce, parameters } = await secretsOf(settings)

  return {
    async begin() {
      const request = manner.signedRequest
        ? (await oidc.buildAuthorizationUrlWithJAR(config, parameters, signingKey)).searchParams
        : parameters
      return manner.pushed
        ? oidc.buildAuthorizationUrlWithPAR(config, request, options)
        : oidc.buildAuthorizationUrl(config, request)
    },
    async finish(callback) {
      const checks = {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      }
      const tokens = await oidc.authorizationCodeGrant(config, callback, checks, undefined, options)
      return { accessToken: tokens.access_token, idToken: tokens.id_token ?? '', sub: tokens.claims()?.sub ?? '' }
    },
    userinfo: async ({ accessToken, sub }) => ({ ...(await oidc.fetchUserInfo(config, accessToken, sub, options)) }),
    async call(resource, { accessToken }) {
      const none = [undefined, undefined] as const
      return (await oidc.fetchProtectedResource(config, accessToken, resource, 'GET', ...none, options)).status
    },
  }
}

/** A client on oauth4webapi, which leaves every step to its caller. */
export async function onOauth4webapi(settings: RelyingPartySettings): Promise<RelyingParty> {
  const { issuer, redirectUri, signingKey, manner, decryptionKey } = settings
  const client: oauth.Client = metadataOf(settings)
  const http = {
    [oauth.customFetch]: (url: string, { body, ...init }: oauth.CustomFetchOptions<string, RequestInit['body']>) =>
      settings.fetch(url, { ...init, ...(body !== undefined && { body }) }),
  }
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http))
  const authentication =
    manner.authentication === 'private_key_jwt' ? oauth.PrivateKeyJwt(signingKey) : oauth.TlsClientAuth()
  const options =
    manner.boundTo === 'key' ? { ...http, DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')) } : http
  const decrypting = {
    [oauth.jweDecrypt]: async (jwe: string) => (await decryptionKey.decrypt(jwe)).text,
  }
  const { codeVerifier, state, nonce, parameters } = await secretsOf(settings)

  /** What the browser carries to the authorization endpoint, besides client_id. */
  async function carried(): Promise<Record<string, string>> {
    const request: Record<string, string> = manner.signedRequest
      ? { request: await oauth.issueRequestObject(server, client, parameters, signingKey) }
      : parameters
    if (!manner.pushed) return request
    const response = await oauth.pushedAuthorizationRequest(server, client, authentication, request, options)
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, response)
    return { request_uri }
  }

  return {
    async begin() {
      const url = new URL(server.authorization_endpoint ?? '')
      url.search = new URLSearchParams({ client_id: client.client_id, ...(await carried()) }).toString()
      return url
    },
    async finish(callback) {
      const answer = manner.signedResponse
        ? await oauth.validateJwtAuthResponse(server, client, callback, state, http)
        : oauth.validateAuthResponse(server, client, callback, state)
      const response = await oauth.authorizationCodeGrantRequest(
        ...([server, client, authentication, answer, redirectUri, codeVerifier, options] as const),
      )
      const checks = { expectedNonce: nonce, requireIdToken: true, ...(manner.encryptedIdToken && decrypting) }
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, checks)
      await oauth.validateApplicationLevelSignature(server, response, http)
      const { sub = '' } = oauth.getValidatedIdTokenClaims(tokens) ?? {}
      return { accessToken: tokens.access_token, idToken: tokens.id_token ?? '', sub }
    },
    async userinfo({ accessToken, sub }) {
      const response = await oauth.userInfoRequest(server, client, accessToken, options)
      return { ...(await oauth.processUserInfoResponse(server, client, sub, response)) }
    },
    async call(resource, { accessToken }) {
      return (await oauth.protectedResourceRequest(accessToken, 'GET', resource, undefined, undefined, options)).status
    },
  }
}
