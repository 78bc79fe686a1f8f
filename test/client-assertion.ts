import { randomUUID } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { SignJWT } from 'jose'

/** RFC 7523 §2.2: who signs an assertion, and with what. */
export interface AssertionSigner {
  clientId: string
  key: CryptoKey | Uint8Array
  alg: string
  kid?: string
}

/** RFC 7523 §3: a client assertion. Claims and members of the header that are undefined are left out. */
export async function makeClientAssertion(
  { clientId, key, alg, kid }: AssertionSigner,
  { aud, now }: { aud: unknown; now: Date },
  changes: { claims?: Record<string, unknown>; header?: Record<string, unknown> } = {},
): Promise<string> {
  const iat = Math.floor(now.getTime() / 1000)
  const claims = { iss: clientId, sub: clientId, aud, jti: randomUUID(), iat, exp: iat + 60, ...changes.claims }
  return new SignJWT(withoutAbsent(claims))
    .setProtectedHeader({ alg, ...withoutAbsent({ kid, ...changes.header }) })
    .sign(key)
}

function withoutAbsent(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
