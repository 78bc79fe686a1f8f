import type { Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { integer } from './row.ts'

const hold = statement(
  'hold_active_client',
  'SELECT client_id FROM clients WHERE service_id = $1 AND client_id = $2 AND locked = 0 FOR SHARE',
)

/** The client was locked or deleted since it was looked up. Nothing was kept, and nothing was spent. */
export class ClientNotActiveError extends Error {
  constructor() {
    super('the client is locked or gone')
    this.name = 'ClientNotActiveError'
  }
}

/**
 * RFC 6749 §4: SQL that holds while a client is there and not locked. The statement that begins something asks for it, and so nothing begins
 * once a lock or a deletion is committed, whatever the process remembers of the client. One row, by its primary key.
 */
export function clientIsActive(serviceId: string, clientId: string): string {
  return `EXISTS (SELECT 1 FROM clients WHERE service_id = ${serviceId} AND client_id = ${clientId} AND locked = 0)`
}

/** Refuses what such a statement did not keep, or did not find. */
export function checkKept(rows: readonly Row[]): void {
  if (rows.length === 0) throw new ClientNotActiveError()
}

/**
 * The first step of a transaction that leaves what does not expire: the client is neither locked nor deleted before its end, so that a deletion
 * finds what it has to remove. No row means that it is locked or gone already.
 */
export function* holdActiveClient(serviceId: number, clientId: number): Generator<Query, Row[], Row[]> {
  return yield query(hold, serviceId, clientId)
}

/** What the row of a code or a token, which is read with its client `c`, says of that client. */
export const clientLockedColumn = 'c.locked AS client_locked'

/** Reads `clientLockedColumn`. */
export function clientLockOf(row: Row): { clientLocked?: true } {
  return integer(row, 'client_locked') === 0 ? {} : { clientLocked: true }
}
