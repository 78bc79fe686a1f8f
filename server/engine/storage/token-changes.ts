import type { Database } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { authorizationJson } from './authorization-json.ts'
import { bytes, optional, text } from './row.ts'
import type { Storage } from './storage.ts'
import { accessTokenOf, selectAccessToken } from './tokens.ts'

const holdGrant = statement(
  'change_access_token',
  `UPDATE grants SET access_locator = $4, access_expires_at = $5, refresh_expires_at = COALESCE($6, refresh_expires_at),
     expires_at = CASE WHEN expires_at < $7 THEN $7 ELSE expires_at END, token_changes = token_changes + 1
   WHERE grant_id = $1 AND service_id = $2 AND access_locator = $3 AND revoked_at IS NULL
   RETURNING refresh_locator`,
)
const holdAccess = statement(
  'hold_access_token',
  'UPDATE access_tokens SET expires_at = expires_at WHERE locator = $1 AND service_id = $2',
)
const holdGrantOf = statement(
  'hold_grant_of_access_token',
  `SELECT grant_id FROM grants
   WHERE grant_id = (SELECT grant_id FROM access_tokens WHERE locator = $1 AND service_id = $2) FOR UPDATE`,
)
// One row from beginning to end: a revocation that waits for it finds it, whatever it is called by then.
const updateAccess = statement(
  'change_access_token_record',
  `UPDATE access_tokens SET locator = $3, proof = $4, scopes = $5, authorization_json = $6, expires_at = $7
   WHERE locator = $1 AND service_id = $2 RETURNING locator`,
)
const selectRefresh = statement(
  'refresh_token_to_change',
  'SELECT authorization_json FROM refresh_tokens WHERE locator = $1',
)
const updateRefresh = statement(
  'change_refresh_token',
  'UPDATE refresh_tokens SET authorization_json = $2 WHERE locator = $1',
)

/** What the front-end changes about a token that is out. */
export function tokenChangeVerbs(database: Database): Pick<Storage, 'changeAccessToken'> {
  return {
    changeAccessToken: (serviceId, locator, change) =>
      database.transact(function* () {
        // From here to the end both rows are ours: of two changes, the second one changes what the first one left, or what a person did.
        yield query(holdAccess, locator, serviceId)
        yield query(holdGrantOf, locator, serviceId)
        const [row] = yield query(selectAccessToken, locator, serviceId)
        if (!row) return undefined
        const changed = change(accessTokenOf(row))
        if (!changed) return undefined
        const { accessToken, refreshTokenExpiresAt, refreshed } = changed
        const { key, grantId, subject, expiresAt } = accessToken
        let refreshLocator: Uint8Array | undefined
        if (subject !== undefined) {
          const expiries = [expiresAt.getTime(), refreshTokenExpiresAt?.getTime() ?? null]
          const last = Math.max(...expiries.map(Number))
          // The grant says which access token lives: of a change, a refresh and a revocation, one comes first.
          const [held] = yield query(holdGrant, grantId, serviceId, locator, key.locator, ...expiries, last)
          if (!held) return undefined
          refreshLocator = optional(held, 'refresh_locator', bytes)
        }
        const content = [
          accessToken.scopes.join(' '),
          authorizationJson.write(accessToken.authorization),
          expiresAt.getTime(),
        ]
        const [updated] = yield query(updateAccess, locator, serviceId, key.locator, key.proof, ...content)
        if (!updated) return undefined
        if (!refreshed || !refreshLocator) return changed
        const [refresh] = yield query(selectRefresh, refreshLocator)
        if (!refresh) return changed
        const authorization = { ...authorizationJson.read(text(refresh, 'authorization_json')), ...refreshed }
        yield query(updateRefresh, refreshLocator, authorizationJson.write(authorization))
        return changed
      }),
  }
}
