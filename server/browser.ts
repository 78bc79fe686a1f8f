import { createHash } from 'node:crypto'

/** RFC 6749 §10.12: what began in one browser goes on in no other. This says which one it was, to nobody who reads the database. */
export function hashOfBrowser(browser: string): Uint8Array {
  return createHash('sha256').update(browser).digest()
}
