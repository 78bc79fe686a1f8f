import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { equalBytesInConstantTime } from '../constant-time.ts'
import type { HandleKey } from '../handle.ts'
import { checkKept, clientIsActive } from './active-clients.ts'
import { authorizationRequestJson } from './authorization-json.ts'
import { spendPushedRequest } from './pushed-requests.ts'
import { bytes, integer, optional, text, time } from './row.ts'
import type { Storage, Ticket } from './storage.ts'

const columns = 'locator, proof, service_id, pushed_locator, pushed_proof, context, request_json, expires_at'

const insert = statement(
  'keep_ticket',
  `INSERT INTO tickets (${columns}) SELECT $1, $2, $3, $4, $5, $6, $7, $8
   WHERE ${clientIsActive('$3', '$9')} RETURNING locator`,
)
const select = statement(
  'find_ticket',
  `SELECT ${columns} FROM tickets WHERE locator = $1 AND service_id = $2 AND expires_at > $3`,
)
const updateContext = statement(
  'set_ticket_context',
  `UPDATE tickets SET context = $5
   WHERE locator = $1 AND service_id = $2 AND proof = $3 AND expires_at > $4 RETURNING locator`,
)
const spend = statement(
  'spend_ticket',
  `DELETE FROM tickets WHERE locator = $1 AND service_id = $2 AND proof = $3 AND expires_at > $4
   RETURNING pushed_locator, pushed_proof`,
)

type TicketVerbs = 'keepTicket' | 'findTicket' | 'setTicketContext' | 'spendTicket'

/** Authorization requests that a person has not answered yet. */
export function ticketVerbs(database: Database): Pick<Storage, TicketVerbs> {
  return {
    async keepTicket({ key, serviceId, request, context, expiresAt }) {
      const { pushedRequest, ...kept } = request
      const [pushedLocator, pushedProof] = [pushedRequest?.locator ?? null, pushedRequest?.proof ?? null]
      const [json, expires] = [authorizationRequestJson.write(kept), expiresAt.getTime()]
      const values = [key.locator, key.proof, serviceId, pushedLocator, pushedProof, context, json, expires]
      checkKept(await database.write(query(insert, ...values, request.clientId)))
    },

    async findTicket(serviceId, key, now) {
      const [row] = await database.read(query(select, key.locator, serviceId, now.getTime()))
      return row && equalBytesInConstantTime(bytes(row, 'proof'), key.proof) ? ticket(row) : undefined
    },

    async setTicketContext(serviceId, key, context, now) {
      const { locator, proof } = key
      const rows = await database.write(query(updateContext, locator, serviceId, proof, now.getTime(), context))
      return rows.length > 0
    },

    spendTicket: (serviceId, key, now) =>
      database.transact(function* () {
        const spent = yield* takeTicket(serviceId, key, now)
        if (!spent) return false
        if (spent.pushedRequest) yield* spendPushedRequest(serviceId, spent.pushedRequest, now)
        return true
      }),
  }
}

/** Part of a transaction: takes a ticket away, so that nobody else can answer it. Undefined when somebody has, or it expired. */
export function* takeTicket(
  serviceId: number,
  key: HandleKey,
  now: Date,
): Generator<Query, { pushedRequest: HandleKey | undefined } | undefined, Row[]> {
  const [row] = yield query(spend, key.locator, serviceId, key.proof, now.getTime())
  return row && { pushedRequest: pushedRequestOf(row) }
}

function ticket(row: Row): Ticket {
  const pushedRequest = pushedRequestOf(row)
  return {
    key: { locator: bytes(row, 'locator'), proof: bytes(row, 'proof') },
    serviceId: integer(row, 'service_id'),
    request: {
      resources: [],
      ...authorizationRequestJson.read(text(row, 'request_json')),
      ...(pushedRequest && { pushedRequest }),
    },
    context: text(row, 'context'),
    expiresAt: time(row, 'expires_at'),
  }
}

function pushedRequestOf(row: Row): HandleKey | undefined {
  const locator = optional(row, 'pushed_locator', bytes)
  const proof = optional(row, 'pushed_proof', bytes)
  return locator && proof && { locator, proof }
}
