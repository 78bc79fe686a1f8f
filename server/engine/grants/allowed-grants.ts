import type { Schema } from '../../../sdk/types.ts'
import { OAuthError } from '../oauth-error.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'

/** RFC 7591 §2: what a client that registered no grants may use. Acting for itself must be asked for. */
const defaultGrants: readonly Schema<'GrantType'>[] = ['AUTHORIZATION_CODE', 'REFRESH_TOKEN']

/** Whether the service offers the grant, and the client is registered for it. */
export function isGrantAllowed(
  grant: Schema<'GrantType'>,
  client: RegisteredClient,
  service: RegisteredService,
): boolean {
  const supported = service.settings.supportedGrantTypes ?? []
  return supported.includes(grant) && (client.settings.grantTypes ?? defaultGrants).includes(grant)
}

/** RFC 6749 §5.2: the service offers the grant, and the client is registered for it. */
export function checkGrantAllowed(
  grant: Schema<'GrantType'>,
  client: RegisteredClient,
  service: RegisteredService,
): void {
  if (!service.settings.supportedGrantTypes?.includes(grant)) {
    throw new OAuthError(
      'unsupported_grant_type',
      'A950302',
      'The service does not support this grant.',
      'rfc6749#section-5.2',
    )
  }
  if (!isGrantAllowed(grant, client, service)) {
    throw new OAuthError(
      'unauthorized_client',
      'A950303',
      'The client is not registered for this grant.',
      'rfc6749#section-5.2',
    )
  }
}
