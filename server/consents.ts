import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import type { Duration } from './access-duration.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { detailId, type AuthorizationDetail } from './authorization-details/registry.ts'
import { query, statement, type Database, type Query, type Row } from './database/database.ts'
import { keyOf, makeHandle } from './handle.ts'
import { completion } from './interactions.ts'

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
  /** Grant Management for OAuth 2.0, replace: the details that were granted before are granted no more. */
  replaces: boolean
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

/** The latest decision of a person about each scope and claim that a client asked for, and when it was taken. */
export interface ConsentMemory {
  granted: ReadonlyMap<string, Date>
  declined: ReadonlyMap<string, Date>
  claims: ReadonlyMap<string, Date>
  declinedClaims: ReadonlyMap<string, Date>
  /** When the duration ends that the person chose; undefined when they set no end. */
  endsAt: Date | undefined
}

/** Finds what a person decided about a client before; undefined when it is the first time. */
export async function findConsentMemory(
  database: Database,
  subject: string,
  clientId: number,
): Promise<ConsentMemory | undefined> {
  const items = z.array(storedItem).parse(await database.read(query(selectItems, subject, clientId)))
  const [first] = items
  if (first === undefined) return undefined
  const datesOf = (kind: string, granted: number) =>
    new Map(
      items
        .filter((item) => item.kind === kind && item.granted === granted)
        .map((item) => [item.name, new Date(item.decided_at)]),
    )
  return {
    granted: datesOf('scope', 1),
    declined: datesOf('scope', 0),
    claims: datesOf('claim', 1),
    declinedClaims: datesOf('claim', 0),
    endsAt: first.ends_at === null ? undefined : new Date(first.ends_at),
  }
}

/**
 * The memory as it counts now. What has ended counts no more; and of two memories, ours and the engine's, a scope must be in both.
 * `engineGrants` is undefined when the engine forgot the grant, or never knew it.
 */
export function liveMemory(
  memory: ConsentMemory,
  engineGrants: readonly string[] | undefined,
  now: Date,
): ConsentMemory {
  if (engineGrants === undefined || hasEnded(memory, now)) return { ...memory, granted: new Map(), claims: new Map() }
  return { ...memory, granted: new Map([...memory.granted].filter(([name]) => engineGrants.includes(name))) }
}

/** Whether the duration is over that the person chose. */
export function hasEnded({ endsAt }: ConsentMemory, now: Date): boolean {
  return endsAt !== undefined && endsAt <= now
}

/** Writes down that a client was let in again without a page. */
export async function recordUse(database: Database, subject: string, clientId: number, now: Date): Promise<void> {
  await database.write(query(touchApp, subject, clientId, now.getTime()))
}

/** Whether the person ever decided about a client themselves: allowed it something, or took something back. */
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
    yield query(upsertApp, subject, clientId, JSON.stringify({ ...client, redirectUri }), now.getTime(), null)
    const items = [
      ...claims.toSorted().map((name) => ['policy-claim', name] as const),
      ...scopes.toSorted().map((name) => ['policy-scope', name] as const),
    ]
    let isNew = false
    for (const [kind, name] of items) {
      isNew = (yield query(insertPolicyItem, subject, clientId, kind, name, now.getTime())).length > 0 || isNew
    }
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

function* remember(consent: Consent, now: Date): Generator<Query, void, Row[]> {
  const { subject, client, redirectUri, requested, granted, declined, claims, declinedClaims } = consent
  const { requestedDetails, details, duration, ipClass, locale, sentencesHash } = consent
  const { clientId } = client
  const endsAt = consent.endsAt?.getTime() ?? null
  const decidedAt = now.getTime()
  yield query(
    insertConsent,
    keyOf(makeHandle(now, 16)),
    subject,
    clientId,
    ...[requested, granted, declined, claims].map((names) => names.join(' ')),
    locale,
    Buffer.from(sentencesHash, 'base64url'),
    decidedAt,
    declinedClaims.join(' '),
    JSON.stringify({ requested: requestedDetails, granted: details }),
    duration,
    endsAt,
    ipClass,
  )
  // The row of the app comes first: two decisions about it wait for each other here, and not for half of what the other one holds.
  yield query(upsertApp, subject, clientId, JSON.stringify({ ...client, redirectUri }), decidedAt, endsAt)
  const kindOf = (name: string) => (consent.dynamicScopes.includes(name) ? 'dynamic-scope' : 'scope')
  const items = [
    ...claims.map((name) => ['claim', name, 1] as const),
    ...declinedClaims.map((name) => ['claim', name, 0] as const),
    ...granted.map((name) => [kindOf(name), name, 1] as const),
    // A declined value says nothing about another one.
    ...declined.filter((name) => kindOf(name) === 'scope').map((name) => ['scope', name, 0] as const),
  ].sort(([, one], [, other]) => (one < other ? -1 : 1))
  // From now on it is the person who decided.
  yield query(deletePolicyItems, subject, clientId)
  for (const [kind, name, isGranted] of items) {
    yield query(upsertItem, subject, clientId, kind, name, isGranted, decidedAt)
  }
  if (consent.replaces) yield query(deleteDetails, subject, clientId)
  for (const detail of details) {
    yield query(upsertDetail, subject, clientId, detailId(detail), JSON.stringify(detail), decidedAt)
  }
}

const storedItem = z.object({
  kind: z.string(),
  name: z.string(),
  granted: z.number(),
  decided_at: z.number(),
  ends_at: z.number().nullable(),
})

const selectItems = statement(
  'front-end.selectConsentedItems',
  `SELECT kind, name, granted, decided_at, ends_at
   FROM consented_items LEFT JOIN connected_apps USING (subject, client_id)
   WHERE subject = $1 AND client_id = $2`,
)

const insertConsent = statement(
  'front-end.insertConsent',
  `INSERT INTO consents
     (id, subject, client_id, requested, granted, declined, claims, locale, sentences_hash, decided_at,
      declined_claims, details_json, duration, ends_at, ip_class)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
)

const upsertApp = statement(
  'front-end.upsertConnectedApp',
  `INSERT INTO connected_apps (subject, client_id, client_json, first_allowed_at, last_used_at, ends_at)
   VALUES ($1, $2, $3, $4, $4, $5)
   ON CONFLICT (subject, client_id) DO UPDATE
   SET client_json = excluded.client_json, last_used_at = excluded.last_used_at, ends_at = excluded.ends_at`,
)

const selectDecision = statement(
  'front-end.selectDecision',
  "SELECT id FROM consents WHERE subject = $1 AND client_id = $2 AND event <> 'skipped' LIMIT 1",
)

const insertPolicyItem = statement(
  'front-end.insertPolicyItem',
  `INSERT INTO consented_items (subject, client_id, kind, name, granted, decided_at) VALUES ($1, $2, $3, $4, 1, $5)
   ON CONFLICT (subject, client_id, kind, name) DO NOTHING RETURNING name`,
)

const deletePolicyItems = statement(
  'front-end.deletePolicyItems',
  "DELETE FROM consented_items WHERE subject = $1 AND client_id = $2 AND kind IN ('policy-scope', 'policy-claim')",
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

const upsertItem = statement(
  'front-end.upsertConsentedItem',
  `INSERT INTO consented_items (subject, client_id, kind, name, granted, decided_at) VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (subject, client_id, kind, name) DO UPDATE SET granted = excluded.granted, decided_at = excluded.decided_at`,
)

const upsertDetail = statement(
  'front-end.upsertConsentedDetail',
  `INSERT INTO consented_details (subject, client_id, detail_id, detail_json, decided_at) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (subject, client_id, detail_id) DO UPDATE SET decided_at = excluded.decided_at`,
)

const deleteDetails = statement(
  'front-end.deleteConsentedDetails',
  'DELETE FROM consented_details WHERE subject = $1 AND client_id = $2',
)
