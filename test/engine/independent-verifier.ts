import { createPublicKey, verify } from 'node:crypto'
import { isJwk } from '../../server/engine/keys.ts'

const pss = { padding: 6, saltLength: 32 } // RSA_PKCS1_PSS_PADDING; RFC 7518 §3.5: as long as the hash

/** RFC 7518 §3: how node:crypto verifies each algorithm. */
const algorithms: Readonly<Record<string, { hash: string | null; options: object }>> = {
  ES256: { hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  RS256: { hash: 'sha256', options: {} },
  PS256: { hash: 'sha256', options: pss },
  EdDSA: { hash: null, options: {} },
}

/** RFC 7515 §5.2 in a few lines and without a library for it: whether one key of the set verifies the signature. */
export function verifiesIndependently(jwt: string, keys: readonly unknown[]): boolean {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const parsed: unknown = JSON.parse(Buffer.from(header, 'base64url').toString())
  if (typeof parsed !== 'object' || parsed === null || !('alg' in parsed) || !('kid' in parsed)) return false
  const { hash, options } = algorithms[String(parsed.alg)] ?? { hash: 'none', options: {} }
  const key = keys.filter(isJwk).find(({ kid, alg, use }) => kid === parsed.kid && alg === parsed.alg && use === 'sig')
  if (!key) return false
  const publicKey = { key: createPublicKey({ key: { ...key }, format: 'jwk' }), ...options }
  return verify(hash, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))
}
