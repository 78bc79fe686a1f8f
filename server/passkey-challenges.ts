import { hashOfBrowser } from './browser.ts'
import { query, statement, type Database } from './database/database.ts'
import { firstKeyAt, keyOf, makeHandle } from './handle.ts'

/** What a challenge is good for: it is answered in the browser that was given it, for the same purpose. */
export interface ChallengePurpose {
  browser: string
  /** Whom a new passkey is for; undefined for a sign-in. */
  subject: string | undefined
}

/** WebAuthn §13.4.3: how long a person may take to answer, in milliseconds. */
export const challengeMs = 5 * 60 * 1000

/** WebAuthn §13.4.3: a new challenge, random and kept on this server until it is answered. */
export async function issueChallenge(
  database: Database,
  { browser, subject = '' }: ChallengePurpose,
  now: Date,
): Promise<string> {
  const challenge = makeHandle(now, 32)
  await database.write(query(insert, keyOf(challenge), hashOfBrowser(browser), subject))
  return challenge
}

/** WebAuthn §13.4.3: spends a challenge; returns whether it was ours, for this purpose, in time, and never answered before. */
export async function redeemChallenge(
  database: Database,
  challenge: string,
  { browser, subject = '' }: ChallengePurpose,
  now: Date,
): Promise<boolean> {
  const rows = await database.write(query(redeem, keyOf(challenge), hashOfBrowser(browser), subject, oldest(now)))
  return rows.length === 1
}

/** Deletes a slice of the challenges that nobody answered in time; returns whether there may be more. */
export async function sweepChallenges(database: Database, now: Date): Promise<boolean> {
  const rows = await database.write(query(sweep, oldest(now)))
  return rows.length > 0
}

/** Where the keys begin of those that can still be answered: five minutes old is too old. */
function oldest(now: Date): Uint8Array {
  return firstKeyAt(new Date(now.getTime() - challengeMs + 1))
}

const insert = statement(
  'front-end.insertPasskeyChallenge',
  'INSERT INTO passkey_challenges (id, browser_hash, subject) VALUES ($1, $2, $3)',
)

const redeem = statement(
  'front-end.redeemPasskeyChallenge',
  'DELETE FROM passkey_challenges WHERE id = $1 AND browser_hash = $2 AND subject = $3 AND id > $4 RETURNING subject',
)

const sweep = statement(
  'front-end.sweepPasskeyChallenges',
  `DELETE FROM passkey_challenges
   WHERE id IN (SELECT id FROM passkey_challenges WHERE id < $1 ORDER BY id LIMIT 100) RETURNING subject`,
)
