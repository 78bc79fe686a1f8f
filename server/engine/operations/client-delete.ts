import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import { clientOf } from './client-get.ts'

/** DELETE /api/{serviceId}/client/delete/{clientId}: its codes, tokens and granted scopes end with it. */
export async function clientDelete(context: ServiceContext): Promise<undefined> {
  const { storage, registry, service } = context
  const { clientId } = await clientOf(context)
  const deleted = await storage.deleteClient(service.serviceId, clientId)
  registry.forget(service.serviceId)
  if (!deleted) throw clientNotFound()
}
