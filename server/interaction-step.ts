import type { Request, Response } from 'express'
import { ask, EngineError } from '../sdk/engine.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { failAuthorization, issueAuthorization } from './authorization-response.ts'
import { maySkipConsent } from './client-policy.ts'
import { wholeGrant } from './consent-choice.ts'
import {
  completeInteraction,
  findDecisions,
  hasDecided,
  liveMemory,
  recordPolicyGrant,
  recordUse,
  type ConsentMemory,
} from './consents.ts'
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
  frontEnd: FrontEnd,
  req: Request,
  request: AuthorizationRequest,
  progress: Progress,
): Promise<Standing> {
  const person = await findPerson(frontEnd, req)
  const memory = person && (await findMemory(frontEnd, person.subject, request))
  const circumstances: Circumstances = {
    request,
    person: person && req.session.signedIn,
    accounts: accountsOf(req).length,
    progress,
    remembered: memory,
    // Only for clients of the house does it matter.
    hasDecided:
      person !== undefined &&
      maySkipConsent(request) &&
      (await hasDecided(frontEnd.database, person.subject, request.client.clientId)),
    now: Math.floor(frontEnd.now().getTime() / 1000),
  }
  return { circumstances, step: decide(circumstances), person, memory }
}

/** Who is signed in on this browser; undefined when nobody is, or when they no longer exist. */
export async function findPerson({ users }: FrontEnd, { session }: Request): Promise<Person | undefined> {
  const { signedIn } = session
  const user = signedIn && (await users.find(signedIn.subject))
  return signedIn && user && { ...signedIn, user }
}

/**
 * What the person allowed this client before. The engine remembers scopes, too, and forgets them when a grant is revoked there: so what
 * counts is what both remember.
 */
async function findMemory(
  frontEnd: FrontEnd,
  subject: string,
  request: AuthorizationRequest,
): Promise<ConsentMemory | undefined> {
  const { clientId } = request.client
  const now = frontEnd.now()
  const decisions = await findDecisions(frontEnd.database, subject, clientId)
  const memory = liveMemory(decisions, 'not-told', request, now)
  if (memory === undefined || memory.granted.size === 0) return memory
  return liveMemory(decisions, await findEngineGrants(frontEnd, subject, clientId), request, now)
}

/** The scopes that the engine remembers; undefined when it remembers no grant. Some engines do not tell: then our own record serves. */
async function findEngineGrants(
  { engine, service }: FrontEnd,
  subject: string,
  clientId: number,
): Promise<readonly string[] | undefined | 'not-told'> {
  const path = { ...service, clientId: String(clientId) }
  try {
    const { mergedGrantedScopes } = await ask(
      // The subject goes in the body: an address is written into logs.
      engine.POST('/api/{serviceId}/client/granted_scopes/get/{clientId}', { params: { path }, body: { subject } }),
    )
    return mergedGrantedScopes
  } catch (error) {
    if (error instanceof EngineError && (error.status === 403 || error.status === 404)) return 'not-told'
    throw error
  }
}

/** Finds the interaction that an address names, and where it stands; throws what the person is told when it cannot go on. */
export async function openInteraction(
  frontEnd: FrontEnd,
  req: Request,
): Promise<{ interaction: Interaction; standing: Standing }> {
  const interaction = await findOpenInteraction(frontEnd, req)
  return { interaction, standing: await findStanding(frontEnd, req, interaction.request, interaction.progress) }
}

/** Finds the interaction that an address names; throws what the person is told when there is none that is open. */
export async function findOpenInteraction({ database, now }: FrontEnd, req: Request): Promise<Interaction> {
  const found = await findInteraction(database, String(req.params['id']), req.session.browser, now())
  switch (found.outcome) {
    case 'open':
      return found.interaction
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
  if (step.step === 'fail') {
    await failAuthorization(frontEnd, res, request, step.reason, step.description)
    return
  }
  const { person, scopes, secondsLeft, by } = step
  // Whoever was deleted this very moment has no claims.
  const user = (await frontEnd.users.find(person.subject)) ?? { claims: {} }
  const grant = wholeGrant(request, user, scopes, secondsLeft)
  const { client, redirectUri } = request
  if (by === 'memory') await recordUse(frontEnd.database, person.subject, client.clientId, frontEnd.now())
  else {
    const { claims } = grant
    await recordPolicyGrant(
      frontEnd.database,
      { subject: person.subject, client, redirectUri, scopes, claims },
      frontEnd.now(),
    )
  }
  await issueAuthorization(frontEnd, res, request, person, grant)
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
