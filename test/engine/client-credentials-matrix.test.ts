import { randomBytes } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../../sdk/types.ts'
import type { IssuedCertificate } from '../certificates.ts'
import { issueCertificate, makeAuthority } from '../certificates.ts'
import { makeClientAssertion } from '../client-assertion.ts'
import type { Conversation, Credentials, RegisteredTestClient, TokenExtras } from './conversation.ts'
import { converse, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const methods = [
  ...(['CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'CLIENT_SECRET_JWT'] as const),
  ...(['PRIVATE_KEY_JWT', 'TLS_CLIENT_AUTH', 'SELF_SIGNED_TLS_CLIENT_AUTH'] as const),
]
type Method = (typeof methods)[number]

const [api, other] = ['https://api.example', 'https://other.example']
const details = [
  { type: 'accounts', actions: ['balance'] },
  { type: 'accounts', locations: [other] },
]
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

let under: TestEngine
let engine: Conversation
let key: CryptoKey
let certificate: IssuedCertificate
let ownCertificate: IssuedCertificate
let settingsOf: Record<Method, Client>

beforeAll(async () => {
  const authority = await makeAuthority('Root')
  under = await openTestEngine(
    {
      supportedTokenAuthMethods: [...methods],
      supportedAuthorizationDetailsTypes: ['accounts'],
      trustedRootCertificates: [authority.pem],
    },
    undefined,
    randomBytes(32),
  )
  engine = converse(under)
  const pair = await generateKeyPair('ES256')
  key = pair.privateKey
  certificate = await issueCertificate({ subject: [{ CN: ['client.example'] }], by: authority })
  ownCertificate = await issueCertificate({ subject: [{ CN: ['client.example'] }] })
  settingsOf = {
    CLIENT_SECRET_BASIC: {},
    CLIENT_SECRET_POST: {},
    CLIENT_SECRET_JWT: {},
    PRIVATE_KEY_JWT: { jwks: JSON.stringify({ keys: [await exportJWK(pair.publicKey)] }) },
    TLS_CLIENT_AUTH: { tlsClientAuthSubjectDn: 'CN=client.example' },
    SELF_SIGNED_TLS_CLIENT_AUTH: { jwks: JSON.stringify({ keys: [ownCertificate.jwk] }) },
  }
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

interface Presented {
  form?: Record<string, string>
  credentials?: Credentials
  beside?: TokenExtras
}

async function present(method: Method, client: RegisteredTestClient): Promise<Presented> {
  const { clientId, clientSecret } = client
  const assert = async (signer: { key: CryptoKey | Uint8Array; alg: string }): Promise<Presented> => {
    const about = { aud: testIssuer, now: under.clock.now() }
    const client_assertion = await makeClientAssertion({ clientId, ...signer }, about)
    return { form: { client_assertion, client_assertion_type: assertionType } }
  }
  switch (method) {
    case 'CLIENT_SECRET_BASIC':
      return { credentials: client }
    case 'CLIENT_SECRET_POST':
      return { form: { client_id: clientId, client_secret: clientSecret } }
    case 'CLIENT_SECRET_JWT':
      return assert({ key: Buffer.from(clientSecret), alg: 'HS256' })
    case 'PRIVATE_KEY_JWT':
      return assert({ key, alg: 'ES256' })
    case 'TLS_CLIENT_AUTH':
      return { form: { client_id: clientId }, beside: { clientCertificate: certificate.pem } }
    case 'SELF_SIGNED_TLS_CLIENT_AUTH':
      return { form: { client_id: clientId }, beside: { clientCertificate: ownCertificate.pem } }
    default:
      return method satisfies never
  }
}

const cases = methods.flatMap((method) => ([undefined, 'ES256'] as const).map((alg) => [method, alg] as const))

describe('RFC 6749 §4.4: client credentials, for every authentication and both kinds of token', () => {
  it.each(cases)('given %s and access_token.sign_alg %s', async (tokenAuthMethod, alg) => {
    const client = await engine.registerClient({
      ...{ tokenAuthMethod, redirectUris: [], authorizationDetailsTypes: ['accounts'], ...settingsOf[tokenAuthMethod] },
      ...(alg && { attributes: [{ key: 'access_token.sign_alg', value: alg }] }),
    })
    const { form, credentials, beside } = await present(tokenAuthMethod, client)
    const answer = await engine.token(
      {
        grant_type: 'client_credentials',
        // Scopes about a person, and refresh tokens, are not for clients that act for themselves.
        scope: 'openid email offline_access notes:read notes:write',
        resource: api,
        authorization_details: JSON.stringify(details),
        ...form,
      },
      credentials,
      beside,
    )
    const { access_token: token, scope } = tokensOf(answer)
    const response = jsonOf(answer)
    expect(scope).toBe('notes:read notes:write')
    expect(response).not.toHaveProperty('refresh_token')
    expect(response).not.toHaveProperty('id_token')
    expect(response['authorization_details']).toEqual(details)
    expect(answer).toMatchObject({ clientAuthMethod: tokenAuthMethod, grantType: 'CLIENT_CREDENTIALS' })

    // RFC 8707 §2.2, RFC 9396 §9.1: for this resource, and what concerns it.
    const claims = { aud: [api], client_id: client.clientId, scope, authorization_details: details.slice(0, 1) }
    if (alg) expect(decodeJwt(token)).toMatchObject({ ...claims, sub: client.clientId })
    expect(token.split('.')).toHaveLength(alg ? 3 : 1)
    const introspected = await engine.introspect(token, api)
    expect(introspected).toMatchObject({ active: true, ...claims })
    expect(introspected).not.toHaveProperty('sub')
    expect(await engine.introspect(token, other)).toEqual({ active: false })
    expect((await engine.userinfo(token)).action).not.toBe('OK')
  })

  it.each<[string, Record<string, string>, string]>([
    ['a type that it may not use', { authorization_details: '[{"type":"payments"}]' }, 'invalid_authorization_details'],
    ['details that are no list', { authorization_details: '{}' }, 'invalid_authorization_details'],
    ['a resource that is none', { resource: 'api' }, 'invalid_target'],
    ['a resource with a fragment', { resource: `${api}#x` }, 'invalid_target'],
  ])('given %s, then it is refused', async (_, parameters, error) => {
    const client = await engine.registerClient({ redirectUris: [], authorizationDetailsTypes: ['accounts'] })
    const answer = await engine.token({ grant_type: 'client_credentials', scope: 'notes:read', ...parameters }, client)
    expect([answer.action, jsonOf(answer)['error']]).toEqual(['BAD_REQUEST', error])
  })
})
