import type { Schema } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { makeHandle } from '../handle.ts'
import { signingKeyFor } from '../keys.ts'
import { after, numericDate, shortestLifetime } from '../protocol/lifetime.ts'
import { withdrawnClaims } from '../protocol/claim-names.ts'
import { signIdToken } from '../protocol/id-token.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { Authorization, IssuedTokens, RefreshToken } from '../storage/storage.ts'

/** Seconds, for a service that sets none. */
const defaultLifetimes = { accessToken: 600, refreshToken: 2_592_000, idToken: 600 }

/** What a grant decided about the tokens to make. */
export interface TokensToIssue {
  client: RegisteredClient
  grantId: Uint8Array
  grantType: Schema<'GrantType'>
  /** Absent for client credentials. */
  subject?: string
  /** The scopes of the access token. */
  scopes: string[]
  authorization: Authorization
  refreshToken: RefreshTokenPlan
}

/** Whether a refresh token is made, stays, or does not exist. */
export type RefreshTokenPlan =
  | { plan: 'none' }
  | { plan: 'new'; scopes: string[]; expiresAt?: Date }
  | { plan: 'kept'; value: string; record: RefreshToken; expiresAt: Date }

/** Tokens that are made but not yet given: the storage keeps the records, the client gets the values. */
export interface MadeTokens {
  records: IssuedTokens
  accessToken: string
  accessTokenDuration: number
  accessTokenExpiresAt: Date
  refreshToken?: { value: string; scopes: string[]; expiresAt: Date }
  idToken?: string
}

/** RFC 6749 §1.4 and §1.5: makes the tokens of a grant. Nothing is kept yet. */
export async function makeTokens(plan: TokensToIssue, { service, now }: ServiceContext): Promise<MadeTokens> {
  const { client, grantId, grantType, subject, scopes, authorization } = plan
  const { serviceId } = service
  const { clientId } = client
  const accessTokenDuration = lifetimeOf('accessToken', service, client)
  const accessTokenExpiresAt = after(now, accessTokenDuration)
  const access = makeHandle(now)
  const accessToken = {
    key: access.key,
    serviceId,
    clientId,
    ...(subject !== undefined && { subject }),
    grantId,
    grantType,
    scopes,
    authorization,
    createdAt: now,
    expiresAt: accessTokenExpiresAt,
  }
  const made = { accessToken: access.handle, accessTokenDuration, accessTokenExpiresAt }
  const idToken =
    scopes.includes('openid') && subject !== undefined
      ? { idToken: await makeIdToken(plan, subject, access.handle, service, now) }
      : {}
  switch (plan.refreshToken.plan) {
    case 'none':
      return { ...made, ...idToken, records: { accessToken } }
    case 'kept': {
      const { value, record, expiresAt } = plan.refreshToken
      return {
        ...made,
        ...idToken,
        refreshToken: { value, scopes: record.scopes, expiresAt },
        records: { accessToken, keptRefreshTokenExpiresAt: expiresAt },
      }
    }
    case 'new': {
      const { handle, key } = makeHandle(now)
      const expiresAt = plan.refreshToken.expiresAt ?? after(now, lifetimeOf('refreshToken', service, client))
      const record = {
        key,
        serviceId,
        clientId,
        subject: subject ?? '',
        grantId,
        scopes: plan.refreshToken.scopes,
        authorization,
        createdAt: now,
        expiresAt,
      }
      return {
        ...made,
        ...idToken,
        refreshToken: { value: handle, scopes: record.scopes, expiresAt },
        records: { accessToken, refreshToken: record },
      }
    }
    default:
      return plan.refreshToken satisfies never
  }
}

/** Seconds: the shortest of what the service and the client set. */
export function lifetimeOf(
  token: keyof typeof defaultLifetimes,
  { settings }: RegisteredService,
  client: RegisteredClient,
): number {
  const duration = `${token}Duration` as const
  return shortestLifetime(settings[duration], client.settings.extension?.[duration]) ?? defaultLifetimes[token]
}

/** OIDC Core §2 and §12.2: the ID token that goes with an access token. */
async function makeIdToken(
  { client, authorization, grantType, scopes }: TokensToIssue,
  subject: string,
  accessToken: string,
  service: RegisteredService,
  now: Date,
): Promise<string> {
  const alg = client.settings.idTokenSignAlg ?? 'ES256'
  const key = signingKeyFor(service.signingKeys, alg, service.settings.idTokenSignatureKeyId)
  if (!key) throw new Error(`Service ${service.serviceId} has no ${alg} key to sign an ID token with.`)
  const { authTime, acr, nonce, idTokenClaimValues } = authorization
  const audience = authorization.clientIdAliasUsed ? client.alias : String(client.clientId)
  return signIdToken(
    {
      issuer: service.issuer,
      subject: authorization.sub ?? subject,
      audience: service.settings.idTokenAudType === 'string' ? audience : [audience],
      issuedAt: numericDate(now),
      expiresAt: numericDate(now) + lifetimeOf('idToken', service, client),
      ...(authTime !== undefined && { authTime }),
      ...(acr !== undefined && { acr }),
      // OIDC Core §12.2: an ID token that comes of a refresh should not repeat the nonce.
      ...(nonce !== undefined && grantType === 'AUTHORIZATION_CODE' && { nonce }),
      ...(idTokenClaimValues && { values: remainingValues(idTokenClaimValues, authorization.scopes, scopes) }),
      accessToken,
    },
    key,
  )
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
