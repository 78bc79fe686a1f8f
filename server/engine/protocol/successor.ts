import { createHmac, hkdfSync } from 'node:crypto'
import type { JWK } from 'jose'
import { equalBytesInConstantTime } from '../constant-time.ts'
import type { Handle, HandleKey } from '../handle.ts'
import { handleOf, parseHandle } from '../handle.ts'

/**
 * RFC 9700 §4.14.2: what a lost answer said can be said again without having been kept. The secrets of the tokens that come of a refresh
 * follow from the spent refresh token, which only its client has, and a key that all processes of the service share. It follows from a
 * private key of the service, RFC 5869; the first of these makes secrets, and all find them again, so that a new key harms nobody.
 */
export function successorKeys(keys: readonly JWK[]): Uint8Array[] {
  const secrets = keys.map(({ d }) => d).filter((d) => d !== undefined)
  return secrets.map((secret) => new Uint8Array(hkdfSync('sha256', secret, '', 'gatehouse token successor', 32)))
}

/** RFC 6749 §6: the handle of a token that came of a refresh, by what was spent for it and where the token is kept. */
export function successorHandle(key: Uint8Array, parent: Handle, locator: Uint8Array): Handle {
  return handleOf(locator, createHmac('sha256', key).update(parent).update(locator).digest())
}

/** RFC 6749 §6: the same for a token that exists; undefined when it did not come of that parent, or with no key that is left. */
export function findSuccessor(
  keys: readonly Uint8Array[],
  parent: Handle,
  { locator, proof }: HandleKey,
): Handle | undefined {
  const candidates = keys.map((key) => successorHandle(key, parent, locator))
  return candidates.find((handle) => {
    const found = parseHandle(handle)
    return found && equalBytesInConstantTime(found.proof, proof)
  })
}
