import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { query, statement } from '../../server/database/database.ts'
import { openDatabase } from '../../server/database/open.ts'
import { typescriptLoader } from '../typescript-loader.ts'
import { describeDatabase } from './contract.ts'

describeDatabase('SQLite', (folder) => Promise.resolve(`sqlite:${join(folder, `${randomUUID()}.sqlite`)}`))

const createTable = statement('', 'CREATE TABLE acknowledged (id TEXT PRIMARY KEY)')
const insert = statement('insert_row', 'INSERT INTO acknowledged (id) VALUES ($1)')
const selectAll = statement('select_all', 'SELECT id FROM acknowledged')

describe('SQLite: durability and group commit', () => {
  it('given a process that is killed while it writes, when the file is opened again, then every acknowledged row is there', async () => {
    await inFolder(async (folder) => {
      const url = `sqlite:${join(folder, 'killed.sqlite')}`
      const before = await openDatabase(url)
      await before.write(query(createTable))
      await before.close()
      const program = resolve(import.meta.dirname, 'writer.ts')
      const writer = spawn(process.execPath, ['--import', typescriptLoader, program, url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const acknowledged: string[] = []
      for await (const line of createInterface({ input: writer.stdout })) {
        acknowledged.push(line)
        if (acknowledged.length === 400) writer.kill('SIGKILL')
      }
      if (writer.signalCode === null) await once(writer, 'exit')
      const after = await openDatabase(url)
      const kept = new Set((await after.read(query(selectAll))).map(({ id }) => id))
      expect(await after.read(query(statement('', 'PRAGMA integrity_check')))).toEqual([{ integrity_check: 'ok' }])
      await after.close()
      // The last line may be cut off by the kill; whole ones were acknowledged.
      const whole = acknowledged.filter((line) => /^\d+-\d$/.test(line))
      expect(whole.length).toBeGreaterThanOrEqual(400)
      expect(whole.filter((id) => !kept.has(id))).toEqual([])
    })
  })

  it('writes that arrive together share one transaction', async () => {
    await inFolder(async (folder) => {
      const url = `sqlite:${join(folder, 'group.sqlite')}`
      const database = await openDatabase(url)
      await database.write(query(createTable))
      const observer = await openDatabase(url)
      // data_version of one connection changes by one with every commit of another.
      const dataVersion = async () =>
        Number((await observer.read(query(statement('', 'PRAGMA data_version'))))[0]?.['data_version'])
      const before = await dataVersion()
      await Promise.all(Array.from({ length: 100 }, (_, index) => database.write(query(insert, String(index)))))
      expect(await dataVersion()).toBe(before + 1)
      await database.close()
      await observer.close()
    })
  })

  it('the file is readable by its owner only', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'inner', 'private.sqlite')
      const database = await openDatabase(`sqlite:${file}`)
      await database.write(query(createTable))
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect((await stat(join(folder, 'inner'))).mode & 0o777).toBe(0o700)
      await database.close()
    })
  })
})

describe('database addresses', () => {
  it.each(['mysql://user:hidden@host/db', 'sqlite:', 'file.sqlite', ''])(
    '%s is refused without repeating it',
    async (url) => {
      const attempt = openDatabase(url)
      await expect(attempt).rejects.toThrow(/begins with "sqlite:"/)
      await expect(attempt).rejects.not.toThrow(/hidden/)
    },
  )
})

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sqlite-'))
  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
