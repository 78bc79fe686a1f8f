import type { Database, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { equalBytesInConstantTime } from '../constant-time.ts'
import { bytes, isChoice, text } from './row.ts'
import type { ApiRight, ApiToken, Storage } from './storage.ts'

const insert = statement(
  'add_api_token',
  `INSERT INTO api_tokens (proof, id, rights, service_ids) VALUES ($1, $2, $3, $4)
   ON CONFLICT (proof) DO UPDATE SET id = excluded.id, rights = excluded.rights, service_ids = excluded.service_ids`,
)
const select = statement('find_api_token', 'SELECT proof, id, rights, service_ids FROM api_tokens WHERE proof = $1')

/** Callers of the engine's API. */
export function apiTokenVerbs(database: Database): Pick<Storage, 'addApiToken' | 'findApiToken'> {
  return {
    async addApiToken({ id, proof, rights, serviceIds }) {
      const services = serviceIds === 'all' ? 'all' : serviceIds.join(' ')
      await database.write(query(insert, proof, id, rights.join(' '), services))
    },

    async findApiToken(proof) {
      const [row] = await database.read(query(select, proof))
      return row && equalBytesInConstantTime(bytes(row, 'proof'), proof) ? apiToken(row) : undefined
    },
  }
}

function apiToken(row: Row): ApiToken {
  const services = text(row, 'service_ids')
  return {
    id: text(row, 'id'),
    proof: bytes(row, 'proof'),
    rights: words(text(row, 'rights')).map(parseRight),
    serviceIds: services === 'all' ? 'all' : words(services).map(Number),
  }
}

const apiRights: Record<ApiRight, true> = {
  VIEW_CLIENT: true,
  MODIFY_CLIENT: true,
  CREATE_CLIENT: true,
  VIEW_SERVICE: true,
  MODIFY_SERVICE: true,
  CREATE_SERVICE: true,
  DELETE_SERVICE: true,
  USE_SERVICE: true,
  USE_INTROSPECTION: true,
  ADMIN: true,
}

function parseRight(word: string): ApiRight {
  if (!isChoice(word, apiRights)) throw new TypeError(`${word} is no right`)
  return word
}

function words(list: string): string[] {
  return list === '' ? [] : list.split(' ')
}
