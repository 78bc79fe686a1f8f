import type { Request, RequestHandler } from 'express'
import type { AuthorizationRequest } from '../authorization-request.ts'
import { findClaimValues } from '../authorization-response.ts'
import { readChoice, type Choice } from '../consent-choice.ts'
import { checkForm } from '../csrf.ts'
import { demoUsers } from '../demo-people.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { findOpenInteraction, findPerson, type Person } from '../interaction-step.ts'
import type { Interaction, ShownConsent } from '../interactions.ts'
import { renderPreview } from '../pages.ts'
import { previewOf, waitingPreview, type Preview } from '../preview.ts'
import { Refusal } from '../refusal.ts'
import { forbidStoring } from '../respond.ts'
import { pageFrame } from '../show-page.ts'
import { readShownForm } from '../shown-form.ts'

/**
 * POST /interaction/:id/preview — demo mode only: what Allow would do with the form as it is. It checks what the decision checks, asks
 * the engine nothing and keeps nothing.
 */
export function preview(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const { interaction, shown, person } = await findShownConsent(frontEnd, req)
    if (checkForm(req, fields, frontEnd.config.issuer) === 'stale')
      throw notNow(403, 'This form is not of this session')
    const { request } = interaction
    const frame = pageFrame(frontEnd, req, request)
    // The form is read as the decision reads it: in the language of the page.
    const choice = readChoice(interaction, person, fields, { lang: shown.lang, now: frontEnd.now() })
    if (choice.outcome === 'refused') throw notNow(400, 'The form names something that the page does not offer')
    if (readShownForm(interaction, shown, person, fields, frontEnd.now()).answers === 'another')
      throw notNow(409, 'The form answers another page than the one that was shown last')
    const html = await renderPreview({ ...frame, preview: await previewOfChoice(frontEnd, request, person, choice) })
    forbidStoring(res).set('Content-Type', 'text/html; charset=utf-8').send(html)
  }
}

/** The panel beside a consent page; undefined outside demo mode. For a page that nobody answered yet the script asks for its content. */
export async function findPreview(
  frontEnd: FrontEnd,
  interaction: Interaction,
  person: Person,
  posted: URLSearchParams | undefined,
  lang: string,
): Promise<Preview | undefined> {
  if (demoUsers(frontEnd).length === 0) return undefined
  const choice = posted && readChoice(interaction, person, posted, { lang, now: frontEnd.now() })
  if (choice === undefined || choice.outcome === 'refused') return waitingPreview
  return previewOfChoice(frontEnd, interaction.request, person, choice)
}

async function previewOfChoice(
  { users }: FrontEnd,
  request: AuthorizationRequest,
  person: Person,
  choice: Exclude<Choice, { outcome: 'refused' }>,
): Promise<Preview> {
  const claimValues =
    choice.outcome === 'chosen' ? await findClaimValues(users, request, person.subject, choice.grant) : {}
  return previewOf(request, person, choice, claimValues)
}

/** The interaction whose consent page is in front of the person who is signed in. */
async function findShownConsent(
  frontEnd: FrontEnd,
  req: Request,
): Promise<{ interaction: Interaction; shown: ShownConsent; person: Person }> {
  const interaction = await findOpenInteraction(frontEnd, req)
  const person = await findPerson(frontEnd, req)
  const { shown } = interaction
  if (person === undefined || shown === undefined || shown.subject !== person.subject) {
    throw notNow(409, 'No consent page of this person is open at this address')
  }
  return { interaction, shown, person }
}

function notNow(status: number, description: string): Refusal {
  return new Refusal(status, { error: 'invalid_request', description, page: 'forged' })
}
