import { visibleMembers } from '../protocol/properties.ts'
import type { Authorization } from '../storage/storage.ts'

/** What a token response is made of. */
export interface TokenResponseParts {
  accessToken: string
  tokenType: string
  /** Seconds; undefined for a token that does not expire. */
  expiresIn: number | undefined
  scopes: readonly string[]
  refreshToken: string | undefined
  idToken: string | undefined
  authorization: Authorization
}

/** RFC 6749 §5.1: the token response as JSON. */
export function tokenResponse(parts: TokenResponseParts): string {
  const { authorizationDetails, managedGrantId, properties } = parts.authorization
  return JSON.stringify({
    // First, so that they can never take the place of what follows.
    ...visibleMembers(properties),
    access_token: parts.accessToken,
    token_type: parts.tokenType,
    expires_in: parts.expiresIn,
    // §3.3 wants it when it differs from what was asked; saying it always leaves nothing to guess. It is never empty there.
    ...(parts.scopes.length > 0 && { scope: parts.scopes.join(' ') }),
    refresh_token: parts.refreshToken,
    id_token: parts.idToken,
    grant_id: managedGrantId, //                                                   Grant Management §5.5
    authorization_details: authorizationDetails?.map(({ detail }) => detail), // RFC 9396 §7
  })
}
