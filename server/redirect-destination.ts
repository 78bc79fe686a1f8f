import { domainToUnicode } from 'node:url'

/** Where the browser goes with the answer, as a person can judge it. */
export type Destination =
  | {
      readonly kind: 'web'
      /** The host is subdomains, registrable and port, in this order: `login.`, `example.com`, `:8443`. */
      readonly subdomains: string
      /** The part that somebody registered, and so the part that tells who it is. */
      readonly registrable: string
      readonly port: string
    }
  | { readonly kind: 'loopback'; readonly port: string }
  | { readonly kind: 'app'; readonly scheme: string }

/** RFC 8252 §7: a redirect URI leads to a web site, to a program that listens on this device, or to an installed app. */
export function destinationOf(redirectUri: string): Destination {
  const uri = new URL(redirectUri)
  if (uri.protocol !== 'https:' && uri.protocol !== 'http:') return { kind: 'app', scheme: uri.protocol.slice(0, -1) }
  if (isLoopback(uri)) return { kind: 'loopback', port: uri.port }

  const labels = readableHost(uri.hostname).split('.')
  const registrable = registrableLabels(uri.hostname, labels)
  return {
    kind: 'web',
    subdomains: labels
      .slice(0, -registrable)
      .map((label) => `${label}.`)
      .join(''),
    registrable: labels.slice(-registrable).join('.'),
    port: uri.port === '' ? '' : `:${uri.port}`,
  }
}

/** RFC 8252 §7.3: an address that never leaves this device. */
export function isLoopback(uri: URL): boolean {
  return uri.hostname === 'localhost' || uri.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(uri.hostname)
}

/** How many labels at the end of a host were registered together. Where it has to guess, it takes one too many: that never flatters. */
function registrableLabels(hostname: string, labels: readonly string[]): number {
  const isAddress = /^\[|^[\d.]+$/.test(hostname)
  const isShared = sharedHosts.some((host) => hostname.endsWith(`.${host}`))
  if (isAddress || isShared) return labels.length
  // co.uk, com.au, ac.jp, and by the same rule bit.ly: the full list of suffixes has ten thousand lines.
  const isSecondLevel = labels.at(-1)?.length === 2 && (labels.at(-2)?.length ?? 0) <= 3
  return isSecondLevel ? 3 : 2
}

/** Where everybody gets a name of their own, the whole host says who it is. */
const sharedHosts = [
  ...['github.io', 'gitlab.io', 'pages.dev', 'workers.dev', 'vercel.app', 'netlify.app', 'web.app', 'firebaseapp.com'],
  ...['herokuapp.com', 'azurewebsites.net', 'amazonaws.com', 'cloudfront.net', 'run.app', 'appspot.com', 'fly.dev'],
  ...['onrender.com', 'ngrok.io', 'ngrok.app', 'ngrok-free.app', 'trycloudflare.com', 'blogspot.com'],
]

/** In its own letters, unless they are of several scripts: then as xn--…, because letters that look alike are how names are faked. */
function readableHost(hostname: string): string {
  const unicode = domainToUnicode(hostname)
  const letters = unicode.replace(/\P{Letter}/gu, '')
  return scripts.some((script) => script.test(letters)) ? unicode : hostname
}

const scripts = [
  /^\p{Script=Latin}+$/u,
  /^\p{Script=Cyrillic}+$/u,
  /^\p{Script=Greek}+$/u,
  /^\p{Script=Arabic}+$/u,
  /^\p{Script=Hebrew}+$/u,
  /^\p{Script=Devanagari}+$/u,
  /^\p{Script=Thai}+$/u,
  /^\p{Script=Hangul}+$/u,
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+$/u,
]
