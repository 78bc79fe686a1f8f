import type { ServiceContext } from '../context.ts'
import { parseHandle } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { hasExpired } from '../protocol/lifetime.ts'
import { checkNothingRepeated, parseParameters } from '../protocol/parameters.ts'
import type { PushedRequest } from '../storage/storage.ts'
import { findRequestingClient } from './client.ts'
import { openRequestObject } from './request-object.ts'
import { fetchRequestObject } from './request-uri.ts'
import type { SentRequest } from './sent-request.ts'

/** RFC 9126 §2.2: what a pushed request is called. */
export const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'

/** RFC 9126 §3: stands among the kept parameters if a signed request object held them. A client cannot send it: it is not one that is kept. */
export const signedRequestMark = { name: 'signed_request_object', value: 'true' } as const

/**
 * RFC 6749 §4.1.1, RFC 9126 §4 and RFC 9101 §6: who asks, and where the parameters are. What goes wrong here is shown to the person: until
 * a request object is found good, nobody knows which redirect URI and which state the client means.
 */
export async function openAuthorizationRequest(text: string, context: ServiceContext): Promise<SentRequest> {
  const outer = parseParameters(text)
  // The parameters that decide who is told about an error must be beyond doubt.
  checkNothingRepeated(outer, ['client_id', 'request', 'request_uri', 'redirect_uri'])
  const { service, storage, now } = context
  const sender = await findRequestingClient(outer.get('client_id'), context)
  const sent = { ...sender, service, storage, now }
  const [request, requestUri] = [outer.get('request'), outer.get('request_uri')]
  if (request !== undefined && requestUri !== undefined) {
    throw new OAuthError(
      'invalid_request',
      'A908308',
      'request and request_uri must not be sent together.',
      'rfc9101#section-5',
    )
  }
  if (requestUri?.startsWith(requestUriPrefix)) {
    const pushed = await findPushedRequest(requestUri, sender.client.clientId, context)
    // RFC 9101 §5: the outer parameters, but for client_id, count for nothing.
    const parameters = parseParameters(pushed.parameters)
    const signed = parameters.get(signedRequestMark.name) === signedRequestMark.value
    return { ...sent, parameters, ...(signed && { requestObject: { signed } }), pushedRequest: pushed.key }
  }
  if (service.settings.parRequired || sender.client.settings.parRequired) {
    throw new OAuthError(
      'invalid_request',
      'A008305',
      'The request must be pushed first: see the PAR endpoint.',
      'rfc9126#section-5',
    )
  }
  const object = requestUri === undefined ? request : await fetchRequestObject(requestUri, sender.client, context)
  if (object === undefined) return { ...sent, parameters: outer }
  return { ...sent, ...(await openRequestObject(object, outer, sender, 'authorization', context)) }
}

/** RFC 9126 §4: the request URI is bound to the client, expires, and is used up when an authorization is completed. */
async function findPushedRequest(
  requestUri: string,
  clientId: number,
  { storage, service, now }: ServiceContext,
): Promise<PushedRequest> {
  const key = parseHandle(requestUri.slice(requestUriPrefix.length))
  const pushed = key && (await storage.findPushedRequest(service.serviceId, key))
  if (!pushed || pushed.clientId !== clientId || pushed.spentAt || hasExpired(pushed.expiresAt, now)) {
    throw new OAuthError(
      'invalid_request_uri',
      'A008303',
      'request_uri is unknown, expired, used up, or another client pushed it.',
      'rfc9126#section-4',
    )
  }
  return pushed
}
