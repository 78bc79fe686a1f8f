import type { RequestHandler } from 'express'
import { checkForm } from '../csrf.ts'
import { demoClientUri } from '../demo-client.ts'
import { demoUsers } from '../demo-people.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { redirect } from '../respond.ts'
import { openSession, signOut } from '../session.ts'
import { accountView, pageFrame, showPage } from '../show-page.ts'
import { passkeySection } from './passkeys.ts'

/** GET / — what this server is, and who is signed in on this browser. */
export function home(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const { config, users } = frontEnd
    const { signedIn } = req.session
    const user = signedIn && (await users.find(signedIn.subject))
    const page = {
      ...pageFrame(frontEnd, req),
      // Without a person there is no form, and so no reason to begin a session.
      csrfToken: user === undefined ? '' : (await openSession(req)).csrfToken,
      issuer: config.issuer,
      account: user && accountView(user),
      // Anybody may write a link that says so.
      signedOut: user === undefined && 'signed-out' in req.query,
      passkeys: user && (await passkeySection(frontEnd, req, user.subject)),
      demoClientUri: demoClientUri(frontEnd),
      demoUsers: demoUsers(frontEnd),
    }
    await showPage(res, 200, 'home', page)
  }
}

/** POST /sign-out — ends the sign-in of everybody on this browser. */
export function leave(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    if (checkForm(req, fields, frontEnd.config.issuer) === 'stale') {
      redirect(res, '/')
      return
    }
    await signOut(req)
    redirect(res, '/?signed-out')
  }
}
