import type { AuthorizationDetail, DetailContext } from './registry.ts'

/** RFC 9396 §2: reads an element of one type; undefined when the element is not what the type says. */
export type ReadDetail = (detail: AuthorizationDetail) => DetailReader | undefined

/** What a type of authorization details has to know of an element. */
export interface DetailReader {
  readonly kind: 'payment_initiation' | 'account_information' | 'other' | 'unreadable'
  readonly title: (lang: string) => string
  /** All of it in words. */
  readonly describe: (context: Omit<DetailContext, 'user'>) => Description
  /** What the person can choose, and what they are shown for it. */
  readonly offer: (context: DetailContext) => Offer
  /** What is left of the element. The answers name nothing that is not offered. */
  readonly narrow: (answers: Answers, context: DetailContext) => Narrowed
}

export interface Description {
  lines: DetailLine[]
  expiresAt: Date | undefined
}

export interface DetailLine {
  readonly label: string
  readonly value: string
}

export interface Offer {
  readonly sensitive: boolean
  readonly lines: readonly DetailLine[]
  readonly note: string | undefined
  /** The label of the box that allows the element. */
  readonly allow: string | undefined
  readonly lists: readonly OfferedList[]
  readonly field: OfferedField | undefined
}

export interface OfferedList {
  /** The last part of the name in the form. */
  readonly member: string
  readonly label: string
  readonly options: readonly { readonly value: string; readonly label: string; readonly about: string | undefined }[]
  /** Whether the boxes are ticked when the page opens. */
  readonly isTicked: boolean
}

export interface OfferedField {
  readonly member: string
  readonly kind: 'amount' | 'date'
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly min: string | undefined
  readonly max: string | undefined
  /** What was typed, as people of another language write it; undefined where it reads the same everywhere. */
  readonly inLanguage?: (typed: string, lang: string) => string
}

export interface Answers {
  readonly isAllowed: boolean
  readonly ticked: (member: string) => readonly string[]
  readonly typed: (member: string) => string | undefined
}

export type Narrowed =
  | { outcome: 'granted'; detail: AuthorizationDetail }
  | { outcome: 'declined' }
  | { outcome: 'invalid'; problem: string }
