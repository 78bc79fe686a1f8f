import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../server/database/database.ts'
import { query, statement } from '../../server/database/database.ts'
import { migrate } from '../../server/database/migrate.ts'
import { openDatabase } from '../../server/database/open.ts'
import { typescriptLoader } from '../typescript-loader.ts'

const insert = statement('insert_thing', 'INSERT INTO things (id, amount, bytes, note) VALUES ($1, $2, $3, $4)')
const find = statement('find_thing', 'SELECT * FROM things WHERE id = $1')
const spend = statement(
  'spend_thing',
  'UPDATE things SET spent_at = $2 WHERE id = $1 AND spent_at IS NULL RETURNING id, spent_at',
)
const countAll = statement('count_things', 'SELECT COUNT(*) AS number FROM things WHERE note = $1')

const script = `-- A table for tests; with a comment that ends in a semicolon;
CREATE TABLE things (id TEXT PRIMARY KEY, amount BIGINT, bytes BYTEA, note TEXT, spent_at BIGINT);
CREATE INDEX things_by_note ON things (note);
`

/** What every database must do, on a real one. `createUrl` makes an empty database. */
export function describeDatabase(name: string, createUrl: (folder: string) => Promise<string>): void {
  describe(name, () => {
    let folder: string
    let url: string
    let database: Database
    let migrations: URL

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gatehouse-database-'))
      migrations = pathToFileURL(`${join(folder, 'migrations')}/`)
      await writeScripts(migrations, { '0001-things.sql': script })
      url = await createUrl(folder)
      database = await openDatabase(url)
      await migrate(database, 'things', migrations)
    })

    afterAll(async () => {
      await database.close()
      await rm(folder, { recursive: true, force: true })
    })

    const put = (id: string, note = '') => query(insert, id, 1, null, note)

    it('gives back what it was given', async () => {
      const id = randomUUID()
      const bytes = Uint8Array.from([0, 255, 128, 10])
      await database.write(query(insert, id, Number.MAX_SAFE_INTEGER, bytes, 'ü€😀"\'; DROP TABLE things'))
      const [row] = await database.read(query(find, id))
      expect(row).toMatchObject({
        id,
        amount: Number.MAX_SAFE_INTEGER,
        note: 'ü€😀"\'; DROP TABLE things',
        spent_at: null,
      })
      expect(row?.['bytes']).toBeInstanceOf(Uint8Array)
      expect(Buffer.from(row?.['bytes'] instanceof Uint8Array ? row['bytes'] : [])).toEqual(Buffer.from(bytes))
    })

    it('gives back bytes that are there but none', async () => {
      const id = randomUUID()
      await database.write(query(insert, id, 1, new Uint8Array(), ''))
      const [row] = await database.read(query(find, id))
      expect(row?.['bytes']).toBeInstanceOf(Uint8Array)
      expect(row?.['bytes']).toHaveLength(0)
    })

    it('a place for a value may come again, or before another; in a literal it is text', async () => {
      const select = statement(
        'places',
        "SELECT CAST($2 AS TEXT) AS b, 'it''s $1' AS c, CAST($1 AS TEXT) AS a, CAST($2 AS TEXT) AS d",
      )
      expect(await database.read(query(select, 'one', 'two'))).toEqual([{ a: 'one', b: 'two', c: "it's $1", d: 'two' }])
    })

    it('sums, counts and answers yes or no in integers', async () => {
      const note = randomUUID()
      await database.write(put(randomUUID(), note))
      await database.write(put(randomUUID(), note))
      const total = statement(
        'total',
        'SELECT SUM(amount) AS sum, COUNT(*) AS number, SUM(amount) / 2 AS half, EXISTS (SELECT 1 FROM things) AS any_there FROM things WHERE note = $1',
      )
      expect(await database.read(query(total, note))).toEqual([{ sum: 2, number: 2, half: 1, any_there: 1 }])
    })

    it.each([
      ['a text with NUL', [randomUUID(), 1, null, 'before\0after']],
      ['a fraction as BIGINT', [randomUUID(), 1.5, null, '']],
      ['a number that is none', [randomUUID(), NaN, null, '']],
      ['fewer values than places', [randomUUID(), 1, null]],
      ['more values than places', [randomUUID(), 1, null, '', '']],
    ])('%s is refused, not altered', async (_, values) => {
      await expect(database.write(query(insert, ...values))).rejects.toThrow()
      expect(await database.read(query(find, values[0] ?? null))).toEqual([])
    })

    it('one name is one statement', async () => {
      await database.read(query(statement('one_name', 'SELECT 1 AS number')))
      await expect(database.read(query(statement('one_name', 'SELECT 2 AS number')))).rejects.toThrow()
    })

    it('long names that begin alike are two statements', async () => {
      const long = 'a_name_that_is_longer_than_what_a_database_keeps_of_it_which_is_63_bytes'
      expect(await database.read(query(statement(`${long}_1`, 'SELECT 1 AS number')))).toEqual([{ number: 1 }])
      expect(await database.read(query(statement(`${long}_2`, 'SELECT 2 AS number')))).toEqual([{ number: 2 }])
    })

    it('undoes a verb that throws, whole', async () => {
      const id = randomUUID()
      const attempt = database.transact(function* () {
        yield put(id)
        throw new Error('changed my mind')
      })
      await expect(attempt).rejects.toThrow('changed my mind')
      expect(await database.read(query(find, id))).toEqual([])
    })

    it('undoes a verb whose second statement fails, whole', async () => {
      const id = randomUUID()
      const attempt = database.transact(function* () {
        yield put(id)
        yield put(id)
      })
      await expect(attempt).rejects.toThrow()
      expect(await database.read(query(find, id))).toEqual([])
    })

    it('a write that fails takes none of those with it that arrived at the same time', async () => {
      const taken = randomUUID()
      await database.write(put(taken))
      const others = Array.from({ length: 20 }, () => randomUUID())
      const results = await Promise.allSettled([
        ...others.slice(0, 10).map((id) => database.write(put(id))),
        database.write(put(taken)),
        database.transact(function* () {
          yield put(randomUUID(), 'never')
          yield put(taken)
        }),
        ...others.slice(10).map((id) => database.write(put(id))),
      ])
      expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(2)
      for (const id of others) expect(await database.read(query(find, id))).toHaveLength(1)
      expect(await database.read(query(countAll, 'never'))).toEqual([{ number: 0 }])
    })

    it('a verb sees what it wrote, and gives its result', async () => {
      const id = randomUUID()
      const seen = await database.transact(function* () {
        yield put(id)
        const rows = yield query(find, id)
        return rows.length
      })
      expect(seen).toBe(1)
    })

    it('of 64 that spend one thing through two connections, one wins', async () => {
      const id = randomUUID()
      await database.write(put(id))
      const other = await openDatabase(url)
      const attempts = Array.from({ length: 64 }, (_, index) =>
        (index % 2 === 0 ? database : other).write(query(spend, id, index + 1)),
      )
      const won = (await Promise.all(attempts)).filter((rows) => rows.length === 1)
      await other.close()
      expect(won).toHaveLength(1)
      const [row] = await database.read(query(find, id))
      expect(row?.['spent_at']).toBe(won[0]?.[0]?.['spent_at'])
    })

    it('of 64 verbs that read and then spend through two connections, one wins', async () => {
      const id = randomUUID()
      await database.write(put(id))
      const other = await openDatabase(url)
      const attempts = Array.from({ length: 64 }, (_, index) =>
        (index % 2 === 0 ? database : other).transact(function* () {
          const won = yield query(spend, id, index + 1)
          if (won.length === 0) return 'lost'
          yield put(`${id}-spent`)
          return 'won'
        }),
      )
      const outcomes = await Promise.all(attempts)
      await other.close()
      expect(outcomes.filter((outcome) => outcome === 'won')).toHaveLength(1)
    })

    it('a row that a verb reads FOR UPDATE is its own to the end: of 32 that add what they read, none is lost', async () => {
      const id = randomUUID()
      await database.write(put(id))
      const other = await openDatabase(url)
      const hold = statement('hold_thing', 'SELECT amount FROM things WHERE id = $1 FOR UPDATE')
      const setAmount = statement('set_amount', 'UPDATE things SET amount = $2 WHERE id = $1')
      const verbs = Array.from({ length: 32 }, (_, index) =>
        (index % 2 === 0 ? database : other).transact(function* () {
          const [row] = yield query(hold, id)
          yield query(setAmount, id, Number(row?.['amount']) + 1)
        }),
      )
      await Promise.all(verbs)
      await other.close()
      expect(await database.read(query(find, id))).toMatchObject([{ amount: 33 }])
    })

    it('of 200 things that two processes spend at once, each is spent once', async () => {
      const shared = await createUrl(folder)
      const seeding = await openDatabase(shared)
      await migrate(seeding, 'things', migrations)
      await Promise.all(Array.from({ length: 200 }, () => seeding.write(put(randomUUID()))))
      const won = await Promise.all([spendInAnotherProcess(shared), spendInAnotherProcess(shared)])
      const spent = await seeding.read(query(statement('', 'SELECT COUNT(spent_at) AS number FROM things')))
      await seeding.close()
      expect(won[0] + won[1]).toBe(200)
      expect(spent).toEqual([{ number: 200 }])
    })

    it('verbs that change the same rows in opposite orders all finish', async () => {
      const [one, two] = [randomUUID(), randomUUID()]
      await Promise.all([database.write(put(one)), database.write(put(two))])
      const increment = statement('increment_thing', 'UPDATE things SET amount = amount + 1 WHERE id = $1')
      const verbs = Array.from({ length: 4 }, (_, index) =>
        database.transact(function* () {
          const [first, second] = index % 2 === 0 ? [one, two] : [two, one]
          yield query(increment, first)
          yield query(increment, second)
        }),
      )
      await Promise.all(verbs)
      expect(await database.read(query(find, one))).toMatchObject([{ amount: 5 }])
      expect(await database.read(query(find, two))).toMatchObject([{ amount: 5 }])
    })

    it('migrations of several that start at once are applied once', async () => {
      const fresh = await createUrl(folder)
      const openers = await Promise.all(Array.from({ length: 4 }, () => openDatabase(fresh)))
      await Promise.all(openers.map((opener) => migrate(opener, 'things', migrations)))
      await Promise.all(openers.map((opener, index) => opener.write(put(`fresh-${index}`))))
      await Promise.all(openers.map((opener) => opener.close()))
    })

    it('a migration that was applied must not change; a new one is applied', async () => {
      const later = pathToFileURL(`${join(folder, randomUUID())}/`)
      await cp(migrations, later, { recursive: true })
      await writeScripts(later, { '0002-more.sql': 'CREATE TABLE more (id TEXT PRIMARY KEY);\n' })
      await migrate(database, 'things', later)
      await writeScripts(later, { '0001-things.sql': script.replaceAll('\n', '\r\n') })
      await migrate(database, 'things', later)
      await writeScripts(later, { '0001-things.sql': `${script}-- changed\n` })
      await expect(migrate(database, 'things', later)).rejects.toThrow(
        '0001-things.sql was applied with another content',
      )
    })

    it('a migration that fails leaves nothing behind', async () => {
      const broken = pathToFileURL(`${join(folder, randomUUID())}/`)
      await writeScripts(broken, { '0001-broken.sql': 'CREATE TABLE half (id TEXT PRIMARY KEY);\nCREATE NONSENSE;\n' })
      await expect(migrate(database, 'broken', broken)).rejects.toThrow()
      await writeScripts(broken, { '0001-broken.sql': 'CREATE TABLE half (id TEXT PRIMARY KEY);\n' })
      await migrate(database, 'broken', broken)
    })

    it('closing lets what is under way finish, and refuses what comes later', async () => {
      const closing = await openDatabase(url)
      const ids = Array.from({ length: 50 }, () => randomUUID())
      const writes = ids.map((id) => closing.write(put(id)))
      await closing.close()
      await Promise.all(writes)
      await closing.close()
      await expect(closing.read(query(find, 'x'))).rejects.toThrow()
      await expect(closing.write(put(randomUUID()))).rejects.toThrow()
      for (const id of ids) expect(await database.read(query(find, id))).toHaveLength(1)
    })
  })
}

/** Runs `spender.ts`, and returns how many things it won. */
export async function spendInAnotherProcess(url: string): Promise<number> {
  const program = join(import.meta.dirname, 'spender.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', typescriptLoader, program, url])
  return Number(stdout)
}

async function writeScripts(folder: URL, scripts: Record<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(scripts)) await writeFile(new URL(name, folder), text)
}
