import type { Question } from '../sdk/types.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { issueQuestion } from './authorization-response.ts'
import { membersOf } from './authorization-details/element.ts'
import { isNothing, type Choice, type Grant } from './consent-choice.ts'
import type { SignedIn } from './decision.ts'
import type { Page } from './pages.ts'
import { consentedClaims } from './requested-claims.ts'
import { tokenLives } from './token-lives.ts'

/** Demo mode only: what Allow would do, beside the form of the consent page. */
export interface Preview {
  /** waiting: nobody said yet what is ticked. */
  readonly status: 'waiting' | 'issue' | 'fail' | 'invalid'
  readonly parts: readonly PreviewPart[]
}

interface PreviewPart {
  /** Its heading: preview.<key> in the catalogue. */
  readonly key: 'question' | 'token-response' | 'access-token' | 'id-token'
  readonly about: string | undefined
  readonly json: string
}

/** What takes the place of the panel's content when the choice changes. */
export interface PreviewFragment extends Page {
  readonly preview: Preview
}

export const waitingPreview: Preview = { status: 'waiting', parts: [] }

/**
 * RFC 6749 §4.1.2 and §5.1: what the engine would be asked for a choice, and what the tokens would say. The question is made by the
 * function that makes the real one.
 */
export function previewOf(
  request: AuthorizationRequest,
  person: SignedIn,
  choice: Exclude<Choice, { outcome: 'refused' }>,
  claimValues: Record<string, unknown>,
): Preview {
  if (choice.outcome === 'invalid') return { status: 'invalid', parts: [] }
  if (isNothing(choice)) {
    const question = { ticket: masked, reason: 'DENIED' } satisfies Question<'auth_authorization_fail_api'>
    return { status: 'fail', parts: [part('question', question, 'POST /auth/authorization/fail')] }
  }
  const { grant } = choice
  const question = issueQuestion(request, person, grant, claimValues)
  return {
    status: 'issue',
    parts: [
      part('question', { ...question, ticket: masked }, 'POST /auth/authorization/issue'),
      part('token-response', tokenResponse(request, grant)),
      part('access-token', accessToken(request, person, grant)),
      ...(grant.scopes.includes('openid') ? [part('id-token', idToken(request, person, claimValues))] : []),
    ],
  }
}

/** RFC 6749 §5.1, OIDC Core §3.1.3.3, RFC 9396 §7. */
function tokenResponse(request: AuthorizationRequest, grant: Grant): object {
  const { accessSeconds, renewal } = tokenLives(request, grant)
  return {
    access_token: masked,
    token_type: 'Bearer',
    expires_in: accessSeconds,
    ...(renewal !== undefined && { refresh_token: masked }),
    ...(grant.scopes.includes('openid') && { id_token: masked }),
    scope: grant.scopes.join(' '),
    ...detailsOf(grant),
  }
}

/** RFC 7662 §2.2: what a resource server is told; and the claims that UserInfo releases (OIDC Core §5.3). */
function accessToken(request: AuthorizationRequest, { subject, authTime, acr }: SignedIn, grant: Grant): object {
  const claims = consentedClaims(request, grant)
  return {
    active: true,
    scope: grant.scopes.join(' '),
    client_id: clientIdOf(request),
    sub: subject,
    auth_time: authTime,
    acr,
    ...(request.resources.length > 0 && { aud: request.resources }),
    ...(claims.length > 0 && { claims }),
    ...detailsOf(grant),
  }
}

/** OIDC Core §2. */
function idToken(request: AuthorizationRequest, { subject, authTime, acr }: SignedIn, claimValues: object): object {
  return { sub: subject, aud: clientIdOf(request), auth_time: authTime, acr, ...claimValues }
}

function detailsOf({ details }: Grant): object {
  return details.length === 0 ? {} : { authorization_details: details.map(membersOf) }
}

function clientIdOf({ client }: AuthorizationRequest): string {
  return client.clientIdAlias ?? String(client.clientId)
}

function part(key: PreviewPart['key'], content: object, about?: string): PreviewPart {
  return { key, about, json: JSON.stringify(content, null, 2) }
}

/** The ticket stays on this server, and the others do not exist yet. */
const masked = '…'
