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
import { maskToken } from '../../demo/result-view.ts'
import { compareScopes } from '../../demo/scopes.ts'
import { promptParameter } from '../../demo/sign-in.ts'

describe('RFC 6750 §3.1: a token without the scope', () => {
  const caller = { owner: 'sub:1', scopes: ['notes:read', 'notes'] }

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
    expect(challenge(refusal)).toBe(
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
    expect(promptParameter({ scopes, prompt, method: 'plain' })).toBe(sent)
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
