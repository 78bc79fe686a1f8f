import type { Request, Response } from 'express'
import type { AuthorizationRequest } from './authorization-request.ts'
import { failAuthorization, issueAuthorization } from './authorization-response.ts'
import { completeInteraction, findConsentMemory, type ConsentMemory } from './consents.ts'
import { decide, type Circumstances, type FinalStep, type Progress, type SignedIn, type Step } from './decision.ts'
import type { FrontEnd } from './front-end.ts'
import { findInteraction, type Interaction } from './interactions.ts'
import { Refusal } from './refusal.ts'
import { redirect } from './respond.ts'
import { accountsOf } from './session.ts'
import type { User } from './users.ts'

/** Where a request stands, for the person in front of this browser. */
export interface Standing {
  circumstances: Circumstances
  step: Step
  /** Who is signed in; undefined when nobody is, or when they no longer exist. */
  person: Person | undefined
  memory: ConsentMemory | undefined
}

export interface Person extends SignedIn {
  user: User
}

/** Finds out what a request needs next. */
export async function findStanding(
  { database, users, now }: FrontEnd,
  req: Request,
  request: AuthorizationRequest,
  progress: Progress,
): Promise<Standing> {
  const { signedIn } = req.session
  const user = signedIn && (await users.find(signedIn.subject))
  const person = signedIn && user && { ...signedIn, user }
  const memory = person && (await findConsentMemory(database, person.subject, request.client.clientId))
  const circumstances: Circumstances = {
    request,
    person: person && signedIn,
    accounts: accountsOf(req).length,
    progress,
    remembered: memory,
    now: Math.floor(now().getTime() / 1000),
  }
  return { circumstances, step: decide(circumstances), person, memory }
}

/** Finds the interaction that an address names, and where it stands; throws what the person is told when it cannot go on. */
export async function openInteraction(
  frontEnd: FrontEnd,
  req: Request,
): Promise<{ interaction: Interaction; standing: Standing }> {
  const { id } = req.params
  const found = await findInteraction(frontEnd.database, String(id), req.session.browser, frontEnd.now())
  switch (found.outcome) {
    case 'open': {
      const { request, progress } = found.interaction
      return { interaction: found.interaction, standing: await findStanding(frontEnd, req, request, progress) }
    }
    case 'completed':
      throw completedBefore(found.request)
    case 'expired':
      throw expired(found.request)
    case 'unknown':
      throw expired()
  }
}

/** Takes the person to the page that comes next, or to the client when nothing is left to ask. */
export async function moveOn(
  frontEnd: FrontEnd,
  res: Response,
  { id, request }: Pick<Interaction, 'id' | 'request'>,
  step: Step,
): Promise<void> {
  switch (step.step) {
    case 'login':
      redirect(res, `/interaction/${id}/login`)
      return
    case 'select-account':
      redirect(res, `/interaction/${id}/accounts`)
      return
    case 'consent':
      redirect(res, `/interaction/${id}/consent`)
      return
    case 'issue':
    case 'fail':
      await complete(frontEnd, id, request)
      await answer(frontEnd, res, request, step)
  }
}

/** Tells the engine what was decided, and the client what the engine says. */
export async function answer(
  frontEnd: FrontEnd,
  res: Response,
  request: AuthorizationRequest,
  step: FinalStep,
): Promise<void> {
  if (step.step === 'fail') await failAuthorization(frontEnd, res, request, step.reason)
  else await issueAuthorization(frontEnd, res, request, step.person, step.scopes)
}

/** Ends an interaction; of several submits the first gets through, and the others are told so. */
export async function complete(frontEnd: FrontEnd, id: string, request: AuthorizationRequest): Promise<void> {
  if (!(await completeInteraction(frontEnd.database, id, frontEnd.now()))) throw completedBefore(request)
}

/** The request was answered before: a second submit, or the back button. */
export function completedBefore({ client }: AuthorizationRequest): Refusal {
  const description = 'This request was answered before'
  return new Refusal(409, { error: 'invalid_request', description, page: 'completed', client })
}

function expired(request?: AuthorizationRequest): Refusal {
  const description = 'This request has expired, or it belongs to another browser'
  return new Refusal(400, {
    error: 'invalid_request',
    description,
    page: 'expired',
    ...(request && { client: request.client }),
  })
}
