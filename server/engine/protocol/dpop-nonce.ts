import { createHmac, hkdfSync } from 'node:crypto'
import type { JWK } from 'jose'
import { equalInConstantTime } from '../constant-time.ts'

/**
 * RFC 9449 §8: the nonces of a service follow from a key and the time, so that all its processes give out the same ones and remember
 * none. The key follows from a private key of the service, which they share: RFC 5869, for this one purpose.
 */
export function dpopNonceKey(keys: readonly JWK[]): Uint8Array {
  const secret = keys.find(({ d }) => d !== undefined)?.d
  if (secret === undefined) throw new Error('A service without a private key has nothing to derive its nonces from.')
  return new Uint8Array(hkdfSync('sha256', secret, '', 'gatehouse DPoP nonce', 32))
}

/** What nonces are made of. */
interface NonceSource {
  key: Uint8Array
  /** Seconds that a nonce is given out. */
  duration: number
  now: Date
}

/** RFC 9449 §8.2: the nonce that is given out now. Nobody else can tell what the next one will be. */
export function currentDpopNonce(source: NonceSource): string {
  return nonceAt(0, source)
}

/** RFC 9449 §8.2: the previous nonce is good as well, and the next one: another process's clock may be a little ahead. */
export function isDpopNonce(nonce: string, source: NonceSource): boolean {
  return [0, -1, 1].some((offset) => equalInConstantTime(nonce, nonceAt(offset, source)))
}

function nonceAt(offset: number, { key, duration, now }: NonceSource): string {
  const window = Math.floor(now.getTime() / (duration * 1000)) + offset
  return createHmac('sha256', key).update(`${duration} ${window}`).digest('base64url')
}
