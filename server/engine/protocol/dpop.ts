import type { CryptoKey, JWK, JWTPayload } from 'jose'
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { hasPrivatePart, isJwk } from '../keys.ts'
import { OAuthError } from '../oauth-error.ts'
import { sha256 } from '../constant-time.ts'
import { after } from './lifetime.ts'
import { isUri } from './uri.ts'

/** The key that each algorithm takes, RFC 7518 §6 and RFC 8037 §2. */
const keyTypes: ReadonlyMap<string, { kty: string; crv?: string }> = new Map([
  ['ES256', { kty: 'EC', crv: 'P-256' }],
  ['PS256', { kty: 'RSA' }],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  // RFC 9864: the same, under the name that says which curve.
  ['Ed25519', { kty: 'OKP', crv: 'Ed25519' }],
])

/** RFC 9449 §11.6: never `none`, never a symmetric one. RS256 is left out as FAPI 2.0 §5.4 wants it: an RSA key signs with PS256 as well. */
export const dpopAlgorithms: readonly string[] = [...keyTypes.keys()]

/** Seconds that a proof is accepted after it was made, RFC 9449 §11.1. */
const lifetime = 60

/** Characters: a proof holds a key and a few claims. */
const longest = { proof: 8_192, jti: 255 }

/** What a proof is held against. */
export interface ExpectedProof {
  htm: string
  htu: string
  /** RFC 9449 §7: the access token that the proof comes with, where one does; and the result code for a proof without its hash. */
  accessToken?: { value: string; resultCode: string }
  /** RFC 9449 §8: whether the server gave out a nonce, where one is needed; and the result code for a proof without one. */
  nonce?: { isGood: (nonce: string) => boolean; resultCode: string }
  now: Date
  /** Seconds that the clocks may differ. */
  clockSkew: number
}

/** What a good proof says, and until when it must be remembered. */
export interface DpopProof {
  /** RFC 7638: the thumbprint of its key. */
  jkt: string
  jti: string
  /** Normalized. */
  htu: string
  expiresAt: Date
}

/** RFC 9449 §4.3: verifies a DPoP proof, all of it but for whether it was used before and whose key it has. */
export async function verifyDpopProof(proof: string, expected: ExpectedProof): Promise<DpopProof> {
  if (proof.length > longest.proof || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof)) {
    throw invalid('A954301', 'The DPoP header must hold exactly one signed JWT.')
  }
  const { jwk, alg } = readHeader(proof)
  const { payload, jkt } = await verifySignature(proof, jwk, alg, expected)
  const { jti, htm, htu, iat, ath, nonce } = payload
  if (typeof jti !== 'string' || jti === '' || jti.length > longest.jti) {
    throw invalid('A954302', `The DPoP proof needs a jti of 1 to ${longest.jti} characters.`)
  }
  if (htm !== expected.htm) throw invalid('A954303', `htm of the DPoP proof must be ${expected.htm}.`)
  const normalized = typeof htu === 'string' ? normalize(htu) : undefined
  if (normalized === undefined || normalized !== normalize(expected.htu)) {
    throw invalid('A254301', `htu of the DPoP proof must be ${expected.htu}.`)
  }
  const expiresAt = checkAge(iat, expected)
  checkAccessTokenHash(ath, expected)
  checkNonce(nonce, expected)
  return { jkt, jti, htu: normalized, expiresAt }
}

/** §4.2: the type, the algorithm and the public key. */
function readHeader(proof: string): { jwk: JWK; alg: string } {
  const { typ, alg = '', jwk } = decodeHeader(proof)
  if (typ !== 'dpop+jwt') throw invalid('A954304', 'typ of the DPoP proof must be dpop+jwt.')
  const keyType = keyTypes.get(alg)
  if (!keyType) throw invalid('A954305', `alg of the DPoP proof must be one of ${dpopAlgorithms.join(', ')}.`)
  if (!isJwk(jwk)) throw invalid('A254303', 'The header of the DPoP proof has no jwk.')
  if (hasPrivatePart(jwk))
    throw invalid('A954306', 'jwk of the DPoP proof must be a public key, without private members.')
  if (jwk.kty !== keyType.kty || (keyType.crv !== undefined && jwk.crv !== keyType.crv)) {
    throw invalid('A954307', `jwk of the DPoP proof must be a key for ${alg}.`)
  }
  if (jwk.kty === 'RSA' && !isOfUsualSize(jwk)) {
    throw invalid('A954307', 'jwk of the DPoP proof must have at most 8192 bits, and an exponent of at most 32.')
  }
  return { jwk, alg }
}

/** Anybody may send a key, and verifying takes time that grows with it. Lengths are of base64url. */
function isOfUsualSize({ n, e }: JWK): boolean {
  return typeof n === 'string' && n.length <= 1_366 && typeof e === 'string' && e.length <= 6
}

function decodeHeader(proof: string): { typ?: unknown; alg?: string; jwk?: unknown } {
  try {
    return decodeProtectedHeader(proof)
  } catch {
    throw invalid('A954308', 'The header of the DPoP proof cannot be read.')
  }
}

/** Verifies the signature with the key in the header; `crit`, `exp` and `nbf` as well, where they are there. */
async function verifySignature(
  proof: string,
  jwk: JWK,
  alg: string,
  { now, clockSkew }: ExpectedProof,
): Promise<{ payload: JWTPayload; jkt: string }> {
  try {
    const key: CryptoKey | Uint8Array = await importJWK(jwk, alg)
    const { payload } = await jwtVerify(proof, key, {
      algorithms: [alg],
      currentDate: now,
      clockTolerance: clockSkew,
    })
    // RFC 7638 §3, in here as well: a key can verify, and still have a member that is no text.
    return { payload, jkt: await calculateJwkThumbprint(jwk) }
  } catch {
    // The key is the sender's, so whatever fails here is the sender's doing: a point that is not on the curve, a modulus that is too short …
    throw invalid('A954309', 'The signature of the DPoP proof does not verify with its jwk, or the proof has expired.')
  }
}

/**
 * §4.3 item 9: compared without query and fragment, after normalization of syntax and scheme (RFC 3986 §6.2.2 and §6.2.3). Undefined for
 * what is no address of a server, and for one with user information: two that look alike could name different hosts.
 */
function normalize(uri: string): string | undefined {
  if (!isUri(uri)) return undefined
  const { protocol, username, password, host, pathname } = new URL(uri)
  if (username !== '' || password !== '') return undefined
  return `${protocol}//${host}${pathname.replaceAll(/%[0-9a-f]{2}/gi, normalizeEscape)}`
}

/** RFC 3986 §6.2.2.2: an unreserved character needs no escape. */
function normalizeEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
  return /[A-Za-z0-9\-._~]/.test(character) ? character : escape.toUpperCase()
}

/** §11.1: answers the instant from which the proof is too old. Who remembers it until then sees every reuse. */
function checkAge(iat: unknown, { now, clockSkew }: ExpectedProof): Date {
  if (typeof iat !== 'number') throw invalid('A954310', 'The DPoP proof has no iat.')
  const age = now.getTime() / 1000 - iat
  if (!(age >= -clockSkew)) throw invalid('A954311', 'The DPoP proof was made in the future: see iat.')
  if (!(age < lifetime + clockSkew))
    throw invalid('A954312', `The DPoP proof is older than ${lifetime} seconds: see iat.`)
  return after(new Date(Math.ceil(iat * 1000)), lifetime + clockSkew)
}

/** §4.3 item 11: with an access token comes its hash, so that the proof is good for no other. */
function checkAccessTokenHash(ath: unknown, { accessToken }: ExpectedProof): void {
  if (!accessToken) return
  const { value, resultCode } = accessToken
  if (typeof ath !== 'string') throw invalid(resultCode, 'The DPoP proof has no ath, the hash of the access token.')
  if (ath !== sha256(value).toString('base64url')) {
    throw invalid('A954313', 'ath of the DPoP proof is not the hash of the access token.')
  }
}

/** §8 and §9: last, so that whoever is told to try again with a nonce has everything else right. */
function checkNonce(sent: unknown, { nonce }: ExpectedProof): void {
  if (!nonce || (typeof sent === 'string' && nonce.isGood(sent))) return
  throw new OAuthError(
    'use_dpop_nonce',
    nonce.resultCode,
    'The DPoP proof needs the nonce of the DPoP-Nonce header.',
    'rfc9449#section-8',
  )
}

function invalid(resultCode: string, description: string): OAuthError {
  return new OAuthError('invalid_dpop_proof', resultCode, description, 'rfc9449#section-4.3')
}
