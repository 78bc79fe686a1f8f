import { createHash } from 'node:crypto'
import { z } from 'zod'
import { query, statement, type Database, type Query, type Row } from './database/database.ts'

/** What a managed grant holds: a scope, a claim, or an authorization detail by its id. */
interface HeldItem {
  kind: string
  name: string
}

/** The same for one person and one client. */
interface Holder {
  subject: string
  clientId: number
}

/**
 * Part of a transaction, Grant Management for OAuth 2.0 §5.2: what a person allowed with `grant_management_action`. Which grant it is, only
 * the engine knows, and it is asked later; until then the ticket stands for it.
 */
export function* holdForTicket(
  ticket: string,
  { subject, clientId }: Holder,
  items: readonly HeldItem[],
): Generator<Query, void, Row[]> {
  for (const { kind, name } of items) {
    yield query(insertHolding, keyOf('ticket', ticket), subject, clientId, kind, name)
  }
}

/** Grant Management for OAuth 2.0 §5.2: the engine said which grant it became. What a replaced grant held, and nothing else does, has ended. */
export async function settleHoldings(
  database: Database,
  holder: Holder,
  { ticket, grantId, replaces }: { ticket: string; grantId: string; replaces: boolean },
): Promise<void> {
  const { subject, clientId } = holder
  await database.transact(function* () {
    yield query(holdApp, subject, clientId)
    const key = keyOf('grant', grantId)
    if (replaces) yield query(deleteHoldings, key)
    yield query(copyHoldings, key, keyOf('ticket', ticket))
    yield query(deleteHoldings, keyOf('ticket', ticket))
    yield* endUnheld(holder)
  })
}

/** Grant Management for OAuth 2.0 §5.2: whose grant it is, and whom it was given to; undefined for one that holds nothing. */
export async function findHolder(database: Database, grantId: string): Promise<Holder | undefined> {
  const [row] = await database.read(query(selectHolder, keyOf('grant', grantId)))
  return row && storedHolder.parse(row)
}

/** Part of a transaction, Grant Management for OAuth 2.0 §6.5: a grant was given back. Returns the rows of what nothing else holds. */
export function* endHoldings(
  grantId: string,
  holder: Holder,
): Generator<Query, { items: Row[]; details: Row[] }, Row[]> {
  yield query(holdApp, holder.subject, holder.clientId)
  yield query(deleteHoldings, keyOf('grant', grantId))
  return yield* endUnheld(holder)
}

/** Part of a transaction: the person took something back, and no grant of the client holds it any more. */
export function forgetHolding({ subject, clientId }: Holder, { kind, name }: HeldItem): Query {
  return query(deleteHolding, subject, clientId, kind, name)
}

/** Part of a transaction: the same for all that the client had. */
export function forgetHoldings({ subject, clientId }: Holder): Query {
  return query(deleteHoldingsOfApp, subject, clientId)
}

/** What stands granted now may stand in a grant without an id as well: the client was let in again without a page. */
export function holdPlainly({ subject, clientId }: Holder): Query {
  return query(markPlain, subject, clientId)
}

function* endUnheld({ subject, clientId }: Holder): Generator<Query, { items: Row[]; details: Row[] }, Row[]> {
  const items = yield query(endItems, subject, clientId)
  return { items, details: yield query(endDetails, subject, clientId) }
}

/** An id opens nothing by itself, but nobody guesses it (§5.5), so it is kept as other secrets are. */
function keyOf(what: 'ticket' | 'grant', id: string): Uint8Array {
  return createHash('sha256').update(`${what}:${id}`).digest()
}

const storedHolder = z
  .object({ subject: z.string(), client_id: z.number() })
  .transform((row): Holder => ({ subject: row.subject, clientId: row.client_id }))

const insertHolding = statement(
  'front-end.insertHolding',
  `INSERT INTO grant_holdings (grant_key, subject, client_id, kind, name) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT DO NOTHING`,
)

/** Decisions about an app wait for each other at its row. */
const holdApp = statement(
  'front-end.holdConnectedApp',
  'UPDATE connected_apps SET last_used_at = last_used_at WHERE subject = $1 AND client_id = $2',
)

const selectHolder = statement(
  'front-end.selectHolder',
  'SELECT subject, client_id FROM grant_holdings WHERE grant_key = $1 LIMIT 1',
)

const copyHoldings = statement(
  'front-end.copyHoldings',
  `INSERT INTO grant_holdings (grant_key, subject, client_id, kind, name)
   SELECT $1, subject, client_id, kind, name FROM grant_holdings WHERE grant_key = $2
   ON CONFLICT DO NOTHING`,
)

const deleteHoldings = statement('front-end.deleteHoldings', 'DELETE FROM grant_holdings WHERE grant_key = $1')

const deleteHolding = statement(
  'front-end.deleteHolding',
  'DELETE FROM grant_holdings WHERE subject = $1 AND client_id = $2 AND kind = $3 AND name = $4',
)

const deleteHoldingsOfApp = statement(
  'front-end.deleteHoldingsOfApp',
  'DELETE FROM grant_holdings WHERE subject = $1 AND client_id = $2',
)

const markPlain = statement(
  'front-end.holdPlainly',
  'UPDATE consented_items SET held_plainly = 1 WHERE subject = $1 AND client_id = $2 AND held = 1',
)

const endItems = statement(
  'front-end.endUnheldItems',
  `UPDATE consented_items SET held = 0
   WHERE subject = $1 AND client_id = $2 AND held = 1 AND held_plainly = 0
     AND NOT EXISTS (SELECT 1 FROM grant_holdings holding
                     WHERE holding.subject = consented_items.subject AND holding.client_id = consented_items.client_id
                       AND holding.kind = consented_items.kind AND holding.name = consented_items.name)
   RETURNING kind, name, held, held_until`,
)

const endDetails = statement(
  'front-end.endUnheldDetails',
  `DELETE FROM consented_details
   WHERE subject = $1 AND client_id = $2 AND held_plainly = 0
     AND NOT EXISTS (SELECT 1 FROM grant_holdings holding
                     WHERE holding.subject = consented_details.subject AND holding.client_id = consented_details.client_id
                       AND holding.kind = 'detail' AND holding.name = consented_details.detail_id)
   RETURNING detail_id, detail_json, decided_at, held_until`,
)
