import type { Client, Service } from '../../../sdk/types.ts'
import type { RegisteredClient, RegisteredService } from '../../../server/engine/registry.ts'

const instant = new Date('2026-11-21T10:00:00Z')

/** A service with these settings, as the registry hands it out. */
export function serviceWith(settings: Service): RegisteredService {
  return {
    serviceId: 1,
    number: 1,
    version: 1,
    settings,
    issuer: 'https://as.example',
    signingKeys: [],
    decryptionKeys: [],
    verificationKeys: [],
    dpopNonceKeys: [new Uint8Array(32)],
    successorKeys: [],
    createdAt: instant,
    modifiedAt: instant,
  }
}

/** A client with these settings, as the registry hands it out. */
export function clientWith(settings: Client): RegisteredClient {
  return {
    serviceId: 1,
    clientId: 2,
    number: 1,
    alias: 'client',
    settings,
    locked: false,
    secretHash: new Uint8Array(),
    createdAt: instant,
    modifiedAt: instant,
  }
}
