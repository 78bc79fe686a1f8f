import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client, Service } from '../../sdk/types.ts'
import { thumbprintOf } from '../../server/engine/protocol/certificate.ts'
import type { IssuedCertificate } from '../certificates.ts'
import { issueCertificate } from '../certificates.ts'
import type { ProofKey } from '../dpop-proof.ts'
import { makeProofKey } from '../dpop-proof.ts'
import type { Conversation, Proof, RegisteredTestClient, TokenResponse } from './conversation.ts'
import { codeParameters, converse, errorOf, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'

const gmEndpoint = `${testIssuer}/oauth/gm`
const settings: Service = {
  supportedScopes: [...testScopes, { name: 'grant_management_query' }],
  grantManagementEndpoint: gmEndpoint,
  tlsClientCertificateBoundAccessTokens: true,
}

let under: TestEngine
let engine: Conversation
let bound: RegisteredTestClient
let publicClient: RegisteredTestClient
let free: RegisteredTestClient
let certificate: IssuedCertificate
let otherCertificate: IssuedCertificate
let key: ProofKey

const binding: Client = { tlsClientCertificateBoundAccessTokens: true }
const isPublic: Client = {
  clientType: 'PUBLIC',
  tokenAuthMethod: 'NONE',
  grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
}

beforeAll(async () => {
  under = await openTestEngine(settings)
  engine = converse(under)
  bound = await engine.registerClient(binding)
  publicClient = await engine.registerClient({ ...binding, ...isPublic })
  free = await engine.registerClient()
  certificate = await issueCertificate()
  otherCertificate = await issueCertificate()
  key = await makeProofKey()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const presenting = ({ pem }: IssuedCertificate): Proof => ({ clientCertificate: pem })
const thumbprint = ({ certificate: one }: IssuedCertificate) => thumbprintOf(one)
const clientIsPublic = ({ clientId }: RegisteredTestClient) => clientId === publicClient.clientId
const credentialsOf = (client: RegisteredTestClient) => (clientIsPublic(client) ? undefined : client)
const named = (client: RegisteredTestClient, parameters: Record<string, string>) =>
  clientIsPublic(client) ? { ...parameters, client_id: client.clientId } : parameters

async function redeem(client: RegisteredTestClient, proof?: Proof, parameters: Record<string, string> = {}) {
  const { code, codeVerifier } = await engine.obtainCode(client, { parameters })
  return engine.token(named(client, codeParameters(client, code, codeVerifier)), credentialsOf(client), proof)
}

async function obtain(client = bound, parameters: Record<string, string> = {}): Promise<TokenResponse> {
  return tokensOf(await redeem(client, presenting(certificate), parameters))
}

const refresh = (client: RegisteredTestClient, { refresh_token = '' }: TokenResponse, proof?: Proof) =>
  engine.token(named(client, { grant_type: 'refresh_token', refresh_token }), credentialsOf(client), proof)

const dpopProof = (accessToken?: string, htm = 'POST', htu: string = testEndpoints.tokenEndpoint) =>
  key.prove({ htm, htu, now: under.clock.now(), ...(accessToken !== undefined && { accessToken }) })

async function change(update: Service): Promise<void> {
  const params = { path: { serviceId: String(under.serviceId) } }
  const service = await ask(under.engine.GET('/api/{serviceId}/service/get', { params }))
  await ask(under.engine.POST('/api/{serviceId}/service/update', { params, body: { ...service, ...update } }))
}

describe('RFC 8705 §3: access tokens are bound to the certificate of the client', () => {
  it('given a client that is registered for it, then a bearer token that says which certificate it takes', async () => {
    const answer = await redeem(bound, presenting(certificate))
    expect(jsonOf(answer)['token_type']).toBe('Bearer')
    expect(await engine.introspect(tokensOf(answer).access_token)).toMatchObject({
      active: true,
      token_type: 'Bearer',
      cnf: { 'x5t#S256': thumbprint(certificate) },
    })
  })

  it('given the client credentials grant, then the same', async () => {
    const request = { grant_type: 'client_credentials', scope: 'notes:read' }
    const { access_token } = tokensOf(await engine.token(request, bound, presenting(certificate)))
    expect((await engine.introspect(access_token))['cnf']).toEqual({ 'x5t#S256': thumbprint(certificate) })
    expect(errorOf(await engine.token(request, bound))).toBe('invalid_request')
  })

  it.each(['no certificate', 'something that is none'])(
    'given %s, then invalid_request, and the code can still be used',
    async (name) => {
      const { code, codeVerifier } = await engine.obtainCode(bound)
      const parameters = codeParameters(bound, code, codeVerifier)
      const proof = name === 'no certificate' ? undefined : { clientCertificate: 'junk' }
      const refused = await engine.token(parameters, bound, proof)
      expect(refused).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A957350' })
      expect(errorOf(refused)).toBe('invalid_request')
      expect((await engine.token(parameters, bound, presenting(certificate))).action).toBe('OK')
    },
  )

  it('given a client that is not registered for it, then its certificate binds nothing', async () => {
    const { access_token } = tokensOf(await redeem(free, presenting(certificate)))
    expect(await engine.introspect(access_token)).not.toHaveProperty('cnf')
    expect((await engine.inspect({ token: access_token })).action).toBe('OK')
  })

  it('given a DPoP proof as well, then both bind', async () => {
    const answer = await redeem(bound, { ...presenting(certificate), dpop: await dpopProof() })
    const { access_token } = tokensOf(answer)
    expect(await engine.introspect(access_token)).toMatchObject({
      token_type: 'DPoP',
      cnf: { jkt: key.jkt, 'x5t#S256': thumbprint(certificate) },
    })
    const request = { htm: 'GET', htu: 'https://api.example/notes' }
    const inspect = async (clientCertificate: string, isProven: boolean) => {
      const dpop = isProven ? { dpop: await dpopProof(access_token, request.htm, request.htu) } : {}
      return (await engine.inspect({ token: access_token, ...request, clientCertificate, ...dpop })).action
    }
    expect(await inspect(certificate.pem, true)).toBe('OK')
    expect(await inspect(certificate.pem, false)).toBe('UNAUTHORIZED')
    expect(await inspect(otherCertificate.pem, true)).toBe('UNAUTHORIZED')
  })

  it('given a service that signs access tokens, then they say what they are bound to', async () => {
    await change({ accessTokenSignAlg: 'ES256' })
    try {
      const { access_token } = await obtain()
      const { json } = await under.call('GET', `/${under.serviceId}/service/jwks/get`)
      const isKeySet = (value: unknown): value is { keys: [] } =>
        typeof value === 'object' && value !== null && 'keys' in value
      const keys = isKeySet(json) ? json : { keys: [] }
      const options = { currentDate: under.clock.now() }
      const { payload } = await jwtVerify(access_token, createLocalJWKSet(keys), options)
      expect(payload['cnf']).toEqual({ 'x5t#S256': thumbprint(certificate) })
      const clientCertificate = otherCertificate.pem
      expect((await engine.inspect({ token: access_token, clientCertificate })).action).toBe('UNAUTHORIZED')
    } finally {
      await change({ accessTokenSignAlg: null })
    }
  })

  it('given a service that does not bind any more, then the client gets nothing that it believes to be bound', async () => {
    await change({ tlsClientCertificateBoundAccessTokens: false })
    try {
      const refused = await redeem(bound, presenting(certificate))
      expect(refused).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A957351' })
    } finally {
      await change({ tlsClientCertificateBoundAccessTokens: true })
    }
  })

  it('given a service that does not bind, when a client registers for it, then it is told', async () => {
    await change({ tlsClientCertificateBoundAccessTokens: false })
    try {
      await expect(engine.registerClient(binding)).rejects.toThrow('tlsClientCertificateBoundAccessTokens')
    } finally {
      await change({ tlsClientCertificateBoundAccessTokens: true })
    }
  })
})

describe('RFC 8705 §3: a bound access token is used with its certificate', () => {
  let tokens: TokenResponse

  beforeAll(async () => {
    tokens = await obtain(bound, { scope: 'openid email grant_management_query', grant_management_action: 'create' })
  })

  const uses: Record<string, (proof: Proof) => Promise<{ action: string; resultCode: string }>> = {
    introspection: (proof) => engine.inspect({ token: tokens.access_token, ...proof }),
    userinfo: (proof) => engine.userinfo(tokens.access_token, proof),
    'grant management': (proof) =>
      engine.manageGrant({ gmAction: 'QUERY', grantId: 'any', accessToken: tokens.access_token, ...proof }),
  }

  it.each(Object.entries(uses))('given that one at %s, then it is served', async (_, use) => {
    // There is no such grant, and only who may ask is told so.
    expect(['OK', 'NOT_FOUND']).toContain((await use(presenting(certificate))).action)
  })

  it.each(Object.entries(uses))('given none, another or junk at %s, then invalid_token', async (_, use) => {
    for (const [proof, resultCode] of [
      [{}, 'A957352'],
      [{ clientCertificate: 'junk' }, 'A957352'],
      [presenting(otherCertificate), 'A957353'],
    ] as const) {
      const answer = await use(proof)
      expect(answer).toMatchObject({ action: 'UNAUTHORIZED', resultCode })
      expect('responseContent' in answer && answer.responseContent).toMatch(/^Bearer error="invalid_token"/)
    }
  })

  it('given introspection by the engine, then it names the certificate', async () => {
    const answer = await engine.inspect({ token: tokens.access_token, ...presenting(certificate) })
    expect(answer).toMatchObject({ certificateThumbprint: thumbprint(certificate) })
  })
})

describe('RFC 8705 §4: refresh tokens', () => {
  it('given a public client, then its refresh token takes the certificate that it was obtained with', async () => {
    const tokens = await obtain(publicClient)
    const other = await refresh(publicClient, tokens, presenting(otherCertificate))
    expect([errorOf(other), other.resultCode]).toEqual(['invalid_grant', 'A953307'])
    expect(errorOf(await refresh(publicClient, tokens))).toBe('invalid_request')
    const next = tokensOf(await refresh(publicClient, tokens, presenting(certificate)))
    expect((await engine.introspect(next.access_token))['cnf']).toEqual({ 'x5t#S256': thumbprint(certificate) })
    expect(errorOf(await refresh(publicClient, next, presenting(otherCertificate)))).toBe('invalid_grant')
  })

  it('given a confidential client, then any certificate does, and the new token is bound to that', async () => {
    const tokens = await obtain()
    const next = tokensOf(await refresh(bound, tokens, presenting(otherCertificate)))
    expect((await engine.introspect(next.access_token))['cnf']).toEqual({ 'x5t#S256': thumbprint(otherCertificate) })
    expect(errorOf(await refresh(bound, next))).toBe('invalid_request')
  })

  it('given a client that is not registered for it any more, then what was bound stays bound', async () => {
    const leaving = await engine.registerClient(binding)
    const tokens = await obtain(leaving)
    const params = { path: { serviceId: String(under.serviceId), clientId: leaving.clientId } }
    const client = await ask(under.engine.GET('/api/{serviceId}/client/get/{clientId}', { params }))
    const body = { ...client, tlsClientCertificateBoundAccessTokens: false }
    await ask(under.engine.POST('/api/{serviceId}/client/update/{clientId}', { params, body }))
    expect(errorOf(await refresh(leaving, tokens))).toBe('invalid_request')
    const next = tokensOf(await refresh(leaving, tokens, presenting(certificate)))
    expect((await engine.introspect(next.access_token))['cnf']).toEqual({ 'x5t#S256': thumbprint(certificate) })
  })

  it('given refresh tokens that are kept, then the first certificate binds that of a public client', async () => {
    const joining = await engine.registerClient(isPublic)
    const as = (parameters: Record<string, string>) => ({ ...parameters, client_id: joining.clientId })
    const { code, codeVerifier } = await engine.obtainCode(joining)
    const tokens = tokensOf(await engine.token(as(codeParameters(joining, code, codeVerifier))))
    const params = { path: { serviceId: String(under.serviceId), clientId: joining.clientId } }
    const client = await ask(under.engine.GET('/api/{serviceId}/client/get/{clientId}', { params }))
    const body = { ...client, ...binding }
    await ask(under.engine.POST('/api/{serviceId}/client/update/{clientId}', { params, body }))
    await change({ refreshTokenKept: true })
    try {
      const renew = (refresh_token = '', proof?: Proof) =>
        engine.token(as({ grant_type: 'refresh_token', refresh_token }), undefined, proof)
      const next = tokensOf(await renew(tokens.refresh_token, presenting(certificate)))
      expect(next.refresh_token).not.toBe(tokens.refresh_token)
      expect(errorOf(await renew(next.refresh_token, presenting(otherCertificate)))).toBe('invalid_grant')
      const kept = tokensOf(await renew(next.refresh_token, presenting(certificate)))
      expect(kept.refresh_token).toBe(next.refresh_token)
    } finally {
      await change({ refreshTokenKept: false })
    }
  })
})
