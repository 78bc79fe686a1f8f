import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import type { Database } from '../../server/database/database.ts'
import { migrate } from '../../server/database/migrate.ts'
import { openDatabase } from '../../server/database/open.ts'
import { createTestDatabase } from '../postgres.ts'

/** Two connections to one migrated front-end database, as two processes have them. */
export interface TestDatabases {
  one: Database
  other: Database
}

/** Runs tests on a real SQLite file and on a real PostgreSQL. */
export function describeOnBoth(what: string, tests: (databases: () => TestDatabases) => void): void {
  describe.each(['SQLite', 'PostgreSQL'])(`${what}, on %s`, (dialect) => {
    let folder: string
    let databases: TestDatabases

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-front-end-'))
      const url =
        dialect === 'SQLite'
          ? `sqlite:${path.join(folder, 'front-end.sqlite')}`
          : await createTestDatabase(inject('postgresUrl'))
      databases = { one: await openDatabase(url), other: await openDatabase(url) }
      await migrate(databases.one, 'front-end', new URL('../../server/migrations/', import.meta.url))
    })

    afterAll(async () => {
      await databases.one.close()
      await databases.other.close()
      await rm(folder, { recursive: true })
    })

    tests(() => databases)
  })
}
