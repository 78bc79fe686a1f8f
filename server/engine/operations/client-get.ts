import type { Answer, Client, Schema } from '../../../sdk/types.ts'
import { ApiFault } from '../api-fault.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { StoredClient } from '../storage/storage.ts'

/** GET /api/{serviceId}/client/get/{clientId}: the settings of a client; its secret is not among them. */
export async function clientGet(context: ServiceContext): Promise<Answer<'client_get_api'>> {
  return presentClient(await clientOf(context), context.service)
}

/** The client that the path names, by its numeric id or by its alias. */
export async function clientOf({ registry, service, path }: ServiceContext): Promise<RegisteredClient> {
  const identifier = path['clientId'] ?? path['clientIdentifier'] ?? ''
  const client = await registry.findClient(service.serviceId, identifier)
  if (!client) throw clientNotFound()
  return client
}

type PresentableClient = Omit<StoredClient, 'version' | 'secretHash' | 'sealedSecret'>

/** A client as its managers see it. */
export function presentClient(client: PresentableClient, service: Pick<RegisteredService, 'number'>): Client {
  const { clientId, alias, number, settings, createdAt, modifiedAt } = client
  return {
    ...settings,
    number,
    serviceNumber: service.number,
    clientId,
    clientIdAlias: alias,
    clientIdAliasEnabled: true,
    dynamicallyRegistered: false,
    clientSource: 'STATIC_REGISTRATION',
    createdAt: createdAt.getTime(),
    modifiedAt: modifiedAt.getTime(),
  }
}

/** A client as lists of what a person allowed show it. */
export function presentClientLimited({
  clientId,
  alias,
  number,
  settings,
}: PresentableClient): Schema<'ClientLimited'> {
  const { clientName, clientNames, description, descriptions, clientType } = settings
  return {
    clientId,
    clientIdAlias: alias,
    clientIdAliasEnabled: true,
    number,
    ...(clientName !== undefined && { clientName }),
    ...(clientNames && { clientNames }),
    ...(description !== undefined && { description }),
    ...(descriptions && { descriptions }),
    ...(clientType && { clientType }),
  }
}

/** Another client of the service answers to the alias. */
export function aliasTaken(): ApiFault {
  return new ApiFault(400, 'A971202', 'clientIdAlias: another client of the service is called so')
}
