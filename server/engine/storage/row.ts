import type { Row } from '../../database/database.ts'

// A column that is not of the type asked for is a bug in a statement, and throws.

export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw wrongType(column, 'text')
  return value
}

export function integer(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw wrongType(column, 'an integer')
  return value
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column]
  if (!(value instanceof Uint8Array)) throw wrongType(column, 'bytes')
  return value
}

/** A time, kept as milliseconds since 1970. */
export function time(row: Row, column: string): Date {
  return new Date(integer(row, column))
}

/** RFC 6749 §3.3: a list of scopes, separated by spaces. */
export function scopes(row: Row, column: string): string[] {
  return parseScopes(text(row, column))
}

export function parseScopes(list: string): string[] {
  return list === '' ? [] : list.split(' ')
}

/** One of a closed set of words. */
export function choice<Choice extends string>(row: Row, column: string, choices: Record<Choice, true>): Choice {
  const value = text(row, column)
  if (!isChoice(value, choices)) throw wrongType(column, 'one of ' + Object.keys(choices).join(', '))
  return value
}

export function isChoice<Choice extends string>(value: string, choices: Record<Choice, true>): value is Choice {
  return Object.hasOwn(choices, value)
}

/** What a reader makes of a column, or undefined where the column is NULL. */
export function optional<Value>(
  row: Row,
  column: string,
  read: (row: Row, column: string) => Value,
): Value | undefined {
  return row[column] === null ? undefined : read(row, column)
}

function wrongType(column: string, expected: string): TypeError {
  return new TypeError(`column ${column} is not ${expected}`)
}
