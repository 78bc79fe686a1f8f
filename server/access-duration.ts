import type { AuthorizationRequest } from './authorization-request.ts'

/** How long a person lets access last. */
export type Duration = (typeof durations)[number]

/**
 * session: until the first access token ends. unlimited: the person sets no end, so it lasts as long as the service lets it, or until
 * they take it back.
 */
export const durations = ['session', 'hour', 'month', 'unlimited'] as const

const secondsOf = { hour: 3_600, month: 2_592_000 } as const

/** RFC 6749 §6: whether access may be renewed. With `offline_access` the person decides; without, a client that may refresh does so unasked. */
export function mayStayConnected({ client: { grantTypes } }: AuthorizationRequest): boolean {
  return grantTypes === undefined || grantTypes.includes('REFRESH_TOKEN')
}

/** RFC 6749 §1.5: the durations to choose from; none when the client cannot refresh, because then access ends with its first token. */
export function offeredDurations(request: AuthorizationRequest): readonly Duration[] {
  return mayStayConnected(request) ? durations : []
}

/** RFC 6749 §1.5: what applies when the person chooses nothing, and what the page shows as chosen. */
export function defaultDuration(request: AuthorizationRequest): Duration {
  const { refreshTokenDuration = secondsOf.month } = request.service
  return mayStayConnected(request) && refreshTokenDuration >= secondsOf.month ? 'month' : 'unlimited'
}

/** RFC 6749 §5.1: after how many seconds a duration ends; undefined when the person sets no end. */
export function durationSeconds(duration: Duration, { service }: AuthorizationRequest): number | undefined {
  if (duration === 'unlimited') return undefined
  // An engine that does not say how long its access tokens live is told.
  return duration === 'session' ? (service.accessTokenDuration ?? secondsOf.hour) : secondsOf[duration]
}

/** RFC 6749 §4.1.2: the lives that the engine gives to the tokens, so that none of them goes on after `seconds`. */
export function tokenDurations(
  seconds: number | undefined,
  { service }: AuthorizationRequest,
): { accessTokenDuration?: number; refreshTokenDuration?: number } {
  if (seconds === undefined) return {}
  // Only what shortens is sent: an engine that takes the value as it is must not make a token live longer than its own rules do.
  const shortens = service.accessTokenDuration === undefined || seconds < service.accessTokenDuration
  return { ...(shortens && { accessTokenDuration: seconds }), refreshTokenDuration: seconds }
}
