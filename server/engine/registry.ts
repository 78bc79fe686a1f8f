import type { Client, Service } from '../../sdk/types.ts'
import type { DecryptionKey, SigningKey } from './keys.ts'
import { loadDecryptionKeys, loadSigningKeys, parseJwks } from './keys.ts'
import { followKeyChoices } from './keys/key-choices.ts'
import { nextTakeover, phasesOf } from './keys/phases.ts'
import { dpopNonceKeys } from './protocol/dpop-nonce.ts'
import { hasExpired } from './protocol/lifetime.ts'
import { successorKeys } from './protocol/successor.ts'
import type { Storage, StoredClient, StoredService } from './storage/storage.ts'

/** A service, ready for use: parsed settings and imported keys. */
export interface RegisteredService {
  serviceId: number
  number: number
  version: number
  settings: Service
  issuer: string
  /** What signs now. */
  signingKeys: SigningKey[]
  /** What verifies what the service signed: besides those that sign, those that did, and those that will, as a process that is ahead may. */
  verificationKeys: SigningKey[]
  /** What others encrypt to. */
  decryptionKeys: DecryptionKey[]
  /** What its DPoP nonces are made with, the first, and known by. */
  dpopNonceKeys: Uint8Array[]
  /** What tokens that come of a refresh are made with, and found again. */
  successorKeys: Uint8Array[]
  /** When the next of its keys takes over. */
  keysChangeAt?: Date
  createdAt: Date
  modifiedAt: Date
}

/** A client, ready for use. */
export interface RegisteredClient {
  serviceId: number
  clientId: number
  number: number
  alias: string
  settings: Client
  locked: boolean
  secretHash: Uint8Array
  /** For client_secret_jwt: the secret, sealed. */
  sealedSecret?: Uint8Array
  createdAt: Date
  modifiedAt: Date
}

/** Services and clients as they are now. */
export interface Registry {
  findService(serviceId: number): Promise<RegisteredService | undefined>
  /** By numeric id or by alias. */
  findClient(serviceId: number, clientIdentifier: string): Promise<RegisteredClient | undefined>
  /** Call after every change of a service or of its clients. */
  forget(serviceId: number): void
}

/** Milliseconds after which another process's change is seen. */
const freshForMs = 1_000

/** Clients remembered per service; beyond it, the oldest are read anew. */
const rememberedClients = 10_000

/**
 * Keeps parsed services, clients and keys: reading and importing them costs more than most endpoints do.
 * A change made in this process is seen at once, one made elsewhere within a second.
 * That a client was locked or deleted elsewhere is seen at once all the same, by the storage: see storage/active-clients.ts.
 */
export function createRegistry(storage: Storage, now: () => Date): Registry {
  const services = new Map<number, Remembered<RegisteredService>>()
  const clients = new Map<number, Map<string, Remembered<RegisteredClient>>>()

  return {
    async findService(serviceId) {
      const remembered = services.get(serviceId)
      if (remembered && isFresh(remembered, now()) && !haveKeysChanged(remembered.value, now())) return remembered.value
      const stored = await storage.findService(serviceId)
      if (!stored) {
        services.delete(serviceId)
        return undefined
      }
      // Importing keys is the dear part: it is done again only when the service has changed, or a key takes over.
      const isCurrent = remembered?.value.version === stored.version && !haveKeysChanged(remembered.value, now())
      const value = isCurrent ? remembered.value : await register(stored, now())
      services.set(serviceId, { value, readAt: now().getTime() })
      return value
    },

    async findClient(serviceId, clientIdentifier) {
      const known = clients.get(serviceId) ?? new Map<string, Remembered<RegisteredClient>>()
      clients.set(serviceId, known)
      const remembered = known.get(clientIdentifier)
      if (remembered && isFresh(remembered, now())) return remembered.value
      known.delete(clientIdentifier)
      const stored = await storage.findClient(serviceId, clientIdentifier)
      if (!stored) return undefined
      const value = registerClient(stored)
      const [oldest] = known.keys()
      if (known.size >= rememberedClients && oldest !== undefined) known.delete(oldest)
      // One that is locked is read each time, so that it is served again as soon as it is unlocked.
      if (!value.locked) known.set(clientIdentifier, { value, readAt: now().getTime() })
      return value
    },

    forget(serviceId) {
      services.delete(serviceId)
      clients.delete(serviceId)
    },
  }
}

interface Remembered<Value> {
  value: Value
  readAt: number
}

function isFresh({ readAt }: Remembered<unknown>, now: Date): boolean {
  // A clock that was set back makes nothing fresh for longer.
  return Math.abs(now.getTime() - readAt) < freshForMs
}

function haveKeysChanged({ keysChangeAt }: RegisteredService, now: Date): boolean {
  return keysChangeAt !== undefined && hasExpired(keysChangeAt, now)
}

async function register(stored: StoredService, now: Date): Promise<RegisteredService> {
  const { serviceId, number, version, createdAt, modifiedAt } = stored
  const storedKeys = parseJwks(stored.settings.jwks)
  const phased = phasesOf(storedKeys, now)
  const keysChangeAt = nextTakeover(storedKeys, now)
  // Current keys come first: what follows from the first key is known to every process, and outlives it.
  const keys = phased.map(({ jwk }) => jwk)
  const settings = followKeyChoices(stored.settings, phased)
  const verificationKeys = await loadSigningKeys(JSON.stringify({ keys }))
  const decryptionKeys = await loadDecryptionKeys(JSON.stringify({ keys }))
  const current = new Set(phased.flatMap(({ jwk, phase }) => (phase === 'current' ? [jwk.kid] : [])))
  return {
    serviceId,
    number,
    version,
    settings,
    issuer: settings.issuer ?? '',
    signingKeys: verificationKeys.filter(({ kid }) => current.has(kid)),
    verificationKeys,
    decryptionKeys,
    dpopNonceKeys: dpopNonceKeys(keys),
    successorKeys: successorKeys(keys),
    ...(keysChangeAt && { keysChangeAt }),
    createdAt,
    modifiedAt,
  }
}

/** A stored client, ready for use. */
export function registerClient(stored: StoredClient): RegisteredClient {
  const { serviceId, clientId, number, alias, settings, secretHash, sealedSecret, createdAt, modifiedAt } = stored
  return {
    serviceId,
    clientId,
    number,
    alias,
    settings,
    locked: settings.locked === true,
    secretHash,
    ...(sealedSecret && { sealedSecret }),
    createdAt,
    modifiedAt,
  }
}
