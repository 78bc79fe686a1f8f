import { OAuthError } from '../oauth-error.ts'
import type { SentRequest } from './sent-request.ts'

/** RFC 9449 §10: the key that the code is to be bound to, as the thumbprint of RFC 7638 with SHA-256. */
export function checkDpopJkt({ parameters }: SentRequest): { dpopJkt: string } | undefined {
  const dpopJkt = parameters.get('dpop_jkt')
  if (dpopJkt === undefined) return undefined
  if (!/^[A-Za-z0-9_-]{43}$/.test(dpopJkt)) {
    throw new OAuthError(
      'invalid_request',
      'A904310',
      'dpop_jkt must be the SHA-256 thumbprint of a JWK: 43 characters of base64url.',
      'rfc9449#section-10',
    )
  }
  return { dpopJkt }
}
