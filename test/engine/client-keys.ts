import type { CryptoKey, JWK } from 'jose'
import { calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair } from 'jose'

/** A key pair of a client, for answers that are encrypted to it. */
export interface DecryptionKey {
  /** As it is registered: with `use`, and a `kid` of its own. */
  jwk: JWK
  privateKey: CryptoKey
  /** What was encrypted to it, and what the header said. */
  decrypt(jwe: string): Promise<{ text: string; header: Record<string, unknown> }>
}

/** RFC 7518 §4.1: makes a key for an algorithm; `crv` is the curve for ECDH-ES. */
export async function makeDecryptionKey(
  alg: string,
  crv = 'P-256',
  more: JWK = { use: 'enc' },
): Promise<DecryptionKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { crv, extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), ...more },
    privateKey,
    async decrypt(jwe) {
      const { plaintext, protectedHeader } = await compactDecrypt(jwe, privateKey)
      return { text: new TextDecoder().decode(plaintext), header: { ...protectedHeader } }
    },
  }
}

/** RFC 7591 §2: `jwks` of a client. */
export function setOf(...keys: (DecryptionKey | { jwk: JWK })[]): string {
  return JSON.stringify({ keys: keys.map(({ jwk }) => jwk) })
}
