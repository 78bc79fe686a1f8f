import type { CryptoKey, JWK } from 'jose'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'

/** The algorithms this engine signs with. RFC 9700 and FAPI leave the symmetric ones and `none` out. */
export const signingAlgorithms = ['ES256', 'RS256'] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** A key of the service that signs. */
export interface SigningKey {
  kid: string
  alg: SigningAlgorithm
  privateKey: CryptoKey
  publicKey: CryptoKey
  /** RFC 7517 §4, without private members. */
  publicJwk: JWK
}

/** OIDC Core §10.1: makes the key set of a new service, one key per algorithm, and two that others encrypt to, as JSON text. */
export async function generateJwks(): Promise<string> {
  const keys = await Promise.all([
    ...signingAlgorithms.map(generateJwk),
    ...(['ECDH-ES', 'RSA-OAEP-256'] as const).map(generateEncryptionJwk),
  ])
  return JSON.stringify({ keys })
}

async function generateJwk(alg: SigningAlgorithm): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const jwk = await exportJWK(privateKey)
  // RFC 7638: the thumbprint names the key, so that two keys never share a name.
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg }
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

/**
 * RFC 7518 §4.1: how the key of what is encrypted to the service may be carried. RSA1_5 tells an attacker too much (RFC 8725 §3.2), and with a
 * shared key or a password anybody who reads could also have written.
 */
export const keyManagementAlgorithms = [
  'ECDH-ES',
  'ECDH-ES+A128KW',
  'ECDH-ES+A192KW',
  'ECDH-ES+A256KW',
  'RSA-OAEP-256',
  'RSA-OAEP',
] as const
export type KeyManagementAlgorithm = (typeof keyManagementAlgorithms)[number]

/** A key of the service that others encrypt to. */
export interface DecryptionKey {
  kid: string
  /** What it decrypts. */
  algs: readonly KeyManagementAlgorithm[]
  privateKey: CryptoKey
}

async function generateEncryptionJwk(alg: KeyManagementAlgorithm): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'enc', alg }
}

/** RFC 7517 §4.2: imports the private keys of a JWK Set that others encrypt to; all others are left out. */
export async function loadDecryptionKeys(jwks: string | undefined): Promise<DecryptionKey[]> {
  const loaded = await Promise.all(parseJwks(jwks).map(loadDecryptionKey))
  return loaded.filter((key) => key !== undefined)
}

async function loadDecryptionKey(jwk: JWK): Promise<DecryptionKey | undefined> {
  const alg = keyManagementAlgorithms.find((name) => name === jwk.alg)
  if (!alg || jwk.use !== 'enc' || !jwk.kid || !jwk.d) return undefined
  const privateKey = await importJWK(jwk, alg)
  if (privateKey instanceof Uint8Array) return undefined
  return { kid: jwk.kid, algs: algorithmsOfKey(alg), privateKey }
}

/** RFC 7518 §4.6: the key that is agreed upon is used as it is or wraps another; the key pair is the same. */
function algorithmsOfKey(alg: KeyManagementAlgorithm): readonly KeyManagementAlgorithm[] {
  return alg === 'ECDH-ES' ? keyManagementAlgorithms.filter((name) => name.startsWith('ECDH-ES')) : [alg]
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
  return Object.fromEntries(Object.entries(jwk).filter(([member]) => !privateMembers.has(member)))
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
