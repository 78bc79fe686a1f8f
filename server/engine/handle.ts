import { hash } from 'node:crypto'
import { takeRandomBytes } from './random-bytes.ts'

/**
 * A handle is what the engine gives out for something it keeps: a code, a token, a ticket, a request URI.
 * 16 characters of locator (6 bytes of time, so that keys arrive in order, and 6 random ones), then 43 of 256 random bits.
 */
export type Handle = string

/** How a handle is kept: the row is found by its locator and proven by the hash of the whole. */
export interface HandleKey {
  locator: Uint8Array
  proof: Uint8Array
}

export const locatorBytes = 12
const secretBytes = 32
const handlePattern = /^[A-Za-z0-9_-]{59}$/

/** Makes a handle and the key it is kept under. RFC 6749 §10.10: 256 bits that nobody guesses. */
export function makeHandle(now: Date, handleAt = randomHandleAt): { handle: Handle; key: HandleKey } {
  const locator = makeLocator(now)
  const handle = handleAt(locator)
  return { handle, key: { locator, proof: hashOf(handle) } }
}

function randomHandleAt(locator: Uint8Array): Handle {
  return handleOf(locator, takeRandomBytes(secretBytes))
}

/** RFC 6749 §10.10: a handle of its two parts. */
export function handleOf(locator: Uint8Array, secret: Uint8Array): Handle {
  return Buffer.concat([locator, secret]).toString('base64url')
}

/** A time-ordered key for what needs no secret: grants. Ordered keys keep writes cheap however large the table is. */
export function makeLocator(now: Date): Buffer {
  const locator = takeRandomBytes(locatorBytes)
  locator.writeUIntBE(now.getTime(), 0, 6)
  return locator
}

/** The smallest locator of an instant: where a sweep by age begins or ends. */
export function locatorAt(time: Date): Buffer {
  const locator = Buffer.alloc(locatorBytes)
  locator.writeUIntBE(Math.max(0, time.getTime()), 0, 6)
  return locator
}

/** The key of a handle, or undefined when the text cannot be one: then nobody needs to look. */
export function parseHandle(text: string): HandleKey | undefined {
  if (!handlePattern.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  // 44 bytes leave 4 spare bits in the last character: only one spelling is the handle.
  if (bytes.toString('base64url') !== text) return undefined
  return { locator: bytes.subarray(0, locatorBytes), proof: hashOf(text) }
}

/** RFC 6749 §10.10: characters. The contract takes no shorter token of another server, so nobody needs to look for one. */
export const shortestToken = 22

/**
 * RFC 6749 §1.4 and §1.5: the key of a token by its value, which may be that of another server. Such a value has no locator in it; this one follows
 * from it, for each service another, so that two services may have the same value.
 */
export function tokenKey(value: string, serviceId: number): HandleKey {
  return (
    parseHandle(value) ?? {
      locator: hashOf(JSON.stringify([serviceId, value])).subarray(0, locatorBytes),
      proof: hashOf(value),
    }
  )
}

function hashOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
