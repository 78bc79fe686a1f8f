import type { Schema } from '../../../sdk/types.ts'
import { OAuthError } from '../oauth-error.ts'
import { parseWords } from '../protocol/parameters.ts'
import type { SentRequest } from './sent-request.ts'

const names: ReadonlyMap<string, Schema<'Prompt'>> = new Map([
  ['none', 'NONE'],
  ['login', 'LOGIN'],
  ['consent', 'CONSENT'],
  ['select_account', 'SELECT_ACCOUNT'],
])

/** OIDC Core §3.1.2.1: `prompt`, a list of known values; `none` stands alone. */
export function checkPrompt({ parameters, service }: SentRequest): Schema<'Prompt'>[] {
  const supported = service.settings.supportedPromptValues
  const prompts = parseWords(parameters.get('prompt')).map((word) => {
    const prompt = names.get(word)
    if (prompt !== undefined && (supported?.includes(prompt) ?? true)) return prompt
    // The values are case-sensitive. Ignoring an unknown one could show a page where none was wanted.
    throw new OAuthError(
      'invalid_request',
      'A914301',
      'prompt has a value that this server does not know.',
      'oidc-core#AuthRequest',
    )
  })
  if (prompts.includes('NONE') && prompts.length > 1) {
    throw new OAuthError(
      'invalid_request',
      'A914302',
      'prompt=none must not be combined with another value.',
      'oidc-core#AuthRequest',
    )
  }
  return prompts
}
