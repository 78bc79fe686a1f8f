import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { callerFault } from './auth-authorization-issue.ts'

/**
 * POST /api/{serviceId}/auth/token/issue — RFC 6749 §4.3.3. RFC 9700 §2.4 forbids the password grant, so this engine gives
 * out no ticket that could be ended here: every one is unknown.
 */
export function authTokenIssue(
  _question: Question<'auth_token_issue_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_token_issue_api'>> {
  return Promise.resolve(noPasswordGrant(context))
}

export function noPasswordGrant(context: ServiceContext) {
  return callerFault('A954201', 'There is no such ticket: this server does not offer the password grant.', context)
}
