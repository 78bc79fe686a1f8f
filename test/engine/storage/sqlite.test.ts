import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import type { TestDatabase } from './contract.ts'
import { describeStorage } from './contract.ts'

describe('Storage on SQLite', async () => {
  await describeStorage(createDatabase)
})

async function createDatabase(): Promise<TestDatabase> {
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
