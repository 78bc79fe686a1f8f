import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { scopes, time } from './row.ts'
import type { Storage } from './storage.ts'

const remember = statement(
  'remember_granted_scopes',
  `INSERT INTO granted_scopes (service_id, client_id, subject, latest, merged, modified_at)
   VALUES ($1, $2, $3, $4, $4, $5)
   ON CONFLICT (service_id, client_id, subject)
   DO UPDATE SET latest = excluded.latest, modified_at = excluded.modified_at RETURNING merged`,
)
const updateMerged = statement(
  'merge_granted_scopes',
  'UPDATE granted_scopes SET merged = $4 WHERE service_id = $1 AND client_id = $2 AND subject = $3',
)
const select = statement(
  'find_granted_scopes',
  'SELECT latest, merged, modified_at FROM granted_scopes WHERE service_id = $1 AND client_id = $2 AND subject = $3',
)
const remove = statement(
  'delete_granted_scopes',
  'DELETE FROM granted_scopes WHERE service_id = $1 AND client_id = $2 AND subject = $3 RETURNING subject',
)

/** The memory of what a subject granted to a client. */
export function grantedScopeVerbs(database: Database): Pick<Storage, 'findGrantedScopes' | 'deleteGrantedScopes'> {
  return {
    async findGrantedScopes(serviceId, clientId, subject) {
      const [row] = await database.read(query(select, serviceId, clientId, subject))
      return (
        row && { latest: scopes(row, 'latest'), merged: scopes(row, 'merged'), modifiedAt: time(row, 'modified_at') }
      )
    },

    async deleteGrantedScopes(serviceId, clientId, subject) {
      const rows = await database.write(query(remove, serviceId, clientId, subject))
      return rows.length > 0
    },
  }
}

/** Part of a transaction: what was granted now becomes the latest, and is added to what was ever granted. */
export function* rememberGrantedScopes(
  { serviceId, clientId, subject }: { serviceId: number; clientId: number; subject: string },
  granted: readonly string[],
  now: Date,
): Generator<Query, void, Row[]> {
  // From here to the end of the transaction the row is ours, so nobody adds to it between these two statements.
  const [row] = yield query(remember, serviceId, clientId, subject, granted.join(' '), now.getTime())
  const known = row ? scopes(row, 'merged') : []
  const merged = new Set([...known, ...granted])
  if (merged.size > known.length) yield query(updateMerged, serviceId, clientId, subject, [...merged].join(' '))
}

/** Part of a transaction: erases the memory. */
export function* forgetGrantedScopes(
  serviceId: number,
  clientId: number,
  subject: string,
): Generator<Query, void, Row[]> {
  yield query(remove, serviceId, clientId, subject)
}
