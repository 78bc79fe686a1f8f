import { KeyObject, sign } from 'node:crypto'
import { CompactSign, type JWTPayload } from 'jose'
import type { SigningKey } from '../keys.ts'

/**
 * RFC 7515 §3.1: signs claims. ES256 takes less time than handing the work to another thread and back; and the requests of one turn, of
 * which none has to wait, still share a commit afterwards. RSA would stop everybody for a millisecond, so that jose does elsewhere.
 */
export async function signClaims(
  claims: JWTPayload,
  typ: string,
  { alg, kid, privateKey }: SigningKey,
): Promise<string> {
  const header = { alg, kid, typ }
  if (alg !== 'ES256') {
    return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(privateKey)
  }
  const input = `${encode(header)}.${encode(claims)}`
  // RFC 7518 §3.4: the two numbers side by side, not in ASN.1.
  const key = { key: KeyObject.from(privateKey), dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
