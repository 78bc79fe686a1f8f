import { OAuthError } from '../oauth-error.ts'
import type { CodeChallengeMethod } from '../protocol/pkce.ts'
import { parseCodeChallenge } from '../protocol/pkce.ts'
import type { SentRequest } from './sent-request.ts'

/** RFC 7636 §4.4.1: PKCE where the service or the client demands it, and always for public clients, RFC 9700 §2.1.1. */
export function checkCodeChallenge({
  parameters,
  client,
  service,
}: SentRequest): { codeChallenge: string; codeChallengeMethod: CodeChallengeMethod } | undefined {
  const challenge = parseCodeChallenge(parameters.get('code_challenge'), parameters.get('code_challenge_method'))
  const demanding = [service.settings, client.settings]
  if (!challenge) {
    if (client.settings.clientType === 'PUBLIC' || demanding.some(({ pkceRequired }) => pkceRequired)) {
      throw new OAuthError(
        'invalid_request',
        'A124301',
        'code_challenge is missing; PKCE is required.',
        'rfc7636#section-4.4.1',
      )
    }
    return undefined
  }
  if (challenge.codeChallengeMethod === 'plain' && demanding.some(({ pkceS256Required }) => pkceS256Required)) {
    throw new OAuthError('invalid_request', 'A124308', 'code_challenge_method must be S256.', 'rfc7636#section-4.4.1')
  }
  return challenge
}
