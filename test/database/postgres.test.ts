import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Database } from '../../server/database/database.ts'
import { query, statement } from '../../server/database/database.ts'
import { openDatabase } from '../../server/database/open.ts'
import { DatabaseOutage } from '../../server/database/outage.ts'
import { openPostgres } from '../../server/database/postgres.ts'
import { interruptDatabase } from '../interruptible-database.ts'
import { createTestDatabase } from '../postgres.ts'
import { describeDatabase } from './contract.ts'

const ping = query(statement('ping', 'SELECT 1 AS answer'))

describeDatabase('PostgreSQL', () => createTestDatabase(inject('postgresUrl')))

function* readOnce() {
  yield ping
}

describe('PostgreSQL: what goes on around us', () => {
  let one: Database
  let other: Database

  beforeAll(async () => {
    const url = await createTestDatabase(inject('postgresUrl'))
    one = await openDatabase(url)
    other = await openDatabase(url)
    await one.write(query(statement('', 'CREATE TABLE things (id TEXT PRIMARY KEY)')))
  })

  afterAll(async () => {
    await Promise.all([one.close(), other.close()])
  })

  it('given a verb whose connection breaks, then it rejects and is undone, and the next call has a new connection', async () => {
    const insert = statement('insert_thing', 'INSERT INTO things (id) VALUES ($1)')
    const endConnection = statement('', 'SELECT pg_terminate_backend(pg_backend_pid())')
    const id = randomUUID()
    const attempt = one.transact(function* () {
      yield query(insert, id)
      yield query(endConnection)
    })
    await expect(attempt).rejects.toThrow(DatabaseOutage)
    expect(await one.read(query(statement('', 'SELECT id FROM things WHERE id = $1'), id))).toEqual([])
  })

  it('given a server that is not there, then an outage, and every later call tries again', async () => {
    const way = await interruptDatabase(inject('postgresUrl'))
    await way.close()
    const gone = await openDatabase(way.url)
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(gone.read(ping)).rejects.toThrow(DatabaseOutage)
      await expect(gone.transact(readOnce)).rejects.toThrow(DatabaseOutage)
    }
    await gone.close()
  })

  it('given a server that falls silent, then whoever has waited long enough is told, and nothing is left waiting', async () => {
    const way = await interruptDatabase(inject('postgresUrl'))
    const silent = openPostgres(way.url, 100)
    expect(await silent.read(ping)).toEqual([{ answer: 1 }])
    way.fallSilent()
    await expect(silent.read(ping)).rejects.toThrow(DatabaseOutage)
    await way.close()
    await silent.close()
  })

  it('given a mistake in a statement, then it is no outage', async () => {
    const mistake = one.read(query(statement('', 'SELECT nonsense')))
    await expect(mistake).rejects.toThrow('nonsense')
    await expect(mistake).rejects.not.toThrow(DatabaseOutage)
  })

  it('given a prepared SELECT *, when another process adds a column, then the next read has it', async () => {
    const selectAll = query(statement('select_all', 'SELECT * FROM columns_grow'))
    await one.write(query(statement('', 'CREATE TABLE columns_grow (id TEXT PRIMARY KEY)')))
    await one.write(query(statement('', "INSERT INTO columns_grow VALUES ('x')")))
    expect(await one.read(selectAll)).toEqual([{ id: 'x' }])
    await other.write(query(statement('', 'ALTER TABLE columns_grow ADD COLUMN more TEXT')))
    expect(await one.read(selectAll)).toEqual([{ id: 'x', more: null }])
    const inVerb = await one.transact(function* () {
      const rows = yield selectAll
      return rows
    })
    expect(inVerb).toEqual([{ id: 'x', more: null }])
  })
})
