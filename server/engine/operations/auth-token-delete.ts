import type { ServiceContext } from '../context.ts'
import { identifyAccessToken } from './token-identifier.ts'

/**
 * DELETE /api/{serviceId}/auth/token/delete/{accessTokenIdentifier}: ends an access token and the refresh token that goes with it. One that
 * is not there has ended, so that is no error.
 */
export async function authTokenDelete(context: ServiceContext): Promise<undefined> {
  const { storage, service, path, now } = context
  const token = await identifyAccessToken(path['accessTokenIdentifier'] ?? '', context)
  if (token) await storage.revokeGrant(service.serviceId, token.grantId, now)
}
