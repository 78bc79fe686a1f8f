import type { Schema } from '../../../sdk/types.ts'
import type { Database, Query, Row, SqlValue } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { equalBytesInConstantTime } from '../constant-time.ts'
import { clientIsActive, ClientNotActiveError, clientLockedColumn, clientLockOf } from './active-clients.ts'
import { authorizationJson } from './authorization-json.ts'
import { beginGrant, remainderOf, remainingAuthorization, remainingScopes } from './grants.ts'
import { awaitTurn, endTokens } from './single-access-tokens.ts'
import { bytes, choice, integer, optional, scopes, text, time } from './row.ts'
import type { AccessToken, Grant, IssuedTokens, RefreshToken, Storage } from './storage.ts'
import { TokenValueTaken } from './token-value-taken.ts'

/** What `accessTokenOf` reads, of access_tokens `a`, its client `c` and its grant `g`. */
export const accessTokenColumns = `a.locator, a.proof, a.service_id, a.client_id, a.subject, a.grant_id, a.grant_type, a.scopes,
  a.authorization_json, a.created_at, a.expires_at, g.scope_limits, g.detail_limits, g.refresh_expires_at,
  ${clientLockedColumn}`

/**
 * Access tokens that are not revoked, replaced or left behind by a deleted client; whether they expired is for the caller to see.
 * All joins are by primary key. A token without a subject is its own grant: it was deleted if it was revoked.
 */
export const accessTokensInForce = `access_tokens a
   JOIN clients c ON c.service_id = a.service_id AND c.client_id = a.client_id
   LEFT JOIN grants g ON g.grant_id = a.grant_id`
export const isInForce = '(a.subject IS NULL OR (g.access_locator = a.locator AND g.revoked_at IS NULL))'

const refreshTokenColumns = `r.locator, r.proof, r.service_id, r.client_id, r.subject, r.grant_id, r.scopes, r.authorization_json,
  r.created_at, r.expires_at, g.scope_limits, g.detail_limits, g.refresh_locator, g.refresh_expires_at, g.rotated_at,
  g.previous_refresh_locator, g.token_changes, ${clientLockedColumn}`

const insertAccessToken = statement(
  'keep_access_token',
  `INSERT INTO access_tokens (locator, proof, service_id, client_id, subject, grant_id, grant_type, scopes,
     authorization_json, created_at, expires_at, refreshed_at)
   SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 WHERE ${clientIsActive('$3', '$4')}
   ON CONFLICT (locator) DO NOTHING RETURNING locator`,
)
const selectTaken = statement('taken_access_token', 'SELECT 1 AS taken FROM access_tokens WHERE locator = $1')
const insertRefreshToken = statement(
  'keep_refresh_token',
  `INSERT INTO refresh_tokens (locator, proof, service_id, client_id, subject, grant_id, scopes,
     authorization_json, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   ON CONFLICT (locator) DO NOTHING RETURNING locator`,
)
export const selectAccessToken = statement(
  'find_access_token',
  `SELECT ${accessTokenColumns} FROM ${accessTokensInForce}
   WHERE a.locator = $1 AND a.service_id = $2 AND ${isInForce}`,
)
const selectRefreshToken = statement(
  'find_refresh_token',
  `SELECT ${refreshTokenColumns} FROM refresh_tokens r
   JOIN clients c ON c.service_id = r.service_id AND c.client_id = r.client_id
   JOIN grants g ON g.grant_id = r.grant_id
   WHERE r.locator = $1 AND r.service_id = $2 AND g.revoked_at IS NULL`,
)
const selectLiveAccessToken = statement(
  'find_live_access_token',
  `SELECT ${accessTokenColumns} FROM grants g
   JOIN clients c ON c.service_id = g.service_id AND c.client_id = g.client_id
   JOIN access_tokens a ON a.locator = g.access_locator
   WHERE g.grant_id = $1 AND g.service_id = $2 AND g.revoked_at IS NULL`,
)
const selectLiveRefreshToken = statement(
  'find_live_refresh_token',
  `SELECT ${refreshTokenColumns} FROM grants g
   JOIN clients c ON c.service_id = g.service_id AND c.client_id = g.client_id
   JOIN refresh_tokens r ON r.locator = g.refresh_locator
   WHERE g.grant_id = $1 AND g.service_id = $2 AND g.revoked_at IS NULL AND g.refresh_ended_at IS NULL`,
)
// The inner SELECT reads what never changes, so the outer conditions alone decide who is first.
const refresh = statement(
  'refresh_tokens',
  `UPDATE grants SET access_locator = $5, access_expires_at = $6, refresh_locator = COALESCE($7, refresh_locator),
     refresh_expires_at = COALESCE($8, refresh_expires_at), rotated_at = COALESCE($9, rotated_at),
     previous_refresh_locator = CASE WHEN CAST($9 AS BIGINT) IS NULL THEN previous_refresh_locator ELSE $1 END,
     expires_at = CASE WHEN expires_at < $10 THEN $10 ELSE expires_at END
   WHERE grant_id = (SELECT grant_id FROM refresh_tokens WHERE locator = $1 AND service_id = $2 AND proof = $3)
     AND service_id = $2 AND refresh_locator = $1 AND refresh_expires_at > $4 AND refresh_ended_at IS NULL
     AND revoked_at IS NULL AND token_changes = $11
   RETURNING grant_id`,
)
const revokeIfRotated = statement(
  'revoke_rotated_grant',
  `UPDATE grants SET revoked_at = COALESCE(revoked_at, $4)
   WHERE grant_id = (SELECT grant_id FROM refresh_tokens WHERE locator = $1 AND service_id = $2 AND proof = $3)
     AND service_id = $2 AND refresh_locator <> $1
     AND (previous_refresh_locator IS NULL OR previous_refresh_locator <> $1 OR rotated_at <= $5)
   RETURNING grant_id`,
)

type TokenVerbs =
  'findAccessToken' | 'findSignedAccessToken' | 'findRefreshToken' | 'findLiveTokens' | 'issueTokens' | 'refreshTokens'

/** Access and refresh tokens. */
export function tokenVerbs(database: Database): Pick<Storage, TokenVerbs> {
  return {
    async findAccessToken(serviceId, key) {
      const [row] = await database.read(query(selectAccessToken, key.locator, serviceId))
      return row && equalBytesInConstantTime(bytes(row, 'proof'), key.proof) ? accessTokenOf(row) : undefined
    },

    async findSignedAccessToken(serviceId, locator) {
      const [row] = await database.read(query(selectAccessToken, locator, serviceId))
      return row && accessTokenOf(row)
    },

    async findRefreshToken(serviceId, key) {
      const [row] = await database.read(query(selectRefreshToken, key.locator, serviceId))
      return row && equalBytesInConstantTime(bytes(row, 'proof'), key.proof) ? refreshTokenOf(row) : undefined
    },

    async findLiveTokens(serviceId, grantId) {
      const [[access], [refresh]] = await Promise.all([
        database.read(query(selectLiveAccessToken, grantId, serviceId)),
        database.read(query(selectLiveRefreshToken, grantId, serviceId)),
      ])
      return {
        ...(access && { accessToken: accessTokenOf(access) }),
        ...(refresh && { refreshToken: refreshTokenOf(refresh) }),
      }
    },

    async issueTokens(grant, tokens) {
      const { subject } = grant
      if (subject === undefined) {
        // Nothing can be added to it later, so the token alone is the grant: one row, and one round trip.
        if (tokens.refreshToken) throw new Error('a refresh token needs a subject, RFC 6749 §4.4.3')
        const [kept] = await database.write(accessTokenInsert(tokens.accessToken, null))
        if (!kept) throw whyNotKept(await database.read(takenBy(tokens.accessToken)))
        return
      }
      await database.transact(() => beginWithTokens({ ...grant, subject }, tokens))
    },

    refreshTokens: (serviceId, key, tokens, now, repeatableSince, changes = 0) =>
      database.transact(function* () {
        const { accessToken, refreshToken, keptRefreshTokenExpiresAt } = tokens
        const old = [key.locator, serviceId, key.proof, now.getTime()]
        const access = [accessToken.key.locator, accessToken.expiresAt.getTime()]
        const refreshExpiry = (refreshToken?.expiresAt ?? keptRefreshTokenExpiresAt)?.getTime() ?? null
        const rotatedAt = refreshToken ? now.getTime() : null
        const successor = [refreshToken?.key.locator ?? null, refreshExpiry, rotatedAt]
        const lastExpiry = Math.max(accessToken.expiresAt.getTime(), refreshExpiry ?? 0)
        const [refreshed] = yield query(refresh, ...old, ...access, ...successor, lastExpiry, changes)
        if (refreshed) {
          yield* insertTokens(tokens, now)
          return { outcome: 'redeemed' }
        }
        const tooLate = repeatableSince?.getTime() ?? Number.MAX_SAFE_INTEGER
        const [replayed] = yield query(revokeIfRotated, ...old, tooLate)
        return { outcome: replayed ? 'replayed' : 'unknown' }
      }),
  }
}

/**
 * Part of a transaction: keeps the tokens that their grant names already. Undoes it where a value is taken, or the client is not active any more.
 */
export function* insertTokens(tokens: IssuedTokens, refreshedAt?: Date): Generator<Query, void, Row[]> {
  yield* insertAccess(tokens.accessToken, refreshedAt)
  if (tokens.refreshToken) yield* insertRefresh(tokens.refreshToken)
}

/** Part of a transaction: keeps an access token, as `insertTokens` does. */
export function* insertAccess(token: IssuedTokens['accessToken'], refreshedAt?: Date): Generator<Query, void, Row[]> {
  const [kept] = yield accessTokenInsert(token, refreshedAt?.getTime() ?? null)
  if (!kept) throw whyNotKept(yield takenBy(token))
}

/** Part of a transaction: keeps a refresh token, as `insertTokens` does. */
export function* insertRefresh(token: NonNullable<IssuedTokens['refreshToken']>): Generator<Query, void, Row[]> {
  const [kept] = yield query(insertRefreshToken, ...tokenValues(token), ...recordValues(token))
  if (!kept) throw new TokenValueTaken('refreshToken')
}

/**
 * An access token is not kept where its value is taken, or where its client is not active any more. The value is looked for: a client that
 * was locked for a moment may be active again by now.
 */
function whyNotKept(taken: Row[]): Error {
  return taken.length > 0 ? new TokenValueTaken('accessToken') : new ClientNotActiveError()
}

function takenBy({ key }: IssuedTokens['accessToken']): Query {
  return query(selectTaken, key.locator)
}

function accessTokenInsert(token: IssuedTokens['accessToken'], refreshedAt: number | null): Query {
  return query(insertAccessToken, ...tokenValues(token), token.grantType, ...recordValues(token), refreshedAt)
}

/** Part of a transaction: begins a grant, and keeps its tokens. */
function* beginWithTokens(grant: Grant & { subject: string }, tokens: IssuedTokens): Generator<Query, void, Row[]> {
  const others = tokens.endsOthers ? yield* awaitTurn(grant, grant.createdAt) : []
  yield* beginGrant(grant, tokens)
  yield* endTokens(others, grant.createdAt)
  yield* insertTokens(tokens)
}

type AnyToken = Pick<
  AccessToken,
  'key' | 'serviceId' | 'clientId' | 'subject' | 'grantId' | 'scopes' | 'authorization' | 'createdAt' | 'expiresAt'
>

function tokenValues({ key, serviceId, clientId, subject, grantId }: AnyToken): SqlValue[] {
  return [key.locator, key.proof, serviceId, clientId, subject ?? null, grantId]
}

function recordValues({ scopes, authorization, createdAt, expiresAt }: AnyToken): SqlValue[] {
  return [scopes.join(' '), authorizationJson.write(authorization), createdAt.getTime(), expiresAt.getTime()]
}

/** Reads the columns of `accessTokenColumns`. */
export function accessTokenOf(row: Row): AccessToken {
  const subject = optional(row, 'subject', text)
  const refreshTokenExpiresAt = optional(row, 'refresh_expires_at', time)
  const remainder = remainderOf(row)
  return {
    key: { locator: bytes(row, 'locator'), proof: bytes(row, 'proof') },
    serviceId: integer(row, 'service_id'),
    clientId: integer(row, 'client_id'),
    ...(subject !== undefined && { subject }),
    grantId: bytes(row, 'grant_id'),
    grantType: choice(row, 'grant_type', grantTypes),
    scopes: remainingScopes(row, scopes(row, 'scopes')),
    authorization: remainingAuthorization(row),
    createdAt: time(row, 'created_at'),
    expiresAt: time(row, 'expires_at'),
    ...(refreshTokenExpiresAt && { refreshTokenExpiresAt }),
    ...(remainder && { remainder }),
    ...clientLockOf(row),
  }
}

function refreshTokenOf(row: Row): RefreshToken {
  const isCurrent = equalBytesInConstantTime(bytes(row, 'refresh_locator'), bytes(row, 'locator'))
  const rotatedAt = optional(row, 'rotated_at', time)
  const previous = optional(row, 'previous_refresh_locator', bytes)
  const changes = integer(row, 'token_changes')
  return {
    key: { locator: bytes(row, 'locator'), proof: bytes(row, 'proof') },
    serviceId: integer(row, 'service_id'),
    clientId: integer(row, 'client_id'),
    subject: text(row, 'subject'),
    grantId: bytes(row, 'grant_id'),
    scopes: remainingScopes(row, scopes(row, 'scopes')),
    authorization: remainingAuthorization(row),
    createdAt: time(row, 'created_at'),
    expiresAt: time(row, isCurrent ? 'refresh_expires_at' : 'expires_at'),
    ...(!isCurrent && rotatedAt && { rotatedAt }),
    ...(!isCurrent && previous && { isPredecessor: equalBytesInConstantTime(previous, bytes(row, 'locator')) }),
    ...(changes > 0 && { changes }),
    ...clientLockOf(row),
  }
}

const grantTypes: Record<Schema<'GrantType'>, true> = {
  AUTHORIZATION_CODE: true,
  IMPLICIT: true,
  PASSWORD: true,
  CLIENT_CREDENTIALS: true,
  REFRESH_TOKEN: true,
  CIBA: true,
  DEVICE_CODE: true,
  TOKEN_EXCHANGE: true,
  JWT_BEARER: true,
  PRE_AUTHORIZED_CODE: true,
}
