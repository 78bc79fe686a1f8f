import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Agent, fetch } from 'undici'
import type { Fetch } from './flows/person.ts'
import { freePort } from './free-port.ts'
import { startServer } from './server-process.ts'

/** A certificate that a client presents, with its key, as PEM. */
export interface Identity {
  pem: string
  privateKeyPem: string
}

/** `npm run start:tls`, on free ports and with an authority of its own. */
export interface TlsServer {
  issuer: string
  /** Where clients are asked for certificates. */
  mutualTlsOrigin: string
  demoUrl: string
  demoApiUrl: string
  /** The engine's API. */
  engineUrl: string
  /** What it makes for a client: the one certificate besides its own that its authority vouches for. */
  client: Identity
  /** Requests of somebody who trusts that authority, with a certificate or without one. */
  fetchAs(identity?: Identity): Fetch
  stop(): Promise<void>
}

export async function startTlsServer(): Promise<TlsServer> {
  const [enginePort, mutualTlsPort] = [await freePort(), await freePort()]
  const program = resolve(import.meta.dirname, '../server/start-tls.ts')
  const ports = { ENGINE_PORT: String(enginePort), MTLS_PORT: String(mutualTlsPort) }
  const server = await startServer(program, ports)
  const read = (name: string) => readFile(join(server.folder, '.data/tls', name), 'utf8')
  const [ca, pem, privateKeyPem] = await Promise.all([read('ca.pem'), read('client.pem'), read('client.key')])
  const agents = new Map<Identity | undefined, Agent>()

  function agentOf(identity: Identity | undefined): Agent {
    const agent =
      agents.get(identity) ??
      new Agent({ connect: { ca, ...(identity && { cert: identity.pem, key: identity.privateKeyPem }) } })
    agents.set(identity, agent)
    return agent
  }

  return {
    issuer: overTls(server.issuer),
    mutualTlsOrigin: `https://localhost:${mutualTlsPort}`,
    demoUrl: server.demoUrl,
    demoApiUrl: overTls(server.demoApiUrl),
    engineUrl: `http://127.0.0.1:${enginePort}`,
    client: { pem, privateKeyPem },
    fetchAs: (identity) => async (url, init) => {
      const request = new Request(url, init)
      const { method, redirect } = request
      const answer = await fetch(url, {
        ...{ method, redirect, headers: [...request.headers], dispatcher: agentOf(identity) },
        ...(request.body && { body: await request.text() }),
      })
      const content = [204, 304].includes(answer.status) ? null : await answer.arrayBuffer()
      return new Response(content, { status: answer.status, headers: [...answer.headers] })
    },
    async stop() {
      await Promise.all([...agents.values()].map((agent) => agent.close()))
      await server.stop()
    },
  }
}

function overTls(address: string): string {
  return address.replace(/^http:/, 'https:')
}
