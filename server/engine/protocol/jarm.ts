import type { SigningKey } from '../keys.ts'
import { signClaims } from './compact-jws.ts'

/** What every protected response says, JARM §2.1. */
export interface ProtectedResponse {
  issuer: string
  /** The client, as it calls itself. */
  audience: string
  /** Seconds since 1970. */
  expiresAt: number
  /** Those of the plain response, RFC 6749 §4.1.2 and §4.1.2.1, with `state`. */
  parameters: Record<string, string | undefined>
}

/**
 * JARM §2.1: makes and signs the JWT of an authorization response. It has neither `sub` nor `iat`, so nobody takes it for an ID token, and
 * nothing in `typ`: the specification names no type for it.
 */
export async function signAuthorizationResponse(
  { issuer, audience, expiresAt, parameters }: ProtectedResponse,
  key: SigningKey,
): Promise<string> {
  return signClaims({ ...parameters, iss: issuer, aud: audience, exp: expiresAt }, undefined, key)
}
