import type { Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { sha256 } from '../constant-time.ts'
import { bytes } from './row.ts'
import type { Grant } from './storage.ts'

const hold = statement(
  'hold_single_access_token',
  `INSERT INTO single_access_tokens (locator, expires_at) VALUES ($1, $2)
   ON CONFLICT (locator) DO UPDATE SET expires_at = excluded.expires_at`,
)
const holdGrants = statement(
  'hold_grants_of_pair',
  `SELECT grant_id, access_locator FROM grants
   WHERE service_id = $1 AND subject = $2 AND client_id = $3 AND revoked_at IS NULL ORDER BY grant_id FOR UPDATE`,
)
const selectGrants = statement(
  'grants_with_tokens_of_pair',
  `SELECT grant_id FROM grants
   WHERE service_id = $1 AND subject = $2 AND client_id = $3 AND revoked_at IS NULL AND access_locator IS NOT NULL`,
)
const revoke = statement(
  'end_other_tokens',
  'UPDATE grants SET revoked_at = $2 WHERE grant_id = $1 AND revoked_at IS NULL',
)

/** Whose other tokens end. */
export type Pair = Pick<Grant, 'serviceId' | 'clientId'> & { subject: string }

/**
 * Part of a transaction that gives tokens, and its first step: two for one pair come one after the other, or neither would see the other.
 * Answers with the grants that have tokens. They are held from here on, all in one order (`inOrder`), and the pair's codes as well.
 */
export function* awaitTurn(pair: Pair, now: Date): Generator<Query, Uint8Array[], Row[]> {
  const { serviceId, clientId, subject } = pair
  yield query(hold, locatorOf(pair), now.getTime())
  const grants = yield query(holdGrants, serviceId, subject, clientId)
  return grants.filter((row) => row['access_locator'] !== null).map((row) => bytes(row, 'grant_id'))
}

/**
 * Part of a transaction that gives tokens to many pairs, and its first step: ends the others of all of them. The pairs are held in the order
 * of their locators, and then the grants of them all in the order of their ids, as everybody holds them.
 */
export function* endTokensOfAll(pairs: readonly Pair[], now: Date): Generator<Query, void, Row[]> {
  for (const locator of pairs.map(locatorOf).sort(byBytes)) yield query(hold, locator, now.getTime())
  const grantIds: Uint8Array[] = []
  for (const { serviceId, clientId, subject } of pairs) {
    const grants = yield query(selectGrants, serviceId, subject, clientId)
    grantIds.push(...grants.map((row) => bytes(row, 'grant_id')))
  }
  yield* endTokens(grantIds.sort(byBytes), now)
}

/** Part of the same transaction: ends these tokens of the subject and the client. Codes that wait are no tokens yet. */
export function* endTokens(grantIds: readonly Uint8Array[], now: Date): Generator<Query, void, Row[]> {
  for (const grantId of grantIds) yield query(revoke, grantId, now.getTime())
}

function locatorOf({ serviceId, clientId, subject }: Pair): Buffer {
  return sha256(JSON.stringify([serviceId, clientId, subject]))
}

function byBytes(one: Uint8Array, other: Uint8Array): number {
  return Buffer.compare(one, other)
}
