import type { Answer, Client } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { clientOf } from './client-get.ts'

/** GET /api/{serviceId}/client/extension/requestable_scopes/get/{clientId} — RFC 6749 §3.3: the scopes that a client may request. */
export async function clientExtensionRequestablesScopesGet(
  context: ServiceContext,
): Promise<Answer<'client_extension_requestables_scopes_get_api'>> {
  const { settings } = await clientOf(context)
  return presentRequestableScopes(settings)
}

/** null: all that the service supports. */
export function presentRequestableScopes({ extension = {} }: Client): { requestableScopes: string[] | null } {
  return { requestableScopes: extension.requestableScopesEnabled ? (extension.requestableScopes ?? []) : null }
}
