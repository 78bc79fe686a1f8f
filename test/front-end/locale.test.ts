import { describe, expect, it } from 'vitest'
import { directionOf, findText } from '../../server/locale.ts'

const names = [
  { tag: 'de', value: 'Tagebuch' },
  { tag: 'de-CH', value: 'Tagebuech' },
  { tag: 'pt-BR', value: 'Diário' },
]

describe('RFC 4647 §3.4: the text of a language', () => {
  it.each([
    ['de', 'Tagebuch', undefined],
    ['DE-ch', 'Tagebuech', undefined],
    ['de-AT-1996', 'Tagebuch', undefined],
    ['pt', 'Diário', undefined],
    ['fr', 'Daybook', undefined],
  ])('given %s, then %s', (language, text, lang) => {
    expect(findText(names, 'Daybook', language)).toEqual({ text, lang })
  })

  it('given no text without a language and none that fits, then nothing', () => {
    expect(findText(names, undefined, 'fr')).toBeUndefined()
  })
})

describe('the direction of writing', () => {
  it.each([
    ['en', 'ltr'],
    ['ar', 'rtl'],
    ['he-IL', 'rtl'],
    ['ja', 'ltr'],
  ])('given %s, then %s', (language, direction) => {
    expect(directionOf(language)).toBe(direction)
  })
})
