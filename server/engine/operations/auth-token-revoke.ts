import type { Answer, Question } from '../../../sdk/types.ts'
import { ApiFault } from '../api-fault.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import { identifyAccessToken, identifyRefreshToken } from './token-identifier.ts'

/**
 * POST /api/{serviceId}/auth/token/revoke: ends what goes with one token, or all tokens of a client, of a subject or of both. What is named
 * first in this order counts. It is at once and everywhere; memory of consents and managed grants stay.
 */
export async function authTokenRevoke(
  question: Question<'auth_token_revoke_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_token_revoke_api'>> {
  const count = await revoke(question, context)
  return { resultCode: 'A312001', resultMessage: `[A312001] ${count} access tokens were revoked.`, count }
}

async function revoke(question: Question<'auth_token_revoke_api'>, context: ServiceContext): Promise<number> {
  const { storage, registry, service, now } = context
  const { serviceId } = service
  const { accessTokenIdentifier, refreshTokenIdentifier, clientIdentifier, subject } = question
  if (accessTokenIdentifier !== undefined || refreshTokenIdentifier !== undefined) {
    const token =
      accessTokenIdentifier === undefined
        ? await identifyRefreshToken(refreshTokenIdentifier ?? '', context)
        : await identifyAccessToken(accessTokenIdentifier, context)
    return token ? storage.revokeGrant(serviceId, token.grantId, now) : 0
  }
  if (clientIdentifier === undefined && subject === undefined) {
    const expected = 'accessTokenIdentifier, refreshTokenIdentifier, clientIdentifier or subject is expected'
    throw new ApiFault(400, 'A912201', expected)
  }
  const client = clientIdentifier === undefined ? undefined : await registry.findClient(serviceId, clientIdentifier)
  if (clientIdentifier !== undefined && !client) throw clientNotFound()
  const filter = { ...(client && { clientId: client.clientId }), ...(subject !== undefined && { subject }) }
  return storage.revokeTokens(serviceId, filter, now)
}
