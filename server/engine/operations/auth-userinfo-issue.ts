import type { Answer, Question } from '../../../sdk/types.ts'
import { findEncryption } from '../client-encryption.ts'
import type { ServiceContext } from '../context.ts'
import { schemeOf } from '../dpop.ts'
import { checkFapiAlgorithm, ofServer } from '../fapi/algorithm.ts'
import { fapiModesOfGrant } from '../fapi/token-request.ts'
import { registeredKeyFor } from '../keys.ts'
import { findLiveAccessToken } from '../live-token.ts'
import { signClaims } from '../protocol/compact-jws.ts'
import { encrypt, nest } from '../protocol/encryption.ts'
import { parseJsonObject } from '../protocol/json.ts'
import { OAuthError } from '../oauth-error.ts'
import type { RegisteredClient } from '../registry.ts'
import { problemOfSignedRequest } from '../signed-request.ts'
import { challenge, isForIssuer, limitedElsewhere, openidMissing, personOf, unknownToken } from './auth-userinfo.ts'

/** POST /api/{serviceId}/auth/userinfo/issue — OIDC Core §5.3.2. The token is verified again: time has passed since it was asked about. */
export async function authUserinfoIssue(
  question: Question<'auth_userinfo_issue_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_userinfo_issue_api'>> {
  const { service } = context
  const unread = problemOfSignedRequest(question, 'A996203')
  if (unread) return { action: 'INTERNAL_SERVER_ERROR', ...challenge(unread, service, 'Bearer') }
  const live = await findLiveAccessToken(question.token, context)
  const scheme = schemeOf({}, live)
  if (!live) return { action: 'UNAUTHORIZED', ...challenge(unknownToken(), service, scheme) }
  if (!isForIssuer(live, service)) return { action: 'UNAUTHORIZED', ...challenge(limitedElsewhere(), service, scheme) }
  const subject = personOf(live)
  if (subject === undefined) return { action: 'FORBIDDEN', ...challenge(openidMissing(), service, scheme) }
  const values = parseJsonObject(question.claims ?? '{}')
  if (!values) {
    const error = new OAuthError(
      'server_error',
      'A996201',
      'The claims are not a JSON object.',
      'oidc-core#UserInfoResponse',
    )
    return { action: 'INTERNAL_SERVER_ERROR', ...challenge(error, service, scheme) }
  }
  const { token, client } = live
  // §5.3.2: sub is always there, and is the one of the ID token.
  const { sub = subject } = token.authorization
  if (question.sub !== undefined && question.sub !== sub) {
    const error = new OAuthError(
      'server_error',
      'A996202',
      'sub is not that of the ID token of this authorization; leave it out.',
      'oidc-core#UserInfoResponse',
    )
    return { action: 'INTERNAL_SERVER_ERROR', ...challenge(error, service, scheme) }
  }
  const claims = { ...values, sub }
  const said = { resultCode: 'A096001', resultMessage: '[A096001] The claims are ready.' }
  try {
    const audience = token.authorization.clientIdAliasUsed ? client.alias : String(client.clientId)
    const modes = fapiModesOfGrant(service, client, [...token.authorization.scopes, ...token.scopes])
    checkFapiAlgorithm(modes, 'userInfoSignAlg of the client', client.settings.userInfoSignAlg, ofServer)
    const jwt = await protectUserinfo({ ...claims, iss: service.issuer, aud: audience }, client, context)
    return jwt === undefined
      ? { action: 'JSON', ...said, responseContent: JSON.stringify(claims) }
      : { action: 'JWT', ...said, responseContent: jwt }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return { action: 'INTERNAL_SERVER_ERROR', ...challenge(error, service, scheme) }
  }
}

/** OIDC Core §5.3.2: the claims are signed, encrypted, or both, as the client registered it; undefined when it registered neither. */
async function protectUserinfo(
  claims: Record<string, unknown>,
  client: RegisteredClient,
  context: ServiceContext,
): Promise<string | undefined> {
  const { signingKeys, settings } = context.service
  const alg = client.settings.userInfoSignAlg
  const encryption = await findEncryption('userInfo', client, context)
  if (alg === undefined) return encryption && encrypt(JSON.stringify(claims), encryption)
  const key = registeredKeyFor(signingKeys, alg, settings.userInfoSignatureKeyId)
  // Without a type: ID tokens have one, so nobody takes this for one of them.
  return nest(await signClaims(claims, undefined, key), encryption)
}
