import type { Background } from './background.ts'
import type { FetchOutbound } from '../outbound/fetch-outbound.ts'
import type { Parameters } from './protocol/parameters.ts'
import type { FindPublishedKeys } from './published-keys.ts'
import type { Sealer } from './sealing.ts'
import type { RegisteredService, Registry } from './registry.ts'
import type { ApiToken, Storage } from './storage/storage.ts'

/** What an operation works with, besides the question. */
export interface Context {
  storage: Storage
  registry: Registry
  publishedKeys: FindPublishedKeys
  /** Reads what a client put at an address that it registered. */
  fetchOutbound: FetchOutbound
  /** Undefined where the engine has no key to seal secrets with. */
  sealer: Sealer | undefined
  /** Does what need not be done before the answer. */
  background: Background
  /** The instant of this call: every expiry and every claim of one answer is reckoned from it. */
  now: Date
  caller: ApiToken
  /** Path parameters, decoded. */
  path: Readonly<Record<string, string>>
  query: URLSearchParams
}

/** The context of an operation below `/api/{serviceId}`. */
export interface ServiceContext extends Context {
  service: RegisteredService
  /** At the token endpoint: the request that tokens are made for. What a profile demands of it may depend on what was granted. */
  tokenRequest?: Parameters
}
