import { exportJWK, generateKeyPair } from 'jose'
import { signingAlgorithms } from '../../server/engine/protocol/signing-algorithms.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../../sdk/types.ts'
import { serviceMembers } from '../../server/engine/settings/members.ts'
import { serviceDefaults } from '../../server/engine/settings/service-defaults.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'
import { membersOf, switchingOff, switchingOn } from './settings-under-test.ts'

let engine: TestEngine

beforeAll(async () => {
  engine = await openTestEngine()
})

afterAll(async () => {
  expect(engine.failures).toEqual([])
  await engine.close()
})

/** What the service is after an update with these settings, or the fault. */
function update(settings: Record<string, unknown>) {
  return engine.call('POST', `/${engine.serviceId}/service/update`, { body: { issuer: testIssuer, ...settings } })
}

async function expectRefusal(settings: Record<string, unknown>, message: string | RegExp): Promise<void> {
  const { status, json } = await update(settings)
  expect([settings, status, json['resultCode']]).toEqual([settings, 400, 'A970201'])
  expect(json['resultMessage']).toMatch(message)
}

/** One scope with the attribute `regex`. */
function parameterized(name: string, regex: string): Service {
  return { supportedScopes: [{ name, attributes: [{ key: 'regex', value: regex }] }] }
}

/** A service with the type `payment`, and the text of a schema for a type. */
function schemaFor(type: string, value: string): Service {
  const attributes = [
    { key: 'region', value: 'eu' },
    { key: `authorization_details.schema.${type}`, value },
  ]
  return { supportedAuthorizationDetailsTypes: ['payment'], attributes }
}

const members = membersOf('Service')
const table: Record<string, string> = serviceMembers
const treated = (treatment: string) => Object.keys(table).filter((member) => table[member] === treatment)

/** A value of each member that is kept, other than its default, that a service may have. */
const kept: Service = {
  serviceName: 'Another name',
  issuer: testIssuer,
  description: 'What it is.',
  clientAssertionAudRestrictedToIssuer: false,
  developerAuthenticationCallbackEndpoint: 'https://old.example/developer',
  developerAuthenticationCallbackApiKey: 'key',
  supportedSnses: ['FACEBOOK'],
  metadata: [{ key: 'clientCount', value: '3' }],
  authenticationCallbackEndpoint: 'https://old.example/login',
  authenticationCallbackApiKey: 'key',
  supportedAcrs: ['urn:example:gold'],
  supportedGrantTypes: ['AUTHORIZATION_CODE'],
  supportedResponseTypes: [],
  supportedAuthorizationDetailsTypes: ['payment_initiation', 'https://types.example/photos'],
  errorDescriptionOmitted: true,
  errorUriOmitted: true,
  authorizationEndpoint: `${testIssuer}/authorize?tenant=1`,
  supportedUiLocales: ['de', 'pt-BR'],
  supportedDisplays: ['POPUP'],
  pkceRequired: false,
  pkceS256Required: false,
  tokenEndpoint: `${testIssuer}/token`,
  supportedTokenAuthMethods: ['PRIVATE_KEY_JWT'],
  revocationEndpoint: `${testIssuer}/revoke`,
  supportedRevocationAuthMethods: ['PRIVATE_KEY_JWT'],
  introspectionEndpoint: `${testIssuer}/introspect`,
  supportedIntrospectionAuthMethods: ['PRIVATE_KEY_JWT'],
  pushedAuthReqEndpoint: `${testIssuer}/par`,
  authorizationCodeDuration: 30,
  authorizationResponseDuration: 300,
  pushedAuthReqDuration: 60,
  parRequired: true,
  mutualTlsValidatePkiCertChain: false,
  mtlsEndpointAliases: [{ name: 'token_endpoint', uri: 'https://mtls.as.example/token' }],
  tlsClientCertificateBoundAccessTokens: true,
  accessTokenType: 'Bearer',
  accessTokenDuration: 300,
  accessTokenSignAlg: 'ES256',
  refreshTokenDuration: 3600,
  refreshTokenDurationKept: true,
  refreshTokenDurationReset: true,
  refreshTokenKept: true,
  refreshTokenIdempotent: true,
  idTokenReissuable: true,
  tokenExpirationLinked: true,
  openidDroppedOnRefreshWithoutOfflineAccess: true,
  singleAccessTokenPerSubject: true,
  supportedScopes: [
    {
      name: 'notes:read',
      defaultEntry: true,
      description: 'Read notes.',
      descriptions: [{ tag: 'de', value: 'Notizen lesen.' }],
      attributes: [{ key: 'consent.mode', value: 'optional' }],
    },
    { name: 'payment', attributes: [{ key: 'regex', value: '^payment:[A-Za-z0-9-]{1,36}$' }] },
  ],
  scopeRequired: false,
  idTokenDuration: 120,
  allowableClockSkew: 30,
  dpopNonceRequired: true,
  dpopNonceDuration: 120,
  supportedClaimTypes: ['NORMAL'],
  supportedClaimLocales: ['ja'],
  supportedClaims: ['sub', 'name'],
  claimShortcutRestrictive: false,
  jwksUri: `${testIssuer}/jwks`,
  userInfoEndpoint: `${testIssuer}/userinfo`,
  policyUri: `${testIssuer}/policy`,
  tosUri: `${testIssuer}/terms`,
  serviceDocumentation: `${testIssuer}/docs`,
  attributes: [
    { key: 'region', value: 'eu' },
    { key: 'authorization_details.schema.payment_initiation', value: '{"required":["creditorName"]}' },
  ],
  issSuppressed: true,
  dcrScopeUsedAsRequestable: false,
  endSessionEndpoint: `${testIssuer}/logout`,
  grantManagementEndpoint: `${testIssuer}/gm`,
  grantManagementActionRequired: true,
  loopbackRedirectionUriVariable: true,
  requestObjectAudienceChecked: false,
  requestObjectRequired: true,
  traditionalRequestObjectProcessingApplied: true,
  frontChannelRequestObjectEncryptionRequired: true,
  requestObjectEncryptionAlgMatchRequired: true,
  requestObjectEncryptionEncMatchRequired: true,
  nbfOptional: true,
  organizationName: 'Example',
  tokenExchangeByIdentifiableClientsOnly: false,
  tokenExchangeByConfidentialClientsOnly: false,
  tokenExchangeByPermittedClientsOnly: false,
  tokenExchangeEncryptedJwtRejected: false,
  tokenExchangeUnsignedJwtRejected: false,
  jwtGrantByIdentifiableClientsOnly: false,
  jwtGrantEncryptedJwtRejected: false,
  jwtGrantUnsignedJwtRejected: false,
  dcrDuplicateSoftwareIdBlocked: true,
  supportedPromptValues: ['NONE', 'LOGIN'],
  idTokenAudType: 'string',
  httpAliasProhibited: false,
  supportedServiceProfiles: ['FAPI'],
  fapiModes: ['FAPI1_ADVANCED', 'FAPI2_SECURITY'],
}

/** Kept as well, and tried below or with the authentication of clients, because they depend on each other. */
const keys = [
  'trustedRootCertificates',
  ...['jwks', 'accessTokenSignatureKeyId', 'authorizationSignatureKeyId', 'idTokenSignatureKeyId'],
  ...['introspectionSignatureKeyId', 'userInfoSignatureKeyId'],
]

describe('Every setting of a service is honoured, informational, idle, read-only or refused', () => {
  it('given the contract, then somebody has decided about each member', () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(members).sort())
  })

  it('given what the contract calls read-only, then so does the table', () => {
    const readOnly = Object.keys(members).filter((member) => members[member]?.readOnly)
    expect(treated('read-only')).toEqual(expect.arrayContaining(readOnly))
  })

  it('given what is honoured, informational or idle, then this test has a value for each', () => {
    const decided = [...treated('honoured'), ...treated('informational'), ...treated('idle')]
    expect([...Object.keys(kept), ...keys].sort()).toEqual(decided.sort())
  })

  it('given those values, when the service is read again, then they are all there', async () => {
    expect((await update({ ...kept })).status).toBe(200)
    const { json } = await engine.call('GET', `/${engine.serviceId}/service/get`)
    expect(json).toMatchObject(kept)
  })

  it.each(treated('refused'))('given %s, when it is switched on, then 400 names it', async (member) => {
    await expectRefusal(
      { [member]: switchingOn(members[member]) },
      `/service/update, ${member}: this engine does not do`,
    )
  })

  it.each(treated('refused'))(
    'given %s, when it switches nothing on, then it is taken and not kept',
    async (member) => {
      for (const value of switchingOff(members[member])) {
        const { status, json } = await update({ [member]: value })
        expect([member, value, status]).toEqual([member, value, 200])
        expect(json).not.toHaveProperty(member)
      }
    },
  )

  it('given an object for an object that is refused, even an empty one, then 400', async () => {
    await expectRefusal({ credentialIssuerMetadata: {} }, 'credentialIssuerMetadata')
  })

  it('given what is read-only, then it is ignored', async () => {
    const { status, json } = await update({
      number: 4711,
      apiKey: 4712,
      apiSecret: 'secret',
      serviceOwnerNumber: 1,
      createdAt: 1,
      modifiedAt: 1,
      clientIdAliasEnabled: false,
    })
    expect(status).toBe(200)
    expect(json).toMatchObject({ number: 1, apiKey: engine.serviceId, clientIdAliasEnabled: true })
    expect(json).not.toHaveProperty('apiSecret')
    expect(json).not.toHaveProperty('serviceOwnerNumber')
    expect(json['createdAt']).toBe(engine.clock.now().getTime())
  })
})

describe('What is left out takes the value of the safe preset', () => {
  it('given an issuer alone, then the strict side of every choice', async () => {
    const { json } = await update({})
    expect(json).toMatchObject({
      pkceRequired: true,
      pkceS256Required: true,
      scopeRequired: true,
      issSuppressed: false,
      clientAssertionAudRestrictedToIssuer: true,
      supportedResponseTypes: ['CODE'],
      supportedGrantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'],
      refreshTokenKept: false,
      accessTokenDuration: 600,
      pushedAuthReqDuration: 90,
    })
    expect(json).toMatchObject(serviceDefaults)
  })

  it('given a setting that was changed, when an update leaves it out, then the preset is back', async () => {
    expect((await update({ pkceRequired: false })).json['pkceRequired']).toBe(false)
    expect((await update({})).json['pkceRequired']).toBe(true)
  })
})

describe('RFC 8414 §2: the issuer', () => {
  it.each([
    'https://as.example',
    'https://as.example/tenant/1',
    'https://as.example:8443',
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
  ])('given %s, then it is taken', async (issuer) => {
    const { status, json } = await update({ issuer })
    expect([status, json['issuer']]).toEqual([200, issuer])
  })

  it.each([
    'http://as.example',
    'http://localhost.example',
    'http://10.0.0.1',
    'ftp://as.example',
    'as.example',
    '//as.example',
    '',
    'https:as.example',
    'https:///as.example',
    'https://as.example/',
    'https://as.example/tenant/',
    'https://as.example?tenant=1',
    'https://as.example?',
    'https://as.example#here',
    'https://as.example#',
    'https://user@as.example',
    'https://user:secret@as.example',
    'https://@as.example',
    'https://AS.example',
    'https://as.example:443',
    'https://as.example/a/../b',
    'https://as.example\\@evil.example',
    'https://as.example ',
    ' https://as.example',
    'https://as.example/ä',
    'javascript:alert(1)',
    `https://as.example/${'x'.repeat(2000)}`,
  ])('given %j, then it is refused', async (issuer) => {
    await expectRefusal({ issuer }, 'issuer: ')
  })

  it('given none, then it is asked for', async () => {
    const { status, json } = await engine.call('POST', '/service/create', { body: { serviceName: 'x' } })
    expect([status, json['resultCode']]).toEqual([400, 'A970201'])
    expect(json['resultMessage']).toContain('issuer: it is required')
  })
})

describe('Settings that cannot be are refused', () => {
  it.each([
    'authorizationEndpoint',
    'tokenEndpoint',
    'revocationEndpoint',
    'introspectionEndpoint',
    'pushedAuthReqEndpoint',
    'userInfoEndpoint',
    'jwksUri',
    'endSessionEndpoint',
    'grantManagementEndpoint',
    'policyUri',
    'tosUri',
    'serviceDocumentation',
  ])('given %s that is not https, then 400', async (member) => {
    for (const address of ['http://as.example/x', 'javascript:alert(1)', 'https://as.example/x#y', '/x', '']) {
      await expectRefusal({ [member]: address }, `${member}: `)
    }
  })

  it.each([
    ['accessTokenDuration', [0, -1, 2_592_001]],
    ['refreshTokenDuration', [0, -1, 315_360_001]],
    ['idTokenDuration', [0, -1, 86_401]],
    ['authorizationCodeDuration', [-1, 601]],
    ['authorizationResponseDuration', [0, -1, 601]],
    ['pushedAuthReqDuration', [0, 4, 601]],
    ['allowableClockSkew', [-1, 1, 9, 61]],
    ['dpopNonceDuration', [-1, 3_601]],
  ] as const)('given %s beyond reason, then 400', async (member, values) => {
    for (const seconds of values)
      await expectRefusal({ [member]: seconds }, new RegExp(`, ${member}: \\d+ to \\d+ seconds are expected`))
  })

  it.each([
    ['supportedGrantTypes', 'IMPLICIT'],
    ['supportedGrantTypes', 'PASSWORD'],
    ['supportedGrantTypes', 'DEVICE_CODE'],
    ['supportedGrantTypes', 'CIBA'],
    ['supportedGrantTypes', 'TOKEN_EXCHANGE'],
    ['supportedGrantTypes', 'JWT_BEARER'],
    ['supportedGrantTypes', 'PRE_AUTHORIZED_CODE'],
    ['supportedResponseTypes', 'TOKEN'],
    ['supportedResponseTypes', 'NONE'],
    ['supportedResponseTypes', 'CODE_ID_TOKEN'],
    ['supportedTokenAuthMethods', 'ATTEST_JWT_CLIENT_AUTH'],
    ['supportedRevocationAuthMethods', 'ATTEST_JWT_CLIENT_AUTH'],
    ['supportedIntrospectionAuthMethods', 'NONE'],
    ['supportedPromptValues', 'CREATE'],
    ['supportedClaimTypes', 'DISTRIBUTED'],
  ])('given %s with %s, then 400', async (member, value) => {
    await expectRefusal({ [member]: [value] }, `${member}: this engine offers `)
  })

  it.each<[string, Record<string, unknown>]>([
    ['supportedIntrospectionAuthMethods', { supportedIntrospectionAuthMethods: ['PRIVATE_KEY_JWT'] }],
    ['supportedIntrospectionAuthMethods', { supportedRevocationAuthMethods: ['NONE', 'PRIVATE_KEY_JWT'] }],
    ['accessTokenType', { accessTokenType: 'DPoP' }],
    ['idTokenAudType', { idTokenAudType: 'both' }],
    ['serviceName', { serviceName: ' ' }],
    ['serviceName', { serviceName: 'Bank\u202Eknab' }],
    ['serviceName', { serviceName: 'x'.repeat(201) }],
    ['supportedScopes', { supportedScopes: [{ name: 'a' }, { name: 'a' }] }],
    [
      'supportedScopes/0/attributes',
      {
        supportedScopes: [
          {
            name: 'a',
            attributes: [
              { key: 'k', value: '1' },
              { key: 'k', value: '2' },
            ],
          },
        ],
      },
    ],
    ['supportedScopes/0/attributes', parameterized('payment', '')],
    ['supportedScopes/0/attributes', parameterized('payment', '(?=a)a')],
    ['supportedScopes/0/attributes', parameterized('payment', '(a)\\1')],
    ['supportedScopes/0/attributes', parameterized('payment', 'a'.repeat(501))],
    ['supportedScopes/0/attributes', parameterized('openid', 'openid:.*')],
    ['supportedScopes/0/attributes', parameterized('offline_access', 'offline:.*')],
    ['supportedAuthorizationDetailsTypes', { supportedAuthorizationDetailsTypes: ['a', 'a'] }],
    ['supportedAuthorizationDetailsTypes', { supportedAuthorizationDetailsTypes: [''] }],
    ['supportedAuthorizationDetailsTypes', { supportedAuthorizationDetailsTypes: ['x'.repeat(201)] }],
    ['attributes/1', schemaFor('other', '{}')],
    ['attributes/1', schemaFor('', '{}')],
    ['attributes/1', schemaFor('payment', '{')],
    ['attributes/1', schemaFor('payment', '{"type":"nonsense"}')],
    ['attributes/1', schemaFor('payment', '{"$ref":"https://evil.example/schema"}')],
    ['attributes/1', schemaFor('payment', '{"properties":{"a":{"x-narrowing":"less"}}}')],
    ['grantManagementActionRequired', { grantManagementActionRequired: true }],
    ['accessTokenSignAlg', { accessTokenSignAlg: 'NONE' }],
    ['accessTokenSignAlg', { accessTokenSignAlg: 'HS256' }],
    ['accessTokenSignAlg', { accessTokenSignAlg: 'ES384' }],
    ['accessTokenSignatureKeyId', { accessTokenSignatureKeyId: 'none' }],
    ['accessTokenSignatureKeyId', { accessTokenSignAlg: 'ES256', accessTokenSignatureKeyId: 'none' }],
    [
      'supportedScopes/1/attributes',
      { supportedScopes: [{ name: 'a' }, { name: 'b', attributes: [{ key: 'fapi2', value: 'sp' }] }] },
    ],
    [
      'supportedScopes/0/attributes',
      { supportedScopes: [{ name: 'a', attributes: [{ key: 'access_token.duration', value: 'short' }] }] },
    ],
    [
      'supportedScopes/0/descriptions',
      {
        supportedScopes: [
          {
            name: 'a',
            descriptions: [
              { tag: 'de', value: 'x' },
              { tag: 'DE', value: 'y' },
            ],
          },
        ],
      },
    ],
    ['supportedScopes/0/descriptions', { supportedScopes: [{ name: 'a', descriptions: [{ tag: '', value: 'x' }] }] }],
    ['supportedUiLocales', { supportedUiLocales: ['english please'] }],
    ['supportedClaimLocales', { supportedClaimLocales: ['de', 'de'] }],
    ['supportedAcrs', { supportedAcrs: [''] }],
    ['supportedClaims', { supportedClaims: ['sub', 'sub'] }],
    ['attributes', { attributes: [{ key: '', value: '' }] }],
    ['idTokenSignatureKeyId', { idTokenSignatureKeyId: 'none' }],
    ['userInfoSignatureKeyId', { userInfoSignatureKeyId: 'none' }],
    ['authorizationSignatureKeyId', { authorizationSignatureKeyId: 'none' }],
    ['introspectionSignatureKeyId', { introspectionSignatureKeyId: 'none' }],
  ])('given a bad %s, then 400 (%#)', async (member, settings) => {
    await expectRefusal(settings, `, ${member}: `)
  })

  it('given a refusal, then nothing has changed', async () => {
    await update({ serviceName: 'Before' })
    await expectRefusal({ serviceName: 'After', accessTokenDuration: 0 }, 'accessTokenDuration')
    expect((await engine.call('GET', `/${engine.serviceId}/service/get`)).json['serviceName']).toBe('Before')
  })
})

describe('OIDC Core §10.1 and FAPI 2.0 §5.4: the keys of a service', () => {
  async function makeKey(alg: string, kid: string, more: object = {}) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true })
    return { ...(await exportJWK(privateKey)), kid, use: 'sig', alg, ...more }
  }

  const setOf = (...keys: object[]) => ({ jwks: JSON.stringify({ keys }) })

  async function privateKeys(): Promise<unknown> {
    const { json } = await engine.call('GET', `/${engine.serviceId}/service/jwks/get?includePrivateKeys=true`)
    return json['keys']
  }

  it('given none, then keys of the service, which stay when an update leaves them out', async () => {
    const before = await privateKeys()
    await update({})
    expect(await privateKeys()).toEqual(before)
  })

  it('given keys, then they replace the others, and a key can be chosen by its name', async () => {
    const keys = [await makeKey('ES256', 'first'), await makeKey('ES256', 'second')]
    const { status } = await update({ ...setOf(...keys), idTokenSignatureKeyId: 'second' })
    expect(status).toBe(200)
    expect(await privateKeys()).toEqual(keys)
  })

  it('RFC 9068 §2.1: given an algorithm for access tokens, then a key for it, and the one that is named', async () => {
    const keys = [await makeKey('ES256', 'first'), await makeKey('RS256', 'second')]
    const choose = (accessTokenSignatureKeyId: string, alg = 'RS256') =>
      update({ ...setOf(...keys), accessTokenSignAlg: alg, accessTokenSignatureKeyId })
    expect((await choose('second')).status).toBe(200)
    expect((await choose('first')).json['resultMessage']).toContain(
      'accessTokenSignatureKeyId: the kid of a key for RS256',
    )
    const only = { ...setOf(await makeKey('ES256', 'only')), accessTokenSignAlg: 'RS256' }
    await expectRefusal(only, 'accessTokenSignAlg: the service has no key for RS256')
  })

  it.each(signingAlgorithms)(
    'RFC 7518 §3.1: given a key for %s, then access tokens can be signed with it',
    async (alg) => {
      const keys = [await makeKey('ES256', 'first'), await makeKey(alg, 'second')]
      expect((await update({ ...setOf(...keys), accessTokenSignAlg: alg })).status).toBe(200)
      const { json } = await engine.call('GET', `/${engine.serviceId}/service/configuration`)
      expect(json['id_token_signing_alg_values_supported']).toEqual([...new Set(['ES256', alg])])
    },
  )

  it('given what service/get shows, when it is sent back, then the private parts stay', async () => {
    const key = await makeKey('ES256', 'round-trip')
    await update(setOf(key))
    const { json } = await engine.call('GET', `/${engine.serviceId}/service/get`)
    expect(json['jwks']).not.toContain('"d"')
    expect((await engine.call('POST', `/${engine.serviceId}/service/update`, { body: json })).status).toBe(200)
    expect(await privateKeys()).toEqual([key])
  })

  it('given an old key without its private part beside a new one, then both are published: OIDC Core §10.1.1', async () => {
    const { d, ...old } = await makeKey('ES256', 'old')
    expect(d).toBeDefined()
    const key = await makeKey('ES256', 'new')
    expect((await update(setOf(key, old))).status).toBe(200)
    expect(await privateKeys()).toEqual([key, old])
  })

  it("RFC 7517 §4.2: given a key that others encrypt to, then it is kept, and its private part is the service's own", async () => {
    const use = 'enc'
    const signing = await makeKey('ES256', 'signs')
    for (const alg of ['ECDH-ES', 'ECDH-ES+A256KW', 'RSA-OAEP-256', 'RSA-OAEP']) {
      const key = await makeKey(alg, 'decrypts', { use })
      expect((await update(setOf(signing, key))).status).toBe(200)
      expect(await privateKeys()).toEqual([signing, key])
    }
    const { d, ...half } = await makeKey('ECDH-ES', 'half', { use })
    expect(d).toBeDefined()
    const foreign = { ...(await makeKey('ECDH-ES', 'foreign', { use })), d }
    await expectRefusal(setOf(signing, half), /keys\/1: use "enc" goes with .*, and a private part/)
    await expectRefusal(setOf(signing, foreign), 'keys/1: the')
    await expectRefusal(setOf(signing, await makeKey('ES256', 'other', { use })), 'keys/1: use "enc" goes with')
    await expectRefusal(
      { ...setOf(signing), frontChannelRequestObjectEncryptionRequired: true },
      'frontChannelRequestObjectEncryptionRequired: it needs a key in jwks with use "enc"',
    )
  })

  it('given another key under a known name, then it does not get the private part of that one', async () => {
    await update(setOf(await makeKey('ES256', 'name')))
    const { d, ...other } = await makeKey('ES256', 'name')
    expect(d).toBeDefined()
    await expectRefusal(setOf(other), 'at least one private key for ES256')
  })

  it('given text that is no JWK Set, then 400', async () => {
    for (const jwks of ['', 'x', '[]', '{}', '{"keys":{}}', '{"keys":[7]}', '{"keys":[{}]}', '{"keys":[]}']) {
      await expectRefusal({ jwks }, 'jwks: ')
    }
  })

  it('given keys that are weak, nameless, symmetric, broken or for something else, then 400', async () => {
    const good = await makeKey('ES256', 'good')
    const other = await makeKey('ES256', 'other')
    const { privateKey } = await generateKeyPair('RS256', { extractable: true, modulusLength: 2048 })
    const rsa = { ...(await exportJWK(privateKey)), kid: 'rsa', use: 'sig', alg: 'RS256' }
    const bad: Record<string, object> = {
      'no kid': { ...other, kid: undefined },
      'kid twice': { ...other, kid: 'good' },
      'no use': { ...other, use: undefined },
      'for encryption': { ...other, use: 'enc' },
      'no alg': { ...other, alg: undefined },
      'alg of another type': { ...other, alg: 'RS256' },
      'alg none': { ...other, alg: 'none' },
      symmetric: { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', kid: 'oct', use: 'sig', alg: 'HS256' },
      'RSA of 1024 bits': { ...rsa, n: rsa.n?.slice(0, 171) },
      'not on the curve': { ...other, x: good['x'] },
      'private part of another key': { ...other, d: good['d'] },
      'curve that is not offered': { ...other, crv: 'secp256k1', alg: 'ES256K' },
      'for key agreement': await makeKey('ECDH-ES', 'ecdh'),
    }
    for (const [what, key] of Object.entries(bad)) {
      const { status } = await update(setOf(good, key))
      expect([what, status]).toEqual([what, 400])
    }
    expect((await update(setOf(good, rsa))).status).toBe(200)
  })
})
