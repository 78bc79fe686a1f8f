import { OAuthError } from '../oauth-error.ts'
import { acceptedValues } from '../protocol/claims-parameter.ts'
import { parseWords } from '../protocol/parameters.ts'
import type { ClaimsRequest } from '../storage/storage.ts'
import type { SentRequest } from './sent-request.ts'

/**
 * OIDC Core §5.5.1.1: the authentication context classes, in order of preference: from the `acr` claim, else `acr_values`, else the
 * client's defaults. Wishes that the service cannot meet are dropped; an essential one that it cannot meet is refused.
 */
export function checkAcr(
  { parameters, client, service }: SentRequest,
  claims: ClaimsRequest,
): { acrs: string[]; acrEssential: boolean } {
  const request = Object.hasOwn(claims.idToken, 'acr') ? claims.idToken['acr'] : undefined
  const claimed = acceptedValues(request)
  const acrEssential = request?.essential === true && claimed.length > 0
  const sent = parseWords(parameters.get('acr_values'))
  const asked = claimed.length > 0 ? claimed : sent.length > 0 ? sent : (client.settings.defaultAcrs ?? [])
  const acrs = asked.filter((acr) => service.settings.supportedAcrs?.includes(acr))
  if (acrEssential && acrs.length === 0) {
    throw new OAuthError(
      'unmet_authentication_requirements',
      'A021303',
      'The service performs none of the authentication context classes that are essential.',
      'unmet-authentication',
    )
  }
  return { acrs, acrEssential }
}
