import type { Answer, Question, Schema } from '../../../sdk/types.ts'
import type { CheckedRequest } from '../authorization-request/checks.ts'
import { checkAuthorizationRequest } from '../authorization-request/checks.ts'
import { openAuthorizationRequest } from '../authorization-request/open.ts'
import { checkRedirectUri } from '../authorization-request/redirect-uri.ts'
import { responseModeForErrors } from '../authorization-request/response-mode.ts'
import type { SentRequest } from '../authorization-request/sent-request.ts'
import { prepareResponse, sendError } from '../authorization-response.ts'
import type { ServiceContext } from '../context.ts'
import { checkFapiPushed } from '../fapi/authorization-request.ts'
import { makeHandle } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { toContract } from '../protocol/authorization-details.ts'
import { idTokenClaimNames, userinfoClaimNames } from '../protocol/claim-names.ts'
import { refuse } from '../protocol/error-response.ts'
import { after } from '../protocol/lifetime.ts'
import { describeGrant, hasEnded } from '../protocol/describe-grant.ts'
import { describeScopes, dynamicScopesOf } from '../protocol/scope.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { AuthorizationRequest, ManagedGrant } from '../storage/storage.ts'

/** Seconds that a person has to decide. WCAG 2.2 §2.2.1: twenty minutes, so that nobody has to hurry. */
const ticketLifetime = 1_200

/** POST /api/{serviceId}/auth/authorization — RFC 6749 §3.1. */
export async function authAuthorization(
  question: Question<'auth_authorization_api'>,
  context: ServiceContext,
): Promise<Answer<'auth_authorization_api'>> {
  let sent: SentRequest
  let redirect: { redirectUri: string; redirectUriSent: boolean }
  try {
    sent = await openAuthorizationRequest(question.parameters, context)
    checkFapiPushed(sent)
    redirect = checkRedirectUri(sent)
  } catch (error) {
    // RFC 6749 §4.1.2.1: the person is told; nobody is redirected to an address that is not known to be the client's.
    return { action: 'BAD_REQUEST', ...refuse(error, context.service.settings) }
  }
  try {
    const checked = await checkAuthorizationRequest(sent, redirect)
    // JARM §3: nobody is asked anything when the answer could not be protected.
    await prepareResponse({ ...checked.request, client: sent.client }, context)
    return await invite(checked, question.context ?? '', sent, context)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const { client, clientIdAliasUsed, parameters } = sent
    const state = parameters.get('state')
    const recipient = {
      client,
      clientIdAliasUsed,
      redirectUri: redirect.redirectUri,
      responseMode: responseModeForErrors(sent),
      // RFC 6749 §3.1: of a state that was sent twice, neither is the client's.
      ...(state !== undefined && !parameters.repeated.has('state') && { state }),
    }
    return sendError(error, recipient, context)
  }
}

/** The request is good: keeps it under a ticket, and tells the front-end what its pages need. */
async function invite(
  { request, managedGrant }: CheckedRequest,
  ticketContext: string,
  { client, service, requestObject }: SentRequest,
  { storage, now }: ServiceContext,
): Promise<Answer<'auth_authorization_api'>> {
  const { handle, key } = makeHandle(now)
  const { serviceId } = service
  await storage.keepTicket({ key, serviceId, request, context: ticketContext, expiresAt: after(now, ticketLifetime) })
  const openid = request.scopes.includes('openid')
  return {
    action: request.prompts.includes('NONE') ? 'NO_INTERACTION' : 'INTERACTION',
    resultCode: 'A004001',
    resultMessage: `[A004001] A ticket was issued (response_type=code, openid=${openid}).`,
    ticket: handle,
    client: describeClient(client),
    service: describeService(service),
    scopes: describeScopes(request.scopes, service),
    dynamicScopes: dynamicScopesOf(request.scopes, service),
    ...(request.acrs.length > 0 && { acrs: request.acrs }),
    acrEssential: request.acrEssential,
    maxAge: request.maxAge ?? 0,
    ...(request.subject !== undefined && { subject: request.subject }),
    ...(request.loginHint !== undefined && { loginHint: request.loginHint }),
    display: request.display,
    ...(request.prompts.length > 0 && { prompts: request.prompts }),
    ...supportedLocales(request, service),
    claims: idTokenClaimNames(request.scopes, request.claims, service),
    claimsAtUserInfo: userinfoClaimNames(request.scopes, request.claims, service),
    ...(Object.keys(request.claims.idToken).length > 0 && { idTokenClaims: JSON.stringify(request.claims.idToken) }),
    ...(Object.keys(request.claims.userinfo).length > 0 && { userInfoClaims: JSON.stringify(request.claims.userinfo) }),
    ...(request.resources.length > 0 && { resources: request.resources }),
    ...(request.authorizationDetails && { authorizationDetails: toContract(request.authorizationDetails) }),
    ...describeGrantManagement(request, managedGrant, now),
    ...(requestObject?.payload !== undefined && { requestObjectPayload: requestObject.payload }),
    redirectUri: request.redirectUri,
    clientIdAliasUsed: request.clientIdAliasUsed,
  }
}

/**
 * Grant Management for OAuth 2.0: what becomes of which grant. Whose it is, is said as `grantSubject` and not demanded as `subject`: for
 * another subject the request is still good, only the grant is left as it is.
 */
function describeGrantManagement(
  { grantManagement }: AuthorizationRequest,
  grant: ManagedGrant | undefined,
  now: Date,
): Pick<Accepted, 'gmAction' | 'grantId' | 'grant' | 'grantSubject'> {
  return {
    ...(grantManagement && { gmAction: actions[grantManagement.action] }),
    ...(grant && { grantId: grant.grantId, grantSubject: grant.subject }),
    ...(grant && !hasEnded(grant, now) && { grant: describeGrant(grant) }),
  }
}

type Accepted = Schema<'AuthorizationAnswerInteraction'>

const actions = { create: 'CREATE', merge: 'MERGE', replace: 'REPLACE' } as const

/** OIDC Core §3.1.2.1: languages the service does not speak are left out. A service that names none leaves the choice to its pages. */
function supportedLocales(
  request: AuthorizationRequest,
  { settings }: RegisteredService,
): { uiLocales: string[]; claimsLocales: string[] } {
  const among = (supported: readonly string[] | undefined) => (tag: string) => supported?.includes(tag) ?? true
  return {
    uiLocales: request.uiLocales.filter(among(settings.supportedUiLocales)),
    claimsLocales: request.claimsLocales.filter(among(settings.supportedClaimLocales)),
  }
}

function describeClient({
  clientId,
  alias,
  number,
  settings,
  createdAt,
  modifiedAt,
  locked,
}: RegisteredClient): Schema<'ClientForInteraction'> {
  return {
    ...pick(settings, shownOfClient),
    clientId,
    clientIdAlias: alias,
    clientIdAliasEnabled: true,
    number,
    clientSource: 'STATIC_REGISTRATION',
    dynamicallyRegistered: false,
    locked,
    createdAt: createdAt.getTime(),
    modifiedAt: modifiedAt.getTime(),
  }
}

/** What pages show of a client, or decide by. */
const shownOfClient = [
  ...([
    'clientName',
    'clientNames',
    'description',
    'descriptions',
    'logoUri',
    'logoUris',
    'clientUri',
    'clientUris',
  ] as const),
  ...([
    'tosUri',
    'tosUris',
    'policyUri',
    'policyUris',
    'clientType',
    'applicationType',
    'attributes',
    'redirectUris',
  ] as const),
  ...(['grantTypes', 'defaultMaxAge', 'authTimeRequired', 'parRequired', 'pkceRequired', 'pkceS256Required'] as const),
]

function describeService({ serviceId, number, settings }: RegisteredService): Schema<'ServiceForInteraction'> {
  return { ...pick(settings, shownOfService), apiKey: serviceId, number }
}

/** What pages show of the service. */
const shownOfService = [
  ...(['serviceName', 'issuer', 'description', 'policyUri', 'tosUri', 'attributes', 'supportedUiLocales'] as const),
  ...(['accessTokenDuration', 'refreshTokenDuration'] as const),
]

/** The named members that have a value: one without is left out, never sent as null or undefined. */
function pick<Members extends object, Name extends keyof Members>(
  members: Members,
  names: readonly Name[],
): Pick<Members, Name>
function pick(members: Record<string, unknown>, names: readonly string[]): object {
  return Object.fromEntries(names.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])))
}
