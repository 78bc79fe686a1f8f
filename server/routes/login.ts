import { createHash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, rateLimit, type Options } from 'express-rate-limit'
import { z } from 'zod'
import { checkForm } from '../csrf.ts'
import { passwordAcr, type Step } from '../decision.ts'
import { demoUsers } from '../demo-people.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { answer, complete, findStanding, moveOn, openInteraction } from '../interaction-step.ts'
import { recordAuthentication, type Interaction } from '../interactions.ts'
import type { LoginProblem } from '../pages.ts'
import { accountsOf, openSession, signIn } from '../session.ts'
import { clientView, pageFrame, showPage } from '../show-page.ts'
import type { User } from '../users.ts'

/** GET /interaction/:id/login — OIDC Core §3.1.2.3: authenticates the person when the request needs it. */
export function login(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const { interaction, standing } = await openInteraction(frontEnd, req)
    const { step, person } = standing
    // Whoever is to choose an account may choose one that is not signed in yet.
    if (step.step === 'login' || step.step === 'select-account') {
      const username = step.step === 'login' && step.reason !== undefined ? person?.user.username : undefined
      await showLogin(frontEnd, req, res, { interaction, step, username, problem: undefined })
    } else {
      await moveOn(frontEnd, res, interaction, step)
    }
  }
}

/** POST /interaction/:id/login — a username and a password. */
export function checkPassword(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const { interaction, standing } = await openInteraction(frontEnd, req)
    const { id, request } = interaction
    const { step } = standing
    const username = fields.get('username') ?? ''
    if (checkForm(req, fields, frontEnd.config.issuer) === 'stale') {
      await showLogin(frontEnd, req, res, { interaction, step, username, problem: { kind: 'stale' } })
      return
    }

    const retryAfterSeconds = secondsToWait(req)
    if (retryAfterSeconds !== undefined) {
      await showLogin(frontEnd, req, res, {
        interaction,
        step,
        username,
        problem: { kind: 'too-many', retryAfterSeconds },
      })
      return
    }

    const user = await authenticate(frontEnd, username, fields.get('password') ?? '')
    // A second click sends the form again, and the browser waits for the later answer only. The session must not change for an answer
    // that nobody reads: its cookie would be lost, and the browser with it.
    if (res.closed) return
    if (user === undefined) {
      await showLogin(frontEnd, req, res, { interaction, step, username, problem: { kind: 'wrong' } })
      return
    }
    if (request.subject !== undefined && request.subject !== user.subject) {
      // OIDC Core §5.5.1: with another subject the request has failed. Who was signed in before still is.
      await complete(frontEnd, id, request)
      await answer(frontEnd, res, request, { step: 'fail', reason: 'DIFFERENT_SUBJECT' })
      return
    }

    const authTime = Math.floor(frontEnd.now().getTime() / 1000)
    await recordAuthentication(frontEnd.database, id, user.subject)
    await signIn(req, { subject: user.subject, authTime, acr: passwordAcr })
    const progress = { authenticatedSubject: user.subject, mustChoose: false }
    const next = await findStanding(frontEnd, req, request, progress)
    await moveOn(frontEnd, res, interaction, next.step)
  }
}

/**
 * RFC 6749 §10.10: counts wrong passwords, so that whoever guesses has to wait: few for one account from one address, so that nobody can
 * lock others out; more for one address, so that nobody can try one password on every account. An attempt is counted before it is
 * checked: many at once are no way around.
 */
export function countAttempts(): RequestHandler[] {
  return [
    rateLimit({ ...counting, limit: 60, requestPropertyName: 'attemptsOfAddress', keyGenerator: addressOf }),
    rateLimit({
      ...counting,
      limit: 5,
      requestPropertyName: 'attemptsOfAccount',
      // Who has to wait anyway fills no more memory.
      skip: (req) => isExceeded(countedAttempts.parse(req).attemptsOfAddress),
      keyGenerator: async (req) => {
        const username = (await readFields(req)).get('username') ?? ''
        const account = JSON.stringify([username.normalize('NFKC').trim().toLowerCase(), addressOf(req)])
        // A name may be long, what is remembered of it is not.
        return createHash('sha256').update(account).digest('base64url')
      },
    }),
  ]
}

const counting = {
  windowMs: 60_000,
  skipSuccessfulRequests: true,
  requestWasSuccessful: (_req, res) => res.statusCode !== statusOfProblem.wrong,
  // The form is shown again with what was typed, so the login page does the refusing.
  handler: (_req, _res, next) => {
    next()
  },
  standardHeaders: false,
  legacyHeaders: false,
} satisfies Partial<Options>

/** One household, or one server, is one address: IPv6 gives each of them a /64. */
function addressOf(req: Request): string {
  return ipKeyGenerator(req.ip ?? '', 64)
}

const attempts = z.object({ used: z.number(), limit: z.number(), resetTime: z.date() })

const countedAttempts = z.object({ attemptsOfAddress: attempts, attemptsOfAccount: attempts.optional() })

function isExceeded({ used, limit }: z.infer<typeof attempts>): boolean {
  return used > limit
}

/** How long whoever guessed too often has to wait; undefined for everybody else. */
function secondsToWait(req: Request): number | undefined {
  const { attemptsOfAddress, attemptsOfAccount } = countedAttempts.parse(req)
  const exceeded = [attemptsOfAddress, attemptsOfAccount].find(
    (counted) => counted !== undefined && isExceeded(counted),
  )
  return exceeded && Math.max(1, Math.ceil((exceeded.resetTime.getTime() - Date.now()) / 1000))
}

const statusOfProblem = { wrong: 400, stale: 409, 'too-many': 429 } as const

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
    client: clientView(request.client, frame.lang, config.issuer),
    username: demanded?.username ?? username ?? request.loginHint?.slice(0, maxUsername) ?? '',
    usernameLocked: demanded !== undefined,
    reason: step.step === 'login' ? step.reason : undefined,
    problem,
    demoUsers: demoUsers(frontEnd),
  }
  if (problem?.kind === 'too-many') res.set('Retry-After', String(problem.retryAfterSeconds))
  await showPage(res, problem === undefined ? 200 : statusOfProblem[problem.kind], 'login', page)
}

const maxUsername = 256
const maxPassword = 1024

/** Nobody's name or password is longer than this, and hashing what is costs time. */
async function authenticate({ users }: FrontEnd, username: string, password: string): Promise<User | undefined> {
  if (username.length > maxUsername || password.length > maxPassword) return undefined
  return users.authenticate(username, password)
}
