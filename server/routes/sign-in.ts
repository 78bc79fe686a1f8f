import type { Request, RequestHandler, Response } from 'express'
import { demoUsers } from '../demo-people.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import type { LoginProblem } from '../pages.ts'
import { relyingPartyId } from '../passkey-ceremonies.ts'
import { statusOfProblem } from '../password-check.ts'
import { redirect } from '../respond.ts'
import { openSession, signIn } from '../session.ts'
import { pageFrame, showPage } from '../show-page.ts'
import { checkSignInForm } from '../sign-in-check.ts'
import type { User } from '../users.ts'

/** GET /sign-in — OIDC Core §3.1.2.3 without a client: for the pages of this server that are about one person. */
export function signInPage(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const person = await findPerson(frontEnd, req)
    // Some things take a recent sign-in: then whoever is signed in signs in again.
    if (person === undefined || 'again' in req.query) {
      await showSignIn(frontEnd, req, res, {
        username: person?.username ?? '',
        problem: 'failed' in req.query ? { kind: 'provider' } : undefined,
      })
    } else {
      redirect(res, returnAddress(req))
    }
  }
}

/** POST /sign-in — a username and a password, or a passkey. */
export function postedSignIn(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const checked = await checkSignInForm(frontEnd, req, fields)
    if (checked.outcome === 'abandoned') return
    if (checked.outcome === 'refused') {
      await showSignIn(frontEnd, req, res, { username: fields.get('username') ?? '', problem: checked.problem })
      return
    }
    const authTime = Math.floor(frontEnd.now().getTime() / 1000)
    await signIn(req, { subject: checked.user.subject, authTime, acr: checked.acr })
    redirect(res, returnAddress(req))
  }
}

/** OIDC Core §3.1.2.3: who is signed in on this browser; whoever is not goes to sign in, and comes back. */
export async function requirePerson(
  frontEnd: FrontEnd,
  req: Request,
  res: Response,
  returnTo: string,
): Promise<User | undefined> {
  const person = await findPerson(frontEnd, req)
  if (person === undefined) redirect(res, `/sign-in?return=${encodeURIComponent(returnTo)}`)
  return person
}

async function findPerson({ users }: FrontEnd, { session }: Request): Promise<User | undefined> {
  return session.signedIn && (await users.find(session.signedIn.subject))
}

/** RFC 9700 §4.11: a list of what is ours, because an address that anybody may write into a link is a way to lead people away. */
export function returnAddress({ query }: Request): string {
  const wanted = query['return']
  return typeof wanted === 'string' && /^\/(apps(\/[1-9]\d{0,15})?)?$/.test(wanted) ? wanted : '/apps'
}

async function showSignIn(
  frontEnd: FrontEnd,
  req: Request,
  res: Response,
  { username, problem }: { username: string; problem: LoginProblem | undefined },
): Promise<void> {
  const page = {
    ...pageFrame(frontEnd, req),
    csrfToken: (await openSession(req)).csrfToken,
    returnTo: returnAddress(req),
    username,
    problem,
    accountLinks: frontEnd.config.accountLinks,
    providers: frontEnd.config.loginProviders.map(({ id, name }) => ({ id, name })),
    offersPasskeys: relyingPartyId(frontEnd.config) !== undefined,
    demoUsers: demoUsers(frontEnd),
  }
  if (problem?.kind === 'too-many') res.set('Retry-After', String(problem.retryAfterSeconds))
  await showPage(res, problem === undefined ? 200 : statusOfProblem[problem.kind], 'sign-in', page)
}
