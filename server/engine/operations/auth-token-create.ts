import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { isGrantAllowed } from '../grants/allowed-grants.ts'
import type { TokensToIssue } from '../grants/make-tokens.ts'
import { makeTokens } from '../grants/make-tokens.ts'
import { makeLocator } from '../handle.ts'
import { toContract } from '../protocol/authorization-details.ts'
import { readJwtAtClaims } from '../protocol/jwt-at-claims.ts'
import { expires } from '../protocol/lifetime.ts'
import { parseParameters } from '../protocol/parameters.ts'
import { faultOfProperties } from '../protocol/properties.ts'
import { parseResources } from '../protocol/resource.ts'
import { grantableScopes, personalScopes } from '../protocol/scope.ts'
import type { RegisteredClient } from '../registry.ts'
import type { Authorization, Grant, IssuedTokens } from '../storage/storage.ts'
import { isNameOfClient } from '../subject-names.ts'
import { tokenIdOf } from '../token-id.ts'
import { tokenTypeOf } from './auth-token.ts'
import {
  checkMayPersist,
  checkNotAsked,
  faultResult,
  givenDetails,
  LockedClient,
  TokenFault,
} from './token-settings.ts'

type CreateQuestion = Question<'auth_token_create_api'>
type CreateAnswer = Answer<'auth_token_create_api'>

/** Clients have a number and an alias here, and no other identifiers. */
const notHonoured = ['clientEntityIdUsed', 'metadataDocumentUsed']

/** POST /api/{serviceId}/auth/token/create: tokens that no client asked for, on the word of the front-end. RFC 6749 §1.4 and §1.5. */
export async function authTokenCreate(question: CreateQuestion, context: ServiceContext): Promise<CreateAnswer> {
  try {
    return await create(question, context)
  } catch (error) {
    if (error instanceof LockedClient) return { action: 'FORBIDDEN', ...faultResult(error) }
    return { action: 'BAD_REQUEST', ...faultResult(error) }
  }
}

async function create(question: CreateQuestion, context: ServiceContext): Promise<CreateAnswer> {
  const { grant, records, answer } = await prepareCreation(question, context)
  await context.storage.issueTokens(grant, records)
  return answer
}

/** Tokens that are checked and made, and what is answered when they are kept. */
export interface Creation {
  grant: Grant
  records: IssuedTokens
  answer: Extract<CreateAnswer, { action: 'OK' }>
}

/** RFC 6749 §1.4 and §1.5: checks the question and makes the tokens. Nothing is kept yet. Throws a `TokenFault` or an `OAuthError`. */
export async function prepareCreation(question: CreateQuestion, context: ServiceContext): Promise<Creation> {
  const { service, now } = context
  checkNotAsked(question, notHonoured, 'A909201')
  const { grantType, subject, dpopKeyThumbprint: jkt, certificateThumbprint, properties } = question
  const { accessToken, refreshToken, accessTokenPersistent: isPersistent, sessionId, forExternalAttachment } = question
  if (grantType === 'REFRESH_TOKEN') {
    throw new TokenFault('A909202', 'grantType: the grant that the tokens begin with is expected, not REFRESH_TOKEN')
  }
  if ((grantType === 'CLIENT_CREDENTIALS') !== (subject === undefined)) {
    throw new TokenFault('A909203', 'subject: one is expected, and none with CLIENT_CREDENTIALS')
  }
  if (subject !== undefined && (await isNameOfClient(subject, context))) {
    throw new TokenFault('A909215', 'subject: it is the id or the alias of a client; another name is expected')
  }
  const fault = faultOfProperties(properties)
  if (fault !== undefined) throw new TokenFault('A909204', fault)
  const added = readJwtAtClaims(question.jwtAtClaims)
  if ('fault' in added) throw new TokenFault('A909208', added.fault)
  const client = await clientOf(question, context)
  if (client.locked) throw new LockedClient()
  checkBound(question, client)
  const authorization = { ...authorize(question, client, context), ...added }
  const { scopes, resources = [], refreshable } = authorization
  if (refreshToken !== undefined && !refreshable) {
    throw new TokenFault('A909210', 'refreshToken: no refresh token belongs to the grant; leave it out')
  }
  if (refreshToken !== undefined && refreshToken === accessToken) {
    throw new TokenFault('A909211', 'refreshToken: another value than that of the access token is expected')
  }
  if (isPersistent) checkMayPersist(client, service, refreshable)
  const plan: TokensToIssue = {
    client,
    grantId: makeLocator(now),
    grantType,
    ...(subject !== undefined && { subject }),
    ...(jkt !== undefined && { jkt }),
    ...(certificateThumbprint !== undefined && { certificateThumbprint }),
    scopes,
    resources,
    authorization,
    refreshToken: refreshable
      ? { plan: 'new', scopes, authorization, ...(refreshToken !== undefined && { value: refreshToken }) }
      : { plan: 'none' },
    durations: question,
    ...(accessToken !== undefined && { accessToken }),
    ...(isPersistent && { isPersistent }),
    ...(forExternalAttachment !== undefined && { forExternalAttachment }),
  }
  const tokens = await makeTokens(plan, context)
  const { accessTokenExpiresAt: expiresAt, refreshToken: refresh, jwtAccessToken, records } = tokens
  const { serviceId } = service
  const { clientId } = client
  const grant = { grantId: plan.grantId, serviceId, clientId, createdAt: now, expiresAt }
  return {
    grant: { ...grant, ...(subject !== undefined && { subject }) },
    records,
    answer: {
      action: 'OK',
      ...result('A109001', 'The tokens were created.'),
      grantType,
      clientId,
      clientIdentifier: client.alias,
      ...(subject !== undefined && { subject }),
      accessToken: tokens.accessToken,
      ...(jwtAccessToken !== undefined && { jwtAccessToken }),
      tokenId: tokenIdOf(records.accessToken),
      tokenType: tokenTypeOf(plan, service),
      ...(expires(expiresAt) && { expiresAt: expiresAt.getTime(), expiresIn: tokens.accessTokenDuration }),
      scopes,
      ...(refresh && { refreshToken: refresh.value, refreshTokenScopes: refresh.scopes }),
      ...(properties && { properties }),
      ...(sessionId !== undefined && { sessionId }),
      ...(forExternalAttachment !== undefined && { forExternalAttachment }),
      ...(authorization.authorizationDetails && {
        authorizationDetails: toContract(authorization.authorizationDetails.map(({ detail }) => detail)),
      }),
    },
  }
}

/** RFC 9449 §5 and RFC 8705 §3: what the tokens of the client are always bound to. */
function checkBound(
  { dpopKeyThumbprint, certificateThumbprint }: CreateQuestion,
  { settings: { dpopRequired, tlsClientCertificateBoundAccessTokens } }: RegisteredClient,
): void {
  if (dpopRequired && dpopKeyThumbprint === undefined) {
    throw new TokenFault('A909207', 'dpopKeyThumbprint: the tokens of the client are bound to a key; say to which')
  }
  if (tlsClientCertificateBoundAccessTokens && certificateThumbprint === undefined) {
    const said = 'the tokens of the client are bound to a certificate; say to which'
    throw new TokenFault('A909207', `certificateThumbprint: ${said}`)
  }
}

async function clientOf(
  { clientId, clientIdentifier }: CreateQuestion,
  { registry, service }: ServiceContext,
): Promise<RegisteredClient> {
  const identifier = clientIdentifier ?? (clientId === undefined ? undefined : String(clientId))
  const client = identifier === undefined ? undefined : await registry.findClient(service.serviceId, identifier)
  if (!client) throw new TokenFault('A909205', 'clientId or clientIdentifier of a client of the service is expected')
  if (clientId === undefined || clientId === client.clientId) return client
  throw new TokenFault('A909213', 'clientId and clientIdentifier name two clients; one of them is enough')
}

function authorize(question: CreateQuestion, client: RegisteredClient, { service }: ServiceContext): Authorization {
  const { grantType, scopes = [], acr, authTime, clientIdAliasUsed = false, properties, resources = [] } = question
  const { sessionId } = question
  const grantable = grantableScopes(scopes, service, client)
  const strange = scopes.find((scope) => !grantable.includes(scope))
  if (strange !== undefined) {
    throw new TokenFault('A909206', 'scopes: all are expected to be of the service, and requestable by the client')
  }
  const personal = scopes.find((scope) => personalScopes.has(scope))
  if (grantType === 'CLIENT_CREDENTIALS' && personal !== undefined) {
    throw new TokenFault('A909214', `scopes: ${personal} is about a person, and with CLIENT_CREDENTIALS there is none`)
  }
  const named = new URLSearchParams(resources.map((uri): [string, string] => ['resource', uri]))
  const known = parseResources(parseParameters(named.toString()), service)
  const authorizationDetails = givenDetails(question.authorizationDetails, service, client)
  return {
    scopes: [...new Set(grantable)],
    // The contract: a client that was given no alias has none to use.
    clientIdAliasUsed: clientIdAliasUsed && client.alias !== String(client.clientId),
    claims: { idToken: {}, userinfo: {} },
    ...(acr !== undefined && { acr }),
    ...(authTime !== undefined && { authTime }),
    ...(known.length > 0 && { resources: known }),
    ...(authorizationDetails && { authorizationDetails }),
    ...(properties && { properties }),
    ...(sessionId !== undefined && { sessionId }),
    // RFC 6749 §4.2.2 and §4.4.3: these have none.
    refreshable:
      grantType !== 'IMPLICIT' &&
      grantType !== 'CLIENT_CREDENTIALS' &&
      isGrantAllowed('REFRESH_TOKEN', client, service),
  }
}

function result(resultCode: string, text: string) {
  return { resultCode, resultMessage: `[${resultCode}] ${text}` }
}
