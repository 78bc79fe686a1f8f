import type { Section } from '../oauth-error.ts'
import { OAuthError } from '../oauth-error.ts'
import type { RegisteredClient } from '../registry.ts'

/** RFC 6749 §5.2: the client could not be authenticated. */
export function invalidClient(
  resultCode: string,
  description: string,
  section: Section = 'rfc6749#section-2.3',
): OAuthError {
  return new OAuthError('invalid_client', resultCode, description, section)
}

/** RFC 6749 §5.2: a locked client is not served. Only who has proven to be the client learns of it. */
export function checkNotLocked({ locked }: RegisteredClient): void {
  if (locked) throw invalidClient('A957314', 'The client is locked.')
}
