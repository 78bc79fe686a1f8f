import fc from 'fast-check'
import { ClientError } from 'openid-client'
import { describe, expect, it } from 'vitest'
import { BearerRefusal, challenge } from '../../demo/api-refusal.ts'
import { isLoopbackHttp } from '../../demo/authorization-server.ts'
import { checkScope } from '../../demo/bearer.ts'
import { boundedMap } from '../../demo/bounded-map.ts'
import { upcomingEvents } from '../../demo/calendar.ts'
import { explainClaims } from '../../demo/claims.ts'
import { describeProblem } from '../../demo/problems.ts'
import { parseSignInForm, signInFields } from '../../demo/forms.ts'
import { coversPayment, isAtMost, readGrantedDetails, visibleAccounts } from '../../demo/granted-details.ts'
import { maskToken } from '../../demo/mask-token.ts'
import { compareScopes, scopeNames, scopeTitle } from '../../demo/scopes.ts'
import {
  grantActions,
  methods,
  promptParameter,
  prompts,
  requestedResources,
  requestedScopes,
  resourceNames,
} from '../../demo/sign-in.ts'
import { claimNames, claimsParameter, compareClaims } from '../../demo/wanted-claims.ts'
import { compareDetails, detailTypes, parseDetails, usualPayment, wantedDetails } from '../../demo/wanted-details.ts'

describe('RFC 6750 §3.1: a token without the scope', () => {
  const caller = { scopes: ['notes:read', 'notes'] }

  it('given the scope, then the call goes on', () => {
    expect(() => {
      checkScope(caller, 'notes:read')
    }).not.toThrow()
  })

  it('given only scopes that look like it, then 403 insufficient_scope', () => {
    expect(() => {
      checkScope(caller, 'notes:write')
    }).toThrow(expect.objectContaining({ status: 403, code: 'insufficient_scope', scope: 'notes:write' }))
  })

  it('is told in the challenge which scope it takes', () => {
    const refusal = new BearerRefusal(403, 'insufficient_scope', 'Too little', 'notes:write')
    expect(challenge(refusal, 'Bearer')).toBe(
      'Bearer realm="Daybook API", error="insufficient_scope", error_description="Too little", scope="notes:write"',
    )
  })
})

describe('RFC 6749 §3.3: the granted scope may differ from the requested one', () => {
  it('sorts scopes into granted, declined and added', () => {
    expect(compareScopes(['openid', 'email', 'phone'], ['telemetry', 'phone', 'openid'])).toEqual({
      granted: ['openid', 'phone'],
      declined: ['email'],
      added: ['telemetry'],
    })
  })

  it('loses and invents nothing', () => {
    const scopes = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
    fc.assert(
      fc.property(scopes, scopes, (requested, granted) => {
        const comparison = compareScopes(requested, granted)
        expect([...comparison.granted, ...comparison.declined].sort()).toEqual([...requested].sort())
        expect([...comparison.granted, ...comparison.added].sort()).toEqual([...granted].sort())
      }),
    )
  })
})

describe('OIDC Core §11: offline_access goes together with prompt=consent', () => {
  it.each([
    [['openid'], '', undefined],
    [['openid'], 'login', 'login'],
    [['openid', 'offline_access'], '', 'consent'],
    [['openid', 'offline_access'], 'login', 'login consent'],
    [['openid', 'offline_access'], 'select_account', 'select_account consent'],
    [['openid', 'offline_access'], 'consent', 'consent'],
    [['openid', 'offline_access'], 'none', 'none'], // OIDC Core §3.1.2.1: none stands alone.
  ] as const)('given %j and %j, then %j is sent', (scopes, prompt, sent) => {
    expect(promptParameter({ scopes, prompt })).toBe(sent)
  })
})

describe('a form that asks for the same again', () => {
  it('is read as the request that it was made of', () => {
    const request = fc.record({
      scopes: fc.subarray([...scopeNames]),
      paymentId: fc.stringMatching(/^[A-Za-z0-9-]{0,36}$/),
      claims: fc.subarray([...claimNames]),
      details: fc.subarray([...detailTypes]),
      payment: fc.record({
        amount: fc.constantFrom('', '1', '12.50', 'a lot'),
        creditor: fc.constantFrom('', 'A "B" <c>'),
      }),
      resources: fc.subarray([...resourceNames]),
      grantAction: fc.constantFrom(...grantActions),
      method: fc.constantFrom(...methods),
      prompt: fc.constantFrom(...prompts),
    })
    fc.assert(
      fc.property(request, (asked) => {
        const body: Record<string, string | string[]> = {}
        for (const [name, value] of signInFields(asked)) {
          body[name] = name in body ? [body[name] ?? '', value].flat() : value
        }
        expect(parseSignInForm(body)).toEqual(asked)
      }),
    )
  })

  it('given the value of a parameterized scope, then it is one scope more', () => {
    expect(requestedScopes({ scopes: ['openid'], paymentId: 'inv-42' })).toEqual(['openid', 'payment:inv-42'])
    expect(requestedScopes({ scopes: ['openid'], paymentId: '' })).toEqual(['openid'])
    expect(scopeTitle('payment:inv-42')).toBe('See the payment inv-42')
  })
})

describe('RFC 8707 §2: tokens are limited to resources', () => {
  const [api, issuer] = ['https://api.example', 'https://as.example']

  it('given any, then the server itself is named too, or userinfo would refuse the tokens', () => {
    expect(requestedResources({ resources: ['bank'] }, api, issuer)).toEqual([`${api}/bank`, issuer])
    expect(requestedResources({ resources: ['api', 'bank'] }, api, issuer)).toEqual([api, `${api}/bank`, issuer])
  })

  it('given none, or no API, then none', () => {
    expect(requestedResources({ resources: [] }, api, issuer)).toEqual([])
    expect(requestedResources({ resources: ['api'] }, undefined, issuer)).toEqual([])
  })
})

describe('OIDC Core §5.5: claims are asked for by name', () => {
  it('given names, then each says why, and the essential one that it is', () => {
    expect(JSON.parse(claimsParameter(['preferred_username', 'zoneinfo']) ?? '')).toEqual({
      id_token: { preferred_username: { essential: true, purpose: 'To put a name on your daybook' } },
      userinfo: { zoneinfo: { purpose: 'To show appointments in your own time' } },
    })
  })

  it('given none, then there is no parameter', () => {
    expect(claimsParameter([])).toBeUndefined()
  })

  it('given answers, then a claim counts as released where it was asked for', () => {
    const released = { id_token: { preferred_username: 'john', zoneinfo: 'Europe/Dublin' }, userinfo: undefined }
    expect(compareClaims(['zoneinfo', 'preferred_username'], released)).toMatchObject([
      { claim: { name: 'preferred_username' }, released: true },
      { claim: { name: 'zoneinfo' }, released: false },
    ])
  })
})

describe('RFC 9396 §7: what was granted is shown beside what was asked for', () => {
  const asked = wantedDetails(detailTypes, usualPayment)

  it('given all of it, then granted', () => {
    expect(compareDetails(asked, asked).map(({ outcome }) => outcome)).toEqual(['granted', 'granted'])
  })

  it('given less, then narrowed or declined, member by member', () => {
    const granted = {
      type: 'account_information',
      actions: ['list_accounts'],
      accounts: [{ iban: 'IE29AIBK93115212345678' }],
    }
    const [payment, accounts] = compareDetails(asked, [granted])
    expect(payment?.outcome).toBe('declined')
    expect(accounts).toMatchObject({
      outcome: 'narrowed',
      members: [
        { name: 'actions', asked: 'list_accounts, read_balances, read_transactions', granted: 'list_accounts' },
        { name: 'accounts', asked: undefined, granted: 'IE29AIBK93115212345678' },
      ],
    })
  })

  it('given a lower amount, then that one member differs', () => {
    const [payment] = compareDetails(asked, wantedDetails(detailTypes, { ...usualPayment, amount: '40.00' }))
    expect(payment?.members.filter(({ asked, granted }) => asked !== granted)).toEqual([
      { name: 'instructedAmount.amount', asked: '45.00', granted: '40.00' },
    ])
  })

  it('given something that nobody asked for, then it is shown as added', () => {
    expect(compareDetails([], [{ type: 'constructor', x: null }])).toEqual([
      {
        type: 'constructor',
        title: 'constructor',
        outcome: 'added',
        members: [{ name: 'x', asked: undefined, granted: 'null' }],
      },
    ])
  })

  it.each([undefined, null, 'x', {}, [1], [{ type: 1 }]])(
    'given %j in the answer, then nothing was granted',
    (answer) => {
      expect(parseDetails(answer)).toEqual([])
    },
  )
})

describe('RFC 9396 §9.2: the API obeys the limits of an element', () => {
  it('compares amounts exactly', () => {
    const cents = fc.integer({ min: 0, max: 10 ** 12 })
    const written = (value: number) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`
    fc.assert(
      fc.property(cents, cents, (some, most) => {
        expect(isAtMost(written(some), written(most))).toBe(some <= most)
      }),
    )
    expect([isAtMost('0.1', '0.10'), isAtMost('0.1001', '0.1')]).toEqual([true, false])
  })

  it.each(['', '-1', '1,5', '1e3', '.5', '1.', 'NaN', '1.00000'])('given the amount %j, then it is none', (amount) => {
    expect([isAtMost(amount, '100'), isAtMost('1', amount)]).toEqual([false, false])
  })

  it('given an end, then a day lasts until it is over, and a moment to the moment', () => {
    const owned = [{ iban: 'X', name: 'X', currency: 'EUR', balance: '1' }]
    const seen = (validUntil: string, now: string) =>
      visibleAccounts(
        readGrantedDetails([{ type: 'account_information', actions: ['list_accounts'], validUntil }]),
        owned,
        new Date(now),
      ).length
    expect(seen('2026-03-01', '2026-03-01T23:59:59Z')).toBe(1)
    expect(seen('2026-03-01', '2026-03-02T00:00:00Z')).toBe(0)
    expect(seen('2026-03-01T12:00:00+01:00', '2026-03-01T11:00:00Z')).toBe(1)
    expect(seen('2026-03-01T12:00:00+01:00', '2026-03-01T11:00:01Z')).toBe(0)
  })

  it('given no creditor, then the money may go to anybody', () => {
    const details = readGrantedDetails([
      { type: 'payment_initiation', instructedAmount: { currency: 'EUR', amount: '5' } },
    ])
    expect(coversPayment(details, { to: 'Anybody', amount: '5.00', currency: 'EUR' })).toBe(true)
  })
})

describe('plain http is accepted on loopback only', () => {
  it.each([
    'http://localhost:3000',
    'http://as.localhost',
    'http://127.0.0.1:3000',
    'http://127.8.9.1',
    'http://[::1]:3000',
  ])('given %s, then it is loopback', (issuer) => {
    expect(isLoopbackHttp(new URL(issuer))).toBe(true)
  })
  it.each([
    'https://localhost',
    'http://as.example',
    'http://127.0.0.1.as.example',
    'http://localhost.as.example',
    'http://10.0.0.1',
  ])('given %s, then it is not', (issuer) => {
    expect(isLoopbackHttp(new URL(issuer))).toBe(false)
  })
})

describe('tokens are shown masked', () => {
  it('shows the first eight characters', () => {
    expect(maskToken('abcdefghijklmnopqrstuvwxyz0123456789')).toBe('abcdefgh…')
  })
  it('never shows more than a quarter', () => {
    expect([maskToken('abcdefgh'), maskToken('abc')]).toEqual(['ab…', '…'])
  })
})

describe('a bounded map', () => {
  it('forgets the entry that was used longest ago', () => {
    const map = boundedMap<number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.get('a')
    map.set('c', 3)
    expect([map.size, map.get('a'), map.get('b'), map.get('c')]).toEqual([2, 1, undefined, 3])
  })
})

describe('the sample calendar', () => {
  it('covers seven days, beginning today', () => {
    const dates = upcomingEvents(new Date('2026-02-26T23:30:00Z')).map(({ date }) => date)
    expect([...new Set(dates)]).toEqual([
      ...['2026-02-26', '2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'],
    ])
  })
})

describe('claims are explained', () => {
  const now = new Date(1_000_000 * 1000)

  it('says times in words, beside the number of the claim', () => {
    expect(explainClaims({ exp: 1_000_600 }, now)[0]?.value).toMatch(/^1000600 \(12 Jan 1970, .*, in 10 minutes\)$/)
  })
  it('shows lists and objects, and explains claims that it does not know', () => {
    const [aud, address, own] = explainClaims({ aud: ['a', 'b'], address: { country: 'JP' }, own: 1 }, now)
    expect([aud?.value, address?.value, own?.value]).toEqual(['a, b', '{"country":"JP"}', '1'])
    expect(own?.explanation).toContain('of its own')
  })
})

describe('errors become problems that a person can read', () => {
  it('given an answer that fails a check, then it names the check and is no bug of ours', () => {
    const error = new ClientError('invalid response encountered', { cause: new Error('unexpected "iss"') })
    expect(describeProblem(error, 'http://localhost:3000')).toMatchObject({
      status: 502,
      facts: [['check', 'unexpected "iss"']],
      isBug: false,
    })
  })
  it('given an error that nobody foresaw, then it says nothing about it', () => {
    const problem = describeProblem(new Error('secret detail'), 'http://localhost:3000')
    expect([problem.status, problem.isBug, JSON.stringify(problem)]).toEqual([
      500,
      true,
      expect.not.stringContaining('secret'),
    ])
  })
})
