import type { Client, Schema, Service } from '../../../sdk/types.ts'
import type { HandleKey } from '../handle.ts'
import type { AuthorizationDetail } from '../protocol/authorization-details.ts'
import type { DpopProof } from '../protocol/dpop.ts'
import type { ResponseMode } from '../protocol/response-mode.ts'

/**
 * Everything the engine remembers, in the protocol's verbs. Each verb is one atomic statement or one transaction, so that of
 * callers that race on any number of processes exactly one wins; when a verb resolves, what it wrote is on disk.
 * Nothing here can be used if it is stolen: handles, secrets and API tokens are kept as hashes.
 * What begins for a client (a pushed request, a ticket, a code, tokens) rejects with `ClientNotActiveError` where that client is locked or
 * deleted, and leaves everything as it was.
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
  /** With a version: only if that is still the one, else undefined. */
  replaceService(serviceId: number, settings: Service, now: Date, version?: number): Promise<StoredService | undefined>
  /** Seals the keys that were kept before there was a key for it. Rejects with `SealedKeysError` where sealed keys cannot be opened. */
  sealServiceKeys(): Promise<void>
  /** Puts a JWK Set in the place of a sealed one that nobody can open. */
  replaceLostKeys(serviceId: number, jwks: string, now: Date): Promise<void>
  /** Its clients and all that was issued end with it. */
  deleteService(serviceId: number): Promise<boolean>

  // Clients.
  /** `alias-taken` when another client of the service answers to the alias. */
  createClient(client: NewClient, now: Date): Promise<StoredClient | 'alias-taken'>
  /** By numeric id or by alias. */
  findClient(serviceId: number, clientIdentifier: string): Promise<StoredClient | undefined>
  /** RFC 6749 §4: whether it is there and not locked. One look-up by key, for what reads nothing else of the client. */
  isClientActive(serviceId: number, clientId: number): Promise<boolean>
  listClients(serviceId: number, developer: string | undefined, page: Page): Promise<PageOf<StoredClient>>
  replaceClient(
    serviceId: number,
    clientId: number,
    alias: string,
    settings: Client,
    now: Date,
  ): Promise<StoredClient | 'alias-taken' | undefined>
  /** Changes a part of the settings as they are in that moment, so that no other change is lost. `change` may be called more than once. */
  changeClientSettings(
    serviceId: number,
    clientId: number,
    change: (settings: Client) => Client,
    now: Date,
  ): Promise<StoredClient | undefined>
  /** How the secret is kept depends on the settings as they are in that moment. `keep` may be called more than once. */
  setClientSecret(
    serviceId: number,
    clientId: number,
    keep: (settings: Client) => KeptSecret,
    now: Date,
  ): Promise<boolean>
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
   * nothing of it, but that a ticket is spent as well whose pushed request was used up, whose managed grant is gone, or holds more than
   * the request may bring by now.
   */
  issueAuthorizationCode(
    issue: CodeIssue,
    now: Date,
  ): Promise<'issued' | 'ticket-spent' | 'request-uri-spent' | ManagedGrantRefusal>

  // RFC 6749 §4.1.3: authorization codes.
  findAuthorizationCode(serviceId: number, key: HandleKey): Promise<AuthorizationCode | undefined>
  /**
   * A code is used once. A second use revokes the grant, RFC 6749 §4.1.2 and §10.5. Nothing happens, and it is unknown, if its grant was
   * changed more often than `changes` says: the tokens were made of what it was before.
   */
  redeemAuthorizationCode(
    serviceId: number,
    key: HandleKey,
    tokens: IssuedTokens,
    now: Date,
    changes?: number,
  ): Promise<Redemption>

  // Tokens. A token whose grant is revoked is not found. Whatever keeps new ones rejects with `TokenValueTaken`, and does nothing, where a value is not new.
  findAccessToken(serviceId: number, key: HandleKey): Promise<AccessToken | undefined>
  /** RFC 9068: by the locator that a signed access token names. No proof is asked for: the signature was it, so verify that first. */
  findSignedAccessToken(serviceId: number, locator: Uint8Array): Promise<AccessToken | undefined>
  findRefreshToken(serviceId: number, key: HandleKey): Promise<RefreshToken | undefined>
  /** A grant of its own with an access token: RFC 6749 §4.4, client credentials. */
  issueTokens(grant: Grant, tokens: IssuedTokens): Promise<void>
  /**
   * RFC 6749 §6: ends the coupled access token and keeps the new one. With a successor the old refresh token is rotated, and a second
   * use of it revokes the grant, RFC 9700 §4.14.2; without one it stays. If it was rotated after `repeatableSince` and its successor
   * was not used yet, nothing happens, and it is unknown. So it is if its grant was changed more often than `changes` says: the new tokens
   * were made of what it was before.
   */
  refreshTokens(
    serviceId: number,
    key: HandleKey,
    tokens: IssuedTokens,
    now: Date,
    repeatableSince?: Date,
    changes?: number,
  ): Promise<Redemption>
  /** The tokens of a grant that were neither replaced nor revoked; whether they expired is for the caller to see. */
  findLiveTokens(serviceId: number, grantId: Uint8Array): Promise<LiveTokens>
  /** Ends all that came of one authorization, at once and everywhere. Answers how many live access tokens ended: one at most. */
  revokeGrant(serviceId: number, grantId: Uint8Array, now: Date): Promise<number>
  /**
   * Ends all tokens of a subject, of a client, or of both; one of them is needed. Answers how many live access tokens that were. By client
   * alone it goes through the tables in slices: what begins meanwhile may be left.
   */
  revokeTokens(serviceId: number, filter: TokenFilter, now: Date): Promise<number>
  /** The key of a token by its hash alone, whatever became of it. It goes through the table in slices. */
  findTokenKey(serviceId: number, kind: 'access' | 'refresh', proof: Uint8Array): Promise<HandleKey | undefined>
  /** Puts an access token in the place of one that lives; undefined when that was replaced or revoked before, or `change` does not want it. */
  changeAccessToken(
    serviceId: number,
    locator: Uint8Array,
    change: (token: AccessToken) => TokenChange | undefined,
  ): Promise<TokenChange | undefined>
  /** Access tokens, latest first; live ones, unless `status` says another thing. */
  listAccessTokens(serviceId: number, filter: TokenListFilter, page: Page, now: Date): Promise<PageOf<ListedToken>>

  // Batches of tokens.
  /** Nothing of it is decided yet. */
  keepTokenBatch(batch: Omit<TokenBatch, 'decision' | 'modifiedAt'>): Promise<void>
  /** Unexpired ones only. */
  findTokenBatch(serviceId: number, requestId: Uint8Array, now: Date): Promise<TokenBatch | undefined>
  /** Decides what nobody decided before. */
  decideTokenBatch(batch: BatchName, decision: BatchDecision, now: Date): Promise<void>
  /**
   * Keeps all tokens, and with them the decision that the batch succeeded; where somebody decided before, nothing. A dry run does the same,
   * and then keeps nothing. Rejects with `BatchElementError` where the tokens of one element cannot be kept, and keeps nothing.
   */
  issueTokenBatch(
    batch: BatchName,
    tokens: readonly TokensToKeep[],
    dryRun: boolean,
    now: Date,
  ): Promise<'issued' | 'possible' | 'too-late'>

  // What a subject granted to a client.
  /** Ids of the clients that hold a live token of the subject, in order. */
  listAuthorizedClients(serviceId: number, subject: string, now: Date): Promise<number[]>
  /** All that lives of the pair keeps at most what is left, its managed grants too. Answers how many live access tokens that concerned. */
  narrowGrants(serviceId: number, clientId: number, subject: string, left: Remainder, now: Date): Promise<number>
  /** Revokes all grants of the pair, the managed ones too, and erases the memory. Answers how many live access tokens ended. */
  endAuthorization(serviceId: number, clientId: number, subject: string, now: Date): Promise<number>
  findGrantedScopes(serviceId: number, clientId: number, subject: string): Promise<GrantedScopes | undefined>
  deleteGrantedScopes(serviceId: number, clientId: number, subject: string): Promise<boolean>

  // Grant Management for OAuth 2.0.
  findManagedGrant(serviceId: number, grantId: string): Promise<ManagedGrant | undefined>
  /** §6.5: ends the grant, all that came of it, and the memory of the scopes. False when there is no such grant. */
  revokeManagedGrant(serviceId: number, grantId: string, now: Date): Promise<boolean>

  /** RFC 7523 §3: true for the first use of a `jti` by a client, false for every later one until it expires. */
  useJti(serviceId: number, clientId: number, jti: string, expiresAt: Date, now: Date): Promise<boolean>
  /**
   * RFC 9449 §11.1: the same for the `jti` of a DPoP proof, which is counted for its key and its address: nobody uses up that of another.
   * The client is the one that sent it.
   */
  useDpopProof(serviceId: number, clientId: number, proof: DpopProof, now: Date): Promise<boolean>

  /** Removes what expired, and what has ended of what does not expire, at most `limit` rows of each kind: call again while it answers true. */
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

/** A client secret as it is kept. */
export interface KeptSecret {
  secretHash: Uint8Array
  /** For client_secret_jwt alone: the secret, sealed. It goes when the client registers another method. */
  sealedSecret?: Uint8Array
}

export interface NewClient extends KeptSecret {
  serviceId: number
  clientId: number
  alias: string
  settings: Client
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
  responseMode: ResponseMode
  redirectUri: string
  /** RFC 6749 §4.1.3: a `redirect_uri` that was sent must be sent again with the code. */
  redirectUriSent: boolean
  scopes: string[]
  state?: string
  nonce?: string
  codeChallenge?: string
  codeChallengeMethod?: 'S256' | 'plain'
  /** RFC 9449 §10: the key that the code is bound to. */
  dpopJkt?: string
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
  /** RFC 8707 §2: in the order of the request; empty when the request named none. */
  resources: string[]
  /** RFC 9396 §2: absent when the request had none. */
  authorizationDetails?: AuthorizationDetail[]
  /** Grant Management for OAuth 2.0: what becomes of which grant. */
  grantManagement?: GrantManagement
  /** FAPI 1.0 and 2.0: the profiles that the request was held to; absent when there were none. */
  fapiModes?: Schema<'FapiMode'>[]
  /** The pushed request it came from. */
  pushedRequest?: HandleKey
}

/** Grant Management for OAuth 2.0: `grant_management_action` and `grant_id`. */
export type GrantManagement = { action: 'create' } | { action: 'merge' | 'replace'; grantId: string }

/** OIDC Core §5.5: the `claims` parameter. */
export interface ClaimsRequest {
  idToken: Record<string, ClaimRequest>
  userinfo: Record<string, ClaimRequest>
}

export type ClaimRequest = null | {
  essential?: boolean
  value?: unknown
  values?: unknown[]
  /** OpenID Connect for Identity Assurance 1.0 §8: why the client asks, for the person to read. */
  purpose?: string
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
  /** The managed grant that it is a part of. */
  managedGrantId?: string
  createdAt: Date
  /** When the last that came of it expires. */
  expiresAt: Date
}

/** What a subject leaves of its grants. What is absent stays as it is. */
export interface Remainder {
  scopes?: readonly string[]
  /** Ids of authorization details. */
  details?: readonly string[]
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
  /** OIDC Core §2: how `aud` of its ID tokens is written, where that is not as the service says. */
  idTokenAudType?: 'array' | 'string'
  /** OIDC Core §5.2: the languages that the claims are wanted in. */
  claimsLocales?: string[]
  /** RFC 8707: what the authorization is limited to; absent when it is not. */
  resources?: string[]
  /** RFC 8707 §2.2: what an access token is good for, where its request chose among the resources. */
  accessTokenResources?: string[]
  /** RFC 9396 §7: what was granted; on an access token, what that token is good for. */
  authorizationDetails?: GrantedDetail[]
  /** Seconds: no access token of this authorization lives longer. */
  accessTokenDuration?: number
  /** Milliseconds since 1970: nothing that comes of this authorization lives longer. */
  endsAt?: number
  /** The managed grant it belongs to. */
  managedGrantId?: string
  /** RFC 9449 §10: the key that the code must be redeemed with. */
  dpopJkt?: string
  /** RFC 9449 §6: the thumbprint of the key that a token is bound to. */
  jkt?: string
  /** RFC 9449 §5: a refresh takes a DPoP proof, of whichever key. */
  takesProof?: boolean
  /** RFC 8705 §3: the thumbprint of the certificate that a token is bound to. */
  certificateThumbprint?: string
  /** RFC 8705 §4: a refresh takes a certificate, whichever the client authenticates with. */
  takesCertificate?: boolean
  /** What the front-end attached to the tokens. */
  properties?: Schema<'Property'>[]
  /** RFC 9068 §2.2: the claims that it added to those that are JWTs. */
  jwtAtClaims?: Record<string, unknown>
  /** The session that the tokens belong to. */
  sessionId?: string
  /** OpenID Connect for Identity Assurance 1.0: whether an access token opens an external attachment. What refreshes bring does not. */
  forExternalAttachment?: boolean
  /** Whether a refresh token belongs to the grant. */
  refreshable: boolean
}

/** A granted element of `authorization_details`. What a token request narrows keeps its id, so that it can be taken back. */
export interface GrantedDetail {
  /** base64url of a part of the SHA-256 of the element as it was granted; with `.2` and so on where others were equal to it. */
  id: string
  detail: AuthorizationDetail
}

/** What a managed grant holds, Grant Management for OAuth 2.0 §6.4. */
export interface GrantContent {
  /** One for each set of resources. */
  permissions: Permission[]
  /** Milliseconds since 1970: when all of this ends, where the subject set a time. */
  endsAt?: number
}

/** What was granted for the same resources. None of it is granted for others. */
export interface Permission {
  /** RFC 8707; absent when it is not limited to certain resources. */
  resources?: string[]
  scopes: string[]
  claims: ClaimNames
  details: GrantedDetail[]
}

/** OIDC Core §5.5: names of claims that the subject consented to, by where they are released. */
export interface ClaimNames {
  idToken: string[]
  userinfo: string[]
}

/** A grant that the client can name, ask about, change and give back. Its id is no secret; a token goes with every use of it. */
export interface ManagedGrant extends GrantContent {
  grantId: string
  clientId: number
  subject: string
  createdAt: Date
  modifiedAt: Date
}

export interface AuthorizationCode {
  serviceId: number
  clientId: number
  subject: string
  grantId: Uint8Array
  /** The scopes, narrowed to what the subject still allows. */
  scopes: string[]
  /** Not refreshable any more if its managed grant was merged since. */
  authorization: Authorization
  /** Present when it must be repeated with the code. */
  redirectUri?: string
  codeChallenge?: string
  codeChallengeMethod?: 'S256' | 'plain'
  expiresAt: Date
  redeemedAt?: Date
  /** As in `RefreshToken`. */
  changes?: number
  /** Present where its client is locked now. */
  clientLocked?: true
}

export interface CodeIssue {
  serviceId: number
  ticket: HandleKey
  grant: Grant & { subject: string }
  key: HandleKey
  code: Omit<AuthorizationCode, 'serviceId' | 'scopes' | 'redeemedAt' | 'changes'>
  /** Scopes to remember as granted. Values of parameterized scopes are not: they are asked about each time. */
  remembered: string[]
  managedGrant?: ManagedGrantChange
}

/** Grant Management for OAuth 2.0 §5.2: what becomes of a managed grant. Nothing, if it is another subject's. */
export interface ManagedGrantChange {
  action: GrantManagement['action']
  /** For `create`, the id of the new one. */
  grantId: string
  /** The claims that this authorization opens. */
  claims: ClaimNames
  /** What it does not leave in the grant: the subject was asked about it again, and said no. */
  declined: Declined
  /** Whether the request may bring tokens with these scopes, which a merge adds to its own. It decides by them alone: it may be asked again. */
  mayBring: (scopes: readonly string[]) => boolean
}

/** Why a managed grant is not changed: it was revoked, or it holds what the request may not bring. */
export type ManagedGrantRefusal = 'grant-gone' | 'grant-beyond-request'

/** What was requested in one authorization and not granted. */
export interface Declined {
  scopes: readonly string[]
  claims: ClaimNames
  /** Whether an authorization detail lies within one that was requested and not granted as it was. */
  isDeclined: (detail: AuthorizationDetail) => boolean
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
  /** What the subject left of its grant; absent where it took nothing back. */
  remainder?: Remainder
  /** Present where its client is locked now: it is kept, and is good for nothing. */
  clientLocked?: true
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
  /** When it, or a successor of it, was exchanged for the refresh token that lives now. */
  rotatedAt?: Date
  /** Whether that is its own successor. */
  isPredecessor?: boolean
  /** How often the front-end changed the tokens of the grant, or the subject took something back of it; absent before the first time. */
  changes?: number
  /** Present where its client is locked now: it is kept, and is good for nothing. */
  clientLocked?: true
}

/** What lives of a grant: one access token and one refresh token at most. */
export interface LiveTokens {
  accessToken?: AccessToken
  refreshToken?: RefreshToken
}

/** What one token request brings forth. The storage couples the two, so that they end together. */
export interface IssuedTokens {
  accessToken: Omit<AccessToken, 'refreshTokenExpiresAt' | 'remainder'>
  /** A new refresh token; left out when there is none, or when the old one stays. */
  refreshToken?: Omit<RefreshToken, 'rotatedAt' | 'isPredecessor' | 'changes'>
  /** The new expiry of a refresh token that stays. */
  keptRefreshTokenExpiresAt?: Date
  /** Whether all other tokens of the subject and the client end with it. */
  endsOthers?: boolean
}

/** A grant that begins, and its tokens. */
export interface TokensToKeep {
  grant: Grant
  records: IssuedTokens
}

/** Which batch of tokens. Its id opens nothing. */
export interface BatchName {
  serviceId: number
  requestId: Uint8Array
}

export interface TokenBatch extends BatchName {
  /** Absent as long as nothing is decided. */
  decision?: BatchDecision
  createdAt: Date
  /** When it was decided; until then, when it was taken. */
  modifiedAt: Date
  /** Until when its status can be asked. */
  expiresAt: Date
}

/** What became of a batch. One that failed has created nothing. */
export type BatchDecision =
  { result: 'SUCCEEDED'; tokenCount: number } | { result: 'FAILED'; errorCode: string; errorDescription: string }

export type Redemption =
  | { outcome: 'redeemed' }
  /** It was used before: the grant is revoked now. */
  | { outcome: 'replayed' }
  /** There is none such, it expired, or its grant is revoked. */
  | { outcome: 'unknown' }

export interface TokenFilter {
  clientId?: number
  subject?: string
  /** Only those that are kept before this place: where an earlier page ended. */
  before?: Uint8Array
}

/** Which access tokens a list shows: those that may be used, those that expired, were revoked or replaced as long as they are kept, or both. */
export type TokenStatus = 'VALID' | 'INVALID' | 'ALL'

export interface TokenListFilter extends TokenFilter {
  /** VALID when left out. */
  status?: TokenStatus
}

/** What becomes of a live access token, and of the refresh token that goes with it. */
export interface TokenChange {
  accessToken: IssuedTokens['accessToken']
  refreshTokenExpiresAt?: Date
  /** What becomes of the authorization that later refreshes bring. */
  refreshed?: Pick<Authorization, 'properties' | 'jkt' | 'certificateThumbprint' | 'takesProof' | 'takesCertificate'>
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
