import type { JSONWebKeySet, CompactVerifyGetKey } from 'jose'
import { createLocalJWKSet } from 'jose'
import type { Schema } from '../../sdk/types.ts'
import { equalBytesInConstantTime, sha256 } from './constant-time.ts'
import type { ServiceContext } from './context.ts'
import { parseJwks } from './keys.ts'
import { OAuthError } from './oauth-error.ts'
import { clientIdOf, jwtBearerAssertion, verifyClientAssertion } from './protocol/client-assertion.ts'
import { clockSkewOf } from './protocol/lifetime.ts'
import type { Parameters } from './protocol/parameters.ts'
import type { FindPublishedKeys } from './published-keys.ts'
import type { RegisteredClient } from './registry.ts'

export interface AuthenticatedClient {
  client: RegisteredClient
  method: Schema<'ClientAuthMethod'>
  /** Whether the request named the client by its alias. */
  aliasUsed: boolean
}

/** What came in the `Authorization: Basic` header. */
export interface BasicCredentials {
  clientId?: string
  clientSecret?: string
}

/** The endpoint that is called decides which other `aud` an assertion may carry, RFC 9126 §2. */
export type AuthenticatedEndpoint = 'tokenEndpoint' | 'pushedAuthReqEndpoint' | 'revocationEndpoint'

/** RFC 6749 §2.3: authenticates the client, by the one method it registered and by nothing else. */
export async function authenticateClient(
  basic: BasicCredentials,
  parameters: Parameters,
  endpoint: AuthenticatedEndpoint,
  context: ServiceContext,
): Promise<AuthenticatedClient> {
  const presented = credentialsOf(basic, parameters)
  const client = await context.registry.findClient(context.service.serviceId, presented.clientId)
  if (!client) {
    // As much work as for a wrong secret: the time must not tell which clients exist.
    equalBytesInConstantTime(sha256(presented.secret ?? ''), sha256('no such client'))
    throw invalidClient('A957313', 'There is no such client, or its credentials are wrong.')
  }
  const method =
    client.settings.tokenAuthMethod ?? (client.settings.clientType === 'PUBLIC' ? 'NONE' : 'CLIENT_SECRET_BASIC')
  checkSupported(method, endpoint, context)
  checkChannel(presented, method)
  await prove(presented, method, client, endpoint, context)
  // Only who has proven to be the client learns that it is locked.
  if (client.locked) throw invalidClient('A957314', 'The client is locked.')
  return { client, method, aliasUsed: presented.clientId !== String(client.clientId) }
}

interface PresentedCredentials {
  clientId: string
  /** Where the credentials were found. */
  channel: 'none' | 'header' | 'body' | 'assertion'
  secret?: string
  assertion?: string
}

/** RFC 6749 §2.3: a client must not use more than one method in a request, nor name two clients. */
function credentialsOf(basic: BasicCredentials, parameters: Parameters): PresentedCredentials {
  const assertion = parameters.get('client_assertion')
  const bodySecret = parameters.get('client_secret')
  const inHeader = basic.clientId !== undefined
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
    basic.clientId,
    assertion === undefined ? undefined : clientIdOf(assertion),
    parameters.get('client_id'),
  ]
  const [clientId, other] = new Set(named.filter((id) => id !== undefined))
  if (clientId === undefined) {
    throw invalidClient('A116302', 'The request names no client: client_id or client credentials are missing.')
  }
  if (other !== undefined) throw invalidClient('A957318', 'The request names two different clients.')
  if (assertion !== undefined) return { clientId, channel: 'assertion', assertion }
  if (inHeader) return { clientId, channel: 'header', secret: basic.clientSecret ?? '' }
  if (bodySecret !== undefined) return { clientId, channel: 'body', secret: bodySecret }
  return { clientId, channel: 'none' }
}

function checkSupported(
  method: Schema<'ClientAuthMethod'>,
  endpoint: AuthenticatedEndpoint,
  { service }: ServiceContext,
): void {
  const { supportedTokenAuthMethods, supportedRevocationAuthMethods } = service.settings
  const supported = endpoint === 'revocationEndpoint' ? supportedRevocationAuthMethods : supportedTokenAuthMethods
  if (!supported?.includes(method)) {
    throw invalidClient(
      'A957319',
      `The service does not accept ${method.toLowerCase()}, which the client is registered with.`,
    )
  }
}

const channels: Partial<Record<Schema<'ClientAuthMethod'>, PresentedCredentials['channel']>> = {
  NONE: 'none',
  CLIENT_SECRET_BASIC: 'header',
  CLIENT_SECRET_POST: 'body',
  PRIVATE_KEY_JWT: 'assertion',
}

/** OIDC Core §9: the registered method, even when the credentials would be right elsewhere. */
function checkChannel({ channel }: PresentedCredentials, method: Schema<'ClientAuthMethod'>): void {
  if (channels[method] === channel) return
  if (method === 'NONE') throw invalidClient('A157303', 'A public client must not send credentials.')
  throw invalidClient('A157357', `The client must authenticate with ${method.toLowerCase()}.`)
}

async function prove(
  presented: PresentedCredentials,
  method: Schema<'ClientAuthMethod'>,
  client: RegisteredClient,
  endpoint: AuthenticatedEndpoint,
  context: ServiceContext,
): Promise<void> {
  if (presented.assertion !== undefined) {
    await proveByAssertion(presented.assertion, presented.clientId, client, endpoint, context)
  } else if (presented.secret !== undefined) {
    if (!equalBytesInConstantTime(sha256(presented.secret), client.secretHash)) {
      throw invalidClient('A957313', 'There is no such client, or its credentials are wrong.')
    }
  } else if (client.settings.clientType !== 'PUBLIC' || method !== 'NONE') {
    throw invalidClient('A157302', 'A confidential client must authenticate.')
  }
}

async function proveByAssertion(
  assertion: string,
  clientId: string,
  client: RegisteredClient,
  endpoint: AuthenticatedEndpoint,
  { service, storage, publishedKeys, now }: ServiceContext,
): Promise<void> {
  const { settings, issuer } = service
  // A front-end authenticates resource servers by way of revocation: what they send is meant for introspection.
  const meant =
    endpoint === 'revocationEndpoint'
      ? [settings.revocationEndpoint, settings.introspectionEndpoint]
      : [settings[endpoint]]
  const accepted = [issuer, settings.tokenEndpoint, ...meant].filter((uri) => uri !== undefined)
  const { jti, expiresAt } = await verifyClientAssertion(assertion, {
    clientId,
    keys: keysOf(client, publishedKeys, now),
    ...(client.settings.tokenAuthSignAlg && { alg: client.settings.tokenAuthSignAlg }),
    issuer,
    audiences: settings.clientAssertionAudRestrictedToIssuer ? [] : accepted,
    now,
    clockSkew: clockSkewOf(settings),
  })
  // RFC 7523 §3: used once, on whichever process. Remembered only after the signature was verified, so that nobody can fill the store.
  if (!(await storage.useJti(service.serviceId, client.clientId, jti, expiresAt, now))) {
    throw invalidClient('A957320', 'client_assertion was used before: jti must be new each time.')
  }
}

const importedKeys = new WeakMap<RegisteredClient, CompactVerifyGetKey>()

/** RFC 7591 §2: the client's public keys: those at its address, else those of its registration, imported once for as long as that is remembered. */
export function keysOf(client: RegisteredClient, publishedKeys: FindPublishedKeys, now: Date): CompactVerifyGetKey {
  // RFC 7591 §2 wants one of the two. Where there are both, the address knows of the latest change.
  if (client.settings.jwksUri !== undefined) return publishedKeys(client.settings.jwksUri, now)
  const known = importedKeys.get(client)
  if (known) return known
  const set: JSONWebKeySet = { keys: parseJwks(client.settings.jwks) }
  const keys = createLocalJWKSet(set)
  importedKeys.set(client, keys)
  return keys
}

function invalidClient(resultCode: string, description: string): OAuthError {
  return new OAuthError('invalid_client', resultCode, description, 'rfc6749#section-2.3')
}
