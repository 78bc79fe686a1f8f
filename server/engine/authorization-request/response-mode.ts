import type { Schema } from '../../../sdk/types.ts'
import { OAuthError } from '../oauth-error.ts'
import type { ResponseMode } from '../protocol/response-mode.ts'
import { responseModes } from '../protocol/response-mode.ts'
import type { SentRequest } from './sent-request.ts'

/** OAuth 2.0 Multiple Response Types §2.1: `query` is the default of the code flow. */
export function checkResponseMode(sent: SentRequest): ResponseMode {
  const responseMode = findResponseMode(sent)
  if (responseMode !== undefined) return responseMode
  const known = askedMode(sent) === undefined ? '' : ' that the client is registered for'
  throw new OAuthError(
    'invalid_request',
    'A912301',
    `response_mode must be one of ${Object.keys(responseModes).join(', ')}${known}.`,
    'oauth-multiple#ResponseModes',
  )
}

/** The response mode an error goes back in: the one asked for, or the default when that one is at fault. */
export function responseModeForErrors(sent: SentRequest): ResponseMode {
  return findResponseMode(sent) ?? 'query'
}

function findResponseMode(sent: SentRequest): ResponseMode | undefined {
  const asked = askedMode(sent)
  const { responseModes: registered } = sent.client.settings
  // What leaves the parameter out asks for the default: a client that is registered for protected responses gets no other.
  const isRegistered = !registered || registered.some((mode) => named[mode] === asked)
  return isRegistered ? asked : undefined
}

/** JARM §2.3.4: `jwt` is the default of the response type, protected. */
function askedMode({ parameters }: SentRequest): ResponseMode | undefined {
  const asked = parameters.get('response_mode') ?? 'query'
  return isKnown(asked) ? responseModes[asked] : undefined
}

function isKnown(mode: string): mode is keyof typeof responseModes {
  return Object.hasOwn(responseModes, mode)
}

/** As the contract writes them. */
const named = {
  QUERY: 'query',
  FRAGMENT: 'fragment',
  FORM_POST: 'form_post',
  JWT: responseModes.jwt,
  QUERY_JWT: 'query.jwt',
  FRAGMENT_JWT: 'fragment.jwt',
  FORM_POST_JWT: 'form_post.jwt',
} as const satisfies Record<Schema<'ResponseMode'>, ResponseMode>
