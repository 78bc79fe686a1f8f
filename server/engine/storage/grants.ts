import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { authorizationJson } from './authorization-json.ts'
import { forgetGrantedScopes } from './granted-scopes.ts'
import { narrowManagedGrants, removeManagedGrants } from './managed-grants.ts'
import { integer, optional, parseScopes, text } from './row.ts'
import type { Authorization, Grant, IssuedTokens, Remainder, Storage } from './storage.ts'

const insert = statement(
  'begin_grant',
  `INSERT INTO grants (grant_id, service_id, client_id, subject, managed_id, created_at, expires_at,
     access_locator, access_expires_at, refresh_locator, refresh_expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
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
  `UPDATE grants SET scope_limits = ${withLine('scope_limits', '$5')}, detail_limits = ${withLine('detail_limits', '$6')}
   WHERE service_id = $1 AND subject = $2 AND client_id = $3 AND revoked_at IS NULL AND expires_at > $4
   RETURNING access_expires_at`,
)
const revokeAll = statement(
  'end_authorization',
  `UPDATE grants SET revoked_at = $4
   WHERE service_id = $1 AND subject = $2 AND client_id = $3 AND revoked_at IS NULL
   RETURNING access_expires_at`,
)

/** The lines of a column with one more, if there is one and it is not the only one already. `$7` is what separates lines. */
function withLine(column: string, line: string): string {
  return `CASE WHEN CAST(${line} AS TEXT) IS NULL OR ${column} = ${line} THEN ${column}
       WHEN ${column} IS NULL THEN ${line} ELSE ${column} || $7 || ${line} END`
}

/** Separates the lines of a grant's limits. No scope contains it, RFC 6749 §3.3, and no id of an authorization detail. */
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
    narrowGrants: (serviceId, clientId, subject, left, now) =>
      database.transact(function* () {
        yield* narrowManagedGrants(serviceId, clientId, subject, left, now)
        const lines = [left.scopes, left.details].map((names) => names?.join(' ') ?? null)
        return countLive(yield query(narrow, serviceId, subject, clientId, now.getTime(), ...lines, newline), now)
      }),

    endAuthorization: (serviceId, clientId, subject, now) =>
      database.transact(function* () {
        yield* removeManagedGrants(serviceId, clientId, subject)
        const ended = yield query(revokeAll, serviceId, subject, clientId, now.getTime())
        yield* forgetGrantedScopes(serviceId, clientId, subject)
        return countLive(ended, now)
      }),
  }
}

/** Part of a transaction: the row on which everything is decided that comes of one authorization. */
export function* beginGrant(grant: Grant & { subject: string }, tokens?: IssuedTokens): Generator<Query, void, Row[]> {
  const { grantId, serviceId, clientId, subject, managedGrantId, createdAt, expiresAt } = grant
  const access = tokens?.accessToken
  const refresh = tokens?.refreshToken
  const expiries = [expiresAt, access?.expiresAt, refresh?.expiresAt].map((time) => time?.getTime() ?? 0)
  yield query(
    insert,
    ...[grantId, serviceId, clientId, subject, managedGrantId ?? null, createdAt.getTime(), Math.max(...expiries)],
    ...[access?.key.locator ?? null, access?.expiresAt.getTime() ?? null],
    ...[refresh?.key.locator ?? null, refresh?.expiresAt.getTime() ?? null],
  )
}

/** Of granted scopes, those that the subject left. The row holds the `scope_limits` of the grant. */
export function remainingScopes(row: Row, granted: readonly string[]): string[] {
  const limits = limitsOf(row, 'scope_limits')
  return granted.filter((scope) => limits.every((limit) => limit.includes(scope)))
}

/** The authorization in the row, with the details that the subject left. The row holds the `detail_limits` of its grant, too. */
export function remainingAuthorization(row: Row): Authorization {
  const authorization = authorizationJson.read(text(row, 'authorization_json'))
  const { authorizationDetails } = authorization
  const limits = limitsOf(row, 'detail_limits')
  if (!authorizationDetails || limits.length === 0) return authorization
  const remaining = authorizationDetails.filter(({ id }) => limits.every((limit) => limit.includes(id)))
  return { ...authorization, authorizationDetails: remaining }
}

/** What the subject left of the grant, whose limits are in the row; undefined where it took nothing back. */
export function remainderOf(row: Row): Remainder | undefined {
  const [scopes, details] = ['scope_limits', 'detail_limits'].map((column) => namesInAll(limitsOf(row, column)))
  return scopes || details ? { ...(scopes && { scopes }), ...(details && { details }) } : undefined
}

function namesInAll([first, ...others]: string[][]): string[] | undefined {
  return first?.filter((name) => others.every((other) => other.includes(name)))
}

function limitsOf(row: Row, column: string): string[][] {
  return optional(row, column, text)?.split(newline).map(parseScopes) ?? []
}

function countLive(grants: Row[], now: Date): number {
  return grants.filter((row) => (optional(row, 'access_expires_at', integer) ?? 0) > now.getTime()).length
}
