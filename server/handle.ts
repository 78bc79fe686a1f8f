import { createHash, randomBytes } from 'node:crypto'

/**
 * A handle is what a browser is given for something that is kept here: 6 bytes of time, then random ones, as base64url.
 * The time only makes the keys arrive in order, which keeps writes cheap however large a table is.
 */
export function makeHandle(now: Date, entropyBytes: 16 | 32): string {
  return Buffer.concat([timeBytes(now), randomBytes(entropyBytes)]).toString('base64url')
}

/** The key a handle is kept under: its time, then the hash of the whole, so that nobody can use what the database holds. */
export function keyOf(handle: string): Uint8Array {
  const time = Buffer.from(handle, 'base64url').subarray(0, timeLength)
  return Buffer.concat([time, createHash('sha256').update(handle).digest()])
}

/** The smallest key of an instant: where a sweep by age ends. */
export function firstKeyAt(time: Date): Uint8Array {
  return timeBytes(time)
}

const timeLength = 6

function timeBytes(time: Date): Buffer {
  const bytes = Buffer.alloc(timeLength)
  bytes.writeUIntBE(Math.max(0, time.getTime()), 0, timeLength)
  return bytes
}
