import type { Database } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { sha256 } from '../constant-time.ts'
import type { Storage } from './storage.ts'

const use = statement(
  'use_jti',
  `INSERT INTO used_jtis (locator, service_id, client_id, expires_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (locator) DO UPDATE SET expires_at = excluded.expires_at WHERE used_jtis.expires_at <= $5
   RETURNING locator`,
)

/** RFC 7523 §3: what identifies an assertion is accepted once. */
export function jtiVerbs(database: Database): Pick<Storage, 'useJti'> {
  return {
    async useJti(serviceId, clientId, jti, expiresAt, now) {
      // A hash, because a client may choose a jti of any length and of any characters.
      const locator = sha256(`${serviceId} ${clientId} ${jti}`)
      const values = [locator, serviceId, clientId, expiresAt.getTime(), now.getTime()]
      const first = await database.write(query(use, ...values))
      return first.length > 0
    },
  }
}
