import type { ServiceContext } from '../context.ts'
import { setRequestableScopes } from './client-extension-requestables-scopes-update.ts'

/** DELETE /api/{serviceId}/client/extension/requestable_scopes/delete/{clientId}: the client may request every scope again. */
export async function clientExtensionRequestablesScopesDelete(context: ServiceContext): Promise<undefined> {
  await setRequestableScopes(undefined, context)
}
