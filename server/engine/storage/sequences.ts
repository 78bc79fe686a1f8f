import type { Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { integer } from './row.ts'

const advance = statement(
  'next_number',
  `INSERT INTO sequences (name, value) VALUES ($1, 1)
   ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1 RETURNING value`,
)

/** Part of a transaction: the next number of a kind, from 1. A number that was given is never given again. */
export function* nextNumber(kind: 'service' | 'client'): Generator<Query, number, Row[]> {
  const [row] = yield query(advance, kind)
  if (!row) throw new Error('the sequence did not advance')
  return integer(row, 'value')
}
