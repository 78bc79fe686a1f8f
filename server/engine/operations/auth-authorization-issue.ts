import type { Answer, Question } from '../../../sdk/types.ts'
import { checkNotLocked } from '../authorization-request/client.ts'
import type { ServiceContext } from '../context.ts'
import { isGrantAllowed } from '../grants/allowed-grants.ts'
import { makeHandle, makeLocator, parseHandle } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { suppliedValues } from '../protocol/claim-names.ts'
import { errorMembers } from '../protocol/error-response.ts'
import { after } from '../protocol/lifetime.ts'
import { parseJsonObject } from '../protocol/json.ts'
import { authorizationResponse } from '../protocol/response-mode.ts'
import type { RegisteredClient } from '../registry.ts'
import type { Authorization, AuthorizationRequest, Ticket } from '../storage/storage.ts'
import { issuerOf } from './auth-authorization.ts'

/** Seconds. RFC 6749 §4.1.2 allows ten minutes; FAPI 2.0 §5.3.2.1 sixty seconds, which is plenty. */
const codeLifetime = 60

type IssueQuestion = Question<'auth_authorization_issue_api'>
type IssueAnswer = Answer<'auth_authorization_issue_api'>

/** POST /api/{serviceId}/auth/authorization/issue — RFC 6749 §4.1.2. */
export async function authAuthorizationIssue(question: IssueQuestion, context: ServiceContext): Promise<IssueAnswer> {
  const { storage, registry, service, now } = context
  const key = parseHandle(question.ticket)
  const ticket = key && (await storage.findTicket(service.serviceId, key, now))
  if (!ticket) return callerFault('A940201', 'The ticket is unknown, expired or spent.', context)
  const { request } = ticket
  if (request.subject !== undefined && request.subject !== question.subject) {
    return callerFault('A940202', 'The request demands another subject.', context)
  }
  if (request.acrEssential && !request.acrs.includes(question.acr ?? '')) {
    return callerFault('A940203', 'The request demands one of its essential acr values.', context)
  }
  const client = await registry.findClient(service.serviceId, String(request.clientId))
  try {
    if (!client)
      throw new OAuthError(
        'unauthorized_client',
        'A940301',
        'The client does not exist any more.',
        'rfc6749#section-4.1.2.1',
      )
    checkNotLocked(client)
    return await issueCode(ticket, client, question, context)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    await storage.spendTicket(service.serviceId, ticket.key, now)
    return respond(ticket, error, context)
  }
}

/** Begins the grant with what was granted of what was requested: never more. */
async function issueCode(
  ticket: Ticket,
  client: RegisteredClient,
  question: IssueQuestion,
  context: ServiceContext,
): Promise<IssueAnswer> {
  const { storage, service, now } = context
  const { request } = ticket
  const { serviceId } = service
  const { clientId } = client
  const { subject } = question
  const { handle, key } = makeHandle(now)
  const grantId = makeLocator(now)
  const expiresAt = after(now, codeLifetime)
  const outcome = await storage.issueAuthorizationCode(
    {
      serviceId,
      ticket: ticket.key,
      grant: { grantId, serviceId, clientId, subject, createdAt: now, expiresAt },
      key,
      code: {
        clientId,
        subject,
        grantId,
        authorization: authorize(request, client, question, context),
        ...(request.redirectUriSent && { redirectUri: request.redirectUri }),
        ...(request.codeChallenge !== undefined && { codeChallenge: request.codeChallenge }),
        ...(request.codeChallengeMethod !== undefined && { codeChallengeMethod: request.codeChallengeMethod }),
        expiresAt,
      },
    },
    now,
  )
  switch (outcome) {
    case 'issued':
      return {
        resultCode: 'A040001',
        resultMessage: '[A040001] An authorization code was issued.',
        authorizationCode: handle,
        ticketInfo: { context: ticket.context },
        ...authorizationResponse(targetOf(request, context), { code: handle }),
      }
    case 'ticket-spent':
      return callerFault('A940201', 'The ticket is unknown, expired or spent.', context)
    case 'request-uri-spent':
      // RFC 9126 §4: of two windows with the same pushed request, one was completed.
      throw new OAuthError(
        'invalid_request_uri',
        'A008303',
        'request_uri was used up by another authorization.',
        'rfc9126#section-4',
      )
    default:
      return outcome satisfies never
  }
}

/** What the person allowed, carried to every token that comes of it. */
function authorize(
  request: AuthorizationRequest,
  client: RegisteredClient,
  question: IssueQuestion,
  { service }: ServiceContext,
): Authorization {
  const { scopes: chosen, authTime, acr, sub, consentedClaims } = question
  const scopes = chosen ? request.scopes.filter((scope) => chosen.includes(scope)) : request.scopes
  const declinedOfflineAccess = request.scopes.includes('offline_access') && !scopes.includes('offline_access')
  return {
    scopes,
    clientIdAliasUsed: request.clientIdAliasUsed,
    ...(sub !== undefined && { sub }),
    ...(authTime !== undefined && { authTime }),
    ...(acr !== undefined && { acr }),
    ...(request.nonce !== undefined && { nonce: request.nonce }),
    claims: request.claims,
    ...(consentedClaims && { consentedClaims }),
    ...(question.claims !== undefined && { idTokenClaimValues: suppliedValues(parseClaims(question.claims)) }),
    // OIDC Core §11: who declines offline access gets no refresh token, although the client may use the grant.
    refreshable: isGrantAllowed('REFRESH_TOKEN', client, service) && !declinedOfflineAccess,
  }
}

function parseClaims(text: string): Record<string, unknown> {
  const claims = parseJsonObject(text)
  if (claims) return claims
  throw new OAuthError(
    'server_error',
    'A940204',
    'The claims for the ID token are not a JSON object.',
    'oidc-core#IDToken',
  )
}

/** Where the answer to a request goes, and what it always carries. */
export function targetOf({ redirectUri, responseMode, state }: AuthorizationRequest, { service }: ServiceContext) {
  return { redirectUri, responseMode, ...(state !== undefined && { state }), ...issuerOf(service) }
}

/** RFC 6749 §4.1.2.1: the request ends with an error, which the client is told. */
export function respond({ request }: Ticket, error: OAuthError, context: ServiceContext) {
  const { resultCode, resultMessage } = error
  return {
    resultCode,
    resultMessage,
    ...authorizationResponse(targetOf(request, context), errorMembers(error, context.service.settings)),
  }
}

/** The front-end broke the contract. Nobody can be redirected, and the ticket is as it was. */
export function callerFault(resultCode: string, description: string, { service }: ServiceContext) {
  const error = new OAuthError('server_error', resultCode, description, 'rfc6749#section-4.1.2.1')
  return {
    action: 'INTERNAL_SERVER_ERROR' as const,
    resultCode,
    resultMessage: error.resultMessage,
    responseContent: JSON.stringify(errorMembers(error, service.settings)),
  }
}
