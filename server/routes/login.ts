import type { Request, RequestHandler, Response } from 'express'
import type { Step } from '../decision.ts'
import { demoUsers } from '../demo-people.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { answer, complete, findStanding, moveOn, openInteraction } from '../interaction-step.ts'
import { recordAuthentication, type Interaction } from '../interactions.ts'
import type { LoginProblem } from '../pages.ts'
import { relyingPartyId } from '../passkey-ceremonies.ts'
import { maxUsername, statusOfProblem } from '../password-check.ts'
import { accountsOf, openSession, signIn } from '../session.ts'
import { clientView, pageFrame, showPage } from '../show-page.ts'
import { checkSignInForm } from '../sign-in-check.ts'

/** GET /interaction/:id/login — OIDC Core §3.1.2.3: authenticates the person when the request needs it. */
export function login(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const { interaction, standing } = await openInteraction(frontEnd, req)
    const { step, person } = standing
    // Whoever is to choose an account may choose one that is not signed in yet.
    if (step.step === 'login' || step.step === 'select-account') {
      const username = step.step === 'login' && step.reason !== undefined ? person?.user.username : undefined
      await showLogin(frontEnd, req, res, {
        interaction,
        step,
        username,
        problem: 'failed' in req.query ? { kind: 'provider' } : undefined,
      })
    } else {
      await moveOn(frontEnd, res, interaction, step)
    }
  }
}

/** POST /interaction/:id/login — a username and a password, or a passkey. */
export function checkPassword(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const { interaction, standing } = await openInteraction(frontEnd, req)
    const { id, request } = interaction
    const checked = await checkSignInForm(frontEnd, req, fields)
    if (checked.outcome === 'abandoned') return
    if (checked.outcome === 'refused') {
      const { step } = standing
      const username = fields.get('username') ?? ''
      await showLogin(frontEnd, req, res, { interaction, step, username, problem: checked.problem })
      return
    }
    const { user, acr } = checked
    if (request.subject !== undefined && request.subject !== user.subject) {
      // OIDC Core §5.5.1: with another subject the request has failed. Who was signed in before still is.
      await complete(frontEnd, id, request)
      await answer(frontEnd, res, request, { step: 'fail', reason: 'DIFFERENT_SUBJECT' })
      return
    }

    const authTime = Math.floor(frontEnd.now().getTime() / 1000)
    await recordAuthentication(frontEnd.database, id, user.subject)
    await signIn(req, { subject: user.subject, authTime, acr })
    const progress = { authenticatedSubject: user.subject, mustChoose: false }
    const next = await findStanding(frontEnd, req, request, progress)
    await moveOn(frontEnd, res, interaction, next.step)
  }
}

interface LoginState {
  interaction: Interaction
  step: Step
  /** What stands in the field; undefined for what the request hints at. */
  username: string | undefined
  problem: LoginProblem | undefined
}

async function showLogin(
  frontEnd: FrontEnd,
  req: Request,
  res: Response,
  { interaction, step, username, problem }: LoginState,
): Promise<void> {
  const { id, request } = interaction
  const { config, users } = frontEnd
  const frame = pageFrame(frontEnd, req, request)
  // Only who is signed in on this browser is named: a client may know a subject, and must not learn the name that belongs to it.
  const isKnownHere = accountsOf(req).some(({ subject }) => subject === request.subject)
  const demanded = request.subject !== undefined && isKnownHere ? await users.find(request.subject) : undefined
  const page = {
    ...frame,
    interactionId: id,
    csrfToken: (await openSession(req)).csrfToken,
    client: clientView(request.client, frame.lang, frontEnd.logos),
    username: demanded?.username ?? username ?? request.loginHint?.slice(0, maxUsername) ?? '',
    usernameLocked: demanded !== undefined,
    reason: step.step === 'login' ? step.reason : undefined,
    problem,
    accountLinks: config.accountLinks,
    providers: config.loginProviders.map(({ id, name }) => ({ id, name })),
    offersPasskeys: relyingPartyId(config) !== undefined,
    demoUsers: demoUsers(frontEnd),
  }
  if (problem?.kind === 'too-many') res.set('Retry-After', String(problem.retryAfterSeconds))
  await showPage(res, problem === undefined ? 200 : statusOfProblem[problem.kind], 'login', page)
}
