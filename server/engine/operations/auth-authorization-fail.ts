import type { Answer, Question } from '../../../sdk/types.ts'
import { sendError } from '../authorization-response.ts'
import type { ServiceContext } from '../context.ts'
import { parseHandle } from '../handle.ts'
import type { OAuthErrorCode, Section } from '../oauth-error.ts'
import { describable, OAuthError } from '../oauth-error.ts'
import { callerFault } from './auth-authorization-issue.ts'

type FailQuestion = Question<'auth_authorization_fail_api'>

/** POST /api/{serviceId}/auth/authorization/fail — RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6. */
export async function authAuthorizationFail(
  question: FailQuestion,
  context: ServiceContext,
): Promise<Answer<'auth_authorization_fail_api'>> {
  const { storage, registry, service, now } = context
  const key = parseHandle(question.ticket)
  const ticket = key && (await storage.findTicket(service.serviceId, key, now))
  // Of issue and fail that race for a ticket, one wins.
  if (!ticket || !(await storage.spendTicket(service.serviceId, ticket.key, now))) {
    return callerFault('A940201', 'The ticket is unknown, expired or spent.', context)
  }
  const { request } = ticket
  const client = await registry.findClient(service.serviceId, String(request.clientId))
  const [code, resultCode, description, section] = reasons[question.reason]
  const error = new OAuthError(code, resultCode, describable(question.description ?? description), section)
  return sendError(error, { ...request, client }, context)
}

const reasons: Record<FailQuestion['reason'], [OAuthErrorCode, string, string, Section]> = {
  UNKNOWN: ['server_error', 'A960201', 'The request failed for a reason that is not known.', 'rfc6749#section-4.1.2.1'],
  SERVER_ERROR: ['server_error', 'A960202', 'The server failed.', 'rfc6749#section-4.1.2.1'],
  NOT_LOGGED_IN: [
    'login_required',
    'A060301',
    'Nobody is signed in, and prompt=none forbids to ask.',
    'oidc-core#AuthError',
  ],
  MAX_AGE_NOT_SUPPORTED: [
    'login_required',
    'A960301',
    'It is not known when the person signed in.',
    'oidc-core#AuthError',
  ],
  EXCEEDS_MAX_AGE: [
    'login_required',
    'A960302',
    'The person signed in longer ago than max_age allows.',
    'oidc-core#AuthError',
  ],
  DIFFERENT_SUBJECT: [
    'login_required',
    'A960303',
    'Another person is signed in than the request demands.',
    'oidc-core#AuthError',
  ],
  NOT_AUTHENTICATED: ['login_required', 'A960304', 'The person did not sign in.', 'oidc-core#AuthError'],
  ACR_NOT_SATISFIED: [
    'unmet_authentication_requirements',
    'A060305',
    'The essential authentication context class was not met.',
    'unmet-authentication',
  ],
  DENIED: ['access_denied', 'A060306', 'The person denied the request.', 'rfc6749#section-4.1.2.1'],
  ACCOUNT_SELECTION_REQUIRED: [
    'account_selection_required',
    'A960305',
    'The person must choose an account.',
    'oidc-core#AuthError',
  ],
  CONSENT_REQUIRED: [
    'consent_required',
    'A060311',
    'The person has not agreed to all of this before.',
    'oidc-core#AuthError',
  ],
  INTERACTION_REQUIRED: ['interaction_required', 'A960306', 'The request needs the person.', 'oidc-core#AuthError'],
  INVALID_TARGET: ['invalid_target', 'A960307', 'The requested resource is not served.', 'rfc8707#section-2'],
  INVALID_SCOPE: ['invalid_scope', 'A960308', 'The requested scopes are refused.', 'rfc6749#section-4.1.2.1'],
  UNAUTHORIZED_CLIENT: [
    'unauthorized_client',
    'A960309',
    'The client may not make this request.',
    'rfc6749#section-4.1.2.1',
  ],
  TEMPORARILY_UNAVAILABLE: [
    'temporarily_unavailable',
    'A960203',
    'The server is busy or under maintenance.',
    'rfc6749#section-4.1.2.1',
  ],
}
