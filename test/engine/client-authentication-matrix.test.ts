import { randomBytes, randomUUID } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { exportJWK, exportSPKI, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client, Question, Service } from '../../sdk/types.ts'
import type { IssuedCertificate } from '../certificates.ts'
import { issueCertificate, makeAuthority } from '../certificates.ts'
import type { AssertionSigner } from '../client-assertion.ts'
import { makeClientAssertion } from '../client-assertion.ts'
import type { RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, converse, errorOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer } from './engine-under-test.ts'

const confidential = [
  'CLIENT_SECRET_BASIC',
  'CLIENT_SECRET_POST',
  'CLIENT_SECRET_JWT',
  'PRIVATE_KEY_JWT',
  'TLS_CLIENT_AUTH',
  'SELF_SIGNED_TLS_CLIENT_AUTH',
] as const satisfies Service['supportedTokenAuthMethods']
const methods = ['NONE', ...confidential] as const
type Method = (typeof methods)[number]

/** What a request presents: in its form, and beside it. */
interface Presented {
  form?: Record<string, string>
  beside?: Pick<Question<'auth_token_api'>, 'clientId' | 'clientSecret' | 'clientCertificate' | 'clientCertificatePath'>
}

/** A client with all that it could authenticate with. */
interface Party extends RegisteredTestClient {
  secret: string
  certificate: IssuedCertificate
  expiredCertificate: IssuedCertificate
  keys: { privateKey: CryptoKey; publicKey: CryptoKey }
}

let under: TestEngine
let intermediate: IssuedCertificate
let otherAuthority: IssuedCertificate
const parties = new Map<Method, { client: Party; other: Party }>()

beforeAll(async () => {
  const root = await makeAuthority('Root')
  intermediate = await makeAuthority('Intermediate', { by: root })
  otherAuthority = await makeAuthority('Intermediate')
  const settings: Service = {
    supportedTokenAuthMethods: [...methods],
    supportedRevocationAuthMethods: [...methods],
    supportedIntrospectionAuthMethods: [...confidential],
    trustedRootCertificates: [root.pem],
    mtlsEndpointAliases: [
      { name: 'token_endpoint', uri: aliasOf('token') },
      { name: 'pushed_authorization_request_endpoint', uri: aliasOf('par') },
      { name: 'userinfo_endpoint', uri: aliasOf('userinfo') },
    ],
  }
  under = await openTestEngine(settings, undefined, randomBytes(32))
  for (const method of methods) {
    parties.set(method, { client: await register(method, 'client'), other: await register(method, 'other') })
  }
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

/** RFC 8705 §5. */
function aliasOf(endpoint: string): string {
  return `https://mtls.as.example/oauth/${endpoint}`
}

async function register(method: Method, name: string): Promise<Party> {
  const subject = [{ C: ['DE'] }, { O: ['Example'] }, { CN: [`${name}.example`] }]
  const by = method === 'SELF_SIGNED_TLS_CLIENT_AUTH' ? undefined : intermediate
  const certificate = await issueCertificate({ subject, ...(by && { by }) })
  const { keys: certificateKeys } = certificate
  const lastYear = { validFrom: new Date('2025-01-01T00:00:00Z'), validTo: new Date('2025-12-31T00:00:00Z') }
  const expiredCertificate = await issueCertificate({
    subject,
    ...(by && { by }),
    keys: certificateKeys,
    ...lastYear,
  })
  const keys = await generateKeyPair('ES256', { extractable: true })
  const jwk = method === 'SELF_SIGNED_TLS_CLIENT_AUTH' ? certificate.jwk : await exportJWK(keys.publicKey)
  const ofMethod: Partial<Record<Method, Client>> = {
    NONE: { clientType: 'PUBLIC' },
    PRIVATE_KEY_JWT: { jwks: JSON.stringify({ keys: [jwk] }) },
    TLS_CLIENT_AUTH: { tlsClientAuthSubjectDn: `CN=${name}.example,O=Example,C=DE` },
    SELF_SIGNED_TLS_CLIENT_AUTH: { jwks: JSON.stringify({ keys: [jwk] }) },
  }
  const client = await converse(under).registerClient({
    tokenAuthMethod: method,
    grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    ...ofMethod[method],
  })
  // A method that has no secret is tried with one that was set for the client all the same.
  const secret = client.clientSecret === '' ? await refreshSecret(client.clientId) : client.clientSecret
  return { ...client, secret, certificate, expiredCertificate, keys }
}

async function refreshSecret(clientIdentifier: string): Promise<string> {
  const params = { path: { serviceId: String(under.serviceId), clientIdentifier } }
  const answer = await ask(under.engine.GET('/api/{serviceId}/client/secret/refresh/{clientIdentifier}', { params }))
  return answer.newClientSecret
}

const unknownToken = 'not-a-token'

type Endpoint = `the ${'token' | 'PAR' | 'introspection' | 'revocation'} endpoint`
type Ask = (presented: Presented, pair: { client: Party }) => Promise<string>

/** A request that a client makes at each endpoint: only authentication decides what becomes of it. */
const endpoints: Record<Endpoint, Ask> = {
  'the token endpoint': async ({ form = {}, beside }) => {
    const parameters = encode({ grant_type: 'refresh_token', refresh_token: unknownToken, ...form })
    const answer = await ask(under.engine.POST('/api/{serviceId}/auth/token', to({ parameters, ...beside })))
    const error = errorOf(answer)
    // The grant is looked at after the client.
    return error === 'invalid_grant' ? 'authenticated' : `${answer.action} ${error}`
  },
  'the PAR endpoint': async ({ form = {}, beside }, { client }) => {
    // Who the client is, is for the credentials to say.
    const request = Object.entries(authorizationParameters(client, 'v'.repeat(43)))
    const anonymous = Object.fromEntries(request.filter(([name]) => name !== 'client_id'))
    const parameters = encode({ ...anonymous, ...form })
    const answer = await ask(under.engine.POST('/api/{serviceId}/pushed_auth_req', to({ parameters, ...beside })))
    return answer.action === 'CREATED' ? 'authenticated' : `${answer.action} ${errorOf(answer)}`
  },
  // As the front-end does it, which asks with the credentials of the resource server and a token that cannot exist.
  'the introspection endpoint': async ({ form = {}, beside }) => {
    const parameters = encode({ ...form, token: '-' })
    const answer = await ask(under.engine.POST('/api/{serviceId}/auth/revocation', to({ parameters, ...beside })))
    return answer.action === 'OK' ? 'authenticated' : `${answer.action} ${errorOf(answer)}`
  },
  'the revocation endpoint': async ({ form = {}, beside }) => {
    const parameters = encode({ ...form, token: unknownToken, token_type_hint: 'refresh_token' })
    const answer = await ask(under.engine.POST('/api/{serviceId}/auth/revocation', to({ parameters, ...beside })))
    return answer.action === 'OK' ? 'authenticated' : `${answer.action} ${errorOf(answer)}`
  },
}
const endpointNames: Endpoint[] = [
  'the token endpoint',
  'the PAR endpoint',
  'the introspection endpoint',
  'the revocation endpoint',
]

/** How an endpoint says that a client is not who it says it is. */
const refusalAt: Record<Endpoint, string> = {
  'the token endpoint': 'INVALID_CLIENT invalid_client',
  'the PAR endpoint': 'UNAUTHORIZED invalid_client',
  'the introspection endpoint': 'INVALID_CLIENT invalid_client',
  'the revocation endpoint': 'INVALID_CLIENT invalid_client',
}

function to<Body>(body: Body) {
  return { params: { path: { serviceId: String(under.serviceId) } }, body }
}

function encode(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString()
}

// What can be presented, right or wrong.

const named = ({ clientId }: Party): Presented => ({ form: { client_id: clientId } })
const inHeader = ({ clientId }: Party, secret: string): Presented => ({ beside: { clientId, clientSecret: secret } })
const inBody = ({ clientId }: Party, secret: string): Presented => ({
  form: { client_id: clientId, client_secret: secret },
})
const withCertificate = ({ clientId }: Party, { pem }: IssuedCertificate): Presented => ({
  form: { client_id: clientId },
  beside: { clientCertificate: pem, clientCertificatePath: [intermediate.pem] },
})

function asserted(assertion: string): Presented {
  return {
    form: {
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    },
  }
}

const bySecret = ({ clientId, secret }: Party): AssertionSigner => ({
  clientId,
  key: Buffer.from(secret),
  alg: 'HS256',
})
const byKey = ({ clientId, keys }: Party): AssertionSigner => ({ clientId, key: keys.privateKey, alg: 'ES256' })

async function assertion(
  signer: AssertionSigner,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<Presented> {
  const now = under.clock.now()
  return asserted(await makeClientAssertion(signer, { aud: testIssuer, now }, { claims, header }))
}

const inSeconds = (seconds: number) => Math.floor(under.clock.now().getTime() / 1000) + seconds

type Cases = Record<string, (pair: { client: Party; other: Party }) => Presented | Promise<Presented>>

const right: Record<Method, Cases> = {
  NONE: {
    'an empty secret in the header': ({ client }) => inHeader(client, ''),
    'its name': ({ client }) => named(client),
    'its name and a certificate, which tokens may be bound to': ({ client }) =>
      withCertificate(client, client.certificate),
  },
  CLIENT_SECRET_BASIC: { 'its secret': ({ client }) => inHeader(client, client.secret) },
  CLIENT_SECRET_POST: { 'its secret': ({ client }) => inBody(client, client.secret) },
  CLIENT_SECRET_JWT: {
    'an assertion': ({ client }) => assertion(bySecret(client)),
    'an assertion of a longer hash': ({ client }) => assertion({ ...bySecret(client), alg: 'HS512' }),
    'one issued 8 seconds ahead': ({ client }) => assertion(bySecret(client), { iat: inSeconds(8), nbf: inSeconds(8) }),
  },
  PRIVATE_KEY_JWT: {
    'an assertion': ({ client }) => assertion(byKey(client)),
    'one that says what it is': ({ client }) => assertion(byKey(client), {}, { typ: 'client-authentication+jwt' }),
    'one issued 8 seconds ahead': ({ client }) => assertion(byKey(client), { iat: inSeconds(8), nbf: inSeconds(8) }),
  },
  TLS_CLIENT_AUTH: { 'its certificate': ({ client }) => withCertificate(client, client.certificate) },
  SELF_SIGNED_TLS_CLIENT_AUTH: {
    'its certificate': ({ client }) => withCertificate(client, client.certificate),
    'another certificate with its key': async ({ client }) =>
      withCertificate(client, await issueCertificate({ keys: client.certificate.keys })),
  },
}

/** RFC 7523 §3: what is wrong with an assertion, whoever signed it. */
function wrongAssertions(by: (party: Party) => AssertionSigner): Cases {
  return {
    'an assertion that somebody changed': async ({ client }) => {
      const { form } = await assertion(by(client))
      const [header = '', , signature = ''] = (form?.['client_assertion'] ?? '').split('.')
      const claims = { iss: client.clientId, sub: client.clientId, aud: testIssuer, jti: 'x', exp: inSeconds(30) }
      return asserted(`${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`)
    },
    'an assertion that another client signed': ({ client, other }) =>
      assertion({ ...by(other), clientId: client.clientId }),
    "another client's assertion, beside its own name": async ({ client, other }) => {
      const { form } = await assertion(by(other))
      return { form: { ...form, client_id: client.clientId } }
    },
    'an assertion that has expired': ({ client }) => assertion(by(client), { exp: inSeconds(-11) }),
    'an assertion that never expires': ({ client }) => assertion(by(client), { exp: undefined }),
    'an assertion for ten years': ({ client }) => assertion(by(client), { exp: inSeconds(315_360_000) }),
    'an assertion from the future': ({ client }) => assertion(by(client), { iat: inSeconds(61) }),
    'an assertion for the future': ({ client }) => assertion(by(client), { nbf: inSeconds(61) }),
    'an assertion without jti': ({ client }) => assertion(by(client), { jti: undefined }),
    'an assertion without iss': ({ client }) => assertion(by(client), { iss: undefined }),
    'an assertion without sub': ({ client }) => assertion(by(client), { sub: undefined }),
    'an assertion of another issuer': ({ client, other }) => assertion(by(client), { iss: other.clientId }),
    'an access token of its own making': ({ client }) => assertion(by(client), {}, { typ: 'at+jwt' }),
    'a request object': ({ client }) => assertion(by(client), {}, { typ: 'oauth-authz-req+jwt' }),
    'an assertion that nobody signed': ({ client }) => {
      const claims = { iss: client.clientId, sub: client.clientId, aud: testIssuer, jti: 'y', exp: inSeconds(30) }
      const parts = [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      return asserted(`${parts.join('.')}.`)
    },
    'its name alone': ({ client }) => named(client),
    'its secret in the header': ({ client }) => inHeader(client, client.secret),
    'its secret in the body': ({ client }) => inBody(client, client.secret),
    'a certificate': ({ client }) => withCertificate(client, client.certificate),
  }
}

/** What a client of RFC 8705 cannot get by with. */
const notItsCertificate: Cases = {
  'no certificate': ({ client }) => named(client),
  'something that is no certificate': ({ client }) => ({ ...named(client), beside: { clientCertificate: 'junk' } }),
  "another client's certificate": ({ client, other }) => withCertificate(client, other.certificate),
  'its certificate when that had expired': ({ client }) => withCertificate(client, client.expiredCertificate),
  'its secret in the header': ({ client }) => inHeader(client, client.secret),
  'its secret in the header beside its certificate': ({ client }) => ({
    beside: { ...inHeader(client, client.secret).beside, clientCertificate: client.certificate.pem },
  }),
  'its secret in the body': ({ client }) => inBody(client, client.secret),
  'an assertion': ({ client }) => assertion(byKey(client)),
}

const wrong: Record<Method, Cases> = {
  NONE: {
    'the name of nobody': () => ({ form: { client_id: 'nobody' } }),
    'no name': () => ({}),
    'a secret in the header': ({ client }) => inHeader(client, client.secret),
    'a secret in the body': ({ client }) => inBody(client, client.secret),
    'an assertion': ({ client }) => assertion(byKey(client)),
  },
  CLIENT_SECRET_BASIC: {
    'a wrong secret': ({ client }) => inHeader(client, `${client.secret}x`),
    'an empty secret': ({ client }) => inHeader(client, ''),
    "another client's secret": ({ client, other }) => inHeader(client, other.secret),
    'its secret in the body': ({ client }) => inBody(client, client.secret),
    'its name alone': ({ client }) => named(client),
    'an assertion': ({ client }) => assertion(bySecret(client)),
    'a certificate': ({ client }) => withCertificate(client, client.certificate),
  },
  CLIENT_SECRET_POST: {
    'a wrong secret': ({ client }) => inBody(client, `${client.secret}x`),
    'an empty secret': ({ client }) => inBody(client, ''),
    "another client's secret": ({ client, other }) => inBody(client, other.secret),
    'its secret in the header': ({ client }) => inHeader(client, client.secret),
    'its name alone': ({ client }) => named(client),
    'an assertion': ({ client }) => assertion(bySecret(client)),
    'a certificate': ({ client }) => withCertificate(client, client.certificate),
  },
  CLIENT_SECRET_JWT: {
    ...wrongAssertions(bySecret),
    'an assertion signed with a key': ({ client }) => assertion(byKey(client)),
    'an assertion signed with nothing': ({ client }) => assertion({ ...bySecret(client), key: new Uint8Array(32) }),
  },
  PRIVATE_KEY_JWT: {
    ...wrongAssertions(byKey),
    'an assertion signed with its secret': ({ client }) => assertion(bySecret(client)),
    'an assertion for which its public key was taken for a secret': async ({ client }) =>
      assertion({ ...bySecret(client), key: Buffer.from(await exportSPKI(client.keys.publicKey)) }),
    'an assertion with the key in its header': async ({ client, other }) =>
      assertion({ ...byKey(other), clientId: client.clientId }, {}, { jwk: await exportJWK(other.keys.publicKey) }),
  },
  TLS_CLIENT_AUTH: {
    ...notItsCertificate,
    'a certificate of its name from another authority': async ({ client }) => {
      const { subject } = client.certificate
      const foreign = await issueCertificate({ subject, by: otherAuthority })
      const { beside } = withCertificate(client, foreign)
      return { ...named(client), beside: { ...beside, clientCertificatePath: [otherAuthority.pem, intermediate.pem] } }
    },
    'its certificate without the authority in between': ({ client }) => ({
      ...named(client),
      beside: { clientCertificate: client.certificate.pem },
    }),
    'a certificate with its names in another order': async ({ client }) => {
      const subject = [...client.certificate.subject].reverse()
      return withCertificate(client, await issueCertificate({ subject, by: intermediate }))
    },
    'a certificate with its common name alone': async ({ client }) => {
      const subject = client.certificate.subject.slice(-1)
      return withCertificate(client, await issueCertificate({ subject, by: intermediate }))
    },
    'a certificate that vouches for itself': async ({ client }) =>
      withCertificate(client, await issueCertificate({ subject: client.certificate.subject })),
  },
  SELF_SIGNED_TLS_CLIENT_AUTH: {
    ...notItsCertificate,
    'a certificate of its name with another key': async ({ client }) =>
      withCertificate(client, await issueCertificate({ subject: client.certificate.subject })),
  },
}

const pairOf = (method: Method) => {
  const pair = parties.get(method)
  if (!pair) throw new Error(`no client for ${method}`)
  return pair
}

const outcome = async (endpoint: Endpoint, method: Method, present: Cases[string]) => {
  const pair = pairOf(method)
  return endpoints[endpoint](await present(pair), pair)
}

const rows = (table: Record<Method, Cases>) =>
  methods.flatMap((method) =>
    Object.entries(table[method]).flatMap(([name, present]) =>
      endpointNames.map((endpoint) => ({ method, name, present, endpoint })),
    ),
  )

describe('RFC 6749 §2.3: a client authenticates by the method it registered, at every endpoint', () => {
  it.each(rows(right))(
    'given a client of $method, when it presents $name at $endpoint, then it is authenticated',
    async ({ method, present, endpoint }) => {
      expect(await outcome(endpoint, method, present)).toBe('authenticated')
    },
  )

  it.each(rows(wrong))(
    'given a client of $method, when it presents $name at $endpoint, then invalid_client',
    async ({ method, present, endpoint }) => {
      expect(await outcome(endpoint, method, present)).toBe(refusalAt[endpoint])
    },
  )

  it.each(endpointNames)('given two methods in one request at %s, then invalid_request', async (endpoint) => {
    const pair = pairOf('PRIVATE_KEY_JWT')
    const { form } = await assertion(byKey(pair.client))
    const { beside } = inHeader(pair.client, pair.client.secret)
    expect(await endpoints[endpoint]({ form: { ...form, client_secret: pair.client.secret } }, pair)).toBe(
      'BAD_REQUEST invalid_request',
    )
    expect(await endpoints[endpoint]({ form: form ?? {}, ...(beside && { beside }) }, pair)).toBe(
      'BAD_REQUEST invalid_request',
    )
  })
})

const signers = [
  ['CLIENT_SECRET_JWT', bySecret],
  ['PRIVATE_KEY_JWT', byKey],
] as const
const everywhere = signers.flatMap(([method, by]) => endpointNames.map((endpoint) => ({ method, by, endpoint })))

describe('OIDC Core §9: an assertion is used once', () => {
  it.each(everywhere)('given $method at $endpoint, when it is sent again, then invalid_client', async (row) => {
    const pair = pairOf(row.method)
    const presented = await assertion(row.by(pair.client))
    expect(await endpoints[row.endpoint](presented, pair)).toBe('authenticated')
    // At whichever endpoint.
    for (const endpoint of endpointNames) expect(await endpoints[endpoint](presented, pair)).toBe(refusalAt[endpoint])
  })

  it.each(signers)('given %s and one jti of two clients, then both are served', async (method, by) => {
    const { client, other } = pairOf(method)
    const jti = randomUUID()
    for (const party of [client, other]) {
      const pair = { client: party, other }
      expect(await endpoints['the token endpoint'](await assertion(by(party), { jti }), pair)).toBe('authenticated')
    }
  })

  it('given 64 uses of one jti at once, then one is served', async () => {
    const pair = pairOf('PRIVATE_KEY_JWT')
    const presented = await assertion(byKey(pair.client))
    const uses = Array.from({ length: 64 }, (_, index) =>
      endpoints[endpointNames[index % 4] ?? 'the token endpoint'](presented, pair),
    )
    const outcomes = await Promise.all(uses)
    expect(outcomes.filter((one) => one === 'authenticated')).toHaveLength(1)
  })
})

/** What an assertion may be meant for, besides the issuer as one string. */
const audiences = {
  'the token endpoint': testEndpoints.tokenEndpoint,
  'the PAR endpoint': testEndpoints.pushedAuthReqEndpoint,
  'the introspection endpoint': testEndpoints.introspectionEndpoint,
  'the revocation endpoint': testEndpoints.revocationEndpoint,
  'the alias of the token endpoint': aliasOf('token'),
  'the alias of the PAR endpoint': aliasOf('par'),
  'the alias of the userinfo endpoint': aliasOf('userinfo'),
  'the issuer in a list': [testIssuer],
  'the issuer and the token endpoint': [testIssuer, testEndpoints.tokenEndpoint],
  'the issuer and somebody else': ['https://other.example', testIssuer],
  'the issuer with a slash': `${testIssuer}/`,
  'the issuer in capitals': testIssuer.toUpperCase(),
  'another issuer': 'https://other.example',
  'an empty text': '',
  'an empty list': [],
  nobody: undefined,
  'a number': 5,
  'a list of numbers': [5],
  'an object': { [testIssuer]: testIssuer },
  'what begins with the issuer': `${testIssuer}.evil.example`,
  'a path of the issuer': `${testIssuer}/oauth`,
  'the issuer over http': testIssuer.replace('https:', 'http:'),
} satisfies Record<string, unknown>
type Audience = keyof typeof audiences
const audienceNames = Object.keys(audiences).filter((name): name is Audience => name in audiences)

const meant = (restricted: boolean, endpoint: Endpoint, audience: Audience) => {
  const inLists: Audience[] = [
    'the issuer in a list',
    'the issuer and the token endpoint',
    'the issuer and somebody else',
  ]
  if (restricted) return false
  // What a resource server sends is put to the revocation operation, so that one takes both.
  const alike: Endpoint[] = ['the introspection endpoint', 'the revocation endpoint']
  const isCalled = audience === endpoint || (alike.includes(endpoint) && alike.some((one) => one === audience))
  const isAlias =
    audience === 'the alias of the token endpoint' ||
    (audience === 'the alias of the PAR endpoint' && endpoint === 'the PAR endpoint')
  return isCalled || isAlias || audience === 'the token endpoint' || inLists.includes(audience)
}

describe.each([true, false])('FAPI 2.0 §5.3.2.1: clientAssertionAudRestrictedToIssuer is %s', (restricted) => {
  beforeAll(async () => {
    await setRestriction(restricted)
  })

  afterAll(async () => {
    await setRestriction(true)
  })

  const table = everywhere.flatMap((row) => audienceNames.map((audience) => ({ ...row, audience })))
  it.each(table)(
    'given $method at $endpoint that is meant for $audience',
    async ({ method, by, endpoint, audience }) => {
      const pair = pairOf(method)
      const presented = await assertion(by(pair.client), { aud: audiences[audience] })
      const expected = meant(restricted, endpoint, audience) ? 'authenticated' : refusalAt[endpoint]
      expect(await endpoints[endpoint](presented, pair)).toBe(expected)
    },
  )
})

async function setRestriction(clientAssertionAudRestrictedToIssuer: boolean): Promise<void> {
  const params = { path: { serviceId: String(under.serviceId) } }
  const service = await ask(under.engine.GET('/api/{serviceId}/service/get', { params }))
  const body = { ...service, clientAssertionAudRestrictedToIssuer }
  await ask(under.engine.POST('/api/{serviceId}/service/update', { params, body }))
}
