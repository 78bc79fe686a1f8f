import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RequestedScope } from '../../server/authorization-request.ts'
import { decideScopes, policiesOf, scopePolicies } from '../../server/scope-policy.ts'

/** A requested scope with `consent.*` attributes. */
function scope(name: string, policy: Record<string, string> = {}): RequestedScope {
  const attributes = Object.entries(policy).map(([key, value]) => ({ key: `consent.${key}`, value }))
  return { name, descriptions: [], attributes }
}

const requested = scopePolicies([
  scope('openid'),
  scope('basic', { mode: 'required' }),
  scope('telemetry', { mode: 'implicit' }),
  scope('notes:read'),
  scope('notes:write', { implies: 'notes:read notes:delete' }),
  scope('payments', { sensitive: 'true' }),
])

describe('the policy of a scope', () => {
  it.each([
    ['nothing', {}, 'optional'],
    ['an unknown mode', { mode: 'whatever' }, 'optional'],
    ['required', { mode: 'required' }, 'required'],
    ['implicit', { mode: 'implicit' }, 'implicit'],
    ['implicit, but sensitive', { mode: 'implicit', sensitive: 'true' }, 'optional'],
    ['required and sensitive', { mode: 'required', sensitive: 'true' }, 'required'],
  ])('given %s, then %j is %s', (_what, policy, mode) => {
    expect(scopePolicies([scope('x', policy)])).toMatchObject([{ mode }])
  })

  it('given openid, then it is required, whatever its attributes say', () => {
    expect(scopePolicies([scope('openid', { mode: 'optional' })])).toMatchObject([{ mode: 'required' }])
  })

  it('given a list of implied scopes, then spaces and commas part it', () => {
    expect(scopePolicies([scope('x', { implies: ' a, b  c,' })])[0]?.implies).toEqual(['a', 'b', 'c'])
  })
})

describe('the texts of a scope', () => {
  it('given texts with a language tag, then they come beside the one without', () => {
    const [policy] = scopePolicies([scope('x', { title: 'See', 'title#de': 'Sehen', 'group#ja': 'メモ' })])
    expect(policy?.title).toEqual({ tagged: [{ tag: 'de', value: 'Sehen' }], fallback: 'See' })
    expect(policy?.group).toEqual({ tagged: [{ tag: 'ja', value: 'メモ' }], fallback: undefined })
  })

  it('given a resource, then it is known', () => {
    expect(scopePolicies([scope('x', { resource: 'https://api.example' })])[0]?.resource).toBe('https://api.example')
  })
})

describe('the value of a parameterized scope', () => {
  const asked = (mode: string, value = 'pay:12') => ({
    scopes: [],
    dynamicScopes: [{ ...scope('pay', { mode, sensitive: 'false' }), value }],
  })

  it('given a value, then it is a scope of its own, with the policy of its scope', () => {
    expect(policiesOf(asked('required'))).toMatchObject([{ name: 'pay:12', parameter: '12', mode: 'required' }])
    expect(policiesOf(asked('optional', 'x12'))).toMatchObject([{ name: 'x12', parameter: 'x12', mode: 'optional' }])
  })

  it('given a scope that is implicit, then its value is asked for all the same: nobody has seen it', () => {
    expect(policiesOf(asked('implicit'))).toMatchObject([{ name: 'pay:12', mode: 'optional' }])
  })
})

describe('RFC 6749 §3.3: what is granted of what was requested', () => {
  it('given no tick, then what is required and what is implicit', () => {
    expect(decideScopes(requested, [])).toEqual({
      outcome: 'granted',
      granted: ['openid', 'basic', 'telemetry'],
      declined: ['notes:read', 'notes:write', 'payments'],
    })
  })

  it('given ticks in any order and repeated, then the order of the request', () => {
    expect(decideScopes(requested, ['payments', 'notes:read', 'payments'])).toMatchObject({
      granted: ['openid', 'basic', 'telemetry', 'notes:read', 'payments'],
    })
  })

  it('given a scope that implies another requested one, then both; what was not requested is not granted', () => {
    expect(decideScopes(requested, ['notes:write'])).toMatchObject({
      granted: ['openid', 'basic', 'telemetry', 'notes:read', 'notes:write'],
    })
  })

  it('given scopes that imply each other, then it ends', () => {
    const circle = scopePolicies([
      scope('a', { implies: 'b' }),
      scope('b', { implies: 'c' }),
      scope('c', { implies: 'a' }),
    ])
    expect(decideScopes(circle, ['b'])).toMatchObject({ granted: ['a', 'b', 'c'] })
  })

  it.each(['unknown', 'openid', 'basic', 'telemetry', '__proto__', 'constructor', 'toString', ''])(
    'given the name %j, which the page does not offer, then the form is refused',
    (name) => {
      expect(decideScopes(requested, ['notes:read', name])).toEqual({ outcome: 'refused', name })
    },
  )

  it('given requested scopes with names of prototypes, then they are like any other', () => {
    const strange = scopePolicies([scope('__proto__'), scope('constructor')])
    expect(decideScopes(strange, ['constructor'])).toEqual({
      outcome: 'granted',
      granted: ['constructor'],
      declined: ['__proto__'],
    })
  })

  it('given 500 values, then they are looked at one by one', () => {
    const many = scopePolicies(Array.from({ length: 500 }, (_, index) => scope(`s${index}`)))
    const ticked = many.map(({ name }) => name)
    expect(decideScopes(many, ticked)).toEqual({ outcome: 'granted', granted: ticked, declined: [] })
  })

  const name = fc.constantFrom('openid', 'a', 'b', 'c', 'd', '__proto__', 'constructor', '')
  const anyScope = fc.record({
    name,
    descriptions: fc.constant<RequestedScope['descriptions']>([]),
    attributes: fc.array(
      fc.oneof(
        fc.record({
          key: fc.constant('consent.mode'),
          value: fc.constantFrom('implicit', 'required', 'optional', '?'),
        }),
        fc.record({ key: fc.constant('consent.implies'), value: fc.array(name).map((names) => names.join(' ')) }),
        fc.record({ key: fc.constant('consent.sensitive'), value: fc.constantFrom('true', 'false', '') }),
        fc.record({ key: fc.string(), value: fc.string() }),
      ),
      { maxLength: 3 },
    ),
  })
  const anyRequest = fc.uniqueArray(anyScope, { selector: (each) => each.name }).map(scopePolicies)

  it('given any policy and any form, then nothing beyond the request, and always what is required and implicit', () => {
    fc.assert(
      fc.property(anyRequest, fc.array(fc.oneof(name, fc.string())), (policies, posted) => {
        const decision = decideScopes(policies, posted)
        const offered = policies.filter(({ mode }) => mode === 'optional').map((policy) => policy.name)
        if (decision.outcome === 'refused') {
          expect(offered).not.toContain(decision.name)
          return
        }
        const names = policies.map((policy) => policy.name)
        const fixed = policies.filter(({ mode }) => mode !== 'optional').map((policy) => policy.name)
        expect(names).toEqual(expect.arrayContaining(decision.granted))
        expect(decision.granted).toEqual(expect.arrayContaining([...fixed, ...posted]))
        // Whatever is granted without being ticked or fixed is implied by something that is granted.
        const implied = policies
          .filter((policy) => decision.granted.includes(policy.name))
          .flatMap(({ implies }) => implies)
        const reasons = [...fixed, ...posted, ...implied]
        expect(reasons).toEqual(expect.arrayContaining(decision.granted))
        expect([...decision.granted, ...decision.declined].sort()).toEqual([...names].sort())
      }),
      { numRuns: 2_000 },
    )
  })
})
