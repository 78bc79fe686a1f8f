import { describe, expect, it } from 'vitest'
import { takeRandomBytes } from '../../server/engine/random-bytes.ts'

describe('RFC 6749 §10.10, RFC 4086: random bytes', () => {
  it('given many requests of several sizes, then each gets as many as it asked for, and nothing comes twice', () => {
    const sizes = [12, 32, 64, 1_000]
    const taken = Array.from({ length: 4_000 }, (_, n) => takeRandomBytes(sizes[n % 4] ?? 0))
    expect(taken.every((bytes, n) => bytes.length === sizes[n % 4])).toBe(true)
    const beginnings = taken.map((bytes) => bytes.toString('hex', 0, 12))
    expect(new Set(beginnings).size).toBe(taken.length)
  })

  it('given what was taken, then it is nobody else’s: what is written there stays there', () => {
    const mine = takeRandomBytes(32)
    const before = Buffer.from(mine)
    takeRandomBytes(32).fill(7)
    expect(mine).toEqual(before)
  })

  it('given as many bytes as there are at once, then they come; given one more, then none', () => {
    const all = takeRandomBytes(4_096)
    expect(all.length).toBe(4_096)
    expect(all.equals(Buffer.alloc(4_096))).toBe(false)
    expect(() => takeRandomBytes(4_097)).toThrow(RangeError)
  })

  it('given a million bits, then half of them are set', () => {
    const bytes = Array.from({ length: 4_000 }, () => [...takeRandomBytes(32)]).flat()
    const set = bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    // Twelve standard deviations: never by chance.
    expect(Math.abs(set - bytes.length * 4)).toBeLessThan(12 * Math.sqrt(bytes.length * 2))
  })
})
