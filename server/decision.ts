import type { Question } from '../sdk/types.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { isLoopback } from './redirect-destination.ts'
import { requestedClaims } from './requested-claims.ts'
import { scopePolicies } from './scope-policy.ts'

/** Somebody who is signed in on this browser. */
export interface SignedIn {
  subject: string
  /** When the password was checked, in seconds since 1970. */
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

/** What the person granted to this client before. */
export interface Remembered {
  granted: Names
  claims: Names
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
  /** Seconds since 1970. */
  now: number
}

export type FailReason = Question<'auth_authorization_fail_api'>['reason']

export type LoginReason = 'asked-again' | 'too-long-ago' | 'stronger'

export type Step = PageStep | FinalStep

/** A page has to be shown. */
export type PageStep =
  { step: 'login'; reason: LoginReason | undefined } | { step: 'select-account' } | { step: 'consent' }

/** The engine has to be told. */
export type FinalStep = { step: 'issue'; person: SignedIn; scopes: string[] } | { step: 'fail'; reason: FailReason }

/** The one authentication context class that the login page performs: username and password. */
export const passwordAcr = 'urn:gatehouse:acr:password'

/** Decides what an accepted authorization request needs next: OIDC Core §3.1.2.3 and §3.1.2.4. Nothing here asks or changes anything. */
export function decide(circumstances: Circumstances): Step {
  const obstacle = findObstacle(circumstances)
  return obstacle?.page ?? finalStep(obstacle, circumstances)
}

/** The same for NO_INTERACTION: OIDC Core §3.1.2.1, `prompt=none` forbids pages, so what would need one ends the request. */
export function decideWithoutPages(circumstances: Circumstances): FinalStep {
  return finalStep(findObstacle(circumstances), circumstances)
}

/** Says whether a decision may be made for the person from memory: only with a client that nobody else can pretend to be. */
export function mayRemember({ client, redirectUri }: AuthorizationRequest): boolean {
  const isStatic =
    (client.clientSource ?? 'STATIC_REGISTRATION') === 'STATIC_REGISTRATION' &&
    !client.dynamicallyRegistered &&
    !client.discoveredByMetadataDocument
  if (!isStatic) return false
  if (client.clientType !== 'PUBLIC') return true
  // RFC 8252 §8.6: any program on the device can answer at a loopback address or claim a scheme; an https address has one owner.
  const isOurs = client.attributes.some(({ key, value }) => key === 'first_party' && value === 'true')
  return isOurs && redirectUri?.startsWith('https:') === true && !isLoopback(new URL(redirectUri))
}

/** What stands between the request and a code: the reason if no page may mend it, and the page that would. */
interface Obstacle {
  reason: FailReason
  page?: PageStep
}

function finalStep(obstacle: Obstacle | undefined, { request, person }: Circumstances): FinalStep {
  if (obstacle !== undefined || person === undefined)
    return { step: 'fail', reason: obstacle?.reason ?? 'NOT_LOGGED_IN' }
  return { step: 'issue', person, scopes: request.scopes.map(({ name }) => name) }
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
  const { acrs, acrEssential, authorizationDetails, resources } = request
  // RFC 9396 §3.1: what no page here can show is not granted unseen.
  if (authorizationDetails !== undefined) return { reason: 'SERVER_ERROR' }
  // Which resources there are is for the engine to know; this front-end only insists on the form that RFC 8707 §2 gives them.
  if (!resources.every(isResourceIndicator)) return { reason: 'INVALID_TARGET' }
  // OIDC Core §5.5.1.1: an essential class that nobody here can perform.
  if (acrEssential && acrs.length > 0 && !acrs.includes(passwordAcr)) return { reason: 'ACR_NOT_SATISFIED' }
  return undefined
}

/** The checks in the order in which a person meets the pages. */
function findObstacleFor(
  person: SignedIn,
  { request, accounts, progress, remembered, now }: Circumstances,
): Obstacle | undefined {
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
    return { reason: 'ACR_NOT_SATISFIED', page: { step: 'login', reason: 'stronger' } }
  }
  return needsConsent(request, remembered) ? { reason: 'CONSENT_REQUIRED', page: { step: 'consent' } } : undefined
}

function isResourceIndicator(resource: string): boolean {
  return URL.canParse(resource) && !resource.includes('#')
}

function needsConsent(request: AuthorizationRequest, remembered: Remembered | undefined): boolean {
  if (remembered === undefined || request.prompts.includes('CONSENT') || !mayRemember(request)) return true
  // A parameterized scope has another meaning each time.
  if (request.dynamicScopes.length > 0) return true
  const policies = scopePolicies(request.scopes)
  return (
    policies.some(({ name, sensitive }) => sensitive || !remembered.granted.has(name)) ||
    requestedClaims(request).some(({ name }) => !remembered.claims.has(name))
  )
}
