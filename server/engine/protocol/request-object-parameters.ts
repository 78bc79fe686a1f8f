/** RFC 7519 §4.1: what the JWT says about itself; the rest are parameters of the request. */
const claimsOfJwt = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/**
 * RFC 9101 §4: the claims of a request object as the parameters that they stand for, application/x-www-form-urlencoded. Numbers and JSON
 * come as JSON, not as text; `resource` may be a list, RFC 8707 §2. A claim that is null or empty counts as left out, RFC 6749 §3.1.
 */
export function parametersOfClaims(claims: Readonly<Record<string, unknown>>): string {
  const parameters = Object.entries(claims).flatMap(([name, value]): [string, string][] => {
    if (claimsOfJwt.has(name)) return []
    const values: unknown[] = name === 'resource' && Array.isArray(value) ? value : [value]
    return values.map(textOf).flatMap((text) => (text === '' ? [] : [[name, text]]))
  })
  return new URLSearchParams(parameters).toString()
}

function textOf(value: unknown): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
