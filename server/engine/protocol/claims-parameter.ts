import { OAuthError } from '../oauth-error.ts'
import type { ClaimRequest, ClaimsRequest } from '../storage/storage.ts'

/** OIDC Core §5.5: reads the `claims` parameter. Members it does not know are ignored. */
export function parseClaimsParameter(text: string | undefined): ClaimsRequest {
  if (text === undefined) return { idToken: {}, userinfo: {} }
  const parsed = parseObject(text)
  return { idToken: parseMember(parsed, 'id_token'), userinfo: parseMember(parsed, 'userinfo') }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (isObject(parsed)) return parsed
  } catch {
    // Not JSON: the refusal below says so.
  }
  throw malformed('The claims parameter is not a JSON object.')
}

function parseMember(claims: Record<string, unknown>, member: string): Record<string, ClaimRequest> {
  const requested = Object.hasOwn(claims, member) ? claims[member] : undefined
  if (requested === undefined || requested === null) return {}
  if (!isObject(requested)) throw malformed(`The member ${member} of the claims parameter is not an object.`)
  return Object.fromEntries(
    Object.entries(requested).map(([name, request]) => [name, parseClaimRequest(name, request)]),
  )
}

function parseClaimRequest(name: string, request: unknown): ClaimRequest {
  if (request === null) return null
  if (!isObject(request)) throw malformed(`The request for the claim ${name} is neither null nor an object.`)
  const { essential, value, values, purpose } = request
  if (essential !== undefined && typeof essential !== 'boolean')
    throw malformed(`essential of the claim ${name} is not a boolean.`)
  if (values !== undefined && !Array.isArray(values)) throw malformed(`values of the claim ${name} is not an array.`)
  // OpenID Connect for Identity Assurance 1.0 §8: long enough to say something, short enough to be read.
  if (purpose !== undefined && (typeof purpose !== 'string' || purpose.length < 3 || purpose.length > 300))
    throw malformed(`purpose of the claim ${name} is not a text of 3 to 300 characters.`)
  return {
    ...(essential !== undefined && { essential }),
    ...(value !== undefined && { value }),
    ...(Array.isArray(values) && { values: [...new Set<unknown>(values)] }),
    ...(purpose !== undefined && { purpose }),
  }
}

function malformed(description: string): OAuthError {
  return new OAuthError('invalid_request', 'A920301', description, 'oidc-core#ClaimsParameter')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** OIDC Core §5.5.1: the texts a claim request accepts, in order of preference. */
export function acceptedValues(request: ClaimRequest | undefined): string[] {
  if (!request) return []
  const all: unknown[] = [...(request.value === undefined ? [] : [request.value]), ...(request.values ?? [])]
  return all.filter((value) => typeof value === 'string')
}
