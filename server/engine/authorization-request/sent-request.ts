import type { Parameters } from '../protocol/parameters.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { HandleKey } from '../handle.ts'
import type { Storage } from '../storage/storage.ts'

/** An authorization request as it came: what every check looks at. */
export interface SentRequest {
  parameters: Parameters
  client: RegisteredClient
  clientIdAliasUsed: boolean
  service: RegisteredService
  /** The pushed request it was taken from. */
  pushedRequest?: HandleKey
  /** RFC 9101: the request object that held the parameters; without its claims where it was pushed. */
  requestObject?: { signed: boolean; alg?: string; payload?: string }
  /** Where the grant is found that the request wants to change. */
  storage: Pick<Storage, 'findManagedGrant'>
  now: Date
}
