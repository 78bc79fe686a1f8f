import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ask, connectEngine } from '../sdk/engine.ts'
import type { Client } from '../sdk/types.ts'
import { freePort } from '../test/free-port.ts'
import type { MeasuredServer } from './measured.ts'
import { formFrom, root, startMeasured } from './measured.ts'

/** Our server, and a way to register clients. */
export interface OurServer extends MeasuredServer {
  /** Answers with the client's id, and the headers of its forms. */
  register(settings: Client): Promise<{ clientId: string; headers: Record<string, string> }>
}

/** What is measured is what runs in production: the compiled server. */
export async function build(): Promise<void> {
  console.error('Building …')
  const npm = spawn('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  await once(npm, 'exit')
  if (npm.exitCode !== 0) throw new Error('npm run build failed; what it says is above.')
}

/** Where nobody else listens, and no demonstration beside it. */
export async function quietEnvironment(): Promise<Record<'PORT' | 'ENGINE_PORT', string> & Record<string, string>> {
  const [port, enginePort] = await Promise.all([freePort(), freePort()])
  const ports = { PORT: String(port), ENGINE_PORT: String(enginePort) }
  return { ...ports, DEMO_PORT: '0', DEMO_API_PORT: '0', LOG_LEVEL: 'warn' }
}

/** Starts the server as `npm run start:built` does. */
export async function startOurs(nodeOptions: readonly string[] = []): Promise<OurServer> {
  const environment = await quietEnvironment()
  const args = [...nodeOptions, join(root, 'dist/server/engine/main.js')]
  const server = await startMeasured(`http://localhost:${environment.PORT}`, { args, environment })
  const baseUrl = `http://127.0.0.1:${environment.ENGINE_PORT}`
  const engine = connectEngine({ baseUrl, accessToken: 'dev-engine-token' })
  const params = { path: { serviceId: '1000001' } }
  return {
    ...server,
    async register(settings) {
      const body: Client = { clientType: 'CONFIDENTIAL', tokenAuthMethod: 'CLIENT_SECRET_BASIC', ...settings }
      const { clientId, clientSecret } = await ask(engine.POST('/api/{serviceId}/client/create', { params, body }))
      return { clientId: String(clientId), headers: formFrom(String(clientId), clientSecret ?? '') }
    },
  }
}

/** RFC 6749 §4.4: a client that acts for itself. Its tokens are JWTs where it says with which algorithm they are signed. */
export function machine(signAlg?: string): Client {
  return {
    grantTypes: ['CLIENT_CREDENTIALS'],
    responseTypes: [],
    ...(signAlg !== undefined && { attributes: [{ key: 'access_token.sign_alg', value: signAlg }] }),
  }
}
