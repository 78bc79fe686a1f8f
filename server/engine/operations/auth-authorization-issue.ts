import type { Answer, Question } from '../../../sdk/types.ts'
import { checkNotLocked } from '../authorization-request/client.ts'
import { prepareResponse, sendError } from '../authorization-response.ts'
import type { ServiceContext } from '../context.ts'
import { dodgesProfile, mayMerge } from '../fapi/authorization-request.ts'
import { fapiCodeLifetime } from '../fapi/code.ts'
import { isGrantAllowed } from '../grants/allowed-grants.ts'
import { accessTokenLifetime } from '../grants/token-lifetimes.ts'
import { makeHandle, makeLocator, parseHandle } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { fromContract, grantableDetails, grantDetails } from '../protocol/authorization-details.ts'
import { suppliedValues } from '../protocol/claim-names.ts'
import { declinedOf, openedClaims } from '../protocol/declined.ts'
import { errorMembers } from '../protocol/error-response.ts'
import { readJwtAtClaims } from '../protocol/jwt-at-claims.ts'
import { after, startOfSecond } from '../protocol/lifetime.ts'
import { parseJsonObject } from '../protocol/json.ts'
import { faultOfProperties } from '../protocol/properties.ts'
import { grantableScopes, staticScopesOf } from '../protocol/scope.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import { isNameOfClient } from '../subject-names.ts'
import type {
  Authorization,
  AuthorizationRequest,
  GrantedDetail,
  ManagedGrantChange,
  Ticket,
} from '../storage/storage.ts'

/** Seconds, for a service that sets none. RFC 6749 §4.1.2 allows ten minutes; FAPI 2.0 §5.3.2.1-11 sixty seconds, which is plenty. */
const defaultCodeLifetime = 60

/** OIDC Core §5.2: languages in which a claim is named. More than a person reads would only make answers long. */
const mostClaimsLocales = 10

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
  if (await isNameOfClient(question.sub ?? question.subject, context)) {
    return callerFault('A940207', 'The subject is the id or the alias of a client: give it another name.', context)
  }
  const fault = faultOfProperties(question.properties)
  if (fault !== undefined) return callerFault('A940206', fault, context)
  const added = readJwtAtClaims(question.jwtAtClaims)
  if ('fault' in added) return callerFault('A940209', added.fault, context)
  if (question.idtHeaderParams) {
    const text = 'This engine adds nothing to the header of an ID token: leave out idtHeaderParams.'
    return callerFault('A940208', text, context)
  }
  const details = readDetails(question, request, service)
  if (details instanceof OAuthError) return callerFault('A940205', `authorizationDetails: ${details.message}`, context)
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
    const authorization = { ...authorize(request, client, question, details, context), ...added }
    return await issueCode(ticket, client, authorization, question, context)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    await storage.spendTicket(service.serviceId, ticket.key, now)
    return sendError(error, { ...request, client }, context)
  }
}

/** RFC 9396 §7: what was granted of the requested details; the refusal, when the front-end grants what nobody requested. */
function readDetails(
  { authorizationDetails }: IssueQuestion,
  request: AuthorizationRequest,
  service: RegisteredService,
): GrantedDetail[] | OAuthError {
  try {
    return grantDetails(request.authorizationDetails ?? [], fromContract(authorizationDetails), service)
  } catch (error) {
    if (error instanceof OAuthError) return error
    throw error
  }
}

/** Begins the grant of what was authorized, and gives a code for it. */
async function issueCode(
  ticket: Ticket,
  client: RegisteredClient,
  authorization: Authorization,
  { subject }: IssueQuestion,
  context: ServiceContext,
): Promise<IssueAnswer> {
  const { storage, service, now } = context
  const { request } = ticket
  const { serviceId } = service
  const { clientId } = client
  const managedGrant = managedGrantOf(request, authorization, client, context)
  const send = await prepareResponse({ ...request, client }, context)
  const { handle, key } = makeHandle(now)
  const grantId = makeLocator(now)
  const lifetime = service.settings.authorizationCodeDuration || defaultCodeLifetime
  const expiresAt = after(now, fapiCodeLifetime(service, client, request.scopes, lifetime))
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
        authorization,
        ...(request.redirectUriSent && { redirectUri: request.redirectUri }),
        ...(request.codeChallenge !== undefined && { codeChallenge: request.codeChallenge }),
        ...(request.codeChallengeMethod !== undefined && { codeChallengeMethod: request.codeChallengeMethod }),
        expiresAt,
      },
      remembered: staticScopesOf(authorization.scopes, service),
      ...(managedGrant && { managedGrant }),
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
        ...(managedGrant && (await isChanged(managedGrant, subject, context)) && { grantId: managedGrant.grantId }),
        ...(await send({ code: handle })),
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
    case 'grant-gone':
      throw new OAuthError(
        'invalid_grant_id',
        'A940302',
        'The grant of grant_id was revoked while the person decided.',
        'grant-management#section-5.4',
      )
    case 'grant-beyond-request':
      throw dodgesProfile()
    default:
      return outcome satisfies never
  }
}

/** What the person allowed of what was requested, never more. It is carried to every token that comes of it. */
function authorize(
  request: AuthorizationRequest,
  client: RegisteredClient,
  question: IssueQuestion,
  authorizationDetails: GrantedDetail[],
  { service, now }: ServiceContext,
): Authorization {
  const { scopes: chosen, authTime, acr, sub, consentedClaims, refreshTokenDuration } = question
  const asked = chosen ? request.scopes.filter((scope) => chosen.includes(scope)) : request.scopes
  // The settings may have changed while the person decided.
  const scopes = grantableScopes(asked, service, client)
  const claimsLocales = request.claimsLocales.filter(
    (tag) => service.settings.supportedClaimLocales?.includes(tag) ?? true,
  )
  const accessTokenDuration = question.accessTokenDuration || Infinity
  const endsAt = refreshTokenDuration ? startOfSecond(after(now, refreshTokenDuration)).getTime() : Infinity
  const firstTokenEndsAt = now.getTime() + accessTokenLifetime({ accessTokenDuration }, service, client, scopes) * 1000
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
    ...(question.idTokenAudType && { idTokenAudType: question.idTokenAudType }),
    ...(question.claims !== undefined && { idTokenClaimValues: suppliedValues(parseClaims(question.claims)) }),
    ...(claimsLocales.length > 0 && { claimsLocales: claimsLocales.slice(0, mostClaimsLocales) }),
    ...(request.resources.length > 0 && { resources: request.resources }),
    ...(request.authorizationDetails && {
      authorizationDetails: grantableDetails(authorizationDetails, service, client),
    }),
    ...(request.dpopJkt !== undefined && { dpopJkt: request.dpopJkt }),
    ...(accessTokenDuration < Infinity && { accessTokenDuration }),
    ...(endsAt < Infinity && { endsAt }),
    ...(question.properties && { properties: question.properties }),
    // OIDC Core §11: who declines offline access gets no refresh token, although the client may use the grant. Nor is there one
    // where nothing would be left to refresh after the first access token.
    refreshable:
      isGrantAllowed('REFRESH_TOKEN', client, service) && !declinedOfflineAccess && endsAt > firstTokenEndsAt,
  }
}

/** Grant Management for OAuth 2.0 §5.2: what the request wants to become of a managed grant. */
function managedGrantOf(
  request: AuthorizationRequest,
  authorization: Authorization,
  client: RegisteredClient,
  { service, now }: ServiceContext,
): ManagedGrantChange | undefined {
  const { grantManagement } = request
  if (!grantManagement) return undefined
  const { action } = grantManagement
  return {
    action,
    // §5.5: nobody guesses the id.
    grantId: action === 'create' ? makeHandle(now).handle : grantManagement.grantId,
    claims: openedClaims(authorization, service),
    declined: declinedOf(request, authorization, service),
    mayBring: (scopes) => mayMerge(new Set(request.fapiModes), scopes, { service, client }),
  }
}

/** §5.2: somebody else who signed in than the owner of a grant does not change it. */
async function isChanged(
  { action, grantId }: ManagedGrantChange,
  subject: string,
  { storage, service }: ServiceContext,
): Promise<boolean> {
  if (action === 'create') return true
  return (await storage.findManagedGrant(service.serviceId, grantId))?.subject === subject
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
