import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Database, Query, Row } from './database.ts'
import { query, statement } from './database.ts'

/** A numbered script of portable SQL. */
interface Migration {
  version: number
  name: string
  checksum: string
  statements: string[]
}

const fileName = /^(\d{4})-[a-z0-9-]+\.sql$/

/** Any number that no other program takes: who holds it in PostgreSQL may migrate. */
const advisoryLock = 7_346_120_993

const lock = statement('', 'SELECT pg_advisory_xact_lock($1)')
const createTable = statement(
  '',
  `CREATE TABLE IF NOT EXISTS schema_migrations (
     scope TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL,
     PRIMARY KEY (scope, version))`,
)
const selectApplied = statement('', 'SELECT version, checksum FROM schema_migrations WHERE scope = $1')
const insertApplied = statement(
  '',
  'INSERT INTO schema_migrations (scope, version, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)',
)

/**
 * Brings the tables up to date with the scripts of a folder, named `0001-what-it-does.sql`. All or nothing, in one transaction, and one
 * process at a time: several may start at once. A script that was applied must not change afterwards.
 */
export async function migrate(database: Database, scope: string, folder: URL): Promise<void> {
  const migrations = await readMigrations(folder)
  await database.transact(function* () {
    if (database.dialect === 'postgres') yield query(lock, advisoryLock)
    yield query(createTable)
    const applied = new Map((yield query(selectApplied, scope)).map(versionAndChecksum))
    for (const migration of migrations) yield* apply(migration, applied.get(migration.version), scope)
  })
}

function* apply(
  migration: Migration,
  appliedChecksum: string | undefined,
  scope: string,
): Generator<Query, void, Row[]> {
  const { version, name, checksum, statements } = migration
  if (appliedChecksum === checksum) return
  if (appliedChecksum !== undefined) {
    throw new Error(
      `The migration ${name} was applied with another content. Restore it, and put the change into a new one.`,
    )
  }
  for (const sql of statements) yield query(statement('', sql))
  yield query(insertApplied, scope, version, name, checksum, Date.now())
}

function versionAndChecksum({ version, checksum }: Row): [number, string] {
  return [Number(version), String(checksum)]
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => fileName.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      // Git may check a file out with the line ends of another system; it is the same migration.
      const script = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n')
      const checksum = createHash('sha256').update(script).digest('hex')
      return { version: Number(name.slice(0, 4)), name, checksum, statements: statementsOf(script) }
    }),
  )
}

/** Our scripts end every statement with a semicolon at the end of a line, and have none anywhere else. */
function statementsOf(script: string): string[] {
  return script
    .replaceAll(/--.*$/gm, '')
    .split(/;\s*$/m)
    .map((sql) => sql.trim())
    .filter((sql) => sql !== '')
}
