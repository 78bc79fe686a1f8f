import type { Service } from '../../../sdk/types.ts'
import type { PhasedKey } from './phases.ts'
import { isSameKind } from './phases.ts'

/** The settings that choose a key by its name. */
export const keyIds = [
  'accessTokenSignatureKeyId',
  'authorizationSignatureKeyId',
  'idTokenSignatureKeyId',
  'introspectionSignatureKeyId',
  'userInfoSignatureKeyId',
] as const satisfies readonly (keyof Service)[]

/** OIDC Core §10.1.1: who takes over from a key that was chosen by name is chosen in its place. */
export function followKeyChoices(settings: Service, keys: readonly PhasedKey[]): Service {
  const followed = { ...settings }
  for (const member of keyIds) {
    const chosen = keys.find(({ jwk }) => jwk.kid !== undefined && jwk.kid === settings[member])
    if (chosen?.phase !== 'retired') continue
    const kid = keys.find(({ jwk, phase }) => phase === 'current' && isSameKind(jwk, chosen.jwk))?.jwk.kid
    if (kid !== undefined) followed[member] = kid
  }
  return followed
}
