import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { decodeProtectedHeader } from 'jose'
import { ask } from '../../../sdk/engine.ts'
import type { Client, Service } from '../../../sdk/types.ts'
import { settingsOf } from '../../../server/engine/presets/preset.ts'
import { presets } from '../../../server/engine/presets/presets.ts'
import { makeProofKey } from '../../dpop-proof.ts'
import type { Proof } from '../conversation.ts'
import type { Conversation, RegisteredTestClient } from '../conversation.ts'
import { authorizationParameters, codeParameters, converse, errorOf, jsonOf, tokensOf } from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from '../engine-under-test.ts'
import type { AssertionKey } from './key-client.ts'
import { makeAssertionKey } from './key-client.ts'

/** One engine, and two of its services: one for OpenID Connect, the other for FAPI 2.0, as the presets make them. */
let under: TestEngine
let oidc: Conversation
let fapi: Conversation
let oidcClient: RegisteredTestClient
let fapiClient: RegisteredTestClient
let key: AssertionKey

beforeAll(async () => {
  under = await openTestEngine()
  key = await makeAssertionKey('ES256', under)
  oidc = await openService(settingsOf<Service>(presets.oidc.service))
  fapi = await openService(settingsOf<Service>(presets['fapi2-sp'].service))
  const { redirectUris, ...fapiSettings } = settingsOf<Client>(presets['fapi2-sp'].client)
  expect(redirectUris).toHaveLength(1)
  oidcClient = await oidc.registerClient(settingsOf<Client>(presets.oidc.client))
  fapiClient = await fapi.registerClient({ ...fapiSettings, ...key.settings })
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

async function openService(settings: Service): Promise<Conversation> {
  const body = {
    issuer: testIssuer,
    jwks: inject('serviceJwks'),
    ...testEndpoints,
    supportedScopes: testScopes,
    ...settings,
  }
  const { apiKey: serviceId = 0 } = await ask(under.engine.POST('/api/service/create', { body }))
  return converse({ engine: under.engine, serviceId })
}

const codeVerifier = randomBytes(32).toString('base64url')

function request(client: RegisteredTestClient, { pkce = true, scope = 'openid notes:read' } = {}) {
  const { code_challenge, code_challenge_method, ...others } = authorizationParameters(client, codeVerifier)
  return {
    ...others,
    scope,
    ...(pkce && code_challenge && code_challenge_method && { code_challenge, code_challenge_method }),
  }
}

const push = async (
  engine: Conversation,
  client: RegisteredTestClient,
  parameters: Record<string, string>,
  claims: Record<string, unknown> = {},
) => engine.push({ ...parameters, ...(await key.assert(client, claims)) })

async function proof(): Promise<Proof> {
  const proofKey = await makeProofKey()
  return { dpop: await proofKey.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() }) }
}

/** A pushed request that somebody allows. */
async function fapiCode(): Promise<string> {
  const pushed = await push(fapi, fapiClient, request(fapiClient))
  if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
  const begun = await fapi.authorize({ client_id: fapiClient.clientId, request_uri: pushed.requestUri })
  if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
  const issued = await fapi.issue({ ticket: begun.ticket, subject: 'jane' })
  if (issued.action !== 'LOCATION' || !issued.authorizationCode) throw new Error(issued.resultMessage)
  return issued.authorizationCode
}

async function fapiToken(parameters: Record<string, string>, withProof = true) {
  const sent = { ...parameters, ...(await key.assert(fapiClient)) }
  return fapi.token(sent, undefined, withProof ? await proof() : undefined)
}

/** The certification plans contradict each other, so what they want is policy: one engine serves them all. */
describe('one engine, two services: what one plan demands, the other refuses', () => {
  it('1. PKCE: a request without it is good for OpenID Connect, and refused by FAPI 2.0; what is sent is verified by both', async () => {
    expect((await oidc.authorize(request(oidcClient, { pkce: false }))).action).toBe('INTERACTION')
    expect((await push(fapi, fapiClient, request(fapiClient, { pkce: false }))).resultCode).toBe('A124301')
    const { code } = await oidc.obtainCode(oidcClient)
    expect(errorOf(await oidc.token(codeParameters(oidcClient, code, codeVerifier), oidcClient))).toBe('invalid_grant')
  })

  const auds: unknown[] = [
    testEndpoints.tokenEndpoint,
    testEndpoints.pushedAuthReqEndpoint,
    [testIssuer, 'https://x.example'],
  ]
  it.each(auds)('2. aud %j of an assertion: good where endpoints are accepted, refused by FAPI 2.0', async (aud) => {
    const client = await oidc.registerClient(key.settings)
    expect((await push(oidc, client, request(client), { aud })).action).toBe('CREATED')
    expect((await push(fapi, fapiClient, request(fapiClient), { aud })).resultCode).toBe('A157356')
    expect((await push(oidc, client, request(client), { aud: testIssuer })).action).toBe('CREATED')
  })

  it('3. PAR: a client that needs it beside one that does not, and only a service under FAPI 2.0 says so of everybody', async () => {
    const pushing = await oidc.registerClient({ parRequired: true })
    expect((await oidc.authorize(request(pushing))).resultCode).toBe('A008305')
    expect((await oidc.authorize(request(oidcClient))).action).toBe('INTERACTION')
    expect((await fapi.authorize(request(fapiClient))).resultCode).toBe('A294308')
  })

  it('4. signatures: RS256 for a client of OpenID Connect, and never for one of FAPI 2.0', async () => {
    const tokens = await oidc.obtainTokens(oidcClient)
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe('RS256')
    const answer = await fapiToken(codeParameters(fapiClient, await fapiCode(), codeVerifier))
    expect(decodeProtectedHeader(tokensOf(answer).id_token ?? '').alg).toBe('ES256')
    const weak = fapi.registerClient({ ...key.settings, idTokenSignAlg: 'RS256' })
    await expect(weak).rejects.toThrow('idTokenSignAlg: FAPI 2.0 Security Profile 5.4.1-1: ')
  })

  it('5. rotation: a refresh token is used up, and under FAPI 2.0 good for another time', async () => {
    const { refresh_token = '' } = await oidc.obtainTokens(oidcClient)
    const refresh = { grant_type: 'refresh_token', refresh_token }
    expect(jsonOf(await oidc.token(refresh, oidcClient))['refresh_token']).not.toBe(refresh_token)
    expect(errorOf(await oidc.token(refresh, oidcClient))).toBe('invalid_grant')

    const first = tokensOf(await fapiToken(codeParameters(fapiClient, await fapiCode(), codeVerifier)))
    const again = { grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' }
    expect((await fapiToken(again)).action).toBe('OK')
    under.clock.advance(30)
    expect((await fapiToken(again)).action).toBe('OK')
  })

  it('6. the key of a refresh: a confidential client may have a new one each time, but not none', async () => {
    const first = tokensOf(await fapiToken(codeParameters(fapiClient, await fapiCode(), codeVerifier)))
    const refresh = { grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' }
    // Each call makes a key of its own.
    expect((await fapiToken(refresh)).action).toBe('OK')
    expect(errorOf(await fapiToken(refresh, false))).toBe('invalid_request')
    const bearer = await oidc.obtainTokens(oidcClient)
    const unbound = { grant_type: 'refresh_token', refresh_token: bearer.refresh_token ?? '' }
    expect((await oidc.token(unbound, oidcClient)).action).toBe('OK')
  })

  it('7. codes: sixty seconds are within what both allow', async () => {
    const late = await fapiCode()
    const { code, codeVerifier: verifier } = await oidc.obtainCode(oidcClient)
    under.clock.advance(59)
    expect((await oidc.token(codeParameters(oidcClient, code, verifier), oidcClient)).action).toBe('OK')
    under.clock.advance(3)
    expect(errorOf(await fapiToken(codeParameters(fapiClient, late, codeVerifier)))).toBe('invalid_grant')
  })

  it('8. grants and response types: what the safe default leaves out, a service has to ask for', async () => {
    const { service } = presets['safe-default']
    expect(service.supportedGrantTypes.value).not.toContain('IMPLICIT')
    expect(service.supportedResponseTypes.value).toEqual(['CODE'])
    const hybrid = { ...request(fapiClient), response_type: 'code id_token' }
    expect((await push(fapi, fapiClient, hybrid)).resultCode).toBe('A995307')
  })
})
