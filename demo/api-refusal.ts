/** A request that the API refuses and says why. Everything else that goes wrong leaves as a 500 without details. */
export class ApiRefusal extends Error {
  readonly status: number
  /** The `error` of the answer. Absent when RFC 6750 §3.1 asks for none. */
  readonly code: string | undefined

  constructor(status: number, code: string | undefined, description: string) {
    super(description)
    this.status = status
    this.code = code
  }
}

/** RFC 6750 §3: a refusal because of the access token. It is answered with a WWW-Authenticate challenge. */
export class BearerRefusal extends ApiRefusal {
  /** The scope that would have been enough. */
  readonly scope: string | undefined

  constructor(status: number, code: string | undefined, description: string, scope?: string) {
    super(status, code, description)
    this.scope = scope
  }
}

/** RFC 9449 §7.1: what a DPoP proof may be signed with. */
export const proofAlgorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519']

/**
 * RFC 6750 §3, RFC 9449 §7.1: the value of WWW-Authenticate, in the scheme that the client used; beside Bearer, DPoP is offered as well.
 * Descriptions of bearer refusals are ours and free of quotes and backslashes.
 */
export function challenge({ status, code, message, scope }: BearerRefusal, scheme: 'Bearer' | 'DPoP'): string {
  const parameters = ['realm="Daybook API"']
  if (code !== undefined) parameters.push(`error="${code}"`, `error_description="${message}"`)
  if (scope !== undefined) parameters.push(`scope="${scope}"`)
  const algs = `algs="${proofAlgorithms.join(' ')}"`
  if (scheme === 'DPoP') parameters.push(algs)
  const given = `${scheme} ${parameters.join(', ')}`
  return scheme === 'Bearer' && status === 401 ? `${given}, DPoP ${algs}` : given
}
