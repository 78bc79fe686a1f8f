import type { Request, RequestHandler, Response } from 'express'
import { issueAuthorization } from '../authorization-response.ts'
import { consentPage, policiesOf, showedEverything, shownConsent } from '../consent-page.ts'
import { completeWithConsent } from '../consents.ts'
import { checkForm } from '../csrf.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import {
  answer,
  complete,
  completedBefore,
  moveOn,
  openInteraction,
  type Person,
  type Standing,
} from '../interaction-step.ts'
import { recordShown, type Interaction } from '../interactions.ts'
import type { ConsentPage } from '../pages.ts'
import { Refusal } from '../refusal.ts'
import { requestedClaims } from '../requested-claims.ts'
import { decideScopes } from '../scope-policy.ts'
import { openSession } from '../session.ts'
import { clientView, pageFrame, showPage } from '../show-page.ts'

/** GET /interaction/:id/consent — OIDC Core §3.1.2.4: the person sees who asks for what. */
export function consent(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const { interaction, standing } = await openInteraction(frontEnd, req)
    const { step, person } = standing
    if (step.step === 'consent' && person !== undefined) {
      await showConsent(frontEnd, req, res, { interaction, standing, person })
    } else {
      await moveOn(frontEnd, res, interaction, step)
    }
  }
}

/** POST /interaction/:id/consent — the person decides. What may be granted comes from the kept request, never from the form. */
export function decideConsent(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const { interaction, standing } = await openInteraction(frontEnd, req)
    const { step, person } = standing
    const { shown } = interaction
    const isOurs = checkForm(req, fields, frontEnd.config.issuer) === 'ours'
    if (shown !== undefined && person !== undefined && shown.subject !== person.subject) throw otherAccount(interaction)
    // The memory may have grown in another tab, so that this page would not be needed any more; but the person was asked, and answers.
    const isAsked = step.step === 'consent' || step.step === 'issue'
    if (shown === undefined || person === undefined || !isAsked) {
      await moveOn(frontEnd, res, interaction, step)
      return
    }

    const policies = policiesOf(interaction)
    const posted = fields.getAll('scope')
    const decided = decideScopes(policies, posted)
    if (decided.outcome === 'refused') throw notOffered(interaction)
    if (!showedEverything(shown, policies)) throw new Error('The consent page did not show what the policy asks for')

    const again = { interaction, standing, person, ticked: posted }
    if (!isOurs) {
      await showConsent(frontEnd, req, res, { ...again, status: 409, problem: 'stale' })
      return
    }
    const { granted, declined } = decided
    switch (fields.getAll('decision').join(' ')) {
      case 'deny':
        await deny(frontEnd, res, interaction)
        return
      case 'allow':
        // Nothing was granted though something was asked for: that may be an oversight, so it is asked once more. After that it is a no.
        if (granted.length === 0 && declined.length > 0) {
          if (shown.warnedOfNothing) await deny(frontEnd, res, interaction)
          else await showConsent(frontEnd, req, res, { ...again, status: 400, problem: 'nothing-selected' })
          return
        }
        await allow(frontEnd, req, res, { interaction, person, granted, declined, sentencesHash: shown.sentencesHash })
        return
      case 'select-all': {
        const harmless = policies.filter(({ mode, sensitive }) => mode === 'optional' && !sensitive)
        const ticked = [...posted, ...harmless.map(({ name }) => name)]
        await showConsent(frontEnd, req, res, { ...again, ticked, notice: 'selected' })
        return
      }
      default:
        // Enter in a checkbox presses the page's first button, which decides nothing.
        await showConsent(frontEnd, req, res, { ...again, notice: 'review' })
    }
  }
}

interface Allowance {
  interaction: Interaction
  person: Person
  granted: string[]
  declined: string[]
  sentencesHash: string
}

async function allow(
  frontEnd: FrontEnd,
  req: Request,
  res: Response,
  { interaction, person, granted, declined, sentencesHash }: Allowance,
): Promise<void> {
  const { id, request } = interaction
  const decision = {
    subject: person.subject,
    clientId: request.client.clientId,
    requested: policiesOf(interaction).map(({ name }) => name),
    granted,
    declined,
    claims: requestedClaims(request).map(({ name }) => name),
    locale: pageFrame(frontEnd, req, request).lang,
    sentencesHash,
  }
  const isFirst = await completeWithConsent(frontEnd.database, id, decision, frontEnd.now())
  if (!isFirst) throw completedBefore(request)
  await issueAuthorization(frontEnd, res, request, person, granted)
}

/** RFC 6749 §4.1.2.1: access_denied. */
async function deny(frontEnd: FrontEnd, res: Response, { id, request }: Interaction): Promise<void> {
  await complete(frontEnd, id, request)
  await answer(frontEnd, res, request, { step: 'fail', reason: 'DENIED' })
}

interface ConsentState {
  interaction: Interaction
  standing: Standing
  person: Person
  status?: number
  ticked?: readonly string[]
  problem?: ConsentPage['problem']
  notice?: ConsentPage['notice']
}

async function showConsent(frontEnd: FrontEnd, req: Request, res: Response, state: ConsentState): Promise<void> {
  const { interaction, standing, person, status = 200, ticked, problem, notice } = state
  const { request } = interaction
  const frame = pageFrame(frontEnd, req, request)
  const page = consentPage({
    frame,
    interaction,
    client: clientView(request.client, frame.lang, frontEnd.config.issuer),
    csrfToken: (await openSession(req)).csrfToken,
    user: person.user,
    memory: standing.memory,
    ticked,
    problem,
    notice,
    now: frontEnd.now(),
  })
  await recordShown(frontEnd.database, interaction.id, shownConsent(page, person.subject))
  await showPage(res, status, 'consent', page)
}

function otherAccount({ request }: Interaction): Refusal {
  return new Refusal(409, {
    error: 'invalid_request',
    description: 'Another account was signed in while the page was open',
    page: 'other-account',
    client: request.client,
  })
}

function notOffered({ request }: Interaction): Refusal {
  return new Refusal(400, {
    error: 'invalid_request',
    description: 'The form names a scope that the page does not offer',
    page: 'forged',
    client: request.client,
  })
}
