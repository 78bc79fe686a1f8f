/** A value as both databases keep it. Integers stay below 2^53; times are milliseconds since 1970; bytes are hashes and locators. */
export type SqlValue = string | number | null | Uint8Array

export type Row = Record<string, SqlValue>

/**
 * One portable SQL statement. `$1`, `$2` … stand for the values, in both databases. `FOR UPDATE` holds the rows that a SELECT finds to the
 * end of the transaction, `FOR SHARE` against changes alone; SQLite, where whoever writes has the whole database, leaves them out.
 * The name identifies the prepared statement: one name, one text, for the life of the process.
 */
export interface Statement {
  readonly name: string
  readonly sql: string
}

/** A statement with its values: what a verb hands to the driver with `yield`. */
export interface Query {
  readonly statement: Statement
  readonly values: readonly SqlValue[]
}

/**
 * A verb: the statements of one transaction, written as a generator that yields a query and is given its rows.
 * The driver decides whether a step waits: SQLite answers at once, PostgreSQL after a round trip. A verb that throws is undone.
 * A verb may be run again from its beginning (deadlock, serialization failure), so it changes nothing but the database.
 */
export type Verb<Result> = () => Generator<Query, Result, Row[]>

export interface Database {
  readonly dialect: 'sqlite' | 'postgres'

  /** Reads with one statement, outside any transaction. */
  read(query: Query): Promise<Row[]>

  /** Runs one writing statement, atomic by itself. Resolves when it is committed and on disk. */
  write(query: Query): Promise<Row[]>

  /** Runs a verb as one transaction. Resolves with the verb's result when it is committed and on disk. */
  transact<Result>(verb: Verb<Result>): Promise<Result>

  /** Lets what is under way finish, then closes. Later calls reject. */
  close(): Promise<void>
}

/** Names a statement once, beside the verb that uses it. */
export function statement(name: string, sql: string): Statement {
  return { name, sql }
}

/** Puts values into a statement. */
export function query(statement: Statement, ...values: SqlValue[]): Query {
  return { statement, values }
}
