import { describe, expect, it } from 'vitest'
import { isDate, isDateTime, isNotAfter } from '../../../server/engine/protocol/date-text.ts'

describe('RFC 3339 §5.6: days and instants', () => {
  it.each(['2026-02-28', '2028-02-29', '0001-01-01'])('given %s, then it is a day', (text) => {
    expect(isDate(text)).toBe(true)
  })

  it.each(['2026-02-29', '2026-02-31', '2026-13-01', '2026-1-1', '26-01-01', '2026-01-01T00:00:00Z', '', '2026-00-10'])(
    'given %j, then it is none',
    (text) => {
      expect(isDate(text)).toBe(false)
    },
  )

  it.each([
    '2026-02-28T23:59:59Z',
    '2026-02-28t00:00:00.123456789z',
    '2026-02-28T12:00:00+05:30',
    '2026-02-28T12:00:00-00:00',
  ])('given %s, then it is an instant', (text) => {
    expect(isDateTime(text)).toBe(true)
  })

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-02-28T24:00:00Z',
    '2026-02-28T23:60:00Z',
    '2026-02-28T23:59:60Z',
    '2026-02-28T12:00:00',
    '2026-02-28 12:00:00Z',
    '2026-02-28T12:00:00+5:30',
    '2026-02-28T12:00:00+99:99',
    '2026-02-28',
    '',
  ])('given %j, then it is none', (text) => {
    expect(isDateTime(text)).toBe(false)
  })

  it.each([
    ['2026-01-01', '2026-01-01', true],
    ['2025-12-31', '2026-01-01', true],
    ['2026-01-02', '2026-01-01', false],
    ['2026-01-01T12:00:00+02:00', '2026-01-01T10:00:00Z', true],
    ['2026-01-01T12:00:00+01:00', '2026-01-01T10:00:00Z', false],
    ['2026-01-01T10:00:00.5Z', '2026-01-01T10:00:00.50Z', true],
    ['2026-01-01T10:00:00.00001Z', '2026-01-01T10:00:00Z', false],
    ['2026-01-01T10:00:00.00001Z', '2026-01-01T10:00:00.00002Z', true],
    ['2026-01-01', '2026-01-01T10:00:00Z', false],
    ['yesterday', '2026-01-01', false],
  ])('given %s and the limit %s, then %s', (text, limit, expected) => {
    expect(isNotAfter(text, limit)).toBe(expected)
  })
})
