import type { Request } from 'express'
import { pageLanguages } from './page-text.ts'

/** BCP 47: the language of a page. OIDC Core §3.1.2.1 lets the client wish first, then the browser; English is what we always have. */
export function pageLanguage(req: Request, uiLocales: readonly string[] = []): string {
  for (const wish of uiLocales) {
    const found = lookUp(pageLanguages, wish, (language) => language)
    if (found !== undefined) return found
  }
  const accepted = req.acceptsLanguages([...pageLanguages])
  return accepted === false ? 'en' : accepted
}

/** The direction in which a language is written. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return rightToLeft.has(primaryOf(language)) ? 'rtl' : 'ltr'
}

/** A text in several languages: the one that fits best, or the one without a language. */
export function findText(
  tagged: readonly { tag: string; value: string }[],
  fallback: string | undefined,
  language: string,
): { text: string; lang: string | undefined } | undefined {
  const found = lookUp(tagged, language, ({ tag }) => tag)
  if (found === undefined) return fallback === undefined ? undefined : { text: fallback, lang: undefined }
  return { text: found.value, lang: primaryOf(found.tag) === primaryOf(language) ? undefined : found.tag }
}

/** RFC 4647 §3.4, lookup: the range itself, then the range without its last part, and so on; then any variety of the language. */
function lookUp<Item>(items: readonly Item[], range: string, tagOf: (item: Item) => string): Item | undefined {
  // No language tag has more parts, and each one is looked for.
  const wanted = range.toLowerCase().split('-', 8)
  for (let length = wanted.length; length > 0; length--) {
    const prefix = wanted.slice(0, length).join('-')
    const exact = items.find((item) => tagOf(item).toLowerCase() === prefix)
    if (exact !== undefined) return exact
  }
  return items.find((item) => primaryOf(tagOf(item)) === wanted[0])
}

function primaryOf(tag: string): string {
  return tag.split('-', 1).join('').toLowerCase()
}

const rightToLeft = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi'])
