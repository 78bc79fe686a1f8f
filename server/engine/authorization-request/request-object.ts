import { OAuthError } from '../oauth-error.ts'
import type { SentRequest } from './sent-request.ts'

/** OIDC Core §3.1.2.6 and §6: what the server does not process, it refuses; a request object ignored would be a request misread. */
export function checkNoRequestObject({ parameters }: SentRequest): void {
  if (parameters.get('request') !== undefined) {
    throw new OAuthError(
      'request_not_supported',
      'A908301',
      'Request objects are not supported.',
      'oidc-core#AuthError',
    )
  }
  if (parameters.get('request_uri') !== undefined) {
    throw new OAuthError(
      'request_uri_not_supported',
      'A908302',
      'request_uri must be one that was pushed to this server.',
      'oidc-core#AuthError',
    )
  }
  if (parameters.get('registration') !== undefined) {
    throw new OAuthError(
      'registration_not_supported',
      'A908303',
      'The registration parameter is not supported.',
      'oidc-core#AuthError',
    )
  }
}
