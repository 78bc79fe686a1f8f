import type { Section } from '../oauth-error.ts'
import { OAuthError } from '../oauth-error.ts'

/** RFC 6749 §5.2: the client could not be authenticated. */
export function invalidClient(
  resultCode: string,
  description: string,
  section: Section = 'rfc6749#section-2.3',
): OAuthError {
  return new OAuthError('invalid_client', resultCode, description, section)
}
