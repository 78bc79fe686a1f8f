import { randomBytes } from 'node:crypto'
import type { Client } from '../../sdk/types.ts'
import { sha256 } from './constant-time.ts'
import { macKeyBytes } from './protocol/client-assertion.ts'
import type { RegisteredClient } from './registry.ts'
import type { Sealer } from './sealing.ts'
import { settingFault } from './settings/setting-fault.ts'
import type { KeptSecret } from './storage/storage.ts'

/** Makes a client secret of 512 random bits, 86 characters: as long as any algorithm wants it. */
export function makeClientSecret(): string {
  return randomBytes(64).toString('base64url')
}

/** RFC 6749 §2.3.1: a secret as it is kept, a hash. Only client_secret_jwt needs more, and gets a sealed copy. */
export function keptSecret(
  clientSecret: string,
  { serviceId, clientId, settings }: Pick<RegisteredClient, 'serviceId' | 'clientId' | 'settings'>,
  sealer: Sealer | undefined,
): KeptSecret {
  const secretHash = sha256(clientSecret)
  if (settings.tokenAuthMethod !== 'CLIENT_SECRET_JWT') return { secretHash }
  checkSecretLength('clientSecret', Buffer.from(clientSecret), settings)
  const place = { serviceId, clientId, purpose: 'client secret' as const }
  return { secretHash, sealedSecret: required(sealer).seal(Buffer.from(clientSecret), place) }
}

/** OIDC Core §9, client_secret_jwt: the secret itself; undefined when the client was given none since it registered the method. */
export function sealedSecretOf(
  { serviceId, clientId, sealedSecret }: Pick<RegisteredClient, 'serviceId' | 'clientId' | 'sealedSecret'>,
  sealer: Sealer | undefined,
): Buffer | undefined {
  return sealedSecret && required(sealer).open(sealedSecret, { serviceId, clientId, purpose: 'client secret' })
}

/** RFC 7518 §3.2: a key is at least as long as the hash. */
export function checkSecretLength(member: string, secret: Uint8Array, { tokenAuthSignAlg = 'HS256' }: Client): void {
  const bytes = macKeyBytes(tokenAuthSignAlg) ?? 0
  if (secret.length < bytes) {
    throw settingFault(member, `a secret that signs with ${tokenAuthSignAlg} has ${bytes} bytes or more`)
  }
}

function required(sealer: Sealer | undefined): Sealer {
  if (sealer) return sealer
  throw new Error('Secrets are sealed in the storage, and ENGINE_ENCRYPTION_KEY is not set.')
}
