import type { Service } from '../../../sdk/types.ts'
import type { Sealer } from '../sealing.ts'

/** The settings of a service as they are kept: its keys among them, or sealed. */
export interface KeptSettings {
  settings: Service
  sealedJwks?: Uint8Array
}

/** The keys of a service are there and cannot be opened. */
export class SealedKeysError extends Error {}

/** RFC 7517 §9.2: settings without private keys, and the keys sealed, where there is something to seal with. */
export function sealKeys(settings: Service, serviceId: number, sealer: Sealer | undefined): KeptSettings {
  const { jwks, ...others } = settings
  if (!sealer || jwks === undefined) return { settings }
  return { settings: others, sealedJwks: sealer.seal(Buffer.from(jwks), placeOf(serviceId)) }
}

/** RFC 7517 §9.2: the settings with the keys. */
export function openKeys(
  { settings, sealedJwks }: KeptSettings,
  serviceId: number,
  sealer: Sealer | undefined,
): Service {
  if (!sealedJwks) return settings
  if (!sealer) {
    throw new SealedKeysError(
      `The keys of service ${serviceId} are sealed, and ENGINE_ENCRYPTION_KEY is not set. Set it to what it was when they were sealed.`,
    )
  }
  try {
    return { ...settings, jwks: sealer.open(sealedJwks, placeOf(serviceId)).toString() }
  } catch (cause) {
    throw new SealedKeysError(
      `The keys of service ${serviceId} cannot be opened: ENGINE_ENCRYPTION_KEY is not what it was when they were sealed, or the database was ` +
        'changed by another hand. Set it to what it was (in development it is in the file engine-encryption-key beside the database); docs/keys.md says what to do if it is lost.',
      { cause },
    )
  }
}

function placeOf(serviceId: number) {
  return { serviceId, purpose: 'service keys' } as const
}
