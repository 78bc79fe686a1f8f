/** The response modes of this engine, OAuth 2.0 Multiple Response Types §2.1 and Form Post §2. */
export const responseModes = ['query', 'form_post'] as const
export type ResponseMode = (typeof responseModes)[number]

/** Where an authorization response goes, and what every one of them carries. */
export interface ResponseTarget {
  redirectUri: string
  responseMode: ResponseMode
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
  return responseMode === 'form_post'
    ? { action: 'FORM', responseContent: selfPostingForm(redirectUri, sent) }
    : { action: 'LOCATION', responseContent: withQuery(redirectUri, sent) }
}

/** RFC 6749 §3.1.2: the query that a redirect URI has is kept as it is. */
function withQuery(redirectUri: string, parameters: [string, string][]): string {
  // %20, not +: some clients decode the query as a URI and not as a form.
  const query = parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
  const separator = !redirectUri.includes('?') ? '?' : /[?&]$/.test(redirectUri) ? '' : '&'
  return `${redirectUri}${separator}${query}`
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
