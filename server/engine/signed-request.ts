import { OAuthError } from './oauth-error.ts'

/** What a front-end passes on of a request that is signed, RFC 9421. */
const members = [
  'targetUri',
  'uri',
  'message',
  'headers',
  'requiredComponents',
  'requestBodyContained',
  'requestSignature',
]

/**
 * RFC 9421 §3.2: this engine verifies no signature of an HTTP message. Whoever passes one on would believe that it was verified; what says
 * nothing (absent, false, empty) is taken.
 */
export function problemOfSignedRequest(question: object, resultCode: string): OAuthError | undefined {
  const asked = Object.entries(question).find(([member, value]) => members.includes(member) && !saysNothing(value))
  if (!asked) return undefined
  const description = `${asked[0]}: this engine verifies no signatures of HTTP messages; leave it out.`
  return new OAuthError('server_error', resultCode, description, 'rfc9421#section-3.2')
}

function saysNothing(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : !value
}
