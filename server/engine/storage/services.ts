import type { Database, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import type { Service } from '../../../sdk/types.ts'
import { integer, text, time } from './row.ts'
import { nextNumber } from './sequences.ts'
import type { Storage, StoredService } from './storage.ts'
import { isRecord, storedJson } from './stored-json.ts'

const settingsJson = storedJson((value): value is Service => isRecord(value))

const columns = 'service_id, number, version, settings_json, created_at, modified_at'

const insert = statement('create_service', `INSERT INTO services (${columns}) VALUES ($1, $2, $3, $4, $5, $6)`)
const select = statement('find_service', `SELECT ${columns} FROM services WHERE service_id = $1`)
const count = statement('count_services', 'SELECT COUNT(*) AS total FROM services')
const selectPage = statement('list_services', `SELECT ${columns} FROM services ORDER BY service_id LIMIT $1 OFFSET $2`)
const update = statement(
  'replace_service',
  `UPDATE services SET settings_json = $2, version = version + 1, modified_at = $3 WHERE service_id = $1
   RETURNING ${columns}`,
)
const remove = statement('delete_service', 'DELETE FROM services WHERE service_id = $1 RETURNING service_id')
const removeAllOf = [
  statement('delete_clients_of_service', 'DELETE FROM clients WHERE service_id = $1'),
  statement('delete_identifiers_of_service', 'DELETE FROM client_identifiers WHERE service_id = $1'),
  statement('delete_managed_grants_of_service', 'DELETE FROM managed_grants WHERE service_id = $1'),
  statement('delete_granted_scopes_of_service', 'DELETE FROM granted_scopes WHERE service_id = $1'),
  statement('delete_tickets_of_service', 'DELETE FROM tickets WHERE service_id = $1'),
  statement('delete_pushed_requests_of_service', 'DELETE FROM pushed_requests WHERE service_id = $1'),
]

/** The first service is 1000001. */
const idsBeginAfter = 1_000_000

type ServiceVerbs = 'createService' | 'findService' | 'listServices' | 'replaceService' | 'deleteService'

/** Services and their settings. */
export function serviceVerbs(database: Database): Pick<Storage, ServiceVerbs> {
  async function findService(serviceId: number): Promise<StoredService | undefined> {
    const [row] = await database.read(query(select, serviceId))
    return row && storedService(row)
  }

  return {
    findService,

    createService: (settings, now) =>
      database.transact(function* () {
        const number = yield* nextNumber('service')
        const serviceId = idsBeginAfter + number
        const at = now.getTime()
        yield query(insert, serviceId, number, 1, settingsJson.write(settings), at, at)
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

    async replaceService(serviceId, settings, now) {
      const [row] = await database.write(query(update, serviceId, settingsJson.write(settings), now.getTime()))
      return row && storedService(row)
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

function storedService(row: Row): StoredService {
  return {
    serviceId: integer(row, 'service_id'),
    number: integer(row, 'number'),
    version: integer(row, 'version'),
    settings: settingsJson.read(text(row, 'settings_json')),
    createdAt: time(row, 'created_at'),
    modifiedAt: time(row, 'modified_at'),
  }
}
