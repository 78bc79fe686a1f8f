import type { ServiceContext } from './context.ts'
import { settingFault } from './settings/setting-fault.ts'

/**
 * RFC 9700 §4.15: whether a subject is the id or the alias of a client. A client that acts for itself is the `sub` of its JWTs, RFC 9068 §2.2,
 * and so nobody else may be.
 */
export async function isNameOfClient(
  subject: string,
  { registry, service }: Pick<ServiceContext, 'registry' | 'service'>,
): Promise<boolean> {
  return (await registry.findClient(service.serviceId, subject)) !== undefined
}

/** RFC 9700 §4.15: a client does not take the name of a subject. Of those, only the ones who hold a live token are known here. */
export async function checkNobodyIsCalled(
  alias: string,
  { storage, service, now }: Pick<ServiceContext, 'storage' | 'service' | 'now'>,
): Promise<void> {
  const holders = await storage.listAuthorizedClients(service.serviceId, alias, now)
  if (holders.length > 0)
    throw settingFault('clientIdAlias', 'another name is expected: it is the subject of live tokens')
}
