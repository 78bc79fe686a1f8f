import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { equalBytesInConstantTime } from '../constant-time.ts'
import type { HandleKey } from '../handle.ts'
import { checkKept, clientIsActive } from './active-clients.ts'
import { bytes, integer, optional, text, time } from './row.ts'
import type { PushedRequest, Storage } from './storage.ts'

const columns = 'locator, proof, service_id, client_id, parameters, expires_at, spent_at'

const insert = statement(
  'keep_pushed_request',
  `INSERT INTO pushed_requests (${columns}) SELECT $1, $2, $3, $4, $5, $6, $7
   WHERE ${clientIsActive('$3', '$4')} RETURNING locator`,
)
const select = statement(
  'find_pushed_request',
  `SELECT ${columns} FROM pushed_requests WHERE locator = $1 AND service_id = $2`,
)
const spend = statement(
  'spend_pushed_request',
  `UPDATE pushed_requests SET spent_at = $4
   WHERE locator = $1 AND service_id = $2 AND proof = $3 AND spent_at IS NULL RETURNING locator`,
)

/** RFC 9126: pushed authorization requests. */
export function pushedRequestVerbs(database: Database): Pick<Storage, 'keepPushedRequest' | 'findPushedRequest'> {
  return {
    async keepPushedRequest({ key, serviceId, clientId, parameters, expiresAt, spentAt }) {
      const [expires, spent] = [expiresAt.getTime(), spentAt?.getTime() ?? null]
      const values = [key.locator, key.proof, serviceId, clientId, parameters, expires, spent]
      checkKept(await database.write(query(insert, ...values)))
    },

    async findPushedRequest(serviceId, key) {
      const [row] = await database.read(query(select, key.locator, serviceId))
      return row && equalBytesInConstantTime(bytes(row, 'proof'), key.proof) ? pushedRequest(row) : undefined
    },
  }
}

/**
 * Part of a transaction, RFC 9126 §7.3: whether this was the one use of the request. It may have expired meanwhile: it was valid
 * when the person was shown it, and reading takes time.
 */
export function* spendPushedRequest(serviceId: number, key: HandleKey, now: Date): Generator<Query, boolean, Row[]> {
  const rows = yield query(spend, key.locator, serviceId, key.proof, now.getTime())
  return rows.length > 0
}

function pushedRequest(row: Row): PushedRequest {
  const spentAt = optional(row, 'spent_at', time)
  return {
    key: { locator: bytes(row, 'locator'), proof: bytes(row, 'proof') },
    serviceId: integer(row, 'service_id'),
    clientId: integer(row, 'client_id'),
    parameters: text(row, 'parameters'),
    expiresAt: time(row, 'expires_at'),
    ...(spentAt && { spentAt }),
  }
}
