import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { userinfoClaimNames } from '../../../server/engine/protocol/claim-names.ts'
import { declinedOf, openedClaims } from '../../../server/engine/protocol/declined.ts'
import {
  contentOf,
  mergeContent,
  together,
  withContent,
  withoutDeclined,
} from '../../../server/engine/protocol/grant-content.ts'
import type { Authorization, AuthorizationRequest, GrantContent } from '../../../server/engine/storage/storage.ts'
import { serviceWith } from './registered.ts'

type Requested = Pick<AuthorizationRequest, 'scopes' | 'claims' | 'authorizationDetails'>

const now = new Date('2026-11-21T10:00:00Z')
const schema = JSON.stringify({ properties: { amount: { type: 'string', 'x-narrowing': 'atMost' } } })
const service = serviceWith({ attributes: [{ key: 'authorization_details.schema.pay', value: schema }] })

const pay = (amount: number) => ({ type: 'pay', amount: String(amount) })
const granted = (amount: number) => ({ id: `pay ${amount}`, detail: pay(amount) })

const scopes = fc.subarray(['openid', 'email', 'profile', 'notes'])
const names = fc.subarray(['email', 'name', 'x'])
const amounts = fc.subarray([10, 50, 100])
const resources = fc.subarray(['https://a.example', 'https://b.example'], { minLength: 1 })

const held: fc.Arbitrary<GrantContent> = fc
  .record({ scopes, idToken: names, userinfo: names, amounts, resources: fc.option(resources) })
  .map((chosen) => ({
    permissions: [
      {
        ...(chosen.resources && { resources: chosen.resources }),
        scopes: chosen.scopes,
        claims: { idToken: chosen.idToken, userinfo: chosen.userinfo },
        details: chosen.amounts.map(granted),
      },
    ],
  }))

const requested: fc.Arbitrary<Requested> = fc
  .record({ scopes, idToken: names, userinfo: names, amounts })
  .map(({ scopes, idToken, userinfo, amounts }) => ({
    scopes,
    claims: {
      idToken: Object.fromEntries(idToken.map((name) => [name, null])),
      userinfo: Object.fromEntries(userinfo.map((name) => [name, null])),
    },
    authorizationDetails: amounts.map(pay),
  }))

/** What a person may leave of a request: scopes and claims are left out, amounts lowered or left out. */
const answered: fc.Arbitrary<{ asked: Requested; added: Authorization }> = requested.chain((asked) =>
  fc
    .record({
      scopes: fc.subarray(asked.scopes),
      consentedClaims: fc.option(fc.subarray(['email', 'name', 'x', 'nickname', 'email_verified'])),
      amounts: fc.tuple(
        ...(asked.authorizationDetails ?? []).map(({ amount }) => fc.constantFrom(undefined, 5, Number(amount))),
      ),
      resources: fc.option(resources),
    })
    .map(({ scopes, consentedClaims, amounts, resources }) => ({
      asked,
      added: {
        ...{ scopes, clientIdAliasUsed: false, claims: asked.claims, refreshable: true },
        ...(consentedClaims && { consentedClaims }),
        ...(resources && { resources }),
        authorizationDetails: amounts.filter((amount) => amount !== undefined).map(granted),
      },
    })),
)

function merge(before: GrantContent, asked: Requested, added: Authorization) {
  const left = withoutDeclined(before, declinedOf(asked, added, service))
  const content = mergeContent(left, contentOf(added, openedClaims(added, service)), now)
  return { left, content, token: withContent(added, content) }
}

const released = ({ scopes, claims, consentedClaims }: Authorization) =>
  userinfoClaimNames(scopes, claims, service).filter((name) => consentedClaims?.includes(name) ?? true)

describe('Grant Management for OAuth 2.0 §5.2, merge: what the person declines now', () => {
  it('is in no token of this authorization, and not in the grant', () => {
    fc.assert(
      fc.property(held, answered, (before, { asked, added }) => {
        const { content, token } = merge(before, asked, added)
        const declinedScopes = asked.scopes.filter((scope) => !added.scopes.includes(scope))
        const declinedClaims = userinfoClaimNames(asked.scopes, asked.claims, service).filter(
          (name) => !released(added).includes(name),
        )
        const amounts = added.authorizationDetails?.map(({ detail }) => detail['amount']) ?? []
        const declinedAmounts = (asked.authorizationDetails ?? [])
          .map(({ amount }) => amount)
          .filter((amount) => !amounts.includes(amount))
        const all = together(content.permissions)
        for (const scope of declinedScopes) expect([...token.scopes, ...all.scopes]).not.toContain(scope)
        for (const name of declinedClaims) expect([...released(token), ...all.claims.userinfo]).not.toContain(name)
        for (const { detail } of [...(token.authorizationDetails ?? []), ...all.details]) {
          if (!amounts.includes(detail['amount'])) {
            for (const amount of declinedAmounts) expect(Number(detail['amount'])).toBeGreaterThan(Number(amount))
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is all that goes: what was not asked about stays', () => {
    fc.assert(
      fc.property(held, answered, (before, { asked, added }) => {
        const { scopes, claims } = together(merge(before, asked, added).left.permissions)
        const was = together(before.permissions)
        const opened = openedClaims({ scopes: asked.scopes, claims: asked.claims }, service)
        const known = [...opened.idToken, ...opened.userinfo]
        expect(scopes).toEqual(expect.arrayContaining(was.scopes.filter((scope) => !asked.scopes.includes(scope))))
        for (const place of ['idToken', 'userinfo'] as const) {
          expect(claims[place]).toEqual(
            expect.arrayContaining(was.claims[place].filter((name) => !known.includes(name))),
          )
        }
      }),
    )
  })

  const content = (amount: number): GrantContent => ({
    permissions: [{ scopes: ['notes'], claims: { idToken: [], userinfo: ['email'] }, details: [granted(amount)] }],
  })
  const nothing = { scopes: [], claims: { idToken: {}, userinfo: {} } }
  const answer = { ...nothing, clientIdAliasUsed: false, refreshable: true }

  it('given a lower amount of before, when the larger one is declined, then it goes too', () => {
    const asked = { ...nothing, authorizationDetails: [pay(100)] }
    expect(merge(content(60), asked, { ...answer, authorizationDetails: [] }).token.authorizationDetails).toEqual([])
  })

  it('given a larger amount of before, when a lower one is declined, then it stays', () => {
    const asked = { ...nothing, authorizationDetails: [pay(10)] }
    const { token } = merge(content(60), asked, { ...answer, authorizationDetails: [] })
    expect(token.authorizationDetails).toEqual([granted(60)])
  })

  it('given two equal elements, when one is declined, then one is left', () => {
    const asked = { ...nothing, authorizationDetails: [pay(60), pay(60)] }
    const { token } = merge(content(60), asked, { ...answer, authorizationDetails: [granted(60)] })
    expect(token.authorizationDetails).toEqual([granted(60)])
  })

  it('given a claim for userinfo, when it is granted for the ID token, then userinfo keeps it; declined there, both lose it', () => {
    const asked = { ...nothing, claims: { idToken: { email: null }, userinfo: {} } }
    const claimsWith = (consentedClaims: string[]) =>
      together(merge(content(1), asked, { ...answer, claims: asked.claims, consentedClaims }).content.permissions)
        .claims
    expect(claimsWith(['email'])).toEqual({ idToken: ['email'], userinfo: ['email'] })
    expect(claimsWith([])).toEqual({ idToken: [], userinfo: [] })
  })
})
