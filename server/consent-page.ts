import type { AuthorizationRequest } from './authorization-request.ts'
import { createHash } from 'node:crypto'
import type { ConsentMemory } from './consents.ts'
import { mayRemember } from './decision.ts'
import type { Interaction, ShownConsent } from './interactions.ts'
import { findText } from './locale.ts'
import { claimLabel, claimValueText, findScopeText } from './page-text.ts'
import type { ClientView, ConsentPage, ConsentRow, ScopeGroup, SharedValue } from './pages.ts'
import { shownScopes } from './pages.ts'
import { destinationOf } from './redirect-destination.ts'
import { claimsOfScope, requestedClaims } from './requested-claims.ts'
import { scopePolicies, type ScopePolicy } from './scope-policy.ts'
import { accountView, type PageFrame } from './show-page.ts'
import type { User } from './users.ts'

/** What a consent page is made of. */
export interface ConsentMaterial {
  frame: PageFrame
  interaction: Interaction
  client: ClientView
  csrfToken: string
  user: User
  memory: ConsentMemory | undefined
  /** The ticks of a page that is shown again; undefined when it is shown for the first time. */
  ticked: readonly string[] | undefined
  problem: ConsentPage['problem']
  notice: ConsentPage['notice']
  now: Date
}

/** OIDC Core §3.1.2.4: the page on which a person sees who asks for what, and ticks what they allow. */
export function consentPage(material: ConsentMaterial): ConsentPage {
  const { frame, interaction, client, csrfToken, user, memory, problem, notice, now } = material
  const { request } = interaction
  const policies = policiesOf(interaction)
  const rowsOf = (kept: readonly ScopePolicy[]) => kept.map((policy) => scopeRow(policy, material))
  const isAllowedBefore = ({ name, mode }: ScopePolicy) => mode === 'optional' && memory?.granted.has(name) === true

  const offline = policies.find(({ name, mode }) => name === 'offline_access' && mode !== 'implicit')
  const visible = policies.filter((policy) => policy !== offline && policy.mode !== 'implicit')
  const allowedBefore = visible.filter(isAllowedBefore)
  const others = visible.filter((policy) => !isAllowedBefore(policy))
  const isIdentity = ({ name }: ScopePolicy) => identityScopes.includes(name)
  const identity = identityScopes.flatMap((name) => others.filter((policy) => policy.name === name))

  return {
    ...frame,
    interactionId: interaction.id,
    csrfToken,
    client,
    account: accountView(user),
    accountLocked: request.subject !== undefined,
    identity: [...rowsOf(identity), ...claimRows(material)],
    groups: groupsOf(
      others.filter((policy) => !isIdentity(policy)),
      material,
    ),
    implicit: rowsOf(policies.filter(({ mode }) => mode === 'implicit')),
    granted:
      allowedBefore.length === 0
        ? undefined
        : {
            on: latest(allowedBefore.map(({ name }) => memory?.granted.get(name))),
            rows: rowsOf(allowedBefore),
          },
    offlineAccess: offline && {
      mode: offline.mode === 'required' ? 'required' : 'optional',
      checked: isTicked(offline, material),
      isNew: isNew(offline.name, memory),
      declinedOn: memory?.declined.get(offline.name),
      limitSeconds: request.service.refreshTokenDuration,
    },
    destination: request.redirectUri === undefined ? undefined : destinationOf(request.redirectUri),
    accessSeconds: request.service.accessTokenDuration ?? 0,
    connectedSeconds: mayStayConnected(request) ? request.service.refreshTokenDuration : undefined,
    openForSeconds: Math.max(0, Math.round((interaction.expiresAt.getTime() - now.getTime()) / 1000)),
    problem,
    notice,
  }
}

/** Whether access may be renewed: with `offline_access` the person decides, without it a client that may refresh does so unasked. */
function mayStayConnected({ client: { grantTypes } }: AuthorizationRequest): boolean {
  return grantTypes === undefined || grantTypes.includes('REFRESH_TOKEN')
}

/** The policies of everything that a request asks for. The value of a parameterized scope is a scope of its own (RFC 6749 §3.3). */
export function policiesOf({ request }: Interaction): ScopePolicy[] {
  const dynamic = request.dynamicScopes.map(({ value }) => ({ name: value, descriptions: [], attributes: [] }))
  return scopePolicies([...request.scopes, ...dynamic])
}

/** What a page put before whom: kept with the interaction, because a decision is valid for nothing else. */
export function shownConsent(page: ConsentPage, subject: string): ShownConsent {
  return {
    subject,
    ...shownScopes(page),
    sentencesHash: createHash('sha256').update(sentencesOf(page)).digest('base64url'),
    warnedOfNothing: page.problem === 'nothing-selected',
  }
}

/** Says whether a page showed everything that the policy decides about, in the same way: nothing is granted that was not shown. */
export function showedEverything(shown: ShownConsent, policies: readonly ScopePolicy[]): boolean {
  return (['required', 'optional', 'implicit'] as const).every((mode) => {
    const expected = policies.filter((policy) => policy.mode === mode).map(({ name }) => name)
    return expected.length === shown[mode].length && expected.every((name) => shown[mode].includes(name))
  })
}

const identityScopes = ['openid', 'profile', 'email', 'phone', 'address']

function scopeRow(policy: ScopePolicy, material: ConsentMaterial): ConsentRow {
  const { frame, memory, user } = material
  const { name, mode, sensitive, title, scope } = policy
  const inOurWords = findScopeText(frame.lang, name)
  const described = findText(scope.descriptions, undefined, frame.lang)
  return {
    asked: 'scope',
    name,
    title: title ?? inOurWords?.title ?? name,
    description: described?.text ?? inOurWords?.description ?? scope.description,
    lang: described?.lang,
    mode: mode === 'implicit' ? 'fixed' : mode,
    sensitive,
    isNew: isNew(name, memory),
    checked: isTicked(policy, material),
    declinedOn: memory?.declined.get(name),
    values: sharedValues(user, claimsOfScope(name), frame.lang),
  }
}

/** OIDC Core §5.5: claims that were asked for by name, one row each. */
function claimRows({ interaction, frame, user, memory }: ConsentMaterial): ConsentRow[] {
  return requestedClaims(interaction.request).map(({ name, essential }) => ({
    asked: 'claim',
    name,
    title: claimLabel(frame.lang, name),
    description: undefined,
    lang: undefined,
    mode: essential ? 'required' : 'fixed',
    sensitive: false,
    isNew: memory !== undefined && !memory.claims.has(name),
    checked: true,
    declinedOn: undefined,
    values: sharedValues(user, [name], frame.lang),
  }))
}

/** In the order in which the request first names something of a group. */
function groupsOf(policies: readonly ScopePolicy[], material: ConsentMaterial): ScopeGroup[] {
  const groups = new Map<string, ConsentRow[]>()
  for (const policy of policies) {
    const title = policy.group ?? material.frame.serviceName
    groups.set(title, [...(groups.get(title) ?? []), scopeRow(policy, material)])
  }
  return [...groups].map(([title, rows]) => ({ title, lang: undefined, rows }))
}

/** CJEU C-673/17: a box that is ticked beforehand is no consent. Only what the person allowed before stays ticked. */
function isTicked({ name, mode, sensitive }: ScopePolicy, { ticked, memory, interaction }: ConsentMaterial): boolean {
  if (mode !== 'optional') return true
  if (ticked !== undefined) return ticked.includes(name)
  // With a client that anybody can pretend to be, this may be another one than last time.
  return !sensitive && memory?.granted.has(name) === true && mayRemember(interaction.request)
}

function isNew(name: string, memory: ConsentMemory | undefined): boolean {
  return memory !== undefined && !memory.granted.has(name) && !memory.declined.has(name)
}

function sharedValues(user: User, claims: readonly string[], lang: string): SharedValue[] {
  return claims
    .filter((claim) => Object.hasOwn(user.claims, claim))
    .map((claim) => ({ label: claimLabel(lang, claim), value: claimValueText(lang, user.claims[claim]) }))
}

function latest(dates: readonly (Date | undefined)[]): Date {
  return new Date(Math.max(...dates.map((date) => date?.getTime() ?? 0)))
}

function sentencesOf(page: ConsentPage): string {
  const groups = page.groups.map(({ title, rows }) => [title, rows.map(sentencesOfRow)])
  const rows = [page.identity, page.implicit, page.granted?.rows ?? []].map((kind) => kind.map(sentencesOfRow))
  return JSON.stringify([page.lang, page.serviceName, page.client.name, rows, groups, page.offlineAccess?.limitSeconds])
}

function sentencesOfRow({ name, mode, title, description }: ConsentRow): unknown {
  return [name, mode, title, description]
}
