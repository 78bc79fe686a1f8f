import { shortestLifetime } from '../protocol/lifetime.ts'
import { durationsOfScopes } from '../protocol/scope.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { Authorization } from '../storage/storage.ts'

/** Seconds, for a service that sets none. */
const defaultLifetimes = { accessToken: 600, refreshToken: 2_592_000, idToken: 600 }

/** The attribute of a scope that limits a token which has the scope. */
const attributes = {
  accessToken: 'access_token.duration',
  refreshToken: 'refresh_token.duration',
  idToken: 'id_token.duration',
} as const

/** What one token request may ask for, in seconds: nothing lives longer for it. 0 says nothing. */
export interface AskedDurations {
  accessTokenDuration?: number
  refreshTokenDuration?: number
}

/** RFC 6749 §5.1, seconds: the shortest of what the service, the client and each of the scopes set. */
export function lifetimeOf(
  token: keyof typeof defaultLifetimes,
  service: RegisteredService,
  client: RegisteredClient,
  scopes: readonly string[],
): number {
  const duration = `${token}Duration` as const
  return (
    shortestLifetime(
      service.settings[duration],
      client.settings.extension?.[duration],
      ...durationsOfScopes(scopes, attributes[token], service),
    ) ?? defaultLifetimes[token]
  )
}

/** RFC 6749 §5.1, seconds: the same for an access token of an authorization, or less where the person or the token request chose less. */
export function accessTokenLifetime(
  { accessTokenDuration = Infinity }: Pick<Authorization, 'accessTokenDuration'>,
  service: RegisteredService,
  client: RegisteredClient,
  scopes: readonly string[],
  asked: AskedDurations = {},
): number {
  const lifetime = lifetimeOf('accessToken', service, client, scopes)
  return Math.min(lifetime, accessTokenDuration, asked.accessTokenDuration || Infinity)
}
