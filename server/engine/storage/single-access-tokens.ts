import type { Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { sha256 } from '../constant-time.ts'
import type { Grant } from './storage.ts'

const hold = statement(
  'hold_single_access_token',
  `INSERT INTO single_access_tokens (locator, expires_at) VALUES ($1, $2)
   ON CONFLICT (locator) DO UPDATE SET expires_at = excluded.expires_at`,
)
const revokeOthers = statement(
  'end_other_tokens',
  `UPDATE grants SET revoked_at = $5
   WHERE service_id = $1 AND subject = $2 AND client_id = $3 AND grant_id <> $4 AND access_locator IS NOT NULL
     AND revoked_at IS NULL`,
)

/** Whose other tokens end. */
type Pair = Pick<Grant, 'serviceId' | 'clientId' | 'grantId'> & { subject: string }

/** Part of a transaction that gives tokens, and its first step: two for one pair come one after the other, or neither would see the other. */
export function* awaitTurn({ serviceId, clientId, subject }: Pair, now: Date): Generator<Query, void, Row[]> {
  yield query(hold, sha256(JSON.stringify([serviceId, clientId, subject])), now.getTime())
}

/** Part of the same transaction: ends all other tokens of the subject and the client. Codes that wait are no tokens yet. */
export function* endOtherTokens(
  { serviceId, clientId, subject, grantId }: Pair,
  now: Date,
): Generator<Query, void, Row[]> {
  yield query(revokeOthers, serviceId, subject, clientId, grantId, now.getTime())
}
