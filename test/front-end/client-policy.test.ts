import { describe, expect, it } from 'vitest'
import { authorizationRequestFrom, type AuthorizationRequest } from '../../server/authorization-request.ts'
import { clientPolicy, mayRemember, maySkipConsent } from '../../server/client-policy.ts'

const plainRequest: AuthorizationRequest = authorizationRequestFrom(
  {
    action: 'INTERACTION',
    resultCode: 'A004001',
    resultMessage: '',
    ticket: 'ticket',
    client: { clientId: 1, clientType: 'CONFIDENTIAL' },
    service: { apiKey: 1 },
    scopes: [{ name: 'openid' }],
    maxAge: 0,
  },
  '',
)

function requestOf(attributes: Record<string, string>, change: Partial<AuthorizationRequest> = {}) {
  const pairs = Object.entries(attributes).map(([key, value]) => ({ key, value }))
  return { ...plainRequest, client: { ...plainRequest.client, attributes: pairs }, ...change }
}

function scope(name: string, attributes: Record<string, string> = {}) {
  return { name, descriptions: [], attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })) }
}

describe('RFC 6749 §3.3: which client may ask for which scope', () => {
  const cases: [affiliation: string | undefined, admitted: string | undefined, allowed: boolean][] = [
    [undefined, undefined, true],
    ['first-party', undefined, true],
    ['first-party', 'first-party', true],
    ['partner', 'first-party partner', true],
    ['partner', 'first-party,partner', true],
    ['third-party', 'third-party', true],
    [undefined, 'third-party', true],
    [undefined, 'first-party partner', false],
    ['third-party', 'first-party partner', false],
    ['partner', 'first-party', false],
    ['First-Party', 'first-party', false],
    ['first-party partner', 'first-party', false],
    ['first-party', '', false],
    ['first-party', 'anybody', false],
  ]
  it.each(cases)('given a client that is %j and a scope for %j, then %j', (affiliation, admitted, allowed) => {
    const scopes = [scope('openid'), scope('batch', admitted === undefined ? {} : { 'policy.affiliation': admitted })]
    const client: Record<string, string> = affiliation === undefined ? {} : { affiliation }
    expect(clientPolicy(requestOf(client, { scopes })).allowed).toBe(allowed)
  })

  it('given a refusal, then it names the scope, what it takes and what the client is, in characters of an OAuth error', () => {
    const scopes = [scope('batch', { 'policy.affiliation': 'first-party partner' })]
    const verdict = clientPolicy(requestOf({}, { scopes }))
    expect(verdict).toMatchObject({ allowed: false, reason: 'INVALID_SCOPE' })
    const { description } = { description: '', ...verdict }
    expect(description).toContain(
      'The scope batch is for first-party and partner clients, and this client is third-party.',
    )
    // RFC 6749 §4.1.2.1.
    expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  })

  it('given a value of a parameterized scope, then the policy of its scope counts', () => {
    const dynamicScopes = [{ ...scope('pay', { 'policy.affiliation': 'partner' }), value: 'pay:12' }]
    expect(clientPolicy(requestOf({}, { dynamicScopes })).allowed).toBe(false)
    expect(clientPolicy(requestOf({ affiliation: 'partner' }, { dynamicScopes })).allowed).toBe(true)
  })
})

describe('OIDC Core §3.1.2.4: who may go on without a consent page', () => {
  const ours = { affiliation: 'first-party', consent: 'skip' }
  const { client } = requestOf(ours)

  it('given a confidential client of the house that says so, then yes', () => {
    expect(maySkipConsent(requestOf(ours))).toBe(true)
  })

  const cases: [what: string, request: AuthorizationRequest][] = [
    ['a client that does not say so', requestOf({ affiliation: 'first-party' })],
    ['a partner', requestOf({ ...ours, affiliation: 'partner' })],
    ['a third party', requestOf({ consent: 'skip' })],
    ['prompt=consent', requestOf(ours, { prompts: ['CONSENT'] })],
    ['a sensitive scope', requestOf(ours, { scopes: [scope('pay', { 'consent.sensitive': 'true' })] })],
    ['a parameterized scope', requestOf(ours, { dynamicScopes: [{ ...scope('pay'), value: 'pay:12' }] })],
    ['authorization details', requestOf(ours, { authorizationDetails: { elements: [{ type: 'x' }] } })],
    ['grant management', requestOf(ours, { gmAction: 'CREATE' })],
    ['a client that registered itself', requestOf(ours, { client: { ...client, dynamicallyRegistered: true } })],
    [
      'a client known from its metadata document',
      requestOf(ours, { client: { ...client, discoveredByMetadataDocument: true } }),
    ],
    [
      'a public client on loopback',
      requestOf(ours, { client: { ...client, clientType: 'PUBLIC' }, redirectUri: 'http://127.0.0.1/cb' }),
    ],
    [
      'a public client with a scheme of its own',
      requestOf(ours, { client: { ...client, clientType: 'PUBLIC' }, redirectUri: 'com.example.app:/cb' }),
    ],
  ]
  it.each(cases)('given %s, then no', (_what, request) => {
    expect(maySkipConsent(request)).toBe(false)
  })

  it('given a public client of the house on https, then yes', () => {
    const request = { client: { ...client, clientType: 'PUBLIC' }, redirectUri: 'https://app.example/cb' }
    expect(maySkipConsent(requestOf(ours, request))).toBe(true)
  })
})

describe('RFC 8252 §8.6: with whom a decision may be taken from memory', () => {
  const { client } = plainRequest
  const ours = [{ key: 'affiliation', value: 'first-party' }]
  const cases: [what: string, request: Partial<AuthorizationRequest>, expected: boolean][] = [
    ['a confidential client', { client }, true],
    ['a public client', { client: { ...client, clientType: 'PUBLIC' } }, false],
    [
      'our own public client on https',
      { client: { ...client, clientType: 'PUBLIC', attributes: ours }, redirectUri: 'https://app.example/cb' },
      true,
    ],
    [
      'our own public client on loopback',
      { client: { ...client, clientType: 'PUBLIC', attributes: ours }, redirectUri: 'http://127.0.0.1:5000/cb' },
      false,
    ],
    [
      'our own public client on https loopback',
      { client: { ...client, clientType: 'PUBLIC', attributes: ours }, redirectUri: 'https://localhost/cb' },
      false,
    ],
    [
      'our own public client with a scheme of its own',
      { client: { ...client, clientType: 'PUBLIC', attributes: ours }, redirectUri: 'com.example.app:/cb' },
      false,
    ],
    [
      'our own public client, going nobody knows where',
      { client: { ...client, clientType: 'PUBLIC', attributes: ours } },
      false,
    ],
    ['a client that registered itself', { client: { ...client, dynamicallyRegistered: true } }, false],
    [
      'a client that registered itself, ours or not',
      { client: { ...client, clientSource: 'DYNAMIC_REGISTRATION', attributes: ours } },
      false,
    ],
    ['a client known from its metadata document', { client: { ...client, discoveredByMetadataDocument: true } }, false],
    ['a statically registered client', { client: { ...client, clientSource: 'STATIC_REGISTRATION' } }, true],
  ]
  it.each(cases)('given %s', (_what, change, expected) => {
    expect(mayRemember({ ...plainRequest, ...change })).toBe(expected)
  })
})
