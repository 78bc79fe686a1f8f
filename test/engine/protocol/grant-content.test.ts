import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  contentOf,
  mergeContent,
  narrowContent,
  together,
  withContent,
} from '../../../server/engine/protocol/grant-content.ts'
import type { Authorization, ClaimNames, GrantContent, Permission } from '../../../server/engine/storage/storage.ts'

const now = new Date('2026-11-21T10:00:00Z')

const scopes = ['openid', 'email', 'profile', 'notes']
const [a, b, c] = ['https://a.example', 'https://b.example', 'https://c.example']
const claims = ['email', 'name', 'x']
const details = ['d1', 'd2', 'd3'].map((id) => ({ id, detail: { type: 'accounts', identifier: id } }))

const limit = fc.shuffledSubarray([a, b], { minLength: 1 })
const endsAt = fc.integer({ min: now.getTime() + 1, max: now.getTime() + 1_000 })
const keyOf = ({ resources }: Permission) => JSON.stringify(resources?.toSorted() ?? null)

const claimNames: fc.Arbitrary<ClaimNames> = fc.record({ idToken: fc.subarray(claims), userinfo: fc.subarray(claims) })
const forUserinfo = (...userinfo: string[]): ClaimNames => ({ idToken: [], userinfo })

const permission: fc.Arbitrary<Permission> = fc.record(
  {
    resources: limit,
    scopes: fc.subarray(scopes),
    claims: claimNames,
    details: fc.subarray(details),
  },
  { requiredKeys: ['scopes', 'claims', 'details'] },
)

const content: fc.Arbitrary<GrantContent> = fc.record(
  { permissions: fc.uniqueArray(permission, { selector: keyOf, minLength: 1 }), endsAt },
  { requiredKeys: ['permissions'] },
)

const plain: Authorization = {
  ...{ scopes: [], clientIdAliasUsed: false, claims: { idToken: {}, userinfo: {} }, refreshable: true },
}

const authorization: fc.Arbitrary<Authorization> = fc
  .record(
    { resources: limit, scopes: fc.subarray(scopes), authorizationDetails: fc.subarray(details), endsAt },
    { requiredKeys: ['scopes'] },
  )
  .map((chosen) => ({ ...plain, ...chosen }))

/** What may be done where. At `c`, which no limit names, only what is not limited may be done. */
const pairsOf = (permissions: readonly Permission[]): Set<string> =>
  new Set(
    permissions.flatMap(({ resources = [a, b, c], scopes, claims, details }) =>
      resources.flatMap((resource) => [
        ...scopes.map((scope) => `scope ${scope} at ${resource}`),
        ...claims.idToken.map((name) => `claim ${name} of the ID token at ${resource}`),
        ...claims.userinfo.map((name) => `claim ${name} of userinfo at ${resource}`),
        ...details.map(({ id }) => `detail ${id} at ${resource}`),
      ]),
    ),
  )

/** What a token may be used for, as a permission. */
const permissionOf = ({ resources, scopes, consentedClaims = [], authorizationDetails = [] }: Authorization) => ({
  ...(resources && { resources }),
  ...{ scopes, claims: forUserinfo(...consentedClaims), details: authorizationDetails },
})

const sorted = ({ permissions, ...others }: GrantContent) => ({
  ...others,
  permissions: permissions
    .map(({ resources, scopes, claims, details }) => ({
      ...(resources && { resources: resources.toSorted() }),
      scopes: scopes.toSorted(),
      claims: { idToken: claims.idToken.toSorted(), userinfo: claims.userinfo.toSorted() },
      details: details.toSorted((one, other) => one.id.localeCompare(other.id)),
    }))
    .sort((one, other) => keyOf(one).localeCompare(keyOf(other))),
})

describe('Grant Management for OAuth 2.0 §5.2: merging', () => {
  it('has all of both and nothing else, whichever came first', () => {
    fc.assert(
      fc.property(content, content, (held, added) => {
        const merged = mergeContent(held, added, now)
        expect(pairsOf(merged.permissions)).toEqual(pairsOf([...held.permissions, ...added.permissions]))
        expect(sorted(merged)).toEqual(sorted(mergeContent(added, held, now)))
      }),
    )
  })

  it('has one permission for each set of resources, in whatever order they were named', () => {
    fc.assert(
      fc.property(content, content, (held, added) => {
        const keys = mergeContent(held, added, now).permissions.map(keyOf)
        expect(new Set(keys).size).toBe(keys.length)
      }),
    )
  })

  it('of the same again changes nothing', () => {
    fc.assert(
      fc.property(content, (held) => {
        expect(mergeContent(held, held, now)).toEqual(held)
      }),
    )
  })

  it('lasts no longer than either', () => {
    fc.assert(
      fc.property(content, content, (held, added) => {
        const { endsAt = Infinity } = mergeContent(held, added, now)
        expect(endsAt).toBe(Math.min(held.endsAt ?? Infinity, added.endsAt ?? Infinity))
      }),
    )
  })

  it('with what has ended is the new alone', () => {
    fc.assert(
      fc.property(content, content, (held, added) => {
        expect(mergeContent({ ...held, endsAt: now.getTime() }, added, now)).toEqual(added)
      }),
    )
  })
})

describe('Grant Management for OAuth 2.0 §5.2: the tokens of a merge', () => {
  it('allow nothing anywhere that neither the grant nor the authorization allowed there', () => {
    fc.assert(
      fc.property(content, authorization, claimNames, (held, added, names) => {
        const own = contentOf(added, names)
        const token = withContent(added, mergeContent(held, own, now))
        const allowed = pairsOf([...held.permissions, ...own.permissions])
        expect([...pairsOf([permissionOf(token)])].filter((pair) => !allowed.has(pair))).toEqual([])
      }),
    )
  })

  it('have the resources of the authorization, all that it allows, and all that the grant holds for them at least', () => {
    fc.assert(
      fc.property(content, authorization, claimNames, (held, added, names) => {
        const own = contentOf(added, names)
        const token = withContent(added, mergeContent(held, own, now))
        expect(token.resources).toEqual(added.resources)
        const usable = held.permissions.filter(
          ({ resources }) => !resources || added.resources?.every((resource) => resources.includes(resource)),
        )
        const { scopes, claims, details } = together([...own.permissions, ...usable])
        expect(new Set(token.scopes)).toEqual(new Set(scopes))
        expect(new Set(token.consentedClaims)).toEqual(new Set(claims.userinfo))
        expect(new Set(token.authorizationDetails)).toEqual(new Set(details))
      }),
    )
  })

  it('given a grant for one resource, when another scope is granted without a limit, then the first stays at its resource', () => {
    const held = contentOf(
      { ...plain, scopes: ['notes'], resources: [a], authorizationDetails: details },
      forUserinfo('email'),
    )
    const added: Authorization = { ...plain, scopes: ['profile'] }
    const merged = mergeContent(held, contentOf(added, forUserinfo()), now)
    expect(merged.permissions.map(({ scopes, resources }) => ({ scopes, resources }))).toEqual([
      { scopes: ['notes'], resources: [a] },
      { scopes: ['profile'] },
    ])
    expect(withContent(added, merged)).toEqual({ ...added, consentedClaims: [] })
  })

  it('given a grant for two resources, then a token for one of them has its scopes, and a token for a third as well has not', () => {
    const held = contentOf({ ...plain, scopes: ['notes'], resources: [a, b] }, forUserinfo())
    const tokenFor = (...resources: string[]) => {
      const added: Authorization = { ...plain, scopes: ['profile'], resources }
      return withContent(added, mergeContent(held, contentOf(added, forUserinfo()), now))
    }
    expect(tokenFor(b)).toMatchObject({ scopes: ['notes', 'profile'], resources: [b] })
    expect(tokenFor(b, a)).toMatchObject({ scopes: ['notes', 'profile'], resources: [b, a] })
    expect(tokenFor(b, c)).toMatchObject({ scopes: ['profile'], resources: [b, c] })
  })

  it('given a claim that was declined, when its scope comes along with the grant, then it stays declined', () => {
    const held = contentOf({ ...plain, scopes: ['openid', 'profile'] }, forUserinfo('name'))
    const added: Authorization = { ...plain, scopes: ['openid', 'notes'], resources: [a], consentedClaims: [] }
    const token = withContent(added, mergeContent(held, contentOf(added, forUserinfo()), now))
    expect(token).toMatchObject({ scopes: ['openid', 'profile', 'notes'], consentedClaims: ['name'] })
  })

  it('OIDC Core §5.5: given a claim that was granted for the ID token alone, then userinfo does not release it', () => {
    const held = contentOf({ ...plain, scopes: ['openid', 'email'] }, { idToken: ['email', 'x'], userinfo: ['name'] })
    const added: Authorization = { ...plain, scopes: ['openid'] }
    const token = withContent(added, mergeContent(held, contentOf(added, forUserinfo()), now))
    expect(token).toMatchObject({ consentedClaims: ['name'], claims: { idToken: {}, userinfo: { name: null } } })
  })
})

describe('What a subject leaves of a grant', () => {
  it('is never more than there was, and a narrowing twice is one', () => {
    fc.assert(
      fc.property(content, fc.subarray(scopes), fc.subarray(['d1', 'd2', 'd3']), (held, left, ids) => {
        const narrowed = narrowContent(held, { scopes: left, details: ids })
        expect(pairsOf(held.permissions)).toEqual(pairsOf([...held.permissions, ...narrowed.permissions]))
        const [before, after] = [together(held.permissions), together(narrowed.permissions)]
        expect(after.scopes).toEqual(before.scopes.filter((scope) => left.includes(scope)))
        expect(after.details).toEqual(before.details.filter(({ id }) => ids.includes(id)))
        expect(narrowContent(narrowed, { scopes: left, details: ids })).toEqual(narrowed)
      }),
    )
  })

  it('loses the claims of a scope with the scope, wherever they were granted', () => {
    const held: GrantContent = {
      permissions: [
        { scopes: ['email', 'notes'], claims: { idToken: ['email'], userinfo: ['email', 'x'] }, details: [] },
        { resources: [a], scopes: ['notes'], claims: forUserinfo('email'), details: [] },
      ],
    }
    const { permissions } = narrowContent(held, { scopes: ['notes'] })
    expect(permissions).toMatchObject([{ claims: forUserinfo('x') }, { claims: forUserinfo() }])
    expect(narrowContent(held, { details: [] })).toEqual(held)
  })
})
