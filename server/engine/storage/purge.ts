import type { Database, Statement } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { inOrder } from './in-order.ts'
import { bytes } from './row.ts'
import type { Storage } from './storage.ts'
import { accessTokensInForce, isInForce } from './tokens.ts'

/** Milliseconds for which what was used is known as such after it expired: codes, pushed requests, the `jti` of proofs and assertions. */
const minute = 60 * 1000
const hour = 60 * minute
const day = 24 * hour
/** What ends later than any setting would have it is not waited for: ten years. */
const forGood = 3650 * day

/** The grant that a refresh token belongs to, unless it is revoked, or left behind by a deleted client. */
const grantOfRefreshToken = `grants g JOIN clients c ON c.service_id = g.service_id AND c.client_id = g.client_id
       WHERE g.grant_id = refresh_tokens.grant_id AND g.revoked_at IS NULL`

// Expired rows are found on a walk by key: an index on expiry would cost every token more than the walk does.
const kinds = [
  // A ticket outlives the request that it came from; the one use of that request is counted until then.
  // As long as a ticket lives, and then some: while one is open, it must be known whether its request was used up.
  kind('pushed_requests', 'locator', hour),
  kind('tickets', 'locator', 0),
  // RFC 6749 §4.1.2: who comes late with a redeemed code still reveals a theft.
  kind('authorization_codes', 'locator', day),
  // What does not expire, or not in our days, goes when it was replaced, revoked, or left behind by a deleted client.
  kind('access_tokens', 'locator', 0, {
    // As long as there is a refresh token, its last access token is known as one that expired, and may still say what is to end.
    isOver: `NOT EXISTS (SELECT 1 FROM ${accessTokensInForce} WHERE a.locator = access_tokens.locator
       AND g.access_locator = a.locator AND g.revoked_at IS NULL AND g.refresh_ended_at IS NULL AND g.refresh_expires_at > $3)`,
    hasEnded: `NOT EXISTS (SELECT 1 FROM ${accessTokensInForce} WHERE a.locator = access_tokens.locator AND ${isInForce})`,
  }),
  // Where a refresh is just moving the end of one that is kept, that is not seen here until it is done.
  kind('refresh_tokens', 'locator', minute, {
    // The live refresh token of a grant expires when its grant says.
    isOver: `NOT EXISTS (SELECT 1 FROM ${grantOfRefreshToken}
       AND g.refresh_locator = refresh_tokens.locator AND g.refresh_expires_at > $3)`,
    // One that was replaced reveals a theft for as long as its grant is there.
    hasEnded: `NOT EXISTS (SELECT 1 FROM ${grantOfRefreshToken})`,
  }),
  // Of such a token the grant goes when neither that nor what came after it is left. Where a code waits, there was none yet.
  kind('grants', 'grant_id', 0, {
    hasEnded: `access_locator IS NOT NULL AND NOT EXISTS (SELECT 1 FROM access_tokens a WHERE a.locator = grants.access_locator)
       AND NOT EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.locator = grants.refresh_locator)`,
  }),
  // Where another process's clock is behind, what expired here is still accepted once.
  kind('used_jtis', 'locator', minute),
  // Who needs it holds it in a transaction, and makes it anew where it is gone.
  kind('single_access_tokens', 'locator', minute),
  kind('token_batches', 'request_id', 0),
]

const firstKey = Buffer.alloc(0)
const lastKey = Buffer.alloc(33, 0xff)

/** Removes what expired, in slices. */
export function purgeVerbs(database: Database): Pick<Storage, 'purgeExpired'> {
  /** How far this round came; a kind that is not here is done. */
  let round = startRound()

  return {
    async purgeExpired(now, limit) {
      for (const [kind, after] of round) {
        const [last] = await database.read(query(kind.selectSliceEnd, after, limit - 1))
        const upTo = last ? bytes(last, 'slice_end') : lastKey
        await database.transact(function* () {
          yield query(kind.removeExpired, after, upTo, now.getTime() - kind.grace)
          if (kind.removeEnded) yield query(kind.removeEnded, after, upTo, now.getTime() + forGood)
        })
        if (last) round.set(kind, upTo)
        else round.delete(kind)
      }
      if (round.size > 0) return true
      round = startRound()
      return false
    },
  }
}

function startRound(): Map<Kind, Uint8Array> {
  return new Map(kinds.map((kind) => [kind, firstKey]))
}

interface Kind {
  /** Milliseconds that its rows stay after they expired. */
  grace: number
  selectSliceEnd: Statement
  removeExpired: Statement
  /** Of what does not expire, or not in our days, what has ended. */
  removeEnded?: Statement
}

/** What else must hold of a row that goes: of one that expired, and of one that ends too late to be waited for. */
interface Conditions {
  isOver?: string
  hasEnded?: string
}

function kind(table: string, key: string, grace: number, { isOver = 'TRUE', hasEnded }: Conditions = {}): Kind {
  return {
    grace,
    selectSliceEnd: statement(
      `slice_of_${table}`,
      `SELECT ${key} AS slice_end FROM ${table} WHERE ${key} > $1 ORDER BY ${key} LIMIT 1 OFFSET $2`,
    ),
    removeExpired: statement(`purge_${table}`, removal(table, key, `expires_at <= $3 AND ${isOver}`)),
    ...(hasEnded !== undefined && {
      removeEnded: statement(`purge_ended_${table}`, removal(table, key, `expires_at > $3 AND ${hasEnded}`)),
    }),
  }
}

/** The slice stands outside, too: PostgreSQL would look through the whole table for the rows that the inner one names. */
function removal(table: string, key: string, condition: string): string {
  const slice = `${key} > $1 AND ${key} <= $2`
  return `DELETE FROM ${table} WHERE ${slice} AND ${inOrder(table, key, `${slice} AND ${condition}`)}`
}
