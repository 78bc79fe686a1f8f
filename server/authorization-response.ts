import type { Response } from 'express'
import { z } from 'zod'
import { ask } from '../sdk/engine.ts'
import type { ActionTable } from '../sdk/types.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { FailReason, SignedIn } from './decision.ts'
import type { FrontEnd } from './front-end.ts'
import type { HowToFix } from './pages.ts'
import { Refusal } from './refusal.ts'
import { consentedClaims } from './requested-claims.ts'
import { perform, redirect, sendFormPost } from './respond.ts'

/**
 * RFC 6749 §4.1.2: the person agreed, so the engine issues a code and says where to send it. The subject, and when and how they
 * authenticated, come from the session; nothing of it was ever in a form.
 */
export async function issueAuthorization(
  { engine, service, users }: FrontEnd,
  res: Response,
  request: AuthorizationRequest,
  { subject, authTime, acr }: SignedIn,
  scopes: readonly string[],
): Promise<void> {
  const consented = consentedClaims(request, scopes)
  // The engine listed the claims before anything was declined.
  const names = request.claims.filter((name) => consented.includes(name))
  const claims = names.length === 0 ? {} : await users.claims(subject, names, request.claimsLocales)
  const body = {
    ticket: request.ticket,
    subject,
    authTime,
    acr,
    // An empty list would be read as "everything" by some engines. It never gets here: nothing granted is a denial.
    ...(scopes.length > 0 && { scopes: [...scopes] }),
    ...(Object.keys(claims).length > 0 && { claims: JSON.stringify(claims) }),
    // Without the `claims` parameter the engine derives them from the granted scopes just so.
    ...(usesClaimsParameter(request) && { consentedClaims: consented }),
  }
  const answer = await ask(
    engine.POST('/api/{serviceId}/auth/authorization/issue', { params: { path: service }, body }),
  )
  perform(respond, answer, res)
}

/** RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6: the request ends without a grant, and the client is told why. */
export async function failAuthorization(
  { engine, service }: FrontEnd,
  res: Response,
  { ticket }: AuthorizationRequest,
  reason: FailReason,
): Promise<void> {
  const body = { ticket, reason }
  const answer = await ask(engine.POST('/api/{serviceId}/auth/authorization/fail', { params: { path: service }, body }))
  perform(respond, answer, res)
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

const respond: ActionTable<'auth_authorization_issue_api' | 'auth_authorization_fail_api', [res: Response], void> = {
  LOCATION: ({ responseContent }, res) => {
    redirect(res, responseContent)
  },
  FORM: ({ responseContent }, res) => {
    sendFormPost(res, responseContent)
  },
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
