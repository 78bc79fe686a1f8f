import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { inject } from 'vitest'
import { createTestDatabase } from '../../postgres.ts'
import type { TestDatabase } from './contract.ts'

export async function createSqliteDatabase(): Promise<TestDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-storage-'))
  return {
    url: `sqlite:${join(directory, 'engine.db')}`,
    // The file and its write-ahead log, byte by byte.
    async dump() {
      const files = await readdir(directory)
      const contents = await Promise.all(files.map((file) => readFile(join(directory, file), 'latin1')))
      return contents.join('\n')
    },
    drop: () => rm(directory, { recursive: true, force: true }),
  }
}

export async function createPostgresDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl')
  const url = await createTestDatabase(serverUrl)
  return {
    url,
    // Every row of every table, as PostgreSQL writes it.
    async dump() {
      const tables = await select(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
      const rows = await Promise.all(tables.map((table) => select(url, `SELECT CAST(t AS TEXT) FROM ${table} t`)))
      return rows.flat().join('\n')
    },
    async drop() {
      await select(serverUrl, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`)
    },
  }
}

/** The first column of what a statement answers. */
async function select(url: string, sql: string): Promise<string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
  await client.end()
  return rows.map(([first]) => String(first))
}
