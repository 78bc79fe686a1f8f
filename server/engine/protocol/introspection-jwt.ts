import type { SigningKey } from '../keys.ts'
import { signClaims } from './compact-jws.ts'

/** RFC 9701 §5: what tells an introspection response from all else that the service signs with the same keys. */
const introspectionType = 'token-introspection+jwt'

/** What an introspection response says as a JWT, RFC 9701 §5. */
export interface IntrospectionClaims {
  issuer: string
  /** The resource server that asked. */
  audience: string
  /** Seconds since 1970. */
  issuedAt: number
  /** RFC 7662 §2.2. */
  introspection: object
}

/** RFC 9701 §5: makes and signs an introspection response. `sub` and `exp` stay inside: at the top they would make it look like a token, §8.1. */
export async function signIntrospection(
  { issuer, audience, issuedAt, introspection }: IntrospectionClaims,
  key: SigningKey,
): Promise<string> {
  const claims = { iss: issuer, aud: audience, iat: issuedAt, token_introspection: introspection }
  return signClaims(claims, introspectionType, key)
}

/** RFC 9701 §4, RFC 9110 §12.5.1: whether an `Accept` header wants the JWT, and not rather JSON. A range with a star says nothing about it. */
export function wantsIntrospectionJwt(accept: string | undefined): boolean {
  const weights = new Map(
    (accept ?? '').split(',').map((range): [string, number] => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
      const q = parameters.find((parameter) => parameter.startsWith('q='))
      return [type, q === undefined ? 1 : Number(q.slice(2))]
    }),
  )
  const weight = weights.get(`application/${introspectionType}`) ?? 0
  return weight > 0 && weight >= (weights.get('application/json') ?? 0)
}
