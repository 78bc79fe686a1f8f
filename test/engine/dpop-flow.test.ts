import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { importJWK } from 'jose'
import * as oidc from 'openid-client'
import { allowInsecureRequests } from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, connectEngine } from '../../sdk/engine.ts'
import { person } from '../flows/person.ts'
import { freePort } from '../free-port.ts'
import type { ServerProcess } from '../server-process.ts'
import { startServer } from '../server-process.ts'

let folder: string
let server: ServerProcess
let client: oidc.Configuration
/** Every answer that the client got: where it came from, its status, and the nonces in it. */
const answers: { path: string; status: number; nonces: number }[] = []

/** The server as `npm start` runs it, with nonces switched on, and demo-fapi with its key. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-dpop-'))
  const enginePort = await freePort()
  server = await startServer(resolve(import.meta.dirname, '../../server/engine/main.ts'), {
    ENGINE_PORT: String(enginePort),
    ENGINE_DATABASE_URL: `sqlite:${join(folder, 'engine.sqlite')}`,
  })
  const engine = connectEngine({ baseUrl: `http://127.0.0.1:${enginePort}`, accessToken: 'dev-engine-token' })
  const params = { path: { serviceId: '1000001' } }
  const service = await ask(engine.GET('/api/{serviceId}/service/get', { params }))
  const body = { ...service, dpopNonceRequired: true }
  await ask(engine.POST('/api/{serviceId}/service/update', { params, body }))

  const jwk: unknown = JSON.parse(await readFile(join(folder, 'demo-fapi.jwk.json'), 'utf8'))
  if (typeof jwk !== 'object' || jwk === null) throw new Error('There is no key.')
  const privateKey = await importJWK(jwk, 'ES256')
  if (privateKey instanceof Uint8Array) throw new Error('The key is no key pair.')
  client = await oidc.discovery(new URL(server.issuer), 'demo-fapi', {}, oidc.PrivateKeyJwt(privateKey), {
    execute: [allowInsecureRequests],
  })
  client[oidc.customFetch] = async (url, { body, ...options }) => {
    const response = await fetch(url, { ...options, ...(body !== undefined && { body }) })
    const nonces = response.headers.get('dpop-nonce')?.split(',').length ?? 0
    answers.push({ path: new URL(url).pathname, status: response.status, nonces })
    return response
  }
})

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('RFC 9449 §8 and §10: private_key_jwt, PAR and DPoP with nonces of the server', () => {
  it('given openid-client, then it learns the nonce once, and completes the flow', async () => {
    const DPoP = oidc.getDPoPHandle(client, await oidc.randomDPoPKeyPair())
    const [codeVerifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()]
    const request = {
      redirect_uri: `${server.demoUrl}/callback`,
      scope: 'openid email offline_access notes:read',
      prompt: 'consent',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }
    const url = await oidc.buildAuthorizationUrlWithPAR(client, request, { DPoP })
    const jane = person(server.issuer)
    const consent = await jane.signIn(await jane.visit(url), 'jane')
    const { sentTo } = await jane.decide(consent, 'allow', ['email', 'offline_access', 'notes:read'])
    if (!sentTo) throw new Error('The browser was not sent back to the client.')
    const checks = { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
    const tokens = await oidc.authorizationCodeGrant(client, sentTo, checks, undefined, { DPoP })
    expect(tokens.token_type).toBe('dpop')
    const userinfo = await oidc.fetchUserInfo(client, tokens.access_token, tokens.claims()?.sub ?? '', { DPoP })
    expect(userinfo.email).toMatch(/@/)
    const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '', {}, { DPoP })
    const notes = new URL(`${server.demoApiUrl}/notes`)
    const read = await oidc.fetchProtectedResource(client, refreshed.access_token, notes, 'GET', null, undefined, {
      DPoP,
    })
    expect(read.status).toBe(200)

    // §8: told once that a nonce is needed, the client has the next one from every answer.
    expect(answers).toEqual([
      { path: '/oauth/par', status: 400, nonces: 1 },
      { path: '/oauth/par', status: 201, nonces: 1 },
      { path: '/oauth/token', status: 200, nonces: 1 },
      { path: '/oauth/userinfo', status: 200, nonces: 1 },
      { path: '/oauth/token', status: 200, nonces: 1 },
      { path: '/notes', status: 200, nonces: 0 },
    ])
  })

  it('given a refusal at userinfo, then the challenge is of the scheme that was used, and the nonce goes with it', async () => {
    const headers = { Authorization: 'DPoP unknown', DPoP: 'nonsense' }
    const response = await fetch(`${server.issuer}/oauth/userinfo`, { headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_token",/)
    expect(response.headers.get('dpop-nonce')).toMatch(/^[\w-]+$/)
  })

  it('§5.2: given no proof, then demo-fapi gets no tokens', async () => {
    await expect(oidc.refreshTokenGrant(client, 'any')).rejects.toMatchObject({ error: 'invalid_request' })
  })
})
