import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { forgetGrantedScopes } from './granted-scopes.ts'
import { integer, optional, parseScopes, scopes, text } from './row.ts'
import type { Grant, IssuedTokens, Storage } from './storage.ts'

const insert = statement(
  'begin_grant',
  `INSERT INTO grants (grant_id, service_id, client_id, subject, created_at, expires_at,
     access_locator, access_expires_at, refresh_locator, refresh_expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
)
const revoke = statement(
  'revoke_grant',
  `UPDATE grants SET revoked_at = $3 WHERE grant_id = $1 AND service_id = $2 AND revoked_at IS NULL
   RETURNING grant_id`,
)
const deleteTokenWithoutSubject = statement(
  'delete_access_token_without_subject',
  'DELETE FROM access_tokens WHERE grant_id = $1 AND service_id = $2 AND subject IS NULL',
)
const selectClients = statement(
  'list_authorized_clients',
  `SELECT DISTINCT g.client_id FROM grants g
   JOIN clients c ON c.service_id = g.service_id AND c.client_id = g.client_id
   WHERE g.service_id = $1 AND g.subject = $2 AND g.revoked_at IS NULL
     AND (g.access_expires_at > $3 OR g.refresh_expires_at > $3)
   ORDER BY g.client_id`,
)
const narrow = statement(
  'narrow_grants',
  `UPDATE grants SET scope_limits =
     CASE WHEN scope_limits IS NULL OR scope_limits = $5 THEN $5 ELSE scope_limits || $6 || $5 END
   WHERE service_id = $1 AND subject = $2 AND client_id = $3 AND revoked_at IS NULL AND expires_at > $4
   RETURNING access_expires_at`,
)
const revokeAll = statement(
  'end_authorization',
  `UPDATE grants SET revoked_at = $4
   WHERE service_id = $1 AND subject = $2 AND client_id = $3 AND revoked_at IS NULL
   RETURNING access_expires_at`,
)

/** Separates the lines of a grant's scope limits. No scope contains it, RFC 6749 §3.3. */
const newline = '\n'

type GrantVerbs = 'revokeGrant' | 'listAuthorizedClients' | 'narrowGrants' | 'endAuthorization'

/** What a subject granted to a client, and took back. */
export function grantVerbs(database: Database): Pick<Storage, GrantVerbs> {
  return {
    revokeGrant: (serviceId, grantId, now) =>
      database.transact(function* () {
        const [revoked] = yield query(revoke, grantId, serviceId, now.getTime())
        if (!revoked) yield query(deleteTokenWithoutSubject, grantId, serviceId)
      }),

    async listAuthorizedClients(serviceId, subject, now) {
      const rows = await database.read(query(selectClients, serviceId, subject, now.getTime()))
      return rows.map((row) => integer(row, 'client_id'))
    },

    // Each narrowing adds a line, so that a later, wider one gives nothing back.
    narrowGrants: (serviceId, clientId, subject, limit, now) =>
      database.transact(function* () {
        const values = [serviceId, subject, clientId, now.getTime(), limit.join(' '), newline]
        return countLive(yield query(narrow, ...values), now)
      }),

    endAuthorization: (serviceId, clientId, subject, now) =>
      database.transact(function* () {
        const ended = yield query(revokeAll, serviceId, subject, clientId, now.getTime())
        yield* forgetGrantedScopes(serviceId, clientId, subject)
        return countLive(ended, now)
      }),
  }
}

/** Part of a transaction: the row on which everything is decided that comes of one authorization. */
export function* beginGrant(grant: Grant & { subject: string }, tokens?: IssuedTokens): Generator<Query, void, Row[]> {
  const { grantId, serviceId, clientId, subject, createdAt, expiresAt } = grant
  const access = tokens?.accessToken
  const refresh = tokens?.refreshToken
  const expiries = [expiresAt, access?.expiresAt, refresh?.expiresAt].map((time) => time?.getTime() ?? 0)
  yield query(
    insert,
    ...[grantId, serviceId, clientId, subject, createdAt.getTime(), Math.max(...expiries)],
    ...[access?.key.locator ?? null, access?.expiresAt.getTime() ?? null],
    ...[refresh?.key.locator ?? null, refresh?.expiresAt.getTime() ?? null],
  )
}

/** The scopes of a token that the subject left to it. The row holds the `scope_limits` of its grant, too. */
export function remainingScopes(row: Row, column: string): string[] {
  const limits = optional(row, 'scope_limits', text)?.split(newline).map(parseScopes) ?? []
  return scopes(row, column).filter((scope) => limits.every((limit) => limit.includes(scope)))
}

function countLive(grants: Row[], now: Date): number {
  return grants.filter((row) => (optional(row, 'access_expires_at', integer) ?? 0) > now.getTime()).length
}
