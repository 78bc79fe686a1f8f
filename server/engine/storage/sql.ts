import { query, statement } from '../../database/database.ts'
import { migrate } from '../../database/migrate.ts'
import { openDatabase } from '../../database/open.ts'
import { createSealer } from '../sealing.ts'
import { apiTokenVerbs } from './api-tokens.ts'
import { authorizationCodeVerbs } from './authorization-codes.ts'
import { clientVerbs } from './clients.ts'
import { grantedScopeVerbs } from './granted-scopes.ts'
import { grantVerbs } from './grants.ts'
import { managedGrantVerbs } from './managed-grants.ts'
import { purgeVerbs } from './purge.ts'
import { pushedRequestVerbs } from './pushed-requests.ts'
import { serviceVerbs } from './services.ts'
import type { Storage } from './storage.ts'
import { ticketVerbs } from './tickets.ts'
import { tokenBatchVerbs } from './token-batches.ts'
import { tokenChangeVerbs } from './token-changes.ts'
import { tokenEndVerbs } from './token-ends.ts'
import { tokenListVerbs } from './token-list.ts'
import { tokenVerbs } from './tokens.ts'
import { jtiVerbs } from './used-jtis.ts'

const ping = statement('ping', 'SELECT 1 AS answer')

/**
 * Opens the engine's storage, and makes its tables where they are missing: `sqlite:<file>` or `postgres://…`. With an encryption key, the
 * keys of the services are sealed.
 */
export async function openStorage(databaseUrl: string, encryptionKey?: Uint8Array): Promise<Storage> {
  const database = await openDatabase(databaseUrl)
  await migrate(database, 'engine', new URL('./migrations/', import.meta.url))
  return {
    async ping() {
      await database.read(query(ping))
    },
    close: () => database.close(),
    ...apiTokenVerbs(database),
    ...serviceVerbs(database, createSealer(encryptionKey)),
    ...clientVerbs(database),
    ...pushedRequestVerbs(database),
    ...ticketVerbs(database),
    ...authorizationCodeVerbs(database),
    ...tokenVerbs(database),
    ...tokenBatchVerbs(database),
    ...tokenListVerbs(database),
    ...tokenEndVerbs(database),
    ...tokenChangeVerbs(database),
    ...grantVerbs(database),
    ...managedGrantVerbs(database),
    ...grantedScopeVerbs(database),
    ...jtiVerbs(database),
    ...purgeVerbs(database),
  }
}
