import { settingFault } from './setting-fault.ts'

/** Hosts that never leave the machine: http is allowed there, RFC 8252 §7.3. */
const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** RFC 3986 §2: the characters of a URI. A browser reads others, such as a backslash, in its own way. */
const uriCharacters = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/

const longest = 2_000

/** What is wrong with an address that people or clients are sent to; undefined when nothing is. RFC 7591 §5: https. */
export function problemOfWebAddress(text: string): string | undefined {
  if (!uriCharacters.test(text) || text.length > longest || !URL.canParse(text)) {
    return `an absolute URI of at most ${longest} characters is expected`
  }
  const url = new URL(text)
  // The text is looked at as well: a parser takes `https:host` and `https:///host` for `https://host`.
  const encrypted = /^https:\/\/[^/]/.test(text)
  const onThisMachine = /^http:\/\/[^/]/.test(text) && loopbackHosts.has(url.hostname)
  if (!encrypted && !onThisMachine) return 'https is expected; http is taken for localhost, 127.0.0.1 and [::1] only'
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/.test(text)) {
    return 'a user name or a password in the address is not taken'
  }
  if (text.includes('#')) return 'a fragment is not taken'
  return undefined
}

/** Refuses an address that is not https, or http on this machine. */
export function checkWebAddress(member: string, text: string): void {
  const problem = problemOfWebAddress(text)
  if (problem !== undefined) throw settingFault(member, problem)
}

/**
 * RFC 8414 §2 and OIDC Discovery §3: https without query and fragment. In its one normal spelling and without a slash at its end, because
 * it is compared as text and the address of the metadata is made from it.
 */
export function checkIssuer(issuer: string | undefined): void {
  if (issuer === undefined) throw settingFault('issuer', 'it is required, for example https://as.example')
  checkWebAddress('issuer', issuer)
  if (issuer.includes('?')) throw settingFault('issuer', 'a query is not taken')
  if (issuer.endsWith('/')) throw settingFault('issuer', 'a slash at its end is not taken')
  const { href } = new URL(issuer)
  if (href !== issuer && href !== `${issuer}/`) {
    throw settingFault('issuer', 'its normal spelling is expected: lower-case host, no default port, no dot segments')
  }
}
