import type { Answer, Question, Schema } from '../../../sdk/types.ts'
import { ApiFault } from '../api-fault.ts'
import type { ServiceContext } from '../context.ts'
import { OAuthError } from '../oauth-error.ts'
import type { AuthorizationDetail } from '../protocol/authorization-details.ts'
import { fromContract, nameDetails } from '../protocol/authorization-details.ts'
import { clientOf } from './client-get.ts'

/** POST /api/{serviceId}/client/authorization/update/{clientId}: all tokens of a subject and a client keep at most what remains. */
export async function clientAuthorizationUpdate(
  { subject, scopes, authorizationDetails }: Question<'client_authorization_update_api'>,
  context: ServiceContext,
): Promise<Answer<'client_authorization_update_api'>> {
  const { storage, service, now } = context
  const { clientId } = await clientOf(context)
  const remaining = readDetails(authorizationDetails)
  const details = remaining && nameDetails(remaining).map(({ id }) => id)
  const left = { ...(scopes && { scopes }), ...(details && { details }) }
  const count = scopes || details ? await storage.narrowGrants(service.serviceId, clientId, subject, left, now) : 0
  return { resultCode: 'A138001', resultMessage: `[A138001] ${count} access tokens were narrowed.` }
}

/** RFC 9396 §2: the details that remain. Those that cannot be read are the caller's fault, and no client hears of it. */
function readDetails(details: Schema<'AuthorizationDetails'> | undefined): AuthorizationDetail[] | undefined {
  try {
    return fromContract(details)
  } catch (error) {
    if (error instanceof OAuthError) throw new ApiFault(400, 'A938201', `authorizationDetails: ${error.message}`)
    throw error
  }
}
