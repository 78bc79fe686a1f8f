import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { query, statement } from '../../server/database/database.ts'
import { openDatabase } from '../../server/database/open.ts'
import { DatabaseOutage } from '../../server/database/outage.ts'
import { typescriptLoader } from '../typescript-loader.ts'
import { describeDatabase, spendInAnotherProcess } from './contract.ts'

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

  it('writes that arrive together share one transaction, of 256 at most', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'group.sqlite')
      const database = await openDatabase(`sqlite:${file}`)
      await database.write(query(createTable))
      const commitsOf = async (run: () => Promise<unknown>) => {
        const before = await countCommits(file)
        await run()
        return (await countCommits(file)) - before
      }
      const writes = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, index) => () => database.write(query(insert, String(from + index))))
      expect(await commitsOf(() => Promise.all(writes(0, 100).map((write) => write())))).toBe(1)
      expect(await commitsOf(() => Promise.all(writes(100, 700).map((write) => write())))).toBe(3)
      const oneByOne = async () => {
        for (const write of writes(700, 710)) await write()
      }
      expect(await commitsOf(oneByOne)).toBe(10)
      await database.close()
    })
  })

  it('between two groups the event loop goes on', async () => {
    await inFolder(async (folder) => {
      const database = await openDatabase(`sqlite:${join(folder, 'turns.sqlite')}`)
      await database.write(query(createTable))
      const order: string[] = []
      const writes = Array.from({ length: 600 }, (_, index) => database.write(query(insert, String(index))))
      void writes[0]?.then(() => setImmediate()).then(() => order.push('another turn'))
      await Promise.all([...writes.slice(0, -1), writes.at(-1)?.then(() => order.push('last group'))])
      expect(order).toEqual(['another turn', 'last group'])
      await database.close()
    })
  })

  it('every commit waits for the disk', async () => {
    await inFolder(async (folder) => {
      const database = await openDatabase(`sqlite:${join(folder, 'pragma.sqlite')}`)
      const pragma = (name: string) => database.read(query(statement('', `PRAGMA ${name}`)))
      expect(await pragma('synchronous')).toEqual([{ synchronous: 2 }]) // FULL
      expect(await pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }])
      expect(await pragma('foreign_keys')).toEqual([{ foreign_keys: 1 }])
      await database.close()
    })
  })

  it('given another process that holds the lock, then a write waits for it while the event loop goes on', async () => {
    await inFolder(async (folder) => {
      const url = `sqlite:${join(folder, 'locked.sqlite')}`
      const database = await openDatabase(url)
      await database.write(query(createTable))
      const holder = spawn(
        process.execPath,
        ['--import', typescriptLoader, resolve(import.meta.dirname, 'holder.ts'), url],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      )
      await once(holder.stdout, 'data') // It has the lock.
      let written = false
      const write = database.write(query(insert, 'mine')).then(() => (written = true))
      for (let turn = 0; turn < 20; turn += 1) await setImmediate() // The write is tried in the first of these turns.
      expect(written).toBe(false)
      expect(await database.read(query(selectAll))).toEqual([])
      holder.stdin.end()
      await write
      expect(await database.read(query(statement('', 'SELECT id FROM acknowledged ORDER BY id')))).toEqual([
        { id: 'mine' },
        { id: 'theirs' },
      ])
      await database.close()
    })
  })

  it('given a file that one process has open twice, when another closes it, then no acknowledged row is lost', async () => {
    await inFolder(async (folder) => {
      const url = `sqlite:${join(folder, 'twice.sqlite')}`
      const first = await openDatabase(url)
      await first.write(query(statement('', 'CREATE TABLE things (id TEXT PRIMARY KEY, spent_at BIGINT)')))
      const second = await openDatabase(url)
      expect(await spendInAnotherProcess(url)).toBe(0)
      await first.write(query(statement('', "INSERT INTO things (id) VALUES ('first')")))
      await second.write(query(statement('', "INSERT INTO things (id) VALUES ('second')")))
      expect(await spendInAnotherProcess(url)).toBe(2)
      await first.close()
      await second.close()
    })
  })

  it('given a disk that is full, then an outage, and writes succeed as soon as there is room', async () => {
    await inFolder(async (folder) => {
      const database = await openDatabase(`sqlite:${join(folder, 'full.sqlite')}`)
      await database.write(query(createTable))
      const limit = (pages: number) => database.read(query(statement('', `PRAGMA max_page_count = ${pages}`)))
      await limit(1) // No less than what is in use already.
      const large = 'x'.repeat(100_000)
      await expect(database.write(query(insert, large))).rejects.toThrow(DatabaseOutage)
      expect(await database.read(query(selectAll))).toEqual([])
      await limit(1_000)
      await database.write(query(insert, large))
      expect(await database.read(query(selectAll))).toEqual([{ id: large }])
      await database.close()
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

/** SQLite, WAL file format: after 32 bytes of header come frames of 24 bytes and a page; bytes 4 to 7 of a commit's last frame are not 0. */
async function countCommits(file: string): Promise<number> {
  const log = await readFile(`${file}-wal`)
  const frameSize = 24 + log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + frameSize <= log.length; at += frameSize) if (log.readUInt32BE(at + 4) !== 0) commits += 1
  return commits
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sqlite-'))
  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
