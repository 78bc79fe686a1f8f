import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Parameters } from '../protocol/parameters.ts'
import type { RegisteredClient } from '../registry.ts'
import type { FapiMode } from './modes.ts'
import type { ClientAuthMethod } from './profiles.ts'
import { demandsOf, refusal } from './profiles.ts'

/** FAPI 2.0 §5.3.2.1 and FAPI 1.0 §5.2.2: how a client has authenticated, held against the profiles. */
export function checkFapiClient(
  modes: ReadonlySet<FapiMode>,
  method: ClientAuthMethod,
  { settings }: Pick<RegisteredClient, 'settings'>,
  assertion: ClientAssertion | undefined,
  issuer: string,
): void {
  for (const demand of demandsOf(modes, 'confidentialClient')) {
    if (settings.clientType === 'PUBLIC')
      throw refusal(demand, 'unauthorized_client', 'A995301', 'public clients are not served.')
  }
  for (const demand of demandsOf(modes, 'clientAuthentication')) {
    if (demand.allowed.includes(method)) continue
    const allowed = demand.allowed.map((name) => name.toLowerCase()).join(', ')
    throw refusal(demand, 'invalid_client', 'A295301', `the client must authenticate with one of ${allowed}.`)
  }
  if (assertion) checkAssertion(modes, assertion, issuer)
}

/** What an assertion that was verified says about itself. */
export interface ClientAssertion {
  alg: string
  /** The claim as it is, of whatever type. */
  aud: unknown
}

/** RFC 7523 §2.2: the assertion in the parameters, which the authentication of the client has verified. */
export function verifiedAssertion(parameters: Parameters): ClientAssertion | undefined {
  const assertion = parameters.get('client_assertion')
  if (assertion === undefined) return undefined
  const { alg = '' } = decodeProtectedHeader(assertion)
  return { alg, aud: decodeJwt(assertion).aud }
}

function checkAssertion(modes: ReadonlySet<FapiMode>, { alg, aud }: ClientAssertion, issuer: string): void {
  for (const demand of demandsOf(modes, 'algorithm')) {
    if (demand.allowed.includes(alg)) continue
    const expectation = `client_assertion must be signed with one of ${demand.allowed.join(', ')}.`
    throw refusal(demand, 'invalid_client', 'A995302', expectation)
  }
  for (const demand of demandsOf(modes, 'assertionAudience')) {
    if (aud !== issuer)
      throw refusal(demand, 'invalid_client', 'A157356', `aud of client_assertion must be ${issuer}, as one string.`)
  }
}
