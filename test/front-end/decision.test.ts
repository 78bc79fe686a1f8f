import { describe, expect, it } from 'vitest'
import { authorizationRequestFrom, type AuthorizationRequest } from '../../server/authorization-request.ts'
import {
  decide,
  decideWithoutPages,
  mayRemember,
  passwordAcr,
  type Circumstances,
  type FailReason,
  type LoginReason,
} from '../../server/decision.ts'

const now = 1_800_000_000
const john = { subject: 'john', authTime: now - 100, acr: passwordAcr }

const plainRequest: AuthorizationRequest = authorizationRequestFrom(
  {
    action: 'INTERACTION',
    resultCode: 'A004001',
    resultMessage: '[A004001] The request is good.',
    ticket: 'ticket',
    client: { clientId: 1, clientType: 'CONFIDENTIAL' },
    service: { apiKey: 1 },
    scopes: [{ name: 'openid' }, { name: 'notes:read' }],
    maxAge: 0,
  },
  'response_type=code',
)

/** John came back to a client that he granted everything to. Each case changes what it is about. */
function given(
  change: Partial<Omit<Circumstances, 'request'>> & { request?: Partial<AuthorizationRequest> },
): Circumstances {
  const everything = new Set(['openid', 'notes:read'])
  return {
    person: john,
    accounts: 1,
    progress: { authenticatedSubject: undefined, mustChoose: false },
    remembered: { granted: everything, claims: new Set() },
    now,
    ...change,
    request: { ...plainRequest, ...change.request },
  }
}

const issue = { step: 'issue', person: john, scopes: ['openid', 'notes:read'] }

type Page = LoginReason | 'login' | 'select-account' | 'consent' | undefined

/** The rows of the algorithm: what stands in the way, the reason when no page may be shown, the page when one may. */
const rows: [what: string, circumstances: Circumstances, reason: FailReason, page: Page][] = [
  ['1: nobody is signed in', given({ person: undefined }), 'NOT_LOGGED_IN', 'login'],
  ['2: the sign-in is one second too old', given({ request: { maxAge: 99 } }), 'EXCEEDS_MAX_AGE', 'too-long-ago'],
  [
    '2: max_age=0, as the engine reports it',
    given({ request: { prompts: ['LOGIN'] } }),
    'EXCEEDS_MAX_AGE',
    'asked-again',
  ],
  ['3: another subject is demanded', given({ request: { subject: 'jane' } }), 'DIFFERENT_SUBJECT', 'login'],
  [
    '4: an essential class that nobody here performs',
    given({ request: { acrs: ['urn:example:gold'], acrEssential: true } }),
    'ACR_NOT_SATISFIED',
    undefined,
  ],
  [
    '4: an essential class that this sign-in did not have',
    given({ request: { acrs: [passwordAcr], acrEssential: true }, person: { ...john, acr: 'other' } }),
    'ACR_NOT_SATISFIED',
    'stronger',
  ],
  [
    '5: a scope was not granted yet',
    given({ remembered: { granted: new Set(['openid']), claims: new Set() } }),
    'CONSENT_REQUIRED',
    'consent',
  ],
  ['5: nothing was ever granted', given({ remembered: undefined }), 'CONSENT_REQUIRED', 'consent'],
  [
    '5: a claim was not granted yet',
    given({ request: { userInfoClaims: '{"nickname":null}' } }),
    'CONSENT_REQUIRED',
    'consent',
  ],
  [
    '5: a sensitive scope is never granted from memory',
    given({
      request: {
        scopes: [{ name: 'openid', descriptions: [], attributes: [{ key: 'consent.sensitive', value: 'true' }] }],
      },
    }),
    'CONSENT_REQUIRED',
    'consent',
  ],
  [
    '5: a public client',
    given({ request: { client: { ...plainRequest.client, clientType: 'PUBLIC' } } }),
    'CONSENT_REQUIRED',
    'consent',
  ],
  [
    '6: a parameterized scope',
    given({ request: { dynamicScopes: [{ name: 'pay', value: 'pay:12' }] } }),
    'CONSENT_REQUIRED',
    'consent',
  ],
  [
    '7: a resource that cannot be one',
    given({ request: { resources: ['https://api.example/#x'] } }),
    'INVALID_TARGET',
    undefined,
  ],
  ['7: a relative resource', given({ request: { resources: ['/api'] } }), 'INVALID_TARGET', undefined],
  [
    'details that no page can show',
    given({ request: { authorizationDetails: { elements: [] } } }),
    'SERVER_ERROR',
    undefined,
  ],
]

describe('OIDC Core §3.1.2.1: prompt=none, no page may be shown (NO_INTERACTION)', () => {
  it('given that nothing is in the way, then issue', () => {
    expect(decideWithoutPages(given({}))).toEqual(issue)
  })

  it.each(rows)('given %s, then the request fails', (_what, circumstances, reason) => {
    expect(decideWithoutPages(circumstances)).toEqual({ step: 'fail', reason })
  })
})

describe('OIDC Core §3.1.2.3 and §3.1.2.4: pages may be shown (INTERACTION)', () => {
  it('given that nothing is in the way, then issue', () => {
    expect(decide(given({}))).toEqual(issue)
  })

  it.each(rows)('given %s, then the page that mends it, or the failure', (_what, circumstances, reason, page) => {
    const reasons: unknown[] = ['asked-again', 'too-long-ago', 'stronger'] satisfies LoginReason[]
    const expected =
      page === undefined
        ? { step: 'fail', reason }
        : page === 'consent'
          ? { step: 'consent' }
          : { step: 'login', reason: reasons.includes(page) ? page : undefined }
    expect(decide(circumstances)).toEqual(expected)
  })

  it('prompt=consent: given that all is granted, then consent all the same', () => {
    expect(decide(given({ request: { prompts: ['CONSENT'] } }))).toEqual({ step: 'consent' })
  })

  it('prompt=login: given a sign-in from before, then login; given one for this request, then not again', () => {
    const request = { prompts: ['LOGIN'] }
    expect(decide(given({ request }))).toMatchObject({ step: 'login' })
    expect(decide(given({ request, progress: { authenticatedSubject: 'jane', mustChoose: false } }))).toMatchObject({
      step: 'login',
    })
    expect(decide(given({ request, progress: { authenticatedSubject: 'john', mustChoose: false } }))).toEqual(issue)
  })

  it('max_age: given a sign-in for this request, then a slow decision does not ask again', () => {
    const progress = { authenticatedSubject: 'john', mustChoose: false }
    expect(decide(given({ request: { maxAge: 1 }, progress }))).toEqual(issue)
  })

  it('max_age: given a sign-in of exactly that age, then it is recent enough', () => {
    expect(decide(given({ request: { maxAge: 100 } }))).toEqual(issue)
  })

  it('prompt=select_account: given accounts on this browser, then the chooser, once; given none, then login', () => {
    const mustChoose = { authenticatedSubject: undefined, mustChoose: true }
    expect(decide(given({ progress: mustChoose }))).toEqual({ step: 'select-account' })
    expect(decide(given({ progress: mustChoose, accounts: 0 }))).toMatchObject({ step: 'login' })
    expect(decide(given({ progress: mustChoose, person: undefined, accounts: 0 }))).toMatchObject({ step: 'login' })
    expect(decide(given({ progress: { ...mustChoose, mustChoose: false } }))).toEqual(issue)
  })

  it('acr: given a voluntary wish that cannot be met, then the sign-in goes on (§5.5.1.1)', () => {
    expect(decide(given({ request: { acrs: ['urn:example:gold'] } }))).toEqual(issue)
  })

  it('given a claim that a requested scope brings along, then the scope decides', () => {
    const scopes = [
      { name: 'openid', descriptions: [], attributes: [] },
      { name: 'email', descriptions: [], attributes: [] },
    ]
    const remembered = { granted: new Set(['openid', 'email']), claims: new Set<string>() }
    expect(
      decide(given({ request: { scopes, userInfoClaims: '{"email":{"essential":true}}' }, remembered })),
    ).toMatchObject({ step: 'issue' })
  })

  it('given claims that describe the sign-in itself, then nobody is asked about them', () => {
    const idTokenClaims = '{"acr":{"essential":false},"auth_time":{"essential":true},"sub":{"value":"john"}}'
    expect(decide(given({ request: { idTokenClaims } }))).toEqual(issue)
  })
})

describe('RFC 8252 §8.6: with whom a decision may be taken from memory', () => {
  const { client } = plainRequest
  const ours = [{ key: 'first_party', value: 'true' }]
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

describe('what is kept of an accepted request', () => {
  const answer = {
    action: 'INTERACTION',
    resultCode: 'A004001',
    resultMessage: '',
    ticket: 'ticket',
    client: { clientId: 1, redirectUris: ['https://app.example/a', 'https://app.example/b'] },
    service: { apiKey: 1 },
    maxAge: 0,
  } as const

  it('given max_age=0 in the query of an engine that cannot tell, then a fresh login is asked for', () => {
    expect(authorizationRequestFrom({ ...answer, client: { clientId: 1 } }, 'max_age=0').prompts).toEqual(['LOGIN'])
    expect(authorizationRequestFrom({ ...answer, client: { clientId: 1 } }, 'max_age=10').prompts).toEqual([])
  })

  it('given a redirect URI in the query, then it is the destination, but not beside a request object (RFC 9101 §6.3)', () => {
    const sent = 'redirect_uri=https%3A%2F%2Fapp.example%2Fb'
    const twoUris = { ...answer, client: { ...answer.client, redirectUris: [...answer.client.redirectUris] } }
    expect(authorizationRequestFrom(twoUris, sent).redirectUri).toBe('https://app.example/b')
    expect(authorizationRequestFrom(twoUris, `${sent}&request_uri=urn:x`).redirectUri).toBeUndefined()
    expect(authorizationRequestFrom({ ...twoUris, redirectUri: 'https://app.example/a' }, sent).redirectUri).toBe(
      'https://app.example/a',
    )
  })
})
