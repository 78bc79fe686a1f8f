/** How an authorization response travels: OAuth 2.0 Multiple Response Types §2.1 and Form Post §2. */
export type PlainResponseMode = 'query' | 'fragment' | 'form_post'

/** The same ways, with one parameter that is a JWT: JARM §2.3. */
export type ProtectedResponseMode = `${PlainResponseMode}.jwt`

export type ResponseMode = PlainResponseMode | ProtectedResponseMode

/** Multiple Response Types §2.1 and JARM §2.3.4: what `response_mode` may say, and what that means for a code. */
export const responseModes = {
  query: 'query',
  fragment: 'fragment',
  form_post: 'form_post',
  jwt: 'query.jwt',
  'query.jwt': 'query.jwt',
  'fragment.jwt': 'fragment.jwt',
  'form_post.jwt': 'form_post.jwt',
} as const satisfies Record<ResponseMode | 'jwt', ResponseMode>

const plainModes = {
  'query.jwt': 'query',
  'fragment.jwt': 'fragment',
  'form_post.jwt': 'form_post',
} as const satisfies Record<ProtectedResponseMode, PlainResponseMode>

/** JARM §2.3: whether the response is a JWT. */
export function isProtected(mode: ResponseMode): mode is ProtectedResponseMode {
  return Object.hasOwn(plainModes, mode)
}

/** JARM §2.3: the way that a response goes, whether it is a JWT or not. */
export function plainModeOf(mode: ResponseMode): PlainResponseMode {
  return isProtected(mode) ? plainModes[mode] : mode
}

/** Where an authorization response goes, and what every one of them carries. */
export interface ResponseTarget {
  redirectUri: string
  responseMode: PlainResponseMode
  state?: string
  /** RFC 9207 §2: who answers. Left out only where the service suppresses it. */
  issuer?: string
}

/** An authorization response, ready for the browser. */
export type AuthorizationResponse = { action: 'LOCATION' | 'FORM'; responseContent: string }

/** RFC 6749 §4.1.2 and OAuth 2.0 Form Post §2: sends the parameters back to the client. */
export function authorizationResponse(
  { redirectUri, responseMode, state, issuer }: ResponseTarget,
  parameters: Record<string, string | undefined>,
): AuthorizationResponse {
  const all = { ...parameters, state, iss: issuer }
  const sent = Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  )
  switch (responseMode) {
    case 'query':
      return { action: 'LOCATION', responseContent: withQuery(redirectUri, sent) }
    case 'fragment':
      // RFC 6749 §3.1.2: a redirect URI has no fragment of its own.
      return { action: 'LOCATION', responseContent: `${redirectUri}#${encoded(sent)}` }
    case 'form_post':
      return { action: 'FORM', responseContent: selfPostingForm(redirectUri, sent) }
    default:
      return responseMode satisfies never
  }
}

/** RFC 6749 §3.1.2: the query that a redirect URI has is kept as it is. */
function withQuery(redirectUri: string, parameters: [string, string][]): string {
  const separator = !redirectUri.includes('?') ? '?' : /[?&]$/.test(redirectUri) ? '' : '&'
  return `${redirectUri}${separator}${encoded(parameters)}`
}

function encoded(parameters: [string, string][]): string {
  // %20, not +: some clients decode the query as a URI and not as a form.
  return parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

/** OAuth 2.0 Form Post §2. The button is for browsers without JavaScript and for pages whose policy forbids the handler. */
function selfPostingForm(redirectUri: string, parameters: [string, string][]): string {
  const inputs = parameters.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Continue</title></head>',
    '<body onload="javascript:document.forms[0].submit()">',
    `<form method="post" action="${escapeHtml(redirectUri)}">`,
    ...inputs,
    '<p>You are being sent back to the application.</p>',
    '<p><button type="submit">Continue</button></p>',
    '</form></body></html>',
  ].join('\n')
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}
