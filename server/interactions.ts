import { z } from 'zod'
import { parseAuthorizationRequest, type AuthorizationRequest } from './authorization-request.ts'
import { hashOfBrowser } from './browser.ts'
import { query, statement, type Database, type Query } from './database/database.ts'
import type { Progress } from './decision.ts'
import { firstKeyAt, keyOf, makeHandle } from './handle.ts'
import { openTicket, sealTicket } from './sealed-ticket.ts'

/** An accepted authorization request that waits for a person. The engine's ticket stays in it, and so on this server. */
export interface Interaction {
  /** What the browser is given: it stands in the address of every page of this request. */
  id: string
  request: AuthorizationRequest
  progress: Progress
  shown: ShownConsent | undefined
  expiresAt: Date
}

/** What a consent page put before a person. A decision is valid for that only. */
export interface ShownConsent {
  subject: string
  required: string[]
  optional: string[]
  implicit: string[]
  /** Claims that were asked for by name. */
  requiredClaims: string[]
  optionalClaims: string[]
  /** How many authorization details had a card. */
  details: number
  /** BCP 47: the language of the page, in which the form is read as well. */
  lang: string
  /** SHA-256 of the sentences, base64url. */
  sentencesHash: string
  /** The person was told that nothing was selected, or no scope. */
  warnedOfNothing: boolean
}

export type FoundInteraction =
  | { outcome: 'open'; interaction: Interaction }
  | { outcome: 'completed' | 'expired'; request: AuthorizationRequest }
  /** There is none such, or it belongs to another browser: nobody is told which. */
  | { outcome: 'unknown' }

/** WCAG 2.2 §2.2.1: people get twenty minutes to decide. */
export const interactionMs = 20 * 60 * 1000

/** Rows of finished requests stay a while, so that a second submit is told that it is one. */
const keptMs = 60 * 60 * 1000

/** Begins an interaction for one browser and returns its id. */
export async function beginInteraction(
  database: Database,
  request: AuthorizationRequest,
  browser: string,
  now: Date,
): Promise<string> {
  const id = makeHandle(now, 16)
  const mustChoose = request.prompts.includes('SELECT_ACCOUNT') ? 1 : 0
  const times = [now.getTime(), now.getTime() + interactionMs] as const
  const kept = JSON.stringify({ ...request, ticket: await sealTicket(request.ticket, id) })
  await database.write(query(insert, keyOf(id), hashOfBrowser(browser), kept, mustChoose, ...times))
  return id
}

/** Finds an interaction of this browser. Its pages work in the browser that began it, and in no other. */
export async function findInteraction(
  database: Database,
  id: string,
  browser: string | undefined,
  now: Date,
): Promise<FoundInteraction> {
  if (browser === undefined) return { outcome: 'unknown' }
  const [row] = await database.read(query(select, keyOf(id), hashOfBrowser(browser)))
  const stored = row && storedInteraction.parse(row)
  if (stored === undefined) return { outcome: 'unknown' }
  const kept = parseAuthorizationRequest(stored.request)
  const ticket = await openTicket(kept.ticket, id)
  if (ticket === undefined) return { outcome: 'unknown' }
  const request = { ...kept, ticket }
  if (stored.completed_at !== null) return { outcome: 'completed', request }
  if (stored.expires_at <= now.getTime()) return { outcome: 'expired', request }
  return {
    outcome: 'open',
    interaction: {
      id,
      request,
      progress: {
        authenticatedSubject: stored.authenticated_subject ?? undefined,
        mustChoose: stored.must_choose === 1,
      },
      shown: stored.shown === null ? undefined : shownConsent.parse(JSON.parse(stored.shown)),
      expiresAt: new Date(stored.expires_at),
    },
  }
}

/** Remembers that somebody authenticated for this request: that is a choice of account, too. */
export async function recordAuthentication(database: Database, id: string, subject: string): Promise<void> {
  await database.write(query(setAuthenticated, keyOf(id), subject))
}

/** Remembers whether the account is still to be chosen. */
export async function recordChoice(database: Database, id: string, mustChoose: boolean): Promise<void> {
  await database.write(query(setMustChoose, keyOf(id), mustChoose ? 1 : 0))
}

/** Remembers what a consent page put before the person. */
export async function recordShown(database: Database, id: string, shown: ShownConsent): Promise<void> {
  await database.write(query(setShown, keyOf(id), JSON.stringify(shown)))
}

/**
 * Ends an interaction, as a step of a transaction: of several submits one gets a row back, and only that one may ask the engine.
 * It comes before the engine is asked, because a request that is answered twice is worse than one that is lost.
 */
export function completion(id: string, now: Date): Query {
  return query(complete, keyOf(id), now.getTime())
}

/** Deletes a slice of what is long over; returns whether there may be more. */
export async function sweepInteractions(database: Database, now: Date): Promise<boolean> {
  const rows = await database.write(query(sweep, firstKeyAt(new Date(now.getTime() - keptMs))))
  return rows.length > 0
}

const shownConsent: z.ZodType<ShownConsent> = z.object({
  subject: z.string(),
  required: z.array(z.string()),
  optional: z.array(z.string()),
  implicit: z.array(z.string()),
  requiredClaims: z.array(z.string()),
  optionalClaims: z.array(z.string()),
  details: z.number(),
  lang: z.string(),
  sentencesHash: z.string(),
  warnedOfNothing: z.boolean(),
})

const storedInteraction = z.object({
  request: z.string(),
  must_choose: z.number(),
  authenticated_subject: z.string().nullable(),
  shown: z.string().nullable(),
  expires_at: z.number(),
  completed_at: z.number().nullable(),
})

const insert = statement(
  'front-end.insertInteraction',
  `INSERT INTO interactions (id, browser_hash, request, must_choose, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6)`,
)

const select = statement(
  'front-end.selectInteraction',
  `SELECT request, must_choose, authenticated_subject, shown, expires_at, completed_at
   FROM interactions WHERE id = $1 AND browser_hash = $2`,
)

const setAuthenticated = statement(
  'front-end.setAuthenticated',
  'UPDATE interactions SET authenticated_subject = $2, must_choose = 0 WHERE id = $1 AND completed_at IS NULL',
)

const setMustChoose = statement(
  'front-end.setMustChoose',
  'UPDATE interactions SET must_choose = $2 WHERE id = $1 AND completed_at IS NULL',
)

const setShown = statement(
  'front-end.setShown',
  'UPDATE interactions SET shown = $2 WHERE id = $1 AND completed_at IS NULL',
)

const complete = statement(
  'front-end.completeInteraction',
  `UPDATE interactions SET completed_at = $2 WHERE id = $1 AND completed_at IS NULL AND expires_at > $2
   RETURNING expires_at`,
)

const sweep = statement(
  'front-end.sweepInteractions',
  `DELETE FROM interactions WHERE id IN (SELECT id FROM interactions WHERE id < $1 ORDER BY id LIMIT 100)
   RETURNING expires_at`,
)
