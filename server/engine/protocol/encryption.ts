import type { CryptoKey, JWK } from 'jose'
import { CompactEncrypt, importJWK } from 'jose'

/**
 * RFC 7518 §4.1: how the key of a content is encrypted to a public key, of a client or of the service. RSA1_5 is left out because its padding
 * tells secrets (RFC 8725 §3.2), and so is everything symmetric: who reads could also have written, and client secrets are kept as hashes.
 */
export const encryptionAlgorithms = [
  ...(['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'] as const),
  ...(['RSA-OAEP', 'RSA-OAEP-256'] as const),
] as const

export type EncryptionAlgorithm = (typeof encryptionAlgorithms)[number]

/** RFC 7518 §5.1: how the content is encrypted. The first is what OIDC Registration §2 and JARM §3 take where none is named. */
export const contentEncryptionAlgorithms = [
  ...(['A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512'] as const),
  ...(['A128GCM', 'A192GCM', 'A256GCM'] as const),
] as const

export type ContentEncryptionAlgorithm = (typeof contentEncryptionAlgorithms)[number]

/** How something is encrypted to somebody. */
export interface Encryption {
  alg: string
  enc: string
  key: CryptoKey
  kid?: string
}

/** RFC 7516 §7.1: encrypts a text. `cty` says that it is a JWT: signed first, then encrypted, RFC 7519 §11.2. */
export function encrypt(text: string, { alg, enc, key, kid }: Encryption, cty?: 'JWT'): Promise<string> {
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ alg, enc, ...(kid !== undefined && { kid }), ...(cty !== undefined && { cty }) })
    .encrypt(key)
}

/** RFC 7519 §11.2: what was signed is encrypted, where that is wanted. */
export async function nest(jwt: string, encryption: Encryption | undefined): Promise<string> {
  return encryption ? encrypt(jwt, encryption, 'JWT') : jwt
}

/** RFC 7517 §4.2: the key of a set to encrypt to. One that says it is for that is preferred to one that does not say what it is for. */
export function chooseKey(keys: readonly JWK[], alg: string): JWK | undefined {
  const fitting = keys.filter((key) => encryptionAlgorithmsFor(key).some((name) => name === alg))
  return fitting.find(({ use }) => use === 'enc') ?? fitting[0]
}

/** RFC 7516 §4.1: how something is encrypted to a key. */
export async function encryptionTo(jwk: JWK, alg: string, enc: string): Promise<Encryption | undefined> {
  const key = await importJWK(withoutOperations(jwk), alg)
  return key instanceof Uint8Array ? undefined : { alg, enc, key, ...(jwk.kid !== undefined && { kid: jwk.kid }) }
}

/** RFC 7517 §4.3: what a key may be used for is looked at where it is chosen; the platform knows fewer ways to say it. */
export function withoutOperations(jwk: JWK): JWK {
  return Object.fromEntries(Object.entries(jwk).filter(([member]) => member !== 'key_ops'))
}

const curves = new Set(['P-256', 'P-384', 'P-521', 'X25519'])

/** RFC 7517 §4.3 */
const encryptingOperations = new Set(['encrypt', 'wrapKey', 'deriveKey', 'deriveBits'])

/** RFC 7518 §4.1, RFC 7517 §4.2: the algorithms with which something can be encrypted to a key; none for a key that is for signatures. */
export function encryptionAlgorithmsFor({ kty, crv, use, alg: named, key_ops: operations }: JWK): string[] {
  if (use !== undefined && use !== 'enc') return []
  if (operations && !operations.some((name) => encryptingOperations.has(name))) return []
  const isFitting = (alg: string) =>
    alg.startsWith('RSA') ? kty === 'RSA' : (kty === 'EC' || kty === 'OKP') && curves.has(crv ?? '')
  return encryptionAlgorithms.filter((alg) => isFitting(alg) && (named === undefined || named === alg))
}

/** RFC 7518 §4.1 and §5.1: the registered name of an algorithm, which the contract writes with underscores. */
export function registeredName<Name extends string>(names: readonly Name[], written: string): Name | undefined {
  return names.find((name) => withUnderscores(name) === withUnderscores(written))
}

/** The name of an algorithm as the contract writes it. */
export function withUnderscores(name: string): string {
  return name.replaceAll(/[-+]/g, '_')
}
