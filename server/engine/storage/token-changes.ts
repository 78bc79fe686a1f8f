import type { Database } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { authorizationJson } from './authorization-json.ts'
import { bytes, optional, text, time } from './row.ts'
import type { Storage } from './storage.ts'
import { insertTokens } from './tokens.ts'

const holdGrant = statement(
  'change_access_token',
  `UPDATE grants SET access_locator = $4, access_expires_at = $5, refresh_expires_at = COALESCE($6, refresh_expires_at),
     expires_at = CASE WHEN expires_at < $7 THEN $7 ELSE expires_at END
   WHERE grant_id = $1 AND service_id = $2 AND access_locator = $3 AND revoked_at IS NULL
   RETURNING refresh_locator`,
)
const remove = statement(
  'take_access_token',
  'DELETE FROM access_tokens WHERE locator = $1 AND service_id = $2 RETURNING refreshed_at',
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
    changeAccessToken: (serviceId, locator, { accessToken, refreshTokenExpiresAt, properties }) =>
      database.transact(function* () {
        const { key, grantId, subject, expiresAt } = accessToken
        let refreshLocator: Uint8Array | undefined
        if (subject !== undefined) {
          const expiries = [expiresAt.getTime(), refreshTokenExpiresAt?.getTime() ?? null]
          const last = Math.max(...expiries.map(Number))
          // The grant says which access token lives: of a change, a refresh and a revocation, one comes first.
          const [held] = yield query(holdGrant, grantId, serviceId, locator, key.locator, ...expiries, last)
          if (!held) return false
          refreshLocator = optional(held, 'refresh_locator', bytes)
        }
        const [removed] = yield query(remove, locator, serviceId)
        if (!removed) return false
        yield* insertTokens({ accessToken }, optional(removed, 'refreshed_at', time))
        if (!properties || !refreshLocator) return true
        const [refresh] = yield query(selectRefresh, refreshLocator)
        if (!refresh) return true
        const authorization = { ...authorizationJson.read(text(refresh, 'authorization_json')), properties }
        yield query(updateRefresh, refreshLocator, authorizationJson.write(authorization))
        return true
      }),
  }
}
