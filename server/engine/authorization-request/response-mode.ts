import { OAuthError } from '../oauth-error.ts'
import type { ResponseMode } from '../protocol/response-mode.ts'
import { responseModes } from '../protocol/response-mode.ts'
import type { SentRequest } from './sent-request.ts'

/** OAuth 2.0 Multiple Response Types §2.1: `query` is the default of the code flow. */
export function checkResponseMode(sent: SentRequest): ResponseMode {
  const asked = sent.parameters.get('response_mode')
  const responseMode = findResponseMode(sent)
  if (responseMode !== undefined) return responseMode
  throw new OAuthError(
    'invalid_request',
    'A912301',
    `response_mode must be one of ${responseModes.join(', ')}${asked && responseModes.some((mode) => mode === asked) ? ' that the client is registered for' : ''}.`,
    'oauth-multiple#ResponseModes',
  )
}

/** The response mode an error goes back in: the one asked for, or the default when that one is at fault. */
export function responseModeForErrors(sent: SentRequest): ResponseMode {
  return findResponseMode(sent) ?? 'query'
}

function findResponseMode({ parameters, client }: SentRequest): ResponseMode | undefined {
  const asked = parameters.get('response_mode')
  if (asked === undefined) return 'query'
  const responseMode = responseModes.find((mode) => mode === asked)
  if (responseMode === undefined) return undefined
  const registered = client.settings.responseModes
  return !registered || registered.includes(names[responseMode]) ? responseMode : undefined
}

const names = { query: 'QUERY', form_post: 'FORM_POST' } as const
