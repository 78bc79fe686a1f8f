import { z } from 'zod'
import { authorizationDetail, keptClient } from './authorization-request.ts'
import type { AuthorizationDetail } from './authorization-details/registry.ts'
import type { IpClass } from './consents.ts'
import { query, statement, type Database, type Query, type Row } from './database/database.ts'
import { endHoldings, findHolder, forgetHolding, forgetHoldings } from './grant-holdings.ts'
import { keyOf, makeHandle } from './handle.ts'

/** A client that a person allowed something, as it described itself the last time. */
export interface ConnectedApp {
  clientId: number
  client: z.infer<typeof keptClient>
  firstAllowedAt: Date
  lastUsedAt: Date
  /** When all that was granted has ended; undefined when some of it has no end. */
  endsAt: Date | undefined
  /** How long they let it last the last time, in the words of the consent page; until when, unless they set no end. */
  duration: string | undefined
  durationEndsAt: Date | undefined
  /** Scopes and authorization details that stand granted now. */
  permissions: number
  /** OIDC Core §11; undefined when it was never asked for, or declined after access was given without the question. */
  offlineAccess: 'granted' | 'declined' | undefined
}

/** What of it stands granted now, whatever was said later, and since when. */
export interface GrantedItems {
  scopes: ReadonlyMap<string, Date>
  /** RFC 6749 §3.3: values of parameterized scopes. */
  dynamicScopes: ReadonlyMap<string, Date>
  claims: ReadonlyMap<string, Date>
  details: readonly GrantedDetail[]
}

export interface GrantedDetail {
  id: string
  detail: AuthorizationDetail
  since: Date
}

const events = ['decided', 'denied', 'skipped', 'scope-removed', 'detail-removed', 'app-removed', 'returned'] as const

/** One line of the evidence: what was decided, or what was taken back. */
export interface ConsentRecord {
  event: (typeof events)[number]
  at: Date
  /** After a removal these two are empty, and what was taken back stands under `declined`, `declinedClaims` and `details.requested`. */
  requested: string[]
  granted: string[]
  declined: string[]
  claims: string[]
  declinedClaims: string[]
  details: { requested: AuthorizationDetail[]; granted: AuthorizationDetail[] }
  duration: string
  endsAt: Date | undefined
  locale: string
  /** SHA-256 of the sentences shown, base64url. */
  sentencesHash: string
  ipClass: string
}

/** Who takes something back from whom, and what the page said that asked whether they are sure. */
export interface Removal {
  subject: string
  clientId: number
  locale: string
  /** SHA-256 of the sentences shown, base64url. */
  sentencesHash: string
  ipClass: IpClass
}

/** The clients that a person allowed something, the one used last first. */
export async function listConnectedApps(database: Database, subject: string, now: Date): Promise<ConnectedApp[]> {
  return (await database.read(query(selectApps, subject, now.getTime()))).map((row) => storedApp.parse(row))
}

/** One of them; undefined for a client that this person did not allow anything. */
export async function findConnectedApp(
  database: Database,
  subject: string,
  clientId: number,
  now: Date,
): Promise<ConnectedApp | undefined> {
  const [row] = await database.read(query(selectApp, subject, now.getTime(), clientId))
  return row && storedApp.parse(row)
}

/** What a client may do for a person now. */
export async function findGrantedItems(
  database: Database,
  subject: string,
  clientId: number,
  now: Date,
): Promise<GrantedItems> {
  const [items, details] = await Promise.all([
    database.read(query(selectHeldItems, subject, clientId, now.getTime())),
    database.read(query(selectDetails, subject, clientId, now.getTime())),
  ])
  const held = z.array(heldItem).parse(items)
  const datesOf = (wanted: string) =>
    new Map(held.filter(({ kind }) => kind === wanted).map(({ name, held_since: since }) => [name, since]))
  return {
    scopes: datesOf('scope'),
    dynamicScopes: datesOf('dynamic-scope'),
    claims: datesOf('claim'),
    details: details.map((row) => storedDetail.parse(row)),
  }
}

/** Everything that a person decided about a client, the latest first: it stays when the client is removed. */
export async function listConsents(database: Database, subject: string, clientId: number): Promise<ConsentRecord[]> {
  return (await database.read(query(selectConsents, subject, clientId))).map((row) => storedConsent.parse(row))
}

/** RFC 6749 §1.5: whether all access has ended that a person gave a client for a while. As long as some may stand, so may its refresh token. */
export async function accessHasEnded(
  database: Database,
  subject: string,
  clientId: number,
  now: Date,
): Promise<boolean> {
  return (await database.read(query(selectEnded, subject, clientId, now.getTime()))).length > 0
}

/** Takes back scopes, values of parameterized ones included; false when none of them was granted any more. */
export function removeScopes(
  database: Database,
  removal: Removal,
  names: readonly string[],
  now: Date,
): Promise<boolean> {
  const { subject, clientId } = removal
  return database.transact(function* () {
    const declined: string[] = []
    // In one order everywhere, so that two transactions never wait for each other.
    for (const name of names.toSorted()) {
      // What was a permission becomes a no with a date. Values of parameterized scopes are never remembered.
      const rows = [
        ...(yield query(declineScope, subject, clientId, name, now.getTime())),
        ...(yield query(forgetDynamicScope, subject, clientId, name)),
      ]
      yield forgetHolding(removal, { kind: 'scope', name })
      yield forgetHolding(removal, { kind: 'dynamic-scope', name })
      if (rows.length > 0) declined.push(name)
    }
    if (declined.length > 0) yield recordOf('scope-removed', removal, { declined }, now)
    return declined.length > 0
  })
}

/** RFC 9396: takes back one authorization detail; false when it was not granted any more. */
export function removeDetail(database: Database, removal: Removal, detailId: string, now: Date): Promise<boolean> {
  const { subject, clientId } = removal
  return database.transact(function* () {
    const details = yield query(deleteDetail, subject, clientId, detailId)
    yield forgetHolding(removal, { kind: 'detail', name: detailId })
    if (details.length > 0) yield recordOf('detail-removed', removal, { details }, now)
    return details.length > 0
  })
}

/** Forgets all that a person allowed a client, but for the evidence; false when that was done before. */
export function removeApp(database: Database, removal: Removal, now: Date): Promise<boolean> {
  const { subject, clientId } = removal
  return database.transact(function* () {
    const isFirst = (yield query(deleteApp, subject, clientId)).length > 0
    const items = (yield query(deleteItems, subject, clientId)).filter((row) => deletedItem.parse(row).held === 1)
    const rows = yield query(deleteDetails, subject, clientId)
    yield forgetHoldings(removal)
    if (isFirst) yield recordOf('app-removed', removal, takenBack(items, rows, now), now)
    return isFirst
  })
}

/** Grant Management for OAuth 2.0 §6.5: a client gave a grant back. It is no decision of the person, who finds it in the history. */
export async function returnGrant(database: Database, grantId: string, now: Date): Promise<void> {
  const holder = await findHolder(database, grantId)
  if (holder === undefined) return
  await database.transact(function* () {
    const { items, details } = yield* endHoldings(grantId, holder)
    // No page was shown, so there is no language and no hash.
    const returned = { ...holder, locale: '', sentencesHash: '', ipClass: '' } as const
    if (items.length + details.length > 0) yield recordOf('returned', returned, takenBack(items, details, now), now)
  })
}

/** What of it still stood: what has ended is not taken back. */
function takenBack(items: readonly Row[], details: readonly Row[], now: Date): TakenBack {
  const stands = ({ held_until: until }: z.infer<typeof heldUntil>) => until === undefined || until > now
  const held = items.map((row) => deletedItem.parse(row)).filter(stands)
  const namesOf = (isMeant: (kind: string) => boolean) =>
    held.flatMap(({ kind, name }) => (isMeant(kind) ? [name] : [])).sort()
  return {
    declined: namesOf((kind) => kind !== 'claim'),
    declinedClaims: namesOf((kind) => kind === 'claim'),
    details: details.filter((row) => stands(heldUntil.parse(row))),
  }
}

interface TakenBack {
  declined?: readonly string[]
  declinedClaims?: readonly string[]
  details?: readonly Row[]
}

function recordOf(
  event: ConsentRecord['event'],
  { subject, clientId, locale, sentencesHash, ipClass }: Removal,
  { declined = [], declinedClaims = [], details = [] }: TakenBack,
  now: Date,
): Query {
  const requested = details.map((row) => storedDetail.parse(row).detail)
  return query(
    insertRemoval,
    keyOf(makeHandle(now, 16)),
    subject,
    clientId,
    event,
    declined.join(' '),
    declinedClaims.join(' '),
    JSON.stringify({ requested, granted: [] }),
    locale,
    Buffer.from(sentencesHash, 'base64url'),
    ipClass,
    now.getTime(),
  )
}

const words = z.string().transform((text) => text.split(' ').filter((word) => word !== ''))
const time = z.number().transform((milliseconds) => new Date(milliseconds))
const end = z
  .number()
  .nullable()
  .transform((milliseconds) => (milliseconds === null ? undefined : new Date(milliseconds)))

const storedApp = z
  .object({
    client_id: z.number(),
    client_json: z.string(),
    first_allowed_at: time,
    last_used_at: time,
    ends_at: end,
    duration: z.string().nullable(),
    duration_ends_at: end,
    permissions: z.number(),
    offline_access: z.number().nullable(),
  })
  .transform((row): ConnectedApp => ({
    clientId: row.client_id,
    client: keptClient.parse(JSON.parse(row.client_json)),
    firstAllowedAt: row.first_allowed_at,
    lastUsedAt: row.last_used_at,
    endsAt: row.ends_at,
    duration: row.duration ?? undefined,
    durationEndsAt: row.duration_ends_at,
    permissions: row.permissions,
    offlineAccess: row.offline_access === null ? undefined : row.offline_access === 1 ? 'granted' : 'declined',
  }))

const heldItem = z.object({ kind: z.string(), name: z.string(), held_since: time })
const heldUntil = z.object({ held_until: end })
const deletedItem = heldUntil.extend({ kind: z.string(), name: z.string(), held: z.number() })

const storedDetail = z
  .object({ detail_id: z.string(), detail_json: z.string(), decided_at: time })
  .transform((row): GrantedDetail => ({
    id: row.detail_id,
    detail: authorizationDetail.parse(JSON.parse(row.detail_json)),
    since: row.decided_at,
  }))

const storedDetails = z.object({ requested: z.array(authorizationDetail), granted: z.array(authorizationDetail) })

const storedConsent = z
  .object({
    event: z.enum(events),
    decided_at: time,
    requested: words,
    granted: words,
    declined: words,
    claims: words,
    declined_claims: words,
    details_json: z.string(),
    duration: z.string(),
    ends_at: end,
    locale: z.string(),
    sentences_hash: z.instanceof(Uint8Array),
    ip_class: z.string(),
  })
  .transform((row): ConsentRecord => ({
    event: row.event,
    at: row.decided_at,
    requested: row.requested,
    granted: row.granted,
    declined: row.declined,
    claims: row.claims,
    declinedClaims: row.declined_claims,
    details: storedDetails.parse(JSON.parse(row.details_json)),
    duration: row.duration,
    endsAt: row.ends_at,
    locale: row.locale,
    sentencesHash: Buffer.from(row.sentences_hash).toString('base64url'),
    ipClass: row.ip_class,
  }))

/** Whether a grant still stands at a time; NULL is no end. */
const standsAt = (time: string) => `(held_until IS NULL OR held_until > ${time})`

const latestDecided = (column: string) => `
    (SELECT consent.${column} FROM consents consent
     WHERE consent.subject = app.subject AND consent.client_id = app.client_id AND consent.event = 'decided'
     ORDER BY consent.id DESC LIMIT 1)`

/** RFC 6749 §1.5: a yes without a word about offline_access: its refresh token may be alive, whatever was said about that at another time. */
const renewable = `
      SELECT 1 FROM consents earlier
      WHERE earlier.subject = app.subject AND earlier.client_id = app.client_id AND earlier.decided_at >= app.first_allowed_at
        AND earlier.event IN ('decided', 'skipped') AND (earlier.ends_at IS NULL OR earlier.ends_at > $2)
        AND (' ' || earlier.granted || ' ' || earlier.declined || ' ') NOT LIKE '% offline_access %'`

const appsOfSubject = `
  SELECT app.client_id, app.client_json, app.first_allowed_at, app.last_used_at,
    (SELECT CASE WHEN COUNT(*) = COUNT(grants.held_until) THEN MAX(grants.held_until) END
     FROM (SELECT held_until FROM consented_items
           WHERE subject = app.subject AND client_id = app.client_id AND held = 1
           UNION ALL
           SELECT held_until FROM consented_details
           WHERE subject = app.subject AND client_id = app.client_id) AS grants) AS ends_at,
    ${latestDecided('duration')} AS duration,
    ${latestDecided('ends_at')} AS duration_ends_at,
    (SELECT COUNT(*) FROM consented_items item
     WHERE item.subject = app.subject AND item.client_id = app.client_id
       AND item.kind IN ('scope', 'dynamic-scope') AND item.held = 1 AND ${standsAt('$2')}) +
    (SELECT COUNT(*) FROM consented_details detail
     WHERE detail.subject = app.subject AND detail.client_id = app.client_id AND ${standsAt('$2')}) AS permissions,
    (SELECT CASE WHEN item.held = 1 THEN 1 WHEN item.granted = 0 AND NOT EXISTS (${renewable}) THEN 0 END FROM consented_items item
     WHERE item.subject = app.subject AND item.client_id = app.client_id
       AND item.kind = 'scope' AND item.name = 'offline_access') AS offline_access
  FROM connected_apps app WHERE app.subject = $1`

const selectApps = statement(
  'front-end.selectConnectedApps',
  `${appsOfSubject} ORDER BY app.last_used_at DESC, app.client_id`,
)

const selectApp = statement('front-end.selectConnectedApp', `${appsOfSubject} AND app.client_id = $3`)

const selectHeldItems = statement(
  'front-end.selectHeldItems',
  `SELECT kind, name, held_since FROM consented_items
   WHERE subject = $1 AND client_id = $2 AND held = 1 AND ${standsAt('$3')} ORDER BY kind, name`,
)

const selectDetails = statement(
  'front-end.selectGrantedDetails',
  `SELECT detail_id, detail_json, decided_at FROM consented_details
   WHERE subject = $1 AND client_id = $2 AND ${standsAt('$3')} ORDER BY decided_at, detail_id`,
)

const selectConsents = statement(
  'front-end.selectConsents',
  `SELECT event, decided_at, requested, granted, declined, claims, declined_claims, details_json, duration, ends_at, locale,
     sentences_hash, ip_class
   FROM consents WHERE subject = $1 AND client_id = $2 ORDER BY id DESC`,
)

const selectEnded = statement(
  'front-end.selectEndedAccess',
  `SELECT app.client_id FROM connected_apps app
   WHERE app.subject = $1 AND app.client_id = $2
     AND (EXISTS (SELECT 1 FROM consented_items WHERE subject = $1 AND client_id = $2 AND held = 1)
          OR EXISTS (SELECT 1 FROM consented_details WHERE subject = $1 AND client_id = $2))
     AND NOT EXISTS (SELECT 1 FROM consented_items
                     WHERE subject = $1 AND client_id = $2 AND held = 1 AND ${standsAt('$3')})
     AND NOT EXISTS (SELECT 1 FROM consented_details WHERE subject = $1 AND client_id = $2 AND ${standsAt('$3')})`,
)

const declineScope = statement(
  'front-end.declineScope',
  `UPDATE consented_items SET granted = 0, decided_at = $4, held = 0
   WHERE subject = $1 AND client_id = $2 AND kind = 'scope' AND name = $3 AND held = 1 AND ${standsAt('$4')} RETURNING name`,
)

const forgetDynamicScope = statement(
  'front-end.forgetDynamicScope',
  `DELETE FROM consented_items
   WHERE subject = $1 AND client_id = $2 AND kind = 'dynamic-scope' AND name = $3 RETURNING name`,
)

const deleteDetail = statement(
  'front-end.takeBackDetail',
  `DELETE FROM consented_details WHERE subject = $1 AND client_id = $2 AND detail_id = $3
   RETURNING detail_id, detail_json, decided_at`,
)

const deleteApp = statement(
  'front-end.deleteConnectedApp',
  'DELETE FROM connected_apps WHERE subject = $1 AND client_id = $2 RETURNING client_id',
)

const deleteItems = statement(
  'front-end.takeBackItems',
  'DELETE FROM consented_items WHERE subject = $1 AND client_id = $2 RETURNING kind, name, held, held_until',
)

const deleteDetails = statement(
  'front-end.takeBackDetails',
  `DELETE FROM consented_details WHERE subject = $1 AND client_id = $2
   RETURNING detail_id, detail_json, decided_at, held_until`,
)

const insertRemoval = statement(
  'front-end.insertRemoval',
  `INSERT INTO consents
     (id, subject, client_id, event, requested, granted, declined, claims, declined_claims, details_json, locale,
      sentences_hash, ip_class, decided_at)
   VALUES ($1, $2, $3, $4, '', '', $5, '', $6, $7, $8, $9, $10, $11)`,
)
