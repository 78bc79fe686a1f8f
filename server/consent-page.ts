import { createHash } from 'node:crypto'
import { defaultDuration, durationSeconds, mayStayConnected, offeredDurations } from './access-duration.ts'
import { detailCards, sentencesOfCards, type DetailCard } from './authorization-details/registry.ts'
import { detailsOf, type AuthorizationRequest } from './authorization-request.ts'
import { claimsMeant } from './claim-language.ts'
import { mayRemember } from './client-policy.ts'
import type { Config } from './config.ts'
import { changesGrantOf, claimsToDecide, detailContext } from './consent-choice.ts'
import type { ConsentMemory } from './consents.ts'
import type { Interaction, ShownConsent } from './interactions.ts'
import { findText } from './locale.ts'
import { claimLabel, claimValueText, findScopeText, textsDigest } from './page-text.ts'
import type { ClientView, ConsentPage, ConsentRow, DurationOption, ScopeGroup, SharedValue } from './pages.ts'
import { cut, scopeIcons, shownClaims, shownScopes } from './pages.ts'
import { destinationOf } from './redirect-destination.ts'
import { claimsBroughtBy, purposesOfScope, requestedClaims } from './requested-claims.ts'
import { resourceName } from './resource-name.ts'
import { policiesOf, type ScopePolicy } from './scope-policy.ts'
import { accountView, type PageFrame } from './show-page.ts'
import type { User } from './users.ts'
import { withheldClaims } from './withheld-claims.ts'

/** What a consent page is made of. */
export interface ConsentMaterial {
  frame: PageFrame
  interaction: Interaction
  client: ClientView
  csrfToken: string
  user: User
  memory: ConsentMemory | undefined
  /** The form of a page that is shown again; undefined when it is shown for the first time. */
  posted: URLSearchParams | undefined
  preselect: Config['consentPreselect']
  problem: ConsentPage['problem']
  notice: ConsentPage['notice']
  now: Date
}

/** OIDC Core §3.1.2.4: the page on which a person sees who asks for what, and ticks what they allow. */
export function consentPage(material: ConsentMaterial): ConsentPage {
  const { frame, interaction, client, csrfToken, user, memory, problem, notice, now } = material
  const { request } = interaction
  const policies = policiesOf(request)
  const rowsOf = (kept: readonly ScopePolicy[]) => kept.map((policy) => scopeRow(policy, material))
  // Folded away is only what is ticked there: what starts unticked must be seen, or it would be declined unseen.
  const isAllowedBefore = ({ name, mode, sensitive }: ScopePolicy) =>
    mode === 'optional' && !sensitive && memory?.granted.has(name) === true && mayRemember(request)

  const offline = policies.find(({ name, mode }) => name === 'offline_access' && mode !== 'implicit')
  const visible = policies.filter((policy) => policy !== offline && policy.mode !== 'implicit')
  const allowedBefore = visible.filter(isAllowedBefore)
  const others = visible.filter((policy) => !isAllowedBefore(policy))
  const isIdentity = ({ name }: ScopePolicy) => identityScopes.includes(name)
  const identity = identityScopes.flatMap((name) => others.filter((policy) => policy.name === name))
  const claims = claimRows(material)
  const allowedClaims = claims.filter(
    ({ mode, allowedOn }) => mode === 'optional' && allowedOn !== undefined && mayRemember(request),
  )
  const grantedRows = [...rowsOf(allowedBefore), ...allowedClaims]
  const { refreshTokenDuration } = request.service

  const page = {
    ...frame,
    interactionId: interaction.id,
    csrfToken,
    client,
    account: accountView(user),
    accountLocked: request.subject !== undefined,
    identity: [...rowsOf(identity), ...claims.filter((row) => !allowedClaims.includes(row))],
    groups: groupsOf(
      others.filter((policy) => !isIdentity(policy)),
      material,
    ),
    implicit: rowsOf(policies.filter(({ mode }) => mode === 'implicit')),
    resources: request.resources.map((uri) => ({ uri, name: nameOfResource(request, uri) })),
    details: cardsOf(material),
    granted:
      grantedRows.length === 0
        ? undefined
        : { on: latest(grantedRows.map(({ allowedOn }) => allowedOn)), rows: grantedRows },
    grantAction: grantActionOf(request, user),
    offlineAccess: offline && {
      mode: offline.mode === 'required' ? 'required' : 'optional',
      checked: isTicked(offline, material),
      isNew: isNew(offline.name, memory),
      allowedOn: memory?.granted.get(offline.name),
      declinedOn: memory?.declined.get(offline.name),
      endsOn: refreshTokenDuration === undefined ? undefined : new Date(now.getTime() + refreshTokenDuration * 1000),
    },
    durations: durationOptions(material),
    destination: request.redirectUri === undefined ? undefined : destinationOf(request.redirectUri),
    accessSeconds: request.service.accessTokenDuration ?? 0,
    connectedSeconds: mayStayConnected(request) ? refreshTokenDuration : undefined,
    openForSeconds: Math.max(0, Math.round((interaction.expiresAt.getTime() - now.getTime()) / 1000)),
    problem,
    notice,
  } satisfies SaidPage
  return { ...page, sentencesHash: createHash('sha256').update(sentencesOf(page)).digest('base64url') }
}

/** What a page put before whom: kept with the interaction, because a decision is valid for nothing else. */
export function shownConsent(page: ConsentPage, subject: string): ShownConsent {
  return {
    subject,
    ...shownScopes(page),
    ...shownClaims(page),
    details: page.details.length,
    lang: page.lang,
    sentencesHash: page.sentencesHash,
    warnedOfNothing: page.problem === 'nothing-selected' || page.problem === 'no-scope',
  }
}

/** Says whether a page showed everything that is decided about, in the same way: nothing is granted that was not shown. */
export function showedEverything(shown: ShownConsent, request: AuthorizationRequest, { claims: known }: User): boolean {
  const policies = policiesOf(request)
  const scopesOf = (wanted: ScopePolicy['mode']) =>
    policies.filter(({ mode }) => mode === wanted).map(({ name }) => name)
  const claims = claimsToDecide(request, withheldClaims(request, known))
  const claimsOf = (wanted: boolean) => claims.filter(({ essential }) => essential === wanted).map(({ name }) => name)
  return (
    isSame(shown.required, scopesOf('required')) &&
    isSame(shown.optional, scopesOf('optional')) &&
    isSame(shown.implicit, scopesOf('implicit')) &&
    isSame(shown.requiredClaims, claimsOf(true)) &&
    isSame(shown.optionalClaims, claimsOf(false)) &&
    shown.details === detailsOf(request).length
  )
}

function isSame(shown: readonly string[], expected: readonly string[]): boolean {
  return shown.length === expected.length && expected.every((name) => shown.includes(name))
}

const identityScopes = ['openid', 'profile', 'email', 'phone', 'address']

function scopeRow(policy: ScopePolicy, material: ConsentMaterial): ConsentRow {
  const { frame, interaction, memory } = material
  const { name, parameter, mode, sensitive, title, scope } = policy
  const inOurWords = findScopeText(frame.lang, scope.name)
  const titled = findText(title.tagged, title.fallback, frame.lang)
  const described = findText(scope.descriptions, undefined, frame.lang)
  const purposes = purposesOfScope(scope.name, interaction.request)
  return {
    asked: 'scope',
    name,
    title: titled?.text ?? inOurWords?.title ?? scope.name,
    parameter,
    description: described?.text ?? inOurWords?.description ?? scope.description,
    purpose: purposes.length === 0 ? undefined : cut(purposes.join('; '), longestPurpose),
    lang: titled?.lang,
    descriptionLang: described?.lang,
    mode: mode === 'implicit' ? 'fixed' : mode,
    sensitive,
    isNew: isNew(name, memory),
    checked: isTicked(policy, material),
    allowedOn: memory?.granted.get(name),
    declinedOn: memory?.declined.get(name),
    icon: scopeIcons.find((icon) => icon === policy.icon),
    includes: includedTitles(policy, material),
    values: sharedValues(claimsBroughtBy(name, interaction.request), material),
  }
}

/** What else is granted when a scope is ticked, as far as the person would have to tick it otherwise. */
function includedTitles({ name, implies }: ScopePolicy, { frame, interaction }: ConsentMaterial): string[] {
  const policies = policiesOf(interaction.request)
  return policies
    .filter((policy) => policy.mode === 'optional' && policy.name !== name && implies.includes(policy.name))
    .map(({ title, scope }) => {
      const titled = findText(title.tagged, title.fallback, frame.lang)
      return titled?.text ?? findScopeText(frame.lang, scope.name)?.title ?? scope.name
    })
}

/** A purpose is a sentence, not a page. */
const longestPurpose = 300

/** OIDC Core §5.5: claims that were asked for by name, one row each. */
function claimRows(material: ConsentMaterial): ConsentRow[] {
  const { interaction, frame, memory, posted, user } = material
  const withheld = withheldClaims(interaction.request, user.claims)
  // A voluntary claim with another value is left out; that an essential one cannot be had, the person should know.
  const shown = requestedClaims(interaction.request).filter(
    ({ name, essential }) => essential || !withheld.includes(name),
  )
  const wasAllowed = (name: string) => memory?.claims.has(name) === true
  const isKnown = (name: string) => wasAllowed(name) || memory?.declinedClaims.has(name) === true
  return shown.map(({ name, essential, purpose }) => ({
    asked: 'claim',
    name,
    title: claimLabel(frame.lang, name),
    parameter: undefined,
    description: undefined,
    purpose: purpose === undefined ? undefined : cut(purpose, longestPurpose),
    lang: undefined,
    descriptionLang: undefined,
    mode: withheld.includes(name) ? 'withheld' : essential ? 'required' : 'optional',
    sensitive: false,
    isNew: hasHistory(memory) && !isKnown(name),
    checked:
      essential ||
      (posted === undefined
        ? wasAllowed(name) && mayRemember(interaction.request)
        : posted.getAll('claim').includes(name)),
    allowedOn: memory?.claims.get(name),
    declinedOn: memory?.declinedClaims.get(name),
    icon: undefined,
    includes: [],
    values: withheld.includes(name) ? [] : sharedValues([name], material),
  }))
}

/** In the order in which the request first names something of a group. Where there are several resources, they are the groups. */
function groupsOf(policies: readonly ScopePolicy[], { frame, interaction, ...rest }: ConsentMaterial): ScopeGroup[] {
  const { request } = interaction
  const groups = new Map<string, ScopeGroup & { rows: ConsentRow[] }>()
  for (const policy of policies) {
    const { resource, group } = policy
    const isOfOne = request.resources.length > 1 && resource !== undefined && request.resources.includes(resource)
    const { text: title, lang } = isOfOne
      ? { text: nameOfResource(request, resource), lang: undefined }
      : (findText(group.tagged, group.fallback, frame.lang) ?? { text: frame.serviceName, lang: undefined })
    const found = groups.get(title) ?? { title, lang, rows: [] }
    found.rows.push(scopeRow(policy, { frame, interaction, ...rest }))
    groups.set(title, found)
  }
  return [...groups.values()]
}

/** RFC 9396 §7: the cards in the order of the request; where there are several resources, in theirs. */
function cardsOf({ interaction: { request }, user, frame, now, posted }: ConsentMaterial): DetailCard[] {
  const cards = detailCards(detailsOf(request), posted, detailContext(request, { user }, { lang: frame.lang, now }))
  if (request.resources.length < 2) return cards
  const placeOf = ({ locations }: DetailCard) => {
    const place = request.resources.findIndex((uri) => locations.includes(uri))
    return place < 0 ? request.resources.length : place
  }
  return cards.sort((one, other) => placeOf(one) - placeOf(other))
}

/** What is chosen in the form, or the default: the page shows exactly what would count. */
function durationOptions({ interaction: { request }, posted }: ConsentMaterial): DurationOption[] {
  const offered = offeredDurations(request)
  const chosen = offered.find((duration) => duration === posted?.get('duration')) ?? defaultDuration(request)
  return offered.map((value) => ({
    value,
    seconds: durationSeconds(value, request),
    checked: value === chosen,
  }))
}

/** Grant Management for OAuth 2.0: the grant of another person stays as it is, whatever the request says. */
function grantActionOf({ gmAction, grantSubject }: AuthorizationRequest, user: User): ConsentPage['grantAction'] {
  if (!changesGrantOf(grantSubject, user.subject)) return undefined
  return gmAction === 'MERGE' ? 'merge' : gmAction === 'REPLACE' ? 'replace' : undefined
}

function nameOfResource({ service }: AuthorizationRequest, uri: string): string {
  return cut(resourceName(service.attributes, uri), 100)
}

/** CJEU C-673/17: a box that is ticked beforehand is no consent. Only what the person allowed before stays ticked, unless the house decides otherwise. */
function isTicked({ name, mode, sensitive }: ScopePolicy, material: ConsentMaterial): boolean {
  const { posted, memory, interaction, preselect } = material
  if (mode !== 'optional') return true
  if (posted !== undefined) return posted.getAll('scope').includes(name)
  if (sensitive) return false
  // With a client that anybody can pretend to be, this may be another one than last time.
  if (memory?.granted.has(name) === true && mayRemember(interaction.request)) return true
  return preselect === 'nonsensitive' && memory?.declined.has(name) !== true
}

/** Where nothing is allowed yet, everything is new, and a mark on each row would say nothing. */
function isNew(name: string, memory: ConsentMemory | undefined): boolean {
  return hasHistory(memory) && !memory.granted.has(name) && !memory.declined.has(name)
}

function hasHistory(memory: ConsentMemory | undefined): memory is ConsentMemory {
  return memory !== undefined && memory.granted.size > 0
}

/** OIDC Core §5.3 and §5.2: what would be released, in the order of the claims, each followed by its translations. */
function sharedValues(claims: readonly string[], { user, frame, interaction }: ConsentMaterial): SharedValue[] {
  const known = Object.keys(user.claims)
  const withheld = withheldClaims(interaction.request, user.claims)
  const offered = claims.filter((claim) => !withheld.includes(claim))
  const released = offered.flatMap((claim) => claimsMeant(known, [claim], interaction.request.claimsLocales))
  return [...new Set(released)].map((claim) => ({
    label: claimLabel(frame.lang, claim),
    value: claimValueText(frame.lang, user.claims[claim]),
  }))
}

function latest(dates: readonly (Date | undefined)[]): Date {
  return new Date(Math.max(...dates.map((date) => date?.getTime() ?? 0)))
}

/** Everything that the page says, without what the person chose on it: what is shown, and the words of the catalogue around it. */
function sentencesOf({ details, ...shown }: SaidPage): string {
  const said = JSON.stringify(shown, (key, value: unknown) => {
    if (chosenOrOnce.has(key)) return undefined
    // The page names the day: shown again a minute later, it says the same.
    return key === 'endsOn' && typeof value === 'string' ? value.slice(0, 'YYYY-MM-DD'.length) : value
  })
  return JSON.stringify([textsDigest(shown.lang), said, sentencesOfCards(details)])
}

type SaidPage = Omit<ConsentPage, 'sentencesHash'>

/** Members of a page that are the person's choice, or differ each time it is shown. */
const chosenOrOnce = new Set(['checked', 'csrfToken', 'interactionId', 'notice', 'openForSeconds', 'problem'])
