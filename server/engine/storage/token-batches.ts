import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import type { HandleKey } from '../handle.ts'
import { beginGrant } from './grants.ts'
import { bytes, choice, integer, optional, text, time } from './row.ts'
import type { BatchDecision, BatchName, Storage, TokenBatch, TokensToKeep } from './storage.ts'
import type { Pair } from './single-access-tokens.ts'
import { endTokensOfAll } from './single-access-tokens.ts'
import { insertAccess, insertRefresh } from './tokens.ts'

const insert = statement(
  'keep_token_batch',
  `INSERT INTO token_batches (request_id, service_id, token_count, created_at, modified_at, expires_at)
   VALUES ($1, $2, 0, $3, $3, $4)`,
)
const select = statement(
  'find_token_batch',
  'SELECT * FROM token_batches WHERE request_id = $1 AND service_id = $2 AND expires_at > $3',
)
const decide = statement(
  'decide_token_batch',
  `UPDATE token_batches SET result = $3, token_count = $4, error_code = $5, error_description = $6, modified_at = $7
   WHERE request_id = $1 AND service_id = $2 AND result IS NULL
   RETURNING request_id`,
)

type BatchVerbs = 'keepTokenBatch' | 'findTokenBatch' | 'decideTokenBatch' | 'issueTokenBatch'

/** Tokens that are created together, all of them or none. */
export function tokenBatchVerbs(database: Database): Pick<Storage, BatchVerbs> {
  return {
    async keepTokenBatch({ requestId, serviceId, createdAt, expiresAt }) {
      await database.write(query(insert, requestId, serviceId, createdAt.getTime(), expiresAt.getTime()))
    },

    async findTokenBatch(serviceId, requestId, now) {
      const [row] = await database.read(query(select, requestId, serviceId, now.getTime()))
      return row && tokenBatchOf(row)
    },

    async decideTokenBatch(batch, decision, now) {
      await database.write(decisionOn(batch, decision, now))
    },

    async issueTokenBatch(batch, tokens, dryRun, now) {
      try {
        return await database.transact(function* () {
          // First of all: whoever else would decide waits for this transaction, or it keeps nothing.
          const [decided] = yield decisionOn(batch, { result: 'SUCCEEDED', tokenCount: tokens.length }, now)
          if (!decided) return 'too-late'
          yield* keepAll(tokens, now)
          if (dryRun) throw new DryRunEnds()
          return 'issued'
        })
      } catch (error) {
        if (error instanceof DryRunEnds) return 'possible'
        throw error
      }
    },
  }
}

/** What was wrong with an element of a batch, counted from 0. Nothing of the batch was kept. */
export class BatchElementError extends Error {
  readonly index: number

  constructor(index: number, cause: unknown) {
    super(`element ${index} of a batch was not kept`, { cause })
    this.name = 'BatchElementError'
    this.index = index
  }
}

/** A verb that throws is undone. */
class DryRunEnds extends Error {}

/**
 * Of two batches for the same people or with the same values, the second one waits at the first thing that they share, in whatever order
 * each was given: both take the pairs, the grants, the access tokens and the refresh tokens in this order, and each of these by their keys.
 */
function* keepAll(elements: readonly TokensToKeep[], now: Date): Generator<Query, void, Row[]> {
  yield* endTokensOfAll(elements.flatMap(pairOf), now)
  const tokens = elements.map(({ grant, records }, index) => ({ grant, records, index }))
  for (const { grant, records, index } of tokens) {
    const { subject } = grant
    if (subject !== undefined) yield* atElement(index, beginGrant({ ...grant, subject }, records))
  }
  const access = tokens.map(({ records, index }) => ({ token: records.accessToken, index }))
  for (const { token, index } of access.sort(byLocator)) yield* atElement(index, insertAccess(token))
  const refresh = tokens.flatMap(({ records: { refreshToken: token }, index }) => (token ? [{ token, index }] : []))
  for (const { token, index } of refresh.sort(byLocator)) yield* atElement(index, insertRefresh(token))
}

/** The subject and the client whose other tokens end, if there are such. */
function pairOf({ grant: { serviceId, clientId, subject }, records }: TokensToKeep): Pair[] {
  return records.endsOthers && subject !== undefined ? [{ serviceId, clientId, subject }] : []
}

type Located = { token: { key: HandleKey } }

function byLocator({ token: one }: Located, { token: other }: Located): number {
  return Buffer.compare(one.key.locator, other.key.locator)
}

/** A step, of which it is said which element it was for when it fails. */
function* atElement(index: number, step: Generator<Query, void, Row[]>): Generator<Query, void, Row[]> {
  try {
    yield* step
  } catch (error) {
    throw new BatchElementError(index, error)
  }
}

function decisionOn({ serviceId, requestId }: BatchName, decision: BatchDecision, now: Date): Query {
  const columns =
    decision.result === 'SUCCEEDED'
      ? [decision.tokenCount, null, null]
      : [0, decision.errorCode, decision.errorDescription]
  return query(decide, requestId, serviceId, decision.result, ...columns, now.getTime())
}

function tokenBatchOf(row: Row): TokenBatch {
  const decision = optional(row, 'result', decisionIn)
  return {
    requestId: bytes(row, 'request_id'),
    serviceId: integer(row, 'service_id'),
    ...(decision && { decision }),
    createdAt: time(row, 'created_at'),
    modifiedAt: time(row, 'modified_at'),
    expiresAt: time(row, 'expires_at'),
  }
}

function decisionIn(row: Row): BatchDecision {
  const result = choice(row, 'result', results)
  return result === 'SUCCEEDED'
    ? { result, tokenCount: integer(row, 'token_count') }
    : { result, errorCode: text(row, 'error_code'), errorDescription: text(row, 'error_description') }
}

const results: Record<BatchDecision['result'], true> = { SUCCEEDED: true, FAILED: true }
