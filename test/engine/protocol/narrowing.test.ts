import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rootOf, staysWithin } from '../../../server/engine/protocol/narrowing.ts'

const schema = {
  properties: {
    accounts: { 'x-narrowing': 'subset' },
    modes: { minItems: 0 },
    amount: { $ref: '#/$defs/amount' },
    limit: { type: 'number', 'x-narrowing': 'atMost' },
    until: { 'x-narrowing': 'notAfter' },
    route: { 'x-narrowing': 'fixed' },
    terms: { properties: { amount: { $ref: '#/$defs/amount' }, note: { type: 'string' } } },
    disputed: { allOf: [{ 'x-narrowing': 'subset' }, { 'x-narrowing': 'fixed' }] },
    chosen: { oneOf: [{ type: 'null' }, { 'x-narrowing': 'atMost', type: 'number' }] },
  },
  $defs: { amount: { type: 'string', 'x-narrowing': 'atMost' } },
}

const within = (narrow: unknown, wide: unknown) => staysWithin(narrow, wide, rootOf(schema))
const withinUnruled = (narrow: unknown, wide: unknown) => staysWithin(narrow, wide, rootOf(undefined))

describe('RFC 9396 §7: without a word in the schema', () => {
  it.each([
    ['a text stays', { note: 'a' }, { note: 'b' }, false],
    ['a number stays', { n: 1 }, { n: 2 }, false],
    ['null stays', { n: null }, { n: 1 }, false],
    ['a list may get shorter', { list: ['b'] }, { list: ['a', 'b'] }, true],
    ['the order of a list is of no account', { list: ['b', 'a'] }, { list: ['a', 'b', 'c'] }, true],
    ['a list does not get longer', { list: ['a', 'c'] }, { list: ['a', 'b'] }, false],
    ['an entry counts as often as it stands there', { list: ['a', 'a'] }, { list: ['a', 'b'] }, false],
    ['an entry of a list stays as it is', { list: [{ n: 1 }] }, { list: [{ n: 1, m: 2 }, 'b'] }, false],
    ['members have no order', { list: [{ a: 1, b: 2 }] }, { list: [{ b: 2, a: 1 }, 'b'] }, true],
    ['a list is not emptied', { list: [] }, { list: ['a'] }, false],
    ['an empty list stays', { list: [] }, { list: [] }, true],
    ['an object is narrowed inside', { terms: { list: ['a'] } }, { terms: { list: ['a', 'b'] } }, true],
    ['no member goes', { a: 1 }, { a: 1, b: 2 }, false],
    ['no member comes', { a: 1, list: ['x'] }, { a: 1 }, false],
    ['a list stays a list', { list: 'a' }, { list: ['a'] }, false],
    ['an object stays an object', { terms: ['a'] }, { terms: { a: 1 } }, false],
    ['inherited members are none', {}, { toString: 'x' }, false],
  ])('%s', (_, narrow, wide, expected) => {
    expect(withinUnruled(narrow, wide)).toBe(expected)
  })
})

describe('x-narrowing: what the schema says', () => {
  it.each([
    ['an array', { allOf: [{ properties: { z: { 'x-narrowing': 'fixed' } } }] }, '#/allOf/0/properties/z'],
    ['a name that is escaped', { $defs: { 'a/b~c': { 'x-narrowing': 'fixed' } } }, '#/$defs/a~1b~0c'],
  ])('given a $ref through %s, then it is followed', (_, others, $ref) => {
    const root = rootOf({ ...others, properties: { list: { $ref } } })
    expect(staysWithin({ list: ['a'] }, { list: ['a', 'b'] }, root)).toBe(false)
  })

  it.each<[string, object, object, boolean]>([
    ['atMost: less', { amount: '9.99' }, { amount: '10' }, true],
    ['atMost: the same amount, written otherwise', { amount: '10.00' }, { amount: '10' }, true],
    ['atMost: more', { amount: '10.01' }, { amount: '10' }, false],
    ['atMost: more by what a float cannot hold', { amount: '9007199254740993' }, { amount: '9007199254740992' }, false],
    ['atMost: more behind the point', { amount: '0.30000000000000004' }, { amount: '0.3' }, false],
    ['atMost: digits are no letters', { amount: '9' }, { amount: '10' }, true],
    ['atMost: zeros in front are nothing', { amount: '007' }, { amount: '10' }, true],
    ['atMost: below zero', { amount: '-5' }, { amount: '10' }, false],
    ['atMost: below zero already', { amount: '-6' }, { amount: '-5' }, false],
    ['atMost: no decimal', { amount: '1e1' }, { amount: '10' }, false],
    ['atMost: no decimal, but the same', { amount: 'ten' }, { amount: 'ten' }, true],
    ['atMost: a number for a text', { amount: 5 }, { amount: '10' }, false],
    ['atMost: numbers', { limit: 5 }, { limit: 10.5 }, true],
    ['atMost: a greater number', { limit: 10.6 }, { limit: 10.5 }, false],
    ['atMost: a negative number', { limit: -1 }, { limit: 10 }, false],
    ['atMost through oneOf', { chosen: 1 }, { chosen: 2 }, true],
    ['notAfter: earlier', { until: '2026-12-30' }, { until: '2026-12-31' }, true],
    ['notAfter: later', { until: '2027-01-01' }, { until: '2026-12-31' }, false],
    ['notAfter: an instant for a day', { until: '2026-12-30T00:00:00Z' }, { until: '2026-12-31' }, false],
    ['subset', { accounts: ['a'] }, { accounts: ['a', 'b'] }, true],
    ['subset: emptied', { accounts: [] }, { accounts: ['a'] }, false],
    ['subset: emptied where minItems is 0', { modes: [] }, { modes: ['a'] }, true],
    ['fixed: a list that gets shorter', { route: ['a'] }, { route: ['a', 'b'] }, false],
    ['inside an object', { terms: { amount: '5', note: 'x' } }, { terms: { amount: '6', note: 'x' } }, true],
    [
      'inside an object, what is fixed',
      { terms: { amount: '5', note: 'y' } },
      { terms: { amount: '6', note: 'x' } },
      false,
    ],
    ['words that contradict each other', { disputed: ['a'] }, { disputed: ['a', 'b'] }, false],
    ['a limit is added', { accounts: ['a'], amount: '5', until: '2026-12-31' }, {}, true],
    ['a limit is added inside an object', { terms: { note: 'x', amount: '5' } }, { terms: { note: 'x' } }, true],
    ['an added amount below zero', { amount: '-5' }, {}, false],
    ['an added amount that is none', { amount: 'much' }, {}, false],
    ['an added day that is none', { until: '2026-02-30' }, {}, false],
    ['an added empty list', { accounts: [] }, {}, false],
    ['an added list that is none', { accounts: 'a' }, {}, false],
    ['what only default says is not added', { modes: ['a'] }, {}, false],
    ['what is fixed is not added', { route: ['a'] }, {}, false],
  ])('%s', (_, narrow, wide, expected) => {
    expect(within(narrow, wide)).toBe(expected)
  })

  it('given a schema that refers to itself, then the lookup ends', () => {
    const endless = { $ref: '#/$defs/a', $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } } }
    expect(staysWithin({ a: ['x'] }, { a: ['x', 'y'] }, rootOf(endless))).toBe(true)
  })
})

/** Few values for each member, so that one often lies within another. */
const amounts = fc.constantFrom('0', '1', '1.5', '01', '2.50', '10', '-1', 'x')
const values = {
  accounts: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
  modes: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
  amount: amounts,
  limit: fc.constantFrom(-1, 0, 1, 2.5),
  until: fc.constantFrom('2026-01-01', '2026-03-01', '2026-06-01', '2026-06-01T00:00:00Z', '2026-06-01T01:00:00+01:00'),
  route: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
  terms: fc.record({ amount: amounts, note: fc.constantFrom('x', 'y') }, { requiredKeys: [] }),
  disputed: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
}
const documents: fc.Arbitrary<Record<string, unknown>> = fc.record(values, { requiredKeys: [] })

/** One member with another value, or none. */
const changes: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.constant({}),
  ...Object.entries(values).map(([name, value]) => fc.record({ [name]: value })),
)

/** What a document allows, said once more and otherwise: absent is without limit. */
function allows(
  { accounts, amount, limit, until }: Record<string, unknown>,
  deed: { account: string; amount: number; day: string },
): boolean {
  return (
    (Array.isArray(accounts) ? accounts.includes(deed.account) : true) &&
    deed.amount <= Number(amount ?? Infinity) &&
    deed.amount <= Number(limit ?? Infinity) &&
    (typeof until === 'string' ? deed.day <= until : true)
  )
}

describe('Narrowing is an order', () => {
  it('given any value, then it lies within itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(within(value, value)).toBe(true)
        expect(withinUnruled(value, structuredClone(value))).toBe(true)
      }),
    )
  })

  it('given one within a second and that within a third, then the first lies within the third', () => {
    let chains = 0
    fc.assert(
      fc.property(documents, changes, changes, (wide, change, another) => {
        const middle = { ...wide, ...change }
        const narrow = { ...middle, ...another }
        if (!within(middle, wide) || !within(narrow, middle)) return
        chains += 1
        expect(within(narrow, wide)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
    expect(chains).toBeGreaterThan(100)
  })

  it('given one within another, then what it allows, the other allows', () => {
    let allowed = 0
    const deeds = fc.record({
      account: fc.constantFrom('a', 'b', 'c', 'd'),
      amount: fc.constantFrom(0, 1, 1.5, 2, 5),
      day: fc.constantFrom('2025-12-31', '2026-02-01', '2026-05-01', '2027-01-01'),
    })
    fc.assert(
      fc.property(documents, changes, deeds, (wide, change, deed) => {
        const narrow = { ...wide, ...change }
        if (!within(narrow, wide) || !allows(narrow, deed)) return
        allowed += 1
        expect(allows(wide, deed)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
    expect(allowed).toBeGreaterThan(100)
  })

  it('given any two values, then the answer is yes or no', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (narrow, wide) => {
        expect(typeof within(narrow, wide)).toBe('boolean')
      }),
    )
  })
})
