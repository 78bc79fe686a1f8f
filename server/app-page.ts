import type {
  AppClaim,
  AppDetail,
  AppPage,
  AppRemovalPage,
  AppScope,
  End,
  HistoryEntry,
  ListedApp,
} from './apps-pages.ts'
import { describeDetail, lastOfEqual, type AuthorizationDetail } from './authorization-details/registry.ts'
import { compareDetails } from './authorization-details/compare.ts'
import type { RequestedScope } from './authorization-request.ts'
import type { ClientLogos } from './client-logos.ts'
import type { ConnectedApp, ConsentRecord, GrantedDetail, GrantedItems } from './connected-apps.ts'
import { findText } from './locale.ts'
import { claimLabel, findScopeText } from './page-text.ts'
import { destinationOf, type Destination } from './redirect-destination.ts'
import { resourceName } from './resource-name.ts'
import type { ScopePolicy } from './scope-policy.ts'
import { policiesOfGranted, scopesToRemove } from './scope-removal.ts'
import { clientView, type PageFrame } from './show-page.ts'

/** What the service says of its scopes and resources; empty with an engine that does not let a front-end ask. */
export interface ServiceWords {
  scopes: readonly RequestedScope[]
  attributes: readonly { key: string; value: string }[]
}

/** What the pages about one connected app are made of. */
export interface AppMaterial {
  frame: PageFrame
  app: ConnectedApp
  items: GrantedItems
  /** The latest first. */
  records: readonly ConsentRecord[]
  words: ServiceWords
  /** Whether single permissions can be taken back, or only the whole app. */
  isNarrowable: boolean
  logos: ClientLogos
  now: Date
}

/** RFC 6749 §1.3: one line of the list of those who have access. */
export function listedApp(
  app: ConnectedApp,
  { lang }: PageFrame,
  logos: ClientLogos,
  now: Date,
  hasAccess: boolean,
): ListedApp {
  const { clientId, client, firstAllowedAt, lastUsedAt, endsAt, permissions, offlineAccess } = app
  const mayRefresh = client.grantTypes === undefined || client.grantTypes.includes('REFRESH_TOKEN')
  const hasEnded = endsAt !== undefined && endsAt <= now
  return {
    clientId,
    client: clientView(client, lang, logos),
    firstAllowedOn: firstAllowedAt,
    lastUsedOn: lastUsedAt,
    permissions,
    // OIDC Core §11: without `offline_access` a client that may refresh does so unasked.
    staysConnected: hasAccess && mayRefresh && !hasEnded && !isForNow(app) && offlineAccess !== 'declined',
    hasNoAccess: !hasAccess && !hasEnded,
    end: endOf(endsAt, now),
  }
}

/** RFC 6749 §1.5: whether it was allowed for this time only, and nothing of before lasts longer. */
function isForNow({ duration, durationEndsAt, endsAt }: ConnectedApp): boolean {
  return duration === 'session' && endsAt !== undefined && durationEndsAt !== undefined && endsAt <= durationEndsAt
}

/** RFC 6749 §1.5, RFC 9396: all that a client may do now, and how it came to that. */
export function appPage(
  material: AppMaterial,
  { activeTokens, hasAccess }: { activeTokens: number | undefined; hasAccess: boolean },
  isRemoval: boolean,
): AppPage {
  const { frame, app, items, records, logos, now } = material
  const event = isRemoval ? records[0]?.event : undefined
  return {
    ...frame,
    ...listedApp(app, frame, logos, now, hasAccess),
    scopes: grantedScopes(material),
    claims: [...items.claims].map(([name, since]): AppClaim => ({ name, title: claimLabel(frame.lang, name), since })),
    details: items.details.map((detail) => appDetail(detail, material)),
    activeTokens,
    history: records.slice(0, longestHistory).map((record) => historyEntry(record, material)),
    hasOlderHistory: records.length > longestHistory,
    destinations: destinationsOf(app),
    removed: event === 'scope-removed' || event === 'detail-removed' ? event : undefined,
  }
}

/** What a person wants to take back. */
export type Target = { kind: 'scope'; name: string } | { kind: 'detail'; id: string } | { kind: 'app' }

/** RFC 6749 §3.3: whether there is anything to take back. */
export function isGranted(target: Target, { items }: AppMaterial): boolean {
  switch (target.kind) {
    case 'app':
      return true
    case 'scope':
      return items.scopes.has(target.name) || items.dynamicScopes.has(target.name)
    case 'detail':
      return items.details.some(({ id }) => id === target.id)
  }
}

/** RFC 6749 §3.3: what goes with a target; undefined when nothing of it is granted, or when it can go with the whole app only. */
export function findRemoval(target: Target, material: AppMaterial): AppRemovalPage['what'] | undefined {
  if (target.kind !== 'app' && !material.isNarrowable) return undefined
  switch (target.kind) {
    case 'app':
      return { kind: 'app', permissions: material.app.permissions }
    case 'detail': {
      const { details } = material.items
      // Of equal ones the last one goes, whichever was meant. So a second click finds it gone, and takes back no other.
      const detail = details.some(({ id }) => id === target.id) ? lastOfEqual(target.id, details) : undefined
      return detail && { kind: 'detail', detail: appDetail(detail, material) }
    }
    case 'scope': {
      const scopes = grantedScopes(material)
      const names = scopesToRemove(target.name, policiesOf(material)) ?? []
      const [scope, ...others] = names.flatMap((name) => scopes.filter((candidate) => candidate.name === name))
      return scope && { kind: 'scope', scope, others }
    }
  }
}

const longestHistory = 20

function policiesOf({ items, words }: AppMaterial): ScopePolicy[] {
  return policiesOfGranted({ scopes: items.scopes.keys(), dynamicScopes: items.dynamicScopes.keys() }, words.scopes)
}

function grantedScopes(material: AppMaterial): AppScope[] {
  const { frame, items } = material
  const policies = policiesOf(material)
  return policies.map((policy) => ({
    name: policy.name,
    ...scopeWords(policy, frame.lang),
    parameter: policy.parameter === policy.name ? undefined : policy.parameter,
    sensitive: policy.sensitive,
    since: items.scopes.get(policy.name) ?? items.dynamicScopes.get(policy.name) ?? material.app.lastUsedAt,
    canBeRemoved: material.isNarrowable && scopesToRemove(policy.name, policies) !== undefined,
  }))
}

/** The words of the consent page. */
function scopeWords(
  { title, scope }: ScopePolicy,
  lang: string,
): Pick<AppScope, 'title' | 'description' | 'lang' | 'descriptionLang'> {
  const titled = findText(title.tagged, title.fallback, lang)
  const described = findText(scope.descriptions, undefined, lang)
  const inOurWords = findScopeText(lang, scope.name)
  return {
    title: titled?.text ?? inOurWords?.title ?? scope.name,
    description: described?.text ?? inOurWords?.description ?? scope.description,
    lang: titled?.lang,
    descriptionLang: described?.lang,
  }
}

function appDetail({ id, detail, since }: GrantedDetail, material: AppMaterial): AppDetail {
  const { title, lines, expiresAt } = describe(detail, material)
  return { id, title, lines, since, end: endOf(expiresAt, material.now), canBeRemoved: material.isNarrowable }
}

function describe(detail: AuthorizationDetail, { frame, words, now }: AppMaterial) {
  return describeDetail(detail, {
    lang: frame.lang,
    now,
    resourceName: (uri) => resourceName(words.attributes, uri),
  })
}

function historyEntry(record: ConsentRecord, material: AppMaterial): HistoryEntry {
  const { event, at, requested, granted, declined, claims, declinedClaims, details } = record
  const { lang } = material.frame
  const titles = (
    scopes: readonly string[],
    claimNames: readonly string[],
    elements: readonly AuthorizationDetail[],
  ) => [
    ...scopes.map((name) => titleOf(name, material)),
    ...claimNames.map((name) => claimLabel(lang, name)),
    ...elements.map((element) => describe(element, material).title),
  ]
  const isOwnChoice = event === 'decided'
  // A denial and a removal are about each of them, as it was.
  const became = isOwnChoice
    ? compareDetails(details.requested, details.granted, (detail) => describe(detail, material).lines)
    : { narrowed: [], declined: [] }
  const isDecision = event === 'decided' || event === 'denied' || event === 'skipped'
  return {
    event,
    on: at,
    asked: titles(requested, isDecision ? [...claims, ...declinedClaims] : [], isDecision ? details.requested : []),
    allowed: titles(granted, claims, details.granted),
    declined: [
      ...titles(declined, declinedClaims, isOwnChoice || event === 'skipped' ? [] : details.requested),
      ...became.declined.map((detail) => shortly(describe(detail, material))),
    ],
    narrowed: became.narrowed.map(({ requested: asked, changes }) => ({
      title: describe(asked, material).title,
      changes,
    })),
  }
}

/** Which of several of one type it was: for a payment its amount, for example. */
function shortly({ title, lines: [first] }: { title: string; lines: readonly { value: string }[] }): string {
  return first === undefined ? title : `${title}: ${first.value}`
}

/** The title of a scope of some earlier day, whether it is granted now or not. */
function titleOf(name: string, { words, frame }: AppMaterial): string {
  const isStatic = words.scopes.some((scope) => scope.name === name)
  const named = isStatic ? { scopes: [name], dynamicScopes: [] } : { scopes: [], dynamicScopes: [name] }
  const [policy] = policiesOfGranted(named, words.scopes)
  if (policy === undefined) return name
  const { title } = scopeWords(policy, frame.lang)
  return isStatic || policy.parameter === name ? title : `${title}: ${policy.parameter ?? ''}`
}

/** RFC 6749 §3.1.2: wherever answers may go, each place once. */
function destinationsOf({ client }: ConnectedApp): Destination[] {
  const uris = [...(client.redirectUri === undefined ? [] : [client.redirectUri]), ...client.redirectUris]
  const destinations = uris.filter((uri) => URL.canParse(uri)).map(destinationOf)
  // Which port of this device a program listens at says nothing about it.
  const places = destinations.map((place) => (place.kind === 'loopback' ? { ...place, port: '' } : place))
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}

function endOf(endsAt: Date | undefined, now: Date): End | undefined {
  if (endsAt === undefined) return undefined
  return { on: endsAt, inSeconds: Math.max(0, Math.ceil((endsAt.getTime() - now.getTime()) / 1000)) }
}
