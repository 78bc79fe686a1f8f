import type { Schema } from '../../../sdk/types.ts'
import { equalBytesInConstantTime, sha256 } from '../constant-time.ts'
import type { ServiceContext } from '../context.ts'
import type { Parameters } from '../protocol/parameters.ts'
import type { RegisteredClient } from '../registry.ts'
import type { AuthenticatedEndpoint } from './assertion.ts'
import { proveByPrivateKeyJwt, proveBySecretJwt } from './assertion.ts'
import { proveByPkiCertificate, proveBySelfSignedCertificate } from './certificate.ts'
import type { PresentedCredentials, PresentedOutsideForm } from './credentials.ts'
import { credentialsOf } from './credentials.ts'
import { checkNotLocked, invalidClient } from './invalid-client.ts'

export interface AuthenticatedClient {
  client: RegisteredClient
  method: ClientAuthMethod
  /** Whether the request named the client by its alias. */
  aliasUsed: boolean
}

type ClientAuthMethod = Schema<'ClientAuthMethod'>

/** RFC 6749 §2.3: authenticates the client, by the one method it registered and by nothing else. */
export async function authenticateClient(
  outside: PresentedOutsideForm,
  parameters: Parameters,
  endpoint: AuthenticatedEndpoint,
  context: ServiceContext,
): Promise<AuthenticatedClient> {
  const presented = credentialsOf(outside, parameters)
  const client = await context.registry.findClient(context.service.serviceId, presented.clientId)
  if (!client) {
    // As much work as for a wrong secret: the time must not tell which clients exist.
    equalBytesInConstantTime(sha256(presented.secret ?? ''), sha256('no such client'))
    throw wrongCredentials()
  }
  const method =
    client.settings.tokenAuthMethod ?? (client.settings.clientType === 'PUBLIC' ? 'NONE' : 'CLIENT_SECRET_BASIC')
  checkSupported(method, endpoint, context)
  checkChannel(presented, method)
  await proofs[method]({ ...outside, ...presented }, client, endpoint, context)
  checkNotLocked(client)
  return { client, method, aliasUsed: presented.clientId !== String(client.clientId) }
}

function checkSupported(method: ClientAuthMethod, endpoint: AuthenticatedEndpoint, { service }: ServiceContext): void {
  const { supportedTokenAuthMethods, supportedRevocationAuthMethods } = service.settings
  const supported = endpoint === 'revocationEndpoint' ? supportedRevocationAuthMethods : supportedTokenAuthMethods
  if (!supported?.includes(method)) {
    throw invalidClient(
      'A957319',
      `The service does not accept ${method.toLowerCase()}, which the client is registered with.`,
    )
  }
}

/** Where the credentials of each method are. Those of mutual TLS are not in the request itself. */
const channels = {
  NONE: 'none',
  CLIENT_SECRET_BASIC: 'header',
  CLIENT_SECRET_POST: 'body',
  CLIENT_SECRET_JWT: 'assertion',
  PRIVATE_KEY_JWT: 'assertion',
  TLS_CLIENT_AUTH: 'none',
  SELF_SIGNED_TLS_CLIENT_AUTH: 'none',
  ATTEST_JWT_CLIENT_AUTH: 'none',
} as const satisfies Record<ClientAuthMethod, PresentedCredentials['channel']>

/** OIDC Core §9: the registered method, even when the credentials would be right elsewhere. */
function checkChannel({ channel, secret }: PresentedCredentials, method: ClientAuthMethod): void {
  if (channels[method] === channel) return
  // RFC 6749 §2.3.1: an empty secret is as good as none in a form, and so it is in the header: it proves nothing, and nothing is asked for.
  if (method === 'NONE' && channel === 'header' && secret === '') return
  if (method === 'NONE') throw invalidClient('A157303', 'A public client must not send credentials.')
  throw invalidClient('A157357', `The client must authenticate with ${method.toLowerCase()}.`)
}

/** Whether the credentials are those of the client; throws the refusal when they are not. */
type Proof = (
  presented: PresentedOutsideForm & PresentedCredentials,
  client: RegisteredClient,
  endpoint: AuthenticatedEndpoint,
  context: ServiceContext,
) => Promise<void> | void

const proofs: Record<ClientAuthMethod, Proof> = {
  NONE: proveNothing,
  CLIENT_SECRET_BASIC: proveBySecret,
  CLIENT_SECRET_POST: proveBySecret,
  CLIENT_SECRET_JWT: proveBySecretJwt,
  PRIVATE_KEY_JWT: proveByPrivateKeyJwt,
  TLS_CLIENT_AUTH: proveByPkiCertificate,
  SELF_SIGNED_TLS_CLIENT_AUTH: proveBySelfSignedCertificate,
  // No service can support it.
  ATTEST_JWT_CLIENT_AUTH: () => {
    throw wrongCredentials()
  },
}

/** RFC 6749 §3.2.1: a public client says its name, and no other gets by with that. */
function proveNothing(_presented: PresentedCredentials, { settings }: RegisteredClient): void {
  if (settings.clientType !== 'PUBLIC') throw invalidClient('A157302', 'A confidential client must authenticate.')
}

/** RFC 6749 §2.3.1. */
function proveBySecret({ secret = '' }: PresentedCredentials, { secretHash }: RegisteredClient): void {
  if (!equalBytesInConstantTime(sha256(secret), secretHash)) throw wrongCredentials()
}

function wrongCredentials() {
  return invalidClient('A957313', 'There is no such client, or its credentials are wrong.')
}
