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

/** RFC 7523 §3 and RFC 9449 §11.1: what identifies an assertion or a DPoP proof is accepted once. */
export function jtiVerbs(database: Database): Pick<Storage, 'useJti' | 'useDpopProof'> {
  /** A hash is kept, because a client may choose a jti of any length and of any characters. */
  async function isFirst(identity: string, serviceId: number, clientId: number, expiresAt: Date, now: Date) {
    const values = [sha256(identity), serviceId, clientId, expiresAt.getTime(), now.getTime()]
    const first = await database.write(query(use, ...values))
    return first.length > 0
  }

  return {
    useJti: (serviceId, clientId, jti, expiresAt, now) =>
      isFirst(`${serviceId} ${clientId} ${jti}`, serviceId, clientId, expiresAt, now),

    // No assertion is identified like this: all of theirs begin with a number.
    useDpopProof: (serviceId, clientId, { jkt, htu, jti, expiresAt }, now) =>
      isFirst(`dpop ${serviceId} ${jkt} ${htu} ${jti}`, serviceId, clientId, expiresAt, now),
  }
}
