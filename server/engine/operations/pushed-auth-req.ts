import type { Answer, Question } from '../../../sdk/types.ts'
import { checkAuthorizationRequest } from '../authorization-request/checks.ts'
import { requestUriPrefix, signedRequestMark } from '../authorization-request/open.ts'
import { checkRedirectUri } from '../authorization-request/redirect-uri.ts'
import { openRequestObject } from '../authorization-request/request-object.ts'
import type { SentRequest } from '../authorization-request/sent-request.ts'
import { authenticateClient } from '../client-authentication/authenticate.ts'
import type { ServiceContext } from '../context.ts'
import { acceptDpopProof, nextDpopNonce } from '../dpop.ts'
import { checkFapiPushedRequest, fapiPushedLifetime } from '../fapi/pushed-request.ts'
import { makeHandle } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { refuse } from '../protocol/error-response.ts'
import { after } from '../protocol/lifetime.ts'
import { checkLength, checkNothingRepeated, parseFormText, parseParameters } from '../protocol/parameters.ts'
import type { RegisteredClient } from '../registry.ts'

/** Seconds, for a service that sets none. */
const defaultLifetime = 90

/** What is kept of a pushed request: what the authorization endpoint reads. Credentials are no part of it, and neither is what nobody asked for. */
const keptParameters = new Set(
  (
    'response_type response_mode client_id redirect_uri scope state nonce prompt max_age display ui_locales claims_locales ' +
    'id_token_hint login_hint acr_values claims code_challenge code_challenge_method dpop_jkt ' +
    'resource authorization_details grant_management_action grant_id'
  ).split(' '),
)

/** POST /api/{serviceId}/pushed_auth_req — RFC 9126 §2. */
export async function pushedAuthReq(
  question: Question<'pushed_auth_req_api'>,
  context: ServiceContext,
): Promise<Answer<'pushed_auth_req_api'>> {
  const { storage, service, now } = context
  const nonce = nextDpopNonce(question, context)
  try {
    const outer = parseParameters(question.parameters)
    checkNothingRepeated(outer)
    const { client, method, aliasUsed } = await authenticateClient(question, outer, 'pushedAuthReqEndpoint', context)
    if (outer.get('request_uri') !== undefined) {
      throw new OAuthError('invalid_request', 'A945301', 'request_uri must not be pushed.', 'rfc9126#section-2.1')
    }
    const sender = { client, clientIdAliasUsed: aliasUsed }
    const request = outer.get('request')
    // §3: what authenticates the client stands outside, what it asks for in the object.
    const opened =
      request === undefined ? { parameters: outer } : await openRequestObject(request, outer, sender, 'pushed', context)
    const sent = { ...sender, ...opened, service, storage, now }
    checkFapiPushedRequest(sent, { client, method }, outer)
    await checkAuthorizationRequest(sent, checkRedirectUri(sent)) // §2.1: refused here, not only when the person arrives
    const dpopJkt = await keyOf(question, sent.parameters.get('dpop_jkt'), client, context) // RFC 9449 §10.1
    const kept = keptOf(sent, dpopJkt)
    // Written anew it may be longer than it came, and the authorization endpoint reads what is kept.
    checkLength(kept)
    const { handle, key } = makeHandle(now)
    const { serviceId } = service
    const lifetime = fapiPushedLifetime(sent, service.settings.pushedAuthReqDuration ?? defaultLifetime)
    await storage.keepPushedRequest({
      key,
      serviceId,
      clientId: client.clientId,
      parameters: kept,
      expiresAt: after(now, lifetime),
    })
    const requestUri = `${requestUriPrefix}${handle}`
    return {
      action: 'CREATED',
      resultCode: 'A245001',
      resultMessage: '[A245001] The authorization request was registered.',
      responseContent: JSON.stringify({ expires_in: lifetime, request_uri: requestUri }),
      requestUri,
      clientAuthMethod: method,
      ...nonce,
    }
  } catch (error) {
    const refusal = { ...refuse(error, service.settings), ...nonce }
    if (!(error instanceof OAuthError)) throw error
    if (error.error === 'invalid_client') return { action: 'UNAUTHORIZED', ...refusal }
    // RFC 9126 §2.3: larger than the server accepts.
    if (error.resultCode === 'A901301') return { action: 'PAYLOAD_TOO_LARGE', ...refusal }
    return { action: 'BAD_REQUEST', ...refusal }
  }
}

/** RFC 9449 §10.1: a proof at this endpoint says the same as `dpop_jkt`; where both are there, they must agree. */
async function keyOf(
  question: Question<'pushed_auth_req_api'>,
  dpopJkt: string | undefined,
  { clientId }: RegisteredClient,
  context: ServiceContext,
): Promise<string | undefined> {
  const endpoint = { htm: 'POST', htu: context.service.settings.pushedAuthReqEndpoint, nonceCode: 'A350308' }
  const jkt = await acceptDpopProof(question, endpoint, clientId, context)
  if (jkt === undefined || dpopJkt === undefined || jkt === dpopJkt) return jkt ?? dpopJkt
  throw new OAuthError(
    'invalid_dpop_proof',
    'A945303',
    'dpop_jkt is not the thumbprint of the key of the DPoP proof.',
    'rfc9449#section-10.1',
  )
}

/** The parameters, with the key that the code is to be bound to, and whether they were signed. */
function keptOf({ parameters, requestObject }: SentRequest, dpopJkt: string | undefined): string {
  const kept = parseFormText(parameters.only(keptParameters))
  if (dpopJkt !== undefined) kept.set('dpop_jkt', dpopJkt)
  if (requestObject?.signed) kept.set(signedRequestMark.name, signedRequestMark.value)
  return kept.toString()
}
