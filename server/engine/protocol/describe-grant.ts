import type { Schema } from '../../../sdk/types.ts'
import type { GrantContent } from '../storage/storage.ts'
import { toContract } from './authorization-details.ts'
import { together } from './grant-content.ts'

/** Grant Management for OAuth 2.0 §6.4: what a grant holds, in the shape of the contract. */
export function describeGrant({ permissions }: GrantContent): Schema<'Grant'> {
  const { claims, details } = together(permissions)
  return {
    scopes: permissions.flatMap(({ scopes, resources }) =>
      scopes.length === 0 ? [] : [{ scope: scopes.join(' '), ...(resources && { resource: resources }) }],
    ),
    claims,
    ...(details.length > 0 && { authorizationDetails: toContract(details.map(({ detail }) => detail)) }),
  }
}
