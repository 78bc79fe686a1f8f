import type { ServiceContext } from '../context.ts'
import { parseHandle } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { hasExpired } from '../protocol/lifetime.ts'
import { checkNothingRepeated, parseParameters } from '../protocol/parameters.ts'
import type { PushedRequest } from '../storage/storage.ts'
import { findRequestingClient } from './client.ts'
import type { SentRequest } from './sent-request.ts'

/** RFC 9126 §2.2: what a pushed request is called. */
export const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'

/** RFC 6749 §4.1.1 and RFC 9126 §4: who asks, and where the parameters are. What goes wrong here is shown to the person. */
export async function openAuthorizationRequest(text: string, context: ServiceContext): Promise<SentRequest> {
  const outer = parseParameters(text)
  // The parameters that decide who is told about an error must be beyond doubt.
  checkNothingRepeated(outer, ['client_id', 'request_uri', 'redirect_uri'])
  const { service, storage, now } = context
  const { client, clientIdAliasUsed } = await findRequestingClient(outer.get('client_id'), context)
  const requestUri = outer.get('request_uri')
  if (requestUri?.startsWith(requestUriPrefix)) {
    const pushed = await findPushedRequest(requestUri, client.clientId, context)
    // RFC 9101 §5: the outer parameters, but for client_id, count for nothing.
    return {
      parameters: parseParameters(pushed.parameters),
      client,
      clientIdAliasUsed,
      service,
      storage,
      now,
      pushedRequest: pushed.key,
    }
  }
  if (service.settings.parRequired || client.settings.parRequired) {
    throw new OAuthError(
      'invalid_request',
      'A008305',
      'The request must be pushed first: see the PAR endpoint.',
      'rfc9126#section-5',
    )
  }
  return { parameters: outer, client, clientIdAliasUsed, service, storage, now }
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
