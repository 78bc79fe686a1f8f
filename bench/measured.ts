import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Pool, type Dispatcher } from 'undici'
import { z } from 'zod'

/** How many connections ask at the same time, each for its next answer as soon as it has the last one. */
export const connections = 32

export const root = resolve(import.meta.dirname, '..')

/** A program in a process of its own, with a folder of its own. */
export interface Child {
  /** Sends it a message, and waits for the one that comes back. */
  ask(message: object): Promise<unknown>
  stop(): Promise<void>
}

export interface ChildStart {
  /** Node's own options, the program, and its arguments. */
  args: readonly string[]
  /** It is ready when it has said this. */
  readyLine: string
  environment?: Record<string, string>
}

/** Starts a program, and waits until it says that it is ready. */
export async function startChild({ args, readyLine, environment }: ChildStart): Promise<Child> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'], ...environment },
  })
  const ended = once(child, 'exit')
  const said: string[] = []
  await new Promise<void>((ready, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said.push(text)
        if (said.join('').includes(readyLine)) ready()
      })
    }
    child.once('exit', (code) => {
      reject(new Error(`${args.join(' ')} ended with ${String(code)}:\n${said.join('')}`))
    })
  })
  return {
    async ask(message) {
      child.send(message)
      const answer: unknown[] = await Promise.race([once(child, 'message'), ended.then(() => [])])
      if (answer.length === 0) throw new Error(`${args.join(' ')} ended too early:\n${said.join('')}`)
      return answer[0]
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A server that is measured, and the connections to it. */
export interface MeasuredServer {
  issuer: string
  /** Microseconds of CPU time of all its threads, since it began. */
  cost(): Promise<number>
  request: Request
  stop(): Promise<void>
}

/** An HTTP request that must succeed; its answer's body, as JSON where it is JSON. */
export type Request = (path: string, options?: Partial<Dispatcher.RequestOptions>) => Promise<Reply>

export interface Reply {
  headers: Dispatcher.ResponseData['headers']
  body: unknown
}

/** Loaded into a server before its own program: says what the process has cost. */
const meter = join(import.meta.dirname, 'meter.js')

/** Starts a server that says where its metadata is when it is ready. */
export async function startMeasured(issuer: string, start: Omit<ChildStart, 'readyLine'>): Promise<MeasuredServer> {
  const args = ['--import', meter, ...start.args]
  const child = await startChild({ ...start, args, readyLine: `${issuer}/.well-known/openid-configuration` })
  // What was idle while others had their turn is closed here, before a server closes it while the next request is on its way.
  const pool = new Pool(issuer, { connections, pipelining: 1, keepAliveTimeout: 1_000, keepAliveMaxTimeout: 1_000 })
  return {
    issuer,
    cost: async () => z.object({ microseconds: z.number() }).parse(await child.ask({})).microseconds,
    async request(path, options) {
      const { statusCode, headers, body } = await pool.request({ method: 'GET', ...options, path })
      const text = await body.text()
      if (statusCode >= 400) throw new Error(`${path} answered ${statusCode}: ${text}`)
      const isJson = String(headers['content-type']).startsWith('application/json')
      return { headers, body: isJson ? JSON.parse(text) : text }
    },
    async stop() {
      await pool.close()
      await child.stop()
    },
  }
}

/** What is done over the connection of this number. */
export type Operation = (connection: number) => Promise<unknown>

/** What one round of operations has cost. */
export interface Round {
  /** CPU time of the server, per operation. */
  microseconds: number
  perSecond: number
  /** Of each operation, as the client saw it. */
  milliseconds: number[]
}

/** Does an operation so many times over all connections, and asks the server what that has cost it. */
export async function measure(server: MeasuredServer, operations: number, operate: Operation): Promise<Round> {
  const milliseconds: number[] = []
  const before = await server.cost()
  const began = performance.now()
  await repeat(operations, async (connection) => {
    const asked = performance.now()
    await operate(connection)
    milliseconds.push(performance.now() - asked)
  })
  const seconds = (performance.now() - began) / 1000
  const microseconds = ((await server.cost()) - before) / operations
  return { microseconds, perSecond: operations / seconds, milliseconds }
}

/** Does an operation so many times, over all connections. */
export async function repeat(operations: number, operate: Operation): Promise<void> {
  let left = operations
  const work = async (connection: number) => {
    while (left > 0) {
      left -= 1
      await operate(connection)
    }
  }
  await Promise.all(Array.from({ length: connections }, (_, connection) => work(connection)))
}

/** The rounds that cost least: the others have measured what else the machine was doing. */
export function quieterHalf<Kind extends { microseconds: number }>(rounds: readonly Kind[]): Kind[] {
  return rounds.toSorted((a, b) => a.microseconds - b.microseconds).slice(0, Math.ceil(rounds.length / 2))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which this share of the values lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** Where and when the figures were made. */
export function circumstances(): string {
  const date = new Date().toISOString().slice(0, 10)
  return `${date}, Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}`
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** RFC 6749 §2.3.1, for names and secrets that need no encoding: the headers of a form from this client. */
export function formFrom(clientId: string, clientSecret: string): Record<string, string> {
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  return { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' }
}
