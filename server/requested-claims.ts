import { z } from 'zod'
import type { AuthorizationRequest } from './authorization-request.ts'

/** A claim that a client asked for by name. */
export interface RequestedClaim {
  name: string
  /** OIDC Core §5.5.1: the client says that it cannot do without. */
  essential: boolean
  /** OpenID Connect for Identity Assurance 1.0 §8: why, in the client's own words. */
  purpose: string | undefined
}

/**
 * OIDC Core §5.5: the claims about the person that the `claims` parameter asks for beyond the requested scopes. A claim that a scope
 * brings along is decided about with the scope: declined there, it is not released by another way.
 */
export function requestedClaims(request: AuthorizationRequest): RequestedClaim[] {
  const inScopes = new Set(request.scopes.flatMap(({ name }) => claimsOfScope(name)))
  const requested = new Map<string, RequestedClaim>()
  for (const [name, wish] of wishesOf(request)) {
    if (!claimName.test(name) || inScopes.has(baseOf(name)) || protocolClaims.has(name)) continue
    const earlier = requested.get(name)
    const essential = wish?.essential === true || earlier?.essential === true
    requested.set(name, { name, essential, purpose: earlier?.purpose ?? wish?.purpose })
  }
  return [...requested.values()]
}

/** OIDC Core §5.4: the claims that a scope stands for. */
export function claimsOfScope(scope: string): readonly string[] {
  return standardScopes.get(scope) ?? []
}

/** OIDC Core §5.4 and §5.5: the claims about the person that may be released: those of the granted scopes, and those granted by name. */
export function consentedClaims(
  request: AuthorizationRequest,
  { scopes, claims }: { scopes: readonly string[]; claims: readonly string[] },
): string[] {
  const consented = new Set([...scopes.flatMap(claimsOfScope), ...claims])
  // §5.2: a claim in a certain language is released with the claim.
  const inLanguages = claimNamesOf(request).filter((name) => name !== baseOf(name) && consented.has(baseOf(name)))
  return [...new Set([...consented, ...inLanguages])]
}

/** OIDC Core §5.2: the name of a claim without its language tag. */
function baseOf(name: string): string {
  return name.split('#', 1).join('')
}

/** Every name in the `claims` parameter. */
function claimNamesOf(request: AuthorizationRequest): string[] {
  return wishesOf(request).map(([name]) => name)
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
