import { setImmediate } from 'node:timers/promises'
import type { Database, Row, SqlValue } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { remainingScopes } from './grants.ts'
import { bytes, integer, optional, scopes, time } from './row.ts'
import type { ListedToken, Page, PageOf, Storage } from './storage.ts'
import { accessTokenColumns, accessTokenOf, accessTokensInForce, isInForce } from './tokens.ts'

const columns = `${accessTokenColumns}, a.refreshed_at, r.proof AS refresh_proof, r.scopes AS refresh_scopes`
// What took the place of a token has the refresh token, and a revoked grant has none.
const withRefreshToken = `LEFT JOIN refresh_tokens r ON r.locator = g.refresh_locator AND g.refresh_expires_at > $3
   AND g.access_locator = a.locator AND g.revoked_at IS NULL`

const ofSubject = `FROM grants g
   JOIN clients c ON c.service_id = g.service_id AND c.client_id = g.client_id
   JOIN access_tokens a ON a.locator = g.access_locator`
const isOfSubject = `g.service_id = $1 AND g.client_id = COALESCE($2, g.client_id) AND a.expires_at > $3
   AND g.subject = $4 AND g.revoked_at IS NULL AND a.locator < $5`
const countOfSubject = statement(
  'count_tokens_of_subject',
  `SELECT COUNT(*) AS total ${ofSubject} WHERE ${isOfSubject}`,
)
const selectOfSubject = statement(
  'list_tokens_of_subject',
  `SELECT ${columns} ${ofSubject} ${withRefreshToken} WHERE ${isOfSubject}
   ORDER BY a.locator DESC LIMIT $6 OFFSET $7`,
)

const selectSliceStart = statement(
  'token_slice_start',
  'SELECT locator FROM access_tokens WHERE locator < $1 ORDER BY locator DESC LIMIT 1 OFFSET $2',
)
const status = `CASE WHEN a.expires_at > $3 AND ${isInForce} THEN 'VALID' ELSE 'INVALID' END`
const isInSlice = `a.service_id = $1 AND a.client_id = COALESCE($2, a.client_id)
   AND (CAST($4 AS TEXT) IS NULL OR a.subject = $4) AND $5 IN ('ALL', ${status}) AND a.locator >= $6 AND a.locator < $7`
const countInSlice = statement(
  'count_tokens_in_slice',
  `SELECT COUNT(*) AS total FROM ${accessTokensInForce} WHERE ${isInSlice}`,
)
const selectInSlice = statement(
  'list_tokens_in_slice',
  `SELECT ${columns} FROM ${accessTokensInForce} ${withRefreshToken} WHERE ${isInSlice}
   ORDER BY a.locator DESC LIMIT $8 OFFSET $9`,
)

/** Rows that are looked at in one go: a few milliseconds, for which an embedded database keeps everybody waiting. */
const sliceRows = 1_000

/** Lists of access tokens, latest first. */
export function tokenListVerbs(database: Database): Pick<Storage, 'listAccessTokens'> {
  /** A subject has few valid tokens, and an index leads to them; to no others. */
  async function listOfSubject(
    subject: string,
    filter: SqlValue[],
    before: Uint8Array,
    { start, end }: Page,
  ): Promise<PageOf<ListedToken>> {
    const [[counted], rows] = await Promise.all([
      database.read(query(countOfSubject, ...filter, subject, before)),
      database.read(query(selectOfSubject, ...filter, subject, before, Math.max(0, end - start), start)),
    ])
    return { totalCount: counted ? integer(counted, 'total') : 0, items: rows.map(listedToken) }
  }

  /** All others are counted on a walk through the table: for this rare question no token pays for an index. */
  async function listAll(filter: SqlValue[], from: Uint8Array, { start, end }: Page): Promise<PageOf<ListedToken>> {
    const items: ListedToken[] = []
    let totalCount = 0
    let before = from
    while (before.length > 0) {
      const [first] = await database.read(query(selectSliceStart, before, sliceRows - 1))
      const sliceStart = first ? bytes(first, 'locator') : Buffer.alloc(0)
      const [counted] = await database.read(query(countInSlice, ...filter, sliceStart, before))
      const count = counted ? integer(counted, 'total') : 0
      const offset = Math.max(0, start - totalCount)
      const limit = end - Math.max(start, totalCount)
      if (limit > 0 && offset < count) {
        const rows = await database.read(query(selectInSlice, ...filter, sliceStart, before, limit, offset))
        items.push(...rows.map(listedToken))
      }
      totalCount += count
      before = sliceStart
      // An embedded database answers without waiting, so without this nobody else would have a turn.
      await setImmediate()
    }
    return { totalCount, items }
  }

  return {
    listAccessTokens(serviceId, { clientId, subject, before = Buffer.alloc(13, 0xff), status = 'VALID' }, page, now) {
      const filter = [serviceId, clientId ?? null, now.getTime()]
      return subject === undefined || status !== 'VALID'
        ? listAll([...filter, subject ?? null, status], before, page)
        : listOfSubject(subject, filter, before, page)
    },
  }
}

function listedToken(row: Row): ListedToken {
  const proof = optional(row, 'refresh_proof', bytes)
  const refreshedAt = optional(row, 'refreshed_at', time)
  return {
    accessToken: accessTokenOf(row),
    ...(proof && {
      refreshToken: {
        proof,
        scopes: remainingScopes(row, scopes(row, 'refresh_scopes')),
        expiresAt: time(row, 'refresh_expires_at'),
      },
    }),
    ...(refreshedAt && { refreshedAt }),
  }
}
