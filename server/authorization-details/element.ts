import { z } from 'zod'
import { cut } from '../pages.ts'
import { claimValueText, pageText, type TextKey } from '../page-text.ts'
import type { DetailLine } from './detail-reader.ts'
import type { AuthorizationDetail, DetailContext } from './registry.ts'

/** RFC 9396 §2: all members of an element, as they are on the wire. */
export function membersOf(detail: AuthorizationDetail): Record<string, unknown> {
  const { type, locations, actions, dataTypes, identifier, privileges } = detail
  const known = { type, locations, actions, datatypes: dataTypes, identifier, privileges }
  const present = Object.entries(known).filter(([, value]) => value !== undefined)
  return Object.fromEntries([...present, ...Object.entries(othersOf(detail))])
}

/** RFC 9396 §2: the members that only the type knows. */
export function othersOf({ otherFields }: AuthorizationDetail): Record<string, unknown> {
  const others: unknown = otherFields === undefined ? {} : JSON.parse(otherFields)
  if (!isObject(others)) throw new Error('otherFields of an authorization detail must be a JSON object')
  return others
}

/** RFC 9396 §2: the element with other values for some of these members. */
export function withOthers(detail: AuthorizationDetail, changes: Record<string, unknown>): AuthorizationDetail {
  return { ...detail, otherFields: JSON.stringify({ ...othersOf(detail), ...changes }) }
}

/** RFC 9396 §2.2: the resources, by their names. */
export function locationLines(
  locations: readonly string[] | undefined,
  { lang, resourceName }: Pick<DetailContext, 'lang' | 'resourceName'>,
): DetailLine[] {
  if (locations === undefined || locations.length === 0) return []
  const names = locations.slice(0, mostValues).map(resourceName)
  return [{ label: pageText(lang).text('detail.locations'), value: cut(listText(names, lang), longestValue) }]
}

/** RFC 9396 §2: the members that are not shown in another way, one line per value, however deep it lies. What does not fit is counted. */
export function otherLines(detail: AuthorizationDetail, shown: ReadonlySet<string>, lang: string): DetailLine[] {
  const members = Object.entries(membersOf(detail)).filter(([name]) => !shown.has(name))
  const leaves = [...leavesOf(members, [])]
  const lines = leaves.slice(0, mostLines).map(({ path, value }) => lineOf(path, value, lang))
  const count = leaves.length - lines.length
  const { text } = pageText(lang)
  return count === 0 ? lines : [...lines, { label: text('detail.more'), value: text('detail.more.count', { count }) }]
}

/** A list in words. */
export function listText(values: readonly string[], lang: string): string {
  return new Intl.ListFormat(pageText(lang).text('intl.locale'), { type: 'conjunction' }).format(values)
}

/** The text that two equal JSON values have in common, whatever the order of their members. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}

/** Whether a value reads as it is: nothing in it that cannot be seen, and short enough for a line. */
export function isPlain(value: string): boolean {
  return /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u.test(value)
}

/** IBAN in groups of four, as it is printed on paper (ISO 13616). */
export function ibanText(iban: string): string {
  return isPlain(iban) ? iban.replaceAll(/\s/g, '').replaceAll(/(.{4})(?=.)/gu, '$1 ') : cut(iban, 40)
}

export const ibanHolder = z.strictObject({ iban: z.string().min(1).max(100) })

const mostLines = 30
const mostValues = 20
const longestValue = 200

/** RFC 9396 §2.2: members that every type has in common. */
const commonMembers: ReadonlyMap<string, TextKey> = new Map([
  ['actions', 'detail.actions'],
  ['datatypes', 'detail.dataTypes'],
  ['privileges', 'detail.privileges'],
  ['identifier', 'detail.identifier'],
])

interface Leaf {
  path: readonly string[]
  value: unknown
}

function* leavesOf(
  members: readonly (readonly [name: string, value: unknown])[],
  path: readonly string[],
): Generator<Leaf> {
  for (const [name, value] of members) {
    const here = [...path, name]
    const isNested = (item: unknown) => typeof item === 'object' && item !== null
    if (Array.isArray(value) && value.some(isNested)) {
      yield* leavesOf(
        [...value.entries()].map(([index, item]) => [String(index + 1), item] as const),
        here,
      )
    } else if (isObject(value) && Object.keys(value).length > 0) {
      yield* leavesOf(Object.entries(value), here)
    } else {
      yield { path: here, value }
    }
  }
}

function lineOf(path: readonly string[], value: unknown, lang: string): DetailLine {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  const texts = values.slice(0, mostValues).map((item) => claimValueText(lang, item))
  const rest = values.length > mostValues ? ['…'] : []
  const common = path.length === 1 ? commonMembers.get(path.join()) : undefined
  return {
    label: common === undefined ? cut(path.map(wordsOf).join(' › '), 100) : pageText(lang).text(common),
    value: cut(listText([...texts, ...rest], lang), longestValue),
  }
}

/** `creditorAccount` and `creditor_account` read as words. */
function wordsOf(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .toLowerCase()
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
