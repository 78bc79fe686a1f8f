import { OAuthError } from '../oauth-error.ts'
import { clientIdOf, jwtBearerAssertion } from '../protocol/client-assertion.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { invalidClient } from './invalid-client.ts'

/** What the front-end passes on of a request, besides its form: the `Authorization: Basic` header, and the certificate of the connection. */
export interface PresentedOutsideForm {
  clientId?: string
  clientSecret?: string
  /** PEM, RFC 8705 §2. */
  clientCertificate?: string
  /** PEM, those that came with it. */
  clientCertificatePath?: string[]
}

/** Who a request says that it comes from, and how it proves it. */
export interface PresentedCredentials {
  clientId: string
  /** Where the credentials were found; a certificate is found beside any of them, because tokens can be bound to it. */
  channel: 'none' | 'header' | 'body' | 'assertion'
  secret?: string
  assertion?: string
}

/** RFC 6749 §2.3: a client must not use more than one method in a request, nor name two clients. */
export function credentialsOf(outside: PresentedOutsideForm, parameters: Parameters): PresentedCredentials {
  const assertion = parameters.get('client_assertion')
  const bodySecret = parameters.get('client_secret')
  const inHeader = outside.clientId !== undefined
  if ([inHeader, bodySecret !== undefined, assertion !== undefined].filter(Boolean).length > 1) {
    throw new OAuthError(
      'invalid_request',
      'A957315',
      'The client authenticates in more than one way.',
      'rfc6749#section-2.3',
    )
  }
  if ((assertion === undefined) !== (parameters.get('client_assertion_type') === undefined)) {
    throw new OAuthError(
      'invalid_request',
      'A957316',
      'client_assertion and client_assertion_type are sent together or not at all.',
      'rfc7521#section-4.2',
    )
  }
  if (assertion !== undefined && parameters.get('client_assertion_type') !== jwtBearerAssertion) {
    throw invalidClient('A957317', `client_assertion_type must be ${jwtBearerAssertion}.`)
  }
  const named = [
    outside.clientId,
    assertion === undefined ? undefined : clientIdOf(assertion),
    parameters.get('client_id'),
  ]
  const [clientId, other] = new Set(named.filter((id) => id !== undefined))
  if (clientId === undefined) {
    throw invalidClient('A116302', 'The request names no client: client_id or client credentials are missing.')
  }
  if (other !== undefined) throw invalidClient('A957318', 'The request names two different clients.')
  if (assertion !== undefined) return { clientId, channel: 'assertion', assertion }
  if (inHeader) return { clientId, channel: 'header', secret: outside.clientSecret ?? '' }
  if (bodySecret !== undefined) return { clientId, channel: 'body', secret: bodySecret }
  return { clientId, channel: 'none' }
}
