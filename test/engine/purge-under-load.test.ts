import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask, connectEngine } from '../../sdk/engine.ts'
import type { Database } from '../../server/database/database.ts'
import { query, statement } from '../../server/database/database.ts'
import { openDatabase } from '../../server/database/open.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { createEngine } from '../../server/engine/engine.ts'
import { startPurge } from '../../server/engine/purge.ts'
import { openStorage } from '../../server/engine/storage/sql.ts'
import type { Storage, StoredClient } from '../../server/engine/storage/storage.ts'
import { typescriptLoader } from '../typescript-loader.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { converse, tokensOf } from './conversation.ts'
import { testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'
import { fill, issueCode, later, makeClient, makeTokens, now } from './storage/artefacts.ts'
import type { TestDatabase } from './storage/contract.ts'
import { createPostgresDatabase, createSqliteDatabase } from './storage/test-databases.ts'

/** Of each kind, there is at least one expired row per life. */
const lives = 120

/** Rows of a kind per slice: few, so that there are many slices. */
const slice = 10

/** Three days later: whatever `fill` made has expired, and is not remembered for replays any more. */
const today = later(3 * 86_400)

const tables = [
  ...['pushed_requests', 'tickets', 'authorization_codes', 'access_tokens', 'refresh_tokens', 'grants', 'used_jtis'],
  'single_access_tokens',
]

describe.each([
  ['SQLite', createSqliteDatabase],
  ['PostgreSQL', createPostgresDatabase],
])('What expired is removed while clients are served, on %s', (_, createDatabase) => {
  let testDatabase: TestDatabase
  let database: Database
  let storage: Storage
  let engine: Conversation
  const failures: unknown[] = []

  beforeAll(async () => {
    testDatabase = await createDatabase()
    storage = await openStorage(testDatabase.url)
    database = await openDatabase(testDatabase.url)
    const connected = connect()
    const body = { issuer: testIssuer, jwks: inject('serviceJwks'), supportedScopes: testScopes, ...testEndpoints }
    const { apiKey: serviceId = 0 } = await ask(connected.POST('/api/service/create', { body }))
    const client = await makeClient(storage, serviceId)
    await Promise.all(Array.from({ length: lives }, (_life, number) => liveAndExpire(storage, client, number)))
    engine = converse({ engine: connected, serviceId })
  })

  afterAll(async () => {
    await database.close()
    await storage.close()
    await testDatabase.drop()
  })

  function connect() {
    const { token: accessToken, caller } = makeCaller({ id: 'test', rights: ['ADMIN'], serviceIds: 'all' })
    const log = { error: (details: object) => failures.push(details) }
    const fetch = createEngine({ storage, now: () => today, callers: [caller], log })
    return connectEngine({ baseUrl: 'http://engine.test', accessToken, fetch })
  }

  /** How many rows of each table expired before the tests' today. */
  async function countExpired(): Promise<number[]> {
    const counts = tables.map(async (table) => {
      const count = statement('', `SELECT COUNT(*) AS n FROM ${table} WHERE expires_at <= $1`)
      const [row] = await database.read(query(count, later(2 * 86_400).getTime()))
      return Number(row?.['n'])
    })
    return Promise.all(counts)
  }

  it('given two processes that purge, then no request fails, what lives stays, and requests are answered between the slices', async () => {
    for (const expired of await countExpired()) expect(expired).toBeGreaterThanOrEqual(lives)
    const clients = await Promise.all(Array.from({ length: 4 }, () => engine.registerClient()))
    const [someone] = clients
    if (!someone) throw new Error('no client')
    const lasting = await Promise.all(Array.from({ length: 20 }, () => engine.obtainTokens(someone)))

    /** What happened, in order: a slice is over, or a client was answered. */
    const events: string[] = []
    const elsewhere = await startPurger(testDatabase.url)
    const [here, there] = [purgeHere(storage, events), elsewhere.purge(events)]
    let done = false
    const serving = clients.map((client) => useTokens(engine, client, events, () => done))
    await Promise.all([here, there])
    done = true
    const live = (await Promise.all(serving)).flat()

    expect(failures).toEqual([])
    expect(await countExpired()).toEqual(tables.map(() => 0))
    for (const { access_token } of [...lasting, ...live]) {
      expect(await engine.introspect(access_token)).toMatchObject({ active: true })
    }
    for (const { refresh_token = '' } of lasting) {
      expect((await engine.token({ grant_type: 'refresh_token', refresh_token }, someone)).action).toBe('OK')
    }
    // There were many slices, at both, and nobody had to wait for the last of them.
    const slices = events.filter((event) => event === 'here' || event === 'there')
    expect(slices.length).toBeGreaterThan(lives / slice)
    expect(new Set(slices).size).toBe(2)
    const ends = slices.map((event) => [events.indexOf(event), events.lastIndexOf(event)]).flat()
    const between = events.slice(Math.min(...ends), Math.max(...ends))
    for (const answer of ['issued', 'refreshed', 'introspected']) expect(between).toContain(answer)
  })
})

describe.each([
  ['SQLite', createSqliteDatabase],
  ['PostgreSQL', createPostgresDatabase],
])('One slice, on %s', (_, createDatabase) => {
  it('given expired rows of every kind, then none loses more rows at a time than the slice has', async () => {
    const testDatabase = await createDatabase()
    const storage = await openStorage(testDatabase.url)
    const database = await openDatabase(testDatabase.url)
    const client = await makeClient(storage)
    await Promise.all(Array.from({ length: 7 }, (_life, number) => liveAndExpire(storage, client, number)))
    const count = async () => {
      const counts = tables.map((table) => database.read(query(statement('', `SELECT COUNT(*) AS n FROM ${table}`))))
      return (await Promise.all(counts)).map(([row]) => Number(row?.['n']))
    }
    let before = await count()
    for (let more = true; more;) {
      more = await storage.purgeExpired(today, 3)
      const after = await count()
      for (const [index, left] of after.entries()) {
        expect((before[index] ?? 0) - left).toBeLessThanOrEqual(3)
      }
      before = after
    }
    expect(before).toEqual(tables.map(() => 0))
    await database.close()
    await storage.close()
    await testDatabase.drop()
  })
})

/** Leaves behind at least one row of every kind. */
async function liveAndExpire(storage: Storage, client: StoredClient, number: number): Promise<void> {
  const { serviceId, clientId } = client
  await fill(storage, client)
  await storage.useJti(serviceId, clientId, `jti-${number}`, later(300), now)
  const { key, grant } = await issueCode(storage, client, { subject: `subject-${number}` })
  const { tokens } = makeTokens(grant)
  await storage.redeemAuthorizationCode(serviceId, key, { ...tokens, endsOthers: true }, now)
}

/** As the engine does it, in this process, with slices that are smaller. */
function purgeHere(storage: Storage, events: string[]): Promise<void> {
  return new Promise((done, reject) => {
    const purge = startPurge({
      storage: {
        async purgeExpired(at) {
          const more = await storage.purgeExpired(at, slice)
          events.push('here')
          if (!more) setImmediate(() => void purge.stop().then(done))
          return more
        },
      },
      now: () => today,
      log: { error: reject },
    })
  })
}

/** Another process that purges the same database, once it is told to. */
async function startPurger(url: string): Promise<{ purge: (events: string[]) => Promise<void> }> {
  const program = resolve(import.meta.dirname, 'storage/purger.ts')
  const child = spawn(
    process.execPath,
    ['--import', typescriptLoader, program, url, String(today.getTime()), String(slice)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return {
    async purge(events) {
      const ended = once(child, 'exit')
      lines.on('line', () => events.push('there'))
      child.stdin.end('go')
      expect(await ended).toEqual([0, null])
    },
  }
}

/** Obtains tokens, refreshes them and asks about them, until somebody says stop. Returns those that are to live. */
async function useTokens(
  engine: Conversation,
  client: RegisteredTestClient,
  events: string[],
  isOver: () => boolean,
): Promise<{ access_token: string }[]> {
  const live: { access_token: string }[] = []
  do {
    const { refresh_token = '' } = await engine.obtainTokens(client)
    events.push('issued')
    const refreshed = tokensOf(await engine.token({ grant_type: 'refresh_token', refresh_token }, client))
    events.push('refreshed')
    expect(await engine.introspect(refreshed.access_token)).toMatchObject({ active: true })
    events.push('introspected')
    live.push(refreshed)
  } while (!isOver())
  return live
}
