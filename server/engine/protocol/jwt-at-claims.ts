import { longestAccessToken } from './access-token.ts'
import { problemOfValue } from './authorization-details.ts'
import { parseJsonObject } from './json.ts'
import { isReserved } from './properties.ts'

/** RFC 9068 §2.2.3.1: what a person is to others. These have values of their own, and the engine says nothing of it. */
const ofOthers: ReadonlySet<string> = new Set(['groups', 'roles', 'entitlements'])

/** RFC 9068 §2.2: claims that the front-end adds to access tokens that are JWTs, for what they come of; or what is wrong with them. */
export function readJwtAtClaims(
  text: string | undefined,
): { jwtAtClaims?: Record<string, unknown> } | { fault: string } {
  if (text === undefined) return {}
  // More fits into no access token.
  if (Buffer.byteLength(text) > longestAccessToken) {
    return { fault: `jwtAtClaims: ${longestAccessToken} bytes are expected at most` }
  }
  const jwtAtClaims = parseJsonObject(text)
  if (!jwtAtClaims) return { fault: 'jwtAtClaims: a JSON object is expected' }
  const problem = problemOfValue(jwtAtClaims)
  if (problem !== undefined) return { fault: `jwtAtClaims: ${problem}` }
  const taken = Object.keys(jwtAtClaims).find((name) => isReserved(name) && !ofOthers.has(name))
  if (taken === undefined) return { jwtAtClaims }
  return { fault: `jwtAtClaims: ${taken} is for the engine to say; choose another name` }
}
