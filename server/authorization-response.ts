import type { Response } from 'express'
import { z } from 'zod'
import { ask } from '../sdk/engine.ts'
import type { ActionTable, Question } from '../sdk/types.ts'
import { durationSeconds, tokenDurations } from './access-duration.ts'
import { detailsOf, type AuthorizationRequest } from './authorization-request.ts'
import type { Grant } from './consent-choice.ts'
import type { FailReason, SignedIn } from './decision.ts'
import type { FrontEnd } from './front-end.ts'
import { settleHoldings } from './grant-holdings.ts'
import type { HowToFix } from './pages.ts'
import { Refusal } from './refusal.ts'
import { consentedClaims } from './requested-claims.ts'
import { perform, redirect, sendFormPost } from './respond.ts'
import type { Users } from './users.ts'
import { onlyAsAsked } from './withheld-claims.ts'

/** RFC 6749 §4.1.2: how an answer goes to the client. Something else may come between, for example a page that sums up. */
export type Delivery = Pick<
  ActionTable<'auth_authorization_issue_api', [res: Response], Promise<void> | void>,
  'LOCATION' | 'FORM'
>

/**
 * RFC 6749 §4.1.2: the person agreed, so the engine issues a code and says where to send it. The subject, and when and how they
 * authenticated, come from the session; nothing of it was ever in a form.
 */
export async function issueAuthorization(
  { engine, service, users, database }: FrontEnd,
  res: Response,
  request: AuthorizationRequest,
  person: SignedIn,
  grant: Grant,
  delivery: Delivery = toClient,
): Promise<void> {
  const body = issueQuestion(request, person, grant, await findClaimValues(users, request, person.subject, grant))
  const answer = await ask(
    engine.POST('/api/{serviceId}/auth/authorization/issue', { params: { path: service }, body }),
  )
  if ('grantId' in answer) {
    const holder = { subject: person.subject, clientId: request.client.clientId }
    const { ticket, gmAction } = request
    await settleHoldings(database, holder, { ticket, grantId: answer.grantId, replaces: gmAction === 'REPLACE' })
  }
  await perform({ ...respond, ...delivery }, answer, res)
}

/** RFC 6749 §4.1.2, RFC 9396 §7: what the engine is asked, exactly. It says no more than what was granted. */
export function issueQuestion(
  request: AuthorizationRequest,
  { subject, authTime, acr }: SignedIn,
  grant: Grant,
  claimValues: Record<string, unknown>,
): Question<'auth_authorization_issue_api'> {
  const seconds = grant.secondsLeft ?? durationSeconds(grant.duration, request)
  return {
    ticket: request.ticket,
    subject,
    authTime,
    acr,
    // Empty only where no scope was asked for: isNothing() sees to that.
    ...(grant.scopes.length > 0 && { scopes: grant.scopes }),
    ...(Object.keys(claimValues).length > 0 && { claims: JSON.stringify(claimValues) }),
    // Without the `claims` parameter the engine derives them from the granted scopes just so.
    ...(usesClaimsParameter(request) && { consentedClaims: consentedClaims(request, grant) }),
    // Without elements none is granted, without the member all are.
    ...(detailsOf(request).length > 0 && { authorizationDetails: { elements: grant.details } }),
    ...tokenDurations(seconds, request),
  }
}

/** OIDC Core §5.5: the values for the ID token, of those claims only that were consented to. */
export async function findClaimValues(
  users: Users,
  request: AuthorizationRequest,
  subject: string,
  grant: Grant,
): Promise<Record<string, unknown>> {
  const consented = consentedClaims(request, grant)
  // The engine listed the claims before anything was declined.
  const names = request.claims.filter((name) => consented.includes(name))
  if (names.length === 0) return {}
  return onlyAsAsked(await users.claims(subject, names, request.claimsLocales), request.idTokenClaims)
}

/** RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6: the request ends without a grant, and the client is told why. */
export async function failAuthorization(
  { engine, service }: FrontEnd,
  res: Response,
  { ticket }: AuthorizationRequest,
  reason: FailReason,
  description?: string,
): Promise<void> {
  const body = { ticket, reason, ...(description !== undefined && { description }) }
  const answer = await ask(engine.POST('/api/{serviceId}/auth/authorization/fail', { params: { path: service }, body }))
  await perform(respond, answer, res)
}

/** What the engine says when an answer must not go to the client: for a page, because a person is looking. */
export function refusalOfEngine(
  status: 400 | 500,
  { responseContent, resultCode }: { responseContent: string; resultCode: string },
  howToFix?: HowToFix,
): Refusal {
  const { error, error_description: description, error_uri: moreUri } = oauthError.parse(JSON.parse(responseContent))
  return new Refusal(status, { error, description: description ?? error, moreUri, resultCode, howToFix })
}

function usesClaimsParameter({ idTokenClaims, userInfoClaims }: AuthorizationRequest): boolean {
  return idTokenClaims !== undefined || userInfoClaims !== undefined
}

const toClient: Delivery = {
  LOCATION: ({ responseContent }, res) => {
    redirect(res, responseContent)
  },
  FORM: ({ responseContent }, res) => {
    sendFormPost(res, responseContent)
  },
}

const respond: ActionTable<
  'auth_authorization_issue_api' | 'auth_authorization_fail_api',
  [res: Response],
  Promise<void> | void
> = {
  ...toClient,
  BAD_REQUEST: (answer) => {
    throw refusalOfEngine(400, answer)
  },
  INTERNAL_SERVER_ERROR: (answer) => {
    throw refusalOfEngine(500, answer)
  },
}

const oauthError = z.object({
  error: z.string(),
  error_description: z.string().optional(),
  error_uri: z.string().optional(),
})
