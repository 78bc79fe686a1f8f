import type { Handle, HandleKey } from '../../../server/engine/handle.ts'
import { makeHandle, makeLocator } from '../../../server/engine/handle.ts'
import { sha256 } from '../../../server/engine/constant-time.ts'
import type {
  Authorization,
  AuthorizationRequest,
  CodeIssue,
  Grant,
  IssuedTokens,
  ManagedGrantChange,
  Storage,
  StoredClient,
  Ticket,
} from '../../../server/engine/storage/storage.ts'

/** The instant at which the tests play. */
export const now = new Date('2026-11-21T10:00:00.123Z')

/** So many seconds after `now`. */
export function later(seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000)
}

export const authorization: Authorization = {
  scopes: ['openid', 'profile', 'photos'],
  clientIdAliasUsed: true,
  sub: 'pairwise-1',
  authTime: 1_795_255_200,
  acr: 'urn:example:gold',
  nonce: 'n-0S6_WzA2Mj',
  claims: { idToken: { auth_time: { essential: true } }, userinfo: { email: null, 'name#ja': null } },
  consentedClaims: ['email'],
  idTokenClaimValues: { locale: 'de', roles: ['a', 'b'] },
  claimsLocales: ['de', 'ja'],
  resources: ['https://api.example/photos', 'https://api.example/mail'],
  authorizationDetails: [
    { id: 'detail-1', detail: { type: 'payment', amount: { value: '10.00', currency: 'EUR' } } },
    { id: 'detail-2', detail: { type: 'account', locations: ['https://api.example/accounts'], list: [1, null, 'ü'] } },
  ],
  accessTokenDuration: 3_600,
  endsAt: 1_895_255_200_000,
  jwtAtClaims: { roles: ['a', 'b'], tenant: { id: 7 } },
  sessionId: 'session-1',
  refreshable: true,
}

export const request: AuthorizationRequest = {
  clientId: 0,
  clientIdAliasUsed: true,
  responseType: 'CODE',
  responseMode: 'query',
  redirectUri: 'https://client.example/callback',
  redirectUriSent: true,
  scopes: ['openid', 'profile', 'photos'],
  state: 'a state, with "quotes" and ünïcode ✓',
  nonce: 'n-0S6_WzA2Mj',
  codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  codeChallengeMethod: 'S256',
  prompts: ['LOGIN', 'CONSENT'],
  maxAge: 600,
  acrs: ['urn:example:gold'],
  acrEssential: false,
  subject: 'john',
  loginHint: 'john@example.com',
  display: 'PAGE',
  uiLocales: ['de', 'en'],
  claimsLocales: [],
  claims: { idToken: {}, userinfo: { email: { essential: true, value: 'x', values: [1, null] } } },
  resources: ['https://api.example/photos'],
  authorizationDetails: [{ type: 'payment', amount: { value: '10.00', currency: 'EUR' } }],
  grantManagement: { action: 'merge', grantId: 'a-grant' },
}

let lastClientId = 0

/** A service with one client. */
export async function makeClient(storage: Storage, serviceId?: number): Promise<StoredClient> {
  const id = serviceId ?? (await storage.createService({ serviceName: 'A bank' }, now)).serviceId
  const clientId = ++lastClientId
  const settings = { clientName: `Client ${clientId}` }
  const secretHash = sha256(`secret of ${clientId}`)
  const client = await storage.createClient(
    { serviceId: id, clientId, alias: `client-${clientId}`, settings, secretHash },
    now,
  )
  if (client === 'alias-taken') throw new Error('the alias was to be free')
  return client
}

export async function keepPushedRequest(storage: Storage, client: StoredClient): Promise<HandleKey> {
  const { key } = makeHandle(now)
  const { serviceId, clientId } = client
  await storage.keepPushedRequest({ key, serviceId, clientId, parameters: 'scope=openid', expiresAt: later(60) })
  return key
}

export async function keepTicket(storage: Storage, client: StoredClient, pushedRequest?: HandleKey): Promise<Ticket> {
  const ticket = {
    key: makeHandle(now).key,
    serviceId: client.serviceId,
    request: { ...request, clientId: client.clientId, ...(pushedRequest && { pushedRequest }) },
    context: '{"window":1}',
    expiresAt: later(600),
  }
  await storage.keepTicket(ticket)
  return ticket
}

/** What a person grants; of the rest, the same each time. */
export interface IssueChoice {
  subject?: string
  scopes?: string[]
  authorization?: Authorization
  managedGrant?: ManagedGrantChange
}

/** What `issueAuthorizationCode` is asked for. */
export function makeIssue(ticket: Ticket, choice: IssueChoice = {}): { issue: CodeIssue; code: Handle } {
  const { handle, key } = makeHandle(now)
  const { subject = 'john', scopes = authorization.scopes } = choice
  const { serviceId } = ticket
  const { clientId } = ticket.request
  const grant = { grantId: makeLocator(now), serviceId, clientId, subject, createdAt: now, expiresAt: later(60) }
  const issue: CodeIssue = {
    serviceId,
    ticket: ticket.key,
    grant,
    key,
    code: {
      clientId,
      subject,
      grantId: grant.grantId,
      authorization: choice.authorization ?? { ...authorization, scopes },
      redirectUri: 'https://client.example/callback',
      codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      codeChallengeMethod: 'S256',
      expiresAt: later(60),
    },
    remembered: scopes,
    ...(choice.managedGrant && { managedGrant: choice.managedGrant }),
  }
  return { issue, code: handle }
}

/** A code that waits for its redemption. */
export async function issueCode(
  storage: Storage,
  client: StoredClient,
  choice: IssueChoice = {},
): Promise<CodeIssue & { handle: Handle }> {
  const { issue, code } = makeIssue(await keepTicket(storage, client), choice)
  const outcome = await storage.issueAuthorizationCode(issue, now)
  if (outcome !== 'issued') throw new Error(outcome)
  return { ...issue, handle: code }
}

/** What one token request brings forth, with the handles that the client is given. */
interface MadeTokens {
  tokens: IssuedTokens & Required<Pick<IssuedTokens, 'refreshToken'>>
  access: HandleKey
  refresh: HandleKey
  handles: Handle[]
}

/** An access token for ten minutes and a refresh token for a day, of a grant. */
export function makeTokens(
  grant: Grant & { subject: string },
  at = now,
  scopes = authorization.scopes,
  granted = authorization,
): MadeTokens {
  const { grantId, serviceId, clientId, subject } = grant
  const [accessHandle, refreshHandle] = [makeHandle(at), makeHandle(at)]
  const common = { serviceId, clientId, subject, grantId, scopes, authorization: granted, createdAt: at }
  return {
    tokens: {
      accessToken: {
        ...common,
        key: accessHandle.key,
        grantType: 'AUTHORIZATION_CODE',
        expiresAt: new Date(at.getTime() + 600_000),
      },
      refreshToken: { ...common, key: refreshHandle.key, expiresAt: new Date(at.getTime() + 86_400_000) },
    },
    access: accessHandle.key,
    refresh: refreshHandle.key,
    handles: [accessHandle.handle, refreshHandle.handle],
  }
}

/** A subject's tokens, by way of a code. */
export async function issueTokens(
  storage: Storage,
  client: StoredClient,
  choice: IssueChoice & { at?: Date } = {},
): Promise<MadeTokens & { grant: CodeIssue['grant'] }> {
  const { grant, key } = await issueCode(storage, client, choice)
  const code = await storage.findAuthorizationCode(client.serviceId, key)
  const made = makeTokens(grant, choice.at ?? now, choice.scopes, code?.authorization)
  const { outcome } = await storage.redeemAuthorizationCode(client.serviceId, key, made.tokens, now)
  if (outcome !== 'redeemed') throw new Error(outcome)
  return { ...made, grant }
}

/** An access token that a client has for itself. */
export function makeClientToken(client: StoredClient): { grant: Grant; tokens: IssuedTokens; access: HandleKey } {
  const { serviceId, clientId } = client
  const { key } = makeHandle(now)
  const grant = { grantId: makeLocator(now), serviceId, clientId, createdAt: now, expiresAt: later(600) }
  const own = { scopes: ['read'], clientIdAliasUsed: false, claims: { idToken: {}, userinfo: {} }, refreshable: false }
  const accessToken = {
    ...{ key, serviceId, clientId, grantId: grant.grantId, grantType: 'CLIENT_CREDENTIALS' as const },
    ...{ scopes: ['read'], authorization: own, createdAt: now, expiresAt: later(600) },
  }
  return { grant, tokens: { accessToken }, access: key }
}

/** The same with one member less. */
export function without<Value extends object>(value: Value, member: keyof Value): Value {
  const copy = { ...value }
  Reflect.deleteProperty(copy, member)
  return copy
}

/** The right place with the wrong proof: what someone has who knows a locator and no more. */
export function forge(key: HandleKey): HandleKey {
  return { locator: key.locator, proof: sha256('guessed') }
}

/** One of each that a client may have, and of its service. */
interface Filled {
  pushedRequest: HandleKey
  ticket: HandleKey
  code: HandleKey
  access: HandleKey
  refresh: HandleKey
  own: HandleKey
  clientId: number
}

export async function fill(storage: Storage, client: StoredClient): Promise<Filled> {
  const pushedRequest = await keepPushedRequest(storage, client)
  const ticket = await keepTicket(storage, client)
  const code = await issueCode(storage, client)
  const { access, refresh } = await issueTokens(storage, client)
  const own = makeClientToken(client)
  await storage.issueTokens(own.grant, own.tokens)
  const { clientId } = client
  return { pushedRequest, ticket: ticket.key, code: code.key, access, refresh, own: own.access, clientId }
}

/** All that `findEverything` can find. */
export const everythingOfAClient = ['code', 'accessToken', 'refreshToken', 'ownToken', 'grantedScopes']

/** What can be found of a client's. */
export async function findEverything(storage: Storage, serviceId: number, filled: Filled): Promise<string[]> {
  const answers = {
    code: await storage.findAuthorizationCode(serviceId, filled.code),
    accessToken: await storage.findAccessToken(serviceId, filled.access),
    refreshToken: await storage.findRefreshToken(serviceId, filled.refresh),
    ownToken: await storage.findAccessToken(serviceId, filled.own),
    grantedScopes: await storage.findGrantedScopes(serviceId, filled.clientId, 'john'),
  }
  return Object.entries(answers).flatMap(([name, answer]) => (answer === undefined ? [] : [name]))
}
