import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { subjectOf } from '../query.ts'
import { clientOf } from './client-get.ts'

type Memory = Answer<'client_granted_scopes_get_api'>

/** GET /api/{serviceId}/client/granted_scopes/get/{clientId}[/{subject}]: what a subject granted to a client, lately and in all. */
export function clientGrantedScopesGet(context: ServiceContext): Promise<Memory> {
  return findGrantedScopes(subjectOf(context), context)
}

/** POST /api/{serviceId}/client/granted_scopes/get/{clientId}: the same. */
export function clientGrantedScopesGetPost(
  { subject }: Question<'client_granted_scopes_get_api_post'>,
  context: ServiceContext,
): Promise<Memory> {
  return findGrantedScopes(subject, context)
}

async function findGrantedScopes(subject: string, context: ServiceContext): Promise<Memory> {
  const { storage, service } = context
  const { clientId } = await clientOf(context)
  const granted = await storage.findGrantedScopes(service.serviceId, clientId, subject)
  return {
    resultCode: 'A972001',
    resultMessage: `[A972001] ${granted ? 'What the subject granted to the client.' : 'The subject granted nothing to the client yet.'}`,
    serviceApiKey: service.serviceId,
    clientId,
    subject,
    // Absent: never asked. Empty: asked, and granted nothing.
    ...(granted && {
      latestGrantedScopes: granted.latest,
      mergedGrantedScopes: granted.merged,
      modifiedAt: granted.modifiedAt.getTime(),
    }),
  }
}
