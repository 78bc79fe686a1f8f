import type { Answer, Question } from '../../../sdk/types.ts'
import { problemOfCertificate } from '../certificate-binding.ts'
import type { ServiceContext } from '../context.ts'
import { nextDpopNonce, problemOfBinding, schemeOf } from '../dpop.ts'
import type { LiveToken } from '../live-token.ts'
import { findLiveAccessToken } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { describeGrant, hasEnded } from '../protocol/describe-grant.ts'
import { errorJson } from '../protocol/error-response.ts'
import { together } from '../protocol/grant-content.ts'
import { numericDate } from '../protocol/lifetime.ts'
import type { GrantContent, ManagedGrant } from '../storage/storage.ts'
import { callerFault } from './auth-authorization-issue.ts'
import { challenge, isForIssuer, limitedElsewhere } from './auth-userinfo.ts'

type GrantManagementAnswer = Answer<'grant_m_api'>

/** POST /api/{serviceId}/gm — Grant Management for OAuth 2.0 §6: a client asks what a grant of its own holds, or gives it back. */
export async function grantM(
  question: Question<'grant_m_api'>,
  context: ServiceContext,
): Promise<GrantManagementAnswer> {
  return { ...(await answer(question, context)), ...nextDpopNonce(question, context) }
}

async function answer(question: Question<'grant_m_api'>, context: ServiceContext): Promise<GrantManagementAnswer> {
  const { storage, service, now } = context
  const { gmAction, grantId, accessToken } = question
  if (gmAction !== 'QUERY' && gmAction !== 'REVOKE') {
    const fault = callerFault('A977201', 'gmAction is expected to be QUERY or REVOKE.', context)
    return { ...fault, action: 'CALLER_ERROR' }
  }
  const live = await findLiveAccessToken(accessToken, context)
  const scheme = schemeOf(question, live)
  if (!live) return { action: 'UNAUTHORIZED', ...challenge(unknownToken(), service, scheme) }
  const stolen = problemOfCertificate(live, question)
  if (stolen) return { action: 'UNAUTHORIZED', ...challenge(stolen, service, scheme) }
  const resource = {
    ...resultCodes,
    htm: gmAction === 'QUERY' ? 'GET' : 'DELETE',
    htu: `${service.settings.grantManagementEndpoint ?? ''}/${grantId}`,
  }
  const unproven = await problemOfBinding(accessToken, live, question, resource, context)
  if (unproven) return { action: 'UNAUTHORIZED', ...challenge(unproven, service, 'DPoP') }
  if (!isForIssuer(live, service)) return { action: 'UNAUTHORIZED', ...challenge(limitedElsewhere(), service, scheme) }
  const problem = problemOfToken(live, gmAction)
  if (problem) return { action: 'FORBIDDEN', ...challenge(problem, service, scheme) }
  const grant = await storage.findManagedGrant(service.serviceId, grantId)
  if (!grant) return notFound(context)
  if (!isOwn(grant, live)) return { action: 'FORBIDDEN', ...challenge(foreignGrant(), service, scheme) }
  if (gmAction === 'QUERY') {
    // What has ended is not held any more. The grant itself is there: a merge can fill it again.
    const content = hasEnded(grant, now) ? { ...grant, permissions: [] } : grant
    const responseContent = JSON.stringify(grantJson(content))
    return { action: 'OK', resultCode: 'A277001', resultMessage: '[A277001] The grant was found.', responseContent }
  }
  // Of two who revoke it at the same time, the second finds it gone.
  if (!(await storage.revokeManagedGrant(service.serviceId, grantId, now))) return notFound(context)
  return { action: 'NO_CONTENT', resultCode: 'A977001', resultMessage: '[A977001] The grant was revoked.' }
}

const resultCodes = { missingCode: 'A281305', otherKeyCode: 'A977305', athCode: 'A977306', nonceCode: 'A977307' }

/** §6.4: a grant as the client sees it. */
function grantJson(content: GrantContent): object {
  const { permissions, endsAt } = content
  const { scopes, claims } = describeGrant(content)
  const { details } = together(permissions)
  return {
    scopes,
    claims,
    ...(details.length > 0 && { authorization_details: details.map(({ detail }) => detail) }),
    ...(endsAt !== undefined && { expires_at: numericDate(new Date(endsAt)) }),
  }
}

/** §5.1 and §6.1: why the token does not do for the action, if it does not. */
function problemOfToken({ token, client }: LiveToken, gmAction: 'QUERY' | 'REVOKE'): OAuthError | undefined {
  if (client.settings.clientType === 'PUBLIC') {
    return new OAuthError(
      'unauthorized_client',
      'A285311',
      'A public client cannot manage grants.',
      'grant-management#section-5.1',
    )
  }
  const scope = gmAction === 'QUERY' ? 'grant_management_query' : 'grant_management_revoke'
  if (token.scopes.includes(scope)) return undefined
  return new OAuthError(
    'insufficient_scope',
    'A977301',
    `The access token does not have the scope ${scope}.`,
    'grant-management#section-6.1',
  )
}

/** The grant was given to the client, and the token is not about somebody else than the one who gave it. */
function isOwn(grant: ManagedGrant, { token }: LiveToken): boolean {
  return grant.clientId === token.clientId && (token.subject ?? grant.subject) === grant.subject
}

function foreignGrant(): OAuthError {
  return new OAuthError(
    'unauthorized_client',
    'A977302',
    'The grant belongs to another client or another person.',
    'grant-management#section-6.6',
  )
}

function unknownToken(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'A977303',
    'The access token is unknown, expired or revoked.',
    'grant-management#section-6.6',
  )
}

function notFound({ service }: ServiceContext): GrantManagementAnswer {
  const error = new OAuthError(
    'invalid_grant_id',
    'A977304',
    'There is no such grant, or it was revoked.',
    'grant-management#section-6.6',
  )
  const { resultCode, resultMessage } = error
  return { action: 'NOT_FOUND', resultCode, resultMessage, responseContent: errorJson(error, service.settings) }
}
