import type { Client } from '../../../sdk/types.ts'
import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { inOrder } from './in-order.ts'
import { clientIsActive } from './active-clients.ts'
import { bytes, integer, optional, text, time } from './row.ts'
import { nextNumber } from './sequences.ts'
import type { Storage, StoredClient } from './storage.ts'
import { isRecord, storedJson } from './stored-json.ts'

const settingsJson = storedJson((value): value is Client => isRecord(value))

const columns =
  'service_id, client_id, number, version, alias, developer, secret_hash, sealed_secret, settings_json, locked, created_at, modified_at'

const claimIdentifier = statement(
  'claim_client_identifier',
  `INSERT INTO client_identifiers (service_id, identifier, client_id) VALUES ($1, $2, $3)
   ON CONFLICT (service_id, identifier) DO NOTHING RETURNING identifier`,
)
const releaseIdentifier = statement(
  'release_client_identifier',
  'DELETE FROM client_identifiers WHERE service_id = $1 AND identifier = $2 AND client_id = $3',
)
const insert = statement(
  'create_client',
  `INSERT INTO clients (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
)
const select = statement(
  'find_client',
  `SELECT ${prefixed('c', columns)} FROM client_identifiers i
   JOIN clients c ON c.service_id = i.service_id AND c.client_id = i.client_id
   WHERE i.service_id = $1 AND i.identifier = $2`,
)
const selectActive = statement('find_active_client', `SELECT 1 AS active WHERE ${clientIsActive('$1', '$2')}`)
const count = statement(
  'count_clients',
  'SELECT COUNT(*) AS total FROM clients WHERE service_id = $1 AND developer = COALESCE($2, developer)',
)
const selectPage = statement(
  'list_clients',
  `SELECT ${columns} FROM clients WHERE service_id = $1 AND developer = COALESCE($2, developer)
   ORDER BY number LIMIT $3 OFFSET $4`,
)
const lock = statement(
  'lock_client',
  'UPDATE clients SET version = version WHERE service_id = $1 AND client_id = $2 RETURNING alias, settings_json',
)
const update = statement(
  'replace_client',
  `UPDATE clients SET alias = $3, developer = $4, settings_json = $5, version = version + 1, modified_at = $6,
     sealed_secret = CASE WHEN $7 = 1 THEN sealed_secret END, locked = $8
   WHERE service_id = $1 AND client_id = $2 RETURNING ${columns}`,
)
const updateSecret = statement(
  'set_client_secret',
  `UPDATE clients SET secret_hash = $3, sealed_secret = $4, version = version + 1, modified_at = $5
   WHERE service_id = $1 AND client_id = $2 RETURNING client_id`,
)
const remove = statement(
  'delete_client',
  'DELETE FROM clients WHERE service_id = $1 AND client_id = $2 RETURNING alias',
)
const forgetGrantedScopes = statement(
  'delete_granted_scopes_of_client',
  'DELETE FROM granted_scopes WHERE service_id = $1 AND client_id = $2',
)
const removeManagedGrants = statement(
  'delete_managed_grants_of_client',
  `DELETE FROM managed_grants WHERE ${inOrder('managed_grants', 'grant_id', 'service_id = $1 AND client_id = $2')}`,
)

type ClientVerbs =
  | 'createClient'
  | 'findClient'
  | 'isClientActive'
  | 'listClients'
  | 'replaceClient'
  | 'changeClientSettings'
  | 'setClientSecret'
  | 'deleteClient'

/** Clients and their settings. */
export function clientVerbs(database: Database): Pick<Storage, ClientVerbs> {
  return {
    createClient: (client, now) =>
      database.transact(function* () {
        const { serviceId, clientId, alias, settings, secretHash, sealedSecret } = client
        const ownIdentifier = String(clientId)
        const [claimed] = yield query(claimIdentifier, serviceId, alias, clientId)
        if (!claimed) return 'alias-taken'
        if (alias !== ownIdentifier) {
          const [claimedId] = yield query(claimIdentifier, serviceId, ownIdentifier, clientId)
          if (!claimedId) throw new Error(`a client of service ${serviceId} answers to ${ownIdentifier}, or once did`)
        }
        const number = yield* nextNumber('client')
        const [developer, json, at] = [settings.developer ?? '', settingsJson.write(settings), now.getTime()]
        const sealed = sealedSecret ?? null
        const secret = [secretHash, sealed]
        yield query(insert, serviceId, clientId, number, 1, alias, developer, ...secret, json, lockOf(settings), at, at)
        return { ...client, number, version: 1, createdAt: now, modifiedAt: now }
      }),

    async findClient(serviceId, clientIdentifier) {
      // PostgreSQL refuses text with a NUL; no client answers to one.
      if (clientIdentifier.includes('\0')) return undefined
      const [row] = await database.read(query(select, serviceId, clientIdentifier))
      return row && storedClient(row)
    },

    async isClientActive(serviceId, clientId) {
      const [row] = await database.read(query(selectActive, serviceId, clientId))
      return row !== undefined
    },

    async listClients(serviceId, developer, page) {
      const limit = Math.max(0, page.end - page.start)
      const [[counted], rows] = await Promise.all([
        database.read(query(count, serviceId, developer ?? null)),
        database.read(query(selectPage, serviceId, developer ?? null, limit, page.start)),
      ])
      return { totalCount: counted ? integer(counted, 'total') : 0, items: rows.map(storedClient) }
    },

    replaceClient: (serviceId, clientId, alias, settings, now) =>
      database.transact(function* () {
        // Two changes of one client wait for each other here, or the alias given up would not be the one it has.
        const [current] = yield query(lock, serviceId, clientId)
        if (!current) return undefined
        const ownIdentifier = String(clientId)
        const oldAlias = text(current, 'alias')
        if (alias !== oldAlias && alias !== ownIdentifier) {
          const [claimed] = yield query(claimIdentifier, serviceId, alias, clientId)
          if (!claimed) return 'alias-taken'
        }
        if (oldAlias !== alias && oldAlias !== ownIdentifier) {
          yield query(releaseIdentifier, serviceId, oldAlias, clientId)
        }
        return yield* updateClient(serviceId, clientId, alias, settings, now)
      }),

    changeClientSettings: (serviceId, clientId, change, now) =>
      database.transact(function* () {
        const [current] = yield query(lock, serviceId, clientId)
        if (!current) return undefined
        const settings = change(settingsJson.read(text(current, 'settings_json')))
        return yield* updateClient(serviceId, clientId, text(current, 'alias'), settings, now)
      }),

    setClientSecret: (serviceId, clientId, keep, now) =>
      database.transact(function* () {
        // Whether a sealed copy is kept is for the method to say, and somebody may be changing it.
        const [current] = yield query(lock, serviceId, clientId)
        if (!current) return false
        const { secretHash, sealedSecret = null } = keep(settingsJson.read(text(current, 'settings_json')))
        yield query(updateSecret, serviceId, clientId, secretHash, sealedSecret, now.getTime())
        return true
      }),

    // Codes and tokens are found together with their client only, so they end here, those of a racing request included.
    // Their rows stay until they expire: to look for them by client would cost every token an index.
    deleteClient: (serviceId, clientId) =>
      database.transact(function* () {
        const [row] = yield query(remove, serviceId, clientId)
        if (!row) return false
        const alias = text(row, 'alias')
        if (alias !== String(clientId)) yield query(releaseIdentifier, serviceId, alias, clientId)
        yield query(removeManagedGrants, serviceId, clientId)
        yield query(forgetGrantedScopes, serviceId, clientId)
        return true
      }),
  }
}

function* updateClient(
  serviceId: number,
  clientId: number,
  alias: string,
  settings: Client,
  now: Date,
): Generator<Query, StoredClient | undefined, Row[]> {
  const [developer, json, at] = [settings.developer ?? '', settingsJson.write(settings), now.getTime()]
  const keepsSealed = settings.tokenAuthMethod === 'CLIENT_SECRET_JWT' ? 1 : 0
  const [row] = yield query(update, serviceId, clientId, alias, developer, json, at, keepsSealed, lockOf(settings))
  return row && storedClient(row)
}

/** What statements look at: see `clientIsActive`. */
function lockOf({ locked }: Client): number {
  return locked ? 1 : 0
}

function storedClient(row: Row): StoredClient {
  const sealedSecret = optional(row, 'sealed_secret', bytes)
  return {
    serviceId: integer(row, 'service_id'),
    clientId: integer(row, 'client_id'),
    number: integer(row, 'number'),
    version: integer(row, 'version'),
    alias: text(row, 'alias'),
    settings: settingsJson.read(text(row, 'settings_json')),
    secretHash: bytes(row, 'secret_hash'),
    ...(sealedSecret && { sealedSecret }),
    createdAt: time(row, 'created_at'),
    modifiedAt: time(row, 'modified_at'),
  }
}

function prefixed(table: string, names: string): string {
  return names.replaceAll(/\w+/g, (name) => `${table}.${name}`)
}
