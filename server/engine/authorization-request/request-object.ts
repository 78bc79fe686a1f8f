import { keysOf } from '../client-authentication/assertion.ts'
import type { ServiceContext } from '../context.ts'
import { fapiModesOfRequest } from '../fapi/authorization-request.ts'
import { isDemanded } from '../fapi/profiles.ts'
import { OAuthError } from '../oauth-error.ts'
import { clockSkewOf } from '../protocol/lifetime.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { parseFormText, parseParameters, parseWords } from '../protocol/parameters.ts'
import { parametersOfClaims } from '../protocol/request-object-parameters.ts'
import { verifyRequestObject } from '../protocol/request-object.ts'
import type { RegisteredClient } from '../registry.ts'
import type { RequestObjectEndpoint } from './request-object-policy.ts'
import { isRequestObjectRequired, requestObjectPolicyOf } from './request-object-policy.ts'
import type { SentRequest } from './sent-request.ts'

/** Who sent the parameters that stand outside of a request object. */
export interface RequestObjectSender {
  client: RegisteredClient
  clientIdAliasUsed: boolean
}

/** RFC 9101 §6: the parameters that a request object holds, once it is found good; those outside count for nothing, §6.3. */
export async function openRequestObject(
  text: string,
  outer: Parameters,
  { client, clientIdAliasUsed }: RequestObjectSender,
  endpoint: RequestObjectEndpoint,
  { service, publishedKeys, now }: ServiceContext,
): Promise<Required<Pick<SentRequest, 'parameters' | 'requestObject'>>> {
  const policy = requestObjectPolicyOf(client, service, endpoint)
  const hasKeys = client.settings.jwks !== undefined || client.settings.jwksUri !== undefined
  const { claims, ...object } = await verifyRequestObject(text, {
    policy,
    clientId: clientIdAliasUsed ? client.alias : String(client.clientId),
    issuer: service.issuer,
    keys: hasKeys ? keysOf(client, publishedKeys, now) : undefined,
    decryptionKeys: service.decryptionKeys,
    now,
    clockSkew: clockSkewOf(service.settings),
  })
  const inner = parametersOfClaims(claims)
  const merged = policy.merged ? parseParameters(mergeParameters(inner, outer)) : undefined
  // FAPI 1.0 Advanced 5.2.2-10: where the object must be signed, nothing counts that is not in it.
  const isWhole =
    !merged || isDemanded(fapiModesOfRequest({ parameters: merged, client, service }), 'signedRequestObject')
  const parameters = isWhole ? parseParameters(inner) : merged
  return { parameters, requestObject: object }
}

/** OIDC Core §6.1: what OAuth requires stands outside as well; of two values for one parameter, that of the object counts. */
function mergeParameters(inner: string, outer: Parameters): string {
  if (outer.get('response_type') === undefined || !parseWords(outer.get('scope')).includes('openid')) {
    throw new OAuthError(
      'invalid_request',
      'A908304',
      'response_type and a scope with openid must be sent beside the request object as well.',
      'oidc-core#RequestObject',
    )
  }
  const names = new Set([...parseFormText(inner).keys(), 'request', 'request_uri'])
  return [outer.except(names), inner].filter((part) => part !== '').join('&')
}

/** RFC 9101 §10.5 and OIDC Core §3.1.2.6: a request object where one is demanded, and no `registration`, which this server does not process. */
export function checkRequestObject({ parameters, client, service, requestObject }: SentRequest): void {
  if (!requestObject && isRequestObjectRequired(client, service)) {
    throw new OAuthError(
      'invalid_request',
      'A908301',
      'The request must be made with a request object: see the parameter request.',
      'rfc9101#section-10.5',
    )
  }
  if (parameters.get('registration') !== undefined) {
    throw new OAuthError(
      'registration_not_supported',
      'A908303',
      'The registration parameter is not supported.',
      'oidc-core#AuthError',
    )
  }
}
