import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { DatabaseError, Pool, TypeOverrides } from 'pg'
import type { PoolClient } from 'pg'
import type { Database, Query, Row, Verb } from './database.ts'
import { DatabaseOutage, nameOutages } from './outage.ts'

/** Connections to the database, per process. */
const connections = 10

/** How often a verb or a statement is run again after a failure that says that it was undone and may be repeated. */
const retries = 10

/** Milliseconds that a connection may take, and a statement. A database that does not answer must become an error, not a request that hangs. */
const connectionPatienceMs = 5_000
const statementPatienceMs = 8_000

/** Types by their number in PostgreSQL's catalogue. A sum of BIGINT is NUMERIC. */
const [bool, int8, numeric] = [16, 20, 1700]

/** Opens a PostgreSQL database, or any server of its protocol. Statements are prepared once per connection, under their names. */
export function openPostgres(url: string, patienceMs = statementPatienceMs): Database {
  const types = new TypeOverrides()
  types.setTypeParser(int8, parseInteger)
  types.setTypeParser(numeric, parseInteger)
  // SQLite has no BOOLEAN: both answer EXISTS with 1 or 0.
  types.setTypeParser(bool, (text) => (text === 't' ? 1 : 0))
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectionPatienceMs,
    query_timeout: patienceMs,
    types,
  })
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  // So would one that breaks while a verb has it. The verb is told by the statement that fails.
  pool.on('connect', (client) => client.on('error', () => undefined))

  const underWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  return {
    dialect: 'postgres',
    read: (query) => watch(() => run(pool, query)),
    write: (query) => watch(() => run(pool, query)),
    transact: (verb) => watch(() => transact(pool, verb)),
    close: () => (closing ??= finishAndClose()),
  }

  /** The pool would forget those that still wait for a connection. */
  async function finishAndClose(): Promise<void> {
    await Promise.allSettled(underWay)
    await pool.end()
  }

  async function watch<Result>(attempt: () => Promise<Result>): Promise<Result> {
    if (closing) throw new DatabaseOutage('The database is closed.')
    const call = nameOutages(repeat(attempt), isOutage)
    underWay.add(call)
    try {
      return await call
    } finally {
      underWay.delete(call)
    }
  }
}

/** Runs what is one transaction, and runs it again where PostgreSQL undid it for no fault of its own. */
async function repeat<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!isWorthRepeating(error) || tries === retries) throw error
      await setTimeout(Math.random() * 10 * (tries + 1))
    }
  }
}

async function run(on: Pool | PoolClient, { statement, values }: Query): Promise<Row[]> {
  // What has no name is run once: migrations, and who waits for those of another process. They may take their time.
  const kind = statement.name === '' ? { query_timeout: 600_000 } : { name: preparedName(statement.name) }
  const { rows } = await on.query<Row>({ ...kind, text: statement.sql, values: [...values] })
  return rows
}

async function transact<Result>(pool: Pool, verb: Verb<Result>): Promise<Result> {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query('BEGIN')
    const steps = verb()
    let step = steps.next([])
    while (!step.done) step = steps.next(await run(client, step.value))
    await client.query('COMMIT')
    return step.value
  } catch (error) {
    broken = isPlanOutOfDate(error) || (error instanceof Error && isOutage(error) && !isConflict(error))
    // PostgreSQL undoes what a connection leaves behind: where nothing answers, nobody is asked to.
    if (!broken) {
      await client.query('ROLLBACK').catch(() => {
        broken = true
      })
    }
    throw error
  } finally {
    // A connection that cannot roll back, or holds statements that can never run again, is not given to anybody again.
    client.release(broken)
  }
}

/** PostgreSQL keeps 63 bytes of a name. Two long ones that begin alike must not become one. */
function preparedName(name: string): string {
  const whole = `gatehouse_${name}`
  return whole.length <= 63 ? whole : `gatehouse_${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
}

/** Every integer we keep is below 2^53. Another is an error, not a number that is nearly right. */
function parseInteger(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number))
    throw new RangeError(`The database holds ${text}, where an integer below 2^53 was expected.`)
  return number
}

function isWorthRepeating(error: unknown): boolean {
  return isPlanOutOfDate(error) || isConflict(error)
}

/** PostgreSQL, Appendix A: 40001 serialization_failure, 40P01 deadlock_detected. The connection is as good as before. */
function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01')
}

/** While we run, the next release has added a column to a table that a prepared statement reads with `*`. It did not run; a new connection prepares it anew. */
function isPlanOutOfDate(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
}

/** Says whether PostgreSQL is gone, full or too busy: by its code, or by the words of the client, which has no codes for it. */
function isOutage(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && outageCodes.test(error.code)) return true
  return outageMessages.test(error.message)
}

/** PostgreSQL, Appendix A: 08 connections (but for 08P01, which a statement of ours with too few values is), 25006 a server that only reads, 40 and 57014 given up, 53 resources, 57P shutdown; and what the system says. */
const outageCodes =
  /^(08(?!P01)...|25006|40...|53...|57014|57P..|ECONN[A-Z]+|E(HOST|NET)UNREACH|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)$/

const outageMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/
