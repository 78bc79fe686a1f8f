import type { ServiceContext } from './context.ts'
import type { TokenClient } from './grants/grant.ts'
import type { LiveToken } from './live-token.ts'
import { OAuthError } from './oauth-error.ts'
import { parseCertificate, thumbprintOf } from './protocol/certificate.ts'
import type { Authorization } from './storage/storage.ts'

/** What the front-end passes on of a connection: the certificate that the client presented, as PEM. */
interface PresentedCertificate {
  clientCertificate?: string
}

/** RFC 8705 §3.1: the thumbprint of the certificate that was presented; undefined where there was none. */
export function presentedThumbprint({ clientCertificate }: PresentedCertificate): string | undefined {
  const certificate = clientCertificate === undefined ? undefined : parseCertificate(clientCertificate)
  return certificate && thumbprintOf(certificate)
}

/**
 * RFC 8705 §3 and §4: the certificate that an access token is to be bound to; none where neither the client nor the refresh token asks for
 * it. `refreshed` is what the refresh token carries.
 */
export function certificateFor(
  { client, certificateThumbprint }: TokenClient,
  { service }: Pick<ServiceContext, 'service'>,
  refreshed: Pick<Authorization, 'certificateThumbprint' | 'takesCertificate'> = {},
): { certificateThumbprint?: string } {
  const isRegistered = client.settings.tlsClientCertificateBoundAccessTokens === true
  const { certificateThumbprint: bound, takesCertificate = bound !== undefined } = refreshed
  if (!isRegistered && !takesCertificate) return {}
  // The service may have changed its mind since the client was registered. What somebody believes to be bound is not issued unbound.
  if (!takesCertificate && !service.settings.tlsClientCertificateBoundAccessTokens) {
    throw new OAuthError(
      'unauthorized_client',
      'A957351',
      'The client is registered for certificate-bound access tokens, and the service does not issue them any more.',
      'rfc8705#section-3.4',
    )
  }
  if (certificateThumbprint === undefined) {
    throw new OAuthError(
      'invalid_request',
      'A957350',
      'The access token is to be bound to the certificate of the client: present it in the TLS connection.',
      'rfc8705#section-3',
    )
  }
  if (bound !== undefined && bound !== certificateThumbprint) {
    throw new OAuthError(
      'invalid_grant',
      'A953307',
      'The refresh token is bound to another certificate.',
      'rfc8705#section-4',
    )
  }
  return { certificateThumbprint }
}

/** RFC 8705 §3: what is wrong with the use of an access token, if anything is. One that is bound to a certificate takes that one. */
export function problemOfCertificate(
  { token }: Pick<LiveToken, 'token'>,
  presented: PresentedCertificate,
): OAuthError | undefined {
  const bound = token.authorization.certificateThumbprint
  if (bound === undefined) return undefined
  const thumbprint = presentedThumbprint(presented)
  if (thumbprint === bound) return undefined
  const [resultCode, description] =
    thumbprint === undefined
      ? ['A957352', 'The access token is bound to a certificate, and the client presented none.']
      : ['A957353', 'The access token is bound to another certificate than the one that the client presented.']
  return new OAuthError('invalid_token', resultCode, description, 'rfc8705#section-3')
}
