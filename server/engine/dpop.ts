import type { ServiceContext } from './context.ts'
import type { LiveToken } from './live-token.ts'
import { OAuthError } from './oauth-error.ts'
import type { ExpectedProof } from './protocol/dpop.ts'
import { verifyDpopProof } from './protocol/dpop.ts'
import { currentDpopNonce, isDpopNonce } from './protocol/dpop-nonce.ts'
import { clockSkewOf } from './protocol/lifetime.ts'

/** What the front-end passes on of a request: its `DPoP` header, and what a proof must be about. */
export interface PresentedProof {
  dpop?: string
  htm?: string
  htu?: string
  dpopNonceRequired?: boolean
}

/** What is particular to an endpoint. */
export interface DpopEndpoint {
  /** What the proof must be about where the front-end does not say. */
  htm: string
  htu: string | undefined
  /** The result code for a proof without a nonce of ours. */
  nonceCode: string
}

/** Seconds, for a service that sets none. */
const defaultNonceDuration = 300

/** RFC 9449 §8.2: the nonce for the next proof, which goes with every answer where nonces are needed. */
export function nextDpopNonce(presented: PresentedProof, context: ServiceContext): { dpopNonce?: string } {
  return needsNonce(presented, context) ? { dpopNonce: currentDpopNonce(nonceSource(context)) } : {}
}

/** RFC 9449 §5: the thumbprint of the key that the client proves to hold; undefined when there is no proof. It is accepted once. */
export async function acceptDpopProof(
  presented: PresentedProof,
  endpoint: DpopEndpoint,
  clientId: number,
  context: ServiceContext,
  accessToken?: ExpectedProof['accessToken'],
): Promise<string | undefined> {
  const { storage, service, now } = context
  const { dpop, htm = endpoint.htm, htu = endpoint.htu ?? '' } = presented
  if (dpop === undefined) return undefined
  const proof = await verifyDpopProof(dpop, {
    htm,
    htu,
    ...(accessToken && { accessToken }),
    ...(needsNonce(presented, context) && {
      nonce: { isGood: (nonce) => isDpopNonce(nonce, nonceSource(context)), resultCode: endpoint.nonceCode },
    }),
    now,
    clockSkew: clockSkewOf(service.settings),
  })
  // §11.1: remembered only after the client or its token was found good. A public client is whoever knows its name; rows live two minutes.
  if (!(await storage.useDpopProof(service.serviceId, clientId, proof, now))) {
    throw new OAuthError(
      'invalid_dpop_proof',
      'A954314',
      'The DPoP proof was used before: jti must be new each time.',
      'rfc9449#section-11.1',
    )
  }
  return proof.jkt
}

/** An endpoint where access tokens are used, and its result codes. */
export interface DpopResource extends DpopEndpoint {
  missingCode: string
  otherKeyCode: string
  athCode: string
}

/**
 * RFC 9449 §7: what is wrong with the use of a live access token, if anything is. One that is bound to a key takes a proof of that key.
 * One that is not takes none; but where a proof comes, it must be good.
 */
export async function problemOfBinding(
  accessToken: string,
  { token }: Pick<LiveToken, 'token'>,
  presented: PresentedProof,
  resource: DpopResource,
  context: ServiceContext,
): Promise<OAuthError | undefined> {
  const bound = token.authorization.jkt
  try {
    const expected = { value: accessToken, resultCode: resource.athCode }
    const jkt = await acceptDpopProof(presented, resource, token.clientId, context, expected)
    if (bound === undefined || jkt === bound) return undefined
    if (jkt !== undefined) {
      const description = 'The access token is bound to another key than that of the DPoP proof.'
      return new OAuthError('invalid_dpop_proof', resource.otherKeyCode, description, 'rfc9449#section-7.1')
    }
    const description =
      'The access token is bound to a key: send it as Authorization: DPoP, with a DPoP proof of that key.'
    return new OAuthError('invalid_token', resource.missingCode, description, 'rfc9449#section-7.2')
  } catch (error) {
    if (error instanceof OAuthError) return error
    throw error
  }
}

/** RFC 9449 §7.1: the scheme that a challenge is about. */
export function schemeOf({ dpop }: PresentedProof, live?: Pick<LiveToken, 'token'>): 'Bearer' | 'DPoP' {
  return dpop !== undefined || live?.token.authorization.jkt !== undefined ? 'DPoP' : 'Bearer'
}

function needsNonce({ dpopNonceRequired }: PresentedProof, { service }: ServiceContext): boolean {
  return dpopNonceRequired === true || service.settings.dpopNonceRequired === true
}

function nonceSource({ service, now }: ServiceContext) {
  return { keys: service.dpopNonceKeys, duration: service.settings.dpopNonceDuration || defaultNonceDuration, now }
}
