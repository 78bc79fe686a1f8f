export interface ExplainedClaim {
  name: string
  value: string
  explanation: string
}

/** OIDC Core §2 and §5.1, RFC 7515 §4.1: each member of a JWT header, an ID token or a UserInfo answer, with what it is for. */
export function explainClaims(claims: object, now: Date): ExplainedClaim[] {
  return Object.entries(claims).map(([name, value]: [string, unknown]) => ({
    name,
    value: readableValue(name, value, now),
    explanation: explanations.get(name) ?? 'A claim of its own that this server adds.',
  }))
}

const timeClaims = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at'])

function readableValue(name: string, value: unknown, now: Date): string {
  // RFC 7519 §2, NumericDate: seconds since 1970.
  if (timeClaims.has(name) && typeof value === 'number') {
    return `${value} (${timeFormat.format(value * 1000)}, ${readableDistance(value * 1000 - now.getTime())})`
  }
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ')
  return JSON.stringify(value)
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

const distanceFormat = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' })

/** A span of milliseconds from now, in words: negative lies in the past. */
export function readableDistance(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (Math.abs(seconds) < 90) return distanceFormat.format(seconds, 'second')
  const minutes = Math.round(seconds / 60)
  if (Math.abs(minutes) < 90) return distanceFormat.format(minutes, 'minute')
  const hours = Math.round(minutes / 60)
  return Math.abs(hours) < 36
    ? distanceFormat.format(hours, 'hour')
    : distanceFormat.format(Math.round(hours / 24), 'day')
}

const explanations = new Map([
  // RFC 7515 §4.1: the header
  ['alg', 'The algorithm of the signature.'],
  ['kid', 'Which of the server’s published keys signed it.'],
  ['typ', 'What kind of object this is.'],
  // OIDC Core §2: the ID token
  ['iss', 'Who issued it. It must be the server that Daybook asked.'],
  ['sub', 'Who you are there: an identifier that never changes and says nothing else about you.'],
  ['aud', 'Who it is for. Daybook must find itself here.'],
  ['azp', 'The client that it was issued to.'],
  ['exp', 'When it stops being valid.'],
  ['iat', 'When it was issued.'],
  ['nbf', 'Not valid before this moment.'],
  ['jti', 'The number of this very token.'],
  ['auth_time', 'When you last proved who you are.'],
  ['nonce', 'The random value of Daybook’s request. It ties the token to that request.'],
  ['acr', 'How strong the authentication was.'],
  ['amr', 'How you proved who you are.'],
  ['sid', 'The session at the server.'],
  ['at_hash', 'Half a hash of the access token. It ties the two together.'],
  ['c_hash', 'Half a hash of the authorization code.'],
  ['s_hash', 'Half a hash of the state.'],
  // OIDC Core §5.1: the person
  ['name', 'Your full name.'],
  ['given_name', 'Your given name.'],
  ['family_name', 'Your family name.'],
  ['middle_name', 'Your middle name.'],
  ['nickname', 'What your friends call you.'],
  ['preferred_username', 'The name you like to go by. It may change, so it identifies nobody.'],
  ['profile', 'Your profile page.'],
  ['picture', 'Your picture.'],
  ['website', 'Your website.'],
  ['email', 'Your e-mail address.'],
  ['email_verified', 'Whether the server has checked that the address is yours.'],
  ['gender', 'Your gender.'],
  ['birthdate', 'Your date of birth.'],
  ['zoneinfo', 'Your time zone.'],
  ['locale', 'Your language.'],
  ['phone_number', 'Your phone number.'],
  ['phone_number_verified', 'Whether the server has checked that the number is yours.'],
  ['address', 'Your postal address.'],
  ['updated_at', 'When these facts last changed.'],
])
