import type { ServiceContext } from '../context.ts'
import { serviceNotFound } from '../not-found.ts'

/** DELETE /api/{serviceId}/service/delete: its clients, keys, codes and tokens end with it. */
export async function serviceDelete({ storage, registry, service }: ServiceContext): Promise<undefined> {
  const deleted = await storage.deleteService(service.serviceId)
  registry.forget(service.serviceId)
  if (!deleted) throw serviceNotFound()
}
