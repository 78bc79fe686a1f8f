import type { Request } from 'express'
import { passkeyAcr, passwordAcr } from './decision.ts'
import type { FrontEnd } from './front-end.ts'
import { verifyAssertion } from './passkey-ceremonies.ts'
import { checkPasswordForm, findFormProblem, type PasswordCheck } from './password-check.ts'
import type { User } from './users.ts'

/** What comes of a posted sign-in form: who it is, and by which authentication context class (OIDC Core §2, acr). */
export type SignInCheck = Exclude<PasswordCheck, { outcome: 'right' }> | { outcome: 'right'; user: User; acr: string }

/** OIDC Core §3.1.2.3: checks a username and a password or, in their place, the assertion of a passkey (WebAuthn §7.2). */
export async function checkSignInForm(frontEnd: FrontEnd, req: Request, fields: URLSearchParams): Promise<SignInCheck> {
  const credential = fields.get('credential')
  if (credential === null) {
    const checked = await checkPasswordForm(frontEnd, req, fields)
    return checked.outcome === 'right' ? { ...checked, acr: passwordAcr } : checked
  }
  const problem = findFormProblem(frontEnd, req, fields)
  if (problem !== undefined) return { outcome: 'refused', problem }
  const user = await verifyAssertion(frontEnd, req.session.browser, credential)
  if (req.res?.closed === true) return { outcome: 'abandoned' }
  return user === undefined
    ? { outcome: 'refused', problem: { kind: 'passkey' } }
    : { outcome: 'right', user, acr: passkeyAcr }
}
