import { defaultDuration, offeredDurations, type Duration } from './access-duration.ts'
import { detailsOf, type AuthorizationRequest } from './authorization-request.ts'
import { chooseDetails, type AuthorizationDetail, type DetailContext } from './authorization-details/registry.ts'
import type { Person } from './interaction-step.ts'
import type { Interaction } from './interactions.ts'
import { requestedClaims, type RequestedClaim } from './requested-claims.ts'
import { resourceName } from './resource-name.ts'
import { decideScopes, policiesOf } from './scope-policy.ts'
import type { User } from './users.ts'
import { withheldClaims } from './withheld-claims.ts'

/** What a person allows, on a page or from memory: all that becomes tokens, and nothing else does. */
export interface Grant {
  /** In the order of the request; for a parameterized scope the value. */
  scopes: string[]
  /** Claims that were asked for by name. Those of a scope come with the scope. */
  claims: string[]
  declinedClaims: string[]
  /** OIDC Core §5.5.1: neither, because the client asks for another value than the person has. */
  withheld: string[]
  details: AuthorizationDetail[]
  declinedDetails: AuthorizationDetail[]
  duration: Duration
  /** What is left of a duration that was chosen earlier. */
  secondsLeft?: number
}

export type Choice =
  | { outcome: 'chosen'; grant: Grant; declinedScopes: string[] }
  /** Something that was typed has to be mended: the page is shown again, and the card of this index says what. */
  | { outcome: 'invalid'; index: number }
  /** A name or a value was posted that the page does not offer: the form is not ours. */
  | { outcome: 'refused'; name: string }

/** RFC 6749 §3.3, OIDC Core §5.5, RFC 9396 §7: reads a posted form against what was requested. It can leave out, and never add. */
export function readChoice(
  { request }: Pick<Interaction, 'request'>,
  person: Pick<Person, 'user'>,
  fields: URLSearchParams,
  context: Pick<DetailContext, 'lang' | 'now'>,
): Choice {
  const scopes = decideScopes(policiesOf(request), fields.getAll('scope'))
  if (scopes.outcome === 'refused') return scopes
  const withheld = withheldClaims(request, person.user.claims)
  const claims = decideClaims(request, fields.getAll('claim'), withheld)
  if (claims.outcome === 'refused') return claims
  const duration = readDuration(request, fields.getAll('duration'))
  if (duration === undefined) return { outcome: 'refused', name: 'duration' }
  const details = chooseDetails(detailsOf(request), fields, detailContext(request, person, context))
  if (details.outcome !== 'chosen') return details
  return {
    outcome: 'chosen',
    grant: {
      scopes: scopes.granted,
      claims: claims.granted,
      declinedClaims: claims.declined,
      withheld,
      details: details.granted,
      declinedDetails: details.declined,
      duration,
    },
    declinedScopes: scopes.declined,
  }
}

/** OIDC Core §3.1.2.4: everything that is asked for, for a request that needs no page. Authorization details always need one. */
export function wholeGrant(
  request: AuthorizationRequest,
  { claims }: Pick<User, 'claims'>,
  scopes: readonly string[],
  secondsLeft?: number,
): Grant {
  const withheld = withheldClaims(request, claims)
  return {
    scopes: [...scopes],
    claims: claimsToDecide(request, withheld).map(({ name }) => name),
    declinedClaims: [],
    withheld,
    details: [],
    declinedDetails: [],
    duration: 'unlimited',
    ...(secondsLeft !== undefined && { secondsLeft }),
  }
}

/** RFC 6749 §4.1.2.1: what Deny says: no to everything. */
export function nothing(
  request: AuthorizationRequest,
  { claims }: Pick<User, 'claims'>,
): { grant: Grant; declinedScopes: string[] } {
  const withheld = withheldClaims(request, claims)
  return {
    grant: {
      scopes: [],
      claims: [],
      declinedClaims: claimsToDecide(request, withheld).map(({ name }) => name),
      withheld,
      details: [],
      declinedDetails: [...detailsOf(request)],
      duration: 'unlimited',
    },
    declinedScopes: policiesOf(request).map(({ name }) => name),
  }
}

/**
 * RFC 6749 §4.1.2.1: whether a choice leaves nothing, although something was asked for. Where scopes were asked for, one must be left:
 * an empty list is "none" to some engines of this API and "all of them" to others, so it is never sent.
 */
export function isNothing({ grant, declinedScopes }: Extract<Choice, { outcome: 'chosen' }>): boolean {
  const { scopes, claims, details, declinedClaims, declinedDetails, withheld } = grant
  if (scopes.length > 0) return false
  if (declinedScopes.length > 0) return true
  return claims.length + details.length === 0 && declinedClaims.length + declinedDetails.length + withheld.length > 0
}

/** Grant Management for OAuth 2.0: whether a decision of this person reaches the grant that the request names. Nobody changes another's. */
export function changesGrantOf(grantSubject: string | undefined, subject: string): boolean {
  return grantSubject === undefined || grantSubject === subject
}

/** RFC 9396 §7: what the cards of this request need to know. */
export function detailContext(
  { service }: AuthorizationRequest,
  { user }: Pick<Person, 'user'>,
  { lang, now }: Pick<DetailContext, 'lang' | 'now'>,
): DetailContext {
  return { lang, now, user, resourceName: (uri) => resourceName(service.attributes, uri) }
}

/** OIDC Core §5.5.1: what a decision is about. What is withheld is not offered, and so neither allowed nor declined. */
export function claimsToDecide(request: AuthorizationRequest, withheld: readonly string[]): RequestedClaim[] {
  return requestedClaims(request).filter(({ name }) => !withheld.includes(name))
}

type ClaimDecision =
  { outcome: 'granted'; granted: string[]; declined: string[] } | { outcome: 'refused'; name: string }

/** OIDC Core §5.5.1: an essential claim is what the client cannot do without; any other is released when it is ticked. */
function decideClaims(
  request: AuthorizationRequest,
  posted: readonly string[],
  withheld: readonly string[],
): ClaimDecision {
  const requested = claimsToDecide(request, withheld)
  const optional = new Set(requested.filter(({ essential }) => !essential).map(({ name }) => name))
  const foreign = posted.find((name) => !optional.has(name))
  if (foreign !== undefined) return { outcome: 'refused', name: foreign }
  const names = requested.map(({ name }) => name)
  const ticked = new Set(posted)
  const isGranted = (name: string) => !optional.has(name) || ticked.has(name)
  return {
    outcome: 'granted',
    granted: names.filter(isGranted),
    declined: names.filter((name) => !isGranted(name)),
  }
}

/** One of those that the page offers, or what it shows as chosen; undefined when a form names anything else, or several. */
function readDuration(request: AuthorizationRequest, posted: readonly string[]): Duration | undefined {
  if (posted.length === 0) return defaultDuration(request)
  return posted.length === 1 ? offeredDurations(request).find((duration) => duration === posted[0]) : undefined
}
