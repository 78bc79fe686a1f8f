import type { Logger } from 'pino'
import type { Engine } from '../sdk/engine.ts'
import type { ClientLogos } from './client-logos.ts'
import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import type { IdentityProviders } from './identity-providers.ts'
import type { Users } from './users.ts'

/** What the routes share. */
export interface FrontEnd {
  config: Config
  log: Logger
  engine: Engine
  /** Path parameters that name our service to the engine. */
  service: { serviceId: string }
  /** What people call it, on pages that belong to no request. */
  serviceName: string
  /** Its languages, the one it speaks best first. */
  supportedUiLocales?: readonly string[]
  /** Pictures of clients that are elsewhere. */
  logos: ClientLogos
  /** Where people may sign in instead. */
  providers: IdentityProviders
  database: Database
  users: Users
  now: () => Date
  /** Where clients reach these endpoints: the issuer, or the host and port of its aliases (RFC 8705 §5). */
  origin: string
}
