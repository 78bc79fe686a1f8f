import type { CryptoKey, JWK } from 'jose'
import { CompactEncrypt, CompactSign, exportJWK, generateKeyPair, importJWK } from 'jose'

/** A client's key for request objects (RFC 9101). */
export interface RequestKey {
  alg: string
  publicJwk: JWK
  privateKey: CryptoKey
}

export async function makeRequestKey(alg = 'ES256', kid = `request ${alg}`): Promise<RequestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg } }
}

/** A signed request object. Every member of the header can be changed or, with undefined, left out. */
export async function signRequest(
  { alg, privateKey, publicJwk }: RequestKey,
  claims: object,
  header: Record<string, unknown> = {},
): Promise<string> {
  const kid = publicJwk.kid
  const wanted = { alg, typ: 'oauth-authz-req+jwt', ...(kid !== undefined && { kid }), ...header }
  const payload = Buffer.from(JSON.stringify(claims))
  if (wanted.alg === alg && !('crit' in wanted)) {
    return new CompactSign(payload).setProtectedHeader({ ...wanted, alg }).sign(privateKey)
  }
  // No library signs with an algorithm that is not the key's, or with extensions that nobody knows: the signature is of another header.
  const [, body, signature] = (await new CompactSign(payload).setProtectedHeader({ alg }).sign(privateKey)).split('.')
  return [encode(wanted), body, signature].join('.')
}

/** RFC 7515 Appendix A.5: a request object that nobody signed. */
export function unsignedRequest(claims: object, header: object = {}): string {
  return `${encode({ alg: 'none', ...header })}.${encode(claims)}.`
}

/** RFC 9101 §6.1: a JWE to the service, around a request object. */
export async function encryptRequest(
  text: string,
  publicJwk: JWK,
  { alg = publicJwk.alg ?? '', enc = 'A256GCM', ...header }: Record<string, string> = {},
): Promise<string> {
  const kid = publicJwk.kid === undefined ? {} : { kid: publicJwk.kid }
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ ...kid, cty: 'JWT', ...header, alg, enc })
    .encrypt(await importJWK({ ...publicJwk, alg }, alg))
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
