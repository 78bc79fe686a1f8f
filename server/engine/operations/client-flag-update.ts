import type { Answer, Question } from '../../../sdk/types.ts'
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
  // As it is in the storage: what is remembered may be a second old, and would be written back.
  const stored = await storage.findClient(service.serviceId, String(clientId))
  if (!stored) throw clientNotFound()
  const { alias, settings } = stored
  const updated = await storage.replaceClient(
    service.serviceId,
    clientId,
    alias,
    { ...settings, locked: clientLocked },
    now,
  )
  registry.forget(service.serviceId)
  if (!updated) throw clientNotFound()
  return {
    resultCode: 'A971001',
    resultMessage: `[A971001] The client is ${clientLocked ? 'locked' : 'not locked'}.`,
  }
}
