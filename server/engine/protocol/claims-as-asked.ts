import { isDeepStrictEqual } from 'node:util'
import type { ClaimRequest, ClaimsRequest } from '../storage/storage.ts'
import { untagged } from './localized-claims.ts'

/** OIDC Core §5.5.1: what was asked for with a value is told only while it has that value, whichever of the two places named the value. */
export function claimsAsAsked(
  values: Record<string, unknown>,
  { idToken, userinfo }: ClaimsRequest,
): Record<string, unknown> {
  const requests = [...Object.entries(idToken), ...Object.entries(userinfo)]
  const isAsAsked = ([claim, actual]: [string, unknown]) =>
    requests.every(([name, request]) => !isAbout(name, claim) || accepts(request, actual))
  return Object.fromEntries(Object.entries(values).filter(isAsAsked))
}

/** OIDC Core §5.2 and RFC 4647 §3.3.1: `name#ja` is about `name#ja-Hani-JP` as well. Upper and lower case of tags are the same. */
function isAbout(name: string, claim: string): boolean {
  if (name === claim) return true
  const [range, tag] = [name, claim].map((one) => one.slice(untagged(one).length).toLowerCase())
  return untagged(name) === untagged(claim) && Boolean(range) && (tag === range || `${tag}`.startsWith(`${range}-`))
}

function accepts(request: ClaimRequest, actual: unknown): boolean {
  const { value, values } = request ?? {}
  const wanted = [...(value === undefined ? [] : [value]), ...(values ?? [])]
  return (value === undefined && values === undefined) || wanted.some((one) => isDeepStrictEqual(one, actual))
}
