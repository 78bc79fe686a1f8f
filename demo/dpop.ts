import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWTPayload } from 'jose'
import { BearerRefusal, proofAlgorithms } from './api-refusal.ts'

/** Seconds that a proof is accepted after it was made, and that the clock of a client may differ. */
const lifetime = 60
const clockSkew = 10

/** What a proof is held against. */
export interface ProvenRequest {
  method: string
  /** Without query and fragment. */
  address: string
  accessToken: string
  /** The thumbprint of the key that the access token is bound to, RFC 9449 §6.2. */
  jkt: string
}

/** Verifies the DPoP header of a request; throws when it proves nothing. */
export type ProofVerifier = (proof: string | undefined, request: ProvenRequest) => Promise<void>

/** RFC 9449 §4.3 and §7.1: the checks of a resource server. What was used is remembered for as long as it could be used again. */
export function proofVerifier(now: () => Date): ProofVerifier {
  const used = new Map<string, number>()

  return async (proof, { method, address, accessToken, jkt }) => {
    if (proof === undefined || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof))
      throw invalid('Send one DPoP header with a proof')
    const seconds = now().getTime() / 1000
    const { payload, thumbprint } = await verifySignature(proof, now())
    const { jti, htm, htu, iat = 0, ath } = payload
    if (htm !== method) throw invalid(`htm of the DPoP proof must be ${method}`)
    if (typeof htu !== 'string' || withoutQuery(htu) !== withoutQuery(address)) {
      throw invalid(`htu of the DPoP proof must be ${address}`)
    }
    const age = seconds - iat
    if (!(age >= -clockSkew && age < lifetime + clockSkew))
      throw invalid('The DPoP proof was not made just now: see iat')
    if (ath !== createHash('sha256').update(accessToken).digest('base64url')) {
      throw invalid('ath of the DPoP proof must be the hash of the access token')
    }
    if (thumbprint !== jkt) throw invalid('The access token is bound to another key')
    if (typeof jti !== 'string' || jti === '') throw invalid('The DPoP proof has no jti')

    for (const [key, until] of used) if (until <= seconds) used.delete(key)
    const key = `${jkt} ${jti}`
    if (used.has(key)) throw invalid('The DPoP proof was used before')
    used.set(key, iat + lifetime + clockSkew)
  }
}

async function verifySignature(proof: string, currentDate: Date): Promise<{ payload: JWTPayload; thumbprint: string }> {
  try {
    // EmbeddedJWK takes public keys only.
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: proofAlgorithms,
      requiredClaims: ['jti', 'htm', 'htu', 'iat', 'ath'],
      currentDate,
      clockTolerance: clockSkew,
    })
    const { typ, jwk = {} } = protectedHeader
    if (typ === 'dpop+jwt') return { payload, thumbprint: await calculateJwkThumbprint(jwk) }
  } catch {
    // The key is the sender's, so whatever fails here is the sender's doing.
  }
  throw invalid('The DPoP proof is no dpop+jwt, a claim is missing, or its signature does not verify')
}

/** RFC 9449 §4.3 item 9: the scheme and the host in small letters, no default port, no query, no fragment. */
function withoutQuery(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const { protocol, username, password, host, pathname } = new URL(address)
  return username === '' && password === '' ? `${protocol}//${host}${pathname}` : undefined
}

function invalid(description: string): BearerRefusal {
  return new BearerRefusal(401, 'invalid_dpop_proof', description)
}
