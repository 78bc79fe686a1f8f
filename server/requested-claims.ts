import { z } from 'zod'
import type { AuthorizationRequest } from './authorization-request.ts'
import { languageTagOf, untagged, isInRange } from './claim-language.ts'

/** A claim that a client asked for by name. */
export interface RequestedClaim {
  name: string
  /** OIDC Core §5.5.1: the client says that it cannot do without. */
  essential: boolean
  /** OpenID Connect for Identity Assurance 1.0 §8: why, in the client's own words. */
  purpose: string | undefined
}

/**
 * OIDC Core §5.5: the claims about the person that the `claims` parameter asks for beyond the requested scopes. What something else
 * brings along is decided about with that: declined there, it is not released by another way.
 */
export function requestedClaims(request: AuthorizationRequest): RequestedClaim[] {
  const isBrought = broughtAlong(request)
  const requested = new Map<string, RequestedClaim>()
  for (const [name, wish] of wishesOf(request)) {
    if (!claimName.test(name) || protocolClaims.has(name) || isBrought(name)) continue
    const earlier = requested.get(name)
    const essential = wish?.essential === true || earlier?.essential === true
    requested.set(name, { name, essential, purpose: earlier?.purpose ?? wish?.purpose })
  }
  return [...requested.values()]
}

/** OpenID Connect for Identity Assurance 1.0 §8: why the client asks for claims that a scope brings, in its own words, each once. */
export function purposesOfScope(scope: string, request: AuthorizationRequest): string[] {
  const claims = claimsOfScope(scope)
  const purposes = wishesOf(request).map(([name, wish]) =>
    claims.includes(untagged(name)) ? wish?.purpose : undefined,
  )
  return [...new Set(purposes.filter((purpose) => purpose !== undefined))]
}

/** OIDC Core §5.4: the claims that a scope stands for. */
export function claimsOfScope(scope: string): readonly string[] {
  return standardScopes.get(scope) ?? []
}

/** OIDC Core §5.4 and §5.2: the same, with the translations that the `claims` parameter asks for. */
export function claimsBroughtBy(scope: string, request: AuthorizationRequest): string[] {
  const claims = claimsOfScope(scope)
  return [...claims, ...translationsIn(request).filter((name) => claims.includes(untagged(name)))]
}

/** OIDC Core §5.4 and §5.5: the claims about the person that may be released: those of the granted scopes, and those granted by name. */
export function consentedClaims(
  request: AuthorizationRequest,
  {
    scopes,
    claims,
    withheld = [],
  }: { scopes: readonly string[]; claims: readonly string[]; withheld?: readonly string[] },
): string[] {
  const isReleased = (name: string) => !withheld.includes(name)
  const consented = new Set([...scopes.flatMap(claimsOfScope), ...claims].filter(isReleased))
  // §5.2: a translation with a row of its own was decided about there, and the others with what brings them.
  const isBrought = broughtAlong(request)
  const brought = translationsIn(request).filter((name) => isBrought(name) && consented.has(untagged(name)))
  return [...new Set([...consented, ...brought.filter(isReleased)])]
}

/**
 * OIDC Core §5.2 and §5.4: whether a claim has no row of its own, because a scope brings it, or because it is a translation that
 * `claims_locales` brings with a claim of the request.
 */
function broughtAlong(request: AuthorizationRequest): (name: string) => boolean {
  const inScopes = new Set(request.scopes.flatMap(({ name }) => claimsOfScope(name)))
  const byName = new Set(wishesOf(request).map(([name]) => name))
  return (name) => {
    const tag = languageTagOf(name)
    if (inScopes.has(untagged(name))) return true
    return (
      tag !== undefined && byName.has(untagged(name)) && request.claimsLocales.some((range) => isInRange(tag, range))
    )
  }
}

/** OIDC Core §5.2: the names with a language in the `claims` parameter. */
function translationsIn(request: AuthorizationRequest): string[] {
  const names = wishesOf(request).map(([name]) => name)
  return names.filter((name) => claimName.test(name) && languageTagOf(name) !== undefined)
}

function wishesOf({ idTokenClaims, userInfoClaims }: AuthorizationRequest): [name: string, wish: Wish][] {
  return [idTokenClaims, userInfoClaims].flatMap((json) =>
    json === undefined ? [] : Object.entries(claimsMember.parse(JSON.parse(json))),
  )
}

/** What can be a name of a claim: anything else would be a sentence of the client's on our page. */
const claimName = /^[\x21-\x7e]{1,100}$/

const wish = z
  .object({
    essential: z.boolean().optional().catch(undefined),
    purpose: z.string().optional().catch(undefined),
  })
  .nullable()
  .catch(null)

type Wish = z.infer<typeof wish>

const claimsMember = z.record(z.string(), wish)

/** OIDC Core §2: the engine makes these. */
const protocolClaims = new Set(
  'iss sub aud exp iat auth_time nonce acr amr azp at_hash c_hash s_hash sid jti nbf'.split(' '),
)

const standardScopes: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'profile',
    [
      ...['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture'],
      ...['website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
    ],
  ],
  ['email', ['email', 'email_verified']],
  ['address', ['address']],
  ['phone', ['phone_number', 'phone_number_verified']],
])
