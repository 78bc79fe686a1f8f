import { KeyObject, sign, verify } from 'node:crypto'
import { CompactSign, compactVerify, errors } from 'jose'
import type { SigningKey } from '../keys.ts'
import { parseJsonObject } from './json.ts'
import type { SigningAlgorithm } from './signing-algorithms.ts'

/**
 * What is signed and verified in this thread, with the hash that it goes with: elliptic curves take less time than handing the work to another
 * thread and back; and the requests of one turn, of which none has to wait, still share a commit afterwards. RSA would stop everybody for a
 * millisecond, so that jose does elsewhere. RFC 8032 §5.1: Ed25519 hashes by itself.
 */
const inThread: ReadonlyMap<SigningAlgorithm, string | null> = new Map([
  ['ES256', 'sha256'],
  ['EdDSA', null],
])

/** RFC 7518 §3.4: the two numbers side by side, not in ASN.1. RFC 8032 §5.1.6 knows nothing else. */
const dsaEncoding = 'ieee-p1363'
const signatureBytes = 64

/** RFC 7515 §3.1: signs claims. RFC 7519 §5.1: without a `typ` there is none, which tells them from all that has one. */
export async function signClaims(
  claims: object,
  typ: string | undefined,
  { alg, kid, privateKey }: SigningKey,
): Promise<string> {
  const header = { alg, kid, ...(typ !== undefined && { typ }) }
  const hash = inThread.get(alg)
  if (hash === undefined) {
    return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(privateKey)
  }
  const input = `${encode(header)}.${encode(claims)}`
  const signature = sign(hash, Buffer.from(input), { key: KeyObject.from(privateKey), dsaEncoding })
  return `${input}.${signature.toString('base64url')}`
}

/** RFC 7515 §5.2: the claims in a text that one of the keys signed, with this `typ`; undefined in any other text. */
export async function verifyClaims(
  text: string,
  typ: string,
  keys: readonly SigningKey[],
): Promise<Record<string, unknown> | undefined> {
  const [encodedHeader = '', encodedClaims = '', signature = '', ...more] = text.split('.')
  if (more.length > 0) return undefined
  const header = parseJsonObject(decode(encodedHeader).toString())
  // RFC 7515 §4.1.11: we sign nothing with extensions, and understand none.
  if (header?.['typ'] !== typ || header['crit'] !== undefined) return undefined
  // RFC 8725 §3.1: the key says what it verifies, not the text.
  const key = keys.find(({ kid, alg }) => kid === header['kid'] && alg === header['alg'])
  if (!key || !isCanonical(signature) || !(await isSignature(text, decode(signature), key))) return undefined
  return parseJsonObject(decode(encodedClaims).toString())
}

async function isSignature(text: string, signature: Buffer, { alg, publicKey }: SigningKey): Promise<boolean> {
  const hash = inThread.get(alg)
  if (hash !== undefined) {
    const input = Buffer.from(text.slice(0, text.lastIndexOf('.')))
    // Node takes one of any other length for ASN.1: that would be another text for the same token.
    return (
      signature.length === signatureBytes &&
      verify(hash, input, { key: KeyObject.from(publicKey), dsaEncoding }, signature)
    )
  }
  try {
    await compactVerify(text, publicKey, { algorithms: [alg] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError) return false
    throw error
  }
}

/** RFC 4648 §3.5: the last character has bits that encode nothing. With others there, it would be another text and the same signature. */
function isCanonical(part: string): boolean {
  return decode(part).toString('base64url') === part
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function decode(part: string): Buffer {
  return Buffer.from(part, 'base64url')
}
