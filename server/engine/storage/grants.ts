import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { authorizationJson } from './authorization-json.ts'
import { forgetGrantedScopes } from './granted-scopes.ts'
import { narrowManagedGrants, removeManagedGrants } from './managed-grants.ts'
import { inOrder } from './in-order.ts'
import { bytes, integer, optional, parseScopes, text } from './row.ts'
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
   RETURNING access_expires_at`,
)
const deleteTokenWithoutSubject = statement(
  'delete_access_token_without_subject',
  `DELETE FROM access_tokens WHERE grant_id = $1 AND service_id = $2 AND subject IS NULL
   RETURNING expires_at AS access_expires_at`,
)
const selectClients = statement(
  'list_authorized_clients',
  `SELECT DISTINCT g.client_id FROM grants g
   JOIN clients c ON c.service_id = g.service_id AND c.client_id = g.client_id
   WHERE g.service_id = $1 AND g.subject = $2 AND g.revoked_at IS NULL
     AND (g.access_expires_at > $3 OR g.refresh_expires_at > $3)
   ORDER BY g.client_id`,
)
const unrevokedOfPair = 'service_id = $1 AND subject = $2 AND client_id = $3 AND revoked_at IS NULL'
const holdLive = statement(
  'hold_live_grants',
  `SELECT grant_id, scope_limits, detail_limits, access_expires_at FROM grants
   WHERE ${unrevokedOfPair} AND expires_at > $4 ORDER BY grant_id FOR UPDATE`,
)
const setLimits = statement(
  'narrow_grant',
  'UPDATE grants SET scope_limits = $2, detail_limits = $3, token_changes = token_changes + 1 WHERE grant_id = $1',
)
const revokeAll = statement(
  'end_authorization',
  `UPDATE grants SET revoked_at = $4
   WHERE ${inOrder('grants', 'grant_id', unrevokedOfPair)}
   RETURNING access_expires_at`,
)

/** Separates the lines of limits that are older than this version, which keeps one. No scope contains it, RFC 6749 §3.3, and no id of an authorization detail. */
const newline = '\n'

type GrantVerbs = 'revokeGrant' | 'listAuthorizedClients' | 'narrowGrants' | 'endAuthorization'

/** What a subject granted to a client, and took back. */
export function grantVerbs(database: Database): Pick<Storage, GrantVerbs> {
  return {
    revokeGrant: (serviceId, grantId, now) =>
      database.transact(function* () {
        const revoked = yield query(revoke, grantId, serviceId, now.getTime())
        return countLive(revoked.length > 0 ? revoked : yield query(deleteTokenWithoutSubject, grantId, serviceId), now)
      }),

    async listAuthorizedClients(serviceId, subject, now) {
      const rows = await database.read(query(selectClients, serviceId, subject, now.getTime()))
      return rows.map((row) => integer(row, 'client_id'))
    },

    // A limit only ever gets smaller, so that a later, wider narrowing gives nothing back. It is counted where it changes something: the
    // tokens that are being made of what there was before are made anew.
    narrowGrants: (serviceId, clientId, subject, left, now) =>
      database.transact(function* () {
        yield* narrowManagedGrants(serviceId, clientId, subject, left, now)
        const held = yield query(holdLive, serviceId, subject, clientId, now.getTime())
        for (const row of held) {
          const scopes = narrowed(row, 'scope_limits', left.scopes)
          const details = narrowed(row, 'detail_limits', left.details)
          if (scopes === row['scope_limits'] && details === row['detail_limits']) continue
          yield query(setLimits, bytes(row, 'grant_id'), scopes, details)
        }
        return countLive(held, now)
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

/** A column of limits once there is one more. */
function narrowed(row: Row, column: string, left: readonly string[] | undefined): string | null {
  if (!left) return optional(row, column, text) ?? null
  return namesInAll([...limitsOf(row, column), left])?.join(' ') ?? null
}

function namesInAll([first, ...others]: (readonly string[])[]): string[] | undefined {
  return first?.filter((name) => others.every((other) => other.includes(name)))
}

function limitsOf(row: Row, column: string): string[][] {
  return optional(row, column, text)?.split(newline).map(parseScopes) ?? []
}

function countLive(grants: Row[], now: Date): number {
  return grants.filter((row) => (optional(row, 'access_expires_at', integer) ?? 0) > now.getTime()).length
}
