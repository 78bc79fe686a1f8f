import type { RegisteredClient, RegisteredService } from '../registry.ts'
import { demandsOf } from './profiles.ts'
import { fapiModesOfGrant } from './token-request.ts'

/** FAPI 2.0 §5.3.2.1-11: seconds that a code lives. `scopes` are those that were requested. */
export function fapiCodeLifetime(
  service: RegisteredService,
  client: RegisteredClient,
  scopes: readonly string[],
  lifetime: number,
): number {
  const modes = fapiModesOfGrant(service, client, scopes)
  return Math.min(lifetime, ...demandsOf(modes, 'codeLifetime').map(({ most }) => most))
}
