import type { Answer, Question } from '../../../sdk/types.ts'
import { authenticateClient } from '../client-authentication/authenticate.ts'
import type { ServiceContext } from '../context.ts'
import { checkFapiClient, verifiedAssertion } from '../fapi/client.ts'
import { fapiModesOf } from '../fapi/modes.ts'
import { shortestToken, tokenKey } from '../handle.ts'
import { findAccessToken } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { refuse } from '../protocol/error-response.ts'
import { checkNothingRepeated, parseParameters } from '../protocol/parameters.ts'
import { ClientNotActiveError } from '../storage/active-clients.ts'

/** POST /api/{serviceId}/auth/revocation — RFC 7009 §2. */
export async function authRevocation(
  question: Question<'auth_revocation_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_revocation_api'>> {
  const { storage, service, now } = context
  try {
    const parameters = parseParameters(question.parameters)
    checkNothingRepeated(parameters)
    const { client, method } = await authenticateClient(question, parameters, 'revocationEndpoint', context)
    // FAPI 2.0 §5.3.2.1-6: resource servers as well, which introspect on the same proof.
    checkFapiClient(fapiModesOf(service, client, []), method, client, verifiedAssertion(parameters), service.issuer)
    // §2.3: JSONP would let any page that names a script revoke and read the answer; CORS is how a page in a browser does it.
    if (parameters.get('callback') !== undefined)
      throw new OAuthError('invalid_request', 'A916302', 'callback is not supported: use CORS.', 'rfc7009#section-2.3')
    const token = parameters.get('token')
    if (token === undefined)
      throw new OAuthError('invalid_request', 'A916301', 'token is missing.', 'rfc7009#section-2.1')
    const grantId = await findGrant(token, client.clientId, parameters.get('token_type_hint'), context)
    // §2.1: the access token and the refresh token of one grant end together.
    if (grantId) await storage.revokeGrant(service.serviceId, grantId, now)
    // §2.2: an unknown token, or somebody else's, is answered as if it had been revoked.
    return { action: 'OK', resultCode: 'A113001', resultMessage: '[A113001] The revocation request was served.' }
  } catch (error) {
    const refusal = refuse(error, service.settings)
    const action = error instanceof OAuthError && error.error === 'invalid_client' ? 'INVALID_CLIENT' : 'BAD_REQUEST'
    return { action, ...refusal }
  }
}

/** RFC 7009 §2.1: the hint says where to look first, and no more. */
async function findGrant(
  token: string,
  clientId: number,
  hint: string | undefined,
  context: ServiceContext,
): Promise<Uint8Array | undefined> {
  const { storage, service } = context
  const access = () => findAccessToken(token, context)
  const refresh = () => storage.findRefreshToken(service.serviceId, tokenKey(token, service.serviceId))
  // One value may be the access token of one client and the refresh token of another.
  const searches = hint === 'refresh_token' ? [refresh, access] : [access, refresh]
  for (const find of token.length < shortestToken ? [] : searches) {
    const found = await find()
    if (found?.clientId !== clientId) continue
    if (found.clientLocked) throw new ClientNotActiveError()
    return found.grantId
  }
  // Nothing was read that says it: another process may have locked the client. Resource servers prove who they are here (RFC 7662 §2.1).
  if (!(await storage.isClientActive(service.serviceId, clientId))) throw new ClientNotActiveError()
  return undefined
}
