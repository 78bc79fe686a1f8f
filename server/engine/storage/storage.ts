import type { Client, Schema, Service } from '../../../sdk/types.ts'
import type { HandleKey } from '../handle.ts'

/**
 * Everything the engine remembers, in the protocol's verbs. Each verb is one atomic statement or one transaction, so that of
 * callers that race on any number of processes exactly one wins; when a verb resolves, what it wrote is on disk.
 * Nothing here can be used if it is stolen: handles, secrets and API tokens are kept as hashes.
 */
export interface Storage {
  /** Whether the storage answers. Rejects when it does not. */
  ping(): Promise<void>
  close(): Promise<void>

  // Callers of the engine's API.
  addApiToken(token: ApiToken): Promise<void>
  findApiToken(proof: Uint8Array): Promise<ApiToken | undefined>

  // Services. Ids are never given twice, not even after a deletion.
  createService(settings: Service, now: Date): Promise<StoredService>
  findService(serviceId: number): Promise<StoredService | undefined>
  listServices(serviceIds: readonly number[] | 'all', page: Page): Promise<PageOf<StoredService>>
  replaceService(serviceId: number, settings: Service, now: Date): Promise<StoredService | undefined>
  /** Its clients and all that was issued end with it. */
  deleteService(serviceId: number): Promise<boolean>

  // Clients.
  /** `alias-taken` when another client of the service answers to the alias. */
  createClient(client: NewClient, now: Date): Promise<StoredClient | 'alias-taken'>
  /** By numeric id or by alias. */
  findClient(serviceId: number, clientIdentifier: string): Promise<StoredClient | undefined>
  listClients(serviceId: number, developer: string | undefined, page: Page): Promise<PageOf<StoredClient>>
  replaceClient(
    serviceId: number,
    clientId: number,
    alias: string,
    settings: Client,
    now: Date,
  ): Promise<StoredClient | 'alias-taken' | undefined>
  setClientSecret(serviceId: number, clientId: number, secretHash: Uint8Array, now: Date): Promise<boolean>
  /** Its codes, tokens, grants and granted scopes end with it. */
  deleteClient(serviceId: number, clientId: number): Promise<boolean>

  // RFC 9126: pushed authorization requests.
  keepPushedRequest(request: PushedRequest): Promise<void>
  findPushedRequest(serviceId: number, key: HandleKey): Promise<PushedRequest | undefined>

  // Tickets: authorization requests that a person has not answered yet.
  keepTicket(ticket: Ticket): Promise<void>
  /** Unspent and unexpired ones only. */
  findTicket(serviceId: number, key: HandleKey, now: Date): Promise<Ticket | undefined>
  setTicketContext(serviceId: number, key: HandleKey, context: string, now: Date): Promise<boolean>
  /** Ends the request without a grant; its pushed request is used up as well. */
  spendTicket(serviceId: number, key: HandleKey, now: Date): Promise<boolean>
  /**
   * RFC 6749 §4.1.2: spends the ticket and its pushed request, begins the grant, keeps the code and remembers the granted scopes; or
   * nothing of it, but that a ticket whose pushed request was used up is spent as well.
   */
  issueAuthorizationCode(issue: CodeIssue, now: Date): Promise<'issued' | 'ticket-spent' | 'request-uri-spent'>

  // RFC 6749 §4.1.3: authorization codes.
  findAuthorizationCode(serviceId: number, key: HandleKey): Promise<AuthorizationCode | undefined>
  /** A code is used once. A second use revokes the grant, RFC 6749 §4.1.2 and §10.5. */
  redeemAuthorizationCode(serviceId: number, key: HandleKey, tokens: IssuedTokens, now: Date): Promise<Redemption>

  // Tokens. A token whose grant is revoked is not found.
  findAccessToken(serviceId: number, key: HandleKey): Promise<AccessToken | undefined>
  findRefreshToken(serviceId: number, key: HandleKey): Promise<RefreshToken | undefined>
  /** A grant of its own with an access token: RFC 6749 §4.4, client credentials. */
  issueTokens(grant: Grant, tokens: IssuedTokens): Promise<void>
  /**
   * RFC 6749 §6: ends the coupled access token and keeps the new one. With a successor the old refresh token is rotated, and a second
   * use of it revokes the grant, RFC 9700 §4.14.2; without one it stays.
   */
  refreshTokens(serviceId: number, key: HandleKey, tokens: IssuedTokens, now: Date): Promise<Redemption>
  /** Ends all that came of one authorization, at once and everywhere. */
  revokeGrant(serviceId: number, grantId: Uint8Array, now: Date): Promise<void>
  /** Live access tokens, latest first. */
  listAccessTokens(serviceId: number, filter: TokenFilter, page: Page, now: Date): Promise<PageOf<ListedToken>>

  // What a subject granted to a client.
  /** Ids of the clients that hold a live token of the subject, in order. */
  listAuthorizedClients(serviceId: number, subject: string, now: Date): Promise<number[]>
  /** All live tokens of the pair keep at most these scopes. Answers how many access tokens that were. */
  narrowGrants(
    serviceId: number,
    clientId: number,
    subject: string,
    scopes: readonly string[],
    now: Date,
  ): Promise<number>
  /** Revokes all grants of the pair and erases the memory. Answers how many live access tokens ended. */
  endAuthorization(serviceId: number, clientId: number, subject: string, now: Date): Promise<number>
  findGrantedScopes(serviceId: number, clientId: number, subject: string): Promise<GrantedScopes | undefined>
  deleteGrantedScopes(serviceId: number, clientId: number, subject: string): Promise<boolean>

  /** RFC 7523 §3: true for the first use of a `jti` by a client, false for every later one until it expires. */
  useJti(serviceId: number, clientId: number, jti: string, expiresAt: Date, now: Date): Promise<boolean>

  /** Removes what expired, at most `limit` rows of each kind: call again while it answers true. */
  purgeExpired(now: Date, limit: number): Promise<boolean>
}

/** First index inclusive, last exclusive. */
export interface Page {
  start: number
  end: number
}

export interface PageOf<Item> {
  totalCount: number
  items: Item[]
}

export type ApiRight =
  | 'VIEW_CLIENT'
  | 'MODIFY_CLIENT'
  | 'CREATE_CLIENT'
  | 'VIEW_SERVICE'
  | 'MODIFY_SERVICE'
  | 'CREATE_SERVICE'
  | 'DELETE_SERVICE'
  | 'USE_SERVICE'
  | 'USE_INTROSPECTION'
  | 'ADMIN'

/** A caller of the engine's API. */
export interface ApiToken {
  /** Names the token in logs; never its value. */
  id: string
  /** SHA-256 of the token. */
  proof: Uint8Array
  rights: ApiRight[]
  serviceIds: number[] | 'all'
}

export interface StoredService {
  serviceId: number
  number: number
  /** Grows with every change. */
  version: number
  /** The settings, private keys included. */
  settings: Service
  createdAt: Date
  modifiedAt: Date
}

export interface NewClient {
  serviceId: number
  clientId: number
  alias: string
  settings: Client
  secretHash: Uint8Array
}

export interface StoredClient extends NewClient {
  number: number
  version: number
  createdAt: Date
  modifiedAt: Date
}

export interface PushedRequest {
  key: HandleKey
  serviceId: number
  clientId: number
  /** The parameters as pushed, application/x-www-form-urlencoded, without client credentials. */
  parameters: string
  expiresAt: Date
  /** When an authorization based on it was completed. */
  spentAt?: Date
}

/** A validated authorization request, as the ticket keeps it. */
export interface AuthorizationRequest {
  clientId: number
  clientIdAliasUsed: boolean
  responseType: Schema<'ResponseType'>
  responseMode: 'query' | 'form_post'
  redirectUri: string
  /** RFC 6749 §4.1.3: a `redirect_uri` that was sent must be sent again with the code. */
  redirectUriSent: boolean
  scopes: string[]
  state?: string
  nonce?: string
  codeChallenge?: string
  codeChallengeMethod?: 'S256' | 'plain'
  prompts: Schema<'Prompt'>[]
  /** Seconds. */
  maxAge?: number
  acrs: string[]
  acrEssential: boolean
  /** The only subject that may answer. */
  subject?: string
  loginHint?: string
  display: Schema<'Display'>
  uiLocales: string[]
  claimsLocales: string[]
  claims: ClaimsRequest
  /** The pushed request it came from. */
  pushedRequest?: HandleKey
}

/** OIDC Core §5.5: the `claims` parameter. */
export interface ClaimsRequest {
  idToken: Record<string, ClaimRequest>
  userinfo: Record<string, ClaimRequest>
}

export type ClaimRequest = null | {
  essential?: boolean
  value?: unknown
  values?: unknown[]
  [member: string]: unknown
}

export interface Ticket {
  key: HandleKey
  serviceId: number
  request: AuthorizationRequest
  context: string
  expiresAt: Date
}

/** Who granted what to whom: the root of all that comes of one authorization. */
export interface Grant {
  grantId: Uint8Array
  serviceId: number
  clientId: number
  /** Absent for client credentials. */
  subject?: string
  createdAt: Date
  /** When the last that came of it expires. */
  expiresAt: Date
}

/** What an authorization decided, carried from the code to every token that comes of it. */
export interface Authorization {
  scopes: string[]
  clientIdAliasUsed: boolean
  /** The ID token's `sub` where it differs from the subject. */
  sub?: string
  /** Seconds since 1970. */
  authTime?: number
  acr?: string
  nonce?: string
  claims: ClaimsRequest
  consentedClaims?: string[]
  /** Values for the ID token, OIDC Core §5.5. */
  idTokenClaimValues?: Record<string, unknown>
  /** Whether a refresh token belongs to the grant. */
  refreshable: boolean
}

export interface AuthorizationCode {
  serviceId: number
  clientId: number
  subject: string
  grantId: Uint8Array
  authorization: Authorization
  /** Present when it must be repeated with the code. */
  redirectUri?: string
  codeChallenge?: string
  codeChallengeMethod?: 'S256' | 'plain'
  expiresAt: Date
  redeemedAt?: Date
}

export interface CodeIssue {
  serviceId: number
  ticket: HandleKey
  grant: Grant & { subject: string }
  key: HandleKey
  code: Omit<AuthorizationCode, 'serviceId' | 'redeemedAt'>
}

export interface AccessToken {
  key: HandleKey
  serviceId: number
  clientId: number
  subject?: string
  grantId: Uint8Array
  grantType: Schema<'GrantType'>
  /** The scopes of this token, narrowed to what the subject still allows. */
  scopes: string[]
  authorization: Authorization
  createdAt: Date
  expiresAt: Date
  /** When the refresh token that goes with it expires, if there is one. */
  refreshTokenExpiresAt?: Date
}

export interface RefreshToken {
  key: HandleKey
  serviceId: number
  clientId: number
  subject: string
  grantId: Uint8Array
  /** What may be asked for again, narrowed to what the subject still allows. */
  scopes: string[]
  authorization: Authorization
  createdAt: Date
  expiresAt: Date
  /** When it was exchanged for its successor. */
  rotatedAt?: Date
}

/** What one token request brings forth. The storage couples the two, so that they end together. */
export interface IssuedTokens {
  accessToken: Omit<AccessToken, 'refreshTokenExpiresAt'>
  /** A new refresh token; left out when there is none, or when the old one stays. */
  refreshToken?: Omit<RefreshToken, 'rotatedAt'>
  /** The new expiry of a refresh token that stays. */
  keptRefreshTokenExpiresAt?: Date
}

export type Redemption =
  | { outcome: 'redeemed' }
  /** It was used before: the grant is revoked now. */
  | { outcome: 'replayed' }
  /** There is none such, it expired, or its grant is revoked. */
  | { outcome: 'unknown' }

export interface TokenFilter {
  clientId?: number
  subject?: string
}

export interface ListedToken {
  accessToken: AccessToken
  refreshToken?: { proof: Uint8Array; scopes: string[]; expiresAt: Date }
  /** When the token came of a refresh. */
  refreshedAt?: Date
}

export interface GrantedScopes {
  latest: string[]
  merged: string[]
  modifiedAt: Date
}
