import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Database, Query, Row, SqlValue, Statement, Verb } from './database.ts'
import { DatabaseOutage, nameOutages } from './outage.ts'

/** What is used of the `node:sqlite` API. */
interface Connection {
  exec(sql: string): void
  prepare(sql: string): { all(...values: (SqlValue | bigint)[]): Row[] }
  close(): void
}

/** A prepared statement, and which `$` each of its `?` was, in order. */
interface Prepared {
  sql: string
  run: ReturnType<Connection['prepare']>
  order: number[]
  valueCount: number
}

/** At most so many writes share a transaction: the event loop waits for the disk while they are committed. */
const largestGroup = 256

/**
 * Milliseconds that one try waits for another process's transaction, with the event loop standing still, and how often we try again,
 * with the event loop going on in between: ten seconds in all.
 */
const busyTimeoutMs = 5
const busyRetries = 500

/**
 * Opens an embedded SQLite database. GROUP COMMIT: the writes that arrive in one turn of the event loop share one transaction
 * and are answered when it is on disk, so that a durable write costs less than an undurable one of its own.
 */
export async function openSqlite(file: string): Promise<Database> {
  const connection = await connect(file)
  const preparedByName = new Map<string, Prepared>()
  let waiting: Write[] = []
  let flushing: Promise<void> | undefined
  let closing: Promise<void> | undefined

  return {
    dialect: 'sqlite',
    // The answer is there at once; a failure still rejects.
    read: (query) =>
      nameOutages(
        retryWhenBusy(() => {
          refuseWhenClosed()
          return execute(query)
        }),
        isOutage,
      ),
    write: (query) =>
      nameOutages(
        enqueue(() => execute(query)),
        isOutage,
      ),
    transact: (verb) =>
      nameOutages(
        enqueue(() => runVerb(verb)),
        isOutage,
      ),
    close: () => (closing ??= finishAndClose()),
  }

  function refuseWhenClosed(): void {
    if (closing) throw new DatabaseOutage('The database is closed.')
  }

  async function finishAndClose(): Promise<void> {
    while (flushing) await flushing
    try {
      // The package for Node 20 leaves the write-ahead log behind; who copies the file now has everything all the same.
      connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      connection.close()
    }
  }

  function prepare({ name, sql }: Statement): Prepared {
    const known = preparedByName.get(name)
    if (known?.sql === sql) return known
    if (known) throw new Error(`Two statements are called ${name}.`)
    const order: number[] = []
    // A plain `?` for each, because Node 22.16, for one, takes a numbered `?1` for a named parameter. Literals and comments stay as they are.
    const text = sql.replaceAll(
      /'[^']*'|--.*|\$(\d+)|\bFOR (?:UPDATE|SHARE)\b/g,
      (found, number: string | undefined) => {
        if (number === undefined) return found.startsWith('FOR ') ? '' : found
        order.push(Number(number) - 1)
        return '?'
      },
    )
    const statement = {
      sql,
      run: connection.prepare(text),
      order,
      valueCount: Math.max(0, ...order.map((at) => at + 1)),
    }
    if (name !== '') preparedByName.set(name, statement)
    return statement
  }

  function execute({ statement, values }: Query): Row[] {
    const { run, order, valueCount } = prepare(statement)
    // SQLite would take a value that is missing for NULL.
    if (values.length !== valueCount) {
      throw new RangeError(
        `Statement ${statement.name || statement.sql} takes ${valueCount} values, not ${values.length}.`,
      )
    }
    return run.all(...order.map((at) => parameter(values[at] ?? null)))
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
      undoVerb()
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

  /** Commits what arrived in this turn, one group a turn. */
  async function flushSoon(): Promise<void> {
    while (waiting.length > 0) {
      await endOfTurn()
      const group = waiting.slice(0, largestGroup)
      waiting = waiting.slice(largestGroup)
      await commit(group)
    }
    flushing = undefined
  }

  async function commit(group: Write[]): Promise<void> {
    try {
      // Another process may be writing.
      await retryWhenBusy(() => {
        connection.exec('BEGIN IMMEDIATE')
      })
    } catch (error) {
      for (const { reject } of group) reject(error)
      return
    }
    commitNow(group)
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
          if (!inTransaction()) throw error
        }
      }
      connection.exec('COMMIT')
    } catch (error) {
      rollBack()
      for (const { reject } of group) reject(error)
      return
    }
    for (const answer of answers) answer()
  }

  /** A verb that cannot be undone alone takes its group with it. */
  function undoVerb(): void {
    try {
      connection.exec('ROLLBACK TO verb; RELEASE verb')
    } catch {
      rollBack()
    }
  }

  function rollBack(): void {
    try {
      connection.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself.
    }
  }

  /** Asked only after a failure. Not every version has `isTransaction`; none begins a transaction inside another. */
  function inTransaction(): boolean {
    try {
      connection.exec('BEGIN')
    } catch {
      return true
    }
    connection.exec('ROLLBACK')
    return false
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

/** Refuses what PostgreSQL refuses too and SQLite would alter: fractions in BIGINT, and NUL, where the package for Node 20 ends a text. */
function parameter(value: SqlValue): SqlValue | bigint {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`A number must be an integer below 2^53, not ${value}.`)
    // Node hands a number over as REAL: in SQL, 3 / 2 would be 1.5.
    return BigInt(value)
  }
  if (typeof value === 'string' && value.includes('\0')) throw new RangeError('A text must not contain NUL.')
  return value
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /\bdatabase( table| schema)? is (locked|busy)\b/i.test(error.message)
}

/** SQLITE_BUSY, LOCKED, FULL, IOERR and CANTOPEN, by their words: the package for Node 20 gives no codes. */
function isOutage(error: Error): boolean {
  return isBusy(error) || /^(database or disk is full|disk I\/O error|unable to open database file)/.test(error.message)
}

async function connect(file: string): Promise<Connection> {
  const { DatabaseSync } = await findSqlite()
  if (file !== ':memory:') {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    createPrivately(file)
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

/**
 * Makes the file so that nobody else may read it; SQLite gives its side files the same mode. A file that exists is not even opened:
 * POSIX takes all locks of a process off a file when the process closes it once, and with them would go those of another connection
 * of ours, whose write-ahead log the next process to close the file would then delete with acknowledged rows in it.
 */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** Only one process at a time writes, or gives a new file its journal mode. While it is not our turn, the event loop goes on. */
async function retryWhenBusy<Result>(run: () => Result): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return run()
    } catch (error) {
      if (!isBusy(error) || tries === busyRetries) throw error
      await setTimeout(1 + Math.random() * 30)
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
