import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { connectEngine } from '../../sdk/engine.ts'
import { freePort } from '../free-port.ts'
import { typescriptLoader } from '../typescript-loader.ts'
import type { Conversation } from './conversation.ts'
import { converse } from './conversation.ts'

/** An engine in a process of its own. */
export interface EngineProcess {
  engine: Conversation
  stop: () => Promise<void>
}

/** `npm run engine`, with its files in a folder and with these variables of the environment. */
export async function startEngine(folder: string, environment: Record<string, string>): Promise<EngineProcess> {
  const port = await freePort()
  const program = resolve(import.meta.dirname, '../../server/engine/over-http.ts')
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
  return {
    engine: converse({ engine, serviceId: 1_000_001 }),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
