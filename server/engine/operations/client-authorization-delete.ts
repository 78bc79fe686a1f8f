import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { subjectOf } from '../query.ts'
import { clientOf } from './client-get.ts'

type Deleted = Answer<'client_authorization_delete_api'>

/** DELETE /api/{serviceId}/client/authorization/delete/{clientId}[/{subject}]: ends what a subject granted to a client. */
export function clientAuthorizationDelete(context: ServiceContext): Promise<Deleted> {
  return endAuthorization(subjectOf(context), context)
}

/** POST /api/{serviceId}/client/authorization/delete/{clientId}: the same. */
export function clientAuthorizationDeletePost(
  { subject }: Question<'client_authorization_delete_api_post'>,
  context: ServiceContext,
): Promise<Deleted> {
  return endAuthorization(subject, context)
}

async function endAuthorization(subject: string, context: ServiceContext): Promise<Deleted> {
  const { storage, service, now } = context
  const { clientId } = await clientOf(context)
  const count = await storage.endAuthorization(service.serviceId, clientId, subject, now)
  return {
    resultCode: 'A137001',
    resultMessage: `[A137001] ${count} access tokens ended, and the memory of granted scopes was erased.`,
    serviceApiKey: service.serviceId,
    clientId,
    subject,
  }
}
