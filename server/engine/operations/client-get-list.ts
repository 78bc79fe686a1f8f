import type { Answer } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { pageOf, textOf } from '../query.ts'
import { presentClient } from './client-get.ts'

/** GET /api/{serviceId}/client/get/list: the clients of a service, or those of one developer. */
export async function clientGetList(context: ServiceContext): Promise<Answer<'client_get_list_api'>> {
  const { storage, service } = context
  const page = pageOf(context)
  const developer = textOf(context, 'developer')
  const { totalCount, items } = await storage.listClients(service.serviceId, developer, page)
  return {
    ...page,
    totalCount,
    ...(developer !== undefined && { developer }),
    clients: items.map((client) => presentClient(client, service)),
  }
}
