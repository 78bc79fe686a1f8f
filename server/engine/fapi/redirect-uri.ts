import type { Client } from '../../../sdk/types.ts'
import { isLoopbackRedirect } from '../protocol/redirect-uri.ts'
import type { FapiMode } from './modes.ts'
import { demandsOf } from './profiles.ts'

/**
 * FAPI 1.0 Baseline §5.2.2-20 and FAPI 2.0 §5.3.2.2-8: the rules that a redirect URI breaks. A private-use scheme of a native client stays
 * on the device; what leaves an answer unprotected is http alone.
 */
export function brokenByRedirectUri(modes: ReadonlySet<FapiMode>, uri: string, { applicationType }: Client) {
  if (!/^http:/i.test(uri)) return []
  const staysOnDevice = applicationType === 'NATIVE' && isLoopbackRedirect(uri)
  return demandsOf(modes, 'encryptedRedirect').filter(
    ({ loopbackOfNativeClients }) => !(loopbackOfNativeClients && staysOnDevice),
  )
}
