import { randomBytes } from 'node:crypto'
import { sha256 } from './constant-time.ts'

/** Makes a client secret of 512 random bits, 86 characters, and the hash it is kept as. */
export function makeClientSecret(): { secret: string; secretHash: Buffer } {
  const secret = randomBytes(64).toString('base64url')
  return { secret, secretHash: sha256(secret) }
}
