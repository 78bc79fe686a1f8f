import type { Answer, Question } from '../../../sdk/types.ts'
import { checkServiceAccess } from '../api-authentication.ts'
import type { Context } from '../context.ts'
import { settleServiceSettings } from '../settings/service-settings.ts'
import { presentService } from './service-get.ts'

/** POST /api/service/create: a new authorization server, RFC 8414. What is left out takes the value of the safe preset. */
export async function serviceCreate(
  question: Question<'service_create_api'>,
  { storage, registry, sealer, caller, now }: Context,
): Promise<Answer<'service_create_api'>> {
  // A token for certain services could not see what it makes here.
  checkServiceAccess(caller, undefined)
  const service = await storage.createService(await settleServiceSettings(question, { sealer, now }), now)
  registry.forget(service.serviceId)
  return presentService(service)
}
