import type { Answer } from '../../../sdk/types.ts'
import { hasRight } from '../api-authentication.ts'
import type { Context } from '../context.ts'
import { pageOf } from '../query.ts'
import { presentService, presentServiceLimited } from './service-get.ts'

/** GET /api/service/get/list: the services that the caller's token is for. */
export async function serviceGetList(context: Context): Promise<Answer<'service_get_list_api'>> {
  const { storage, caller } = context
  const page = pageOf(context)
  const { totalCount, items } = await storage.listServices(caller.serviceIds, page)
  const present = hasRight(caller, 'VIEW_SERVICE') ? presentService : presentServiceLimited
  return { ...page, totalCount, services: items.map(present) }
}
