import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Database, Query, Row, SqlValue, Statement, Verb } from './database.ts'

/** What is used of the `node:sqlite` API. */
interface Connection {
  readonly isTransaction?: boolean
  exec(sql: string): void
  prepare(sql: string): { all(...values: SqlValue[]): Row[] }
  close(): void
}

/** At most so many writes share a transaction: the event loop waits for the disk while they are committed. */
const largestGroup = 256

/** Milliseconds that a call waits for another process's transaction, and how often the group is tried again after that. */
const busyTimeoutMs = 100
const busyRetries = 100

/**
 * Opens an embedded SQLite database. GROUP COMMIT: the writes that arrive in one turn of the event loop share one transaction
 * and are answered when it is on disk, so that a durable write costs less than an undurable one of its own.
 */
export async function openSqlite(file: string): Promise<Database> {
  const connection = await connect(file)
  const prepared = new Map<string, ReturnType<Connection['prepare']>>()
  let waiting: Write[] = []
  let flushing: Promise<void> | undefined
  let closed = false

  return {
    dialect: 'sqlite',
    // The answer is there at once; a failure still rejects.
    read: (query) =>
      new Promise((resolve) => {
        refuseWhenClosed()
        resolve(execute(query))
      }),
    write: (query) => enqueue(() => execute(query)),
    transact: (verb) => enqueue(() => runVerb(verb)),
    async close() {
      closed = true
      while (flushing) await flushing
      connection.close()
    },
  }

  function refuseWhenClosed(): void {
    if (closed) throw new Error('The database is closed.')
  }

  function prepare({ name, sql }: Statement): ReturnType<Connection['prepare']> {
    const known = prepared.get(name)
    if (known) return known
    // `$1` is a named parameter to SQLite; `?1` is the first one.
    const statement = connection.prepare(sql.replaceAll(/\$(\d+)/g, '?$1'))
    if (name !== '') prepared.set(name, statement)
    return statement
  }

  function execute({ statement, values }: Query): Row[] {
    return prepare(statement).all(...values)
  }

  /** A verb has a savepoint of its own: one that fails is undone without the others of its group. */
  function runVerb<Result>(verb: Verb<Result>): Result {
    connection.exec('SAVEPOINT verb')
    try {
      const steps = verb()
      let step = steps.next([])
      while (!step.done) step = steps.next(execute(step.value))
      connection.exec('RELEASE verb')
      return step.value
    } catch (error) {
      if (connection.isTransaction !== false) connection.exec('ROLLBACK TO verb; RELEASE verb')
      throw error
    }
  }

  function enqueue<Result>(run: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      refuseWhenClosed()
      waiting.push({
        run() {
          const result = run()
          return () => {
            resolve(result)
          }
        },
        reject,
      })
      flushing ??= flushSoon()
    })
  }

  /** Commits what arrived in this turn, then what arrived meanwhile. */
  async function flushSoon(): Promise<void> {
    await endOfTurn()
    while (waiting.length > 0) {
      const group = waiting.slice(0, largestGroup)
      waiting = waiting.slice(largestGroup)
      await commit(group)
    }
    flushing = undefined
  }

  async function commit(group: Write[]): Promise<void> {
    try {
      await begin()
    } catch (error) {
      for (const { reject } of group) reject(error)
      return
    }
    commitNow(group)
  }

  /** Another process may be writing. Between tries the event loop goes on. */
  async function begin(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        connection.exec('BEGIN IMMEDIATE')
        return
      } catch (error) {
        if (!isBusy(error) || tries === busyRetries) throw error
        await setTimeout(1 + Math.random() * 10)
      }
    }
  }

  /** From here to COMMIT nothing else runs: no read ever sees half of a group. */
  function commitNow(group: Write[]): void {
    const answers: (() => void)[] = []
    try {
      for (const write of group) {
        try {
          answers.push(write.run())
        } catch (error) {
          write.reject(error)
          // A full disk or an input/output error undoes the whole transaction: nothing of the group may be answered.
          if (connection.isTransaction === false) throw error
        }
      }
      connection.exec('COMMIT')
    } catch (error) {
      if (connection.isTransaction !== false) rollBack()
      for (const { reject } of group) reject(error)
      return
    }
    for (const answer of answers) answer()
  }

  function rollBack(): void {
    try {
      connection.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself.
    }
  }
}

interface Write {
  /** Runs the write and returns what answers it, to be called after the commit. */
  run: () => () => void
  reject: (error: unknown) => void
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /\b(locked|busy)\b/i.test(error.message)
}

async function connect(file: string): Promise<Connection> {
  const { DatabaseSync } = await findSqlite()
  if (file !== ':memory:') {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // Made here, so that nobody else may read it; SQLite gives its side files the same mode.
    closeSync(openSync(file, 'a', 0o600))
  }
  const connection = new DatabaseSync(file)
  connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  await retryWhenBusy(() => {
    connection.exec('PRAGMA journal_mode = WAL')
  })
  // FULL: what was answered survives a power cut. 64 MiB of cache. Negative means KiB.
  connection.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536')
  return connection
}

/** Several processes may open a new file at once; only one of them can change its journal mode. */
async function retryWhenBusy(run: () => void): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      run()
      return
    } catch (error) {
      if (!isBusy(error) || tries === busyRetries) throw error
      await setTimeout(1 + Math.random() * 10)
    }
  }
}

interface SqliteModule {
  DatabaseSync: new (file: string) => Connection
}

/** Built into Node from 22.13 on; before that, a package with the same API and its binaries inside. */
async function findSqlite(): Promise<SqliteModule> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const builtIn = major > 22 || (major === 22 && minor >= 13)
  const name: string = builtIn ? 'node:sqlite' : '@photostructure/sqlite'
  const module: unknown = await import(name)
  if (isSqliteModule(module)) return module
  throw new Error(`${name} does not offer DatabaseSync.`)
}

function isSqliteModule(module: unknown): module is SqliteModule {
  return (
    typeof module === 'object' &&
    module !== null &&
    'DatabaseSync' in module &&
    typeof module.DatabaseSync === 'function'
  )
}
