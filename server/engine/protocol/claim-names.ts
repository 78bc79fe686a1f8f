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

/** OIDC Core §5.5: claims that nobody here can supply are ignored, before a page shows their names or a database keeps them. */
export function supportedClaims({ idToken, userinfo }: ClaimsRequest, { settings }: RegisteredService): ClaimsRequest {
  const isKnown = (name: string) => engineClaims.has(name) || isSuppliable(name, settings.supportedClaims)
  const known = <Request>(member: Record<string, Request>) =>
    Object.fromEntries(Object.entries(member).filter(([name]) => isKnown(name)))
  return { idToken: known(idToken), userinfo: known(userinfo) }
}

/** A service that lists no claims leaves it to the front-end; then at least the name must look like one. */
function isSuppliable(name: string, supported: readonly string[] | undefined): boolean {
  return supported ? supported.includes(name) : /^[\x21-\x7E]{1,100}$/.test(name)
}

/** Claims of scopes that were granted once and are not any more: whoever takes back a scope takes back its claims. */
export function withdrawnClaims(granted: readonly string[], remaining: readonly string[]): ReadonlySet<string> {
  return new Set(claimsOf(granted.filter((scope) => !remaining.includes(scope))))
}

function suppliable(names: readonly string[], supported: readonly string[] | undefined): string[] {
  return [...new Set(names)].filter((name) => !engineClaims.has(name) && isSuppliable(name, supported))
}

/** Values for claims, less those that are the engine's own. */
export function suppliedValues(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !engineClaims.has(name)))
}
