import { findEncryption } from './client-encryption.ts'
import type { ServiceContext } from './context.ts'
import { registeredKeyFor } from './keys.ts'
import { OAuthError } from './oauth-error.ts'
import { nest } from './protocol/encryption.ts'
import { errorMembers } from './protocol/error-response.ts'
import { signAuthorizationResponse } from './protocol/jarm.ts'
import { after, numericDate } from './protocol/lifetime.ts'
import type { AuthorizationResponse, ResponseMode } from './protocol/response-mode.ts'
import { authorizationResponse, isProtected, plainModeOf } from './protocol/response-mode.ts'
import type { RegisteredClient } from './registry.ts'
import type { AuthorizationRequest } from './storage/storage.ts'

/** Seconds, for a service that sets none: JARM §2.1 advises ten minutes at most. */
const defaultLifetime = 600

/** To whom an authorization response goes, and how the request wants it. */
export interface Recipient extends Pick<
  AuthorizationRequest,
  'redirectUri' | 'responseMode' | 'state' | 'clientIdAliasUsed'
> {
  /** Undefined when it does not exist any more. */
  client: RegisteredClient | undefined
}

/** Sends the parameters of a response on their way. */
export type Send = (parameters: Record<string, string | undefined>) => Promise<AuthorizationResponse>

/**
 * RFC 6749 §4.1.2, JARM §2: how the response goes to the client. Refuses when it cannot be protected as the request wants it; so this is
 * asked before anything is spent.
 */
export async function prepareResponse(recipient: Recipient, context: ServiceContext): Promise<Send> {
  const { redirectUri, responseMode, state, client, clientIdAliasUsed } = recipient
  const { service, now } = context
  const responseTo = { redirectUri, responseMode: plainModeOf(responseMode) }
  if (!isProtected(responseMode)) {
    // RFC 9207 §2: every response names who answers, unless the service suppresses it.
    const iss = service.settings.issSuppressed ? {} : { issuer: service.issuer }
    const target = { ...responseTo, ...(state !== undefined && { state }), ...iss }
    return (parameters) => Promise.resolve(authorizationResponse(target, parameters))
  }
  const alg = client?.settings.authorizationSignAlg
  if (!client || alg === undefined) throw notRegistered(responseMode)
  const key = registeredKeyFor(service.signingKeys, alg, service.settings.authorizationSignatureKeyId)
  const encryption = await findEncryption('authorization', client, context)
  const lifetime = service.settings.authorizationResponseDuration || defaultLifetime
  return async (parameters) => {
    const jwt = await signAuthorizationResponse(
      {
        issuer: service.issuer,
        audience: clientIdAliasUsed ? client.alias : String(client.clientId),
        expiresAt: numericDate(after(now, lifetime)),
        parameters: { ...parameters, state },
      },
      key,
    )
    // JARM §2.3: the JWT alone; whatever stood beside it would not be protected.
    return authorizationResponse(responseTo, { response: await nest(jwt, encryption) })
  }
}

/**
 * RFC 6749 §4.1.2.1: the client is told of the error, in the way that it asked for. Where that cannot be done, this is the error that it is
 * told of, unprotected: the other one was not to be read by everybody.
 */
export async function sendError(error: OAuthError, recipient: Recipient, context: ServiceContext) {
  try {
    const send = await prepareResponse(recipient, context)
    return await describe(error, send, context)
  } catch (obstacle) {
    if (!(obstacle instanceof OAuthError)) throw obstacle
    const responseMode: ResponseMode = plainModeOf(recipient.responseMode)
    return await describe(obstacle, await prepareResponse({ ...recipient, responseMode }, context), context)
  }
}

async function describe(error: OAuthError, send: Send, { service }: ServiceContext) {
  const { resultCode, resultMessage } = error
  return { resultCode, resultMessage, ...(await send(errorMembers(error, service.settings))) }
}

function notRegistered(responseMode: ResponseMode): OAuthError {
  return new OAuthError(
    'invalid_request',
    'A012305',
    `response_mode=${responseMode} needs a client that is registered with authorization_signed_response_alg.`,
    'jarm#section-3',
  )
}
