import { setImmediate } from 'node:timers/promises'
import type { Database, Query, Row, SqlValue, Statement } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { inOrder } from './in-order.ts'
import { bytes, integer, optional } from './row.ts'
import type { Storage } from './storage.ts'

const unrevokedOfSubject =
  'service_id = $1 AND subject = $2 AND client_id = COALESCE($3, client_id) AND revoked_at IS NULL'
const revokeOfSubject = statement(
  'revoke_grants_of_subject',
  `UPDATE grants SET revoked_at = $4
   WHERE ${inOrder('grants', 'grant_id', unrevokedOfSubject)}
   RETURNING access_expires_at AS expires_at`,
)
// The slice stands there twice, or PostgreSQL would go through the whole table for the outer one.
const [grantsOfSlice, tokensOfSlice] = ['grant_id > $1 AND grant_id <= $2', 'locator > $1 AND locator <= $2']
const ofClient = 'service_id = $3 AND client_id = $4'
const grantsOfClient = walk(
  'revoke_grants_of_client',
  'grants',
  'grant_id',
  `UPDATE grants SET revoked_at = $5
   WHERE ${grantsOfSlice} AND ${inOrder('grants', 'grant_id', `${grantsOfSlice} AND ${ofClient} AND revoked_at IS NULL`)}
   RETURNING access_expires_at AS expires_at`,
)
const ownTokensOfClient = walk(
  'remove_own_tokens_of_client',
  'access_tokens',
  'locator',
  `DELETE FROM access_tokens
   WHERE ${tokensOfSlice} AND ${inOrder('access_tokens', 'locator', `${tokensOfSlice} AND ${ofClient} AND subject IS NULL`)}
   RETURNING expires_at`,
)
const proofs = {
  access: walk('access_token_by_proof', 'access_tokens', 'locator', proofIn('access_tokens')),
  refresh: walk('refresh_token_by_proof', 'refresh_tokens', 'locator', proofIn('refresh_tokens')),
}

/** Rows that are looked at in one go: a few milliseconds, for which an embedded database keeps everybody waiting. */
const sliceRows = 1_000

/** What ends many tokens at once, and what finds one by its hash. */
export function tokenEndVerbs(database: Database): Pick<Storage, 'revokeTokens' | 'findTokenKey'> {
  /** Tokens have no index by client or by hash: for these rare questions no token pays for one. So they go through the table in slices. */
  async function walkThrough(
    { sliceEnd, step }: Walk,
    values: SqlValue[],
    isDone: (rows: Row[]) => boolean = () => false,
  ): Promise<Row[]> {
    const found: Row[] = []
    let after: Uint8Array = Buffer.alloc(0)
    for (;;) {
      const [last] = await database.read(query(sliceEnd, after, sliceRows - 1))
      const upTo = last ? bytes(last, 'slice_end') : Buffer.alloc(33, 0xff)
      // A transaction, because it is run again should it meet another one in a deadlock.
      const slice = query(step, after, upTo, ...values)
      found.push(...(await database.transact(() => only(slice))))
      if (!last || isDone(found)) return found
      after = upTo
      // An embedded database answers without waiting, so without this nobody else would have a turn.
      await setImmediate()
    }
  }

  return {
    async revokeTokens(serviceId, { clientId, subject }, now) {
      const at = now.getTime()
      if (subject !== undefined) {
        const revoke = query(revokeOfSubject, serviceId, subject, clientId ?? null, at)
        return countLive(await database.transact(() => only(revoke)), now)
      }
      if (clientId === undefined) throw new Error('tokens end by client or by subject')
      const revoked = await walkThrough(grantsOfClient, [serviceId, clientId, at])
      return countLive([...revoked, ...(await walkThrough(ownTokensOfClient, [serviceId, clientId]))], now)
    },

    async findTokenKey(serviceId, kind, proof) {
      const [row] = await walkThrough(proofs[kind], [serviceId, proof], (rows) => rows.length > 0)
      return row && { locator: bytes(row, 'locator'), proof }
    },
  }
}

function* only(statement: Query): Generator<Query, Row[], Row[]> {
  return yield statement
}

interface Walk {
  sliceEnd: Statement
  step: Statement
}

function walk(name: string, table: string, key: string, step: string): Walk {
  return {
    sliceEnd: statement(
      `walk_${table}`,
      `SELECT ${key} AS slice_end FROM ${table} WHERE ${key} > $1 ORDER BY ${key} LIMIT 1 OFFSET $2`,
    ),
    step: statement(name, step),
  }
}

function proofIn(table: string): string {
  return `SELECT locator FROM ${table} WHERE locator > $1 AND locator <= $2 AND service_id = $3 AND proof = $4`
}

function countLive(rows: Row[], now: Date): number {
  return rows.filter((row) => (optional(row, 'expires_at', integer) ?? 0) > now.getTime()).length
}
