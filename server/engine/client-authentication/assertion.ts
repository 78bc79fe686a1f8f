import { createSecretKey } from 'node:crypto'
import type { CompactVerifyGetKey, JSONWebKeySet } from 'jose'
import { createLocalJWKSet } from 'jose'
import type { Service } from '../../../sdk/types.ts'
import { sealedSecretOf } from '../client-secret.ts'
import type { ServiceContext } from '../context.ts'
import { parseJwks } from '../keys.ts'
import { macAlgorithmsFor, verifyClientAssertion } from '../protocol/client-assertion.ts'
import { clockSkewOf } from '../protocol/lifetime.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import type { FindPublishedKeys } from '../published-keys.ts'
import type { RegisteredClient } from '../registry.ts'
import type { PresentedCredentials } from './credentials.ts'
import { checkNotLocked, invalidClient } from './invalid-client.ts'

/** The endpoint that is called decides which other `aud` an assertion may carry, RFC 9126 §2. */
export type AuthenticatedEndpoint = 'tokenEndpoint' | 'pushedAuthReqEndpoint' | 'revocationEndpoint'

/** OIDC Core §9, private_key_jwt: the client signs with a key that it registered or publishes. */
export async function proveByPrivateKeyJwt(
  presented: PresentedCredentials,
  client: RegisteredClient,
  endpoint: AuthenticatedEndpoint,
  context: ServiceContext,
): Promise<void> {
  const keys = keysOf(client, context.publishedKeys, context.now)
  await proveByAssertion(presented, client, endpoint, { keys, algorithms: signingAlgorithms }, context)
}

/** OIDC Core §9, client_secret_jwt: the client signs with its secret. */
export async function proveBySecretJwt(
  presented: PresentedCredentials,
  client: RegisteredClient,
  endpoint: AuthenticatedEndpoint,
  context: ServiceContext,
): Promise<void> {
  const secret = sealedSecretOf(client, context.sealer)
  if (!secret) {
    throw invalidClient(
      'A957331',
      'The client has no secret that can sign: it was made before the client registered client_secret_jwt. Refresh or update the secret.',
      'rfc7591#section-2',
    )
  }
  const key = createSecretKey(secret)
  const verifier = { keys: () => key, algorithms: macAlgorithmsFor(secret) }
  await proveByAssertion(presented, client, endpoint, verifier, context)
}

async function proveByAssertion(
  { assertion = '', clientId }: PresentedCredentials,
  client: RegisteredClient,
  endpoint: AuthenticatedEndpoint,
  verifier: { keys: CompactVerifyGetKey; algorithms: readonly string[] },
  { service, storage, now }: ServiceContext,
): Promise<void> {
  const { settings, issuer } = service
  const { jti, expiresAt } = await verifyClientAssertion(assertion, {
    clientId,
    ...verifier,
    ...(client.settings.tokenAuthSignAlg && { alg: client.settings.tokenAuthSignAlg }),
    issuer,
    audiences: settings.clientAssertionAudRestrictedToIssuer ? [] : audiencesAt(endpoint, issuer, settings),
    now,
    clockSkew: clockSkewOf(settings),
  })
  // The signature has proven who it is, and nothing of a locked client is used up.
  checkNotLocked(client)
  // RFC 7523 §3: used once, on whichever process. Remembered only after the signature was verified, so that nobody can fill the store.
  if (!(await storage.useJti(service.serviceId, client.clientId, jti, expiresAt, now))) {
    throw invalidClient('A957320', 'client_assertion was used before: jti must be new each time.')
  }
}

/** OIDC Core §9 and RFC 9126 §2: who an assertion may be meant for, where the service does not insist on the issuer. */
function audiencesAt(endpoint: AuthenticatedEndpoint, issuer: string, settings: Service): string[] {
  const names = meantAt[endpoint]
  // RFC 8705 §5: where clients are asked for certificates, an endpoint has another address.
  const aliases = settings.mtlsEndpointAliases?.filter(({ name }) => names.some((known) => known === name)) ?? []
  return [issuer, ...names.map((name) => settings[memberOf[name]]), ...aliases.map(({ uri }) => uri)].filter(
    (uri) => uri !== undefined,
  )
}

/** RFC 8414 §2: the endpoints that an assertion may name, and which setting has the address. */
const memberOf = {
  token_endpoint: 'tokenEndpoint',
  pushed_authorization_request_endpoint: 'pushedAuthReqEndpoint',
  revocation_endpoint: 'revocationEndpoint',
  introspection_endpoint: 'introspectionEndpoint',
} as const satisfies Record<string, keyof Service>

const meantAt: Record<AuthenticatedEndpoint, readonly (keyof typeof memberOf)[]> = {
  tokenEndpoint: ['token_endpoint'],
  pushedAuthReqEndpoint: ['token_endpoint', 'pushed_authorization_request_endpoint'],
  // A front-end authenticates resource servers by way of revocation: what they send is meant for introspection.
  revocationEndpoint: ['token_endpoint', 'revocation_endpoint', 'introspection_endpoint'],
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
