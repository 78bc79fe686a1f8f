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

/** OIDC Core §10.1: makes the key set of a new service, one key per algorithm, as JSON text. */
export async function generateJwks(): Promise<string> {
  const keys = await Promise.all(signingAlgorithms.map(generateJwk))
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
