import { randomBytes, scryptSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { connectEngine } from '../../sdk/engine.ts'
import { createApp } from '../../server/app.ts'
import { readConfig } from '../../server/config.ts'
import { query, statement, type Database } from '../../server/database/database.ts'
import { migrate } from '../../server/database/migrate.ts'
import { openDatabase } from '../../server/database/open.ts'
import { createHttpServer } from '../../server/http-server.ts'
import { createLog } from '../../server/log.ts'
import type { FetchBytes } from '../../server/outbound/fetch-outbound.ts'
import type { NewUser } from '../../server/users.ts'
import { serve } from './serve.ts'

/** What an engine is asked: the operation's path below /api/<serviceId>, and the body. */
export interface EngineCall {
  operation: string
  body: Record<string, unknown>
}

/** What a test's engine answers; throwing is an engine that cannot be reached. */
export type EngineScript = (call: EngineCall) => object | Response

export interface AppUnderTest {
  url: string
  /** Everything that the engine was asked, in order. */
  calls: EngineCall[]
  /** Everything that was logged. */
  log: string[]
  database: Database
  fetch: (path: string, init?: RequestInit) => Promise<Response>
  /** A form post to a path. */
  post: (path: string, form: string | Record<string, string>, headers?: Record<string, string>) => Promise<Response>
  close: () => Promise<void>
}

interface AppUnderTestOptions {
  env?: Record<string, string>
  people?: readonly NewUser[]
  fetchLogo?: FetchBytes
  now?: () => Date
}

/** The front-end with a database of its own and an engine that a test writes: the same `fetch` that a real one is. */
export async function startApp(
  script: EngineScript,
  { env = {}, people = [], fetchLogo, now = () => new Date() }: AppUnderTestOptions = {},
): Promise<AppUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-app-'))
  const database = await openDatabase(`sqlite:${path.join(folder, 'front-end.sqlite')}`)
  await migrate(database, 'front-end', new URL('../../server/migrations/', import.meta.url))
  for (const person of people) await addCheaply(database, person)

  const calls: EngineCall[] = []
  const engine = connectEngine({
    baseUrl: 'http://engine.internal',
    accessToken: 'token-of-the-test',
    async fetch(request) {
      const text = await request.text()
      const call: EngineCall = {
        operation: new URL(request.url).pathname.replace(/^\/api\/1\//, ''),
        body: text === '' ? {} : z.record(z.string(), z.unknown()).parse(JSON.parse(text)),
      }
      calls.push(call)
      const answer = script(call)
      return answer instanceof Response ? answer : Response.json(answer)
    },
  })

  const log: string[] = []
  const config = readConfig({ SESSION_SECRET: 'a secret of the test that is long enough', ...env })
  const app = createApp({
    config,
    log: createLog('debug', { write: (line) => void log.push(line) }),
    engine,
    serviceId: '1',
    serviceName: 'Gatehouse',
    database,
    ...(fetchLogo && { fetchLogo }),
    now,
  })
  const served = await serve(createHttpServer(app))
  const send = (address: string, init: RequestInit = {}) => fetch(served.url + address, { redirect: 'manual', ...init })
  return {
    url: served.url,
    calls,
    log,
    database,
    fetch: send,
    post: (address, form, headers = {}) => send(address, { method: 'POST', body: new URLSearchParams(form), headers }),
    async close() {
      await served.close()
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Somebody whose password costs next to nothing to check: what it costs is kept with its hash, and is not the point here. */
async function addCheaply(database: Database, { subject, username, password, claims }: NewUser): Promise<void> {
  const [salt, N, r, p] = [randomBytes(16), 2 ** 8, 8, 1]
  const key = scryptSync(password, salt, 32, { N, r, p })
  const hash = `$scrypt$ln=${Math.log2(N)},r=${r},p=${p}$${salt.toString('base64url')}$${key.toString('base64url')}`
  await database.write(query(insertUser, subject, username, hash, JSON.stringify(claims)))
}

const insertUser = statement('', 'INSERT INTO users (subject, username, password_hash, claims) VALUES ($1, $2, $3, $4)')
