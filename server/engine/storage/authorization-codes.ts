import type { Database, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { equalBytesInConstantTime } from '../constant-time.ts'
import { checkKept, clientLockedColumn, clientLockOf, holdActiveClient } from './active-clients.ts'
import { authorizationJson } from './authorization-json.ts'
import { rememberGrantedScopes } from './granted-scopes.ts'
import { beginGrant, remainingAuthorization, remainingScopes } from './grants.ts'
import { changeManagedGrant } from './managed-grants.ts'
import { spendPushedRequest } from './pushed-requests.ts'
import { bytes, choice, integer, optional, text, time } from './row.ts'
import { awaitTurn, endTokens } from './single-access-tokens.ts'
import type { Authorization, AuthorizationCode, Storage } from './storage.ts'
import { takeTicket } from './tickets.ts'
import { insertTokens } from './tokens.ts'

const insert = statement(
  'keep_authorization_code',
  `INSERT INTO authorization_codes (locator, proof, service_id, client_id, subject, grant_id,
     redirect_uri, code_challenge, code_challenge_method, authorization_json, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
)
const select = statement(
  'find_authorization_code',
  `SELECT a.proof, a.service_id, a.client_id, a.subject, a.grant_id, a.redirect_uri, a.code_challenge,
     a.code_challenge_method, a.authorization_json, a.expires_at, g.redeemed_at, g.scope_limits, g.detail_limits,
     g.refresh_ended_at, g.token_changes, ${clientLockedColumn}
   FROM authorization_codes a
   JOIN clients c ON c.service_id = a.service_id AND c.client_id = a.client_id
   JOIN grants g ON g.grant_id = a.grant_id
   WHERE a.locator = $1 AND a.service_id = $2`,
)
// The inner SELECT reads what never changes, so the outer conditions alone decide who is first.
const redeem = statement(
  'redeem_authorization_code',
  `UPDATE grants SET redeemed_at = $4, access_locator = $5, access_expires_at = $6, refresh_locator = $7,
     refresh_expires_at = $8, expires_at = CASE WHEN expires_at < $9 THEN $9 ELSE expires_at END
   WHERE grant_id = (SELECT grant_id FROM authorization_codes
                     WHERE locator = $1 AND service_id = $2 AND proof = $3 AND expires_at > $4)
     AND service_id = $2 AND redeemed_at IS NULL AND revoked_at IS NULL
     AND (refresh_ended_at IS NULL OR CAST($8 AS BIGINT) IS NULL) AND token_changes = $10
   RETURNING grant_id`,
)
const revokeIfRedeemed = statement(
  'revoke_redeemed_grant',
  `UPDATE grants SET revoked_at = COALESCE(revoked_at, $4)
   WHERE grant_id = (SELECT grant_id FROM authorization_codes WHERE locator = $1 AND service_id = $2 AND proof = $3)
     AND service_id = $2 AND redeemed_at IS NOT NULL
   RETURNING grant_id`,
)

type CodeVerbs = 'issueAuthorizationCode' | 'findAuthorizationCode' | 'redeemAuthorizationCode'

/** RFC 6749 §4.1: authorization codes, from the ticket to the tokens. */
export function authorizationCodeVerbs(database: Database): Pick<Storage, CodeVerbs> {
  return {
    issueAuthorizationCode: (issue, now) =>
      database.transact(function* () {
        const { serviceId, ticket, grant, key, code, remembered } = issue
        const client = yield* holdActiveClient(serviceId, grant.clientId)
        const spent = yield* takeTicket(serviceId, ticket, now)
        if (!spent) return 'ticket-spent'
        checkKept(client)
        // The ticket stays spent: nothing can come of it any more.
        if (spent.pushedRequest && !(yield* spendPushedRequest(serviceId, spent.pushedRequest, now))) {
          return 'request-uri-spent'
        }
        const authorization = yield* changeManagedGrant(issue, now)
        if (typeof authorization === 'string') return authorization
        const { managedGrantId } = authorization
        // The grant is there for as long as the code is, whatever was said of it.
        const expiresAt = grant.expiresAt > code.expiresAt ? grant.expiresAt : code.expiresAt
        yield* beginGrant({ ...grant, expiresAt, ...(managedGrantId !== undefined && { managedGrantId }) })
        yield query(
          insert,
          ...[key.locator, key.proof, serviceId, code.clientId, code.subject, code.grantId],
          ...[code.redirectUri ?? null, code.codeChallenge ?? null, code.codeChallengeMethod ?? null],
          ...[authorizationJson.write(authorization), expiresAtOf(code.expiresAt, authorization)],
        )
        yield* rememberGrantedScopes(grant, remembered, now)
        return 'issued'
      }),

    async findAuthorizationCode(serviceId, key) {
      const [row] = await database.read(query(select, key.locator, serviceId))
      return row && equalBytesInConstantTime(bytes(row, 'proof'), key.proof) ? authorizationCode(row) : undefined
    },

    redeemAuthorizationCode: (serviceId, key, tokens, now, changes = 0) =>
      database.transact(function* () {
        const code = [key.locator, serviceId, key.proof, now.getTime()]
        const { accessToken, refreshToken } = tokens
        const access = [accessToken.key.locator, accessToken.expiresAt.getTime()]
        const refresh = [refreshToken?.key.locator ?? null, refreshToken?.expiresAt.getTime() ?? null]
        const lastExpiry = Math.max(accessToken.expiresAt.getTime(), refreshToken?.expiresAt.getTime() ?? 0)
        const { subject } = accessToken
        const pair = tokens.endsOthers && subject !== undefined ? { ...accessToken, subject } : undefined
        const others = pair ? yield* awaitTurn(pair, now) : []
        const [redeemed] = yield query(redeem, ...code, ...access, ...refresh, lastExpiry, changes)
        if (redeemed) {
          yield* endTokens(others, now)
          yield* insertTokens(tokens)
          return { outcome: 'redeemed' }
        }
        const [replayed] = yield query(revokeIfRedeemed, ...code)
        return { outcome: replayed ? 'replayed' : 'unknown' }
      }),
  }
}

/** A code lives no longer than what it stands for. */
function expiresAtOf(expiresAt: Date, { endsAt = Infinity }: Authorization): number {
  return Math.min(expiresAt.getTime(), endsAt)
}

function authorizationCode(row: Row): AuthorizationCode {
  const redirectUri = optional(row, 'redirect_uri', text)
  const codeChallenge = optional(row, 'code_challenge', text)
  const codeChallengeMethod = optional(row, 'code_challenge_method', (row, column) =>
    choice(row, column, { S256: true, plain: true }),
  )
  const redeemedAt = optional(row, 'redeemed_at', time)
  const changes = integer(row, 'token_changes')
  const remaining = remainingAuthorization(row)
  const authorization = row['refresh_ended_at'] === null ? remaining : { ...remaining, refreshable: false }
  return {
    serviceId: integer(row, 'service_id'),
    clientId: integer(row, 'client_id'),
    subject: text(row, 'subject'),
    grantId: bytes(row, 'grant_id'),
    scopes: remainingScopes(row, authorization.scopes),
    authorization,
    ...(redirectUri !== undefined && { redirectUri }),
    ...(codeChallenge !== undefined && { codeChallenge }),
    ...(codeChallengeMethod && { codeChallengeMethod }),
    expiresAt: time(row, 'expires_at'),
    ...(redeemedAt && { redeemedAt }),
    ...(changes > 0 && { changes }),
    ...clientLockOf(row),
  }
}
