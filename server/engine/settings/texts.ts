import type { Schema } from '../../../sdk/types.ts'
import { settingFault } from './setting-fault.ts'

/** BCP 47, as far as its outline goes. */
const languageTag = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/

/** Line ends, controls and marks that turn the reading direction: in a name, they can make one client look like another. */
const deceptive = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/u

const longestName = 200

/** A name that people are shown. */
export function checkName(member: string, name: string): void {
  if (name.trim() === '' || name.length > longestName || deceptive.test(name)) {
    throw settingFault(member, `1 to ${longestName} characters without control characters are expected`)
  }
}

/** The same text in several languages, each once. `checkValue` looks at the texts. */
export function checkTaggedValues(
  member: string,
  values: readonly Schema<'TaggedValue'>[],
  checkValue: (member: string, value: string) => void,
): void {
  checkLanguageTags(
    member,
    values.map(({ tag }) => tag),
  )
  for (const [index, { value }] of values.entries()) checkValue(`${member}/${index}/value`, value)
}

/** BCP 47 language tags, each once. */
export function checkLanguageTags(member: string, tags: readonly string[]): void {
  if (!tags.every((tag) => languageTag.test(tag)))
    throw settingFault(member, 'BCP 47 language tags are expected, such as de or pt-BR')
  checkUnique(
    member,
    tags.map((tag) => tag.toLowerCase()),
  )
}

/** Attributes: names with a value, each once, so that nobody has to guess which of two counts. */
export function checkAttributes(member: string, attributes: readonly Schema<'Pair'>[]): void {
  checkUnique(
    member,
    attributes.map(({ key }) => key),
  )
}

/** No empty entry, and none twice. */
export function checkUnique(member: string, values: readonly string[]): void {
  if (values.includes('') || new Set(values).size < values.length) {
    throw settingFault(member, 'each entry is listed once, and none is empty')
  }
}
