import type { ServiceContext } from '../context.ts'
import { OAuthError } from '../oauth-error.ts'
import type { RegisteredClient } from '../registry.ts'

/** RFC 6749 §4.1.1: finds the client that `client_id` names. Without it, nobody may be redirected. */
export async function findRequestingClient(
  clientId: string | undefined,
  { registry, service }: ServiceContext,
): Promise<{ client: RegisteredClient; clientIdAliasUsed: boolean }> {
  if (clientId === undefined) {
    throw new OAuthError('invalid_request', 'A904301', 'client_id is missing.', 'rfc6749#section-4.1.1')
  }
  const client = await registry.findClient(service.serviceId, clientId)
  if (!client)
    throw new OAuthError(
      'invalid_request',
      'A904302',
      'There is no client with this client_id.',
      'rfc6749#section-4.1.2.1',
    )
  checkNotLocked(client)
  return { client, clientIdAliasUsed: clientId !== String(client.clientId) }
}

/** A locked client can start nothing. */
export function checkNotLocked({ locked }: RegisteredClient): void {
  if (locked) throw new OAuthError('unauthorized_client', 'A904303', 'The client is locked.', 'rfc6749#section-4.1.2.1')
}
