import { describe, expect, it } from 'vitest'
import { claimLabel, claimValueText, findScopeText, pageLanguages, pageText } from '../../server/page-text.ts'

describe('the texts of a language', () => {
  const { text, sentence, date, duration } = pageText('en')

  it('take values, and tell what was put in from what was written', () => {
    expect(text('login.lead', { client: 'Daybook' })).toBe('to continue to Daybook')
    expect(sentence('title.page', { title: 'Sign in', service: 'Gatehouse' }).filter((piece) => piece.isValue)).toEqual(
      [
        { text: 'Sign in', isValue: true },
        { text: 'Gatehouse', isValue: true },
      ],
    )
  })

  it('are not searched for placeholders in what was put in', () => {
    expect(text('login.lead', { client: '{client} {other}' })).toBe('to continue to {client} {other}')
  })

  it('have plural forms', () => {
    expect(text('consent.implicit', { count: 1 })).toBe('Also included: 1 basic permission')
    expect(text('consent.implicit', { count: 3 })).toBe('Also included: 3 basic permissions')
  })

  it('fail without a value', () => {
    expect(() => text('login.lead')).toThrow('The text "login.lead" needs a value for {client}')
  })

  it('write dates and durations as people say them', () => {
    expect(date(new Date('2026-05-03T23:59:00Z'))).toBe('3 May 2026')
    expect([1, 40, 119, 600, 5_400, 3_600, 86_400, 30 * 86_400].map(duration)).toEqual([
      ...['1 second', '40 seconds', '119 seconds', '10 minutes', '90 minutes', '1 hour', '1 day', '30 days'],
    ])
    expect(duration(1_799)).toBe('30 minutes')
  })

  it('fall back to English, whatever the language is called', () => {
    expect(pageLanguages).toContain('en')
    expect(pageText('../../package').text('login.title')).toBe('Sign in')
  })
})

describe('OIDC Core §5.1, §5.4: what standard scopes and claims are called', () => {
  it('a standard scope has words, another has none', () => {
    expect(findScopeText('en', 'openid')?.title).toBe('Confirm who you are')
    expect(findScopeText('en', 'calendar:read')).toBeUndefined()
    expect(findScopeText('en', 'constructor')).toBeUndefined()
  })

  it('a claim has a label and a value that can be read', () => {
    expect([claimLabel('en', 'birthdate'), claimLabel('en', 'shoe_size')]).toEqual(['Date of birth', 'shoe_size'])
    const values = ['1990-03-09', true, 42, { formatted: '1 Main Street\nSpringfield' }, ['a', 'b']]
    expect(values.map((value) => claimValueText('en', value))).toEqual([
      ...['1990-03-09', 'Yes', '42', '1 Main Street, Springfield', '["a","b"]'],
    ])
  })
})
