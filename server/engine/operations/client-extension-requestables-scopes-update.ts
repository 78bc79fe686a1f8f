import type { Answer, Client, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import type { RegisteredService } from '../registry.ts'
import { settingFault } from '../settings/setting-fault.ts'
import { checkUnique } from '../settings/texts.ts'
import { clientOf } from './client-get.ts'
import { presentRequestableScopes } from './client-extension-requestables-scopes-get.ts'

/**
 * PUT and POST /api/{serviceId}/client/extension/requestable_scopes/update/{clientId} — RFC 6749 §3.3: limits the scopes that a client may
 * request. A parameterized scope is named as it is, and its values go with it. null lifts the limit; nothing else does.
 */
export async function clientExtensionRequestablesScopesUpdate(
  { requestableScopes }: Question<'client_extension_requestables_scopes_update_api'>,
  context: ServiceContext,
): Promise<Answer<'client_extension_requestables_scopes_update_api'>> {
  if (requestableScopes) checkRequestableScopes(requestableScopes, context.service)
  return presentRequestableScopes(await setRequestableScopes(requestableScopes ?? undefined, context))
}

/** Sets the limit, or lifts it, and answers the settings as they are now. */
export async function setRequestableScopes(
  requestableScopes: string[] | undefined,
  context: ServiceContext,
): Promise<Client> {
  const { storage, registry, service, now } = context
  const { clientId } = await clientOf(context)
  const limit = (settings: Client) => ({ ...settings, extension: limited(settings.extension ?? {}, requestableScopes) })
  const updated = await storage.changeClientSettings(service.serviceId, clientId, limit, now)
  registry.forget(service.serviceId)
  if (!updated) throw clientNotFound()
  return updated.settings
}

type Extension = NonNullable<Client['extension']>

function limited(extension: Extension, requestableScopes: string[] | undefined): Extension {
  if (requestableScopes) return { ...extension, requestableScopes, requestableScopesEnabled: true }
  const unlimited = { ...extension, requestableScopesEnabled: false }
  delete unlimited.requestableScopes
  return unlimited
}

function checkRequestableScopes(names: readonly string[], { settings }: RegisteredService): void {
  checkUnique('requestableScopes', names)
  const supported = new Set(settings.supportedScopes?.map(({ name }) => name))
  const unknown = names.findIndex((name) => !supported.has(name))
  if (unknown >= 0) throw settingFault(`requestableScopes/${unknown}`, 'the service has no scope of this name')
}
