import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client, Service } from '../../sdk/types.ts'
import type { ChangeOfProof, ProofKey } from '../dpop-proof.ts'
import { makeProofKey, rightProofs, wrongProofs } from '../dpop-proof.ts'
import type { Conversation, Proof, RegisteredTestClient, TokenResponse } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, errorOf, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let confidential: RegisteredTestClient
let publicClient: RegisteredTestClient
let required: RegisteredTestClient
let key: ProofKey
let otherKey: ProofKey

const gmEndpoint = `${testIssuer}/oauth/gm`
const settings: Service = {
  supportedScopes: [...testScopes, { name: 'grant_management_query' }, { name: 'grant_management_revoke' }],
  grantManagementEndpoint: gmEndpoint,
}
const publicSettings: Client = {
  clientType: 'PUBLIC',
  tokenAuthMethod: 'NONE',
  grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
}

beforeAll(async () => {
  under = await openTestEngine(settings)
  engine = converse(under)
  confidential = await engine.registerClient()
  publicClient = await engine.registerClient(publicSettings)
  required = await engine.registerClient({ dpopRequired: true })
  ;[key, otherKey] = await Promise.all([makeProofKey(), makeProofKey()])
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const tokenRequest = () => ({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() })

/** A proof for the token endpoint, as a front-end passes it on. */
async function proofOf(by: ProofKey, change?: ChangeOfProof): Promise<Proof> {
  return { dpop: await by.prove(tokenRequest(), change) }
}

/** A proof for the use of an access token. */
async function proofFor(
  accessToken: string,
  request: { htm: string; htu: string },
  by = key,
  change?: ChangeOfProof,
): Promise<Proof> {
  return { dpop: await by.prove({ ...request, accessToken, now: under.clock.now() }, change) }
}

const isPublic = ({ clientId }: RegisteredTestClient) => clientId === publicClient.clientId
const credentialsOf = (client: RegisteredTestClient) => (isPublic(client) ? undefined : client)
const named = (client: RegisteredTestClient, parameters: Record<string, string>) =>
  isPublic(client) ? { ...parameters, client_id: client.clientId } : parameters

/** A code, and the request that redeems it. */
async function code(client: RegisteredTestClient, parameters: Record<string, string> = {}) {
  const { code, codeVerifier } = await engine.obtainCode(client, { parameters })
  return named(client, codeParameters(client, code, codeVerifier))
}

async function redeem(client: RegisteredTestClient, proof?: Proof, parameters: Record<string, string> = {}) {
  return engine.token(await code(client, parameters), credentialsOf(client), proof)
}

/** Tokens that are bound to the key. */
async function obtain(
  client = confidential,
  by = key,
  parameters: Record<string, string> = {},
): Promise<TokenResponse> {
  return tokensOf(await redeem(client, await proofOf(by), parameters))
}

const refresh = (client: RegisteredTestClient, { refresh_token = '' }: TokenResponse, proof?: Proof) =>
  engine.token(named(client, { grant_type: 'refresh_token', refresh_token }), credentialsOf(client), proof)

describe('RFC 9449 §5: the token endpoint', () => {
  it('given a proof, then a token of the type DPoP that is bound to its key', async () => {
    const answer = await redeem(confidential, await proofOf(key))
    expect(jsonOf(answer)['token_type']).toBe('DPoP')
    expect(await engine.introspect(tokensOf(answer).access_token)).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: key.jkt },
    })
  })

  it('given none, then a bearer token', async () => {
    const answer = await redeem(confidential)
    expect(jsonOf(answer)['token_type']).toBe('Bearer')
    const introspected = await engine.introspect(tokensOf(answer).access_token)
    expect(introspected).toMatchObject({ token_type: 'Bearer' })
    expect(introspected).not.toHaveProperty('cnf')
  })

  it('given the client credentials grant, then the same', async () => {
    const parameters = { grant_type: 'client_credentials', scope: 'notes:read' }
    const { access_token } = tokensOf(await engine.token(parameters, confidential, await proofOf(key)))
    expect(await engine.introspect(access_token)).toMatchObject({ token_type: 'DPoP', cnf: { jkt: key.jkt } })
  })

  it.each(rightProofs)('given a proof with %s, then it is served', async (_, right) => {
    const parameters = { grant_type: 'client_credentials', scope: 'notes:read' }
    const answer = await engine.token(parameters, confidential, { dpop: await right(key, tokenRequest()) })
    expect(answer.action).toBe('OK')
  })

  it.each(wrongProofs)('given %s, then 400 invalid_dpop_proof, and the code is as good as before', async (_, wrong) => {
    const parameters = await code(confidential)
    const refused = await engine.token(parameters, confidential, { dpop: await wrong(key, tokenRequest()) })
    expect([refused.action, errorOf(refused)]).toEqual(['BAD_REQUEST', 'invalid_dpop_proof'])
    expect((await engine.token(parameters, confidential, await proofOf(key))).action).toBe('OK')
  })

  it('given an empty proof, then it is refused and not overlooked', async () => {
    expect(errorOf(await redeem(confidential, { dpop: '' }))).toBe('invalid_dpop_proof')
  })

  it('given htm and htu of the front-end, then these count', async () => {
    const at = { htm: 'POST', htu: 'https://mtls.as.example/token' }
    const proof = { dpop: await key.prove({ ...at, now: under.clock.now() }), ...at }
    expect((await redeem(confidential, proof)).action).toBe('OK')
    expect(errorOf(await redeem(confidential, { ...(await proofOf(key)), ...at }))).toBe('invalid_dpop_proof')
  })

  it('given a client that does not authenticate, then its proof is not remembered', async () => {
    const proof = await proofOf(key)
    const parameters = await code(confidential)
    const impostor = { ...confidential, clientSecret: 'wrong' }
    expect((await engine.token(parameters, impostor, proof)).action).toBe('INVALID_CLIENT')
    expect((await engine.token(parameters, confidential, proof)).action).toBe('OK')
  })

  it('§11.1: given a proof that was used before, then invalid_dpop_proof, until it is too old anyway', async () => {
    const proof = await proofOf(key)
    expect((await redeem(confidential, proof)).action).toBe('OK')
    for (const client of [confidential, publicClient]) {
      expect(await redeem(client, proof)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A954314' })
    }
    under.clock.advance(69)
    expect(await redeem(confidential, proof)).toMatchObject({ resultCode: 'A954314' })
    under.clock.advance(1)
    expect(await redeem(confidential, proof)).toMatchObject({ resultCode: 'A954312' })
  })

  it('given the jti of another key, then nobody has used it up', async () => {
    const change = { claims: { jti: 'the same' } }
    expect((await redeem(confidential, await proofOf(key, change))).action).toBe('OK')
    expect((await redeem(confidential, await proofOf(otherKey, change))).action).toBe('OK')
  })

  it('of 16 that use one proof at once, one passes', async () => {
    const proof = await proofOf(key)
    const parameters = { grant_type: 'client_credentials', scope: 'notes:read' }
    const answers = await Promise.all(Array.from({ length: 16 }, () => engine.token(parameters, confidential, proof)))
    expect(answers.filter(({ action }) => action === 'OK')).toHaveLength(1)
  })

  it('§5.2: given a client that is registered for DPoP, then without a proof it gets nothing', async () => {
    const parameters = await code(required)
    const refused = await engine.token(parameters, required)
    expect([refused.action, errorOf(refused)]).toEqual(['BAD_REQUEST', 'invalid_request'])
    const tokens = tokensOf(await engine.token(parameters, required, await proofOf(key)))
    expect(errorOf(await refresh(required, tokens))).toBe('invalid_request')
    expect((await refresh(required, tokens, await proofOf(key))).action).toBe('OK')
  })
})

describe('RFC 9449 §5: refresh tokens', () => {
  it('given a public client, then the refresh token is bound to the key', async () => {
    const tokens = await obtain(publicClient)
    expect(await refresh(publicClient, tokens)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A953305' })
    const foreign = await refresh(publicClient, tokens, await proofOf(otherKey))
    expect([foreign.action, errorOf(foreign)]).toEqual(['BAD_REQUEST', 'invalid_grant'])
    const refreshed = tokensOf(await refresh(publicClient, tokens, await proofOf(key)))
    expect(await engine.introspect(refreshed.access_token)).toMatchObject({ cnf: { jkt: key.jkt } })
    // So is the next one.
    expect(errorOf(await refresh(publicClient, refreshed, await proofOf(otherKey)))).toBe('invalid_grant')
    expect((await refresh(publicClient, refreshed, await proofOf(key))).action).toBe('OK')
  })

  it('given a confidential client, then any key will do, but none will not', async () => {
    const tokens = await obtain()
    const without = await refresh(confidential, tokens)
    expect([without.action, errorOf(without)]).toEqual(['BAD_REQUEST', 'invalid_request'])
    const refreshed = tokensOf(await refresh(confidential, tokens, await proofOf(otherKey)))
    expect(await engine.introspect(refreshed.access_token)).toMatchObject({ cnf: { jkt: otherKey.jkt } })
    expect(errorOf(await refresh(confidential, refreshed))).toBe('invalid_request')
    expect((await refresh(confidential, refreshed, await proofOf(key))).action).toBe('OK')
  })

  it('given refresh tokens that are kept, then the first proof replaces the one without a key, and binds its successor', async () => {
    const keeping = await openTestEngine({ refreshTokenKept: true })
    const talk = converse(keeping)
    const client = await talk.registerClient({
      clientType: 'PUBLIC',
      tokenAuthMethod: 'NONE',
      grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    })
    const { code, codeVerifier } = await talk.obtainCode(client)
    const by = { client_id: client.clientId }
    const first = tokensOf(await talk.token({ ...codeParameters(client, code, codeVerifier), ...by }))
    const proof = async (one: ProofKey) => ({
      dpop: await one.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: keeping.clock.now() }),
    })
    const renew = ({ refresh_token = '' }: TokenResponse, sent?: Proof) =>
      talk.token({ grant_type: 'refresh_token', refresh_token, ...by }, undefined, sent)

    const kept = tokensOf(await renew(first))
    expect(kept.refresh_token).toBe(first.refresh_token)
    const bound = tokensOf(await renew(kept, await proof(key)))
    expect(bound.refresh_token).not.toBe(first.refresh_token)
    expect(tokensOf(await renew(bound, await proof(key))).refresh_token).toBe(bound.refresh_token)
    expect(errorOf(await renew(bound, await proof(otherKey)))).toBe('invalid_grant')
    expect(errorOf(await renew(bound))).toBe('invalid_request')
    await keeping.close()
  })

  it('given a public client that begins with DPoP at a refresh, then it is bound from then on', async () => {
    const tokens = tokensOf(await redeem(publicClient))
    const refreshed = tokensOf(await refresh(publicClient, tokens, await proofOf(key)))
    expect(errorOf(await refresh(publicClient, refreshed))).toBe('invalid_request')
    expect(errorOf(await refresh(publicClient, refreshed, await proofOf(otherKey)))).toBe('invalid_grant')
  })
})

describe('RFC 9449 §10: a code that is bound to a key', () => {
  it.each([
    ['no proof', () => undefined],
    ['a proof of another key', () => proofOf(otherKey)],
  ])('given dpop_jkt and %s, then A050318, and the code is as good as before', async (_, proof) => {
    for (const client of [confidential, publicClient]) {
      const parameters = await code(client, { dpop_jkt: key.jkt })
      const refused = await engine.token(parameters, credentialsOf(client), await proof())
      expect([refused.resultCode, errorOf(refused)]).toEqual(['A050318', 'invalid_grant'])
      expect((await engine.token(parameters, credentialsOf(client), await proofOf(key))).action).toBe('OK')
    }
  })

  it('given a confidential client, then its refresh token is not bound by it', async () => {
    const tokens = await obtain(confidential, key, { dpop_jkt: key.jkt })
    expect((await refresh(confidential, tokens, await proofOf(otherKey))).action).toBe('OK')
  })

  const parRequest = () => ({ htm: 'POST', htu: testEndpoints.pushedAuthReqEndpoint, now: under.clock.now() })
  const codeVerifier = 'v'.repeat(43)

  /** Pushes a request, and redeems what comes of it. */
  async function pushed(parameters: Record<string, string>, proof: Proof | undefined, withKey: ProofKey) {
    const request = { ...authorizationParameters(confidential, codeVerifier), ...parameters }
    const answer = await engine.push(request, confidential, proof)
    if (answer.action !== 'CREATED') return answer
    const started = await engine.authorize({ client_id: confidential.clientId, request_uri: answer.requestUri })
    if (started.action !== 'INTERACTION') throw new Error(started.resultMessage)
    const issued = await engine.issue({ ticket: started.ticket, subject: 'subject-1' })
    if (issued.action !== 'LOCATION') throw new Error(issued.resultMessage)
    const redemption = codeParameters(confidential, issued.authorizationCode ?? '', codeVerifier)
    return engine.token(redemption, confidential, await proofOf(withKey))
  }

  it('§10.1: given a proof at the PAR endpoint, then its key binds the code', async () => {
    const proof = async () => ({ dpop: await key.prove(parRequest()) })
    expect((await pushed({}, await proof(), key)).action).toBe('OK')
    expect((await pushed({}, await proof(), otherKey)).resultCode).toBe('A050318')
  })

  it('§10.1: given dpop_jkt in the pushed request, then so does that', async () => {
    expect((await pushed({ dpop_jkt: key.jkt }, undefined, key)).action).toBe('OK')
    expect((await pushed({ dpop_jkt: key.jkt }, undefined, otherKey)).resultCode).toBe('A050318')
  })

  it('§10.1: given both, then they must agree', async () => {
    const proof = async () => ({ dpop: await key.prove(parRequest()) })
    expect((await pushed({ dpop_jkt: key.jkt }, await proof(), key)).action).toBe('OK')
    const refused = await pushed({ dpop_jkt: otherKey.jkt }, await proof(), key)
    expect([refused.action, errorOf(refused)]).toEqual(['BAD_REQUEST', 'invalid_dpop_proof'])
  })

  it.each(wrongProofs)('§10.1: given %s, then invalid_dpop_proof', async (_, wrong) => {
    const refused = await pushed({}, { dpop: await wrong(key, parRequest()) }, key)
    expect([refused.action, errorOf(refused)]).toEqual(['BAD_REQUEST', 'invalid_dpop_proof'])
  })
})

describe('RFC 9449 §7: the userinfo endpoint', () => {
  const request = { htm: 'GET', htu: testEndpoints.userInfoEndpoint }

  it('given a proof of the key, then the claims', async () => {
    const { access_token } = await obtain()
    expect((await engine.userinfo(access_token, await proofFor(access_token, request))).action).toBe('OK')
  })

  it('given POST, then the front-end says so', async () => {
    const { access_token } = await obtain()
    const post = { ...request, htm: 'POST' }
    const proof = { ...(await proofFor(access_token, post)), ...post }
    expect((await engine.userinfo(access_token, proof)).action).toBe('OK')
  })

  it('§7.2: given a bound token without a proof, then A089311 and a challenge that says what a proof takes', async () => {
    const { access_token } = await obtain()
    const answer = await engine.userinfo(access_token)
    expect(answer).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A089311' })
    expect(contentOf(answer)).toMatch(/^DPoP error="invalid_token",.*,algs="ES256 PS256 EdDSA Ed25519"$/)
  })

  it('given a proof of another key, then A089312; without ath, then A089313', async () => {
    const { access_token } = await obtain()
    const foreign = await engine.userinfo(access_token, await proofFor(access_token, request, otherKey))
    expect(foreign).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A089312' })
    expect(contentOf(foreign)).toMatch(/^DPoP error="invalid_dpop_proof",/)
    const without = await proofFor(access_token, request, key, { claims: { ath: undefined } })
    expect(await engine.userinfo(access_token, without)).toMatchObject({ resultCode: 'A089313' })
  })

  it('given a proof for another token, then it is refused', async () => {
    const [one, two] = [await obtain(), await obtain()]
    const proof = await proofFor(two.access_token, request)
    expect(await engine.userinfo(one.access_token, proof)).toMatchObject({ resultCode: 'A954313' })
  })

  it.each(wrongProofs)('given %s, then 401 invalid_dpop_proof', async (_, wrong) => {
    const { access_token: accessToken } = await obtain()
    const dpop = await wrong(key, { ...request, accessToken, now: under.clock.now() })
    const answer = await engine.userinfo(accessToken, { dpop })
    expect(answer.action).toBe('UNAUTHORIZED')
    expect(contentOf(answer)).toMatch(/^DPoP error="invalid_dpop_proof",/)
  })

  it('given a proof that was used before, then 401', async () => {
    const { access_token } = await obtain()
    const proof = await proofFor(access_token, request)
    expect((await engine.userinfo(access_token, proof)).action).toBe('OK')
    expect(await engine.userinfo(access_token, proof)).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A954314' })
  })

  it('given a token that is not bound, then a proof is not asked for, but must be good where it comes', async () => {
    const { access_token } = tokensOf(await redeem(confidential))
    expect((await engine.userinfo(access_token)).action).toBe('OK')
    expect((await engine.userinfo(access_token, await proofFor(access_token, request))).action).toBe('OK')
    expect((await engine.userinfo(access_token, { dpop: 'nonsense' })).action).toBe('UNAUTHORIZED')
  })

  it('given a bound token without openid, then 403 in the scheme of the token', async () => {
    const { access_token } = await obtain(confidential, key, { scope: 'notes:read', nonce: '' })
    const answer = await engine.userinfo(access_token, await proofFor(access_token, request))
    expect(answer.action).toBe('FORBIDDEN')
    expect(contentOf(answer)).toMatch(/^DPoP error="insufficient_scope",/)
  })

  it('given a bound token that userinfo/issue refuses, then the challenge is of its scheme', async () => {
    const { access_token: token } = await obtain(confidential, key, { resource: 'https://rs.example' })
    const { json } = await under.call('POST', `/${under.serviceId}/auth/userinfo/issue`, { body: { token } })
    expect(json).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A988301' })
    expect(json['responseContent']).toMatch(/^DPoP error="invalid_token",/)
  })

  it('given an unknown token with a proof, then the challenge is of the scheme that was used', async () => {
    const answer = await engine.userinfo('unknown', await proofFor('unknown', request))
    expect(contentOf(answer)).toMatch(/^DPoP error="invalid_token",/)
    expect(contentOf(await engine.userinfo('unknown'))).toMatch(/^Bearer error="invalid_token",/)
  })
})

describe('RFC 9449 §7: introspection for resource servers that call the engine', () => {
  const request = { htm: 'GET', htu: 'https://rs.example/accounts' }

  it('given the proof with htm and htu, then A056001', async () => {
    const { access_token: token } = await obtain()
    const answer = await engine.inspect({ token, ...(await proofFor(token, request)), ...request })
    expect(answer).toMatchObject({ action: 'OK', resultCode: 'A056001' })
  })

  it('given no proof, then A065308 with a challenge', async () => {
    const { access_token: token } = await obtain()
    const answer = await engine.inspect({ token })
    const flags = { existent: true, usable: true, sufficient: true }
    expect(answer).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A065308', ...flags })
    expect(contentOf(answer)).toMatch(/^DPoP error="invalid_token",.*algs="ES256 /)
  })

  it.each(wrongProofs)('given %s, then 401 invalid_dpop_proof', async (_, wrong) => {
    const { access_token: token } = await obtain()
    const dpop = await wrong(key, { ...request, accessToken: token, now: under.clock.now() })
    const answer = await engine.inspect({ token, dpop, ...request })
    expect(answer.action).toBe('UNAUTHORIZED')
    expect(contentOf(answer)).toMatch(/^DPoP error="invalid_dpop_proof",/)
  })

  it('given a proof of another key or for another resource, then 401', async () => {
    const { access_token: token } = await obtain()
    const foreign = { ...(await proofFor(token, request, otherKey)), ...request }
    expect(await engine.inspect({ token, ...foreign })).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A956306' })
    const elsewhere = { ...(await proofFor(token, request)), ...request, htu: 'https://rs.example/payments' }
    expect((await engine.inspect({ token, ...elsewhere })).action).toBe('UNAUTHORIZED')
  })

  it('given a proof without htm or htu, then the caller is told what is missing', async () => {
    const { access_token: token } = await obtain()
    const answer = await engine.inspect({ token, ...(await proofFor(token, request)), htm: 'GET' })
    expect(answer).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A956305' })
    // The contract has it sent in WWW-Authenticate.
    expect(answer.responseContent).toMatch(/^DPoP error="server_error",/)
  })

  it('given that a scope is missing, then the challenge is of the scheme of the token', async () => {
    const { access_token: token } = await obtain()
    const answer = await engine.inspect({ token, scopes: ['profile'], ...(await proofFor(token, request)), ...request })
    expect(answer.action).toBe('FORBIDDEN')
    expect(contentOf(answer)).toMatch(/^DPoP error="insufficient_scope",.*scope="profile",algs=/)
  })
})

describe('RFC 9449 §7: grant management', () => {
  it('given a bound token, then each call takes a proof for its method and its address', async () => {
    const parameters = {
      scope: 'grant_management_query grant_management_revoke',
      nonce: '',
      grant_management_action: 'create',
    }
    const answer = await redeem(confidential, await proofOf(key), parameters)
    const { access_token: accessToken } = tokensOf(answer)
    const grantId = String(jsonOf(answer)['grant_id'])
    const at = (htm: string) => proofFor(accessToken, { htm, htu: `${gmEndpoint}/${grantId}` })
    const call = (gmAction: 'QUERY' | 'REVOKE', proof?: Proof) =>
      engine.manageGrant({ gmAction, grantId, accessToken, ...proof })

    const without = await call('QUERY')
    expect(without).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A281305' })
    expect(contentOf(without)).toMatch(/^DPoP error="invalid_token",/)
    expect((await call('QUERY', await at('DELETE'))).action).toBe('UNAUTHORIZED')
    expect((await call('QUERY', await at('GET'))).action).toBe('OK')
    expect((await call('REVOKE', await at('GET'))).action).toBe('UNAUTHORIZED')
    expect((await call('REVOKE', await at('DELETE'))).action).toBe('NO_CONTENT')
  })
})

describe('RFC 9449 §8 and §9: nonces', () => {
  let strict: TestEngine
  let talk: Conversation
  let client: RegisteredTestClient

  beforeAll(async () => {
    strict = await openTestEngine({ ...settings, dpopNonceRequired: true, dpopNonceDuration: 60 })
    talk = converse(strict)
    client = await talk.registerClient()
  })

  afterAll(async () => {
    expect(strict.failures).toEqual([])
    await strict.close()
  })

  const parameters = { grant_type: 'client_credentials', scope: 'notes:read' }
  const prove = (nonce?: string) =>
    key.prove({
      htm: 'POST',
      htu: testEndpoints.tokenEndpoint,
      now: strict.clock.now(),
      ...(nonce !== undefined && { nonce }),
    })
  const ask = async (nonce?: string) => talk.token(parameters, client, { dpop: await prove(nonce) })

  it('given no nonce, then use_dpop_nonce and the nonce; with it, a token and the next nonce', async () => {
    const refused = await ask()
    expect(refused).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A254307' })
    expect(errorOf(refused)).toBe('use_dpop_nonce')
    const served = await ask(nonceOf(refused))
    expect(served.action).toBe('OK')
    expect(nonceOf(served)).toMatch(/^[\w-]+$/)
  })

  it('§11.3: given one that is not ours or is too old, then use_dpop_nonce with a fresh one', async () => {
    const old = nonceOf(await ask())
    expect(errorOf(await ask('invented'))).toBe('use_dpop_nonce')
    strict.clock.advance(60)
    expect((await ask(old)).action).toBe('OK')
    strict.clock.advance(60)
    const refused = await ask(old)
    expect(errorOf(refused)).toBe('use_dpop_nonce')
    expect((await ask(nonceOf(refused))).action).toBe('OK')
  })

  it('given any other refusal, then the nonce goes with it', async () => {
    const impostor = { ...client, clientSecret: 'wrong' }
    const refused = await talk.token(parameters, impostor, { dpop: await prove() })
    expect([refused.action, nonceOf(refused)]).toEqual(['INVALID_CLIENT', nonceOf(await ask())])
  })

  it('given the PAR endpoint, then A350308, and the nonce with 201 as well', async () => {
    const push = async (nonce?: string) => {
      const at = { htm: 'POST', htu: testEndpoints.pushedAuthReqEndpoint, now: strict.clock.now() }
      const dpop = await key.prove({ ...at, ...(nonce !== undefined && { nonce }) })
      return talk.push(authorizationParameters(client, 'v'.repeat(43)), client, { dpop })
    }
    const refused = await push()
    expect(refused).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A350308' })
    const created = await push(nonceOf(refused))
    expect([created.action, nonceOf(created)]).toEqual(['CREATED', nonceOf(refused)])
  })

  it('§9: given a resource, then 401 with the challenge use_dpop_nonce', async () => {
    const { access_token: token } = tokensOf(await ask(nonceOf(await ask())))
    const request = { htm: 'GET', htu: 'https://rs.example/notes' }
    const inspect = async (nonce?: string) => {
      const proven = { ...request, accessToken: token, now: strict.clock.now(), ...(nonce !== undefined && { nonce }) }
      return talk.inspect({ token, dpop: await key.prove(proven), ...request })
    }
    const refused = await inspect()
    expect(refused.action).toBe('UNAUTHORIZED')
    expect(contentOf(refused)).toMatch(/^DPoP error="use_dpop_nonce",/)
    const served = await inspect(nonceOf(refused))
    expect([served.action, nonceOf(served)]).toEqual(['OK', nonceOf(refused)])
    expect(nonceOf(await talk.userinfo(token))).toBe(nonceOf(refused))
    expect(nonceOf(await talk.manageGrant({ gmAction: 'QUERY', grantId: 'x', accessToken: token }))).toBe(
      nonceOf(refused),
    )
  })

  it('given a service that asks for none, then the front-end may, for one call', async () => {
    const dpopNonceRequired = true
    const refused = await redeem(confidential, { ...(await proofOf(key)), dpopNonceRequired })
    expect(errorOf(refused)).toBe('use_dpop_nonce')
    const proof = await proofOf(key, { claims: { nonce: nonceOf(refused) } })
    expect((await redeem(confidential, { ...proof, dpopNonceRequired })).action).toBe('OK')
    expect(await redeem(confidential, await proofOf(key))).not.toHaveProperty('dpopNonce')
  })
})

describe('RFC 9449 §6.1: a JWT access token', () => {
  it('says which key it is bound to, and its record says it as well', async () => {
    const hybrid = await openTestEngine({ ...settings, accessTokenSignAlg: 'ES256' })
    const talk = converse(hybrid)
    const client = await talk.registerClient()
    const at = { htm: 'POST', htu: testEndpoints.tokenEndpoint, now: hybrid.clock.now() }
    const parameters = { grant_type: 'client_credentials', scope: 'notes:read' }
    const { access_token } = tokensOf(await talk.token(parameters, client, { dpop: await key.prove(at) }))
    const path = { serviceId: String(hybrid.serviceId) }
    const jwks = await ask(hybrid.engine.GET('/api/{serviceId}/service/jwks/get', { params: { path } }))
    const { payload } = await jwtVerify(access_token, createLocalJWKSet(jwks), { currentDate: hybrid.clock.now() })
    expect(payload['cnf']).toEqual({ jkt: key.jkt })
    expect(await talk.introspect(access_token)).toMatchObject({ cnf: { jkt: key.jkt } })
    expect(await talk.inspect({ token: access_token })).toMatchObject({ resultCode: 'A065308' })
    await hybrid.close()
  })
})

function contentOf(answer: object): unknown {
  return 'responseContent' in answer ? answer.responseContent : undefined
}

function nonceOf(answer: object): string {
  return 'dpopNonce' in answer ? String(answer.dpopNonce) : ''
}
