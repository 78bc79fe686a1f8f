import { ApiFault } from './api-fault.ts'
import type { Context } from './context.ts'
import type { Page } from './storage/storage.ts'

/** Entries of one page at most: a list is read in pages, not at once. */
const largestPage = 1_000

/** What the contract says when a list is not told where to begin and to end. */
const defaultPage: Page = { start: 0, end: 5 }

/** The page that a list is asked for: `start` inclusive, `end` exclusive. */
export function pageOf({ query }: Context): Page {
  return checkPage({ start: numberOf(query, 'start'), end: numberOf(query, 'end') })
}

/** Fills in what is left out. */
export function checkPage({
  start = defaultPage.start,
  end,
}: {
  start?: number | undefined
  end?: number | undefined
}): Page {
  const page = { start, end: end ?? start + defaultPage.end }
  if (page.end < start || page.end - start > largestPage) {
    throw new ApiFault(400, 'A901207', `end is expected to be start or up to ${largestPage} more`)
  }
  return page
}

/** A query parameter; empty counts as left out. */
export function textOf({ query }: Context, name: string): string | undefined {
  const [value, ...others] = query.getAll(name)
  if (others.length > 0) throw new ApiFault(400, 'A901207', `the query parameter ${name} is sent more than once`)
  if (value?.includes('\0')) throw new ApiFault(400, 'A901207', `the query parameter ${name} holds the character NUL`)
  return value === '' ? undefined : value
}

/** A query parameter that is true or false; false when it is left out. */
export function flagOf(context: Context, name: string): boolean {
  const text = textOf(context, name) ?? 'false'
  if (text !== 'true' && text !== 'false') {
    throw new ApiFault(400, 'A901207', `the query parameter ${name} is expected to be true or false`)
  }
  return text === 'true'
}

/** The subject that the path or the query names, as the contract writes subjects. */
export function subjectOf(context: Context): string {
  const subject = context.path['subject'] ?? textOf(context, 'subject')
  if (subject === undefined) throw new ApiFault(400, 'A901207', 'the query parameter subject is missing')
  if (!/^[\x20-\x7E]{1,100}$/.test(subject)) {
    throw new ApiFault(400, 'A901207', 'subject is expected to be 1 to 100 printable ASCII characters')
  }
  return subject
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const [text, ...others] = query.getAll(name)
  if (text === undefined || (text === '' && others.length === 0)) return undefined
  if (others.length > 0 || !/^\d{1,9}$/.test(text)) {
    throw new ApiFault(400, 'A901207', `the query parameter ${name} is expected to be a number, 0 or more, sent once`)
  }
  return Number(text)
}
