import type { Request, RequestHandler, Response } from 'express'
import { checkForm } from '../csrf.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { moveOn, openInteraction } from '../interaction-step.ts'
import { recordChoice, type Interaction } from '../interactions.ts'
import { redirect } from '../respond.ts'
import { accountsOf, openSession, signOut, switchTo } from '../session.ts'
import { accountView, clientView, pageFrame, showPage } from '../show-page.ts'

/** GET /interaction/:id/accounts — OIDC Core §3.1.2.1, prompt=select_account. */
export function accounts(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const { interaction, standing } = await openInteraction(frontEnd, req)
    if (standing.step.step === 'select-account') await showAccounts(frontEnd, req, res, interaction)
    else await moveOn(frontEnd, res, interaction, standing.step)
  }
}

/** POST /interaction/:id/accounts — one of the accounts of this browser, another one, or none any more. */
export function chooseAccount(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const { interaction } = await openInteraction(frontEnd, req)
    const { id } = interaction
    if (checkForm(req, fields, frontEnd.config.issuer) === 'stale') {
      redirect(res, `/interaction/${id}/accounts`)
      return
    }
    const decision = fields.get('decision')
    if (decision === 'another') {
      redirect(res, `/interaction/${id}/login`)
      return
    }
    if (decision === 'sign-out') {
      await signOut(req)
      redirect(res, `/interaction/${id}`)
      return
    }
    const chosen = (await accountsWithUsers(frontEnd, req)).find(({ user }) => user.username === fields.get('account'))
    if (chosen !== undefined) {
      const { subject, authTime, acr } = chosen.account
      const hasSwitched = await switchTo(req, { subject, authTime, acr })
      if (hasSwitched) await recordChoice(frontEnd.database, id, false)
    }
    redirect(res, `/interaction/${id}`)
  }
}

async function showAccounts(frontEnd: FrontEnd, req: Request, res: Response, interaction: Interaction): Promise<void> {
  const { id, request } = interaction
  const frame = pageFrame(frontEnd, req, request)
  const page = {
    ...frame,
    interactionId: id,
    csrfToken: (await openSession(req)).csrfToken,
    client: clientView(request.client, frame.lang, frontEnd.logos),
    accounts: (await accountsWithUsers(frontEnd, req)).map(({ user }) => accountView(user)),
  }
  await showPage(res, 200, 'accounts', page)
}

/** The accounts of this browser, without those that no longer exist. */
async function accountsWithUsers({ users }: FrontEnd, req: Request) {
  const found = await Promise.all(
    accountsOf(req).map(async (account) => ({ account, user: await users.find(account.subject) })),
  )
  return found.flatMap(({ account, user }) => (user === undefined ? [] : [{ account, user }]))
}
