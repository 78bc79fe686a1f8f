import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type en from '../views/text/en.json'
import { languageTagOf, untagged } from './claim-language.ts'

/** `login.title`; a text with plural forms, `x#one` and `x#other`, is asked for as `x`. */
export type TextKey = keyof typeof en extends infer Key ? (Key extends `${infer Stem}#${string}` ? Stem : Key) : never

export type TextValues = Readonly<Record<string, string | number>>

export interface TextPiece {
  readonly text: string
  /** What was put in, which a template shows in <bdi>. */
  readonly isValue: boolean
}

export interface PageText {
  /** Throws for a text that nobody wrote and for a value that nobody gave. */
  readonly text: (key: TextKey, values?: TextValues) => string
  /** The same in pieces, for a template that marks what was put in. */
  readonly sentence: (key: TextKey, values?: TextValues) => TextPiece[]
  /** The same around a list of values, each of which is a piece of its own. The text has one value, of any name. */
  readonly listSentence: (key: TextKey, values: readonly string[]) => TextPiece[]
  readonly date: (date: Date) => string
  readonly duration: (seconds: number) => string
  /** What a person may choose from, each language under its own name. */
  readonly languages: readonly { readonly tag: string; readonly name: string }[]
}

/** The texts of one language, and its way to write numbers, dates and durations. */
export function pageText(lang: string): PageText {
  // Arabic pages count with 1, 2, 3 (`ar-u-nu-latn`): so do the amounts, ports and phone numbers that others put beside our words, and
  // the script that counts ticked boxes. Two kinds of digits on one page are hard to compare.
  const locale = findText(lang, 'intl.locale') ?? lang
  const numbers = new Intl.NumberFormat(locale)
  const sentence = (key: TextKey, values: TextValues = {}): TextPiece[] => {
    const count = values['count']
    const form = typeof count === 'number' ? `${key}#${new Intl.PluralRules(locale).select(count)}` : key
    const template = findText(lang, form)
    if (template === undefined) throw new Error(`views/text/${lang}.json has no "${form}"`)
    // Splitting by a pattern with a group gives text and the names of values in turn.
    return template.split(/\{(\w+)\}/).map((text, index) => {
      if (index % 2 === 0) return { text, isValue: false }
      const value = values[text]
      if (value === undefined) throw new Error(`The text "${form}" needs a value for {${text}}`)
      return { text: typeof value === 'number' ? numbers.format(value) : value, isValue: true }
    })
  }
  return {
    sentence,
    listSentence: (key, values) => {
      const [before = '', after = ''] = sentence(key, listPlaces)
        .filter(({ isValue }) => !isValue)
        .map(({ text }) => text)
      const list = new Intl.ListFormat(locale)
        .formatToParts(values)
        .map(({ type, value }) => ({ text: value, isValue: type === 'element' }))
      return [{ text: before, isValue: false }, ...list, { text: after, isValue: false }]
    },
    text: (key, values) =>
      sentence(key, values)
        .map((piece) => piece.text)
        .join(''),
    date: (date) => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(date),
    duration: (seconds) => {
      const [unit, size] = unitFor(seconds)
      const count = Math.ceil(seconds / size)
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
    },
    languages: namedLanguages,
  }
}

/** What a list may be called in a text. */
const listPlaces = { resource: '', titles: '' }

/** The catalogue's words for a standard scope, or undefined: then the service's own description speaks. */
export function findScopeText(lang: string, scope: string): { title: string; description: string } | undefined {
  const title = findText(lang, `scope.${scope}.title`)
  const description = findText(lang, `scope.${scope}.description`)
  return title === undefined || description === undefined ? undefined : { title, description }
}

/** OIDC Core §5.1: the label of a standard claim; any other is called by its name. §5.2: one in a language says in which. */
export function claimLabel(lang: string, claim: string): string {
  const name = untagged(claim)
  const tag = languageTagOf(claim)
  const label = findText(lang, `claim.${name}`) ?? name
  return tag === undefined ? label : `${label} · ${languageName(lang, tag)}`
}

/** BCP 47: a language by its name; a tag that is none, as it is. */
function languageName(lang: string, tag: string): string {
  try {
    return new Intl.DisplayNames([lang], { type: 'language', languageDisplay: 'standard' }).of(tag) ?? tag
  } catch {
    return tag
  }
}

/** OIDC Core §5.1: a claim's value as people read it. */
export function claimValueText(lang: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return pageText(lang).text(value ? 'value.yes' : 'value.no')
  // §5.1.1: an address carries itself in lines that are ready to print.
  if (typeof value === 'object' && value !== null && 'formatted' in value && typeof value.formatted === 'string') {
    return value.formatted.replaceAll('\n', ', ')
  }
  return JSON.stringify(value)
}

/** The largest unit that says it without a remainder: 90 minutes, 30 days. */
function unitFor(seconds: number): [unit: string, seconds: number] {
  const units: [string, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ]
  const whole = units.find(([, size]) => seconds >= size && seconds % size === 0)
  return whole ?? (seconds > 120 ? ['minute', 60] : ['second', 1])
}

/** SHA-256 of all texts of a language, base64url: says which words a page used. */
export function textsDigest(lang: string): string {
  const texts = JSON.stringify([...(catalogues.get(lang) ?? english)])
  return createHash('sha256').update(texts).digest('base64url')
}

/** A text of the language, or of English where its file has none. */
function findText(lang: string, key: string): string | undefined {
  return (catalogues.get(lang) ?? english).get(key) ?? english.get(key)
}

const folder = path.join(import.meta.dirname, '..', 'views', 'text')

const english = readCatalogue(path.join(folder, 'en.json'))

/** Read at start, every file of the folder: a language from a request then never becomes part of a path. */
const translations: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [path.basename(file, '.json'), readCatalogue(path.join(folder, file))]),
)

/** The languages that pages can be shown in, as BCP 47 tags. English first, for whoever takes them all. */
export const pageLanguages: readonly string[] = ['en', ...[...translations.keys()].filter((lang) => lang !== 'en')]

/** Not for people: to see whether a page has room for longer words, and no words of its own. In production there is none. */
export const trialLanguages: readonly string[] = process.env['NODE_ENV'] === 'production' ? [] : ['en-XA']

const catalogues = new Map([
  ...translations,
  ...trialLanguages.map(
    (lang) => [lang, new Map([...english].map(([key, text]) => [key, stretch(key, text)]))] as const,
  ),
])

const namedLanguages = pageLanguages.map((tag) => ({
  tag,
  name: new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag,
}))

/** English with accents, and longer by two fifths, as a translation may well be. What is in braces stays, and so does the locale. */
function stretch(key: string, text: string): string {
  if (key === 'intl.locale') return text
  const accented = text.replace(/\{\w+\}|[aeiou]/gi, (found) => (found.length > 1 ? found : `${found}\u0301`))
  const words = text.replace(/\{\w+\}/g, '')
  return `[${accented.normalize('NFC')} ${words.slice(0, Math.ceil(words.length * 0.4))}]`
}

function readCatalogue(file: string): ReadonlyMap<string, string> {
  const texts: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof texts !== 'object' || texts === null) throw new Error(`${file} must hold one JSON object`)
  return new Map(
    Object.entries(texts).map(([key, text]: [string, unknown]) => {
      if (typeof text !== 'string') throw new Error(`${file}: the text "${key}" must be a string`)
      return [key, text]
    }),
  )
}
