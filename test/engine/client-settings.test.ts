import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../../sdk/types.ts'
import { clientMembers } from '../../server/engine/settings/members.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'
import { membersOf, switchingOff, switchingOn } from './settings-under-test.ts'

let engine: TestEngine

beforeAll(async () => {
  engine = await openTestEngine({
    supportedServiceProfiles: ['FAPI'],
    supportedAuthorizationDetailsTypes: ['payment_initiation', 'account_information'],
    tlsClientCertificateBoundAccessTokens: true,
  })
})

afterAll(async () => {
  expect(engine.failures).toEqual([])
  await engine.close()
})

function create(settings: Record<string, unknown>) {
  return engine.call('POST', `/${engine.serviceId}/client/create`, { body: settings })
}

async function expectRefusal(settings: Record<string, unknown>, message: string | RegExp): Promise<void> {
  const { status, json } = await create(settings)
  expect([settings, status, json['resultCode']]).toEqual([settings, 400, 'A970201'])
  expect(json['resultMessage']).toMatch(message)
}

async function publicKey(alg: string, more: object = {}) {
  const { publicKey: key } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(key)), kid: `${alg} key`, use: 'sig', ...more }
}

const members = membersOf('Client')
const table: Record<string, string> = clientMembers
const treated = (treatment: string) => Object.keys(table).filter((member) => table[member] === treatment)

/** A value of each member that is kept, other than its default, that a client may have. */
const kept: Client = {
  clientName: 'Daybook',
  clientNames: [{ tag: 'ja', value: 'デイブック' }],
  description: 'Notes and days.',
  descriptions: [{ tag: 'de', value: 'Notizen und Tage.' }],
  clientIdAlias: 'daybook',
  clientType: 'CONFIDENTIAL',
  applicationType: 'NATIVE',
  logoUri: 'https://daybook.example/logo.svg',
  logoUris: [{ tag: 'de', value: 'https://daybook.example/de/logo.svg' }],
  contacts: ['ops@daybook.example'],
  softwareId: 'daybook',
  developer: 'example',
  softwareVersion: '1.2',
  grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
  responseTypes: ['CODE'],
  redirectUris: ['https://daybook.example/callback', 'com.example.daybook:/callback'],
  tokenAuthMethod: 'PRIVATE_KEY_JWT',
  tokenAuthSignAlg: 'ES256',
  parRequired: true,
  requestObjectRequired: true,
  requestSignAlg: 'PS256',
  requestEncryptionAlg: 'ECDH_ES_A256KW',
  requestEncryptionEnc: 'A256GCM',
  requestUris: ['https://daybook.example/request.jwt#47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  frontChannelRequestObjectEncryptionRequired: true,
  requestObjectEncryptionAlgMatchRequired: true,
  requestObjectEncryptionEncMatchRequired: true,
  dpopRequired: true,
  defaultMaxAge: 3600,
  defaultAcrs: ['urn:example:gold'],
  idTokenSignAlg: 'PS256',
  authTimeRequired: true,
  subjectType: 'PUBLIC',
  userInfoSignAlg: 'ES256',
  authorizationSignAlg: 'EdDSA',
  authorizationEncryptionAlg: 'ECDH_ES',
  authorizationEncryptionEnc: 'A256GCM',
  idTokenEncryptionAlg: 'RSA_OAEP_256',
  idTokenEncryptionEnc: 'A128GCM',
  userInfoEncryptionAlg: 'ECDH_ES_A256KW',
  userInfoEncryptionEnc: 'A256CBC_HS512',
  loginUri: 'https://daybook.example/login',
  jwksUri: 'https://daybook.example/jwks.json',
  tosUri: 'https://daybook.example/terms',
  tosUris: [{ tag: 'de', value: 'https://daybook.example/agb' }],
  policyUri: 'https://daybook.example/privacy',
  policyUris: [{ tag: 'de', value: 'https://daybook.example/datenschutz' }],
  clientUri: 'https://daybook.example',
  clientUris: [{ tag: 'de', value: 'https://daybook.example/de' }],
  attributes: [{ key: 'verified', value: 'true' }],
  extension: {
    requestableScopes: ['openid'],
    requestableScopesEnabled: true,
    accessTokenDuration: 60,
    refreshTokenDuration: 600,
    idTokenDuration: 60,
    tokenExchangePermitted: false,
  },
  authorizationDetailsTypes: ['payment_initiation'],
  customMetadata: '{"colour":"green"}',
  pkceRequired: true,
  pkceS256Required: true,
  singleAccessTokenPerSubject: true,
  organizationName: 'Example',
  locked: true,
  responseModes: ['FORM_POST'],
  inScopeForTokenMigration: true,
  tlsClientCertificateBoundAccessTokens: true,
  mtlsEndpointAliasesUsed: true,
  fapiModes: ['FAPI2_SECURITY'],
}

/** Kept as well, and tried with the authentication of clients: each goes with one method. */
const ofCertificates = [
  'selfSignedCertificateKeyId',
  'tlsClientAuthSubjectDn',
  'tlsClientAuthSanDns',
  'tlsClientAuthSanUri',
  'tlsClientAuthSanIp',
  'tlsClientAuthSanEmail',
]

describe('Every setting of a client is honoured, informational, read-only or refused', () => {
  it('given the contract, then somebody has decided about each member', () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(members).sort())
  })

  it('given what the contract calls read-only, then so does the table', () => {
    const readOnly = Object.keys(members).filter((member) => members[member]?.readOnly)
    expect(treated('read-only')).toEqual(expect.arrayContaining(readOnly))
  })

  it('given what is honoured or informational, then this test has a value for each', () => {
    expect([...Object.keys(kept), ...ofCertificates, 'jwks'].sort()).toEqual(
      [...treated('honoured'), ...treated('informational')].sort(),
    )
  })

  it('given those values, when the client is read again, then they are all there', async () => {
    const jwks = JSON.stringify({ keys: [await publicKey('ES256')] })
    const created = await create({ ...kept, jwks })
    expect(created.status).toBe(201)
    const { json } = await engine.call('GET', `/${engine.serviceId}/client/get/daybook`)
    expect(json).toMatchObject({ ...kept, jwks })
  })

  it.each(treated('refused'))('given %s, when it is switched on, then 400 names it', async (member) => {
    await expectRefusal(
      { [member]: switchingOn(members[member]) },
      `/client/create, ${member}: this engine does not do`,
    )
  })

  it.each(treated('refused'))(
    'given %s, when it switches nothing on, then it is taken and not kept',
    async (member) => {
      for (const value of switchingOff(members[member])) {
        const { status, json } = await create({ [member]: value })
        expect([member, value, status]).toEqual([member, value, 201])
        expect(json).not.toHaveProperty(member)
      }
    },
  )

  it('given token exchange in the extension, then 400', async () => {
    await expectRefusal({ extension: { tokenExchangePermitted: true } }, 'extension/tokenExchangePermitted')
  })

  it('given what is read-only, then it is ignored', async () => {
    const { status, json } = await create({
      number: 4711,
      serviceNumber: 4712,
      clientId: 4713,
      clientSecret: 'chosen-by-the-caller',
      createdAt: 1,
      modifiedAt: 1,
      dynamicallyRegistered: true,
      derivedSectorIdentifier: 'evil.example',
      clientIdAliasEnabled: false,
      clientSource: 'METADATA_DOCUMENT',
    })
    expect(status).toBe(201)
    expect(json['clientId']).not.toBe(4713)
    expect(json['clientSecret']).not.toBe('chosen-by-the-caller')
    expect(json).toMatchObject({
      serviceNumber: 1,
      createdAt: engine.clock.now().getTime(),
      dynamicallyRegistered: false,
      clientIdAliasEnabled: true,
      clientSource: 'STATIC_REGISTRATION',
    })
    expect(json).not.toHaveProperty('derivedSectorIdentifier')
  })
})

describe('RFC 9700 §2.1: redirect URIs', () => {
  it.each([
    'https://client.example/callback',
    'https://client.example:8443/callback?tenant=1',
    'https://client.example',
    'http://localhost:3001/callback',
    'http://127.0.0.1/callback',
    'http://[::1]:3001/callback',
  ])('given %s, then it is taken', async (uri) => {
    expect((await create({ redirectUris: [uri] })).status).toBe(201)
  })

  it.each([
    '',
    ' ',
    '/callback',
    '//client.example/callback',
    'client.example/callback',
    'callback',
    'https:client.example/callback',
    'https:/client.example/callback',
    'https://',
    'https:///callback',
    'https://client.example/callback#',
    'https://client.example/callback#token',
    'http://client.example/callback',
    'http://localhost.evil.example/callback',
    'http://10.0.0.1/callback',
    'http://0.0.0.0/callback',
    'http://127.0.0.1.evil.example/callback',
    'https://*.client.example/callback',
    'https://client.example/*',
    'https://user@client.example/callback',
    'https://user:secret@client.example/callback',
    'https://client.example@evil.example/callback',
    'https://@evil.example/callback',
    'https://client.example\\@evil.example/callback',
    'https://client.example/call back',
    'https://client.example/\u0001',
    'https://client.example/\r\nSet-Cookie:x=1',
    'https://klient.exämple/callback',
    'javascript:alert(1)',
    'javascript://client.example/%0Aalert(1)',
    'JavaScript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'blob:https://client.example/1',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'ftp://client.example/callback',
    'about:blank',
    'view-source:https://client.example',
    'urn:ietf:wg:oauth:2.0:oob',
    'myapp:/callback',
    'com.example.app:/callback',
    `https://client.example/${'x'.repeat(200)}`,
  ])('given %j, then it is refused', async (uri) => {
    await expectRefusal({ redirectUris: ['https://client.example/good', uri] }, 'redirectUris/1: ')
  })

  it('given the same one twice, then it is refused', async () => {
    await expectRefusal({ redirectUris: ['https://a.example/', 'https://a.example/'] }, 'redirectUris: ')
  })

  it.each(['com.example.app:/callback', 'com.example.app://callback', 'org.example.my-app:/x?y=z'])(
    'RFC 8252 §7.1: given %s of a native client, then it is taken',
    async (uri) => {
      expect((await create({ applicationType: 'NATIVE', redirectUris: [uri] })).status).toBe(201)
      await expectRefusal({ applicationType: 'WEB', redirectUris: [uri] }, 'redirectUris/0: a private-use scheme')
    },
  )

  it.each([
    'myapp:/callback',
    'javascript:alert(1)',
    'com.example.app:',
    'com.example.app:/x#y',
    'com.example.app:/*',
    '.app:/x',
    'com..app:/x',
  ])('RFC 8252 §7.1: given %s of a native client, then it is refused', async (uri) => {
    await expectRefusal({ applicationType: 'NATIVE', redirectUris: [uri] }, 'redirectUris/0: ')
  })
})

describe('RFC 7591 §5: addresses that people follow', () => {
  const bad = [
    'javascript:alert(1)',
    'data:text/html,x',
    'http://client.example',
    '/x',
    '',
    'https://u:p@client.example',
  ]

  it.each(['logoUri', 'clientUri', 'policyUri', 'tosUri', 'loginUri'])(
    'given a %s that is not https, then 400',
    async (member) => {
      for (const address of bad) await expectRefusal({ [member]: address }, `, ${member}: `)
    },
  )

  it.each(['logoUris', 'clientUris', 'policyUris', 'tosUris'])(
    'given %s that are not https, then 400',
    async (member) => {
      for (const value of bad) await expectRefusal({ [member]: [{ tag: 'de', value }] }, `, ${member}/0/value: `)
    },
  )
})

describe('RFC 6749 §2.1 and §2.3: how a client proves who it is', () => {
  it('given nothing, then it is confidential and authenticates with a secret in the header', async () => {
    expect((await create({})).json).toMatchObject({
      clientType: 'CONFIDENTIAL',
      tokenAuthMethod: 'CLIENT_SECRET_BASIC',
    })
  })

  it('given a public client, then it has no method and no secret', async () => {
    const { json } = await create({ clientType: 'PUBLIC' })
    expect(json['tokenAuthMethod']).toBe('NONE')
    expect(json).not.toHaveProperty('clientSecret')
  })

  it.each<[string, Record<string, unknown>]>([
    ['tokenAuthMethod', { clientType: 'PUBLIC', tokenAuthMethod: 'CLIENT_SECRET_BASIC' }],
    ['tokenAuthMethod', { clientType: 'CONFIDENTIAL', tokenAuthMethod: 'NONE' }],
    ['tokenAuthMethod', { tokenAuthMethod: 'CLIENT_SECRET_JWT' }],
    ['tokenAuthMethod', { tokenAuthMethod: 'TLS_CLIENT_AUTH' }],
    ['grantTypes', { clientType: 'PUBLIC', grantTypes: ['CLIENT_CREDENTIALS'] }],
    ['grantTypes', { grantTypes: ['IMPLICIT'] }],
    ['grantTypes', { grantTypes: ['AUTHORIZATION_CODE', 'AUTHORIZATION_CODE'] }],
    ['responseTypes', { responseTypes: ['CODE', 'TOKEN'] }],
    ['responseModes', { responseModes: ['QUERY', 'QUERY'] }],
    ['responseModes', { responseModes: ['JWT'] }],
    ['responseModes', { responseModes: ['QUERY', 'FORM_POST_JWT'] }],
    ['subjectType', { subjectType: 'PAIRWISE' }],
    ['idTokenSignAlg', { idTokenSignAlg: 'NONE' }],
    ['idTokenSignAlg', { idTokenSignAlg: 'HS256' }],
    ['idTokenSignAlg', { idTokenSignAlg: 'ES384' }],
    ['authorizationSignAlg', { authorizationSignAlg: 'NONE' }],
    ['authorizationSignAlg', { authorizationSignAlg: 'HS256' }],
    ['authorizationSignAlg', { authorizationSignAlg: 'ES512' }],
    ['userInfoSignAlg', { userInfoSignAlg: 'NONE' }],
    ['userInfoSignAlg', { userInfoSignAlg: 'RS512' }],
    ['tokenAuthSignAlg', { tokenAuthSignAlg: 'ES256' }],
    ['jwks', { tokenAuthMethod: 'PRIVATE_KEY_JWT' }],
    ['jwks', { tokenAuthMethod: 'PRIVATE_KEY_JWT', jwks: '{"keys":[]}' }],
    ['jwksUri', { jwksUri: 'http://daybook.example/jwks' }],
    ['jwksUri', { jwksUri: 'https://user:secret@daybook.example/jwks' }],
    ['jwksUri', { jwksUri: 'https://daybook.example/jwks#keys' }],
    ['jwksUri', { jwksUri: 'file:///etc/passwd' }],
    ['jwksUri', { jwksUri: '' }],
    ['defaultMaxAge', { defaultMaxAge: -1 }],
    ['customMetadata', { customMetadata: '[]' }],
    ['customMetadata', { customMetadata: '{' }],
    ['clientName', { clientName: '' }],
    ['clientName', { clientName: 'Daybook\u202E' }],
    ['clientName', { clientName: 'Two\nlines' }],
    ['clientNames/0/value', { clientNames: [{ tag: 'de', value: ' ' }] }],
    ['clientNames', { clientNames: [{ tag: 'x y', value: 'x' }] }],
    [
      'attributes',
      {
        attributes: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
    ],
    ['authorizationDetailsTypes', { authorizationDetailsTypes: ['payment_initiation', 'photos'] }],
    ['authorizationDetailsTypes', { authorizationDetailsTypes: ['payment_initiation', 'payment_initiation'] }],
    ['extension/requestableScopes', { extension: { requestableScopes: ['a', 'a'] } }],
  ])('given a bad %s (%#), then 400', async (member, settings) => {
    await expectRefusal(settings, `, ${member}: `)
  })

  it('given requestable scopes, then they count unless the contrary is said', async () => {
    const scopes = { requestableScopes: ['openid'] }
    expect((await create({ extension: scopes })).json['extension']).toEqual({
      ...scopes,
      requestableScopesEnabled: true,
    })
    const off = { ...scopes, requestableScopesEnabled: false }
    expect((await create({ extension: off })).json['extension']).toEqual(off)
  })
})

describe('RFC 7591 §2: the keys of a client', () => {
  const setOf = (...keys: object[]) => ({ tokenAuthMethod: 'PRIVATE_KEY_JWT', jwks: JSON.stringify({ keys }) })

  it.each(['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA'])(
    'given a public key for %s, then it is taken',
    async (alg) => {
      const { status } = await create({ ...setOf(await publicKey(alg)), tokenAuthSignAlg: alg })
      expect(status).toBe(201)
    },
  )

  it('given a set that holds no key for the algorithm of the assertions, then 400', async () => {
    await expectRefusal({ ...setOf(await publicKey('ES256')), tokenAuthSignAlg: 'PS256' }, 'jwks: a key for PS256')
    const named = await publicKey('PS256', { alg: 'PS256' })
    await expectRefusal({ ...setOf(named), tokenAuthSignAlg: 'RS256' }, 'jwks: a key for RS256')
  })

  it('given keys that are private, symmetric, weak, broken or unnamed, then 400', async () => {
    const good = await publicKey('ES256')
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const rsa = await publicKey('RS256')
    const bad: Record<string, object> = {
      private: { ...(await exportJWK(privateKey)), kid: 'private' },
      symmetric: { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', kid: 'oct' },
      'RSA of 1024 bits': { ...rsa, n: rsa.n?.slice(0, 171) },
      'RSA of 8200 bits': { ...rsa, n: Buffer.alloc(1025, 255).toString('base64url') },
      'not on the curve': { ...good, kid: 'other', x: good.y },
      'no members': { kty: 'EC', crv: 'P-256', kid: 'empty' },
      'the same kid': { ...(await publicKey('ES256')), kid: good.kid },
      'no kid': { ...(await publicKey('ES256')), kid: undefined },
      'an alg that does not fit': { ...rsa, alg: 'ES256' },
      'alg none': { ...rsa, alg: 'none' },
    }
    for (const [what, key] of Object.entries(bad)) {
      const { status, json } = await create(setOf(good, key))
      expect([what, status, json['resultCode']]).toEqual([what, 400, 'A970201'])
    }
  })

  it('given an address where the keys are, then no key is needed here, and none is fetched yet', async () => {
    const jwksUri = 'https://daybook.example/jwks.json'
    const { status, json } = await create({
      ...{ tokenAuthMethod: 'PRIVATE_KEY_JWT', tokenAuthSignAlg: 'PS256', jwksUri },
    })
    expect([status, json['jwksUri']]).toEqual([201, jwksUri])
  })

  it('given an address and keys, then the keys are looked at all the same', async () => {
    await expectRefusal({ jwksUri: 'https://daybook.example/jwks.json', jwks: '{}' }, 'jwks: ')
  })

  it('given text that is no JWK Set, then 400', async () => {
    for (const jwks of ['', 'x', '[]', '{}', '{"keys":7}', '{"keys":["x"]}']) await expectRefusal({ jwks }, 'jwks: ')
  })
})

describe('RFC 9101 §9 and OIDC Registration §2: request objects', () => {
  it('given an algorithm that a key of the client can sign with, then it is taken; else 400', async () => {
    const jwks = JSON.stringify({ keys: [await publicKey('ES256')] })
    expect((await create({ jwks, requestSignAlg: 'ES256' })).status).toBe(201)
    await expectRefusal({ jwks, requestSignAlg: 'PS256' }, 'jwks: a key for PS256')
    await expectRefusal({ requestSignAlg: 'ES256' }, 'jwks: a key for ES256')
    for (const requestSignAlg of ['NONE', 'HS256', 'ES256K']) {
      await expectRefusal({ jwks, requestSignAlg }, 'requestSignAlg: this engine offers ES256, ')
    }
  })

  it('given a way to encrypt that the service can undo, then it is taken; else 400', async () => {
    for (const requestEncryptionAlg of ['ECDH_ES', 'ECDH_ES_A128KW', 'RSA_OAEP_256']) {
      expect((await create({ requestEncryptionAlg, requestEncryptionEnc: 'A256CBC_HS512' })).status).toBe(201)
    }
    await expectRefusal(
      { requestEncryptionAlg: 'RSA_OAEP' },
      'requestEncryptionAlg: the service has no key for RSA-OAEP',
    )
    for (const requestEncryptionAlg of ['RSA1_5', 'DIR', 'A128KW', 'PBES2_HS256_A128KW']) {
      await expectRefusal({ requestEncryptionAlg }, 'requestEncryptionAlg: this engine offers ECDH_ES, ')
    }
    await expectRefusal({ requestEncryptionEnc: 'A256GCM' }, 'requestEncryptionEnc: it goes with')
  })

  it('given a request URI twice, then 400', async () => {
    const uri = 'https://daybook.example/request.jwt'
    await expectRefusal({ requestUris: [uri, uri] }, 'requestUris: each entry')
  })
})

describe('Aliases', () => {
  it.each(['daybook-1', 'a', 'urn:example:client', 'name@example.com', 'A.b_c~d+e/f'])(
    'given %s, then the client answers to it',
    async (alias) => {
      const created = await create({ clientIdAlias: alias })
      expect(created.json['clientIdAlias']).toBe(alias)
      const found = await engine.call('GET', `/${engine.serviceId}/client/get/${encodeURIComponent(alias)}`)
      expect(found.json['clientId']).toBe(created.json['clientId'])
    },
  )

  it.each([
    '4711',
    '0',
    'with space',
    'ä',
    'a?b',
    'a#b',
    'a%2Fb',
    'list',
    '.',
    '..',
    'x'.repeat(101),
    'http://a.example',
    'HTTPS://a.example',
  ])('given %j, then 400', async (alias) => {
    await expectRefusal({ clientIdAlias: alias }, 'clientIdAlias: ')
  })

  it('given the alias of another client, then 400', async () => {
    await create({ clientIdAlias: 'taken' })
    const again = await create({ clientIdAlias: 'taken' })
    expect([again.status, again.json['resultCode']]).toEqual([400, 'A971202'])
    const { json } = await create({ clientIdAlias: 'not-taken' })
    const path = `/${engine.serviceId}/client/update/${String(json['clientId'])}`
    const updated = await engine.call('POST', path, { body: { clientIdAlias: 'taken' } })
    expect([updated.status, updated.json['resultCode']]).toEqual([400, 'A971202'])
  })

  it('given none, then it is the numeric id, which may be sent back', async () => {
    const { json } = await create({})
    expect(json['clientIdAlias']).toBe(String(json['clientId']))
    const path = `/${engine.serviceId}/client/update/${String(json['clientId'])}`
    expect((await engine.call('POST', path, { body: json })).status).toBe(200)
  })
})
