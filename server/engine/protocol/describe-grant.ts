import type { Schema } from '../../../sdk/types.ts'
import type { GrantContent } from '../storage/storage.ts'
import { toContract } from './authorization-details.ts'
import { together } from './grant-content.ts'
import { hasExpired } from './lifetime.ts'

/** Grant Management for OAuth 2.0 §6.4: what a grant holds, in the shape of the contract. */
export function describeGrant({ permissions }: GrantContent): Schema<'Grant'> {
  const { claims, details } = together(permissions)
  return {
    scopes: permissions.flatMap(({ scopes, resources }) =>
      scopes.length === 0 ? [] : [{ scope: scopes.join(' '), ...(resources && { resource: resources }) }],
    ),
    claims: [...new Set([...claims.idToken, ...claims.userinfo])],
    ...(details.length > 0 && { authorizationDetails: toContract(details.map(({ detail }) => detail)) }),
  }
}

/** Grant Management for OAuth 2.0 §6.4: whether the time is over that the subject set. Then nothing is held, though the grant has its id. */
export function hasEnded({ endsAt }: GrantContent, now: Date): boolean {
  return endsAt !== undefined && hasExpired(new Date(endsAt), now)
}
