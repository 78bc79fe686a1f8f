import { wantsIntrospectionJwt } from '../protocol/introspection-jwt.ts'
import { checkFapiAlgorithm, ofServer } from './algorithm.ts'
import type { FapiMode } from './modes.ts'
import { demandsOf, refusal } from './profiles.ts'

/**
 * FAPI 2.0 Message Signing §5.5.1: the resource server asks for a signed response, because no other is given. FAPI 2.0 §5.4.1-1: `alg` is
 * what it would be signed with, where it is.
 */
export function checkFapiIntrospection(modes: ReadonlySet<FapiMode>, accept: string | undefined, alg?: string): void {
  for (const demand of demandsOf(modes, 'signedIntrospection')) {
    if (!wantsIntrospectionJwt(accept))
      throw refusal(demand, 'invalid_request', 'A995315', 'ask with Accept: application/token-introspection+jwt.')
  }
  checkFapiAlgorithm(modes, 'introspectionSignAlg', alg, ofServer)
}
