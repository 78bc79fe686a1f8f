import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import type { Duration } from './access-duration.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { nameDetails, type AuthorizationDetail } from './authorization-details/registry.ts'
import { query, statement, type Database, type Query, type Row } from './database/database.ts'
import { holdForTicket, holdPlainly } from './grant-holdings.ts'
import { keyOf, makeHandle } from './handle.ts'
import { completion } from './interactions.ts'
import { requestedClaims } from './requested-claims.ts'

/** What a person decided about a client, with what it takes to say later what exactly was agreed to. */
export interface Consent {
  subject: string
  client: AuthorizationRequest['client']
  /** Where the answer went; undefined when only the engine knows. */
  redirectUri: string | undefined
  requested: readonly string[]
  granted: readonly string[]
  declined: readonly string[]
  /** Which of these are values of parameterized scopes: evidence, and nothing that is granted again from memory. */
  dynamicScopes: readonly string[]
  /** Claims asked for by name (OIDC Core §5.5) that were granted along. */
  claims: readonly string[]
  declinedClaims: readonly string[]
  /** RFC 9396: what was asked for, and what came of it. */
  requestedDetails: readonly AuthorizationDetail[]
  details: readonly AuthorizationDetail[]
  /** RFC 8707: where it may be used; none is anywhere. */
  resources: readonly string[]
  /** Grant Management for OAuth 2.0, replace: what was allowed before is asked about again. */
  replaces: boolean
  /** Grant Management for OAuth 2.0: the ticket, where the engine will say which managed grant it becomes. */
  managedTicket?: string
  duration: Duration
  /** When that ends; undefined when the person set no end. */
  endsAt: Date | undefined
  ipClass: IpClass
  /** BCP 47: the language of the page. */
  locale: string
  /** SHA-256 of the sentences shown, base64url. */
  sentencesHash: string
}

/** Where a decision came from, as coarse as evidence allows. */
export type IpClass = 'loopback' | 'private' | 'public' | ''

/** The latest decision of a person about one scope or claim. */
export interface ItemDecision {
  kind: 'scope' | 'claim'
  name: string
  isGranted: boolean
  at: Date
  /** When the duration ends that the person chose with their yes; undefined when they set no end. */
  endsAt: Date | undefined
  /** RFC 8707: what they said yes for; none is any resource. */
  resources: readonly string[]
}

/** The decisions that count for a request, and when each was taken. */
export interface ConsentMemory {
  granted: ReadonlyMap<string, Date>
  declined: ReadonlyMap<string, Date>
  claims: ReadonlyMap<string, Date>
  declinedClaims: ReadonlyMap<string, Date>
  /** The earliest end of what the request asks for; undefined when none of it has one. */
  endsAt: Date | undefined
}

/** Finds what a person decided about a client before. Values of parameterized scopes are not among it. */
export async function findDecisions(database: Database, subject: string, clientId: number): Promise<ItemDecision[]> {
  return z.array(storedDecision).parse(await database.read(query(selectDecisions, subject, clientId)))
}

/**
 * What of the decisions counts for a request now; undefined when there are none. A yes has an end of its own and was said for some
 * resources or for any. Of two memories, ours and the engine's, a scope must be in both: `engineGrants` is undefined when the engine
 * forgot the grant, or never knew it.
 */
export function liveMemory(
  decisions: readonly ItemDecision[],
  engineGrants: readonly string[] | undefined | 'not-told',
  request: AuthorizationRequest,
  now: Date,
): ConsentMemory | undefined {
  if (decisions.length === 0) return undefined
  const isKnownToEngine = ({ kind, name }: ItemDecision) =>
    engineGrants === 'not-told' || (engineGrants !== undefined && (kind === 'claim' || engineGrants.includes(name)))
  const live = decisions.filter(
    (decision) =>
      decision.isGranted &&
      (decision.endsAt === undefined || decision.endsAt > now) &&
      coversResources(decision, request.resources) &&
      isKnownToEngine(decision),
  )
  const declined = decisions.filter(({ isGranted }) => !isGranted)
  return {
    granted: datesOf(live, 'scope'),
    declined: datesOf(declined, 'scope'),
    claims: datesOf(live, 'claim'),
    declinedClaims: datesOf(declined, 'claim'),
    endsAt: earliestEnd(live, request),
  }
}

/** RFC 8707 §2: a request that names no resource is for any, and that is more than some. */
function coversResources({ resources }: ItemDecision, requested: readonly string[]): boolean {
  return resources.length === 0 || (requested.length > 0 && requested.every((resource) => resources.includes(resource)))
}

function datesOf(decisions: readonly ItemDecision[], kind: ItemDecision['kind']): Map<string, Date> {
  return new Map(decisions.filter((decision) => decision.kind === kind).map(({ name, at }) => [name, at]))
}

function earliestEnd(live: readonly ItemDecision[], request: AuthorizationRequest): Date | undefined {
  const asked = { scope: request.scopes, claim: requestedClaims(request) }
  return live
    .filter(({ kind, name }) => asked[kind].some((item) => item.name === name))
    .flatMap(({ endsAt }) => endsAt ?? [])
    .reduce<Date | undefined>((one, other) => (one === undefined || other < one ? other : one), undefined)
}

/** Writes down that a client was let in again without a page. */
export async function recordUse(database: Database, subject: string, clientId: number, now: Date): Promise<void> {
  await database.transact(function* () {
    yield query(touchApp, subject, clientId, now.getTime())
    yield holdPlainly({ subject, clientId })
  })
}

/** Whether the person ever decided about a client themselves: allowed or denied it something, or took something back. */
export async function hasDecided(database: Database, subject: string, clientId: number): Promise<boolean> {
  return (await database.read(query(selectDecision, subject, clientId))).length > 0
}

/** What the policy of the house gave to one of its own clients, without asking the person. */
export interface PolicyGrant {
  subject: string
  client: AuthorizationRequest['client']
  redirectUri: string | undefined
  scopes: readonly string[]
  claims: readonly string[]
}

/**
 * Writes down what was given without a page, so that the person finds it under "connected apps" and can take it back. It is no memory of
 * theirs: when the policy goes, they are asked.
 */
export async function recordPolicyGrant(database: Database, grant: PolicyGrant, now: Date): Promise<void> {
  const { subject, client, redirectUri, scopes, claims } = grant
  const { clientId } = client
  await database.transact(function* () {
    yield query(upsertApp, subject, clientId, JSON.stringify({ ...client, redirectUri }), now.getTime())
    const items = [
      ...claims.toSorted().map((name) => ['claim', name] as const),
      ...scopes.toSorted().map((name) => ['scope', name] as const),
    ]
    let isNew = false
    for (const [kind, name] of items) {
      isNew = (yield query(holdByPolicy, subject, clientId, kind, name, now.getTime())).length > 0 || isNew
    }
    yield holdPlainly({ subject, clientId })
    if (!isNew) return
    const lists = [scopes, scopes, claims].map((names) => names.join(' '))
    yield query(insertSkipped, keyOf(makeHandle(now, 16)), subject, clientId, ...lists, noHash, now.getTime())
  })
}

/** The class of an address: enough to see that a decision came from elsewhere, too little to follow anybody. */
export function ipClassOf(address: string | undefined): IpClass {
  const version = isIP(address ?? '')
  if (address === undefined || version === 0) return ''
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (loopback.check(address, family)) return 'loopback'
  return privateNetworks.check(address, family) ? 'private' : 'public'
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291. */
const privateNetworks = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  privateNetworks.addSubnet(network, bits, 'ipv4')
}
privateNetworks.addSubnet('fc00::', 7, 'ipv6')
privateNetworks.addSubnet('fe80::', 10, 'ipv6')

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

/** Ends an interaction with a no, and writes it down, at once or not at all; false when it was ended before. Earlier decisions stay. */
export function completeWithDenial(database: Database, id: string, denial: Consent, now: Date): Promise<boolean> {
  return database.transact(function* () {
    const isFirst = (yield completion(id, now)).length > 0
    if (isFirst) yield evidenceOf('denied', denial, now)
    return isFirst
  })
}

function evidenceOf(event: 'decided' | 'denied', consent: Consent, now: Date): Query {
  const { subject, client, requested, granted, declined, claims, declinedClaims } = consent
  const { requestedDetails, details, duration, endsAt, ipClass, locale, sentencesHash } = consent
  return query(
    insertConsent,
    keyOf(makeHandle(now, 16)),
    subject,
    client.clientId,
    ...[requested, granted, declined, claims].map((names) => names.join(' ')),
    locale,
    Buffer.from(sentencesHash, 'base64url'),
    now.getTime(),
    declinedClaims.join(' '),
    JSON.stringify({ requested: requestedDetails, granted: details }),
    duration,
    endsAt?.getTime() ?? null,
    ipClass,
    event,
  )
}

function* remember(consent: Consent, now: Date): Generator<Query, void, Row[]> {
  const { subject, client, redirectUri, granted, declined, claims, declinedClaims, details, resources } = consent
  const { clientId } = client
  const { managedTicket } = consent
  const endsAt = consent.endsAt?.getTime() ?? null
  const heldPlainly = managedTicket === undefined ? 1 : 0
  const decidedAt = now.getTime()
  yield evidenceOf('decided', consent, now)
  // The row of the app comes first: two decisions about it wait for each other here, and not for half of what the other one holds.
  yield query(upsertApp, subject, clientId, JSON.stringify({ ...client, redirectUri }), decidedAt)
  const kindOf = (name: string) => (consent.dynamicScopes.includes(name) ? 'dynamic-scope' : 'scope')
  const items = [
    ...claims.map((name) => ['claim', name, true] as const),
    ...declinedClaims.map((name) => ['claim', name, false] as const),
    ...granted.map((name) => [kindOf(name), name, true] as const),
    // A declined value says nothing about another one.
    ...declined.filter((name) => kindOf(name) === 'scope').map((name) => ['scope', name, false] as const),
  ].sort(([, one], [, other]) => (one < other ? -1 : 1))
  if (consent.replaces) yield query(forgetYes, subject, clientId)
  for (const [kind, name, isGranted] of items) {
    yield isGranted
      ? query(upsertYes, subject, clientId, kind, name, decidedAt, endsAt, resources.join(' '), heldPlainly)
      : query(upsertNo, subject, clientId, kind, name, decidedAt)
  }
  for (const { id, detail } of nameDetails(details)) {
    yield query(upsertDetail, subject, clientId, id, JSON.stringify(detail), decidedAt, endsAt, heldPlainly)
  }
  if (managedTicket === undefined) return
  const held = items.filter(([, , isGranted]) => isGranted).map(([kind, name]) => ({ kind, name }))
  const heldDetails = nameDetails(details).map(({ id }) => ({ kind: 'detail', name: id }))
  yield* holdForTicket(managedTicket, { subject, clientId }, [...held, ...heldDetails])
}

const storedDecision = z
  .object({
    kind: z.enum(['scope', 'claim']),
    name: z.string(),
    granted: z.number(),
    decided_at: z.number(),
    ends_at: z.number().nullable(),
    resources: z.string(),
  })
  .transform((row): ItemDecision => ({
    kind: row.kind,
    name: row.name,
    isGranted: row.granted === 1,
    at: new Date(row.decided_at),
    endsAt: row.ends_at === null ? undefined : new Date(row.ends_at),
    resources: row.resources === '' ? [] : row.resources.split(' '),
  }))

const selectDecisions = statement(
  'front-end.selectDecisions',
  `SELECT kind, name, granted, decided_at, ends_at, resources FROM consented_items
   WHERE subject = $1 AND client_id = $2 AND kind IN ('scope', 'claim') AND granted IN (0, 1) ORDER BY kind, name`,
)

const insertConsent = statement(
  'front-end.insertConsent',
  `INSERT INTO consents
     (id, subject, client_id, requested, granted, declined, claims, locale, sentences_hash, decided_at,
      declined_claims, details_json, duration, ends_at, ip_class, event)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
)

const upsertApp = statement(
  'front-end.upsertConnectedApp',
  `INSERT INTO connected_apps (subject, client_id, client_json, first_allowed_at, last_used_at)
   VALUES ($1, $2, $3, $4, $4)
   ON CONFLICT (subject, client_id) DO UPDATE
   SET client_json = excluded.client_json, last_used_at = excluded.last_used_at`,
)

const selectDecision = statement(
  'front-end.selectDecision',
  "SELECT id FROM consents WHERE subject = $1 AND client_id = $2 AND event NOT IN ('skipped', 'returned') LIMIT 1",
)

/** What stands already, without an end, is nothing new. A decision of the person is never touched. */
const holdByPolicy = statement(
  'front-end.holdByPolicy',
  `INSERT INTO consented_items (subject, client_id, kind, name, granted, decided_at, held, held_since)
   VALUES ($1, $2, $3, $4, 2, $5, 1, $5)
   ON CONFLICT (subject, client_id, kind, name) DO UPDATE
   SET held = 1, held_since = excluded.held_since, held_until = NULL
   WHERE consented_items.held = 0 OR consented_items.held_until IS NOT NULL RETURNING name`,
)

/** Nothing was shown, so there is no language and no hash. */
const noHash = new Uint8Array(0)

const insertSkipped = statement(
  'front-end.insertSkippedConsent',
  `INSERT INTO consents
     (id, subject, client_id, event, requested, granted, declined, claims, locale, sentences_hash, decided_at)
   VALUES ($1, $2, $3, 'skipped', $4, $5, '', $6, '', $7, $8)`,
)

const touchApp = statement(
  'front-end.touchConnectedApp',
  'UPDATE connected_apps SET last_used_at = $3 WHERE subject = $1 AND client_id = $2',
)

/** Of two ends the later one; NULL, which is never greater and never less, is none. */
const laterEnd = (table: string) =>
  `CASE WHEN ${table}.held_until < excluded.held_until THEN excluded.held_until
        WHEN ${table}.held_until >= excluded.held_until THEN ${table}.held_until END`

/** What may stand without a managed grant goes on doing so. */
const plainness = (table: string, wasHeld: string) =>
  `CASE WHEN ${wasHeld} AND ${table}.held_plainly = 1 THEN 1 ELSE excluded.held_plainly END`

const upsertYes = statement(
  'front-end.upsertYes',
  `INSERT INTO consented_items
     (subject, client_id, kind, name, granted, decided_at, ends_at, resources, held, held_since, held_until, held_plainly)
   VALUES ($1, $2, $3, $4, 1, $5, $6, $7, 1, $5, $6, $8)
   ON CONFLICT (subject, client_id, kind, name) DO UPDATE
   SET granted = 1, decided_at = excluded.decided_at, ends_at = excluded.ends_at, resources = excluded.resources,
       held = 1, held_since = excluded.held_since,
       held_plainly = ${plainness('consented_items', 'consented_items.held = 1')},
       held_until = CASE WHEN consented_items.held = 0 THEN excluded.held_until ELSE ${laterEnd('consented_items')} END`,
)

/** A no ends nothing that was given before. */
const upsertNo = statement(
  'front-end.upsertNo',
  `INSERT INTO consented_items (subject, client_id, kind, name, granted, decided_at) VALUES ($1, $2, $3, $4, 0, $5)
   ON CONFLICT (subject, client_id, kind, name) DO UPDATE SET granted = 0, decided_at = excluded.decided_at`,
)

const forgetYes = statement(
  'front-end.forgetYes',
  'UPDATE consented_items SET granted = 2 WHERE subject = $1 AND client_id = $2 AND granted = 1',
)

const upsertDetail = statement(
  'front-end.upsertConsentedDetail',
  `INSERT INTO consented_details (subject, client_id, detail_id, detail_json, decided_at, held_until, held_plainly)
   VALUES ($1, $2, $3, $4, $5, $6, $7)
   ON CONFLICT (subject, client_id, detail_id) DO UPDATE
   SET decided_at = excluded.decided_at, held_until = ${laterEnd('consented_details')},
       held_plainly = ${plainness('consented_details', '1 = 1')}`,
)
