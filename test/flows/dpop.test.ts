import * as oauth from 'oauth4webapi'
import { allowInsecureRequests } from 'oauth4webapi'
import * as oidc from 'openid-client'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ProofKey } from '../dpop-proof.ts'
import { makeProofKey, rightProofs, wrongProofs } from '../dpop-proof.ts'
import {
  demoApiUrl,
  discoverDemoApi,
  discoverDemoWeb,
  finish,
  issuer,
  redirectUri,
  start,
  startByPar,
} from './client.ts'
import { person } from './person.ts'

const scope = 'openid email notes:read'

describe('RFC 9449: a confidential client, on a certified library', () => {
  it.each([
    ['plainly', start],
    ['through PAR, §10.1', startByPar],
  ])('given a request that is sent %s, then its tokens are bound, and good with proofs only', async (_, begin) => {
    const client = await discoverDemoWeb()
    expect(client.serverMetadata().dpop_signing_alg_values_supported).toContain('ES256')
    const DPoP = oidc.getDPoPHandle(client, await oidc.randomDPoPKeyPair())
    const jane = person(issuer)
    const dpop_jkt = await DPoP.calculateThumbprint()
    const started = await begin(client, scope, { prompt: 'consent', dpop_jkt })
    const answer = await jane.decide(await jane.signIn(await jane.visit(started.url), 'jane'), 'allow', [
      'email',
      'notes:read',
    ])
    const tokens = await finish(client, answer.sentTo, started, { DPoP })
    expect(tokens.token_type).toBe('dpop')

    const introspected = await oidc.tokenIntrospection(await discoverDemoApi(), tokens.access_token)
    expect(introspected).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: dpop_jkt } })
    const { sub = '' } = tokens.claims() ?? {}
    expect((await oidc.fetchUserInfo(client, tokens.access_token, sub, { DPoP })).email).toMatch(/@/)
    await expect(oidc.fetchUserInfo(client, tokens.access_token, sub)).rejects.toMatchObject({ status: 401 })

    const notes = new URL(`${demoApiUrl}/notes`)
    const read = (options?: oidc.DPoPOptions) =>
      oidc.fetchProtectedResource(client, tokens.access_token, notes, 'GET', undefined, undefined, options)
    expect((await read({ DPoP })).status).toBe(200)
    await expect(read()).rejects.toMatchObject({ status: 401 })

    // A confidential client may change its key; what it may not do is to have none.
    const another = oidc.getDPoPHandle(client, await oidc.randomDPoPKeyPair('Ed25519'))
    const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '', {}, { DPoP: another })
    expect(refreshed.token_type).toBe('dpop')
    await expect(oidc.refreshTokenGrant(client, refreshed.refresh_token ?? '')).rejects.toMatchObject({ status: 400 })
  })

  it('§10: given that another key redeems the code, then invalid_grant', async () => {
    const client = await discoverDemoWeb()
    const [one, other] = await Promise.all([oidc.randomDPoPKeyPair(), oidc.randomDPoPKeyPair()])
    const dpop_jkt = await oidc.getDPoPHandle(client, one).calculateThumbprint()
    const jane = person(issuer)
    const started = await start(client, scope, { prompt: 'consent', dpop_jkt })
    const answer = await jane.decide(await jane.signIn(await jane.visit(started.url), 'jane'), 'allow', ['email'])
    await expect(
      finish(client, answer.sentTo, started, { DPoP: oidc.getDPoPHandle(client, other) }),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
  })
})

describe('RFC 9449: a public client, on another certified library', () => {
  // The issuer under test is on loopback, where http is allowed.
  const options = new URL(issuer).protocol === 'http:' ? { [allowInsecureRequests]: true } : {}

  it('gets tokens that are bound to its key, the refresh token as well', async () => {
    const response = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...options })
    const server = await oauth.processDiscoveryResponse(new URL(issuer), response)
    const client: oauth.Client = { client_id: 'demo-spa' }
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const codeVerifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const url = new URL(server.authorization_endpoint ?? '')
    url.search = new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope,
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
    }).toString()
    const bob = person(issuer)
    const answer = await bob.decide(await bob.signIn(await bob.visit(url), 'bob'), 'allow', ['email'])
    const callback = oauth.validateAuthResponse(server, client, answer.sentTo ?? new URL(issuer), state)
    const none = oauth.None()
    const redeemed = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      none,
      callback,
      redirectUri,
      codeVerifier,
      {
        ...options,
        DPoP,
      },
    )
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, redeemed)
    expect(tokens.token_type).toBe('dpop')
    const userinfo = await oauth.userInfoRequest(server, client, tokens.access_token, { ...options, DPoP })
    expect(userinfo.status).toBe(200)

    const refresh = (more: object) =>
      oauth.refreshTokenGrantRequest(server, client, none, tokens.refresh_token ?? '', { ...options, ...more })
    expect((await refresh({})).status).toBe(400)
    const foreign = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    expect((await refresh({ DPoP: foreign })).status).toBe(400)
    const refreshed = await oauth.processRefreshTokenResponse(server, client, await refresh({ DPoP }))
    expect(refreshed.token_type).toBe('dpop')
  })
})

describe('RFC 9449 §4.3, over HTTP: proofs that are accepted, and proofs that are not', () => {
  const tokenEndpoint = `${issuer}/oauth/token`
  const userinfoEndpoint = `${issuer}/oauth/userinfo`
  let key: ProofKey
  let accessToken: string

  beforeAll(async () => {
    key = await makeProofKey()
    const client = await discoverDemoWeb()
    const john = person(issuer)
    const started = await start(client, scope, { prompt: 'consent' })
    const answer = await john.decide(await john.signIn(await john.visit(started.url)), 'allow', ['notes:read'])
    const keys = {
      privateKey: await importKey(key.privateJwk, 'sign'),
      publicKey: await importKey(key.publicJwk, 'verify'),
    }
    const tokens = await finish(client, answer.sentTo, started, { DPoP: oidc.getDPoPHandle(client, keys) })
    accessToken = tokens.access_token
  })

  const atToken = (proof: string) =>
    fetch(tokenEndpoint, {
      method: 'POST',
      headers: {
        DPoP: proof,
        Authorization: `Basic ${Buffer.from('demo-machine:demo-machine-secret').toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'notes:read' }),
    })
  const atUserinfo = (proof: string) =>
    fetch(userinfoEndpoint, { headers: { Authorization: `DPoP ${accessToken}`, DPoP: proof } })
  const atDemoApi = (proof: string) =>
    fetch(`${demoApiUrl}/notes`, { headers: { Authorization: `DPoP ${accessToken}`, DPoP: proof } })

  const endpoints = [
    ['token', { htm: 'POST', htu: tokenEndpoint }, atToken, 400],
    ['userinfo', { htm: 'GET', htu: userinfoEndpoint }, atUserinfo, 401],
    ['demo API', { htm: 'GET', htu: `${demoApiUrl}/notes` }, atDemoApi, 401],
  ] as const

  /** What the proof must be about; the hash of the token goes with it where a token does. */
  const provenAt = (name: string, request: { htm: string; htu: string }) =>
    name === 'token' ? request : { ...request, accessToken }

  describe.each(endpoints)('at %s', (name, request, send, status) => {
    it.each(rightProofs)('given %s, then it is accepted', async (_, right) => {
      expect((await send(await right(key, provenAt(name, request)))).status).toBe(200)
    })

    it.each(wrongProofs)('given %s, then it is refused', async (_, wrong) => {
      const response = await send(await wrong(key, provenAt(name, request)))
      expect(response.status).toBe(status)
      expect((await response.text()) + (response.headers.get('www-authenticate') ?? '')).toContain('invalid_dpop_proof')
    })

    it('§11.1: given one that was used before, then it is refused', async () => {
      const proof = await key.prove(provenAt(name, request))
      expect((await send(proof)).status).toBe(200)
      expect((await send(proof)).status).toBe(status)
    })
  })

  it.each([
    ['no ath', undefined],
    ['another ath', 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'],
  ])('§7: given %s where a token is used, then 401', async (_, ath) => {
    for (const [name, request, send] of endpoints.slice(1)) {
      expect((await send(await key.prove(provenAt(name, request), { claims: { ath } }))).status).toBe(401)
    }
  })

  it('§7: given a proof of another key, then 401', async () => {
    const other = await makeProofKey()
    for (const [name, request, send] of endpoints.slice(1)) {
      expect((await send(await other.prove(provenAt(name, request)))).status).toBe(401)
    }
  })
})

function importKey(jwk: object, usage: 'sign' | 'verify') {
  return crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, true, [usage])
}
