import { resolve } from 'node:path'
import type { JWK } from 'jose'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { allowInsecureRequests } from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, connectEngine } from '../../sdk/engine.ts'
import type { Page } from '../flows/person.ts'
import { person } from '../flows/person.ts'
import { freePort } from '../free-port.ts'
import type { RequestKey } from '../request-object.ts'
import { encryptRequest, makeRequestKey } from '../request-object.ts'
import type { ServerProcess } from '../server-process.ts'
import { startServer } from '../server-process.ts'

const clientId = 'signs-requests'
const scope = 'openid email notes:read'

let server: ServerProcess
let key: RequestKey
let client: oidc.Configuration
/** What the client keeps until the answer comes. */
let kept: { pkceCodeVerifier: string; expectedState: string; expectedNonce: string; idTokenExpected: true }
let parameters: Record<string, string>

/** The server as `npm start` runs it, and a client that may send nothing but request objects. */
beforeAll(async () => {
  const enginePort = await freePort()
  server = await startServer(resolve(import.meta.dirname, '../../server/engine/main.ts'), {
    ENGINE_PORT: String(enginePort),
  })
  key = await makeRequestKey('PS256')
  const engine = connectEngine({ baseUrl: `http://127.0.0.1:${enginePort}`, accessToken: 'dev-engine-token' })
  await ask(
    engine.POST('/api/{serviceId}/client/create', {
      params: { path: { serviceId: '1000001' } },
      body: {
        clientIdAlias: clientId,
        clientName: 'Signs its requests',
        tokenAuthMethod: 'PRIVATE_KEY_JWT',
        jwks: JSON.stringify({ keys: [key.publicJwk] }),
        redirectUris: [`${server.demoUrl}/callback`],
        grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
        requestObjectRequired: true,
        requestSignAlg: 'PS256',
      },
    }),
  )
  const { privateKey } = key
  client = await oidc.discovery(new URL(server.issuer), clientId, {}, oidc.PrivateKeyJwt(privateKey), {
    execute: [allowInsecureRequests],
  })

  const codeVerifier = oidc.randomPKCECodeVerifier()
  kept = {
    pkceCodeVerifier: codeVerifier,
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
  }
  parameters = {
    redirect_uri: `${server.demoUrl}/callback`,
    response_type: 'code',
    scope,
    prompt: 'consent',
    max_age: '600',
    claims: JSON.stringify({ userinfo: { email: null } }),
    state: kept.expectedState,
    nonce: kept.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  }
})

afterAll(() => server.stop())

/** From the consent page to the tokens. */
async function finish(allowing: ReturnType<typeof person>, page: Page) {
  const { sentTo } = await allowing.decide(page, 'allow', ['email', 'notes:read'])
  if (!sentTo) throw new Error('The browser was not sent back to the client.')
  return oidc.authorizationCodeGrant(client, sentTo, kept)
}

describe('RFC 9101: a request object, on certified libraries, over HTTP', () => {
  it('§9: the metadata says what is taken, and the key set has keys to encrypt to', async () => {
    expect(client.serverMetadata()).toMatchObject({
      request_parameter_supported: true,
      require_request_uri_registration: true,
    })
    expect(await encryptionKeyOf(client)).toMatchObject({ kty: 'EC', use: 'enc', alg: 'ECDH-ES' })
  })

  it('given one by value, from openid-client, then the flow completes', async () => {
    const url = await oidc.buildAuthorizationUrlWithJAR(client, parameters, key.privateKey)
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request'])
    const jane = person(server.issuer)
    const tokens = await finish(jane, await jane.signIn(await jane.visit(url), 'jane'))
    expect(tokens.scope?.split(' ')).toContain('notes:read')
    expect(tokens.claims()?.nonce).toBe(kept.expectedNonce)
  })

  it('RFC 9126 §3: given one that is pushed, from openid-client, then the flow completes', async () => {
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(client, parameters, key.privateKey)
    const url = await oidc.buildAuthorizationUrlWithPAR(client, searchParams)
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
    const jane = person(server.issuer)
    const tokens = await finish(jane, await jane.signIn(await jane.visit(url), 'jane'))
    expect(tokens.claims()?.sub).toBeDefined()
  })

  it('given one of oauth4webapi, encrypted to the service, then the flow completes', async () => {
    const as = { issuer: server.issuer }
    const signed = await oauth.issueRequestObject(as, { client_id: clientId }, parameters, key.privateKey)
    const request = await encryptRequest(signed, await encryptionKeyOf(client))
    const bob = person(server.issuer)
    const page = await bob.visit(authorizationUrl({ client_id: clientId, request }))
    expect((await finish(bob, await bob.signIn(page, 'bob'))).access_token).toBeDefined()
  })

  it('given a long one in a form, by a person who is known, then it is read', async () => {
    const jane = person(server.issuer)
    const url = await oidc.buildAuthorizationUrlWithJAR(client, parameters, key.privateKey)
    await jane.signIn(await jane.visit(url), 'jane')
    const long = { ...parameters, x: 'x'.repeat(8_000), y: 'y'.repeat(8_000) }
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(client, long, key.privateKey)
    expect(searchParams.toString().length).toBeGreaterThan(20_000)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = searchParams.toString()
    const response = await jane.request(authorizationUrl({}), { method: 'POST', headers, body })
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/interaction\//),
    ])
  })

  it('given a plain request, then the client is told that it must sign', async () => {
    const response = await person(server.issuer).request(authorizationUrl({ client_id: clientId, ...parameters }))
    const location = new URL(response.headers.get('location') ?? 'about:blank')
    expect(location.origin).toBe(new URL(server.demoUrl).origin)
    expect(location.searchParams.get('error')).toBe('invalid_request')
  })

  it('given one that was tampered with, then the person sees an error, and is sent nowhere', async () => {
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(client, parameters, key.privateKey)
    const request = (searchParams.get('request') ?? '').replace(/\.[^.]+$/, '.AAAA')
    const page = await person(server.issuer).visit(
      authorizationUrl({ client_id: clientId, request, redirect_uri: `${server.demoUrl}/callback` }),
    )
    expect([page.status, page.sentTo]).toEqual([400, undefined])
    expect(page.html).toContain('invalid_request_object')
  })

  it('RFC 9126 §2.3: given a bad one that is pushed, then 400 as JSON', async () => {
    const other = await makeRequestKey('PS256')
    const { searchParams } = await oidc.buildAuthorizationUrlWithJAR(client, parameters, other.privateKey)
    await expect(oidc.buildAuthorizationUrlWithPAR(client, searchParams)).rejects.toMatchObject({
      status: 400,
      error: 'invalid_request_object',
    })
  })
})

function authorizationUrl(query: Record<string, string>): URL {
  const url = new URL(`${server.issuer}/oauth/authorize`)
  url.search = new URLSearchParams(query).toString()
  return url
}

/** RFC 7517 §4.2: the first key that is there to be encrypted to. */
async function encryptionKeyOf(configuration: oidc.Configuration): Promise<JWK> {
  const response = await fetch(configuration.serverMetadata().jwks_uri ?? '')
  const set: unknown = await response.json()
  const keys: unknown[] =
    typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys) ? set.keys : []
  const isForEncryption = (value: unknown): value is JWK =>
    typeof value === 'object' && value !== null && 'use' in value && value.use === 'enc'
  return keys.find(isForEncryption) ?? {}
}
