import type { Parameters } from './protocol/parameters.ts'
import type { FindPublishedKeys } from './published-keys.ts'
import type { RegisteredService, Registry } from './registry.ts'
import type { ApiToken, Storage } from './storage/storage.ts'

/** What an operation works with, besides the question. */
export interface Context {
  storage: Storage
  registry: Registry
  publishedKeys: FindPublishedKeys
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
