import { BearerRefusal } from './api-refusal.ts'

/** What an access token is bound to (RFC 7800 §3.1). */
export interface Binding {
  /** RFC 9449 §6: the thumbprint of the key that makes the proofs. */
  jkt: string | undefined
  /** RFC 8705 §3.1: the thumbprint of the certificate. */
  certificate: string | undefined
}

/** RFC 7800 §3.1: what `cnf` says. A confirmation that is not known here opens nothing. */
export function parseBinding(cnf: unknown): Binding {
  const members = new Map<string, unknown>(typeof cnf === 'object' && cnf !== null ? Object.entries(cnf) : [])
  const [jkt, certificate] = [textOf(members.get('jkt')), textOf(members.get('x5t#S256'))]
  const isKnown = members.size === Number(jkt !== undefined) + Number(certificate !== undefined)
  if (isKnown) return { jkt, certificate }
  throw new BearerRefusal(401, 'invalid_token', 'The access token is bound in a way that this API does not know')
}

/**
 * RFC 9449 §7.1 and §7.2: a token that is bound to a key is no bearer token, and one that is not is nothing else. RFC 8705 §3: one that
 * is bound to a certificate comes over a connection with that certificate.
 */
export function checkBinding(
  { jkt, certificate }: Binding,
  { scheme, presented }: { scheme: 'Bearer' | 'DPoP'; presented: string | undefined },
): void {
  if (scheme === 'DPoP' && jkt === undefined) {
    throw new BearerRefusal(401, 'invalid_token', 'The access token is not bound to a key with DPoP')
  }
  if (scheme === 'Bearer' && jkt !== undefined) {
    throw new BearerRefusal(401, 'invalid_token', 'The access token is bound to a key and is no bearer token')
  }
  if (certificate === undefined || certificate === presented) return
  throw new BearerRefusal(
    401,
    'invalid_token',
    presented === undefined
      ? 'The access token is bound to a certificate: present it when you connect'
      : 'The access token is bound to another certificate',
  )
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
