import type { Question } from '../../sdk/types.ts'
import type { ServiceContext } from './context.ts'
import { offersFapi } from './fapi/modes.ts'
import { isJwk, signingKeyFor } from './keys.ts'
import { OAuthError } from './oauth-error.ts'
import type { Encryption } from './protocol/encryption.ts'
import {
  chooseKey,
  contentEncryptionAlgorithms,
  encryptionAlgorithms,
  encryptionTo,
  nest,
  registeredName,
} from './protocol/encryption.ts'
import { signIntrospection, wantsIntrospectionJwt } from './protocol/introspection-jwt.ts'
import { parseJsonObject } from './protocol/json.ts'
import { numericDate } from './protocol/lifetime.ts'
import { readEncryptionKeys } from './settings/key-sets.ts'

type IntrospectionQuestion = Question<'auth_introspection_standard_api'>

/** RFC 9701 §5: how an answer becomes a JWT. */
export interface Protection {
  /** What it is signed with. */
  alg: string
  protect(introspection: object): Promise<string>
}

/** RFC 9701 §4: how the answer is protected, undefined where plain JSON is asked for. What the question wants and cannot have is refused first. */
export async function findProtection(
  question: IntrospectionQuestion,
  { service, now }: ServiceContext,
): Promise<Protection | undefined> {
  if (!wantsIntrospectionJwt(question.httpAcceptHeader)) return undefined
  const { rsUri: audience } = question
  if (audience === undefined) {
    throw new OAuthError(
      'invalid_request',
      'A404301',
      'A signed answer names the resource server that it is for, and none is known: rsUri is missing.',
      'rfc9701#section-5',
    )
  }
  const { signingKeys, settings, issuer } = service
  // §6 names RS256 as the default; a service may well have no key for that.
  const fallback = !offersFapi(service) && signingKeyFor(signingKeys, 'RS256') ? 'RS256' : 'ES256'
  const { introspectionSignatureKeyId: kid } = settings
  const alg = question.introspectionSignAlg ?? signingKeys.find((each) => each.kid === kid)?.alg ?? fallback
  const key = signingKeyFor(signingKeys, alg, kid)
  if (!key) throw wrong('introspectionSignAlg', `${listed(signingKeys.map((each) => each.alg))} is expected`)
  const encryption = await findEncryption(question)
  return {
    alg,
    protect: async (introspection) =>
      nest(await signIntrospection({ issuer, audience, issuedAt: numericDate(now), introspection }, key), encryption),
  }
}

/** RFC 9701 §6: to which key the answer is encrypted, if it is. */
async function findEncryption(question: IntrospectionQuestion): Promise<Encryption | undefined> {
  const { introspectionEncryptionAlg, introspectionEncryptionEnc, publicKeyForEncryption } = question
  if (introspectionEncryptionAlg === undefined) {
    if (introspectionEncryptionEnc === undefined) return undefined
    throw wrong('introspectionEncryptionEnc', 'it goes with introspectionEncryptionAlg only')
  }
  const alg = registeredName(encryptionAlgorithms, introspectionEncryptionAlg)
  if (alg === undefined) throw wrong('introspectionEncryptionAlg', `${listed(encryptionAlgorithms)} is expected`)
  const enc = registeredName(contentEncryptionAlgorithms, introspectionEncryptionEnc ?? contentEncryptionAlgorithms[0])
  if (enc === undefined) throw wrong('introspectionEncryptionEnc', `${listed(contentEncryptionAlgorithms)} is expected`)
  const jwk = chooseKey(await readKey(publicKeyForEncryption), alg)
  const encryption = jwk && (await encryptionTo(jwk, alg, enc))
  if (!encryption) throw wrong('publicKeyForEncryption', `a public JWK for ${alg} is expected`)
  return encryption
}

/** RFC 7517 §4: a key is looked at as those of a set are. */
async function readKey(text: string | undefined) {
  const key = parseJsonObject(text ?? '')
  return isJwk(key) ? readEncryptionKeys(JSON.stringify({ keys: [key] })) : []
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].join(', ')
}

/** The front-end asks for what cannot be: no fault of the resource server. */
function wrong(member: string, expected: string): OAuthError {
  return new OAuthError('server_error', 'A945201', `${member}: ${expected}.`, 'rfc9701#section-6')
}
