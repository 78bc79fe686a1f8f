import type { Answer, Question } from '../../../sdk/types.ts'
import { checkSecretLength, sealedSecretOf } from '../client-secret.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import { settleClientSettings } from '../settings/client-settings.ts'
import { checkNobodyIsCalled } from '../subject-names.ts'
import { aliasTaken, clientOf, presentClient } from './client-get.ts'

/** POST /api/{serviceId}/client/update/{clientId}: replaces every setting of a client, but not its secret. */
export async function clientUpdate(
  question: Question<'client_update_api'>,
  context: ServiceContext,
): Promise<Answer<'client_update_api'>> {
  const { storage, registry, service, sealer, now } = context
  const { serviceId } = service
  const client = await clientOf(context)
  const { clientId } = client
  const { alias, settings } = await settleClientSettings(question, clientId, service, sealer)
  if (alias !== client.alias) await checkNobodyIsCalled(alias, context)
  const secret = settings.tokenAuthMethod === 'CLIENT_SECRET_JWT' ? sealedSecretOf(client, sealer) : undefined
  if (secret) checkSecretLength('tokenAuthSignAlg', secret, settings)
  const updated = await storage.replaceClient(serviceId, clientId, alias, settings, now)
  registry.forget(serviceId)
  if (updated === 'alias-taken') throw aliasTaken()
  if (!updated) throw clientNotFound()
  return presentClient(updated, service)
}
