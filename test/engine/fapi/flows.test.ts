import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../sdk/engine.ts'
import { ask, connectEngine } from '../../../sdk/engine.ts'
import type { Client, Service } from '../../../sdk/types.ts'
import { issueCertificate } from '../../certificates.ts'
import { makeProofKey } from '../../dpop-proof.ts'
import { person } from '../../flows/person.ts'
import type { Identity, TlsServer } from '../../tls-server.ts'
import { startTlsServer } from '../../tls-server.ts'
import { makeDecryptionKey } from '../client-keys.ts'
import type { Manner, RelyingParty, Tokens } from './relying-party.ts'
import { onOauth4webapi, onOpenidClient } from './relying-party.ts'

const params = { path: { serviceId: '1000001' } }
const redirectUri = 'https://client.example/callback'
const minutes = 60_000

let server: TlsServer
let engine: Engine
let stranger: Identity

beforeAll(async () => {
  server = await startTlsServer()
  engine = connectEngine({ baseUrl: server.engineUrl, accessToken: 'dev-engine-token' })
  // For everybody it stays what it is; the clients below are held against the profiles.
  await change({ supportedServiceProfiles: ['FAPI'] })
  stranger = await makeIdentity()
})

afterAll(() => server.stop())

async function change(settings: Service): Promise<void> {
  const service = await ask(engine.GET('/api/{serviceId}/service/get', { params }))
  const body = { ...service, ...settings }
  await ask(engine.POST('/api/{serviceId}/service/update', { params, body }))
}

function makeIdentity() {
  const now = Date.now()
  return issueCertificate({ validFrom: new Date(now - minutes), validTo: new Date(now + 60 * minutes) })
}

/** A profile of FAPI, and a client as it wants it. */
interface Profile {
  title: string
  manner: Manner
  settings: Client
  /** By whom its certificate was issued: by an authority that the service trusts, or by itself. */
  certificate?: 'of an authority' | 'of itself'
  /** Message Signing of introspection: then the demo API, which takes unsigned answers, learns nothing. */
  signedIntrospection?: boolean
}

const withKey: Client = { tokenAuthMethod: 'PRIVATE_KEY_JWT', tokenAuthSignAlg: 'ES256' }
const byAuthority: Client = { tokenAuthMethod: 'TLS_CLIENT_AUTH', tlsClientAuthSanDns: 'client.localhost' }
const certificateBound: Client = { tlsClientCertificateBoundAccessTokens: true }
const signed: Client = { requestSignAlg: 'ES256', authorizationSignAlg: 'ES256' }

const messageSigning: Profile = {
  title: 'FAPI 2.0 Message Signing: request objects in PAR, JARM, DPoP, signed introspection',
  manner: {
    authentication: 'private_key_jwt',
    boundTo: 'key',
    pushed: true,
    signedRequest: true,
    signedResponse: true,
  },
  settings: {
    ...{ ...withKey, ...signed, dpopRequired: true },
    fapiModes: [
      'FAPI2_MESSAGE_SIGNING_AUTH_REQ',
      'FAPI2_MESSAGE_SIGNING_AUTH_RES',
      'FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES',
    ],
  },
  signedIntrospection: true,
}

const profiles: Profile[] = [
  {
    title: 'FAPI 2.0 Security Profile: private_key_jwt, PAR, DPoP',
    manner: { authentication: 'private_key_jwt', boundTo: 'key', pushed: true },
    settings: { ...withKey, dpopRequired: true, fapiModes: ['FAPI2_SECURITY'] },
  },
  {
    title: 'FAPI 2.0 Security Profile: tls_client_auth, PAR, tokens bound to the certificate',
    manner: { authentication: 'tls_client_auth', boundTo: 'certificate', pushed: true },
    settings: { ...byAuthority, ...certificateBound, fapiModes: ['FAPI2_SECURITY'] },
    certificate: 'of an authority',
  },
  {
    title: 'FAPI 2.0 Security Profile: self_signed_tls_client_auth, PAR, tokens bound to the certificate',
    manner: { authentication: 'tls_client_auth', boundTo: 'certificate', pushed: true },
    settings: {
      ...{ tokenAuthMethod: 'SELF_SIGNED_TLS_CLIENT_AUTH' },
      ...{ ...certificateBound, fapiModes: ['FAPI2_SECURITY'] },
    },
    certificate: 'of itself',
  },
  messageSigning,
  {
    title: 'FAPI 2.0 Security Profile: encrypted ID tokens',
    manner: { authentication: 'private_key_jwt', boundTo: 'key', pushed: true, encryptedIdToken: true },
    settings: {
      ...{ ...withKey, dpopRequired: true, fapiModes: ['FAPI2_SECURITY'] },
      ...{ idTokenEncryptionAlg: 'ECDH_ES_A256KW', idTokenEncryptionEnc: 'A256GCM' },
    },
  },
  {
    title: 'FAPI 1.0 Advanced: request object by value, JARM, mutual TLS',
    manner: {
      ...{ authentication: 'tls_client_auth', boundTo: 'certificate', pushed: false },
      ...{ signedRequest: true, signedResponse: true },
    },
    settings: { ...byAuthority, ...certificateBound, ...signed, fapiModes: ['FAPI1_ADVANCED'] },
    certificate: 'of an authority',
  },
  {
    title: 'FAPI 1.0 Advanced: request object in PAR, JARM, private_key_jwt, tokens bound to a certificate',
    manner: {
      ...{ authentication: 'private_key_jwt', boundTo: 'certificate', pushed: true },
      ...{ signedRequest: true, signedResponse: true },
    },
    settings: { ...withKey, ...certificateBound, ...signed, fapiModes: ['FAPI1_ADVANCED'] },
    certificate: 'of itself',
  },
]

const libraries = [
  ['openid-client', onOpenidClient],
  ['oauth4webapi', onOauth4webapi],
] as const

/** A client of the profile, registered and on a library. */
async function register({ manner, settings, certificate }: Profile, library: (typeof libraries)[number][1]) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const decryptionKey = await makeDecryptionKey('ECDH-ES+A256KW')
  const ofItself = await makeIdentity()
  const keys = [
    { ...(await exportJWK(publicKey)), kid: 'signing', use: 'sig', alg: 'ES256' },
    { ...decryptionKey.jwk, alg: 'ECDH-ES+A256KW' },
    // RFC 8705 §2.2.2: the key of the certificate, and the certificate with it.
    { ...ofItself.jwk, kid: 'certificate', x5c: [ofItself.certificate.raw.toString('base64')] },
  ]
  const body: Client = {
    ...{ clientName: 'Accounts in one place', clientType: 'CONFIDENTIAL', applicationType: 'WEB' },
    ...{ redirectUris: [redirectUri], responseTypes: ['CODE'], grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'] },
    ...{ idTokenSignAlg: 'ES256', jwks: JSON.stringify({ keys }) },
    ...settings,
  }
  const { clientId } = await ask(engine.POST('/api/{serviceId}/client/create', { params, body }))
  const identity = certificate && { 'of an authority': server.client, 'of itself': ofItself }[certificate]
  return library({
    ...{ issuer: new URL(server.issuer), clientId: String(clientId), redirectUri, scope: 'openid email notes:read' },
    ...{ fetch: server.fetchAs(identity), signingKey: { key: privateKey, kid: 'signing' }, decryptionKey, manner },
  })
}

/** Jane follows the client's link, signs in and allows what is asked. */
async function allow(url: URL): Promise<URL> {
  const jane = person(server.issuer, server.fetchAs())
  const page = await jane.decide(await jane.signIn(await jane.visit(url), 'jane'), 'allow', ['email', 'notes:read'])
  if (!page.sentTo) throw new Error(`The browser was not sent back:\n${page.html}`)
  return page.sentTo
}

/** Somebody who has the token, and nothing else that belongs to it. */
async function steal(address: string, accessToken: string, { boundTo }: Manner): Promise<number[]> {
  const proof = await (await makeProofKey()).prove({ htm: 'GET', htu: address, accessToken })
  const authorization = `Bearer ${accessToken}`
  const attempts =
    boundTo === 'key'
      ? [{ authorization: `DPoP ${accessToken}`, dpop: proof }, { authorization }]
      : [{ authorization }, { authorization: `DPoP ${accessToken}`, dpop: proof }]
  const thieves = [server.fetchAs(stranger), server.fetchAs()]
  const responses = thieves.flatMap((thief) => attempts.map((headers) => thief(address, { headers })))
  return (await Promise.all(responses)).map(({ status }) => status)
}

describe.each(libraries)('on %s, over TLS and through the pages', (_, library) => {
  it.each(profiles.map((profile) => [profile.title, profile] as const))('%s', async (_title, profile) => {
    await complete(profile, library)
  })

  it('RFC 9068: given access tokens that are JWTs, then the API verifies them and what they are bound to', async () => {
    await change({ accessTokenSignAlg: 'ES256' })
    try {
      for (const profile of profiles.slice(0, 2)) {
        const { accessToken } = await complete(profile, library)
        const { boundTo } = profile.manner
        expect(Object.keys(decodeJwt(accessToken)['cnf'] ?? {})).toEqual([boundTo === 'key' ? 'jkt' : 'x5t#S256'])
      }
    } finally {
      await change({ accessTokenSignAlg: null })
    }
  })
})

/** From the request to the demo API. */
async function complete(profile: Profile, library: (typeof libraries)[number][1]): Promise<Tokens> {
  const { manner, signedIntrospection = false } = profile
  const party = await register(profile, library)
  const link = await party.begin()
  if (manner.pushed) expect([...link.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
  const answer = await allow(link)
  expect(`${answer.origin}${answer.pathname}`).toBe(redirectUri)
  expect([...answer.searchParams.keys()]).toEqual(manner.signedResponse ? ['response'] : ['code', 'state', 'iss'])
  const tokens = await party.finish(answer)
  // RFC 7516 §7.1: five parts are encrypted.
  expect(tokens.idToken.split('.')).toHaveLength(manner.encryptedIdToken ? 5 : 3)
  await use(party, tokens, manner, signedIntrospection)
  return tokens
}

/** A bound token is good for the client, at userinfo and at the API, and for nobody else. */
async function use(party: RelyingParty, tokens: Tokens, manner: Manner, signedIntrospection: boolean): Promise<void> {
  expect(await party.userinfo(tokens)).toMatchObject({ sub: tokens.sub, email: 'jane@example.org' })
  const origin = manner.boundTo === 'certificate' ? server.mutualTlsOrigin : server.issuer
  expect(await steal(`${origin}/oauth/userinfo`, tokens.accessToken, manner)).toEqual([401, 401, 401, 401])
  if (signedIntrospection) {
    const said = await introspect(tokens.accessToken)
    expect(said).toMatchObject({ active: true, sub: tokens.sub, scope: 'openid email notes:read' })
    expect(said.cnf?.['jkt']).toMatch(/^[\w-]{43}$/)
  } else {
    const notes = `${server.demoApiUrl}/notes`
    expect(await party.call(new URL(notes), tokens)).toBe(200)
    expect(await steal(notes, tokens.accessToken, manner)).toEqual([401, 401, 401, 401])
  }
}

/** RFC 9701: a resource server that registered for signed answers, and verifies them. */
async function introspect(accessToken: string): Promise<oidc.IntrospectionResponse> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  // §5: the library looks for its client_id in `aud`, so this resource server is known by one name.
  const clientIdAlias = 'urn:example:api'
  const attributes = Object.entries({
    ...{ resource_server: 'true', resource_server_uri: clientIdAlias },
    introspection_signed_response_alg: 'ES256',
  }).map(([key, value]) => ({ key, value }))
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'signing', alg: 'ES256' }] })
  const path = { ...params.path, clientId: clientIdAlias }
  const body: Client = { ...withKey, clientIdAlias, clientType: 'CONFIDENTIAL', grantTypes: [], attributes, jwks }
  await ask(engine.POST('/api/{serviceId}/client/create', { params, body }))
  try {
    const metadata = { introspection_signed_response_alg: 'ES256' }
    const fetch = server.fetchAs()
    const config = await oidc.discovery(
      ...([new URL(server.issuer), clientIdAlias, metadata, oidc.PrivateKeyJwt(privateKey)] as const),
      { [oidc.customFetch]: (url, { body: sent, ...init }) => fetch(url, { ...init, ...(sent && { body: sent }) }) },
    )
    oidc.enableNonRepudiationChecks(config)
    return await oidc.tokenIntrospection(config, accessToken)
  } finally {
    await engine.DELETE('/api/{serviceId}/client/delete/{clientId}', { params: { path } })
  }
}
