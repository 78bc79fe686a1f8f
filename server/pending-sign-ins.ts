import { z } from 'zod'
import { hashOfBrowser } from './browser.ts'
import { query, statement, type Database } from './database/database.ts'
import { firstKeyAt, keyOf } from './handle.ts'
import type { PendingSignIn } from './identity-providers.ts'
import { interactionMs } from './interactions.ts'

/** OIDC Core §3.1.2.1: binds a sign-in with another provider to this browser, for as long as a request waits for one. */
export async function keepPendingSignIn(
  database: Database,
  browser: string,
  { provider, state, ...pending }: PendingSignIn,
): Promise<void> {
  await database.write(query(insert, keyOf(state), hashOfBrowser(browser), provider, JSON.stringify(pending)))
}

/**
 * RFC 9700 §4.4.2: the sign-in that this browser began with this provider. It counts once. Any link leads here: what was not asked for
 * ends nothing.
 */
export async function takePendingSignIn(
  database: Database,
  browser: string | undefined,
  { provider, state }: { provider: unknown; state: unknown },
  now: Date,
): Promise<PendingSignIn | undefined> {
  if (browser === undefined || typeof provider !== 'string' || typeof state !== 'string') return undefined
  const [row] = await database.write(query(take, keyOf(state), hashOfBrowser(browser), provider, oldest(now)))
  return row && { ...pendingSignIn.parse(JSON.parse(storedPending.parse(row).pending_json)), provider, state }
}

/** Deletes a slice of the sign-ins from which nobody came back; returns whether there may be more. */
export async function sweepPendingSignIns(database: Database, now: Date): Promise<boolean> {
  const rows = await database.write(query(sweep, oldest(now)))
  return rows.length > 0
}

function oldest(now: Date): Uint8Array {
  return firstKeyAt(new Date(now.getTime() - interactionMs + 1))
}

const storedPending = z.object({ pending_json: z.string() })

const pendingSignIn = z.object({
  nonce: z.string(),
  codeVerifier: z.string(),
  authenticatedAfter: z.number(),
  mustTell: z.boolean(),
  interactionId: z.string().optional(),
  returnTo: z.string().optional(),
})

const insert = statement(
  'front-end.insertPendingSignIn',
  'INSERT INTO pending_sign_ins (id, browser_hash, provider, pending_json) VALUES ($1, $2, $3, $4)',
)

const take = statement(
  'front-end.takePendingSignIn',
  `DELETE FROM pending_sign_ins WHERE id = $1 AND browser_hash = $2 AND provider = $3 AND id > $4
   RETURNING pending_json`,
)

const sweep = statement(
  'front-end.sweepPendingSignIns',
  `DELETE FROM pending_sign_ins
   WHERE id IN (SELECT id FROM pending_sign_ins WHERE id < $1 ORDER BY id LIMIT 100) RETURNING provider`,
)
