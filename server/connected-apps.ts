import { z } from 'zod'
import { authorizationDetail, keptClient } from './authorization-request.ts'
import type { AuthorizationDetail } from './authorization-details/registry.ts'
import type { IpClass } from './consents.ts'
import { query, statement, type Database, type Query, type Row } from './database/database.ts'
import { keyOf, makeHandle } from './handle.ts'

/** A client that a person allowed something, as it described itself the last time. */
export interface ConnectedApp {
  clientId: number
  client: z.infer<typeof keptClient>
  firstAllowedAt: Date
  lastUsedAt: Date
  /** When the access ends that the person gave last; undefined when they set no end. */
  endsAt: Date | undefined
  /** How long they let it last, in the words of the consent page. */
  duration: string | undefined
  /** Scopes and authorization details that are granted now. */
  permissions: number
  /** OIDC Core §11; undefined when it was never asked for. */
  offlineAccess: 'granted' | 'declined' | undefined
}

/** What of it is granted now, and since when. */
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

/** One line of the evidence: what was decided, or what was taken back. */
export interface ConsentRecord {
  event: 'decided' | 'skipped' | 'scope-removed' | 'detail-removed' | 'app-removed'
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
export async function listConnectedApps(database: Database, subject: string): Promise<ConnectedApp[]> {
  return (await database.read(query(selectApps, subject))).map((row) => storedApp.parse(row))
}

/** One of them; undefined for a client that this person did not allow anything. */
export async function findConnectedApp(
  database: Database,
  subject: string,
  clientId: number,
): Promise<ConnectedApp | undefined> {
  const [row] = await database.read(query(selectApp, subject, clientId))
  return row && storedApp.parse(row)
}

/** What a client may do for a person now. */
export async function findGrantedItems(database: Database, subject: string, clientId: number): Promise<GrantedItems> {
  const [items, details] = await Promise.all([
    database.read(query(selectGrantedItems, subject, clientId)),
    database.read(query(selectDetails, subject, clientId)),
  ])
  const granted = z.array(storedItem).parse(items)
  const datesOf = (...kinds: readonly string[]) =>
    new Map(granted.filter(({ kind }) => kinds.includes(kind)).map((item) => [item.name, new Date(item.decided_at)]))
  return {
    scopes: datesOf('scope', 'policy-scope'),
    dynamicScopes: datesOf('dynamic-scope'),
    claims: datesOf('claim', 'policy-claim'),
    details: details.map((row) => storedDetail.parse(row)),
  }
}

/** Everything that a person decided about a client, the latest first: it stays when the client is removed. */
export async function listConsents(database: Database, subject: string, clientId: number): Promise<ConsentRecord[]> {
  return (await database.read(query(selectConsents, subject, clientId))).map((row) => storedConsent.parse(row))
}

/** RFC 6749 §1.5: whether the access has ended that a person gave a client for a while. */
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
        ...(yield query(declinePolicyScope, subject, clientId, name, now.getTime())),
        ...(yield query(forgetDynamicScope, subject, clientId, name)),
      ]
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
    if (details.length > 0) yield recordOf('detail-removed', removal, { details }, now)
    return details.length > 0
  })
}

/** Forgets all that a person allowed a client, but for the evidence; false when that was done before. */
export function removeApp(database: Database, removal: Removal, now: Date): Promise<boolean> {
  const { subject, clientId } = removal
  return database.transact(function* () {
    const isFirst = (yield query(deleteApp, subject, clientId)).length > 0
    const items = z.array(storedItem).parse(yield query(deleteItems, subject, clientId))
    const details = yield query(deleteDetails, subject, clientId)
    const granted = items.filter((item) => item.granted === 1)
    const namesOf = (isMeant: (kind: string) => boolean) =>
      granted.filter(({ kind }) => isMeant(kind)).map(({ name }) => name)
    const isClaim = (kind: string) => kind === 'claim' || kind === 'policy-claim'
    const declined = namesOf((kind) => !isClaim(kind)).sort()
    const declinedClaims = namesOf(isClaim).sort()
    if (isFirst) yield recordOf('app-removed', removal, { declined, declinedClaims, details }, now)
    return isFirst
  })
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
    permissions: row.permissions,
    offlineAccess: row.offline_access === null ? undefined : row.offline_access === 1 ? 'granted' : 'declined',
  }))

const storedItem = z.object({ kind: z.string(), name: z.string(), granted: z.number(), decided_at: z.number() })

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
    event: z.enum(['decided', 'skipped', 'scope-removed', 'detail-removed', 'app-removed']),
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

const appsOfSubject = `
  SELECT app.client_id, app.client_json, app.first_allowed_at, app.last_used_at, app.ends_at,
    (SELECT consent.duration FROM consents consent
     WHERE consent.subject = app.subject AND consent.client_id = app.client_id AND consent.event = 'decided'
     ORDER BY consent.id DESC LIMIT 1) AS duration,
    (SELECT COUNT(*) FROM consented_items item
     WHERE item.subject = app.subject AND item.client_id = app.client_id
       AND item.kind IN ('scope', 'dynamic-scope', 'policy-scope') AND item.granted = 1) +
    (SELECT COUNT(*) FROM consented_details detail
     WHERE detail.subject = app.subject AND detail.client_id = app.client_id) AS permissions,
    (SELECT MAX(item.granted) FROM consented_items item
     WHERE item.subject = app.subject AND item.client_id = app.client_id
       AND item.kind IN ('scope', 'policy-scope') AND item.name = 'offline_access') AS offline_access
  FROM connected_apps app WHERE app.subject = $1`

const selectApps = statement(
  'front-end.selectConnectedApps',
  `${appsOfSubject} ORDER BY app.last_used_at DESC, app.client_id`,
)

const selectApp = statement('front-end.selectConnectedApp', `${appsOfSubject} AND app.client_id = $2`)

const selectGrantedItems = statement(
  'front-end.selectGrantedItems',
  `SELECT kind, name, granted, decided_at FROM consented_items
   WHERE subject = $1 AND client_id = $2 AND granted = 1 ORDER BY kind, name`,
)

const selectDetails = statement(
  'front-end.selectGrantedDetails',
  `SELECT detail_id, detail_json, decided_at FROM consented_details
   WHERE subject = $1 AND client_id = $2 ORDER BY decided_at, detail_id`,
)

const selectConsents = statement(
  'front-end.selectConsents',
  `SELECT event, decided_at, requested, granted, declined, claims, declined_claims, details_json, duration, ends_at, locale,
     sentences_hash, ip_class
   FROM consents WHERE subject = $1 AND client_id = $2 ORDER BY id DESC`,
)

const selectEnded = statement(
  'front-end.selectEndedAccess',
  'SELECT ends_at FROM connected_apps WHERE subject = $1 AND client_id = $2 AND ends_at <= $3',
)

const declineScope = statement(
  'front-end.declineScope',
  `UPDATE consented_items SET granted = 0, decided_at = $4
   WHERE subject = $1 AND client_id = $2 AND kind = 'scope' AND name = $3 AND granted = 1 RETURNING name`,
)

/** No decision of the person about this scope is there: that would have ended the policy's. */
const declinePolicyScope = statement(
  'front-end.declinePolicyScope',
  `UPDATE consented_items SET kind = 'scope', granted = 0, decided_at = $4
   WHERE subject = $1 AND client_id = $2 AND kind = 'policy-scope' AND name = $3 RETURNING name`,
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
  `DELETE FROM consented_items WHERE subject = $1 AND client_id = $2 RETURNING kind, name, granted, decided_at`,
)

const deleteDetails = statement(
  'front-end.takeBackDetails',
  `DELETE FROM consented_details WHERE subject = $1 AND client_id = $2 RETURNING detail_id, detail_json, decided_at`,
)

const insertRemoval = statement(
  'front-end.insertRemoval',
  `INSERT INTO consents
     (id, subject, client_id, event, requested, granted, declined, claims, declined_claims, details_json, locale,
      sentences_hash, ip_class, decided_at)
   VALUES ($1, $2, $3, $4, '', '', $5, '', $6, $7, $8, $9, $10, $11)`,
)
