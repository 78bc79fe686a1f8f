import { constants } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Running {
  /** Where it answers, for example `http://localhost:3001`. */
  url: string
  /** Stops listening, lets answers under way finish and ends the connections that are kept alive. */
  close(): Promise<void>
}

/** A certificate for localhost with its key, as PEM. */
export interface Tls {
  cert: string
  key: string
}

/** How long an answer under way may keep close() waiting. */
const graceMilliseconds = 1000

/**
 * Starts an HTTP server on a loopback port; 0 lets the system choose. Over TLS it asks clients for a certificate and takes any, and none:
 * what one is worth is decided by the token that comes with it (RFC 8705 §3). Rejects with the system's own error when the port is taken.
 */
export async function listen(port: number, createApp: (url: string) => RequestListener, tls?: Tls): Promise<Running> {
  // Without tickets, each connection proves anew that the client has the key of its certificate.
  const question = { requestCert: true, rejectUnauthorized: false, secureOptions: constants.SSL_OP_NO_TICKET }
  const server = tls ? createTlsServer({ ...tls, ...question }) : createServer()
  // Loopback only: the demo's secrets are printed in the documentation, so the network must not reach it.
  server.listen(port, 'localhost')
  await once(server, 'listening')
  const url = `${tls ? 'https' : 'http'}://localhost:${portOf(server.address())}`
  server.on('request', createApp(url))

  let closed: Promise<void> | undefined
  return {
    url,
    close: () => (closed ??= close()),
  }

  async function close(): Promise<void> {
    const stopped = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    // A browser also opens connections before it needs them. They never carry a request and so never count as idle.
    const impatience = setTimeout(() => {
      server.closeAllConnections()
    }, graceMilliseconds)
    await stopped
    clearTimeout(impatience)
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no TCP port')
  return address.port
}
