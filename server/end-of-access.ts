import { ask } from '../sdk/engine.ts'
import type { FrontEnd } from './front-end.ts'

/**
 * RFC 6749 §10.4: ends every access and refresh token of a person, at once and on every process. Call it when a password was changed or
 * stolen, and before an account is closed.
 */
export async function endAccessOf({ engine, service }: FrontEnd, subject: string): Promise<void> {
  await ask(engine.POST('/api/{serviceId}/auth/token/revoke', { params: { path: service }, body: { subject } }))
}

/** Whether a token speaks for somebody who is not here any more; then nothing of theirs works from now on. The engine knows no people. */
export async function endIfGone(frontEnd: FrontEnd, subject: string | undefined): Promise<boolean> {
  if (subject === undefined || (await frontEnd.users.find(subject))) return false
  await endAccessOf(frontEnd, subject)
  return true
}
