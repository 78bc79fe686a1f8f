import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type en from '../views/text/en.json'

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
  readonly date: (date: Date) => string
  readonly duration: (seconds: number) => string
}

/** The texts of one language, and its way to write dates and durations. */
export function pageText(lang: string): PageText {
  const locale = findText(lang, 'intl.locale') ?? lang
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
      return { text: String(value), isValue: true }
    })
  }
  return {
    sentence,
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
  }
}

/** The catalogue's words for a standard scope, or undefined: then the service's own description speaks. */
export function findScopeText(lang: string, scope: string): { title: string; description: string } | undefined {
  const title = findText(lang, `scope.${scope}.title`)
  const description = findText(lang, `scope.${scope}.description`)
  return title === undefined || description === undefined ? undefined : { title, description }
}

/** OIDC Core §5.1: the label of a standard claim; any other is called by its name. */
export function claimLabel(lang: string, claim: string): string {
  return findText(lang, `claim.${claim}`) ?? claim
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

/** A text of the language, or of English where its file has none. */
function findText(lang: string, key: string): string | undefined {
  return catalogues.get(lang)?.get(key) ?? catalogues.get('en')?.get(key)
}

const folder = path.join(import.meta.dirname, '..', 'views', 'text')

/** Read at start, every file of the folder: a language from a request then never becomes part of a path. */
const catalogues: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [path.basename(file, '.json'), readCatalogue(path.join(folder, file))]),
)

/** The languages that pages can be shown in, as BCP 47 tags. */
export const pageLanguages: readonly string[] = [...catalogues.keys()]

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
