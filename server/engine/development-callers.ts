import { apiRights, makeCaller } from './api-authentication.ts'
import type { ApiRight, ApiToken } from './storage/storage.ts'

/** API access tokens of the demonstration: `dev-engine-token` for everything, and one per right. They are in every copy of this file. */
export function developmentCallers(serviceId: number): ApiToken[] {
  const perRight = rightsOf(apiRights).map((right) =>
    makeCaller({
      id: `development ${right}`,
      token: `dev-engine-token-${right.toLowerCase().replaceAll('_', '-')}`,
      rights: [right],
      // Creating a service concerns none of those that exist.
      serviceIds: right === 'CREATE_SERVICE' ? 'all' : [serviceId],
    }),
  )
  const everything = makeCaller({ id: 'development', token: 'dev-engine-token', rights: ['ADMIN'], serviceIds: 'all' })
  return [everything, ...perRight].map(({ caller }) => caller)
}

function rightsOf(table: typeof apiRights): ApiRight[] {
  const isRight = (name: string): name is ApiRight => Object.hasOwn(table, name)
  return Object.keys(table).filter(isRight)
}
