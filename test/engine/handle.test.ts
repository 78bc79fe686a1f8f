import { describe, expect, it } from 'vitest'
import { locatorAt, makeHandle, makeLocator, parseHandle, tokenKey } from '../../server/engine/handle.ts'

describe('handles', () => {
  const now = new Date('2026-01-01T00:00:00Z')

  it('RFC 6749 §10.10: none of 100,000 is like another, and each has 256 random bits', () => {
    const handles = new Set(Array.from({ length: 100_000 }, () => makeHandle(now).handle))
    expect(handles.size).toBe(100_000)
    const secrets = new Set([...handles].map((handle) => handle.slice(16)))
    expect(secrets.size).toBe(100_000)
    for (const handle of handles) expect(handle).toMatch(/^[A-Za-z0-9_-]{59}$/)
  })

  it('are found again by the key they were made with', () => {
    const { handle, key } = makeHandle(now)
    expect(parseHandle(handle)).toEqual(key)
  })

  it('locators are ordered by time', () => {
    const earlier = makeLocator(now)
    const later = makeLocator(new Date(now.getTime() + 1))
    expect(Buffer.compare(earlier, later)).toBe(-1)
    expect(Buffer.compare(locatorAt(now), earlier)).toBeLessThanOrEqual(0)
    expect(Buffer.compare(earlier, locatorAt(new Date(now.getTime() + 1)))).toBe(-1)
  })

  it('a text that differs in one character is another handle, or none', () => {
    const { handle, key } = makeHandle(now)
    for (let index = 0; index < handle.length; index += 1) {
      const other = handle[index] === 'A' ? 'B' : 'A'
      const changed = parseHandle(handle.slice(0, index) + other + handle.slice(index + 1))
      expect(changed?.proof).not.toEqual(key.proof)
    }
  })

  it.each(['', 'abc', 'a'.repeat(58), 'a'.repeat(60), `${'a'.repeat(58)}=`, `${'a'.repeat(58)}é`, ' '.repeat(59)])(
    '%j is none',
    (text) => {
      expect(parseHandle(text)).toBeUndefined()
    },
  )

  it('RFC 6749 §1.4: a value of another server has a key of its own in each service; a handle has the same in all', () => {
    const { handle, key } = makeHandle(now)
    expect([tokenKey(handle, 1), tokenKey(handle, 2)]).toEqual([key, key])
    const [one, two, other] = [tokenKey('a value', 1), tokenKey('a value', 2), tokenKey('another', 1)]
    expect(one).toEqual(tokenKey('a value', 1))
    expect(one.proof).toEqual(two.proof)
    expect(one.locator).not.toEqual(two.locator)
    expect(one.locator).not.toEqual(other.locator)
    expect([one, two, other].map(({ locator }) => locator.length)).toEqual([12, 12, 12])
  })
})
