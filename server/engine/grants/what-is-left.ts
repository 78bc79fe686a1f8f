import { OAuthError } from '../oauth-error.ts'
import type { Authorization, RefreshToken } from '../storage/storage.ts'

/**
 * RFC 6749 §3.3: an access token is good for something, where scopes were granted. When the client may request none of them any more, it is
 * told so with `invalid_scope`, RFC 6749 §5.2, and not `invalid_grant`: what the person allowed is still there, and nothing is spent.
 */
export function checkSomethingIsLeft({
  scopes,
  authorization,
}: {
  scopes: readonly string[]
  authorization: Authorization
}): void {
  if (scopes.length > 0 || authorization.scopes.length === 0 || authorization.authorizationDetails?.length) return
  throw new OAuthError(
    'invalid_scope',
    'A950310',
    'Of the scopes that were granted or asked for, none is left for the client.',
    'rfc6749#section-3.3',
  )
}

/** RFC 6749 §6: whether the person has left anything to refresh. */
export function isAnythingToRefresh({
  scopes,
  authorization,
}: Pick<RefreshToken, 'scopes' | 'authorization'>): boolean {
  const { scopes: granted, authorizationDetails } = authorization
  const isEmpty = scopes.length === 0 && !authorizationDetails?.length
  if (isEmpty && (granted.length > 0 || authorizationDetails)) return false
  // OIDC Core §11: access while the person is away was taken back, and that is all that a refresh token is for.
  return !granted.includes('offline_access') || scopes.includes('offline_access')
}
