import type { Schema } from '../../../sdk/types.ts'
import { OAuthError } from '../oauth-error.ts'
import { parseWords } from '../protocol/parameters.ts'
import { defaultScopes, grantableScopes } from '../protocol/scope.ts'
import type { SentRequest } from './sent-request.ts'

/**
 * RFC 6749 §3.3: the scopes that may be granted; unknown ones are dropped. RFC 9396 §3 lets a request do with authorization details
 * alone; a service that requires scopes requires them there as well.
 */
export function checkScope(
  { parameters, client, service }: SentRequest,
  prompts: readonly Schema<'Prompt'>[],
): string[] {
  const sent = parameters.get('scope')
  const asked = sent === undefined ? defaultScopes(service) : parseWords(sent)
  const scopes = grantableScopes(asked, service, client)
    // OIDC Core §11: without prompt=consent, offline_access is ignored.
    .filter((scope) => scope !== 'offline_access' || prompts.includes('CONSENT'))
  if (scopes.length === 0 && service.settings.scopeRequired) {
    throw new OAuthError(
      'invalid_scope',
      'A913301',
      'No scope is left: none was sent, or the client may request none of them.',
      'rfc6749#section-3.3',
    )
  }
  return scopes
}
