import { z } from 'zod'
import type { AuthorizationRequest } from './authorization-request.ts'

/** A claim that a client asked for by name. */
export interface RequestedClaim {
  name: string
  /** OIDC Core §5.5.1: the client says that it cannot do without. */
  essential: boolean
}

/**
 * OIDC Core §5.5: the claims about the person that the `claims` parameter asks for beyond the requested scopes. A claim that a scope
 * brings along is decided about with the scope: declined there, it is not released by another way.
 */
export function requestedClaims(request: AuthorizationRequest): RequestedClaim[] {
  const inScopes = new Set(request.scopes.flatMap(({ name }) => claimsOfScope(name)))
  const requested = new Map<string, RequestedClaim>()
  for (const json of [request.idTokenClaims, request.userInfoClaims]) {
    if (json === undefined) continue
    for (const [name, wish] of Object.entries(claimsMember.parse(JSON.parse(json)))) {
      if (!claimName.test(name) || inScopes.has(name) || protocolClaims.has(name)) continue
      const essential = wish?.essential === true || requested.get(name)?.essential === true
      requested.set(name, { name, essential })
    }
  }
  return [...requested.values()]
}

/** OIDC Core §5.4: the claims that a scope stands for. */
export function claimsOfScope(scope: string): readonly string[] {
  return standardScopes.get(scope) ?? []
}

/** The claims about the person that may be released once these scopes are granted. */
export function consentedClaims(request: AuthorizationRequest, grantedScopes: readonly string[]): string[] {
  return [...grantedScopes.flatMap(claimsOfScope), ...requestedClaims(request).map(({ name }) => name)]
}

/** What can be a name of a claim: anything else would be a sentence of the client's on our page. */
const claimName = /^[\x21-\x7e]{1,100}$/

const claimsMember = z.record(
  z.string(),
  z
    .object({ essential: z.boolean().optional().catch(undefined) })
    .nullable()
    .catch(null),
)

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
