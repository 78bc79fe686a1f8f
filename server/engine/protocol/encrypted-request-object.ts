import type { CompactJWEHeaderParameters } from 'jose'
import { compactDecrypt, decodeProtectedHeader, errors } from 'jose'
import type { DecryptionKey } from '../keys.ts'
import { OAuthError } from '../oauth-error.ts'
import type { ContentEncryptionAlgorithm, EncryptionAlgorithm } from './encryption.ts'
import { contentEncryptionAlgorithms, encryptionAlgorithms } from './encryption.ts'

/** How a request object was encrypted. */
export interface Encryption {
  alg: EncryptionAlgorithm
  enc: ContentEncryptionAlgorithm
}

/** RFC 9101 §6.1: whether a text has the five parts of a JWE in compact form, RFC 7516 §7.1. */
export function isEncrypted(text: string): boolean {
  return text.split('.', 6).length === 5
}

/** RFC 9101 §6.1: decrypts a request object with a key of the service. Answers the signed JWT that it holds. */
export async function decryptRequestObject(
  text: string,
  keys: readonly DecryptionKey[],
): Promise<{ text: string; encryption: Encryption }> {
  const { alg, enc, kid } = readHeader(text)
  // The kid is compared and nothing else is done with it, RFC 8725 §3.10.
  const fitting = keys.filter((key) => key.algs.includes(alg) && (kid === undefined || key.kid === kid))
  if (fitting.length === 0) {
    throw refused('A905304', `The service has no key for ${alg} with the kid of the request object.`)
  }
  for (const { privateKey } of fitting) {
    const decrypted = await decryptWith(text, privateKey)
    if (decrypted !== undefined) return { text: decrypted, encryption: { alg, enc } }
  }
  throw refused('A905305', 'The request object does not decrypt with a key of the service.')
}

/** All that can be refused without a key is refused before one is used. */
function readHeader(text: string): Encryption & { kid?: string } {
  const { alg, enc, kid, zip } = decodeHeader(text)
  const knownAlg = encryptionAlgorithms.find((name) => name === alg)
  if (!knownAlg) {
    throw refused('A905301', `The JWE alg of a request object must be one of ${encryptionAlgorithms.join(', ')}.`)
  }
  const knownEnc = contentEncryptionAlgorithms.find((name) => name === enc)
  if (!knownEnc) {
    throw refused(
      'A905302',
      `The JWE enc of a request object must be one of ${contentEncryptionAlgorithms.join(', ')}.`,
    )
  }
  // RFC 8725 §3.6: a few bytes can unfold to many, and what was compressed can be guessed at by its length.
  if (zip !== undefined) throw refused('A905303', 'A request object must not be compressed: leave out zip.')
  return { alg: knownAlg, enc: knownEnc, ...(kid !== undefined && { kid }) }
}

function decodeHeader(text: string): Partial<CompactJWEHeaderParameters> & { zip?: unknown } {
  try {
    return decodeProtectedHeader(text)
  } catch {
    throw refused('A905306', 'The JWE header of the request object cannot be read.')
  }
}

/** Undefined when it does not decrypt. Why is nobody's business: each reason is a hint for who guesses. */
async function decryptWith(text: string, key: DecryptionKey['privateKey']): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(text, key, {
      keyManagementAlgorithms: [...encryptionAlgorithms],
      contentEncryptionAlgorithms: [...contentEncryptionAlgorithms],
      maxDecompressedLength: 0,
    })
    return new TextDecoder().decode(plaintext)
  } catch (error) {
    // Points off the curve and keys of another kind are refused by the platform, with errors of its own.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
      return undefined
    throw error
  }
}

function refused(resultCode: string, description: string): OAuthError {
  return new OAuthError('invalid_request_object', resultCode, description, 'rfc9101#section-6.1')
}
