import type { Schema } from '../../../sdk/types.ts'
import { OAuthError } from '../oauth-error.ts'
import type { SentRequest } from './sent-request.ts'

/**
 * OIDC Core §3.1.2.1: `max_age` in seconds, else the client's default. 0 asks for a login, which the contract cannot say as
 * a number, so it becomes the prompt `LOGIN`.
 */
export function checkMaxAge(
  { parameters, client }: SentRequest,
  prompts: readonly Schema<'Prompt'>[],
): { maxAge?: number; prompts: Schema<'Prompt'>[] } {
  const sent = parameters.get('max_age')
  if (sent === undefined) {
    const { defaultMaxAge } = client.settings
    return { ...(defaultMaxAge && { maxAge: defaultMaxAge }), prompts: [...prompts] }
  }
  if (!/^\d{1,10}$/.test(sent)) {
    throw new OAuthError(
      'invalid_request',
      'A914303',
      'max_age must be a number of seconds, 0 or more.',
      'oidc-core#AuthRequest',
    )
  }
  const maxAge = Number(sent)
  if (maxAge > 0) return { maxAge, prompts: [...prompts] }
  if (prompts.includes('NONE')) {
    throw new OAuthError(
      'login_required',
      'A914304',
      'max_age=0 demands a login, and prompt=none forbids it.',
      'oidc-core#AuthError',
    )
  }
  return { maxAge, prompts: prompts.includes('LOGIN') ? [...prompts] : [...prompts, 'LOGIN'] }
}
