import type { Answer, Schema } from '../../../sdk/types.ts'
import { ApiFault } from '../api-fault.ts'
import type { ServiceContext } from '../context.ts'
import { clientNotFound } from '../not-found.ts'
import { pageOf, textOf } from '../query.ts'
import { expires } from '../protocol/lifetime.ts'
import { dynamicScopesOf } from '../protocol/scope.ts'
import type { RegisteredService } from '../registry.ts'
import type { ListedToken, TokenStatus } from '../storage/storage.ts'
import { presentClientLimited } from './client-get.ts'

/** GET /api/{serviceId}/auth/token/get/list: access tokens of a client, of a subject, or of both. Hashes, never values. */
export async function authTokenGetList(context: ServiceContext): Promise<Answer<'auth_token_get_list_api'>> {
  const { storage, registry, service, now } = context
  const page = pageOf(context)
  const subject = textOf(context, 'subject')
  const clientIdentifier = textOf(context, 'clientIdentifier')
  const client =
    clientIdentifier === undefined ? undefined : await registry.findClient(service.serviceId, clientIdentifier)
  if (clientIdentifier !== undefined && !client) throw clientNotFound()
  const before = placeOf(context)
  const filter = {
    ...(client && { clientId: client.clientId }),
    ...(subject !== undefined && { subject }),
    ...(before && { before }),
    status: statusOf(context),
  }
  const { totalCount, items } = await storage.listAccessTokens(service.serviceId, filter, page, now)
  const last = items.at(-1)
  return {
    ...page,
    totalCount,
    ...(client && { client: presentClientLimited(client) }),
    ...(subject !== undefined && { subject }),
    ...(last && { next: Buffer.from(last.accessToken.key.locator).toString('base64url') }),
    accessTokens: items.map((item) => presentToken(item, service)),
  }
}

const statuses = ['VALID', 'INVALID', 'ALL'] as const satisfies readonly TokenStatus[]

/** Which tokens are wanted: the valid ones, where nothing is said. */
function statusOf(context: ServiceContext): TokenStatus {
  const text = textOf(context, 'tokenStatus') ?? 'VALID'
  const status = statuses.find((name) => name === text)
  if (status) return status
  throw new ApiFault(400, 'A901207', `the query parameter tokenStatus is expected to be one of ${statuses.join(', ')}`)
}

/** Where an earlier page ended. A place is a locator, which opens nothing. */
function placeOf(context: ServiceContext): Buffer | undefined {
  const text = textOf(context, 'before')
  if (text === undefined) return undefined
  if (!/^[A-Za-z0-9_-]{16}$/.test(text)) {
    throw new ApiFault(400, 'A901207', 'the query parameter before is expected to be `next` of an earlier page')
  }
  return Buffer.from(text, 'base64url')
}

function presentToken(
  { accessToken, refreshToken, refreshedAt }: ListedToken,
  service: RegisteredService,
): Schema<'AccessTokenRecord'> {
  const dynamicScopes = dynamicScopesOf(accessToken.scopes, service)
  return {
    accessTokenHash: Buffer.from(accessToken.key.proof).toString('base64url'),
    ...(expires(accessToken.expiresAt) && { accessTokenExpiresAt: accessToken.expiresAt.getTime() }),
    ...(refreshToken && {
      refreshTokenHash: Buffer.from(refreshToken.proof).toString('base64url'),
      refreshTokenExpiresAt: refreshToken.expiresAt.getTime(),
      refreshTokenScopes: refreshToken.scopes,
    }),
    createdAt: accessToken.createdAt.getTime(),
    lastRefreshedAt: refreshedAt?.getTime() ?? 0,
    clientId: accessToken.clientId,
    ...(accessToken.subject !== undefined && { subject: accessToken.subject }),
    grantType: accessToken.grantType,
    scopes: accessToken.scopes,
    ...(accessToken.authorization.properties && { properties: accessToken.authorization.properties }),
    ...(dynamicScopes.length > 0 && { dynamicScopes }),
  }
}
