import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, errors } from 'jose'

/**
 * The engine's ticket is worth an answer to the request, so it is kept sealed with the id of the interaction, which only the browser has:
 * a row keeps the hash of that. RFC 7516, with a key by RFC 5869.
 */
export function sealTicket(ticket: string, interactionId: string): Promise<string> {
  return new CompactEncrypt(Buffer.from(ticket))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(keyOf(interactionId))
}

/** The ticket again; undefined when it was not sealed with this id. */
export async function openTicket(sealed: string, interactionId: string): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(sealed, keyOf(interactionId))
    return Buffer.from(plaintext).toString()
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

function keyOf(interactionId: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', interactionId, '', 'gatehouse ticket', 32))
}
