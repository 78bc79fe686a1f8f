import { hash, timingSafeEqual } from 'node:crypto'

/** Compares two texts in a time that tells nothing of either, not even their lengths. */
export function equalInConstantTime(a: string, b: string): boolean {
  return equalBytesInConstantTime(sha256(a), sha256(b))
}

/** Compares two hashes of the same kind. */
export function equalBytesInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** SHA-256: enough for secrets of 256 random bits, which nobody can guess one by one. */
export function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
