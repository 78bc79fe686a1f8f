import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policiesOfGranted, scopesToRemove } from '../../server/scope-removal.ts'

const scope = (name: string, policy: Record<string, string> = {}) => ({
  name,
  descriptions: [],
  attributes: Object.entries(policy).map(([key, value]) => ({ key, value })),
})

const policiesOf = (...scopes: ReturnType<typeof scope>[]) =>
  policiesOfGranted({ scopes: scopes.map(({ name }) => name), dynamicScopes: [] }, scopes)

describe('RFC 6749 §3.3: what goes with a scope that is taken back', () => {
  const notes = policiesOf(
    scope('openid'),
    scope('notes:read'),
    scope('notes:write', { 'consent.implies': 'notes:read' }),
    scope('notes:admin', { 'consent.implies': 'notes:write' }),
    scope('basic', { 'consent.mode': 'required' }),
    scope('telemetry', { 'consent.mode': 'implicit' }),
    scope('ping', { 'consent.implies': 'pong' }),
    scope('pong', { 'consent.implies': 'ping' }),
  )

  it.each([
    ['nothing implies it', 'notes:admin', ['notes:admin']],
    ['others imply it, one through another', 'notes:read', ['notes:read', 'notes:write', 'notes:admin']],
    ['two imply each other', 'pong', ['pong', 'ping']],
  ])('given that %s, then it goes with those that imply it', (_what, name, expected) => {
    expect(scopesToRemove(name, notes)).toEqual(expected)
  })

  it.each(['openid', 'basic', 'telemetry'])('given %s, which nobody was asked about, then not by itself', (name) => {
    expect(scopesToRemove(name, notes)).toBeUndefined()
  })

  it('given that a required scope implies it, then not by itself', () => {
    const policies = policiesOf(scope('a'), scope('b', { 'consent.mode': 'required', 'consent.implies': 'a' }))
    expect(scopesToRemove('a', policies)).toBeUndefined()
  })

  it.each(['never', '__proto__', 'constructor', ''])('given "%s", which is not granted, then nothing', (name) => {
    expect(scopesToRemove(name, notes)).toBeUndefined()
  })

  it('given any scopes that imply any others, then what stays implies nothing that goes', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const implied = fc.array(fc.subarray(names), { minLength: names.length, maxLength: names.length })
    fc.assert(
      fc.property(implied, fc.constantFrom(...names), (lists, name) => {
        const policies = policiesOf(
          ...names.map((one, index) => scope(one, { 'consent.implies': (lists[index] ?? []).join(' ') })),
        )
        const gone = scopesToRemove(name, policies) ?? []
        expect(gone[0]).toBe(name)
        const staying = policies.filter((policy) => !gone.includes(policy.name))
        expect(staying.flatMap(({ implies }) => implies).filter((one) => gone.includes(one))).toEqual([])
      }),
    )
  })
})

describe('RFC 6749 §3.3: values of parameterized scopes', () => {
  const payment = scope('payment', { regex: '^payment:[a-z0-9-]{1,36}$', 'consent.title': 'One payment' })
  const granted = { scopes: ['openid'], dynamicScopes: ['payment:inv-42', 'openid:x', 'something'] }

  it('given the scope that a value begins with, then its words; given none, then the value speaks for itself', () => {
    const policies = policiesOfGranted(granted, [scope('openid'), payment])
    expect(policies.map(({ name, title, parameter }) => [name, title.fallback, parameter])).toEqual([
      ['openid', undefined, undefined],
      ['payment:inv-42', 'One payment', 'inv-42'],
      ['openid:x', undefined, 'openid:x'],
      ['something', undefined, 'something'],
    ])
  })

  it('given an engine that says nothing about scopes, then all but openid can be taken back', () => {
    const policies = policiesOfGranted(granted, [])
    const removable = policies.filter(({ name }) => scopesToRemove(name, policies) !== undefined)
    expect(removable.map(({ name }) => name)).toEqual(granted.dynamicScopes)
  })
})
