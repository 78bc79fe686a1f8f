import type { AuthenticatedClient } from '../client-authentication/authenticate.ts'
import type { SentRequest } from '../authorization-request/sent-request.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { fapiModesOfRequest } from './authorization-request.ts'
import { checkFapiClient, verifiedAssertion } from './client.ts'
import { demandsOf, refusal } from './profiles.ts'

/** FAPI 2.0 §5.3.2.2-4 and FAPI 1.0 Advanced §5.2.2-18: at the PAR endpoint. `form` is what was posted there. */
export function checkFapiPushedRequest(
  sent: SentRequest,
  { client, method }: Pick<AuthenticatedClient, 'client' | 'method'>,
  form: Parameters,
): void {
  const modes = fapiModesOfRequest(sent)
  checkFapiClient(modes, method, client, verifiedAssertion(form), sent.service.issuer)
  for (const demand of demandsOf(modes, 'pushedCodeChallenge')) {
    if (sent.parameters.get('code_challenge_method') !== 'S256')
      throw refusal(demand, 'invalid_request', 'A124308', 'a pushed request needs code_challenge_method S256.')
  }
}

/** FAPI 2.0 §5.3.2.2-12: seconds that the pushed request lives, less than ten minutes. */
export function fapiPushedLifetime(sent: SentRequest, lifetime: number): number {
  return Math.min(lifetime, ...demandsOf(fapiModesOfRequest(sent), 'pushedRequestLifetime').map(({ most }) => most))
}
