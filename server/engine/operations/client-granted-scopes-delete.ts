import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { subjectOf } from '../query.ts'
import { clientOf } from './client-get.ts'

type Erased = Answer<'client_granted_scopes_delete_api'>

/** DELETE /api/{serviceId}/client/granted_scopes/delete/{clientId}[/{subject}]: forgets what was granted; tokens are not touched. */
export function clientGrantedScopesDelete(context: ServiceContext): Promise<Erased> {
  return eraseGrantedScopes(subjectOf(context), context)
}

/** POST /api/{serviceId}/client/granted_scopes/delete/{clientId}: the same. */
export function clientGrantedScopesDeletePost(
  { subject }: Question<'client_granted_scopes_delete_api_post'>,
  context: ServiceContext,
): Promise<Erased> {
  return eraseGrantedScopes(subject, context)
}

async function eraseGrantedScopes(subject: string, context: ServiceContext): Promise<Erased> {
  const { storage, service } = context
  const { clientId } = await clientOf(context)
  const erased = await storage.deleteGrantedScopes(service.serviceId, clientId, subject)
  return {
    resultCode: 'A972002',
    resultMessage: `[A972002] ${erased ? 'The memory of granted scopes was erased.' : 'There was no memory of granted scopes.'}`,
    serviceApiKey: service.serviceId,
    clientId,
    subject,
  }
}
