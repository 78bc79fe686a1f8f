import { describe, expect, it } from 'vitest'
import {
  claimLabel,
  claimValueText,
  findScopeText,
  pageLanguages,
  pageText,
  trialLanguages,
} from '../../server/page-text.ts'

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

  it.each([
    ['de', 1_234_567, '1.234.567', '3. Mai 2026', '10 Minuten'],
    ['ja', 1_234_567, '1,234,567', '2026年5月3日', '10 分'],
    ['ar', 1_234_567, '1,234,567', '3 مايو 2026', '10 دقائق'],
    ['en-XA', 1_234_567, '1,234,567', '3 May 2026', '10 minutes'],
  ])('write numbers, dates and durations in %s as its readers do', (lang, number, written, day, tenMinutes) => {
    const page = pageText(lang)
    expect(page.text('consent.tally', { selected: '#', total: number })).toContain(written)
    expect(page.date(new Date('2026-05-03T12:00:00Z'))).toBe(day)
    expect(page.duration(600)).toBe(tenMinutes)
  })

  it('leave a value alone that is text, although it looks like a number', () => {
    expect(pageText('de').text('consent.destination.loopback.port', { port: '53127' })).toContain('53127')
  })

  it('have the plural forms of their language', () => {
    const forms = [0, 1, 2, 3, 11, 100].map((count) => pageText('ar').text('consent.more', { count }))
    expect(new Set(forms).size).toBe(6)
    expect(forms[3]).toBe('عرض 3 عناصر أخرى')
    expect(pageText('ja').text('consent.more', { count: 1 })).toBe('ほか1件を表示')
  })

  it('are offered with English first, each language under its own name', () => {
    expect(pageLanguages).toEqual(['en', 'ar', 'de', 'ja'])
    expect(pageText('de').languages.map(({ name }) => name)).toEqual(['English', 'العربية', 'Deutsch', '日本語'])
  })

  it('can be tried with longer words: accents, two fifths more, and the same values', () => {
    expect(trialLanguages).toEqual(['en-XA'])
    const trial = pageText('en-XA')
    expect(trial.text('login.title')).toBe('[Sígn ín Sig]')
    expect(trial.text('login.lead', { client: 'Daybook' })).toBe('[tó cóntínúé tó Daybook to con]')
  })

  it('fall back to English, whatever the language is called', () => {
    expect(pageText('../../package').text('login.title')).toBe('Sign in')
  })
})

describe('OIDC Core §5.1, §5.4: what standard scopes and claims are called', () => {
  it('a standard scope has words, another has none', () => {
    expect(findScopeText('en', 'openid')?.title).toBe('Confirm who you are')
    expect(findScopeText('en', 'calendar:read')).toBeUndefined()
    expect(findScopeText('en', 'constructor')).toBeUndefined()
  })

  it('both are called so in every language', () => {
    expect(findScopeText('de', 'email')).toEqual({
      title: 'Ihre E-Mail-Adresse sehen',
      description: 'Ihre E-Mail-Adresse und ob sie bestätigt ist.',
    })
    expect([claimLabel('ja', 'birthdate'), claimLabel('ar', 'birthdate')]).toEqual(['生年月日', 'تاريخ الميلاد'])
    expect(['de', 'ja', 'ar'].map((lang) => claimValueText(lang, true))).toEqual(['Ja', 'はい', 'نعم'])
  })

  it('a claim has a label and a value that can be read', () => {
    expect([claimLabel('en', 'birthdate'), claimLabel('en', 'shoe_size')]).toEqual(['Date of birth', 'shoe_size'])
    const values = ['1990-03-09', true, 42, { formatted: '1 Main Street\nSpringfield' }, ['a', 'b']]
    expect(values.map((value) => claimValueText('en', value))).toEqual([
      ...['1990-03-09', 'Yes', '42', '1 Main Street, Springfield', '["a","b"]'],
    ])
  })
})
