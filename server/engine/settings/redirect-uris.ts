import type { Client } from '../../../sdk/types.ts'
import { settingFault } from './setting-fault.ts'
import { problemOfWebAddress } from './web-address.ts'

const longest = 200

/** RFC 8252 §7.1: a private-use scheme is a domain name in reverse, so it has a dot; `javascript` and its like have none. */
const privateUseScheme = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:(?=.)/

/** RFC 9700 §2.1 and §4.1.3: the redirect URIs of a client are compared as text, so each must be whole and beyond doubt. */
export function checkRedirectUris(uris: readonly string[], applicationType: Client['applicationType']): void {
  for (const [index, uri] of uris.entries()) {
    const problem = problemOfRedirectUri(uri, applicationType)
    if (problem !== undefined) throw settingFault(`redirectUris/${index}`, problem)
  }
  if (new Set(uris).size < uris.length) throw settingFault('redirectUris', 'each is listed once')
}

function problemOfRedirectUri(uri: string, applicationType: Client['applicationType']): string | undefined {
  if (uri.length > longest) return `at most ${longest} characters are expected`
  if (uri.includes('*')) return 'wildcards are not taken: register every redirect URI in full'
  if (!privateUseScheme.test(uri)) return problemOfWebAddress(uri)
  if (applicationType !== 'NATIVE') return 'a private-use scheme is taken for clients with applicationType NATIVE only'
  if (!/^[\x21-\x7E]+$/.test(uri) || !URL.canParse(uri)) return 'an absolute URI in printable ASCII is expected'
  return uri.includes('#') ? 'a fragment is not taken' : undefined
}
