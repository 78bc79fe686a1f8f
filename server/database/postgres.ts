import { setTimeout } from 'node:timers/promises'
import { DatabaseError, Pool, TypeOverrides } from 'pg'
import type { PoolClient } from 'pg'
import type { Database, Query, Row, Verb } from './database.ts'

/** Connections to the database, per process. */
const connections = 10

/** How often a verb is run again after a deadlock or a serialization failure. */
const verbRetries = 10

/** The type of BIGINT: as a number, since every integer we keep is below 2^53. See SqlValue. */
const int8 = 20

/** Opens a PostgreSQL database, or any server of its protocol. Statements are prepared once per connection, under their names. */
export function openPostgres(url: string): Database {
  const types = new TypeOverrides()
  types.setTypeParser(int8, Number)
  const pool = new Pool({
    connectionString: url,
    max: connections,
    // Milliseconds. A database that does not answer must become an error, not a request that hangs.
    connectionTimeoutMillis: 5_000,
    types,
  })
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)

  const underWay = new Set<Promise<unknown>>()
  let closed = false

  return {
    dialect: 'postgres',
    read: (query) => watch(() => run(pool, query)),
    write: (query) => watch(() => run(pool, query)),
    transact: (verb) => watch(() => transact(pool, verb)),
    async close() {
      closed = true
      // The pool would forget those that still wait for a connection.
      await Promise.allSettled(underWay)
      await pool.end()
    },
  }

  async function watch<Result>(start: () => Promise<Result>): Promise<Result> {
    if (closed) throw new Error('The database is closed.')
    const call = start()
    underWay.add(call)
    try {
      return await call
    } finally {
      underWay.delete(call)
    }
  }
}

async function run(on: Pool | PoolClient, { statement, values }: Query): Promise<Row[]> {
  const named = statement.name === '' ? {} : { name: `gatehouse_${statement.name}` }
  const { rows } = await on.query<Row>({ ...named, text: statement.sql, values: [...values] })
  return rows
}

async function transact<Result>(pool: Pool, verb: Verb<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await transactOnce(pool, verb)
    } catch (error) {
      if (!isWorthRepeating(error) || tries === verbRetries) throw error
      await setTimeout(Math.random() * 10 * (tries + 1))
    }
  }
}

async function transactOnce<Result>(pool: Pool, verb: Verb<Result>): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const steps = verb()
    let step = steps.next([])
    while (!step.done) step = steps.next(await run(client, step.value))
    await client.query('COMMIT')
    return step.value
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error('ROLLBACK failed')
    })
    throw error
  } finally {
    // A connection that cannot even roll back is not given to anybody again.
    client.release(broken)
  }
}

/** PostgreSQL, Appendix A: 40001 serialization_failure, 40P01 deadlock_detected. */
function isWorthRepeating(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01')
}
