import type { Request, RequestHandler, Response } from 'express'
import { durationSeconds } from '../access-duration.ts'
import { translateAnswers } from '../authorization-details/registry.ts'
import { detailsOf } from '../authorization-request.ts'
import { issueAuthorization, type Delivery } from '../authorization-response.ts'
import { changesGrantOf, detailContext, isNothing, nothing, readChoice, type Grant } from '../consent-choice.ts'
import { consentPage, showedEverything, shownConsent } from '../consent-page.ts'
import { completeWithConsent, completeWithDenial, ipClassOf, type Consent } from '../consents.ts'
import { checkForm } from '../csrf.ts'
import { demoUsers } from '../demo-people.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import {
  answer,
  completedBefore,
  findOpenInteraction,
  findPerson,
  findStanding,
  moveOn,
  openInteraction,
  type Person,
  type Standing,
} from '../interaction-step.ts'
import { recordShown, type Interaction } from '../interactions.ts'
import { directionOf } from '../locale.ts'
import type { ConsentPage } from '../pages.ts'
import { receiptDelivery } from '../receipt.ts'
import { Refusal } from '../refusal.ts'
import { redirect } from '../respond.ts'
import { policiesOf } from '../scope-policy.ts'
import { openSession } from '../session.ts'
import { clientView, pageFrame, showPage, type PageFrame } from '../show-page.ts'
import { readShownForm } from '../shown-form.ts'
import { keepLanguage, pickedLanguage } from './language.ts'
import { findPreview } from './preview.ts'

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
    const posted = await readFields(req)
    const interaction = await findOpenInteraction(frontEnd, req)
    const person = await findPerson(frontEnd, req)
    const { request, progress, shown } = interaction
    const isOurs = checkForm(req, posted, frontEnd.config.issuer) === 'ours'
    if (shown === undefined || person === undefined) {
      redirect(res, `/interaction/${interaction.id}`)
      return
    }
    if (shown.subject !== person.subject) throw otherAccount(interaction)
    const { lang, sentencesHash } = shown
    const choice = readChoice(interaction, person, posted, { lang, now: frontEnd.now() })
    // A forged form ends here: nothing was asked of the engine, and nothing is kept.
    if (choice.outcome === 'refused') throw notOffered(interaction)
    if (!showedEverything(shown, request, person.user))
      throw new Error('The consent page did not show what the policy asks for')

    const standing = await findStanding(frontEnd, req, request, progress)
    const { step } = standing
    // The memory may have grown in another tab, so that this page would not be needed any more; but the person was asked, and answers.
    if (step.step !== 'consent' && step.step !== 'issue') {
      await moveOn(frontEnd, res, interaction, step)
      return
    }

    const form = readShownForm(interaction, shown, person, posted, frontEnd.now())
    const again = { interaction, standing, person, posted: form.fields }
    const evidence = { interaction, person, locale: lang, sentencesHash }
    if (!isOurs || form.answers === 'another') {
      await showConsent(frontEnd, req, res, { ...again, status: 409, problem: 'stale' })
      return
    }
    const picked = posted.has('decision') ? undefined : pickedLanguage(posted)
    if (picked !== undefined) {
      keepLanguage(res, picked, frontEnd.config.issuer, `/interaction/${interaction.id}`)
      // The form was read in the old language, and comes again in the new one, with all that was ticked and typed.
      const context = detailContext(request, person, { lang, now: frontEnd.now() })
      const translated = translateAnswers(detailsOf(request), posted, context, picked)
      await showConsent(frontEnd, req, res, { ...again, posted: translated, lang: picked })
      return
    }
    switch (posted.getAll('decision').join(' ')) {
      case 'deny':
        await deny(frontEnd, req, res, evidence)
        return
      case 'allow':
        if (choice.outcome === 'invalid') {
          await showConsent(frontEnd, req, res, { ...again, status: 400, problem: 'detail' })
        } else if (!isNothing(choice)) {
          const { grant, declinedScopes } = choice
          const allowance = { ...evidence, grant, declinedScopes }
          await allow(frontEnd, req, res, allowance, await makeReceipt(frontEnd, req, again, grant))
        } else if (shown.warnedOfNothing) {
          await deny(frontEnd, req, res, evidence)
        } else {
          // It may be an oversight, so it is asked once more. After that it is a no.
          const isAnyTicked = choice.grant.details.length > 0 || posted.has('claim')
          const problem = isAnyTicked ? 'no-scope' : 'nothing-selected'
          await showConsent(frontEnd, req, res, { ...again, status: 400, problem })
        }
        return
      case 'select-all':
        await showConsent(frontEnd, req, res, { ...again, posted: tickAll(interaction, posted), notice: 'selected' })
        return
      default:
        // Enter in a checkbox presses the page's first button, which decides nothing.
        await showConsent(frontEnd, req, res, { ...again, notice: 'review' })
    }
  }
}

/** The form as if every permission were ticked that is not sensitive. Nobody's data goes with it: claims are ticked one by one. */
function tickAll({ request }: Interaction, posted: URLSearchParams): URLSearchParams {
  const ticked = new URLSearchParams(posted)
  for (const { name, mode, sensitive } of policiesOf(request)) {
    if (mode === 'optional' && !sensitive) ticked.append('scope', name)
  }
  return ticked
}

/** Who decided, and after reading what. */
interface Evidence {
  interaction: Interaction
  person: Person
  locale: string
  sentencesHash: string
}

interface Allowance extends Evidence {
  grant: Grant
  declinedScopes: string[]
}

async function allow(
  frontEnd: FrontEnd,
  req: Request,
  res: Response,
  allowance: Allowance,
  delivery: Delivery | undefined,
): Promise<void> {
  const { interaction, person, grant } = allowance
  const { id, request } = interaction
  const now = frontEnd.now()
  const isFirst = await completeWithConsent(frontEnd.database, id, consentOf(allowance, req.ip, now), now)
  if (!isFirst) throw completedBefore(request)
  await issueAuthorization(frontEnd, res, request, person, grant, delivery)
}

/** The evidence of a decision: who allowed whom what, out of what, for how long, and after reading what. */
function consentOf(allowance: Allowance, address: string | undefined, now: Date): Consent {
  const { interaction, person, grant, declinedScopes, locale, sentencesHash } = allowance
  const { request } = interaction
  const { gmAction, grantSubject } = request
  const seconds = durationSeconds(grant.duration, request)
  return {
    subject: person.subject,
    client: request.client,
    redirectUri: request.redirectUri,
    requested: policiesOf(request).map(({ name }) => name),
    granted: grant.scopes,
    declined: declinedScopes,
    dynamicScopes: request.dynamicScopes.map(({ value }) => value),
    claims: grant.claims,
    declinedClaims: grant.declinedClaims,
    requestedDetails: detailsOf(request),
    details: grant.details,
    resources: request.resources,
    replaces: gmAction === 'REPLACE' && changesGrantOf(grantSubject, person.subject),
    ...(gmAction !== undefined && changesGrantOf(grantSubject, person.subject) && { managedTicket: request.ticket }),
    duration: grant.duration,
    endsAt: seconds === undefined ? undefined : new Date(now.getTime() + seconds * 1000),
    ipClass: ipClassOf(address),
    locale,
    sentencesHash,
  }
}

/** RFC 6749 §4.1.2.1: access_denied. */
async function deny(frontEnd: FrontEnd, req: Request, res: Response, evidence: Evidence): Promise<void> {
  const { id, request } = evidence.interaction
  const { user } = evidence.person
  const now = frontEnd.now()
  const denial = consentOf({ ...evidence, ...nothing(request, user) }, req.ip, now)
  if (!(await completeWithDenial(frontEnd.database, id, denial, now))) throw completedBefore(request)
  await answer(frontEnd, res, request, { step: 'fail', reason: 'DENIED' })
}

interface ConsentState {
  interaction: Interaction
  standing: Standing
  person: Person
  status?: number
  posted?: URLSearchParams
  /** Picked just now. */
  lang?: string
  problem?: ConsentPage['problem']
  notice?: ConsentPage['notice']
}

async function showConsent(frontEnd: FrontEnd, req: Request, res: Response, state: ConsentState): Promise<void> {
  const { interaction, person, status = 200, posted } = state
  const page = await makePage(frontEnd, req, state)
  await recordShown(frontEnd.database, interaction.id, shownConsent(page, person.subject))
  const preview = await findPreview(frontEnd, interaction, person, posted, page.lang)
  await showPage(res, status, 'consent', { ...page, preview })
}

async function makePage(frontEnd: FrontEnd, req: Request, state: ConsentState): Promise<ConsentPage> {
  const { interaction, standing, person, posted, problem, notice } = state
  const { request } = interaction
  const { config, now } = frontEnd
  const frame = frameOf(frontEnd, req, state)
  return consentPage({
    frame,
    interaction,
    client: clientView(request.client, frame.lang, frontEnd.logos),
    csrfToken: (await openSession(req)).csrfToken,
    user: person.user,
    memory: standing.memory,
    posted,
    preselect: config.consentPreselect,
    problem,
    notice,
    now: now(),
  })
}

/** What was typed is read in the language of the page it was typed on, so a form that comes again comes in that language. */
function frameOf(
  frontEnd: FrontEnd,
  req: Request,
  { interaction: { request, shown }, posted, lang = posted && shown?.lang }: ConsentState,
): PageFrame {
  const frame = pageFrame(frontEnd, req, request)
  return lang === undefined ? frame : { ...frame, lang, dir: directionOf(lang) }
}

/** In a demonstration, a page that sums up may come before the client. */
async function makeReceipt(
  frontEnd: FrontEnd,
  req: Request,
  state: ConsentState,
  grant: Grant,
): Promise<Delivery | undefined> {
  if (!frontEnd.config.showReceipt || demoUsers(frontEnd).length === 0) return undefined
  const { interaction, person } = state
  const { request } = interaction
  const page = await makePage(frontEnd, req, state)
  const context = detailContext(request, person, { lang: page.lang, now: frontEnd.now() })
  return receiptDelivery({ request, page, grant, context })
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
    description: 'The form names something that the page does not offer',
    page: 'forged',
    client: request.client,
  })
}
