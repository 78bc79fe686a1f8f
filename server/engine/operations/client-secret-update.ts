import type { Answer, Question } from '../../../sdk/types.ts'
import { sha256 } from '../constant-time.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import { clientOf } from './client-get.ts'

/** POST /api/{serviceId}/client/secret/update/{clientIdentifier}: a secret that comes from elsewhere; the old one ends at once. */
export async function clientSecretUpdate(
  { clientSecret }: Question<'client_secret_update_api'>,
  context: ServiceContext,
): Promise<Answer<'client_secret_update_api'>> {
  const { storage, registry, service, now } = context
  const { clientId } = await clientOf(context)
  const changed = await storage.setClientSecret(service.serviceId, clientId, sha256(clientSecret), now)
  registry.forget(service.serviceId)
  if (!changed) throw clientNotFound()
  return {
    resultCode: 'A149001',
    resultMessage: '[A149001] The client has the secret that was sent.',
    newClientSecret: clientSecret,
  }
}
