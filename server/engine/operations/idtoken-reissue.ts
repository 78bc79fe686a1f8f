import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { makeIdToken } from '../grants/make-tokens.ts'
import { tokenKey } from '../handle.ts'
import type { LiveToken } from '../live-token.ts'
import { findLiveAccessToken } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { suppliedValues } from '../protocol/claim-names.ts'
import { claimsAsAsked } from '../protocol/claims-as-asked.ts'
import { parseJsonObject } from '../protocol/json.ts'
import { expires, hasExpired, secondsBetween } from '../protocol/lifetime.ts'
import { tokenTypeOf } from './auth-token.ts'
import { tokenResponse } from './token-response.ts'

type ReissueQuestion = Question<'idtoken_reissue_api'>
type ReissueAnswer = Answer<'idtoken_reissue_api'>

/** POST /api/{serviceId}/idtoken/reissue — OIDC Core §12.2: the token response of a refresh, with a new ID token. */
export async function idtokenReissue(question: ReissueQuestion, context: ServiceContext): Promise<ReissueAnswer> {
  const { service, now } = context
  if (!service.settings.idTokenReissuable) {
    return callerError('A960201', 'The service does not reissue ID tokens: idTokenReissuable is not set.')
  }
  const live = await findLiveAccessToken(question.accessToken, context)
  if (live?.token.grantType !== 'REFRESH_TOKEN') {
    return callerError('A960202', 'accessToken is not a live access token that came of a refresh.')
  }
  const { subject, scopes, expiresAt } = live.token
  const authorization = reissuedAuthorization(question, live)
  if (typeof authorization === 'string') return callerError('A960203', authorization)
  if (!(await goesWith(question.refreshToken, live, context))) {
    return callerError('A960204', 'refreshToken is not the live refresh token of the access token.')
  }
  if (subject === undefined || !scopes.includes('openid')) {
    return callerError('A960205', 'The access token does not have the scope openid.')
  }
  const plan = { client: live.client, grantType: live.token.grantType, scopes, authorization }
  const idToken = await makeIdToken(plan, subject, question.accessToken, context).catch(refusalOf)
  // The tokens are out: the front-end must learn that there is no ID token, and not merely that something failed.
  if (idToken instanceof OAuthError) {
    const { resultCode, resultMessage } = idToken
    return { action: 'INTERNAL_SERVER_ERROR', resultCode, resultMessage }
  }
  return {
    action: 'OK',
    resultCode: 'A960001',
    resultMessage: '[A960001] The ID token was reissued.',
    idToken,
    responseContent: tokenResponse({
      accessToken: question.accessToken,
      tokenType: tokenTypeOf(authorization, service),
      expiresIn: expires(expiresAt) ? secondsBetween(now, expiresAt) : undefined,
      scopes,
      refreshToken: question.refreshToken,
      idToken,
      authorization,
    }),
  }
}

/** OIDC Core §12.2: what the new ID token says. A text is what is wrong with the question. */
function reissuedAuthorization(
  { sub, claims, idtHeaderParams, idTokenAudType }: ReissueQuestion,
  { token }: LiveToken,
) {
  const { authorization, subject } = token
  // §12.2: its `sub` is the one of the original.
  if (sub !== undefined && sub !== (authorization.sub ?? subject)) return 'sub is not that of the first ID token.'
  if (idtHeaderParams) return 'This engine adds nothing to the header of an ID token: leave out idtHeaderParams.'
  const audType = (['array', 'string'] as const).find((type) => type === idTokenAudType)
  if (idTokenAudType !== undefined && !audType) return 'idTokenAudType is expected to be array or string.'
  const told = { ...authorization, ...(audType && { idTokenAudType: audType }) }
  // Without claims, those that the first one had.
  if (claims === undefined) return told
  const values = parseJsonObject(claims)
  return values
    ? { ...told, idTokenClaimValues: claimsAsAsked(suppliedValues(values), authorization.claims) }
    : 'claims is not a JSON object.'
}

async function goesWith(
  refreshToken: string,
  { token }: LiveToken,
  { storage, service, now }: ServiceContext,
): Promise<boolean> {
  const record = await storage.findRefreshToken(service.serviceId, tokenKey(refreshToken, service.serviceId))
  if (!record || record.rotatedAt || hasExpired(record.expiresAt, now)) return false
  return Buffer.from(record.grantId).equals(token.grantId)
}

function refusalOf(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error
  throw error
}

function callerError(resultCode: string, text: string): ReissueAnswer {
  return { action: 'CALLER_ERROR', resultCode, resultMessage: `[${resultCode}] ${text}` }
}
