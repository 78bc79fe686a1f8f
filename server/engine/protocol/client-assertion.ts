import type { CompactVerifyGetKey, JWTPayload } from 'jose'
import { compactVerify, decodeJwt, decodeProtectedHeader, errors } from 'jose'
import { OAuthError } from '../oauth-error.ts'
import { after, numericDate } from './lifetime.ts'

/** RFC 7523 §2.2. */
export const jwtBearerAssertion = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** RFC 7518 §3.2: bytes that the secret must have, for those who sign with it. */
const macKeys: ReadonlyMap<string, number> = new Map([
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
])

/** OIDC Core §9, client_secret_jwt. */
export const macAlgorithms: readonly string[] = [...macKeys.keys()]

/** RFC 7518 §3.2: how many bytes a secret needs for an algorithm; undefined for one that takes no secret. */
export function macKeyBytes(alg: string): number | undefined {
  return macKeys.get(alg)
}

/** RFC 7518 §3.2: the algorithms that a secret is long enough for. */
export function macAlgorithmsFor(secret: Uint8Array): string[] {
  return macAlgorithms.filter((alg) => secret.length >= (macKeys.get(alg) ?? Infinity))
}

/** Seconds: an assertion that lives longer would have to be remembered longer. */
const longestLifeInSeconds = 3_600

/** What an assertion is held against. */
export interface ExpectedAssertion {
  clientId: string
  keys: CompactVerifyGetKey
  /** RFC 8725 §3.1: those that fit how the client authenticates. */
  algorithms: readonly string[]
  /** The one algorithm the client registered. */
  alg?: string
  issuer: string
  /** The other values of `aud` that are accepted: the token endpoint, and the endpoint that is called. Empty: the issuer alone, as one string. */
  audiences: readonly string[]
  now: Date
  /** Seconds that the clocks may differ. */
  clockSkew: number
}

/** The client that an assertion says it comes from, RFC 7523 §3. Nothing is proven yet. */
export function clientIdOf(assertion: string): string {
  try {
    const { sub } = decodeJwt(assertion)
    if (typeof sub === 'string' && sub !== '') return sub
  } catch {
    // Not a JWT: the refusal below says so.
  }
  throw invalid('A957301', 'client_assertion is not a JWT with a sub claim.')
}

/** RFC 7523 §3 and OIDC Core §9: verifies a client assertion. Answers its `jti` and when that may be forgotten. */
export async function verifyClientAssertion(
  assertion: string,
  expected: ExpectedAssertion,
): Promise<{ jti: string; expiresAt: Date }> {
  const { now, clockSkew } = expected
  checkHeader(assertion, expected)
  const { iss, sub, aud, exp, nbf, iat, jti } = await verifySignature(assertion, expected)
  if (iss !== expected.clientId || sub !== expected.clientId) {
    throw invalid('A957302', 'iss and sub of client_assertion must both be the client id.')
  }
  checkAudience(aud, expected)
  const seconds = numericDate(now)
  if (typeof exp !== 'number') throw invalid('A957303', 'client_assertion has no exp.')
  if (exp <= seconds - clockSkew) throw invalid('A957304', 'client_assertion has expired.')
  if (exp > seconds + longestLifeInSeconds + clockSkew) {
    throw invalid('A957305', `client_assertion expires in more than ${longestLifeInSeconds} seconds.`)
  }
  if (nbf !== undefined && !(nbf <= seconds + clockSkew))
    throw invalid('A957306', 'client_assertion is not valid yet: nbf is in the future.')
  if (iat !== undefined && !(iat <= seconds + clockSkew))
    throw invalid('A957307', 'client_assertion was issued in the future: see iat.')
  if (typeof jti !== 'string' || jti === '') throw invalid('A957308', 'client_assertion has no jti.')
  return { jti, expiresAt: after(new Date(exp * 1000), clockSkew) }
}

/** What an assertion may call itself: nothing, or what it is. RFC 8725 §3.11: no other kind of JWT is taken for one. */
const types: readonly unknown[] = [undefined, 'jwt', 'client-authentication+jwt']

function checkHeader(assertion: string, { algorithms, alg: registered }: ExpectedAssertion): void {
  const { alg = '', typ } = headerOf(assertion)
  if (!algorithms.includes(alg)) {
    throw invalid('A957309', `client_assertion must be signed with one of ${algorithms.join(', ')}.`)
  }
  if (registered !== undefined && alg !== registered) {
    throw invalid('A957310', `client_assertion must be signed with ${registered}, which the client registered.`)
  }
  if (!types.includes(typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ)) {
    throw invalid('A957322', 'typ of client_assertion must be client-authentication+jwt or JWT, or be left out.')
  }
}

function headerOf(assertion: string): { alg?: string; typ?: unknown } {
  try {
    return decodeProtectedHeader(assertion)
  } catch {
    throw invalid('A957321', 'The header of client_assertion cannot be read.')
  }
}

/** Verifies the signature and `crit` only: times are checked against the clock of this call. */
async function verifySignature(
  assertion: string,
  { keys, algorithms }: Pick<ExpectedAssertion, 'keys' | 'algorithms'>,
): Promise<JWTPayload> {
  try {
    await compactVerify(assertion, keys, { algorithms: [...algorithms] })
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
      throw invalid('A156304', 'No single registered key of the client matches kid and alg of client_assertion.')
    }
    if (!(error instanceof errors.JOSEError)) throw error
    throw invalid('A957311', 'The signature of client_assertion does not verify.')
  }
  return decodeJwt(assertion)
}

/** FAPI 2.0 §5.3.2.1: the issuer, as one string, unless the service accepts more. */
function checkAudience(aud: JWTPayload['aud'], { issuer, audiences }: ExpectedAssertion): void {
  if (audiences.length === 0) {
    if (aud !== issuer) throw invalid('A157356', `aud of client_assertion must be ${issuer}, as one string.`)
    return
  }
  const named: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.some((name) => named.includes(name))) {
    throw invalid('A957312', `aud of client_assertion must name ${issuer}.`)
  }
}

function invalid(resultCode: string, description: string): OAuthError {
  return new OAuthError('invalid_client', resultCode, description, 'rfc7523#section-3')
}
