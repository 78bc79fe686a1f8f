import * as oauth from 'oauth4webapi'
import { allowInsecureRequests } from 'oauth4webapi'
import * as oidc from 'openid-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { discover, discoverDemoApi, issuer, redirectUri } from './client.ts'
import { person } from './person.ts'

// The issuer under test is on loopback, where http is allowed.
const options = new URL(issuer).protocol === 'http:' ? { [allowInsecureRequests]: true } : {}

describe('RFC 8252 and RFC 9700 §2.1: a public client, on another certified library', () => {
  const client: oauth.Client = { client_id: 'demo-spa' }
  let server: oauth.AuthorizationServer

  beforeAll(async () => {
    const response = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...options })
    server = await oauth.processDiscoveryResponse(new URL(issuer), response)
  })

  const begin = async (parameters: Record<string, string> = {}) => {
    const codeVerifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const url = new URL(server.authorization_endpoint ?? '')
    const request = {
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid notes:read calendar:read',
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      ...parameters,
    }
    url.search = new URLSearchParams(request).toString()
    return { url, codeVerifier, state }
  }

  it('RFC 8414: the metadata is at its own path as well, and says the same', async () => {
    const openid = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oidc', ...options })
    expect(await oauth.processDiscoveryResponse(new URL(issuer), openid)).toEqual(server)
    expect(server.authorization_response_iss_parameter_supported).toBe(true)
  })

  it('code and PKCE without a secret; its refresh token is rotated', async () => {
    const bob = person(issuer)
    const { url, codeVerifier, state } = await begin()
    const answer = await bob.decide(await bob.signIn(await bob.visit(url), 'bob'), 'allow', ['notes:read'])
    const callback = oauth.validateAuthResponse(server, client, answer.sentTo ?? new URL(issuer), state)
    const redeem = () =>
      oauth.authorizationCodeGrantRequest(server, client, oauth.None(), callback, redirectUri, codeVerifier, options)
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, await redeem())
    expect(tokens.scope?.split(' ').sort()).toEqual(['notes:read', 'openid'])
    const refresh = (token: string) => oauth.refreshTokenGrantRequest(server, client, oauth.None(), token, options)
    const refreshed = await oauth.processRefreshTokenResponse(server, client, await refresh(tokens.refresh_token ?? ''))
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
    await expect(
      oauth.processRefreshTokenResponse(server, client, await refresh(tokens.refresh_token ?? '')),
    ).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('RFC 8252 §8.6: it is never waved through: anybody on the device could be it', async () => {
    const bob = person(issuer)
    const first = await begin()
    await bob.decide(await bob.signIn(await bob.visit(first.url), 'bob'), 'allow', ['notes:read', 'calendar:read'])
    const again = await bob.visit((await begin()).url)
    expect(again.sentTo).toBeUndefined()
    const silent = await bob.visit((await begin({ prompt: 'none' })).url)
    expect(silent.sentTo?.searchParams.get('error')).toBe('consent_required')
  })

  it('without PKCE, or with a plain challenge, it gets nothing', async () => {
    const bob = person(issuer)
    for (const parameters of [{ code_challenge: '', code_challenge_method: '' }, { code_challenge_method: 'plain' }]) {
      const answer = await bob.visit((await begin(parameters)).url)
      expect(answer.sentTo?.searchParams.get('error')).toBe('invalid_request')
    }
  })
})

describe('RFC 6749 §4.4: a client that acts for itself', () => {
  it('gets a token for its own scopes, and no refresh token', async () => {
    const machine = await discover('demo-machine', oidc.ClientSecretBasic('demo-machine-secret'))
    const tokens = await oidc.clientCredentialsGrant(machine, { scope: 'notes:read payments:send' })
    expect(tokens.scope).toBe('notes:read')
    expect(tokens.refresh_token).toBeUndefined()
    const introspected = await oidc.tokenIntrospection(await discoverDemoApi(), tokens.access_token)
    expect(introspected).toMatchObject({ active: true, client_id: 'demo-machine', scope: 'notes:read' })
  })
})
