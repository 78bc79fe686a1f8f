import { checkFapiRedirectUri } from '../fapi/authorization-request.ts'
import { OAuthError } from '../oauth-error.ts'
import { parseWords } from '../protocol/parameters.ts'
import { findRedirectUri } from '../protocol/redirect-uri.ts'
import type { SentRequest } from './sent-request.ts'

/** RFC 6749 §3.1.2.3 and RFC 9700 §4.1.3: the redirect URI is a registered one. Until it is, errors are shown and not sent. */
export function checkRedirectUri(request: SentRequest): { redirectUri: string; redirectUriSent: boolean } {
  checkFapiRedirectUri(request)
  const { parameters, client, service } = request
  const registered = client.settings.redirectUris ?? []
  const sent = parameters.get('redirect_uri')
  if (sent !== undefined) {
    const redirectUri = findRedirectUri(sent, registered, service.settings.loopbackRedirectionUriVariable === true)
    if (redirectUri !== undefined) return { redirectUri, redirectUriSent: true }
    throw new OAuthError(
      'invalid_request',
      'A011304',
      'redirect_uri is not registered for this client.',
      'rfc6749#section-3.1.2.4',
    )
  }
  // OIDC Core §3.1.2.1 requires the parameter; plain OAuth may leave it out when only one is registered.
  if (parseWords(parameters.get('scope')).includes('openid')) {
    throw new OAuthError(
      'invalid_request',
      'A911301',
      'redirect_uri is missing; OpenID Connect requires it.',
      'oidc-core#AuthRequest',
    )
  }
  const [only, ...others] = registered
  if (only === undefined || others.length > 0) {
    throw new OAuthError(
      'invalid_request',
      'A911302',
      'redirect_uri is missing, and the client has not registered exactly one.',
      'rfc6749#section-3.1.2.3',
    )
  }
  return { redirectUri: only, redirectUriSent: false }
}
