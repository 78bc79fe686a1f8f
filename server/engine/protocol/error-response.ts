import type { Service } from '../../../sdk/types.ts'
import { addressOf, describable, OAuthError } from '../oauth-error.ts'
import { dpopAlgorithms } from './dpop.ts'

/** RFC 6749 §5.2 and §4.1.2.1: the members of an error, less those the service leaves out. */
export function errorMembers(
  error: OAuthError,
  service: Service,
): { error: string; error_description?: string; error_uri?: string } {
  return {
    error: error.error,
    ...(!service.errorDescriptionOmitted && { error_description: describable(error.resultMessage) }),
    ...(!service.errorUriOmitted && { error_uri: addressOf(error.section) }),
  }
}

/** RFC 6749 §5.2: the error as JSON. */
export function errorJson(error: OAuthError, service: Service): string {
  return JSON.stringify(errorMembers(error, service))
}

/**
 * RFC 6750 §3: the error as a challenge for `WWW-Authenticate`. `parameters` follow it, RFC 9470 §3; and with DPoP the algorithms that a
 * proof may be signed with, RFC 9449 §7.1.
 */
export function accessTokenChallenge(
  scheme: 'Bearer' | 'DPoP',
  error: OAuthError,
  service: Service,
  parameters: Record<string, string> = {},
): string {
  const algs = scheme === 'DPoP' ? { algs: dpopAlgorithms.join(' ') } : {}
  const members = { ...errorMembers(error, service), ...parameters, ...algs }
  return `${scheme} ${Object.entries(members)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}`
}

/** Turns a refusal into the rest of an answer. What is not a refusal is a bug or an outage, and goes on to the edge. */
export function refuse(
  error: unknown,
  service: Service,
): { resultCode: string; resultMessage: string; responseContent: string } {
  if (!(error instanceof OAuthError)) throw error
  return {
    resultCode: error.resultCode,
    resultMessage: error.resultMessage,
    responseContent: errorJson(error, service),
  }
}
