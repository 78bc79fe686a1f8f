import type { Client } from '../../../sdk/types.ts'
import { isLoopbackRedirect } from '../protocol/redirect-uri.ts'
import type { FapiMode } from './modes.ts'
import { demandsOf } from './profiles.ts'

/**
 * FAPI 1.0 Baseline §5.2.2-20 and FAPI 2.0 §5.3.2.2-8: the rules that a redirect URI breaks. What a native client listens to, a private-use
 * scheme or loopback, stays on the device: FAPI 2.0 forbids http alone, FAPI 1.0 all that is not https.
 */
export function brokenByRedirectUri(modes: ReadonlySet<FapiMode>, uri: string, { applicationType }: Client) {
  if (/^https:/i.test(uri)) return []
  const staysOnDevice = !/^http:/i.test(uri) || (applicationType === 'NATIVE' && isLoopbackRedirect(uri))
  return demandsOf(modes, 'encryptedRedirect').filter(({ allowsOnDevice }) => !(allowsOnDevice && staysOnDevice))
}
