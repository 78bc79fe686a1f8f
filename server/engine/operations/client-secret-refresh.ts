import type { Answer, Client } from '../../../sdk/types.ts'
import { keptSecret, makeClientSecret } from '../client-secret.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import { clientOf } from './client-get.ts'

/** GET /api/{serviceId}/client/secret/refresh/{clientIdentifier}: a new secret; the old one ends at once, and nobody can tell it any more. */
export async function clientSecretRefresh(context: ServiceContext): Promise<Answer<'client_secret_refresh_api'>> {
  const { storage, registry, service, sealer, now } = context
  const { clientId } = await clientOf(context)
  const { serviceId } = service
  const secret = makeClientSecret()
  const keep = (settings: Client) => keptSecret(secret, { serviceId, clientId, settings }, sealer)
  const changed = await storage.setClientSecret(serviceId, clientId, keep, now)
  registry.forget(serviceId)
  if (!changed) throw clientNotFound()
  return {
    resultCode: 'A148001',
    resultMessage: '[A148001] The client has a new secret. It is shown this once.',
    newClientSecret: secret,
  }
}
