import type { CryptoKey, JWK } from 'jose'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import { withoutPhase } from './keys/phases.ts'
import { OAuthError } from './oauth-error.ts'
import type { EncryptionAlgorithm } from './protocol/encryption.ts'
import { encryptionAlgorithms } from './protocol/encryption.ts'
import type { SigningAlgorithm } from './protocol/signing-algorithms.ts'
import { signingAlgorithms } from './protocol/signing-algorithms.ts'

/** A key of the service that signs. */
export interface SigningKey {
  kid: string
  alg: SigningAlgorithm
  privateKey: CryptoKey
  publicKey: CryptoKey
  /** RFC 7517 §4, without private members. */
  publicJwk: JWK
}

/** What a new service signs with: RS256 is what OIDC Core §15.1 demands, the others are those of FAPI 2.0 §5.4.1. */
const firstAlgorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const satisfies readonly SigningAlgorithm[]

/** OIDC Core §10.1: makes the key set of a new service, one key per algorithm, and two that others encrypt to, as JSON text. */
export async function generateJwks(): Promise<string> {
  // RFC 8725 §3.1: a key is used with exactly one algorithm, so RS256 and PS256 share none.
  const keys = await Promise.all([
    ...firstAlgorithms.map((alg) => generateKey(alg)),
    ...(['ECDH-ES', 'RSA-OAEP-256'] as const).map((alg) => generateKey(alg)),
  ])
  return JSON.stringify({ keys })
}

/** RFC 7517 §4: makes a private key for one algorithm; an RSA key as long as the one that it is to follow, and on the same curve. */
export async function generateKey(alg: SigningAlgorithm | EncryptionAlgorithm, like: JWK = {}): Promise<JWK> {
  const modulusLength = Math.max(2048, Buffer.from(like.n ?? '', 'base64url').length * 8)
  const crv = alg.startsWith('ECDH-ES') ? (like.crv ?? 'P-256') : undefined
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength, ...(crv && { crv }) })
  const jwk = await exportJWK(privateKey)
  const use = encryptionAlgorithms.some((name) => name === alg) ? 'enc' : 'sig'
  // RFC 7638: the thumbprint names the key, so that two keys never share a name.
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use, alg }
}

/** Imports the private keys of a JWK Set; keys this engine cannot sign with are left out. */
export async function loadSigningKeys(jwks: string | undefined): Promise<SigningKey[]> {
  const loaded = await Promise.all(parseJwks(jwks).map(loadSigningKey))
  return loaded.filter((key) => key !== undefined)
}

async function loadSigningKey(jwk: JWK): Promise<SigningKey | undefined> {
  const alg = signingAlgorithms.find((name) => name === jwk.alg)
  if (!alg || !jwk.kid || !jwk.d) return undefined
  const publicJwk = publicPartOf(jwk)
  const [privateKey, publicKey] = await Promise.all([importJWK(jwk, alg), importJWK(publicJwk, alg)])
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) return undefined
  return { kid: jwk.kid, alg, privateKey, publicKey, publicJwk }
}

/** A key of the service that others encrypt to. */
export interface DecryptionKey {
  kid: string
  /** What it decrypts. */
  algs: readonly EncryptionAlgorithm[]
  privateKey: CryptoKey
}

/** RFC 7517 §4.2: imports the private keys of a JWK Set that others encrypt to; all others are left out. */
export async function loadDecryptionKeys(jwks: string | undefined): Promise<DecryptionKey[]> {
  const loaded = await Promise.all(parseJwks(jwks).map(loadDecryptionKey))
  return loaded.filter((key) => key !== undefined)
}

async function loadDecryptionKey(jwk: JWK): Promise<DecryptionKey | undefined> {
  const alg = encryptionAlgorithms.find((name) => name === jwk.alg)
  if (!alg || jwk.use !== 'enc' || !jwk.kid || !jwk.d) return undefined
  const privateKey = await importJWK(jwk, alg)
  if (privateKey instanceof Uint8Array) return undefined
  return { kid: jwk.kid, algs: algorithmsOfKey(alg), privateKey }
}

/** RFC 7518 §4.6: the key that is agreed upon is used as it is or wraps another; the key pair is the same. */
function algorithmsOfKey(alg: EncryptionAlgorithm): readonly EncryptionAlgorithm[] {
  return alg === 'ECDH-ES' ? encryptionAlgorithms.filter((name) => name.startsWith('ECDH-ES')) : [alg]
}

/** The keys of a JWK Set in JSON text; none when there is no set. */
export function parseJwks(jwks: string | undefined): JWK[] {
  if (jwks === undefined) return []
  const set: unknown = JSON.parse(jwks)
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) return []
  return set.keys.filter(isJwk)
}

/** RFC 7517 §4: whether a value is a key, as far as its type tells. */
export function isJwk(value: unknown): value is JWK {
  return typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string'
}

const privateMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])

/** RFC 7518 §6: the members that everyone may know. */
export function publicPartOf(jwk: JWK): JWK {
  return Object.fromEntries(Object.entries(withoutPhase(jwk)).filter(([member]) => !privateMembers.has(member)))
}

/** Whether a key holds a private or symmetric part. */
export function hasPrivatePart(jwk: JWK): boolean {
  return Object.keys(jwk).some((member) => privateMembers.has(member))
}

/** The key that signs with an algorithm: the one the service names, else the first that fits. */
export function signingKeyFor(keys: readonly SigningKey[], alg: string, kid?: string): SigningKey | undefined {
  return (
    keys.find((key) => key.alg === alg && (kid === undefined || key.kid === kid)) ?? keys.find((key) => key.alg === alg)
  )
}

/** RFC 7515 §5.1: the key that signs what a client registered an algorithm for. The service may have given up its key since. */
export function registeredKeyFor(keys: readonly SigningKey[], alg: string, kid?: string): SigningKey {
  const key = signingKeyFor(keys, alg, kid)
  if (key) return key
  throw new OAuthError(
    'server_error',
    'A951201',
    `The client is registered for answers that are signed with ${alg}, and the service has no key for it any more.`,
    'rfc7515#section-5.1',
  )
}
