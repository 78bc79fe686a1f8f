import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Scope } from '../../../sdk/types.ts'
import {
  describeScopes,
  dynamicScopesOf,
  grantableScopes,
  staticScopesOf,
} from '../../../server/engine/protocol/scope.ts'
import { clientWith, serviceWith } from './registered.ts'

const parameterized = (name: string, regex: string): Scope => ({ name, attributes: [{ key: 'regex', value: regex }] })

const service = serviceWith({
  supportedScopes: [
    { name: 'openid' },
    { name: 'payment:all' },
    parameterized('payment', '^payment:[A-Za-z0-9-]{1,36}$'),
    parameterized('consent', 'urn:consent:.*'),
  ],
})

const anyClient = clientWith({})
const limitedTo = (...requestableScopes: string[]) =>
  clientWith({ extension: { requestableScopes, requestableScopesEnabled: true } })

describe('RFC 6749 §3.3: values of a parameterized scope', () => {
  it('given a value that matches, then it is granted in the order asked and reported with its scope', () => {
    const granted = grantableScopes(['payment:42', 'openid', 'nonsense', 'urn:consent:x'], service, anyClient)
    expect(granted).toEqual(['payment:42', 'openid', 'urn:consent:x'])
    expect(dynamicScopesOf(granted, service)).toEqual([
      { name: 'payment', value: 'payment:42' },
      { name: 'consent', value: 'urn:consent:x' },
    ])
    expect(staticScopesOf(granted, service)).toEqual(['openid'])
    expect(describeScopes(granted, service)).toEqual([{ name: 'openid' }])
  })

  it('given the name of a supported scope, then it is that scope, whatever it matches', () => {
    expect(dynamicScopesOf(['payment:all', 'payment'], service)).toEqual([])
    expect(staticScopesOf(['payment:all', 'payment'], service)).toEqual(['payment:all', 'payment'])
  })

  it.each(['payment:', 'xpayment:1', 'payment:1 ', `payment:${'x'.repeat(37)}`, 'payment:ü', 'Payment:1'])(
    'given %j, which does not match as a whole, then it is dropped',
    (value) => {
      expect(grantableScopes([value], service, anyClient)).toEqual([])
    },
  )

  it.each([
    ['more than 200 characters', `urn:consent:${'x'.repeat(189)}`],
    ['a quote, RFC 6749 Appendix A.4', 'urn:consent:"'],
    ['a letter beyond ASCII', 'urn:consent:ü'],
  ])('given %s, then it matches nothing', (_, value) => {
    expect(grantableScopes([value], service, anyClient)).toEqual([])
    expect(dynamicScopesOf([value], service)).toEqual([])
  })

  it.each(['openid', 'offline_access', 'profile', 'email', 'address', 'phone', 'grant_management_query'])(
    'given %s, then no pattern stands for it',
    (value) => {
      const greedy = [{ name: 'any', attributes: [{ key: 'regex', value: '[a-z_]+' }] }]
      expect(grantableScopes([value, 'else'], serviceWith({ supportedScopes: greedy }), anyClient)).toEqual(['else'])
      const named = serviceWith({ supportedScopes: [...greedy, { name: value }] })
      expect(grantableScopes([value], named, anyClient)).toEqual([value])
      expect(dynamicScopesOf([value], named)).toEqual([])
    },
  )

  it('given a client that may request the parameterized scope, then its values; else none', () => {
    expect(grantableScopes(['payment:1', 'urn:consent:1'], service, limitedTo('payment'))).toEqual(['payment:1'])
    expect(grantableScopes(['payment:1', 'openid'], service, limitedTo('openid'))).toEqual(['openid'])
    expect(grantableScopes(['payment:1', 'openid'], service, limitedTo())).toEqual([])
  })

  it('given a value in the list of requestable scopes, then it is no way round the scope', () => {
    expect(grantableScopes(['payment:1'], service, limitedTo('payment:1'))).toEqual([])
  })

  it('given whatever is asked, then what is granted is asked and supported, and nothing is both static and dynamic', () => {
    const names = fc.constantFrom('openid', 'payment', 'payment:all', 'payment:1', 'urn:consent:a', 'no', '')
    const requestable = fc.option(fc.subarray(['openid', 'payment', 'consent', 'payment:all']), { nil: undefined })
    fc.assert(
      fc.property(fc.array(names), requestable, (asked, allowed) => {
        const granted = grantableScopes(asked, service, allowed ? limitedTo(...allowed) : anyClient)
        const dynamic = dynamicScopesOf(granted, service)
        const fixed = staticScopesOf(granted, service)
        expect(asked).toEqual(expect.arrayContaining(granted))
        expect(fixed.length + dynamic.length).toBe(granted.length)
        for (const name of [...fixed, ...dynamic.map((scope) => scope.name)]) {
          if (allowed) expect(allowed).toContain(name)
        }
      }),
    )
  })
})
