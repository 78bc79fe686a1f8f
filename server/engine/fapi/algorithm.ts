import type { OAuthErrorCode } from '../oauth-error.ts'
import type { FapiMode } from './modes.ts'
import { demandsOf, nameOf, refusal } from './profiles.ts'

/** FAPI 1.0 Advanced §8.6 and FAPI 2.0 §5.4.1-1: a signature with the algorithm that a member names. Whoever set the member has to mend it. */
export function checkFapiAlgorithm(
  modes: ReadonlySet<FapiMode>,
  member: string,
  alg: string | undefined,
  [error, resultCode]: Fault = ofClient,
): void {
  for (const demand of demandsOf(modes, 'algorithm')) {
    if (alg === undefined || demand.allowed.includes(alg)) continue
    throw refusal(demand, error, resultCode, `${member} must be one of ${demand.allowed.join(', ')}.`)
  }
}

type Fault = readonly [error: OAuthErrorCode, resultCode: string]

/** RFC 6749 §4.1.2.1: the client is registered for what a profile forbids. */
const ofClient: Fault = ['unauthorized_client', 'A995308']

/** RFC 6749 §4.1.2.1: what a profile forbids was said by the service or the front-end, and no client can help it. */
export const ofServer: Fault = ['server_error', 'A995317']

/** FAPI 2.0 §5.4.1-1: the rule that an algorithm breaks, for who registers it. */
export function brokenByAlgorithm(modes: ReadonlySet<FapiMode>, alg: string): string | undefined {
  const broken = demandsOf(modes, 'algorithm').find(({ allowed }) => !allowed.includes(alg))
  return broken && `${nameOf(broken)}: ${broken.allowed.join(', ')} are expected`
}
