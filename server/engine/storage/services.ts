import type { Database, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import type { Service } from '../../../sdk/types.ts'
import type { Sealer } from '../sealing.ts'
import { inOrder } from './in-order.ts'
import { bytes, integer, optional, text, time } from './row.ts'
import type { KeptSettings } from './sealed-keys.ts'
import { openKeys, sealKeys } from './sealed-keys.ts'
import { nextNumber } from './sequences.ts'
import type { Storage, StoredService } from './storage.ts'
import { isRecord, storedJson } from './stored-json.ts'

const settingsJson = storedJson((value): value is Service => isRecord(value))

const columns = 'service_id, number, version, settings_json, sealed_jwks, created_at, modified_at'

const insert = statement('create_service', `INSERT INTO services (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
const select = statement('find_service', `SELECT ${columns} FROM services WHERE service_id = $1`)
const count = statement('count_services', 'SELECT COUNT(*) AS total FROM services')
const selectPage = statement('list_services', `SELECT ${columns} FROM services ORDER BY service_id LIMIT $1 OFFSET $2`)
const update = statement(
  'replace_service',
  `UPDATE services SET settings_json = $2, sealed_jwks = $3, version = version + 1, modified_at = $4
   WHERE service_id = $1 AND version = COALESCE($5, version) RETURNING ${columns}`,
)
const selectAll = statement('list_all_services', `SELECT ${columns} FROM services ORDER BY service_id`)
// What is said stays the same, so its version does as well; a change meanwhile has sealed the keys by itself.
const seal = statement(
  'seal_service_keys',
  'UPDATE services SET settings_json = $3, sealed_jwks = $4 WHERE service_id = $1 AND version = $2 AND sealed_jwks IS NULL',
)
const replaceSealed = statement(
  'replace_sealed_keys',
  'UPDATE services SET sealed_jwks = $2, version = version + 1, modified_at = $3 WHERE service_id = $1 AND sealed_jwks IS NOT NULL',
)
const remove = statement('delete_service', 'DELETE FROM services WHERE service_id = $1 RETURNING service_id')
const removeAllOf = [
  statement('delete_clients_of_service', 'DELETE FROM clients WHERE service_id = $1'),
  statement('delete_identifiers_of_service', 'DELETE FROM client_identifiers WHERE service_id = $1'),
  statement(
    'delete_managed_grants_of_service',
    `DELETE FROM managed_grants WHERE ${inOrder('managed_grants', 'grant_id', 'service_id = $1')}`,
  ),
  statement('delete_granted_scopes_of_service', 'DELETE FROM granted_scopes WHERE service_id = $1'),
  statement('delete_tickets_of_service', 'DELETE FROM tickets WHERE service_id = $1'),
  statement('delete_pushed_requests_of_service', 'DELETE FROM pushed_requests WHERE service_id = $1'),
  statement('delete_token_batches_of_service', 'DELETE FROM token_batches WHERE service_id = $1'),
]

/** The first service is 1000001. */
const idsBeginAfter = 1_000_000

type ServiceVerbs =
  | 'createService'
  | 'findService'
  | 'listServices'
  | 'replaceService'
  | 'replaceLostKeys'
  | 'sealServiceKeys'
  | 'deleteService'

/** Services and their settings. */
export function serviceVerbs(database: Database, sealer: Sealer | undefined): Pick<Storage, ServiceVerbs> {
  async function findService(serviceId: number): Promise<StoredService | undefined> {
    const [row] = await database.read(query(select, serviceId))
    return row && storedService(row)
  }

  function storedService(row: Row): StoredService {
    const serviceId = integer(row, 'service_id')
    const settings = settingsJson.read(text(row, 'settings_json'))
    const sealedJwks = optional(row, 'sealed_jwks', bytes)
    return {
      serviceId,
      number: integer(row, 'number'),
      version: integer(row, 'version'),
      settings: openKeys({ settings, ...(sealedJwks && { sealedJwks }) }, serviceId, sealer),
      createdAt: time(row, 'created_at'),
      modifiedAt: time(row, 'modified_at'),
    }
  }

  return {
    findService,

    createService: (settings, now) =>
      database.transact(function* () {
        const number = yield* nextNumber('service')
        const serviceId = idsBeginAfter + number
        const at = now.getTime()
        yield query(insert, serviceId, number, 1, ...columnsOf(sealKeys(settings, serviceId, sealer)), at, at)
        return { serviceId, number, version: 1, settings, createdAt: now, modifiedAt: now }
      }),

    async listServices(serviceIds, page) {
      if (serviceIds === 'all') {
        const [[counted], rows] = await Promise.all([
          database.read(query(count)),
          database.read(query(selectPage, Math.max(0, page.end - page.start), page.start)),
        ])
        return { totalCount: counted ? integer(counted, 'total') : 0, items: rows.map(storedService) }
      }
      // A caller's token names a few services at most: one look-up each.
      const ids = [...new Set(serviceIds)].sort((a, b) => a - b)
      const found = (await Promise.all(ids.map(findService))).filter((service) => service !== undefined)
      return { totalCount: found.length, items: found.slice(page.start, page.end) }
    },

    async replaceService(serviceId, settings, now, version) {
      const kept = columnsOf(sealKeys(settings, serviceId, sealer))
      const [row] = await database.write(query(update, serviceId, ...kept, now.getTime(), version ?? null))
      return row && storedService(row)
    },

    sealServiceKeys: () =>
      database.transact(function* () {
        for (const row of yield query(selectAll)) {
          const { serviceId, version, settings } = storedService(row)
          if (!sealer || optional(row, 'sealed_jwks', bytes)) continue
          yield query(seal, serviceId, version, ...columnsOf(sealKeys(settings, serviceId, sealer)))
        }
      }),

    async replaceLostKeys(serviceId, jwks, now) {
      const { settings, sealedJwks } = sealKeys({ jwks }, serviceId, sealer)
      if (settings.jwks !== undefined || !sealedJwks) throw new Error('There is no key to seal the new keys with.')
      await database.write(query(replaceSealed, serviceId, sealedJwks, now.getTime()))
    },

    // Codes and tokens are found together with their client only, so they end with it. Their rows stay until they expire:
    // to look for them by service would cost every token an index, or this one call a walk over millions.
    deleteService: (serviceId) =>
      database.transact(function* () {
        const [row] = yield query(remove, serviceId)
        if (!row) return false
        for (const removeOthers of removeAllOf) yield query(removeOthers, serviceId)
        return true
      }),
  }
}

function columnsOf({ settings, sealedJwks }: KeptSettings): [string, Uint8Array | null] {
  return [settingsJson.write(settings), sealedJwks ?? null]
}
