import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'
import { typescriptLoader } from './typescript-loader.ts'

/** An authorization server in a process of its own. */
export interface ServerProcess {
  issuer: string
  demoUrl: string
  demoApiUrl: string
  /** Its working directory. */
  folder: string
  /** All that it wrote: its log and its banner. */
  said: readonly string[]
  stop(): Promise<void>
}

/** Starts the server as `npm start` does, on free ports and with its files in a folder of its own. */
export async function startServer(program: string, environment: Record<string, string> = {}): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-server-'))
  const [port, demoPort, demoApiPort] = await Promise.all([freePort(), freePort(), freePort()])
  const issuer = `http://localhost:${port}`
  const server = spawn(process.execPath, ['--import', typescriptLoader, program], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      DEMO_PORT: String(demoPort),
      DEMO_API_PORT: String(demoApiPort),
      LOG_LEVEL: 'warn',
      ...environment,
    },
  })
  const said: string[] = []
  createInterface({ input: server.stderr }).on('line', (line) => said.push(line))
  const out = createInterface({ input: server.stdout })
  const ended = once(server, 'exit')
  await new Promise<void>((resolve, reject) => {
    out.on('line', (line) => {
      said.push(line)
      // The banner comes when everything listens.
      if (line.includes('/.well-known/openid-configuration')) resolve()
    })
    server.once('exit', (code) => {
      reject(new Error(`The server ended with ${String(code)}:\n${said.join('\n')}`))
    })
  })
  return {
    issuer,
    demoUrl: `http://localhost:${demoPort}`,
    demoApiUrl: `http://localhost:${demoApiPort}`,
    folder,
    said,
    async stop() {
      server.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
