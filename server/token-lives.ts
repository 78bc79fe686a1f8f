import { durationSeconds, mayStayConnected } from './access-duration.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { Grant } from './consent-choice.ts'
import { policiesOf } from './scope-policy.ts'

export interface TokenLives {
  accessSeconds: number
  /** How long access can be renewed; undefined when it cannot, and no seconds when nobody set an end. */
  renewal: { seconds: number | undefined } | undefined
}

/** RFC 6749 §1.5: how long the tokens of a grant live, for people to read. */
export function tokenLives(request: AuthorizationRequest, { scopes, duration }: Grant): TokenLives {
  const { accessTokenDuration, refreshTokenDuration } = request.service
  const chosen = durationSeconds(duration, request)
  const isOfflineDeclined = policiesOf(request).some(({ name }) => name === offline) && !scopes.includes(offline)
  const isRenewed = mayStayConnected(request) && !isOfflineDeclined && duration !== 'session'
  return {
    accessSeconds: shorter(chosen, accessTokenDuration) ?? 0,
    renewal: isRenewed ? { seconds: shorter(chosen, refreshTokenDuration) } : undefined,
  }
}

function shorter(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}

const offline = 'offline_access'
