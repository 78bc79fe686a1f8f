import type { RegisteredService } from '../registry.ts'
import type { ClaimsRequest } from '../storage/storage.ts'
import { claimsOf } from './scope.ts'

/** OIDC Core §2: what the engine itself puts into an ID token. The front-end has no say in it. */
const engineClaims = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'auth_time',
  'nonce',
  'acr',
  'amr',
  'azp',
  'at_hash',
  'c_hash',
  's_hash',
  'sid',
])

/** OIDC Core §5.4 and §5.5: the claims asked for in the ID token. Scopes ask there only when the service says so. */
export function idTokenClaimNames(
  scopes: readonly string[],
  claims: ClaimsRequest,
  { settings }: RegisteredService,
): string[] {
  const asked = [
    ...(settings.claimShortcutRestrictive === false ? claimsOf(scopes) : []),
    ...Object.keys(claims.idToken),
  ]
  return suppliable(asked, settings.supportedClaims)
}

/** OIDC Core §5.4 and §5.5: the claims asked for at the userinfo endpoint. */
export function userinfoClaimNames(
  scopes: readonly string[],
  claims: ClaimsRequest,
  { settings }: RegisteredService,
): string[] {
  return suppliable([...claimsOf(scopes), ...Object.keys(claims.userinfo)], settings.supportedClaims)
}

function suppliable(names: readonly string[], supported: readonly string[] | undefined): string[] {
  return [...new Set(names)].filter((name) => !engineClaims.has(name) && (supported?.includes(name) ?? true))
}

/** Values for claims, less those that are the engine's own. */
export function suppliedValues(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !engineClaims.has(name)))
}
