import { z } from 'zod'
import { query, statement, type Database, type Query, type Row } from './database/database.ts'
import { keyOf, makeHandle } from './handle.ts'
import { completion } from './interactions.ts'

/** What a person decided about a client, with what it takes to say later what exactly was agreed to. */
export interface Consent {
  subject: string
  /** The numeric id of the client. */
  clientId: number
  requested: readonly string[]
  granted: readonly string[]
  declined: readonly string[]
  /** Claims asked for by name (OIDC Core §5.5) that were granted along. */
  claims: readonly string[]
  /** BCP 47: the language of the page. */
  locale: string
  /** SHA-256 of the sentences shown, base64url. */
  sentencesHash: string
}

/** The latest decision of a person about each scope that a client asked for, and when it was taken. */
export interface ConsentMemory {
  granted: ReadonlyMap<string, Date>
  declined: ReadonlyMap<string, Date>
  claims: ReadonlyMap<string, Date>
}

/** Finds what a person decided about a client before; undefined when it is the first time. */
export async function findConsentMemory(
  database: Database,
  subject: string,
  clientId: number,
): Promise<ConsentMemory | undefined> {
  const rows = await database.read(query(selectItems, subject, clientId))
  if (rows.length === 0) return undefined
  const items = z.array(storedItem).parse(rows)
  const datesOf = (kind: string, granted: number) =>
    new Map(
      items
        .filter((item) => item.kind === kind && item.granted === granted)
        .map((item) => [item.name, new Date(item.decided_at)]),
    )
  return { granted: datesOf('scope', 1), declined: datesOf('scope', 0), claims: datesOf('claim', 1) }
}

/** Ends an interaction without a grant; false when it was ended before. What was granted earlier stays as it was. */
export function completeInteraction(database: Database, id: string, now: Date): Promise<boolean> {
  return database.transact(function* () {
    return (yield completion(id, now)).length > 0
  })
}

/** Ends an interaction with a consent, and remembers it, at once or not at all; false when it was ended before. */
export function completeWithConsent(database: Database, id: string, consent: Consent, now: Date): Promise<boolean> {
  return database.transact(function* () {
    const isFirst = (yield completion(id, now)).length > 0
    if (isFirst) yield* remember(consent, now)
    return isFirst
  })
}

function* remember(consent: Consent, now: Date): Generator<Query, void, Row[]> {
  const { subject, clientId, requested, granted, declined, claims, locale, sentencesHash } = consent
  yield query(
    insertConsent,
    keyOf(makeHandle(now, 16)),
    subject,
    clientId,
    ...[requested, granted, declined, claims].map((names) => names.join(' ')),
    locale,
    Buffer.from(sentencesHash, 'base64url'),
    now.getTime(),
  )
  // In one order everywhere, so that two transactions never wait for each other.
  const items = [
    ...claims.map((name) => ['claim', name, 1] as const),
    ...granted.map((name) => ['scope', name, 1] as const),
    ...declined.map((name) => ['scope', name, 0] as const),
  ].sort(([kindA, nameA], [kindB, nameB]) => (`${kindA} ${nameA}` < `${kindB} ${nameB}` ? -1 : 1))
  for (const [kind, name, isGranted] of items) {
    yield query(upsertItem, subject, clientId, kind, name, isGranted, now.getTime())
  }
}

const storedItem = z.object({ kind: z.string(), name: z.string(), granted: z.number(), decided_at: z.number() })

const selectItems = statement(
  'front-end.selectConsentedItems',
  'SELECT kind, name, granted, decided_at FROM consented_items WHERE subject = $1 AND client_id = $2',
)

const insertConsent = statement(
  'front-end.insertConsent',
  `INSERT INTO consents
     (id, subject, client_id, requested, granted, declined, claims, locale, sentences_hash, decided_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
)

const upsertItem = statement(
  'front-end.upsertConsentedItem',
  `INSERT INTO consented_items (subject, client_id, kind, name, granted, decided_at) VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (subject, client_id, kind, name) DO UPDATE SET granted = excluded.granted, decided_at = excluded.decided_at`,
)
