import type { JsonWebKey } from 'node:crypto'
import { constants, createPublicKey, verify } from 'node:crypto'

/** RFC 7518 §3.1, RFC 8037 §3.1: the digest of each algorithm; Ed25519 has its own. */
const digests: Readonly<Record<string, string | undefined>> = {
  ...{ ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' },
  ...{ PS256: 'sha256', PS384: 'sha384', PS512: 'sha512' },
  ...{ RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' },
  EdDSA: undefined,
}

/** What a resource server expects of an access token. */
interface ExpectedToken {
  issuer: string
  audience: string
  now: Date
}

/**
 * RFC 7515 §5.2, with nothing but node:crypto: a second opinion on what jose makes and accepts. Returns header and claims; throws when no
 * published key verifies the signature.
 */
export function verifyAgain(jwt: string, keys: readonly JsonWebKey[]) {
  const [header = '', payload = '', signature = '', ...more] = jwt.split('.')
  if (more.length > 0) throw new Error('three parts are expected')
  const protectedHeader = objectOf(header)
  const { alg, kid, crit } = protectedHeader
  if (crit !== undefined) throw new Error('nothing critical is known')
  if (typeof alg !== 'string' || !Object.hasOwn(digests, alg)) throw new Error('the algorithm is not asymmetric')
  const jwk = keys.find((key) => key['kid'] === kid && key['alg'] === alg && key['use'] === 'sig')
  if (!jwk) throw new Error('the key is not published')
  const isGood = verify(
    digests[alg] ?? null,
    Buffer.from(`${header}.${payload}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), ...formatOf(alg) },
    Buffer.from(signature, 'base64url'),
  )
  if (!isGood) throw new Error('the signature does not verify')
  return { protectedHeader, claims: objectOf(payload) }
}

/** RFC 9068 §4: the same for an access token, as a resource server would. Returns the claims; throws when anything is wrong. */
export function verifyAccessTokenAgain(
  token: string,
  keys: readonly JsonWebKey[],
  { issuer, audience, now }: ExpectedToken,
): Record<string, unknown> {
  const { protectedHeader, claims } = verifyAgain(token, keys)
  if (protectedHeader['typ'] !== 'at+jwt') throw new Error('the header is not one of an access token')
  const { iss, aud, exp } = claims
  if (iss !== issuer) throw new Error('another server issued the token')
  if (![aud].flat().includes(audience)) throw new Error('the token is for others')
  if (typeof exp !== 'number' || exp * 1000 <= now.getTime()) throw new Error('the token has expired')
  const missing = ['sub', 'client_id', 'iat', 'jti'].filter((name) => claims[name] === undefined)
  if (missing.length > 0) throw new Error(`RFC 9068 §2.2: ${missing.join(', ')} missing`)
  return claims
}

/** RFC 7518 §3.4 and §3.5: two integers instead of ASN.1, and a salt as long as the digest. */
function formatOf(alg: string) {
  if (alg.startsWith('ES')) return { dsaEncoding: 'ieee-p1363' as const }
  if (!alg.startsWith('PS')) return {}
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}

function objectOf(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
  if (typeof value !== 'object' || value === null) throw new Error('a JSON object is expected')
  return Object.fromEntries(Object.entries(value))
}
