import { createHash } from 'node:crypto'
import type { Schema } from '../../sdk/types.ts'
import { cut } from '../pages.ts'
import type { User } from '../users.ts'
import { readAccountInformation } from './account-information.ts'
import type { Answers, Description, DetailLine, DetailReader, Offer, ReadDetail } from './detail-reader.ts'
import { canonicalJson, membersOf } from './element.ts'
import { readOther } from './other.ts'
import { readPaymentInitiation } from './payment-initiation.ts'
import { readUnreadable } from './unreadable.ts'

/**
 * RFC 9396 §2: how the elements of `authorization_details` are put before a person, one card each, and what becomes of the answer.
 * To add a type, write a reader and name it here. A type without one is shown as it is, and allowed or not.
 */
const readers: ReadonlyMap<string, ReadDetail> = new Map([
  ['payment_initiation', readPaymentInitiation],
  ['account_information', readAccountInformation],
])

/** RFC 9396 §2: an element as the engine's contract has it. */
export type AuthorizationDetail = Schema<'AuthorizationDetail'>

export interface DetailContext {
  readonly lang: string
  readonly user: User
  readonly now: Date
  /** RFC 8707: what the service calls a resource. */
  readonly resourceName: (uri: string) => string
}

/** One card of the consent page; views/parts/detail.ejs shows it. All texts are in the page's language. */
export interface DetailCard {
  /** The position in the request. The card's id in the page is `detail-<index>`. */
  readonly index: number
  readonly type: string
  readonly kind: DetailReader['kind']
  readonly title: string
  /** RFC 9396 §2.2: the URIs of the resources; their names are among the lines. */
  readonly locations: readonly string[]
  readonly sensitive: boolean
  /** What is asked and is not for the person to change. */
  readonly lines: readonly DetailLine[]
  /** Why nothing of it can be allowed. */
  readonly note: string | undefined
  /** The box that allows the element. Without one, what is ticked in the lists allows it. */
  readonly allow: Box | undefined
  readonly lists: readonly { readonly label: string; readonly boxes: readonly Box[] }[]
  readonly field: Field | undefined
  /** The element as the client sent it. */
  readonly json: string
}

export interface Box {
  readonly id: string
  readonly name: string
  readonly value: string
  readonly label: string
  readonly about: string | undefined
  readonly checked: boolean
}

export interface Field {
  readonly id: string
  readonly name: string
  readonly kind: 'amount' | 'date'
  readonly label: string
  readonly hint: string
  readonly value: string
  /** Of a date, as YYYY-MM-DD. */
  readonly min: string | undefined
  readonly max: string | undefined
  /** What is wrong with what was typed, and how to mend it. */
  readonly problem: string | undefined
}

export type DetailChoice =
  | { outcome: 'chosen'; granted: AuthorizationDetail[]; declined: AuthorizationDetail[] }
  /** Somebody typed what has to be mended: the page is shown again, and the card of this index says what. */
  | { outcome: 'invalid'; index: number }
  /** A name or a value that the page does not offer. */
  | { outcome: 'refused'; name: string }

/** RFC 9396 §7: the cards of a request; with a posted form, as that form left them. */
export function detailCards(
  details: readonly AuthorizationDetail[],
  posted: URLSearchParams | undefined,
  context: DetailContext,
): DetailCard[] {
  return details.map((detail, index) => {
    const reader = readDetail(detail)
    const { sensitive, lines, note, allow, lists, field } = reader.offer(context)
    const answers = posted && answersOf(posted, index)
    const narrowed = answers && reader.narrow(answers, context)
    const id = `detail-${index}`
    return {
      index,
      type: detail.type,
      kind: reader.kind,
      title: reader.title(context.lang),
      locations: detail.locations ?? [],
      sensitive,
      lines,
      note,
      allow:
        allow === undefined
          ? undefined
          : {
              id: `${id}-allow`,
              name: nameOf(index),
              value: 'on',
              label: allow,
              about: undefined,
              checked: answers?.isAllowed === true,
            },
      lists: lists.map(({ member, label, options, isTicked }) => ({
        label,
        boxes: options.map((option, position) => ({
          id: `${id}-${member}-${position}`,
          name: nameOf(index, member),
          value: option.value,
          label: option.label,
          about: option.about,
          checked: answers === undefined ? isTicked : answers.ticked(member).includes(option.value),
        })),
      })),
      field: field && {
        id: `${id}-${field.member}`,
        name: nameOf(index, field.member),
        kind: field.kind,
        label: field.label,
        hint: field.hint,
        value: cut(answers?.typed(field.member) ?? field.value, 40),
        min: field.min,
        max: field.max,
        problem: narrowed?.outcome === 'invalid' ? narrowed.problem : undefined,
      },
      json: JSON.stringify(membersOf(detail), null, 2),
    }
  })
}

/** RFC 9396 §7: what a person allowed. It lies within what was requested, whatever the form says; the engine checks that again. */
export function chooseDetails(
  details: readonly AuthorizationDetail[],
  posted: URLSearchParams,
  context: DetailContext,
): DetailChoice {
  const read = details.map((detail) => ({ detail, reader: readDetail(detail) }))
  const offered = new Map(read.flatMap(({ reader }, index) => offeredNames(reader.offer(context), index)))
  const names = [...new Set(posted.keys())].filter((name) => /^detail(\.|$)/.test(name))
  const forged = names.find((name) => offered.get(name)?.(posted.getAll(name)) !== true)
  if (forged !== undefined) return { outcome: 'refused', name: forged }

  const granted: AuthorizationDetail[] = []
  const declined: AuthorizationDetail[] = []
  for (const [index, { detail, reader }] of read.entries()) {
    const narrowed = reader.narrow(answersOf(posted, index), context)
    switch (narrowed.outcome) {
      case 'granted':
        granted.push(narrowed.detail)
        break
      case 'declined':
        declined.push(detail)
        break
      case 'invalid':
        return { outcome: 'invalid', index }
    }
  }
  return { outcome: 'chosen', granted, declined }
}

/** RFC 9396 §7: a posted form in another language. It says the same: what was typed is read in the language of the page it was typed on. */
export function translateAnswers(
  details: readonly AuthorizationDetail[],
  posted: URLSearchParams,
  context: DetailContext,
  lang: string,
): URLSearchParams {
  return replaceAnswers(details, posted, context, (typed, inLanguage) => inLanguage(typed, lang))
}

/** RFC 9396 §7: a posted form without what has another meaning in another language. It is empty then: what a person lowered never rises by itself. */
export function eraseAnswers(
  details: readonly AuthorizationDetail[],
  posted: URLSearchParams,
  context: DetailContext,
): URLSearchParams {
  return replaceAnswers(details, posted, context, () => '')
}

type InLanguage = NonNullable<NonNullable<Offer['field']>['inLanguage']>

function replaceAnswers(
  details: readonly AuthorizationDetail[],
  posted: URLSearchParams,
  context: DetailContext,
  replace: (typed: string, inLanguage: InLanguage) => string,
): URLSearchParams {
  const replaced = new URLSearchParams(posted)
  for (const [index, detail] of details.entries()) {
    const { field } = readDetail(detail).offer(context)
    const name = field && nameOf(index, field.member)
    const typed = name === undefined ? null : posted.get(name)
    if (field?.inLanguage === undefined || name === undefined || typed === null) continue
    replaced.set(name, replace(typed, field.inLanguage))
  }
  return replaced
}

/** RFC 9396 §7: the sentences that cards put before a person, whatever is ticked or typed. For evidence. */
export function sentencesOfCards(cards: readonly DetailCard[]): unknown {
  return cards.map(({ type, title, lines, note, allow, lists, field }) => [
    ...[type, title, lines, note, allow?.label],
    lists.map(({ label, boxes }) => [label, boxes.map((box) => [box.label, box.about])]),
    [field?.label, field?.hint],
  ])
}

/** RFC 9396 §2: an element in words, for a list of what was granted. */
export function describeDetail(
  detail: AuthorizationDetail,
  context: Omit<DetailContext, 'user'>,
): Description & { title: string } {
  const reader = readDetail(detail)
  return { title: reader.title(context.lang), ...reader.describe(context) }
}

/** RFC 9396 §2: names several elements, in the way of the engine: of equal ones, each but the first has its number. */
export function nameDetails(details: readonly AuthorizationDetail[]): { id: string; detail: AuthorizationDetail }[] {
  const counts = new Map<string, number>()
  return details.map((detail) => {
    const id = detailId(detail)
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    return { id: count === 1 ? id : `${id}.${count}`, detail }
  })
}

/** RFC 9396 §2: of the elements that are equal to the one with this id, the last: the others keep their names when it goes. */
export function lastOfEqual<Named extends { id: string }>(id: string, named: readonly Named[]): Named | undefined {
  const partsOf = (text: string) => text.split('.', 2)
  const numberOf = ({ id: text }: Named) => Number(partsOf(text)[1] ?? 1)
  const equal = named.filter((other) => partsOf(other.id)[0] === partsOf(id)[0])
  return equal.toSorted((one, other) => numberOf(one) - numberOf(other)).at(-1)
}

/** RFC 9396 §2: names an element by what it says, in the way of the engine: the order of members makes no other element. */
export function detailId(detail: AuthorizationDetail): string {
  return createHash('sha256')
    .update(canonicalJson(membersOf(detail)))
    .digest()
    .subarray(0, 16)
    .toString('base64url')
}

/** RFC 9396 §5: what the reader of its type cannot read is not read in another way. */
function readDetail(detail: AuthorizationDetail): DetailReader {
  const read = readers.get(detail.type)
  return read === undefined ? readOther(detail) : (read(detail) ?? readUnreadable(detail))
}

function nameOf(index: number, member?: string): string {
  return member === undefined ? `detail.${index}` : `detail.${index}.${member}`
}

function answersOf(posted: URLSearchParams, index: number): Answers {
  return {
    isAllowed: posted.has(nameOf(index)),
    ticked: (member) => posted.getAll(nameOf(index, member)),
    typed: (member) => posted.get(nameOf(index, member)) ?? undefined,
  }
}

/** The names that a card puts into the form, and what a browser can post for each. */
function offeredNames(
  { allow, lists, field }: Offer,
  index: number,
): [name: string, accepts: (values: readonly string[]) => boolean][] {
  const names = lists.map(({ member, options }): [string, (values: readonly string[]) => boolean] => [
    nameOf(index, member),
    (values) => values.every((value) => options.some((option) => option.value === value)),
  ])
  if (allow !== undefined) names.push([nameOf(index), (values) => values.join() === 'on'])
  if (field !== undefined) names.push([nameOf(index, field.member), (values) => values.length === 1])
  return names
}
