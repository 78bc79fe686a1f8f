import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { serviceNotFound } from '../not-found.ts'
import { settleServiceSettings } from '../settings/service-settings.ts'
import { presentService } from './service-get.ts'

/** POST /api/{serviceId}/service/update: replaces every setting of a service. Keys stay when none are given. */
export async function serviceUpdate(
  question: Question<'service_update_api'>,
  { storage, registry, service, sealer, now }: ServiceContext,
): Promise<Answer<'service_update_api'>> {
  const { serviceId } = service
  for (;;) {
    // As they are in the storage: keys that are remembered may be a second old.
    const stored = await storage.findService(serviceId)
    if (!stored) throw serviceNotFound()
    const settings = await settleServiceSettings(question, { sealer, now }, stored.settings.jwks)
    const updated = await storage.replaceService(serviceId, settings, now, stored.version)
    registry.forget(serviceId)
    if (updated) return presentService(updated)
    // Somebody changed it meanwhile, perhaps its keys, which must not be lost: once more.
  }
}
