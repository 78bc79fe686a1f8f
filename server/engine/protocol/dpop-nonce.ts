import { createHmac, hkdfSync } from 'node:crypto'
import type { JWK } from 'jose'
import { equalInConstantTime } from '../constant-time.ts'

/**
 * RFC 9449 §8: the nonces of a service follow from a key and the time, so that all its processes give out the same ones and remember
 * none. The key follows from a private key of the service, which they share: RFC 5869, for this one purpose.
 * The first of these makes nonces, and all know them again, so that a new key costs nobody a retry.
 */
export function dpopNonceKeys(keys: readonly JWK[]): Uint8Array[] {
  const secrets = keys.map(({ d }) => d).filter((d) => d !== undefined)
  if (secrets.length === 0) throw new Error('A service without a private key has nothing to derive its nonces from.')
  return secrets.map((secret) => new Uint8Array(hkdfSync('sha256', secret, '', 'gatehouse DPoP nonce', 32)))
}

/** What nonces are made of. */
interface NonceSource {
  /** One at least. */
  keys: readonly Uint8Array[]
  /** Seconds that a nonce is given out. */
  duration: number
  now: Date
}

/** RFC 9449 §8.2: the nonce that is given out now. Nobody else can tell what the next one will be. */
export function currentDpopNonce(source: NonceSource): string {
  const [key = new Uint8Array()] = source.keys
  return nonceAt(0, key, source)
}

/** RFC 9449 §8.2: the previous nonce is good as well, and the next one: another process's clock may be a little ahead. */
export function isDpopNonce(nonce: string, source: NonceSource): boolean {
  return source.keys.some((key) =>
    [0, -1, 1].some((offset) => equalInConstantTime(nonce, nonceAt(offset, key, source))),
  )
}

function nonceAt(offset: number, key: Uint8Array, { duration, now }: NonceSource): string {
  const window = Math.floor(now.getTime() / (duration * 1000)) + offset
  return createHmac('sha256', key).update(`${duration} ${window}`).digest('base64url')
}
