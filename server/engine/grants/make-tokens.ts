import type { Schema } from '../../../sdk/types.ts'
import { accessTokenKeyFor } from '../access-token-signing.ts'
import { findEncryption } from '../client-encryption.ts'
import type { ServiceContext } from '../context.ts'
import { checkFapiTokens } from '../fapi/token-request.ts'
import type { Handle } from '../handle.ts'
import { makeHandle, tokenKey } from '../handle.ts'
import { registeredKeyFor } from '../keys.ts'
import { verifyOwnJwt } from '../live-token.ts'
import { OAuthError } from '../oauth-error.ts'
import { after, never, numericDate, secondsBetween, startOfSecond } from '../protocol/lifetime.ts'
import { confirmationOf, longestAccessToken, resourcesOf, signAccessToken } from '../protocol/access-token.ts'
import { detailsFor } from '../protocol/authorization-details.ts'
import { withdrawnClaims } from '../protocol/claim-names.ts'
import { nest } from '../protocol/encryption.ts'
import { signIdToken } from '../protocol/id-token.ts'
import { visibleMembers } from '../protocol/properties.ts'
import { successorHandle } from '../protocol/successor.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { Authorization, IssuedTokens, RefreshToken } from '../storage/storage.ts'
import { TokenValueTaken } from '../storage/token-value-taken.ts'
import { tokenIdOf } from '../token-id.ts'
import type { AskedDurations } from './token-lifetimes.ts'
import { accessTokenLifetime, lifetimeOf } from './token-lifetimes.ts'
import { checkSomethingIsLeft } from './what-is-left.ts'

/** What a grant decided about the tokens to make. */
export interface TokensToIssue {
  client: RegisteredClient
  grantId: Uint8Array
  grantType: Schema<'GrantType'>
  /** Absent for client credentials. */
  subject?: string
  /** RFC 9449 §5: the key that the client proved to hold; absent when it proved none. */
  jkt?: string
  /** RFC 8705 §3: the certificate that the access token is bound to; absent when it is bound to none. */
  certificateThumbprint?: string
  /** The scopes of the access token. */
  scopes: string[]
  /** RFC 8707 §2.2: the resources that the token request named. */
  resources: string[]
  /** What the access token is good for. */
  authorization: Authorization
  refreshToken: RefreshTokenPlan
  /** What the token request asked for. */
  durations?: AskedDurations
  /** The value of the access token, where the front-end brings it. */
  accessToken?: string
  /** Whether the access token ends only where it is ended. */
  isPersistent?: boolean
  /** What is said of the access token, and of none that a refresh brings. */
  forExternalAttachment?: boolean
  /** RFC 9700 §4.14.2: the spent refresh token that the new ones follow from, where the request may be repeated. */
  parent?: Handle
}

/** Whether a refresh token is made, stays, or does not exist. */
export type RefreshTokenPlan =
  | { plan: 'none' }
  | { plan: 'new'; scopes: string[]; authorization: Authorization; expiresAt?: Date; value?: string }
  | { plan: 'kept'; value: string; record: RefreshToken; expiresAt: Date }

/** Tokens that are made but not yet given: the storage keeps the records, the client gets the values. */
export interface MadeTokens {
  records: IssuedTokens
  accessToken: string
  /** RFC 9068: what the client is given instead, where access tokens are signed. */
  jwtAccessToken?: string
  accessTokenDuration: number
  accessTokenExpiresAt: Date
  refreshToken?: { value: string; scopes: string[]; expiresAt: Date }
  idToken?: string
}

/** RFC 6749 §1.4 and §1.5: makes the tokens of a grant. Nothing is kept yet. */
export async function makeTokens(plan: TokensToIssue, context: ServiceContext): Promise<MadeTokens> {
  checkFapiTokens(plan, context)
  checkSomethingIsLeft(plan)
  checkSubjectIsNoClient(plan)
  const { service, now } = context
  await checkValues(plan, service)
  const { client, grantId, grantType, subject, scopes, authorization } = plan
  const { serviceId } = service
  const { clientId } = client
  const refresh = settleRefresh(plan, service, now)
  const accessTokenExpiresAt = accessExpiryOf(plan, refresh.expiresAt, service, now)
  const accessTokenDuration = secondsBetween(now, accessTokenExpiresAt)
  const handleAt = handleAtOf(plan, service)
  const keyed = (value: string | undefined) =>
    value === undefined ? makeHandle(now, handleAt) : { handle: value, key: tokenKey(value, serviceId) }
  const access = keyed(plan.accessToken)
  const accessToken = {
    key: access.key,
    serviceId,
    clientId,
    ...(subject !== undefined && { subject }),
    grantId,
    grantType,
    scopes,
    authorization: {
      ...authorization,
      ...bindingOf(plan),
      ...(plan.forExternalAttachment !== undefined && { forExternalAttachment: plan.forExternalAttachment }),
    },
    createdAt: now,
    expiresAt: accessTokenExpiresAt,
  }
  const jwtAccessToken = await makeJwtAccessToken(plan, accessToken, service)
  const made = {
    accessToken: access.handle,
    ...(jwtAccessToken !== undefined && { jwtAccessToken }),
    accessTokenDuration,
    accessTokenExpiresAt,
  }
  const idToken =
    scopes.includes('openid') && subject !== undefined && !isIdTokenReissuable(plan, service)
      ? { idToken: await makeIdToken(plan, subject, jwtAccessToken ?? access.handle, context) }
      : {}
  const endsOthers = isSingle(plan, service) ? { endsOthers: true } : {}
  switch (refresh.plan) {
    case 'none':
      return { ...made, ...idToken, records: { accessToken, ...endsOthers } }
    case 'kept': {
      const { value, record, expiresAt } = refresh
      return {
        ...made,
        ...idToken,
        refreshToken: { value, scopes: record.scopes, expiresAt },
        records: { accessToken, keptRefreshTokenExpiresAt: expiresAt },
      }
    }
    case 'new': {
      const { handle, key } = keyed(refresh.value)
      const { scopes, authorization, expiresAt } = refresh
      const record = {
        key,
        serviceId,
        clientId,
        subject: subject ?? '',
        grantId,
        scopes,
        authorization: { ...authorization, ...refreshBindingOf(plan) },
        createdAt: now,
        expiresAt,
      }
      return {
        ...made,
        ...idToken,
        refreshToken: { value: handle, scopes, expiresAt },
        records: { accessToken, refreshToken: record, ...endsOthers },
      }
    }
    default:
      return refresh satisfies never
  }
}

/** RFC 9068 §5: a client that took the name of a person since would look like one that acts for itself, and the other way round. */
function checkSubjectIsNoClient({ client, subject, authorization }: TokensToIssue): void {
  if (subject === undefined) return
  const shown = authorization.sub ?? subject
  if (shown !== client.alias && shown !== String(client.clientId)) return
  throw new OAuthError('invalid_grant', 'A950311', 'The subject has the name of the client.', 'rfc9068#section-5')
}

/** RFC 9068 §4: an access token that the service signed is that one for ever, and no value for another. */
async function checkValues({ accessToken, refreshToken }: TokensToIssue, service: RegisteredService): Promise<void> {
  const isOwnJwt = async (value = '') => (await verifyOwnJwt(value, service)) !== undefined
  if (await isOwnJwt(accessToken)) throw new TokenValueTaken('accessToken')
  if (refreshToken.plan === 'new' && (await isOwnJwt(refreshToken.value))) throw new TokenValueTaken('refreshToken')
}

/** OIDC Core §12.2: whether the new ID token of a refresh is the front-end's to ask for, with claims as they are now. */
export function isIdTokenReissuable(
  { grantType, subject, scopes }: Pick<TokensToIssue, 'grantType' | 'subject' | 'scopes'>,
  { settings }: RegisteredService,
): boolean {
  const isRefreshed = grantType === 'REFRESH_TOKEN' && subject !== undefined
  return isRefreshed && settings.idTokenReissuable === true && scopes.includes('openid')
}

/** How the handles of the tokens are made: by chance, where nothing else is said. */
function handleAtOf({ parent }: TokensToIssue, { successorKeys: [key] }: RegisteredService) {
  return parent === undefined || !key ? undefined : (locator: Uint8Array) => successorHandle(key, parent, locator)
}

/** Whether a subject has one access token of the client at a time. A refresh replaces one by itself. */
function isSingle({ client, grantType, subject }: TokensToIssue, { settings }: RegisteredService): boolean {
  if (subject === undefined || grantType === 'REFRESH_TOKEN') return false
  return (settings.singleAccessTokenPerSubject ?? false) || (client.settings.singleAccessTokenPerSubject ?? false)
}

/**
 * RFC 9449 §5 and RFC 8705 §4: the refresh token of a public client is bound to the key and the certificate. One of a confidential client is bound to the client, which may
 * change its keys; but what was sender-constrained stays so, with whichever key or certificate.
 */
export function refreshBindingOf(
  plan: Pick<TokensToIssue, 'client' | 'jkt' | 'certificateThumbprint'>,
): Pick<Authorization, 'jkt' | 'certificateThumbprint' | 'takesProof' | 'takesCertificate'> {
  if (plan.client.settings.clientType === 'PUBLIC') return bindingOf(plan)
  return {
    ...(plan.jkt !== undefined && { takesProof: true }),
    ...(plan.certificateThumbprint !== undefined && { takesCertificate: true }),
  }
}

/** RFC 9449 §6 and RFC 8705 §3: what a token is bound to. */
export function bindingOf({ jkt, certificateThumbprint }: Pick<TokensToIssue, 'jkt' | 'certificateThumbprint'>) {
  return {
    ...(jkt !== undefined && { jkt }),
    ...(certificateThumbprint !== undefined && { certificateThumbprint }),
  }
}

/** The plan with the instant at which the refresh token expires. */
function settleRefresh(
  { refreshToken: plan, client, authorization, durations }: TokensToIssue,
  service: RegisteredService,
  now: Date,
) {
  if (plan.plan === 'none') return { plan: plan.plan, expiresAt: undefined }
  const { scopes } = plan.plan === 'kept' ? plan.record : plan
  const { expiresAt = after(now, lifetimeOf('refreshToken', service, client, scopes)) } = plan
  // Of an expiry that is carried over and what is asked for now, the earlier counts.
  const asked = durations?.refreshTokenDuration ? after(now, durations.refreshTokenDuration) : expiresAt
  return { ...plan, expiresAt: withinAuthorization(asked < expiresAt ? asked : expiresAt, authorization) }
}

/** When the access token expires; with `tokenExpirationLinked`, not after the refresh token. */
function accessExpiryOf(
  { client, scopes, authorization, durations, isPersistent }: TokensToIssue,
  refreshTokenExpiresAt: Date | undefined,
  service: RegisteredService,
  now: Date,
): Date {
  const lifetime = accessTokenLifetime(authorization, service, client, scopes, durations)
  const expiresAt = withinAuthorization(isPersistent ? never : after(now, lifetime), authorization)
  const isTooLong = service.settings.tokenExpirationLinked && refreshTokenExpiresAt && expiresAt > refreshTokenExpiresAt
  return isTooLong ? refreshTokenExpiresAt : expiresAt
}

/** When a token ends that is to end at some time: on the second, and nothing that comes of an authorization outlives it. */
export function withinAuthorization(expiresAt: Date, { endsAt = Infinity }: Pick<Authorization, 'endsAt'>): Date {
  return startOfSecond(new Date(Math.min(expiresAt.getTime(), endsAt)))
}

/** RFC 9068: the access token as a JWT, where the service or the client wants it signed. */
export async function makeJwtAccessToken(
  plan: Pick<TokensToIssue, 'client' | 'subject' | 'jkt' | 'certificateThumbprint' | 'authorization'>,
  record: IssuedTokens['accessToken'],
  service: RegisteredService,
): Promise<string | undefined> {
  const { client, authorization, subject } = plan
  const { grantType, scopes, createdAt, expiresAt } = record
  const signingKey = accessTokenKeyFor(client, service)
  if (!signingKey) return undefined
  const { sub, managedGrantId, authTime, acr } = authorization
  const resources = resourcesOf(authorization)
  // RFC 9396 §9.1: whoever receives the token reads all of it, so it says what concerns them, and nothing else.
  const authorizationDetails = detailsFor(authorization.authorizationDetails, resources)
  const clientId = authorization.clientIdAliasUsed ? client.alias : String(client.clientId)
  const cnf = confirmationOf(plan)
  const jwt = await signAccessToken(
    {
      issuer: service.issuer,
      // §2.2: of a client that acts for itself, the subject is the client.
      subject: sub ?? subject ?? clientId,
      // §3: who is named by no resource indicator is the default one.
      audience: resources ?? [service.issuer],
      clientId,
      issuedAt: numericDate(createdAt),
      expiresAt: numericDate(expiresAt),
      tokenId: tokenIdOf(record),
      scopes,
      ...(authorizationDetails && { authorizationDetails: authorizationDetails.map(({ detail }) => detail) }),
      grantType: grantType.toLowerCase(),
      ...(managedGrantId !== undefined && { grantId: managedGrantId }),
      ...(authTime !== undefined && { authTime }),
      ...(acr !== undefined && { acr }),
      ...(cnf && { cnf }),
      // A property is said in other places as well; of two with one name, the claim is what was meant for this one.
      extra: { ...visibleMembers(authorization.properties), ...authorization.jwtAtClaims },
    },
    signingKey,
  )
  if (jwt.length <= longestAccessToken) return jwt
  const { properties, jwtAtClaims, ...asked } = authorization
  if (!properties && !jwtAtClaims) throw tooLong()
  // What is too long without the properties and claims, too, is the client's to shorten.
  await makeJwtAccessToken({ ...plan, authorization: asked }, record, service)
  throw tooLongByAdditions()
}

/** Nothing is spent yet. The client attached none of it, and can do nothing about it. */
function tooLongByAdditions(): OAuthError {
  return new OAuthError(
    'server_error',
    'A950309',
    `With properties and jwtAtClaims, the access token would have more than ${longestAccessToken} characters. Attach less, or hide it from clients.`,
    'rfc9068#section-2',
  )
}

/** Nothing is spent yet: the client can ask again for less. */
function tooLong(): OAuthError {
  return new OAuthError(
    'invalid_request',
    'A950308',
    `The access token would have more than ${longestAccessToken} characters, and could be presented nowhere. ` +
      'Ask for fewer scopes or authorization_details, or name the resource that it is for.',
    'rfc9068#section-2',
  )
}

/** OIDC Core §2 and §12.2: the ID token that goes with an access token. */
export async function makeIdToken(
  {
    client,
    authorization,
    grantType,
    scopes,
  }: Pick<TokensToIssue, 'client' | 'authorization' | 'grantType' | 'scopes'>,
  subject: string,
  accessToken: string,
  context: ServiceContext,
): Promise<string> {
  const { service, now } = context
  const alg = client.settings.idTokenSignAlg ?? 'ES256'
  const key = registeredKeyFor(service.signingKeys, alg, service.settings.idTokenSignatureKeyId)
  const encryption = await findEncryption('idToken', client, context)
  const { authTime, acr, nonce, idTokenClaimValues, idTokenAudType = service.settings.idTokenAudType } = authorization
  const audience = authorization.clientIdAliasUsed ? client.alias : String(client.clientId)
  const idToken = await signIdToken(
    {
      issuer: service.issuer,
      subject: authorization.sub ?? subject,
      audience: idTokenAudType === 'string' ? audience : [audience],
      issuedAt: numericDate(now),
      expiresAt: numericDate(
        withinAuthorization(after(now, lifetimeOf('idToken', service, client, scopes)), authorization),
      ),
      ...(authTime !== undefined && { authTime }),
      ...(acr !== undefined && { acr }),
      // OIDC Core §12.2: an ID token that comes of a refresh should not repeat the nonce.
      ...(nonce !== undefined && grantType === 'AUTHORIZATION_CODE' && { nonce }),
      ...(idTokenClaimValues && { values: remainingValues(idTokenClaimValues, authorization.scopes, scopes) }),
      accessToken,
    },
    key,
  )
  return nest(idToken, encryption)
}

/** The values of claims whose scopes are still there. */
function remainingValues(
  values: Record<string, unknown>,
  granted: readonly string[],
  scopes: readonly string[],
): Record<string, unknown> {
  const withdrawn = withdrawnClaims(granted, scopes)
  return Object.fromEntries(Object.entries(values).filter(([name]) => !withdrawn.has(name)))
}
