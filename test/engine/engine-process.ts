import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Engine } from '../../sdk/engine.ts'
import { connectEngine } from '../../sdk/engine.ts'
import { freePort } from '../free-port.ts'
import { typescriptLoader } from '../typescript-loader.ts'
import type { Conversation } from './conversation.ts'
import { converse } from './conversation.ts'

/** An engine in a process of its own. */
export interface EngineProcess {
  engine: Conversation
  /** The SDK, connected to it. */
  api: Engine
  stop: () => Promise<void>
  /** Ends it where it stands, `kill -9`. */
  kill: () => Promise<void>
}

const usualProgram = resolve(import.meta.dirname, '../../server/engine/over-http.ts')

/** `npm run engine`, or a program like it, with its files in a folder and with these variables of the environment. */
export async function startEngine(
  folder: string,
  environment: Record<string, string>,
  program = usualProgram,
): Promise<EngineProcess> {
  const port = await freePort()
  const child = spawn(process.execPath, ['--import', typescriptLoader, program], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], ENGINE_PORT: String(port), ...environment },
  })
  const lines = createInterface({ input: child.stdout })
  await new Promise<void>((ready, reject) => {
    lines.on('line', (line) => {
      if (line.includes(String(port))) ready()
    })
    child.once('exit', (code) => {
      reject(new Error(`The engine ended with ${String(code)}`))
    })
  })
  const engine = connectEngine({ baseUrl: `http://127.0.0.1:${port}`, accessToken: 'dev-engine-token' })
  async function end(signal: 'SIGTERM' | 'SIGKILL') {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    engine: converse({ engine, serviceId: 1_000_001 }),
    api: engine,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}
