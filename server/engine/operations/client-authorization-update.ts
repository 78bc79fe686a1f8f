import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { clientOf } from './client-get.ts'

/** POST /api/{serviceId}/client/authorization/update/{clientId}: all tokens of a subject and a client keep at most these scopes. */
export async function clientAuthorizationUpdate(
  { subject, scopes }: Question<'client_authorization_update_api'>,
  context: ServiceContext,
): Promise<Answer<'client_authorization_update_api'>> {
  const { storage, service, now } = context
  const { clientId } = await clientOf(context)
  const count = scopes ? await storage.narrowGrants(service.serviceId, clientId, subject, scopes, now) : 0
  return { resultCode: 'A138001', resultMessage: `[A138001] ${count} access tokens were narrowed.` }
}
