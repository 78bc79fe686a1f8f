import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../../sdk/engine.ts'
import type { Client, Schema, Service } from '../../../sdk/types.ts'
import type { ProofKey } from '../../dpop-proof.ts'
import { makeProofKey } from '../../dpop-proof.ts'
import type { Conversation, Proof, RegisteredTestClient } from '../conversation.ts'
import { authorizationParameters, codeParameters, converse, errorOf, jsonOf, responseOf } from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from '../engine-under-test.ts'
import type { AssertionKey } from './key-client.ts'
import { makeAssertionKey, ofAnyAlgorithm } from './key-client.ts'

let under: TestEngine
let proofKey: ProofKey
let es256: AssertionKey
let rs256: AssertionKey

/** Scopes that bring a profile, and one that brings none. */
const scopes: Service['supportedScopes'] = [
  ...testScopes,
  { name: 'myscope', attributes: [{ key: 'fapi2', value: 'sp' }] },
  { name: 'signed', attributes: [{ key: 'fapi2', value: 'ms-authres' }] },
  { name: 'read', attributes: [{ key: 'fapi', value: 'r' }] },
  { name: 'write', attributes: [{ key: 'fapi', value: 'rw' }] },
]
const fapi: Service = {
  supportedServiceProfiles: ['FAPI'],
  supportedScopes: scopes,
  clientAssertionAudRestrictedToIssuer: false,
  // What the profiles demand, the service alone would not.
  pkceRequired: false,
  pkceS256Required: false,
}

beforeAll(async () => {
  under = await openTestEngine(fapi)
  proofKey = await makeProofKey()
  es256 = await makeAssertionKey('ES256', under)
  rs256 = await makeAssertionKey('RS256', under)
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

/** One of the services of the engine, and what is said to it. */
async function openService(settings: Service = {}): Promise<Conversation> {
  const body = { issuer: testIssuer, jwks: inject('serviceJwks'), ...testEndpoints, ...fapi, ...settings }
  const { apiKey: serviceId = 0 } = await ask(under.engine.POST('/api/service/create', { body }))
  return converse({ engine: under.engine, serviceId })
}

const proof = async (): Promise<Proof> => ({
  dpop: await proofKey.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() }),
})

const codeVerifier = randomBytes(32).toString('base64url')

function request(client: RegisteredTestClient, change: Record<string, string | undefined> = {}) {
  const all: Record<string, string | undefined> = {
    ...authorizationParameters(client, codeVerifier),
    scope: 'myscope',
    ...change,
  }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
  )
}

async function push(
  engine: Conversation,
  client: RegisteredTestClient,
  change: Record<string, string | undefined> = {},
  claims: Record<string, unknown> = {},
  key = es256,
) {
  return engine.push({ ...request(client, change), ...(await key.assert(client, claims)) })
}

async function requestUriOf(
  engine: Conversation,
  client: RegisteredTestClient,
  change?: Record<string, string | undefined>,
): Promise<string> {
  const answer = await push(engine, client, change)
  if (answer.action !== 'CREATED') throw new Error(answer.resultMessage)
  return answer.requestUri
}

/** A code of a pushed request. */
async function codeOf(
  engine: Conversation,
  client: RegisteredTestClient,
  change: Record<string, string | undefined> = {},
): Promise<string> {
  const request_uri = await requestUriOf(engine, client, change)
  const answer = await engine.authorize({ client_id: client.clientId, request_uri })
  if (answer.action !== 'INTERACTION') throw new Error(answer.resultMessage)
  const issued = await engine.issue({ ticket: answer.ticket, subject: 'jane' })
  if (issued.action !== 'LOCATION' || !issued.authorizationCode) throw new Error(issued.resultMessage)
  return issued.authorizationCode
}

/** How a service comes under FAPI 2.0. */
const selections: [string, Service, Client, string][] = [
  ['the service', { fapiModes: ['FAPI2_SECURITY'] }, {}, 'notes:read'],
  ['the client', {}, { fapiModes: ['FAPI2_SECURITY'] }, 'notes:read'],
  ['a scope', {}, {}, 'myscope'],
]

describe.each(selections)('FAPI 2.0 Security Profile, by %s', (_, service, client, scope) => {
  let engine: Conversation
  let good: RegisteredTestClient

  beforeAll(async () => {
    engine = await openService(service)
    good = await engine.registerClient({ ...es256.settings, ...client })
  })

  const registerOther = (settings: Client) => engine.registerClient({ ...client, ...settings })
  const register = (settings: Client) => registerOther({ ...es256.settings, ...settings })

  it('given a request and its tokens as the profile wants them, then they are good', async () => {
    const code = await codeOf(engine, good, { scope })
    const parameters = { ...codeParameters(good, code, codeVerifier), ...(await es256.assert(good)) }
    const answer = await engine.token(parameters, undefined, await proof())
    expect(answer.resultCode).toBe('A050001')
    const tokens = jsonOf(answer)
    expect(tokens).toMatchObject({ token_type: 'DPoP' })
    const refreshed = await engine.token(
      {
        grant_type: 'refresh_token',
        refresh_token: String(tokens['refresh_token']),
        ...(await es256.assert(good)),
      },
      undefined,
      await proof(),
    )
    // 5.3.2.1-9: no rotation, although the service would rotate.
    expect(jsonOf(refreshed)['refresh_token']).toBe(tokens['refresh_token'])
  })

  it('5.3.2.2-3: given a request without PAR, then A294308 as JSON, and nobody is redirected', async () => {
    const answer = await engine.authorize(request(good, { scope }))
    expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A294308' })
    expect(answer.resultMessage).toContain('FAPI 2.0 Security Profile 5.3.2.2-3: ')
    expect(jsonOf(answer)).toMatchObject({
      error: 'invalid_request',
      error_uri: 'https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.3.2.2',
    })
  })

  it.each<[string, string, Record<string, string | undefined>]>([
    ['5.3.2.2-1', 'A995307', { response_type: 'code id_token' }],
    ['5.3.2.2-1', 'A995307', { response_type: undefined }],
    ['5.3.2.2-5', 'A124301', { code_challenge: undefined, code_challenge_method: undefined }],
    ['5.3.2.2-5', 'A124308', { code_challenge: codeVerifier, code_challenge_method: 'plain' }],
    ['5.3.2.2-5', 'A124308', { code_challenge_method: undefined }],
    ['5.3.2.2-6', 'A995303', { redirect_uri: undefined }],
  ])('%s: given a pushed request that breaks it, then %s (%#)', async (clause, resultCode, change) => {
    const answer = await push(engine, good, { scope, ...change })
    expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode })
    expect(answer.resultMessage).toContain(`FAPI 2.0 Security Profile ${clause}: `)
  })

  it('5.3.2.2-8: given http, then only a native client may have it, on loopback', async () => {
    const redirectUris = ['http://127.0.0.1:4711/cb', 'com.example.app:/cb']
    const native = await register({ applicationType: 'NATIVE', redirectUris })
    for (const redirect_uri of redirectUris) {
      expect((await push(engine, native, { scope, redirect_uri })).action).toBe('CREATED')
    }
    const web: Client = { applicationType: 'WEB', redirectUris: redirectUris.slice(0, 1) }
    if (scope !== 'myscope') {
      await expect(register(web)).rejects.toThrow('redirectUris/0: FAPI 2.0 Security Profile 5.3.2.2-8: ')
      return
    }
    const answer = await push(engine, await register(web), { scope, redirect_uri: redirectUris[0] })
    expect(answer.resultCode).toBe('A995304')
    expect(answer.resultMessage).toContain('FAPI 2.0 Security Profile 5.3.2.2-8: ')
  })

  it('5.3.2.1-6: given a client with a secret, then A295301 at PAR and at the token endpoint', async () => {
    const secret = await registerOther({ tokenAuthMethod: 'CLIENT_SECRET_BASIC' })
    const pushed = await engine.push(request(secret, { scope }), secret)
    expect([pushed.action, pushed.resultCode, errorOf(pushed)]).toEqual(['UNAUTHORIZED', 'A295301', 'invalid_client'])
    const asked = await engine.token({ grant_type: 'client_credentials', scope }, secret, await proof())
    expect([asked.action, asked.resultCode]).toEqual(['INVALID_CLIENT', 'A295301'])
    expect(asked.resultMessage).toContain('FAPI 2.0 Security Profile 5.3.2.1-6: ')
  })

  it('5.3.2.1-3: given a public client, then it is refused', async () => {
    const open = await registerOther({
      ...{ clientType: 'PUBLIC', tokenAuthMethod: 'NONE' },
      grantTypes: ['AUTHORIZATION_CODE'],
    })
    const answer = await engine.push(request(open, { scope }))
    expect(answer.resultCode).toBe('A995301')
    expect(answer.resultMessage).toContain('FAPI 2.0 Security Profile 5.3.2.1-3: ')
  })

  it('5.3.2.1-8: given an aud that is not the issuer as a string, then it is refused at PAR and at the token endpoint', async () => {
    for (const aud of [testEndpoints.tokenEndpoint, testEndpoints.pushedAuthReqEndpoint, [testIssuer]]) {
      const pushed = await push(engine, good, { scope }, { aud })
      expect([aud, pushed.action, pushed.resultCode]).toEqual([
        aud,
        pushed.action,
        expect.stringMatching(/A157356|A957312/),
      ])
      expect(pushed.action).toBe('UNAUTHORIZED')
    }
    const parameters = { grant_type: 'client_credentials', scope, ...(await es256.assert(good, { aud: [testIssuer] })) }
    const asked = await engine.token(parameters, undefined, await proof())
    expect([asked.action, asked.resultCode]).toEqual(['INVALID_CLIENT', 'A157356'])
    expect(asked.resultMessage).toContain('FAPI 2.0 Security Profile 5.3.2.1-8: ')
  })

  it('5.4.1-1: given an assertion with RS256, then it is refused at PAR and at the token endpoint', async () => {
    const weak = await registerOther(ofAnyAlgorithm(rs256))
    const pushed = await push(engine, weak, { scope }, {}, rs256)
    expect([pushed.action, pushed.resultCode]).toEqual(['UNAUTHORIZED', 'A995302'])
    const asked = await engine.token(
      { grant_type: 'client_credentials', scope, ...(await rs256.assert(weak)) },
      undefined,
      await proof(),
    )
    expect(asked.resultCode).toBe('A995302')
    expect(asked.resultMessage).toContain('FAPI 2.0 Security Profile 5.4.1-1: ')
  })

  it('5.4.1-1: given a client whose ID tokens are signed with RS256, then it cannot ask for them', async () => {
    if (scope !== 'myscope') {
      const said = 'idTokenSignAlg: FAPI 2.0 Security Profile 5.4.1-1: '
      await expect(register({ idTokenSignAlg: 'RS256' })).rejects.toThrow(said)
      return
    }
    const weak = await register({ idTokenSignAlg: 'RS256' })
    expect((await push(engine, weak, { scope: `${scope} openid` })).resultCode).toBe('A995308')
    expect((await push(engine, weak, { scope })).action).toBe('CREATED')
  })

  it('5.3.2.1-4: given no proof, then no token; and the code is good for the next try', async () => {
    const code = await codeOf(engine, good, { scope })
    const redeem = async (sent?: Proof) =>
      engine.token({ ...codeParameters(good, code, codeVerifier), ...(await es256.assert(good)) }, undefined, sent)
    const refused = await redeem()
    expect([refused.action, refused.resultCode, errorOf(refused)]).toEqual([
      'BAD_REQUEST',
      'A995314',
      'invalid_request',
    ])
    expect(refused.resultMessage).toContain('FAPI 2.0 Security Profile 5.3.2.1-4: ')
    expect((await redeem(await proof())).resultCode).toBe('A050001')
    const own = { grant_type: 'client_credentials', scope }
    expect((await engine.token({ ...own, ...(await es256.assert(good)) })).resultCode).toBe('A995314')
  })

  it('5.3.2.1-11: given a code, then it is good for sixty seconds', async () => {
    const code = await codeOf(engine, good, { scope })
    under.clock.advance(60)
    const parameters = { ...codeParameters(good, code, codeVerifier), ...(await es256.assert(good)) }
    expect(errorOf(await engine.token(parameters, undefined, await proof()))).toBe('invalid_grant')
  })

  it('5.3.2.2-7: given an answer, then iss is in it', async () => {
    const request_uri = await requestUriOf(engine, good, { scope })
    const answer = await engine.authorize({ client_id: good.clientId, request_uri })
    if (answer.action !== 'INTERACTION') throw new Error(answer.resultMessage)
    const denied = await engine.fail({ ticket: answer.ticket, reason: 'DENIED' })
    expect(responseOf(denied)).toMatchObject({ error: 'access_denied', iss: testIssuer })
  })
})

describe('FAPI 2.0 Security Profile, by the service', () => {
  it('5.3.2.1-2: given the password grant, then A295306', async () => {
    const engine = await openService({ fapiModes: ['FAPI2_SECURITY'] })
    const client = await engine.registerClient(es256.settings)
    const parameters = { grant_type: 'password', username: 'a', password: 'b', ...(await es256.assert(client)) }
    const answer = await engine.token(parameters)
    expect(answer.resultCode).toBe('A295306')
    expect(answer.resultMessage).toContain('FAPI 2.0 Security Profile 5.3.2.1-2: ')
  })

  it('5.3.2.2-7: given a service that suppresses iss, then nothing begins', async () => {
    const engine = await openService({ fapiModes: ['FAPI2_SECURITY'], issSuppressed: true })
    const client = await engine.registerClient(es256.settings)
    expect((await push(engine, client)).resultCode).toBe('A995305')
  })

  it('5.3.2.2-12: given a service whose pushed requests live ten minutes, then they live less', async () => {
    const engine = await openService({ pushedAuthReqDuration: 600 })
    const client = await engine.registerClient(es256.settings)
    expect(jsonOf(await push(engine, client))['expires_in']).toBe(599)
    expect(jsonOf(await push(engine, client, { scope: 'notes:read' }))['expires_in']).toBe(600)
  })

  it('given one more scope that needs no profile, then the profile holds for all of the request', async () => {
    const engine = await openService()
    const client = await engine.registerClient(es256.settings)
    expect((await engine.authorize(request(client, { scope: 'notes:read myscope' }))).resultCode).toBe('A294308')
    expect((await engine.authorize(request(client, { scope: 'notes:read' }))).resultCode).toBe('A004001')
  })

  it('given a scope that the client may not have, then naming it does not take the profile away', async () => {
    const engine = await openService()
    const extension = { requestableScopesEnabled: true, requestableScopes: ['notes:read'] }
    const client = await engine.registerClient({ ...es256.settings, extension })
    expect((await engine.authorize(request(client, { scope: 'notes:read myscope' }))).resultCode).toBe('A294308')
  })

  it('given FAPI 2.0 by a scope, when a refresh leaves the scope out, then the token is bound all the same', async () => {
    const engine = await openService()
    const client = await engine.registerClient(es256.settings)
    const code = await codeOf(engine, client, { scope: 'myscope notes:read' })
    const parameters = { ...codeParameters(client, code, codeVerifier), ...(await es256.assert(client)) }
    const { refresh_token } = jsonOf(await engine.token(parameters, undefined, await proof()))
    const refresh = { grant_type: 'refresh_token', refresh_token: String(refresh_token), scope: 'notes:read' }
    const answer = await engine.token({ ...refresh, ...(await es256.assert(client, { aud: [testIssuer] })) })
    expect(answer.action).not.toBe('OK')
  })
})

describe('FAPI 2.0 Message Signing §5.4.1: the response is signed', () => {
  it('given response_mode that is not jwt, then A309301', async () => {
    const engine = await openService()
    const client = await engine.registerClient(es256.settings)
    const answer = await push(engine, client, { scope: 'signed' })
    expect([answer.action, answer.resultCode]).toEqual(['BAD_REQUEST', 'A309301'])
    expect(answer.resultMessage).toContain('FAPI 2.0 Message Signing 5.4.1-1: ')
    const asked = await push(engine, client, { scope: 'signed', response_mode: 'jwt' })
    expect(asked.resultCode).not.toBe('A309301')
  })

  it('given the Security Profile rules, then they hold as well', async () => {
    const engine = await openService()
    const client = await engine.registerClient(es256.settings)
    expect((await engine.authorize(request(client, { scope: 'signed' }))).resultCode).toBe('A294308')
  })
})

describe('FAPI 1.0 Baseline', () => {
  let engine: Conversation
  let client: RegisteredTestClient
  beforeAll(async () => {
    engine = await openService()
    client = await engine.registerClient(es256.settings)
  })

  const authorize = (change: Record<string, string | undefined>) =>
    engine.authorize(request(client, { scope: 'read', ...change }))
  const refusalOf = (answer: Awaited<ReturnType<typeof authorize>>) =>
    answer.action === 'LOCATION' ? (responseOf(answer)['error_description'] ?? '') : answer.resultMessage

  it('given a request as it wants it, then a ticket; PAR is not needed', async () => {
    expect((await authorize({ nonce: undefined })).resultCode).toBe('A004001')
    expect((await authorize({ scope: 'openid read', state: undefined })).resultCode).toBe('A004001')
  })

  it.each<[string, Record<string, string | undefined>]>([
    ['5.2.2.2-1', { scope: 'openid read', nonce: undefined }],
    ['5.2.2.3-1', { state: undefined }],
    ['5.2.2-7', { code_challenge: undefined, code_challenge_method: undefined }],
    ['5.2.2-9', { redirect_uri: undefined }],
  ])('%s: given a request that breaks it, then it is refused', async (clause, change) => {
    const answer = await authorize(change)
    expect(answer.action).not.toBe('INTERACTION')
    expect(refusalOf(answer)).toContain(`FAPI 1.0 Baseline ${clause}: `)
  })

  it('5.2.2-20: given http, then nobody is sent there, of native clients neither', async () => {
    const native = await engine.registerClient({
      ...es256.settings,
      applicationType: 'NATIVE',
      redirectUris: ['http://127.0.0.1:4711/cb'],
    })
    const answer = await engine.authorize(request(native, { scope: 'read', redirect_uri: 'http://127.0.0.1:4711/cb' }))
    expect([answer.action, answer.resultCode]).toEqual(['BAD_REQUEST', 'A995304'])
  })

  it('5.2.2-4: given a client with a secret, then A295301; a public client is served, and tokens need not be bound', async () => {
    const secret = await engine.registerClient()
    const { code, codeVerifier: verifier } = await engine.obtainCode(secret, { parameters: { scope: 'read' } })
    expect((await engine.token(codeParameters(secret, code, verifier), secret)).resultCode).toBe('A295301')

    const open = await engine.registerClient({
      clientType: 'PUBLIC',
      tokenAuthMethod: 'NONE',
      grantTypes: ['AUTHORIZATION_CODE'],
    })
    const given = await engine.obtainCode(open, { parameters: { scope: 'read' } })
    const parameters = { ...codeParameters(open, given.code, given.codeVerifier), client_id: open.clientId }
    expect((await engine.token(parameters)).resultCode).toBe('A050001')
  })
})

describe('FAPI 1.0 Advanced', () => {
  it('5.2.2-1 and -18: given no signed request object, or a pushed request without S256, then it is refused', async () => {
    const engine = await openService()
    const client = await engine.registerClient({ ...es256.settings, authorizationSignAlg: 'ES256' })
    const authorized = await engine.authorize(request(client, { scope: 'write', response_mode: 'jwt' }))
    expect(authorized.resultCode).toBe('A995309')
    const unchallenged = { scope: 'write', code_challenge: undefined, code_challenge_method: undefined }
    const pushed = await push(engine, client, unchallenged)
    expect([pushed.resultCode, pushed.resultMessage]).toEqual(['A124308', expect.stringContaining('5.2.2-18: ')])
  })
})

describe('several profiles at once', () => {
  it('given FAPI 1.0 Advanced and FAPI 2.0, then the rules of both hold', async () => {
    const fapiModes: Schema<'FapiMode'>[] = ['FAPI1_ADVANCED', 'FAPI2_SECURITY']
    const engine = await openService({ fapiModes })
    const eddsa = await makeAssertionKey('EdDSA', under)
    const client = await engine.registerClient(ofAnyAlgorithm(eddsa))
    const answer = await push(engine, client, {}, {}, eddsa)
    expect(answer.resultMessage).toContain('FAPI 1.0 Advanced 8.6: ')
  })
})
