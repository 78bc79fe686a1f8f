import type { RequestHandler } from 'express'
import { checkForm } from '../csrf.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { answer, complete, moveOn, openInteraction } from '../interaction-step.ts'
import { recordChoice } from '../interactions.ts'
import { redirect } from '../respond.ts'

/** GET /interaction/:id — goes to the page that comes next, or back to the client. */
export function interaction(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const { interaction, standing } = await openInteraction(frontEnd, req)
    await moveOn(frontEnd, res, interaction, standing.step)
  }
}

/** POST /interaction/:id/cancel — OIDC Core §3.1.2.6: whoever does not sign in denies. A session that was there before stays. */
export function cancel(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const { interaction } = await openInteraction(frontEnd, req)
    const { id, request } = interaction
    if (checkForm(req, fields, frontEnd.config.issuer) === 'stale') {
      redirect(res, `/interaction/${id}`)
      return
    }
    await complete(frontEnd, id, request)
    await answer(frontEnd, res, request, { step: 'fail', reason: 'DENIED' })
  }
}

/** POST /interaction/:id/switch — "Not you?": the request stays, and the account is chosen anew. */
export function switchAccount(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const { interaction } = await openInteraction(frontEnd, req)
    if (checkForm(req, fields, frontEnd.config.issuer) === 'ours') {
      await recordChoice(frontEnd.database, interaction.id, true)
    }
    redirect(res, `/interaction/${interaction.id}`)
  }
}
