import type { FapiMode } from './modes.ts'
import { demandsOf, refusal } from './profiles.ts'

/** RFC 9701 §4: the media type of an introspection response that is signed. */
const signedResponse = 'application/token-introspection+jwt'

/** FAPI 2.0 Message Signing §5.5.1: the resource server asks for a signed response, because no other is given. */
export function checkFapiIntrospection(modes: ReadonlySet<FapiMode>, accept: string | undefined): void {
  for (const demand of demandsOf(modes, 'signedIntrospection')) {
    const accepted = (accept ?? '').split(',').map((range) => range.split(';', 1)[0]?.trim().toLowerCase())
    if (!accepted.includes(signedResponse))
      throw refusal(demand, 'invalid_request', 'A995315', `ask with Accept: ${signedResponse}.`)
  }
}
