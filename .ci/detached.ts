/**
 * The promise of the hatch, kept: in a copy of the project, server/engine and test/engine are deleted. What is left must
 * compile, start against an engine that runs somewhere else, and pass the flow tests against that issuer.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../test/free-port.ts'
import { typescriptLoader } from '../test/typescript-loader.ts'

const original = resolve(import.meta.dirname, '..')
const folder = await mkdtemp(join(tmpdir(), 'gatehouse-detached-'))
const copy = join(folder, 'copy')
const children: ChildProcess[] = []

try {
  await detach()
  await runToTheEnd('npx', ['tsc', '--noEmit'], copy, {})
  const [enginePort, port, demoPort, demoApiPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const issuer = `http://localhost:${port}`
  const environment = {
    PORT: String(port),
    ISSUER: issuer,
    DEMO_PORT: String(demoPort),
    DEMO_API_PORT: String(demoApiPort),
    ENGINE_PORT: String(enginePort),
    ENGINE_DATABASE_URL: `sqlite:${join(folder, 'engine.sqlite')}`,
    DATABASE_URL: `sqlite:${join(folder, 'front-end.sqlite')}`,
  }
  // The engine runs from the original: here it is the remote one.
  await start(
    'server/engine/over-http.ts',
    original,
    environment,
    `http://127.0.0.1:${enginePort}/api/lifecycle/healthcheck`,
  )
  const remote = {
    ...environment,
    ENGINE_URL: `http://127.0.0.1:${enginePort}`,
    ENGINE_ACCESS_TOKEN: 'dev-engine-token',
  }
  await start('server/main.ts', copy, remote, `${issuer}/readyz`)
  await runToTheEnd('npx', ['vitest', 'run', 'test/flows'], copy, {
    ISSUER: issuer,
    TEST_DEMO_URL: `http://localhost:${demoPort}`,
    TEST_DEMO_API_URL: `http://localhost:${demoApiPort}`,
  })
  console.log('The front-end stands without the engine.')
} finally {
  await Promise.all(children.map(stop))
  await rm(folder, { recursive: true, force: true })
}

async function detach(): Promise<void> {
  const left = ['node_modules', '.git', '.data', 'dist', 'coverage'].map((name) => join(original, name))
  await cp(original, copy, { recursive: true, filter: (source) => !left.includes(source) })
  await symlink(join(original, 'node_modules'), join(copy, 'node_modules'), 'dir')
  for (const name of ['server/engine', 'test/engine']) await rm(join(copy, name), { recursive: true, force: true })
}

async function runToTheEnd(
  command: string,
  args: string[],
  cwd: string,
  environment: Record<string, string>,
): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...environment } })
  await once(child, 'exit')
  if (child.exitCode !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(child.exitCode)}`)
}

/** Starts a server and waits until it answers at `url`. */
async function start(
  program: string,
  checkout: string,
  environment: Record<string, string>,
  url: string,
): Promise<void> {
  // Started in the temporary folder, so that what it keeps beside its databases goes with it.
  const child = spawn(process.execPath, ['--import', typescriptLoader, join(checkout, program)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  })
  children.push(child)
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    if (child.exitCode !== null) throw new Error(`${program} ended before it answered`)
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await new Promise((wait) => setTimeout(wait, 100))
  }
  throw new Error(`${program} did not answer at ${url} within a minute`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
