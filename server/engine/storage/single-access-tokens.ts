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
const revoke = statement('end_other_tokens', 'UPDATE grants SET revoked_at = $2 WHERE grant_id = $1')

/** Whose other tokens end. */
type Pair = Pick<Grant, 'serviceId' | 'clientId'> & { subject: string }

/**
 * Part of a transaction that gives tokens, and its first step: two for one pair come one after the other, or neither would see the other.
 * Answers with the grants that have tokens. They are held from here on, all in one order (`inOrder`), and the pair's codes as well.
 */
export function* awaitTurn({ serviceId, clientId, subject }: Pair, now: Date): Generator<Query, Uint8Array[], Row[]> {
  yield query(hold, sha256(JSON.stringify([serviceId, clientId, subject])), now.getTime())
  const grants = yield query(holdGrants, serviceId, subject, clientId)
  return grants.filter((row) => row['access_locator'] !== null).map((row) => bytes(row, 'grant_id'))
}

/** Part of the same transaction: ends these tokens of the subject and the client. Codes that wait are no tokens yet. */
export function* endTokens(grantIds: readonly Uint8Array[], now: Date): Generator<Query, void, Row[]> {
  for (const grantId of grantIds) yield query(revoke, grantId, now.getTime())
}
