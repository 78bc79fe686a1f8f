import { describe, expect, it } from 'vitest'
import { authorizationRequestFrom, type AuthorizationRequest } from '../../server/authorization-request.ts'
import {
  decide,
  decideWithoutPages,
  passkeyAcr,
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

const nothing = { granted: new Set<string>(), claims: new Set<string>(), declined: new Set<string>() }

/** John came back to a client that he granted everything to. Each case changes what it is about. */
function given(
  change: Partial<Omit<Circumstances, 'request'>> & { request?: Partial<AuthorizationRequest> },
): Circumstances {
  const everything = new Set(['openid', 'notes:read'])
  return {
    person: john,
    accounts: 1,
    progress: { authenticatedSubject: undefined, mustChoose: false },
    remembered: { ...nothing, granted: everything },
    hasDecided: true,
    now,
    ...change,
    request: { ...plainRequest, ...change.request },
  }
}

const issue = { step: 'issue', by: 'memory', person: john, scopes: ['openid', 'notes:read'] }

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
    '4: a passkey is essential, and this sign-in was by password',
    given({ request: { acrs: [passkeyAcr], acrEssential: true } }),
    'ACR_NOT_SATISFIED',
    'with-passkey',
  ],
  [
    '4: a password is essential, and this sign-in was by passkey',
    given({ request: { acrs: [passwordAcr], acrEssential: true }, person: { ...john, acr: passkeyAcr } }),
    'ACR_NOT_SATISFIED',
    'with-password',
  ],
  [
    '5: a scope was not granted yet',
    given({ remembered: { ...nothing, granted: new Set(['openid']) } }),
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
    given({ request: { dynamicScopes: [{ name: 'pay', value: 'pay:12', descriptions: [], attributes: [] }] } }),
    'CONSENT_REQUIRED',
    'consent',
  ],
  [
    '7: a resource that cannot be one',
    given({ request: { resources: ['https://api.example/#x'] } }),
    'INVALID_TARGET',
    undefined,
  ],
  [
    '7: two resources in one',
    given({ request: { resources: ['https://a.example/ https://b.example'] } }),
    'INVALID_TARGET',
    undefined,
  ],
  [
    '7: a resource with a line break',
    given({ request: { resources: ['https://a.example/\n'] } }),
    'INVALID_TARGET',
    undefined,
  ],
  ['7: a relative resource', given({ request: { resources: ['/api'] } }), 'INVALID_TARGET', undefined],
  [
    '8: authorization details',
    given({ request: { authorizationDetails: { elements: [{ type: 'payment_initiation' }] } } }),
    'CONSENT_REQUIRED',
    'consent',
  ],
  ['9: a managed grant', given({ request: { gmAction: 'CREATE' } }), 'CONSENT_REQUIRED', 'consent'],
  [
    '9: a managed grant of another person',
    given({ request: { gmAction: 'REPLACE', grantId: 'g', grantSubject: 'jane' } }),
    'DIFFERENT_SUBJECT',
    'consent',
  ],
  [
    '10: what was allowed for a while has just ended',
    given({
      remembered: { ...nothing, granted: new Set(['openid', 'notes:read']), endsAt: new Date(now * 1000) },
    }),
    'CONSENT_REQUIRED',
    'consent',
  ],
  [
    '11: nothing is asked for, so that nothing is remembered',
    given({ request: { scopes: [] } }),
    'CONSENT_REQUIRED',
    'consent',
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
    const reasons: unknown[] = [
      'asked-again',
      'too-long-ago',
      'with-passkey',
      'with-password',
      'stronger',
    ] satisfies LoginReason[]
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
    const remembered = { ...nothing, granted: new Set(['openid', 'email']) }
    expect(
      decide(given({ request: { scopes, userInfoClaims: '{"email":{"essential":true}}' }, remembered })),
    ).toMatchObject({ step: 'issue' })
  })

  it('given claims that describe the sign-in itself, then nobody is asked about them', () => {
    const idTokenClaims = '{"acr":{"essential":false},"auth_time":{"essential":true},"sub":{"value":"john"}}'
    expect(decide(given({ request: { idTokenClaims } }))).toEqual(issue)
  })
})

describe('RFC 6749 §3.3: what no page mends', () => {
  const request = {
    scopes: [
      { name: 'openid', descriptions: [], attributes: [] },
      { name: 'payments:batch', descriptions: [], attributes: [{ key: 'policy.affiliation', value: 'first-party' }] },
    ],
  }

  it('given a scope that this client may not ask for, then the request fails before any page, and says which', () => {
    for (const step of [decide(given({ request, person: undefined })), decideWithoutPages(given({ request }))]) {
      expect(step).toMatchObject({ step: 'fail', reason: 'INVALID_SCOPE' })
      expect(step).toHaveProperty('description', expect.stringContaining('The scope payments:batch is for'))
    }
  })
})

describe('RFC 6749 §1.5: what was allowed for a while', () => {
  const granted = new Set(['openid', 'notes:read'])

  it('given that it has not ended, then it goes on for the rest of the time, and no longer', () => {
    const remembered = { ...nothing, granted, endsAt: new Date((now + 60) * 1000) }
    expect(decide(given({ remembered }))).toEqual({ ...issue, secondsLeft: 60 })
  })

  it('given that no end was set, then none is sent', () => {
    expect(decide(given({ remembered: { ...nothing, granted, endsAt: undefined } }))).toEqual(issue)
  })
})

describe('OIDC Core §11: a person who said no to offline_access', () => {
  const declined = new Set(['offline_access'])
  const granted = new Set(['openid', 'notes:read'])
  const service = { ...plainRequest.service, accessTokenDuration: 600 }

  it('given a request that does not ask for it, then it is answered from memory, and cannot be refreshed', () => {
    const remembered = { ...nothing, granted, declined }
    expect(decide(given({ remembered, request: { service } }))).toEqual({ ...issue, secondsLeft: 600 })
    expect(decideWithoutPages(given({ remembered }))).toEqual({ ...issue, secondsLeft: 3_600 })
  })

  it('given that access ends earlier, then then', () => {
    const remembered = { ...nothing, granted, declined, endsAt: new Date((now + 60) * 1000) }
    expect(decide(given({ remembered, request: { service } }))).toEqual({ ...issue, secondsLeft: 60 })
  })
})

describe('OIDC Core §3.1.2.4: a client of the house that needs no consent', () => {
  const attributes = [
    { key: 'affiliation', value: 'first-party' },
    { key: 'consent', value: 'skip' },
  ]
  const client = { ...plainRequest.client, attributes }

  it('given that nothing was ever allowed, then issue, with or without pages; but not before somebody is signed in', () => {
    const first = { request: { client }, remembered: undefined, hasDecided: false }
    expect(decide(given(first))).toEqual({ ...issue, by: 'policy' })
    expect(decideWithoutPages(given(first))).toEqual({ ...issue, by: 'policy' })
    expect(decide(given({ ...first, person: undefined }))).toMatchObject({ step: 'login' })
  })

  it('given that the person decided about it once, or took something back, then their word counts', () => {
    expect(decide(given({ request: { client }, remembered: undefined, hasDecided: true }))).toEqual({ step: 'consent' })
    expect(decide(given({ request: { client }, hasDecided: true }))).toEqual(issue)
  })

  it('given prompt=consent or authorization details, then consent all the same', () => {
    const cases = [{ prompts: ['CONSENT'] }, { authorizationDetails: { elements: [{ type: 'x' }] } }]
    for (const change of cases) {
      expect(decide(given({ request: { client, ...change }, remembered: undefined, hasDecided: false }))).toEqual({
        step: 'consent',
      })
    }
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
