import type { SentRequest } from '../authorization-request/sent-request.ts'
import { parseJsonObject } from '../protocol/json.ts'
import type { RegisteredService } from '../registry.ts'
import { clockSkewOf, numericDate } from '../protocol/lifetime.ts'
import type { FapiMode } from './modes.ts'
import { demandsOf, refusal } from './profiles.ts'

/** RFC 9101 §4: what a request object whose signature was verified says about itself. */
export interface VerifiedRequestObject {
  alg: string
  exp?: number
  nbf?: number
  aud?: string | string[]
}

/** The request object of a request, as far as the profiles look at it; undefined when it is not signed. */
export function verifiedRequestObject({
  signed,
  alg = '',
  payload = '{}',
}: NonNullable<SentRequest['requestObject']>): VerifiedRequestObject | undefined {
  if (!signed) return undefined
  const { exp, nbf, aud } = parseJsonObject(payload) ?? {}
  const audiences = [aud].flat().filter((value) => typeof value === 'string')
  return {
    alg,
    aud: audiences,
    ...(typeof exp === 'number' && { exp }),
    ...(typeof nbf === 'number' && { nbf }),
  }
}

/** FAPI 1.0 Advanced §5.2.2 and FAPI 2.0 Message Signing §5.3.1: the request object, or that there is none. */
export function checkFapiRequestObject(
  modes: ReadonlySet<FapiMode>,
  requestObject: VerifiedRequestObject | undefined,
  { issuer, settings }: Pick<RegisteredService, 'issuer' | 'settings'>,
  now: Date,
): void {
  if (!requestObject) {
    for (const demand of demandsOf(modes, 'signedRequestObject'))
      throw refusal(demand, 'invalid_request', 'A995309', 'the parameters must be in a signed request object.')
    return
  }
  const { alg, exp, nbf, aud } = requestObject
  for (const demand of demandsOf(modes, 'algorithm')) {
    if (demand.allowed.includes(alg)) continue
    const expectation = `the request object must be signed with one of ${demand.allowed.join(', ')}.`
    throw refusal(demand, 'invalid_request_object', 'A995310', expectation)
  }
  for (const demand of demandsOf(modes, 'requestObjectAudience')) {
    if (![aud].flat().includes(issuer))
      throw refusal(demand, 'invalid_request_object', 'A995311', `aud of the request object must name ${issuer}.`)
  }
  // The contract's nbfOptional: for clients of FAPI 1.0 that were made before its final version.
  const isLeftOut = nbf === undefined && settings.nbfOptional && !modes.has('FAPI2_MESSAGE_SIGNING_AUTH_REQ')
  const seconds = numericDate(now)
  const skew = clockSkewOf(settings)
  for (const demand of demandsOf(modes, 'requestObjectAge')) {
    if (!isLeftOut && (nbf === undefined || nbf < seconds - demand.most - skew)) {
      const expectation = `nbf of the request object must be there, and at most ${demand.most} seconds ago.`
      throw refusal(demand, 'invalid_request_object', 'A995312', expectation)
    }
  }
  for (const demand of demandsOf(modes, 'requestObjectLifetime')) {
    const latest = (nbf ?? seconds + skew) + demand.most
    if (exp === undefined || exp > latest) {
      const expectation = `exp of the request object must be there, and at most ${demand.most} seconds after nbf.`
      throw refusal(demand, 'invalid_request_object', 'A995313', expectation)
    }
  }
}
