/** RFC 3986 §2 and §3: a scheme, and the characters that may follow it; with http and https a host is the first of them. */
const absoluteUri = /^(?!https?:(?!\/\/[^/]))[a-z][a-z0-9+.-]*:[a-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/i
const fragment = /^[a-z0-9\-._~:/?@!$&'()*+,;=%]*$/i

/** RFC 3986 §4.3: a URI without a fragment. A URN is one as well. */
export function isAbsoluteUri(text: string): boolean {
  return absoluteUri.test(text) && URL.canParse(text)
}

/** RFC 3986 §3: a URI, with or without a fragment. */
export function isUri(text: string): boolean {
  const [uri = '', end = '', ...others] = text.split('#')
  return isAbsoluteUri(uri) && fragment.test(end) && others.length === 0
}
