import { randomFillSync } from 'node:crypto'

const stock = Buffer.alloc(4_096)
let taken = stock.length

/**
 * RFC 6749 §10.10, RFC 4086: random bytes of the system, fetched for many at once: to ask for them costs more than to get them. Node does so
 * for its UUIDs. Each byte is given out once, and does not stay here.
 */
export function takeRandomBytes(size: number): Buffer {
  if (size > stock.length) throw new RangeError(`At most ${stock.length} random bytes are given out at once.`)
  if (taken + size > stock.length) {
    randomFillSync(stock)
    taken = 0
  }
  const place = stock.subarray(taken, taken + size)
  const bytes = Buffer.from(place)
  place.fill(0)
  taken += size
  return bytes
}
