import type { Answer, Service } from '../../../sdk/types.ts'
import { hasRight } from '../api-authentication.ts'
import type { ServiceContext } from '../context.ts'
import { parseJwks, publicPartOf } from '../keys.ts'
import type { StoredService } from '../storage/storage.ts'

/** GET /api/{serviceId}/service/get: the settings of a service; those of the limited view without VIEW_SERVICE. */
export function serviceGet({ service, caller }: ServiceContext): Promise<Answer<'service_get_api'>> {
  return Promise.resolve(hasRight(caller, 'VIEW_SERVICE') ? presentService(service) : presentServiceLimited(service))
}

type PresentableService = Omit<StoredService, 'version'>

/** A service as its managers see it. OIDC Core §10.1: private keys go in and never come out. */
export function presentService(service: PresentableService): Service {
  const { settings, createdAt, modifiedAt } = service
  return {
    ...settings,
    ...presentServiceLimited(service),
    jwks: JSON.stringify({ keys: parseJwks(settings.jwks).map(publicPartOf) }),
    createdAt: createdAt.getTime(),
    modifiedAt: modifiedAt.getTime(),
  }
}

/** A service as every caller of it may see it. */
export function presentServiceLimited({ serviceId, number, settings }: PresentableService): Service {
  return {
    apiKey: serviceId,
    number,
    ...(settings.serviceName !== undefined && { serviceName: settings.serviceName }),
    ...(settings.description !== undefined && { description: settings.description }),
    clientIdAliasEnabled: true,
  }
}
