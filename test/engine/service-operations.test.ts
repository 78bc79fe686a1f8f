import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer } from './engine-under-test.ts'

let engine: TestEngine

beforeAll(async () => {
  engine = await openTestEngine()
})

afterAll(async () => {
  expect(engine.failures).toEqual([])
  await engine.close()
})

async function createService(settings: Record<string, unknown> = {}): Promise<string> {
  const { status, json } = await engine.call('POST', '/service/create', { body: { issuer: testIssuer, ...settings } })
  expect(status).toBe(200)
  return String(json['apiKey'])
}

describe('Services are created, read, replaced and deleted', () => {
  it('given a new service, then it has an id, a number and times, and shows no private key', async () => {
    const serviceId = await createService({ serviceName: 'New' })
    const { text, json } = await engine.call('GET', `/${serviceId}/service/get`)
    expect(json).toMatchObject({
      apiKey: Number(serviceId),
      serviceName: 'New',
      issuer: testIssuer,
      clientIdAliasEnabled: true,
      createdAt: engine.clock.now().getTime(),
      modifiedAt: engine.clock.now().getTime(),
    })
    expect(text).not.toMatch(/\\"(d|p|q|dp|dq|qi|k)\\":/)
  })

  it('given ids, then they are JSON numbers below 2^53 and never given twice', async () => {
    const first = await createService()
    expect((await engine.call('DELETE', `/${first}/service/delete`)).status).toBe(204)
    const second = await createService()
    expect(Number(second)).toBeGreaterThan(Number(first))
    expect(Number(second)).toBeLessThan(2 ** 53)
  })

  it('given an update, then it is seen at once and replaces every setting', async () => {
    const serviceId = await createService({ serviceName: 'Before', description: 'Goes away.' })
    engine.clock.advance(60)
    const updated = await engine.call('POST', `/${serviceId}/service/update`, {
      body: { issuer: testIssuer, serviceName: 'After' },
    })
    expect(updated.json).toMatchObject({ serviceName: 'After', modifiedAt: engine.clock.now().getTime() })
    const { json } = await engine.call('GET', `/${serviceId}/service/get`)
    expect(json).toEqual(updated.json)
    expect(json).not.toHaveProperty('description')
  })

  it('given a deleted service, then it and its clients are gone', async () => {
    const serviceId = await createService()
    const { json: client } = await engine.call('POST', `/${serviceId}/client/create`, { body: {} })
    const deleted = await engine.call('DELETE', `/${serviceId}/service/delete`)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    for (const path of ['service/get', `client/get/${String(client['clientId'])}`]) {
      expect((await engine.call('GET', `/${serviceId}/${path}`)).status).toBe(404)
    }
    expect((await engine.call('DELETE', `/${serviceId}/service/delete`)).status).toBe(404)
  })

  it('given several services, when they are listed, then in pages', async () => {
    await createService({ serviceName: 'Last' })
    const all = await ask(engine.engine.GET('/api/service/get/list', { params: { query: { start: 0, end: 100 } } }))
    expect(all.services).toHaveLength(all.totalCount)
    const page = await ask(
      engine.engine.GET('/api/service/get/list', {
        params: { query: { start: all.totalCount - 1, end: all.totalCount + 5 } },
      }),
    )
    expect(page.services.map(({ serviceName }) => serviceName)).toEqual(['Last'])
    const beyond = await ask(
      engine.engine.GET('/api/service/get/list', { params: { query: { start: 500, end: 505 } } }),
    )
    expect([beyond.services, beyond.totalCount]).toEqual([[], all.totalCount])
  })
})

describe('RFC 7517 §5: the JWK Set', () => {
  it('given service/jwks/get, then public keys with kid, use and alg, and nothing private', async () => {
    const { json } = await engine.call('GET', `/${engine.serviceId}/service/jwks/get`)
    expect(json['keys']).toEqual([
      { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: text(), x: text(), y: text() },
      { kty: 'RSA', alg: 'RS256', use: 'sig', kid: text(), n: text(), e: 'AQAB' },
      { kty: 'RSA', alg: 'PS256', use: 'sig', kid: text(), n: text(), e: 'AQAB' },
      { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: text(), x: text() },
      { kty: 'EC', crv: 'P-256', alg: 'ECDH-ES', use: 'enc', kid: text(), x: text(), y: text() },
      { kty: 'RSA', alg: 'RSA-OAEP-256', use: 'enc', kid: text(), n: text(), e: 'AQAB' },
    ])
  })

  function text(): unknown {
    return expect.any(String)
  }
})

describe('RFC 8414 §2 and OIDC Discovery §3: the metadata says what works', () => {
  function metadata(path = '') {
    return engine.call('GET', `/${engine.serviceId}/service/configuration${path}`)
  }

  async function update(settings: Record<string, unknown>): Promise<Record<string, unknown>> {
    const body = { issuer: testIssuer, ...testEndpoints, ...settings }
    expect((await engine.call('POST', `/${engine.serviceId}/service/update`, { body })).status).toBe(200)
    return (await metadata()).json
  }

  const assertionAlgorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA']
  const encryptionAlgorithms = [
    ...['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'],
    ...['RSA-OAEP', 'RSA-OAEP-256'],
  ]
  const contentEncryption = [
    ...['A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512'],
    ...['A128GCM', 'A192GCM', 'A256GCM'],
  ]

  function protectedBy(...answers: string[]): Record<string, string[]> {
    return Object.fromEntries(
      answers.flatMap((answer) => [
        [`${answer}_signing_alg_values_supported`, ['ES256', 'RS256', 'PS256', 'EdDSA']],
        [`${answer}_encryption_alg_values_supported`, encryptionAlgorithms],
        [`${answer}_encryption_enc_values_supported`, contentEncryption],
      ]),
    )
  }

  const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']

  it('given the safe preset, then exactly this', async () => {
    const document = await update({
      supportedAcrs: ['urn:example:gold'],
      supportedUiLocales: ['en', 'de'],
      supportedClaims: ['sub', 'name'],
      policyUri: 'https://as.example/policy',
      supportedScopes: [{ name: 'openid' }, { name: 'notes:read' }],
    })
    expect(document).toEqual({
      issuer: 'https://as.example',
      authorization_endpoint: 'https://as.example/oauth/authorize',
      token_endpoint: 'https://as.example/oauth/token',
      pushed_authorization_request_endpoint: 'https://as.example/oauth/par',
      userinfo_endpoint: 'https://as.example/oauth/userinfo',
      introspection_endpoint: 'https://as.example/oauth/introspect',
      revocation_endpoint: 'https://as.example/oauth/revoke',
      jwks_uri: 'https://as.example/oauth/jwks',
      op_policy_uri: 'https://as.example/policy',
      scopes_supported: ['openid', 'notes:read'],
      claims_supported: ['sub', 'name'],
      claim_types_supported: ['normal'],
      claims_parameter_supported: true,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['public'],
      ...protectedBy('authorization', 'id_token', 'userinfo', 'introspection'),
      acr_values_supported: ['urn:example:gold'],
      ui_locales_supported: ['en', 'de'],
      display_values_supported: ['page'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
      introspection_endpoint_auth_methods_supported: methods.slice(1),
      introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
      authorization_response_iss_parameter_supported: true,
      dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
      require_pushed_authorization_requests: false,
      request_parameter_supported: true,
      request_uri_parameter_supported: true,
      require_request_uri_registration: true,
      require_signed_request_object: false,
      request_object_signing_alg_values_supported: assertionAlgorithms,
      request_object_encryption_alg_values_supported: [
        ...['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'],
        'RSA-OAEP-256',
      ],
      request_object_encryption_enc_values_supported: contentEncryption,
    })
  })

  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ pkceS256Required: false }, { code_challenge_methods_supported: ['S256', 'plain'] }],
    [{ issSuppressed: true }, { authorization_response_iss_parameter_supported: false }],
    [{ parRequired: true }, { require_pushed_authorization_requests: true }],
    [{ requestObjectRequired: true }, { require_signed_request_object: true }],
    [
      { requestObjectRequired: true, traditionalRequestObjectProcessingApplied: true },
      {
        require_signed_request_object: false,
        request_object_signing_alg_values_supported: [...assertionAlgorithms, 'none'],
      },
    ],
    [{ supportedGrantTypes: ['CLIENT_CREDENTIALS'] }, { grant_types_supported: ['client_credentials'] }],
    [{ supportedResponseTypes: [] }, { response_types_supported: [] }],
    [{ supportedPromptValues: ['NONE', 'LOGIN'] }, { prompt_values_supported: ['none', 'login'] }],
    [{ supportedDisplays: ['PAGE', 'POPUP'] }, { display_values_supported: ['page', 'popup'] }],
    [
      { supportedTokenAuthMethods: ['PRIVATE_KEY_JWT'] },
      { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
    ],
    [{ endSessionEndpoint: 'https://as.example/logout' }, { end_session_endpoint: 'https://as.example/logout' }],
    [{ supportedClaimLocales: ['ja'] }, { claims_locales_supported: ['ja'] }],
  ])('given %j, then %j', async (settings, members) => {
    expect(await update(settings)).toMatchObject(members)
  })

  it('given no key that others can encrypt to, then nothing is said about encryption', async () => {
    const { json } = await engine.call('GET', `/${engine.serviceId}/service/jwks/get?includePrivateKeys=true`)
    const keys = Array.isArray(json['keys']) ? json['keys'] : []
    const jwks = JSON.stringify({ keys: keys.filter((key: { use?: string }) => key.use === 'sig') })
    const names = Object.keys(await update({ jwks }))
    expect(names.filter((name) => name.startsWith('request_object_'))).toEqual([
      'request_object_signing_alg_values_supported',
    ])
    await update({ jwks: JSON.stringify({ keys }) })
  })

  it('given no method with a key, then no algorithms of assertions', async () => {
    const document = await update({ supportedTokenAuthMethods: ['NONE', 'CLIENT_SECRET_BASIC'] })
    expect(document).not.toHaveProperty('token_endpoint_auth_signing_alg_values_supported')
  })

  it('given endpoints that are not there, then neither they nor what goes with them', async () => {
    const { status } = await engine.call('POST', `/${engine.serviceId}/service/update`, {
      body: { issuer: testIssuer },
    })
    expect(status).toBe(200)
    const names = Object.keys((await metadata()).json)
    expect(names.filter((name) => /endpoint|_uri$/.test(name) && !name.startsWith('token_'))).toEqual([])
    expect(names.filter((name) => /^(userinfo|introspection)_/.test(name))).toEqual([])
  })

  it('given a patch, then 400: the metadata follows from the settings', async () => {
    const { status, json } = await metadata('?patch=%5B%5D')
    expect([status, json['resultCode']]).toEqual([400, 'A970202'])
  })
})
