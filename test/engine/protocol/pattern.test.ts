import { describe, expect, it } from 'vitest'
import { compilePattern, compileSearch } from '../../../server/engine/protocol/pattern.ts'

describe('A pattern is matched against the whole text, in linear time', () => {
  it.each([
    ['payment:[a-z]{1,3}', 'payment:abc', true],
    ['payment:[a-z]{1,3}', 'payment:abcd', false],
    ['payment:[a-z]{1,3}', ' payment:abc', false],
    ['^payment:\\d+$', 'payment:12', true],
    ['^a$', 'a\n', false],
    ['a|ab', 'ab', true],
    ['.*', 'a\nb', false],
    ['', '', true],
  ])('given %j, when the text is %j, then %s', (source, text, matches) => {
    expect(compilePattern(source).matches(text)).toBe(matches)
  })

  it('given a pattern that makes RegExp slow, when the text is hostile, then there is an answer', () => {
    expect(compilePattern('(a+)+b').matches('a'.repeat(10_000))).toBe(false)
    expect(compilePattern('(.*a){20}').matches('a'.repeat(19).repeat(50) + 'b')).toBe(false)
  })

  it.each(['(', '[a', 'a{2,1}', '(?=a)', '(?<!a)b', '(a)\\1', 'a{1,2000}', '((a{100}){100}){100}', 'a'.repeat(501)])(
    'given %j, then an error says why it is not taken',
    (source) => {
      expect(() => compilePattern(source)).toThrow(/^(not an RE2 pattern|a pattern has at most 500)/)
    },
  )

  it('JSON Schema Validation §6.3.3: given a search, then the pattern need only occur', () => {
    expect(compileSearch('b').test('abc')).toBe(true)
    expect(compileSearch('^b').test('abc')).toBe(false)
  })
})
