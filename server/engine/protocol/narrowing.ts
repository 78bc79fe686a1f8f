import { canonicalJson } from './canonical-json.ts'
import { isDate, isDateTime, isNotAfter } from './date-text.ts'
import { isJsonObject } from './json.ts'
import { findReferred, subschemasOf } from './subschemas.ts'

/**
 * How a member may be narrowed, the keyword `x-narrowing` of a schema: not at all; to a part of a list; to a number, or a decimal in text,
 * that is not greater; to a day or an instant that is not later.
 */
export const narrowings = ['fixed', 'subset', 'atMost', 'notAfter'] as const
type Narrowing = (typeof narrowings)[number]

type JsonObject = Record<string, unknown>

/**
 * RFC 9396 §7: whether one value grants no more than another. Without a word in the schema, lists may get shorter, objects are narrowed
 * member by member, and everything else stays. No member may go: what is not mentioned may be allowed.
 */
export function staysWithin(narrow: unknown, wide: unknown, place: Place): boolean {
  if (canonicalJson(narrow) === canonicalJson(wide)) return true
  switch (place.narrowing ?? defaultNarrowing(wide)) {
    case 'subset':
      return isPart(narrow, wide) && !isEmptiedWithoutLeave(narrow, place)
    case 'atMost':
      return isAtMost(narrow, wide)
    case 'notAfter':
      return typeof narrow === 'string' && typeof wide === 'string' && isNotAfter(narrow, wide)
    case 'members':
      return isJsonObject(narrow) && isJsonObject(wide) && membersStayWithin(narrow, wide, place)
    case 'fixed':
      return false
  }
}

function defaultNarrowing(value: unknown): Narrowing | 'members' {
  if (Array.isArray(value)) return 'subset'
  return isJsonObject(value) ? 'members' : 'fixed'
}

function membersStayWithin(narrow: JsonObject, wide: JsonObject, place: Place): boolean {
  const kept = Object.keys(wide).every(
    (name) => Object.hasOwn(narrow, name) && staysWithin(narrow[name], wide[name], place.member(name)),
  )
  const added = Object.keys(narrow).filter((name) => !Object.hasOwn(wide, name))
  return kept && added.every((name) => isLimit(narrow[name], place.member(name)))
}

/** Whether a member that was not asked for is a limit that somebody set: only the schema can say that it is. */
function isLimit(value: unknown, place: Place): boolean {
  switch (place.narrowing) {
    case 'subset':
      return Array.isArray(value) && !isEmptiedWithoutLeave(value, place)
    case 'atMost':
      return isAtMost(value, value)
    case 'notAfter':
      return typeof value === 'string' && (isDate(value) || isDateTime(value))
    case 'fixed':
    case undefined:
      return false
  }
}

/** Every entry is found in the longer list, as often as it stands in the shorter one. */
function isPart(narrow: unknown, wide: unknown): boolean {
  if (!Array.isArray(narrow) || !Array.isArray(wide)) return false
  const left = new Map<string, number>()
  for (const text of wide.map(canonicalJson)) left.set(text, (left.get(text) ?? 0) + 1)
  return narrow.map(canonicalJson).every((text) => {
    const count = left.get(text) ?? 0
    left.set(text, count - 1)
    return count > 0
  })
}

/** An empty list may be read as "all", so it is taken for "none" only where the schema foresees it. */
function isEmptiedWithoutLeave(narrow: unknown, place: Place): boolean {
  return Array.isArray(narrow) && narrow.length === 0 && !place.mayBeEmpty
}

/** Both are numbers or both are decimals in text, none of them negative: a smaller debt would be a greater payment. */
function isAtMost(narrow: unknown, wide: unknown): boolean {
  if (typeof narrow === 'number' && typeof wide === 'number') return narrow >= 0 && narrow <= wide
  if (typeof narrow !== 'string' || typeof wide !== 'string') return false
  const [amount, limit] = [parseDecimal(narrow), parseDecimal(wide)]
  if (!amount || !limit) return false
  if (amount.whole.length !== limit.whole.length) return amount.whole.length < limit.whole.length
  if (amount.whole !== limit.whole) return amount.whole < limit.whole
  const digits = Math.max(amount.fraction.length, limit.fraction.length)
  return amount.fraction.padEnd(digits, '0') <= limit.fraction.padEnd(digits, '0')
}

/** The digits of a decimal. They are compared as text: a floating-point number would round large amounts. */
function parseDecimal(text: string): { whole: string; fraction: string } | undefined {
  const [found, whole = '', fraction = ''] = /^(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text) ?? []
  return found === undefined ? undefined : { whole: whole.replace(/^0+/, ''), fraction }
}

/** What a schema says about one place of a document. */
export interface Place {
  /** Undefined: it says nothing. */
  narrowing: Narrowing | undefined
  mayBeEmpty: boolean
  member(name: string): Place
}

/** What a schema says about the whole document. Without a schema, nothing is said about any place. */
export function rootOf(schema: JsonObject | undefined): Place {
  return schema ? placeOf([schema], schema) : unsaid
}

/** Keywords under which a schema speaks about the same place, and the one for the places inside it. */
const keywordsOfPlaces: ReadonlySet<string> = new Set([
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'then',
  'else',
  '$ref',
  'properties',
])

/** A word that nobody reads would be a rule that nobody keeps. Throws a plain Error that says where `x-narrowing` may not stand. */
export function checkNarrowings(root: JsonObject): void {
  const seen = new Set<JsonObject>()
  const visit = (schema: JsonObject): void => {
    if (seen.has(schema)) return
    seen.add(schema)
    for (const { keyword, schema: inner } of subschemasOf(schema, root)) {
      if (keywordsOfPlaces.has(keyword)) visit(inner)
      // What is defined counts where it is referred to.
      else if (keyword !== '$defs' && keyword !== 'definitions') checkSilent(inner, keyword, root)
    }
  }
  visit(root)
}

function checkSilent(schema: JsonObject, keyword: string, root: JsonObject, seen = new Set<JsonObject>()): void {
  if (seen.has(schema)) return
  seen.add(schema)
  if (Object.hasOwn(schema, 'x-narrowing')) {
    throw new Error(`x-narrowing is not taken under ${keyword}: it is read of members that stand under properties`)
  }
  for (const inner of subschemasOf(schema, root)) {
    if (inner.keyword !== '$defs' && inner.keyword !== 'definitions') checkSilent(inner.schema, keyword, root, seen)
  }
}

const unsaid: Place = { narrowing: undefined, mayBeEmpty: false, member: () => unsaid }

function placeOf(schemas: readonly unknown[], root: JsonObject): Place {
  const parts = partsOf(schemas, root)
  const said = new Set(parts.map((part) => part['x-narrowing']).filter((word) => word !== undefined))
  const narrowing = narrowings.find((word) => said.has(word))
  return {
    // Of words that contradict each other, none is obeyed.
    narrowing: said.size > 1 ? 'fixed' : narrowing,
    mayBeEmpty: parts.some((part) => part['minItems'] === 0),
    member: (name) =>
      placeOf(
        parts.flatMap(({ properties }) =>
          isJsonObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [],
        ),
        root,
      ),
  }
}

/** JSON Schema 2020-12 §10.2 and §8.2.3.1: the schemas that speak about the same place, however they are put together. */
function partsOf(schemas: readonly unknown[], root: JsonObject, seen = new Set<unknown>()): JsonObject[] {
  return schemas.flatMap((schema) => {
    if (!isJsonObject(schema) || seen.has(schema)) return []
    seen.add(schema)
    const { $ref, allOf, anyOf, oneOf } = schema
    const others = [schema['if'], schema['then'], schema['else'], findReferred($ref, root)]
    return [schema, ...partsOf([...[allOf, anyOf, oneOf].flatMap(listOf), ...others], root, seen)]
  })
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
