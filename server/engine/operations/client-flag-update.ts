import type { Answer, Client, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import { clientOf } from './client-get.ts'

/** POST /api/{serviceId}/client/lock_flag/update/{clientIdentifier}: a locked client starts nothing, and its tokens are not active. */
export async function clientFlagUpdate(
  { clientLocked }: Question<'client_flag_update_api'>,
  context: ServiceContext,
): Promise<Answer<'client_flag_update_api'>> {
  const { storage, registry, service, now } = context
  const { clientId } = await clientOf(context)
  const lock = (settings: Client) => ({ ...settings, locked: clientLocked })
  const updated = await storage.changeClientSettings(service.serviceId, clientId, lock, now)
  registry.forget(service.serviceId)
  if (!updated) throw clientNotFound()
  return {
    resultCode: 'A971001',
    resultMessage: `[A971001] The client is ${clientLocked ? 'locked' : 'not locked'}.`,
  }
}
