import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors } from 'jose'
import { OAuthError } from '../oauth-error.ts'
import { acceptedValues } from '../protocol/claims-parameter.ts'
import { idTokenType } from '../protocol/id-token.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import type { ClaimsRequest } from '../storage/storage.ts'
import type { SentRequest } from './sent-request.ts'

/**
 * The subject that must answer: OIDC Core §3.1.2.1, `id_token_hint`, and §5.5.1, a requested `sub`. The hint says who is
 * meant; it authenticates nobody.
 */
export async function checkSubject(sent: SentRequest, claims: ClaimsRequest): Promise<string | undefined> {
  const hint = sent.parameters.get('id_token_hint')
  const hinted = hint === undefined ? undefined : await verifyIdTokenHint(hint, sent)
  const requested = [claims.idToken, claims.userinfo].flatMap((request) =>
    Object.hasOwn(request, 'sub') ? acceptedValues(request['sub']) : [],
  )
  const [subject, other] = new Set([hinted, ...requested].filter((value) => value !== undefined))
  if (other !== undefined) {
    throw new OAuthError(
      'invalid_request',
      'A922301',
      'id_token_hint and the requested sub name different subjects.',
      'oidc-core#AuthRequest',
    )
  }
  if (subject !== undefined && !/^[\x20-\x7E]{1,100}$/.test(subject)) {
    throw new OAuthError(
      'invalid_request',
      'A922303',
      'The requested sub is not one that this server gives out.',
      'oidc-core#ClaimsParameter',
    )
  }
  return subject
}

/** OIDC Core §3.1.2.1: an ID token of this issuer for this client. An expired one still says who is meant. */
async function verifyIdTokenHint(hint: string, { service, client }: SentRequest): Promise<string> {
  // RFC 7516 §7.1: five parts are encrypted. The client can read it, and this server cannot.
  if (hint.split('.', 6).length === 5)
    throw refused('id_token_hint is encrypted: send the signed ID token that is in it.')
  const keys = createLocalJWKSet({ keys: service.verificationKeys.map(({ publicJwk }) => publicJwk) })
  try {
    await compactVerify(hint, keys, { algorithms: [...signingAlgorithms] })
  } catch (error) {
    if (error instanceof errors.JOSEError) throw refused('id_token_hint is not signed by this server.')
    throw error
  }
  const { iss, aud, sub, exp, iat } = decodeJwt(hint)
  // RFC 8725 §3.12: with the same keys, the server signs other things that name a person.
  const isIdToken = decodeProtectedHeader(hint).typ === idTokenType && exp !== undefined && iat !== undefined
  if (!isIdToken) throw refused('id_token_hint is not an ID token.')
  const audience = typeof aud === 'string' ? [aud] : (aud ?? [])
  if (iss !== service.issuer) throw refused('id_token_hint was issued by another server.')
  if (!audience.some((name) => name === client.alias || name === String(client.clientId)))
    throw refused('id_token_hint was issued to another client.')
  if (typeof sub !== 'string') throw refused('id_token_hint has no sub.')
  return sub
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_request', 'A922302', description, 'oidc-core#AuthRequest')
}
