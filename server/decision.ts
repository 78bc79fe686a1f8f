import type { Question } from '../sdk/types.ts'
import { durationSeconds } from './access-duration.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { clientPolicy, mayRemember, maySkipConsent } from './client-policy.ts'
import { requestedClaims } from './requested-claims.ts'
import { policiesOf } from './scope-policy.ts'

/** Somebody who is signed in on this browser. */
export interface SignedIn {
  subject: string
  /** When the password or the passkey was checked, in seconds since 1970. */
  authTime: number
  /** OIDC Core §2: the authentication context class that was performed. */
  acr: string
}

/** What happened so far for this request. */
export interface Progress {
  /** Who authenticated because of it: an older sign-in does not satisfy `prompt=login`. */
  authenticatedSubject: string | undefined
  /** The account is still to be chosen: `prompt=select_account`, or the person asked for it. */
  mustChoose: boolean
}

/** What the person decided about this client before, as far as it counts for the request. */
export interface Remembered {
  granted: Names
  declined: Names
  claims: Names
  /** The earliest end of what the request asks for; undefined when the person set none. */
  endsAt?: Date | undefined
}

interface Names {
  has(name: string): boolean
}

export interface Circumstances {
  request: AuthorizationRequest
  /** Who is signed in, and still exists. */
  person: SignedIn | undefined
  /** How many accounts are signed in on this browser. */
  accounts: number
  progress: Progress
  remembered: Remembered | undefined
  /** Whether the person ever decided about this client themselves: from then on their word counts, and not the house's. */
  hasDecided: boolean
  /** Seconds since 1970. */
  now: number
}

export type FailReason = Question<'auth_authorization_fail_api'>['reason']

export type LoginReason = 'asked-again' | 'too-long-ago' | 'with-passkey' | 'with-password' | 'stronger'

export type Step = PageStep | FinalStep

/** A page has to be shown. */
export type PageStep =
  { step: 'login'; reason: LoginReason | undefined } | { step: 'select-account' } | { step: 'consent' }

/** The engine has to be told. */
export type FinalStep = IssueStep | { step: 'fail'; reason: FailReason; description?: string }

/** Everything that was asked for, from memory or by the policy of the house. */
export interface IssueStep {
  step: 'issue'
  by: 'memory' | 'policy'
  person: SignedIn
  scopes: string[]
  /** After how many seconds it all ends; undefined when the person set no end. */
  secondsLeft?: number
}

/** OIDC Core §2, the authentication context classes that the login page performs: username and password, */
export const passwordAcr = 'urn:gatehouse:acr:password'

/** and a passkey, which its device unlocks for its owner only. */
export const passkeyAcr = 'urn:gatehouse:acr:passkey'

const performedAcrs: readonly string[] = [passwordAcr, passkeyAcr]

/** Decides what an accepted authorization request needs next: OIDC Core §3.1.2.3 and §3.1.2.4. Nothing here asks or changes anything. */
export function decide(circumstances: Circumstances): Step {
  const obstacle = findObstacle(circumstances)
  return obstacle?.page ?? finalStep(obstacle, circumstances)
}

/** The same for NO_INTERACTION: OIDC Core §3.1.2.1, `prompt=none` forbids pages, so what would need one ends the request. */
export function decideWithoutPages(circumstances: Circumstances): FinalStep {
  return finalStep(findObstacle(circumstances), circumstances)
}

/** What stands between the request and a code: the reason if no page may mend it, and the page that would. */
interface Obstacle {
  reason: FailReason
  description?: string
  page?: PageStep
}

function finalStep(obstacle: Obstacle | undefined, circumstances: Circumstances): FinalStep {
  if (obstacle !== undefined) {
    const { reason, description } = obstacle
    return { step: 'fail', reason, ...(description !== undefined && { description }) }
  }
  const { request, person } = circumstances
  if (person === undefined) return { step: 'fail', reason: 'NOT_LOGGED_IN' }
  const scopes = request.scopes.map(({ name }) => name)
  if (isSkipped(circumstances)) return { step: 'issue', by: 'policy', person, scopes }
  const secondsLeft = findSecondsLeft(circumstances)
  return { step: 'issue', by: 'memory', person, scopes, ...(secondsLeft !== undefined && { secondsLeft }) }
}

/** RFC 6749 §1.5: how long an answer from memory lasts. */
function findSecondsLeft({ request, remembered, now }: Circumstances): number | undefined {
  // What a person let last for a while goes on for the rest of it, and not for as long again.
  const untilEnd = remembered?.endsAt && secondsUntil(remembered.endsAt, now)
  // OIDC Core §11: a client cannot turn a no to `offline_access` into a refresh token by not mentioning it.
  const isOffline = remembered?.declined.has('offline_access') !== true
  const untilTokenEnds = isOffline ? undefined : durationSeconds('session', request)
  const limits = [untilEnd, untilTokenEnds].filter((seconds) => seconds !== undefined)
  return limits.length === 0 ? undefined : Math.min(...limits)
}

function findObstacle(circumstances: Circumstances): Obstacle | undefined {
  const { request, person } = circumstances
  const obstacle = findObstacleForAll(request)
  if (obstacle !== undefined) return obstacle
  if (person === undefined) return { reason: 'NOT_LOGGED_IN', page: { step: 'login', reason: undefined } }
  return findObstacleFor(person, circumstances)
}

/** What no person could mend. */
function findObstacleForAll(request: AuthorizationRequest): Obstacle | undefined {
  const { acrs, acrEssential, resources } = request
  const verdict = clientPolicy(request)
  if (!verdict.allowed) return { reason: verdict.reason, description: verdict.description }
  // Which resources there are is for the engine to know; this front-end only insists on the form that RFC 8707 §2 gives them.
  if (!resources.every(isResourceIndicator)) return { reason: 'INVALID_TARGET' }
  // OIDC Core §5.5.1.1: an essential class that nobody here can perform.
  if (acrEssential && acrs.length > 0 && !acrs.some((acr) => performedAcrs.includes(acr))) {
    return { reason: 'ACR_NOT_SATISFIED' }
  }
  return undefined
}

/** The checks in the order in which a person meets the pages. */
function findObstacleFor(person: SignedIn, circumstances: Circumstances): Obstacle | undefined {
  const { request, accounts, progress, now } = circumstances
  const { prompts, maxAge, acrs, acrEssential, subject } = request
  if (progress.mustChoose) {
    const page: PageStep = accounts > 0 ? { step: 'select-account' } : { step: 'login', reason: undefined }
    return { reason: 'ACCOUNT_SELECTION_REQUIRED', page }
  }

  // MAX_AGE_NOT_SUPPORTED never happens here: every sign-in has its time.
  const isFresh = progress.authenticatedSubject === person.subject
  // max_age=0 arrives here as LOGIN, also together with prompt=none.
  if (prompts.includes('LOGIN') && !isFresh) {
    return { reason: 'EXCEEDS_MAX_AGE', page: { step: 'login', reason: 'asked-again' } }
  }
  if (maxAge > 0 && person.authTime + maxAge < now && !isFresh) {
    return { reason: 'EXCEEDS_MAX_AGE', page: { step: 'login', reason: 'too-long-ago' } }
  }
  if (subject !== undefined && subject !== person.subject) {
    return { reason: 'DIFFERENT_SUBJECT', page: { step: 'login', reason: undefined } }
  }
  if (acrEssential && acrs.length > 0 && !acrs.includes(person.acr)) {
    return { reason: 'ACR_NOT_SATISFIED', page: { step: 'login', reason: reasonOfAcr(acrs, person) } }
  }
  if (!needsConsent(circumstances)) return undefined
  // Grant Management for OAuth 2.0: nobody changes the grant of another person. With pages, whoever is there may give one of their own.
  const isOfAnother = request.grantSubject !== undefined && request.grantSubject !== person.subject
  return { reason: isOfAnother ? 'DIFFERENT_SUBJECT' : 'CONSENT_REQUIRED', page: { step: 'consent' } }
}

/** OIDC Core §5.5.1.1: what somebody is told who signed in by another class than the essential ones. */
function reasonOfAcr(acrs: readonly string[], { acr }: SignedIn): LoginReason {
  if (acr === passwordAcr && acrs.includes(passkeyAcr)) return 'with-passkey'
  return acr === passkeyAcr && acrs.includes(passwordAcr) ? 'with-password' : 'stronger'
}

function isResourceIndicator(resource: string): boolean {
  // RFC 3986 knows no white space, but parsers forgive it, and consent is remembered as words.
  return URL.canParse(resource) && !/[#\s]/.test(resource)
}

/** OIDC Core §3.1.2.4: the house let its own client in, and the person has not said anything about it. */
function isSkipped({ request, hasDecided }: Circumstances): boolean {
  return maySkipConsent(request) && !hasDecided
}

function needsConsent(circumstances: Circumstances): boolean {
  const { request, remembered, now } = circumstances
  const { prompts, dynamicScopes, authorizationDetails, gmAction } = request
  if (isSkipped(circumstances)) return false
  if (remembered === undefined || prompts.includes('CONSENT') || !mayRemember(request)) return true
  // A parameterized scope has another meaning each time, RFC 9396 is about one case, and a managed grant is a decision of its own.
  if (dynamicScopes.length > 0 || authorizationDetails !== undefined || gmAction !== undefined) return true
  if (remembered.endsAt !== undefined && secondsUntil(remembered.endsAt, now) <= 0) return true
  const [policies, claims] = [policiesOf(request), requestedClaims(request)]
  // Where nothing is asked for, no decision of before was about it.
  if (policies.length + claims.length === 0) return true
  return (
    policies.some(({ name, sensitive }) => sensitive || !remembered.granted.has(name)) ||
    claims.some(({ name }) => !remembered.claims.has(name))
  )
}

function secondsUntil(end: Date, now: number): number {
  return Math.floor(end.getTime() / 1000) - now
}
