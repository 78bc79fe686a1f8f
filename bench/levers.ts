/**
 * `npx tsx bench/levers.ts`: what the three levers of the hot path are worth on this machine, as ratios of CPU time within one run.
 * Each pair is measured in turns, and the medians are compared, so that a busy machine slows both.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { RequestListener, Server } from 'node:http'
import { createServer, get, Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import createClient from 'openapi-fetch'
import { LightRequest, LightResponse } from '../sdk/light-fetch.ts'
import type { paths } from '../sdk/schema.ts'
import { query, statement } from '../server/database/database.ts'
import { openDatabase } from '../server/database/open.ts'
import { createHttpServer } from '../server/http-server.ts'

const rounds = 7

/** Microseconds of CPU time per operation. */
async function cost(operations: number, run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / operations
}

async function compare(
  name: string,
  operations: number,
  plain: () => Promise<void>,
  lever: () => Promise<void>,
): Promise<void> {
  const measured: { plain: number; lever: number }[] = []
  await plain()
  await lever()
  for (let round = 0; round < rounds; round += 1) {
    measured.push({ plain: await cost(operations, plain), lever: await cost(operations, lever) })
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
  const [without, withIt] = [median(measured.map((pair) => pair.plain)), median(measured.map((pair) => pair.lever))]
  console.log(
    `${name.padEnd(48)} ${(without / withIt).toFixed(1)} times less CPU (${without.toFixed(0)} → ${withIt.toFixed(0)} µs)`,
  )
}

await hatch()
await http()
await groupCommit()

/** A call through the SDK: the web's Request and Response against our own. */
async function hatch(): Promise<void> {
  const calls = 2_000
  const answer = JSON.stringify({
    action: 'OK',
    resultCode: 'A050001',
    resultMessage: 'x'.repeat(80),
    responseContent: 'y'.repeat(700),
  })
  const headers = new Headers({ 'content-type': 'application/json' })
  const web = createClient<paths>({
    baseUrl: 'http://engine.internal',
    fetch: async (request) => respondAfter(request, () => new Response(answer, { headers })),
  })
  const light = createClient<paths>({
    baseUrl: 'http://engine.internal',
    Request: LightRequest,
    fetch: async (request) => respondAfter(request, () => new LightResponse(200, headers, answer)),
  })
  const run = (client: typeof web) => async () => {
    const params = { path: { serviceId: '1000001' } }
    for (let call = 0; call < calls; call += 1) {
      await client.POST('/api/{serviceId}/auth/token', {
        params,
        body: { parameters: 'grant_type=client_credentials&scope=notes%3Aread' },
      })
    }
  }
  await compare('in-process call: web fetch → light fetch', calls, run(web), run(light))
}

async function respondAfter<Answer>(request: Request, respond: () => Answer): Promise<Answer> {
  JSON.parse(await request.text())
  return respond()
}

/** A GET through Express: a plain server against one whose classes are Express's own. */
async function http(): Promise<void> {
  const requests = 1_000
  const makeApp = () => {
    const app = express()
    app.disable('etag')
    app.get('/', (_req, res) => {
      res.json({ keys: [] })
    })
    return app
  }
  // express() makes a function that a plain server takes as it is.
  const plainApp: RequestListener = makeApp()
  const [plain, lever] = [createServer(plainApp), createHttpServer(makeApp())]
  const urls = await Promise.all([plain, lever].map(listen))
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const run = (url: string) => async () => {
    for (let request = 0; request < requests; request += 8)
      await Promise.all(Array.from({ length: 8 }, () => fetchOnce(url, agent)))
  }
  await compare(
    'GET through Express, client included: plain → preset',
    requests,
    run(urls[0] ?? ''),
    run(urls[1] ?? ''),
  )
  agent.destroy()
  for (const server of [plain, lever]) server.close()
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}/`
}

function fetchOnce(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume()
      response.once('end', resolve)
    }).once('error', reject)
  })
}

/** A durable write to SQLite: each in its own transaction against 32 that arrive together. */
async function groupCommit(): Promise<void> {
  const writes = 512
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const database = await openDatabase(`sqlite:${join(folder, 'bench.sqlite')}`)
  await database.write(query(statement('', 'CREATE TABLE things (id BIGINT PRIMARY KEY, payload TEXT NOT NULL)')))
  const insert = statement('insert_thing', 'INSERT INTO things (id, payload) VALUES ($1, $2)')
  const payload = 'x'.repeat(1_000)
  let id = 0
  const write = () => database.write(query(insert, (id += 1), payload))
  await compare(
    'durable write: one by one → 32 together',
    writes,
    async () => {
      for (let count = 0; count < writes; count += 1) await write()
    },
    async () => {
      for (let count = 0; count < writes; count += 32) await Promise.all(Array.from({ length: 32 }, write))
    },
  )
  await database.close()
  await rm(folder, { recursive: true, force: true })
}
