import type { Authorization, ClaimNames, Declined, GrantContent, Permission, Remainder } from '../storage/storage.ts'
import { withdrawnClaims } from './claim-names.ts'
import { hasExpired } from './lifetime.ts'

/** Grant Management for OAuth 2.0 §6.4: what an authorization gives to its grant. */
export function contentOf(
  { scopes, resources, authorizationDetails = [], endsAt }: Authorization,
  claims: ClaimNames,
): GrantContent {
  return {
    permissions: [{ ...(resources && { resources }), scopes, claims, details: authorizationDetails }],
    ...(endsAt !== undefined && { endsAt }),
  }
}

/** Grant Management for OAuth 2.0 §5.2, `merge`: both together, for as long as the shorter of the two. */
export function mergeContent(held: GrantContent, added: GrantContent, now: Date): GrantContent {
  // What the person allowed for an hour does not come back when the hour is over.
  if (held.endsAt !== undefined && hasExpired(new Date(held.endsAt), now)) return added
  const endsAt = Math.min(held.endsAt ?? Infinity, added.endsAt ?? Infinity)
  return {
    permissions: combine([...held.permissions, ...added.permissions]),
    ...(endsAt < Infinity && { endsAt }),
  }
}

/** Grant Management for OAuth 2.0 §6.4: what the subject leaves of a grant. Claims go with the scopes that stand for them. */
export function narrowContent(held: GrantContent, left: Remainder): GrantContent {
  const isLeft = (scope: string) => left.scopes?.includes(scope) ?? true
  const granted = together(held.permissions).scopes
  const withdrawn = withdrawnClaims(granted, granted.filter(isLeft))
  const narrow = ({ scopes, claims, details, ...where }: Permission): Permission => ({
    ...where,
    scopes: scopes.filter(isLeft),
    claims: {
      idToken: claims.idToken.filter((name) => !withdrawn.has(name)),
      userinfo: claims.userinfo.filter((name) => !withdrawn.has(name)),
    },
    details: details.filter(({ id }) => left.details?.includes(id) ?? true),
  })
  return { ...held, permissions: held.permissions.map(narrow) }
}

/**
 * Grant Management for OAuth 2.0 §5.2, `merge`: what a grant holds without what its subject declines now. It goes for all resources: of
 * two answers to one question the last one counts, and no page asks for each resource apart.
 */
export function withoutDeclined(held: GrantContent, { scopes, claims, isDeclined }: Declined): GrantContent {
  const keep = (permission: Permission): Permission => ({
    ...permission,
    scopes: permission.scopes.filter((scope) => !scopes.includes(scope)),
    claims: {
      idToken: permission.claims.idToken.filter((name) => !claims.idToken.includes(name)),
      userinfo: permission.claims.userinfo.filter((name) => !claims.userinfo.includes(name)),
    },
    details: permission.details.filter(({ detail }) => !isDeclined(detail)),
  })
  return { ...held, permissions: held.permissions.map(keep) }
}

/**
 * Grant Management for OAuth 2.0 §5.2, `merge`: the authorization with all that its grant holds for its resources. They stay as they
 * are: a token has one list of scopes and one of resources, RFC 8707 §2.1, and each scope holds at each resource. So what was granted
 * for fewer resources stays in the grant, and so do its claims, which some scope of it may stand for, and its details: only some of
 * them say by `locations` whom they are for, RFC 9396 §2.2, and any other would be shown wherever the token goes.
 */
export function withContent(authorization: Authorization, { permissions, endsAt }: GrantContent): Authorization {
  const { authorizationDetails, ...others } = authorization
  const { scopes, claims, details } = together(permissions.filter((permission) => covers(permission, authorization)))
  // A claim that an earlier request asked for by name is asked for by name here: no scope may stand for it.
  const named = Object.fromEntries(claims.userinfo.map((name) => [name, null]))
  return {
    ...others,
    scopes,
    ...((authorizationDetails ?? details.length > 0) && { authorizationDetails: details }),
    claims: { ...others.claims, userinfo: { ...named, ...others.claims.userinfo } },
    // The ID token has its values already, and what was asked for it alone is not for userinfo.
    consentedClaims: claims.userinfo,
    ...(endsAt !== undefined && { endsAt }),
  }
}

/** All that some permissions hold, each thing once, whatever the resources. */
export function together(permissions: readonly Permission[]): Omit<Permission, 'resources'> {
  const nothing: Omit<Permission, 'resources'> = { scopes: [], claims: { idToken: [], userinfo: [] }, details: [] }
  return permissions.reduce((one, other) => {
    const known = new Set(one.details.map(({ id }) => id))
    return {
      scopes: union(one.scopes, other.scopes),
      claims: {
        idToken: union(one.claims.idToken, other.claims.idToken),
        userinfo: union(one.claims.userinfo, other.claims.userinfo),
      },
      details: [...one.details, ...other.details.filter(({ id }) => !known.has(id))],
    }
  }, nothing)
}

/** Permissions for the same resources, in whatever order, become one. */
function combine(permissions: readonly Permission[]): Permission[] {
  const combined = new Map<string, Permission>()
  for (const permission of permissions) {
    const key = JSON.stringify(permission.resources?.toSorted() ?? null)
    const same = combined.get(key)
    combined.set(key, same ? { ...same, ...together([same, permission]) } : permission)
  }
  return [...combined.values()]
}

/** Whether a permission holds at every resource that an authorization is for. One without a limit is for all there are. */
function covers({ resources: held }: Permission, { resources }: Authorization): boolean {
  return !held || (resources?.every((resource) => held.includes(resource)) ?? false)
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])]
}
