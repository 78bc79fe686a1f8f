import { OAuthError } from '../oauth-error.ts'
import { checkGrantAllowed } from '../grants/allowed-grants.ts'
import type { SentRequest } from './sent-request.ts'

/**
 * RFC 6749 §3.1.1: only the code flow is served. RFC 9700 §2.1.2 advises against the implicit one, and a code needs a
 * client that may redeem it.
 */
export function checkResponseType({ parameters, client, service }: SentRequest): 'CODE' {
  const responseType = parameters.get('response_type')
  if (responseType === undefined) {
    throw new OAuthError('invalid_request', 'A009301', 'response_type is missing.', 'rfc6749#section-3.1.1')
  }
  if (responseType !== 'code' || !service.settings.supportedResponseTypes?.includes('CODE')) {
    throw new OAuthError(
      'unsupported_response_type',
      'A009305',
      'The service does not support this response_type.',
      'rfc6749#section-3.1.1',
    )
  }
  if (client.settings.responseTypes && !client.settings.responseTypes.includes('CODE')) {
    throw new OAuthError(
      'unauthorized_client',
      'A909301',
      'The client is not registered for response_type=code.',
      'rfc6749#section-4.1.2.1',
    )
  }
  checkGrantAllowed('AUTHORIZATION_CODE', client, service)
  return 'CODE'
}
