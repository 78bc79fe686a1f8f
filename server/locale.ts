import type { Request } from 'express'
import { pageLanguages, trialLanguages } from './page-text.ts'

/**
 * The cookies of a language that a person picked: `lang` for this browser and a year, `request_lang` for the pages of one authorization
 * request, whose path it has. OIDC Core §3.1.2.1 lets the client name languages with each request, so they come before what the person
 * picked some other day; but not before what they picked on a page of this very request, or the picker would do nothing there.
 */
export const languageCookies = { browser: 'lang', request: 'request_lang' } as const

/** BCP 47: the language of a page. OIDC Core §3.1.2.1: the client's wish, then the person's choice, the browser's, the service's. */
export function pageLanguage(
  req: Request,
  uiLocales: readonly string[] = [],
  supportedUiLocales: readonly string[] = [],
): string {
  const wishes = [...uiLocalesOfAddress(req), ...uiLocales]
  // A service says first what it speaks best. English is what we always have.
  const ofService = firstOf(supportedUiLocales, pageLanguages) ?? 'en'
  const accepted = req.acceptsLanguages([ofService, ...pageLanguages])
  return (
    findPicked(req, languageCookies.request) ??
    firstOf(wishes, [...pageLanguages, ...trialLanguages]) ??
    findPicked(req, languageCookies.browser) ??
    (accepted === false ? ofService : accepted)
  )
}

/** A page's own address may wish, too: an error page has no accepted request that could. */
function uiLocalesOfAddress({ query }: Request): string[] {
  const { ui_locales: uiLocales } = query
  // No request has more languages than this, and each one is looked for.
  return typeof uiLocales === 'string' ? uiLocales.split(' ', 10) : []
}

function findPicked({ headers }: Request, cookie: string): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pageLanguages.find((language) => cookies.includes(`${cookie}=${language}`))
}

/** The first wish that can be fulfilled, and with what. */
function firstOf(wishes: readonly string[], languages: readonly string[]): string | undefined {
  for (const wish of wishes) {
    const found = lookUp(languages, wish, (language) => language)
    if (found !== undefined) return found
  }
  return undefined
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
