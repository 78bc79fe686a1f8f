import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client, Service } from '../../sdk/types.ts'
import type { IssuedCertificate } from '../certificates.ts'
import { issueCertificate, makeAuthority } from '../certificates.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer } from './engine-under-test.ts'

const methods = [
  'NONE',
  'CLIENT_SECRET_BASIC',
  'CLIENT_SECRET_JWT',
  'PRIVATE_KEY_JWT',
  'TLS_CLIENT_AUTH',
  'SELF_SIGNED_TLS_CLIENT_AUTH',
] satisfies Service['supportedTokenAuthMethods']

let root: IssuedCertificate
let under: TestEngine
let withoutKey: TestEngine

beforeAll(async () => {
  root = await makeAuthority('Root')
  const settings: Service = {
    supportedTokenAuthMethods: methods,
    supportedRevocationAuthMethods: methods,
    supportedIntrospectionAuthMethods: methods.slice(1),
    trustedRootCertificates: [root.pem],
  }
  under = await openTestEngine(settings, undefined, randomBytes(32))
  withoutKey = await openTestEngine()
})

afterAll(async () => {
  expect([...under.failures, ...withoutKey.failures]).toEqual([])
  await under.close()
  await withoutKey.close()
})

/** What becomes of a service with these settings: its number is of no account here. */
function createService(settings: Service, { call } = under) {
  return call('POST', '/service/create', {
    body: { issuer: testIssuer, jwks: inject('serviceJwks'), ...testEndpoints, ...settings },
  })
}

function createClient(settings: Client, { call, serviceId } = under) {
  return call('POST', `/${serviceId}/client/create`, { body: settings })
}

async function metadataOf(settings: Service): Promise<Record<string, unknown>> {
  const { status, json } = await createService(settings)
  expect([status, json['resultMessage']]).toEqual([200, undefined])
  const params = { path: { serviceId: String(json['apiKey']) } }
  return ask(under.engine.GET('/api/{serviceId}/service/configuration', { params }))
}

describe('RFC 8705 §2.1: a service that takes certificates of authorities', () => {
  const pki: Service = { supportedTokenAuthMethods: ['TLS_CLIENT_AUTH'] }

  it('given no authority that it trusts, then 400, unless the operator says that somebody else validates', async () => {
    const { status, json } = await createService(pki)
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('trustedRootCertificates')])
    expect((await createService({ ...pki, mutualTlsValidatePkiCertChain: false })).status).toBe(200)
    expect((await createService({ ...pki, trustedRootCertificates: [root.pem] })).status).toBe(200)
  })

  it('given what is no authority, then 400 says which', async () => {
    const expired = { validFrom: new Date('2024-01-01T00:00:00Z'), validTo: new Date('2025-01-01T00:00:00Z') }
    const unfit = ['junk', '', (await issueCertificate({ by: root })).pem, (await makeAuthority('Old', expired)).pem]
    for (const pem of unfit) {
      const { status, json } = await createService({ trustedRootCertificates: [root.pem, pem] })
      expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('trustedRootCertificates')])
    }
  })

  it('given the roots, when the service is read again, then they are there', async () => {
    const { json } = await under.call('GET', `/${under.serviceId}/service/get`)
    expect(json).toMatchObject({ trustedRootCertificates: [root.pem], mutualTlsValidatePkiCertChain: true })
  })
})

describe('RFC 8705 §2.1.2: a client that is known by the name in its certificate', () => {
  const pki: Client = { tokenAuthMethod: 'TLS_CLIENT_AUTH' }

  it.each<Client>([
    { tlsClientAuthSubjectDn: 'CN=client.example,O=Example\\, Inc.,C=DE' },
    { tlsClientAuthSanDns: 'client.example' },
    { tlsClientAuthSanUri: 'https://client.example/id' },
    { tlsClientAuthSanIp: '2001:db8::7' },
    { tlsClientAuthSanEmail: 'ops@client.example' },
  ])('given %j, then it is taken, and there when it is read again', async (name) => {
    const { status, json } = await createClient({ ...pki, ...name })
    expect(status).toBe(201)
    expect(json).toMatchObject(name)
    expect(json).not.toHaveProperty('clientSecret')
  })

  it.each<[string, Client, string]>([
    ['no name', {}, 'exactly one of tlsClientAuthSubjectDn'],
    ['an empty name', { tlsClientAuthSanDns: '' }, 'exactly one of'],
    ['two names', { tlsClientAuthSanDns: 'client.example', tlsClientAuthSanIp: '192.0.2.7' }, 'exactly one of'],
    ['a subject that cannot be read', { tlsClientAuthSubjectDn: 'client.example' }, 'tlsClientAuthSubjectDn: '],
    ['a host that is none', { tlsClientAuthSanDns: 'client example' }, 'tlsClientAuthSanDns: '],
    ['a URI that is none', { tlsClientAuthSanUri: 'client.example' }, 'tlsClientAuthSanUri: '],
    ['an address that is none', { tlsClientAuthSanIp: '192.0.2.256' }, 'tlsClientAuthSanIp: '],
    ['an e-mail address that is none', { tlsClientAuthSanEmail: 'ops' }, 'tlsClientAuthSanEmail: '],
    [
      'a name for another method',
      { tokenAuthMethod: 'CLIENT_SECRET_BASIC', tlsClientAuthSanDns: 'client.example' },
      'tlsClientAuthSanDns: it goes with TLS_CLIENT_AUTH only',
    ],
  ])('given %s, then 400', async (_, settings, text) => {
    const { status, json } = await createClient({ ...pki, ...settings })
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining(text)])
  })
})

describe('RFC 8705 §2.2: a client that registers its certificate', () => {
  const selfSigned: Client = { tokenAuthMethod: 'SELF_SIGNED_TLS_CLIENT_AUTH' }
  const present = async (clientId: unknown, { pem }: IssuedCertificate) => {
    const parameters = new URLSearchParams({ client_id: String(clientId), token: '-' }).toString()
    const { json } = await under.call('POST', `/${under.serviceId}/auth/revocation`, {
      body: { parameters, clientCertificate: pem },
    })
    return json['action']
  }

  it('given no keys, then 400', async () => {
    const { status, json } = await createClient(selfSigned)
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('jwks: ')])
  })

  it('given a key by its name, then only that one counts', async () => {
    const [one, other] = [await issueCertificate(), await issueCertificate()]
    const jwks = JSON.stringify({
      keys: [
        { ...one.jwk, kid: 'one' },
        { ...other.jwk, kid: 'other' },
      ],
    })
    const { json } = await createClient({ ...selfSigned, jwks, selfSignedCertificateKeyId: 'one' })
    expect(await present(json['clientId'], one)).toBe('OK')
    expect(await present(json['clientId'], other)).toBe('INVALID_CLIENT')
    const both = await createClient({ ...selfSigned, jwks })
    for (const certificate of [one, other]) expect(await present(both.json['clientId'], certificate)).toBe('OK')
  })

  it('given a key that comes with its certificate, then only that certificate counts', async () => {
    const certificate = await issueCertificate()
    const renewed = await issueCertificate({ keys: certificate.keys })
    const x5c = [certificate.certificate.raw.toString('base64')]
    const { json } = await createClient({
      ...selfSigned,
      jwks: JSON.stringify({ keys: [{ ...certificate.jwk, x5c }] }),
    })
    expect(await present(json['clientId'], certificate)).toBe('OK')
    expect(await present(json['clientId'], renewed)).toBe('INVALID_CLIENT')
  })

  it('given the name of a key that is not there, or for another method, then 400', async () => {
    const { jwk } = await issueCertificate()
    const jwks = JSON.stringify({ keys: [{ ...jwk, kid: 'one' }] })
    for (const settings of [selfSigned, { tokenAuthMethod: 'PRIVATE_KEY_JWT' } as const]) {
      const { status, json } = await createClient({ ...settings, jwks, selfSignedCertificateKeyId: 'two' })
      expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('selfSignedCertificateKeyId')])
    }
  })
})

describe('OIDC Core §9: client_secret_jwt where nothing can be sealed', () => {
  it('given a service, then 400 names the variable', async () => {
    for (const settings of [
      { supportedTokenAuthMethods: ['CLIENT_SECRET_JWT'] },
      {
        supportedRevocationAuthMethods: ['CLIENT_SECRET_JWT'],
        supportedIntrospectionAuthMethods: ['CLIENT_SECRET_JWT'],
      },
    ] satisfies Service[]) {
      const { status, json } = await createService(settings, withoutKey)
      expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('ENGINE_ENCRYPTION_KEY')])
      expect((await createService(settings)).status).toBe(200)
    }
  })

  it('given a client of a service that another engine made, then the same', async () => {
    const { storage, clock, serviceId } = withoutKey
    const stored = await storage.findService(serviceId)
    const settings = { ...stored?.settings, supportedTokenAuthMethods: methods }
    await storage.replaceService(serviceId, settings, clock.now())
    clock.advance(2)
    const { status, json } = await createClient({ tokenAuthMethod: 'CLIENT_SECRET_JWT' }, withoutKey)
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('ENGINE_ENCRYPTION_KEY')])
  })
})

describe('RFC 8414 §2 and RFC 8705 §5: the metadata', () => {
  const asymmetric: unknown = expect.arrayContaining(['ES256', 'PS256'])
  const macs = ['HS256', 'HS384', 'HS512']

  it('given the methods of a service, then they are listed with the algorithms that go with them', async () => {
    const metadata = await metadataOf({
      supportedTokenAuthMethods: ['CLIENT_SECRET_JWT', 'SELF_SIGNED_TLS_CLIENT_AUTH'],
      supportedRevocationAuthMethods: ['TLS_CLIENT_AUTH', 'PRIVATE_KEY_JWT'],
      supportedIntrospectionAuthMethods: ['TLS_CLIENT_AUTH', 'PRIVATE_KEY_JWT'],
      trustedRootCertificates: [root.pem],
    })
    expect(metadata).toMatchObject({
      token_endpoint_auth_methods_supported: ['client_secret_jwt', 'self_signed_tls_client_auth'],
      token_endpoint_auth_signing_alg_values_supported: macs,
      revocation_endpoint_auth_methods_supported: ['tls_client_auth', 'private_key_jwt'],
      introspection_endpoint_auth_methods_supported: ['tls_client_auth', 'private_key_jwt'],
    })
    expect(metadata['revocation_endpoint_auth_signing_alg_values_supported']).toEqual(asymmetric)
    expect(metadata['revocation_endpoint_auth_signing_alg_values_supported']).not.toContain('HS256')
    expect(metadata).not.toHaveProperty('mtls_endpoint_aliases')
    expect(metadata).not.toHaveProperty('tls_client_certificate_bound_access_tokens')
  })

  it('given both kinds of assertions, then both kinds of algorithms', async () => {
    const supportedTokenAuthMethods: Service['supportedTokenAuthMethods'] = ['CLIENT_SECRET_JWT', 'PRIVATE_KEY_JWT']
    const metadata = await metadataOf({ supportedTokenAuthMethods })
    expect(metadata['token_endpoint_auth_signing_alg_values_supported']).toEqual(
      expect.arrayContaining(['ES256', ...macs]),
    )
  })

  it('given aliases and bound tokens, then they are there', async () => {
    const metadata = await metadataOf({
      tlsClientCertificateBoundAccessTokens: true,
      mtlsEndpointAliases: [
        { name: 'token_endpoint', uri: 'https://mtls.as.example/token' },
        { name: 'pushed_authorization_request_endpoint', uri: 'https://mtls.as.example/par' },
      ],
    })
    expect(metadata).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: 'https://mtls.as.example/token',
        pushed_authorization_request_endpoint: 'https://mtls.as.example/par',
      },
    })
    for (const name of Object.keys(metadata['mtls_endpoint_aliases'] ?? {})) expect(metadata).toHaveProperty(name)
  })

  it.each([
    ['the authorization endpoint', 'authorization_endpoint', 'https://mtls.as.example/authorize'],
    ['an endpoint that the service has not', 'grant_management_endpoint', 'https://mtls.as.example/gm'],
    ['what is no endpoint', 'jwks_uri', 'https://mtls.as.example/jwks'],
    ['a name that means something else', '__proto__', 'https://mtls.as.example/token'],
    ['an address without TLS', 'token_endpoint', 'http://mtls.as.example/token'],
  ])('given an alias for %s, then 400', async (_, name, uri) => {
    const { status, json } = await createService({ mtlsEndpointAliases: [{ name, uri }] })
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('mtlsEndpointAliases/0/')])
  })

  it('given two aliases for one endpoint, then 400', async () => {
    const alias = { name: 'token_endpoint', uri: 'https://mtls.as.example/token' }
    expect((await createService({ mtlsEndpointAliases: [alias, alias] })).status).toBe(400)
  })
})

describe('FAPI 2.0 §5.3.2.1: the clock skew', () => {
  it.each([0, 10, 30, 60])('given %d seconds, then they are taken', async (allowableClockSkew) => {
    expect((await createService({ allowableClockSkew })).status).toBe(200)
  })

  it.each([1, 9, 61, 600, -10])('given %d seconds, then 400', async (allowableClockSkew) => {
    expect((await createService({ allowableClockSkew })).status).toBe(400)
  })
})
