import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { noPasswordGrant } from './auth-token-issue.ts'

/** POST /api/{serviceId}/auth/token/fail — RFC 6749 §4.3. As token/issue: there is no ticket that could be ended here. */
export function authTokenFail(
  _question: Question<'auth_token_fail_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_token_fail_api'>> {
  return Promise.resolve(noPasswordGrant(context))
}
