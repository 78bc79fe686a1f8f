import type { Answer, Client, Question } from '../../../sdk/types.ts'
import { keptSecret } from '../client-secret.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import { clientOf } from './client-get.ts'

/** POST /api/{serviceId}/client/secret/update/{clientIdentifier}: a secret that comes from elsewhere; the old one ends at once. */
export async function clientSecretUpdate(
  { clientSecret }: Question<'client_secret_update_api'>,
  context: ServiceContext,
): Promise<Answer<'client_secret_update_api'>> {
  const { storage, registry, service, sealer, now } = context
  const { clientId } = await clientOf(context)
  const { serviceId } = service
  const keep = (settings: Client) => keptSecret(clientSecret, { serviceId, clientId, settings }, sealer)
  const changed = await storage.setClientSecret(serviceId, clientId, keep, now)
  registry.forget(serviceId)
  if (!changed) throw clientNotFound()
  return {
    resultCode: 'A149001',
    resultMessage: '[A149001] The client has the secret that was sent.',
    newClientSecret: clientSecret,
  }
}
