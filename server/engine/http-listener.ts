import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { largestBody } from './body.ts'

/** An engine that is being served. */
export interface EngineListener {
  /** For example `http://127.0.0.1:4000`. */
  url: string
  /** Lets answers under way finish, then closes. */
  close(): Promise<void>
}

/** The engine's API is total power over an authorization server, so it is not for the network: a tunnel or a proxy is somebody's decision. */
const loopback = '127.0.0.1'

const maxHeaderBytes = 16 * 1024

/** Milliseconds a caller has to send its headers and its whole request, and that an idle connection stays open. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
}

/** Milliseconds that answers under way may keep close() waiting. */
const grace = 5_000

/** Serves an engine over HTTP on 127.0.0.1; port 0 lets the system choose. Rejects when the port is taken. */
export async function listenOnLoopback(
  engine: (request: Request) => Promise<Response>,
  port: number,
): Promise<EngineListener> {
  const server = createServer({ maxHeaderSize: maxHeaderBytes, ...timeouts }, (incoming, outgoing) => {
    // What fails here is the connection: nobody is left who could be told.
    answer(engine, incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(port, loopback)
  await once(server, 'listening')
  return { url: `http://${loopback}:${portOf(server)}`, close: () => close(server) }
}

async function answer(
  engine: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const response = await respond(engine, incoming)
  const text = await response.text()
  if (!incoming.complete) {
    // The rest of a body that is too large is not worth waiting for.
    outgoing.setHeader('Connection', 'close')
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(text)
}

async function respond(engine: (request: Request) => Promise<Response>, incoming: IncomingMessage): Promise<Response> {
  const { method = 'GET', url = '/' } = incoming
  if (!servedMethods.has(method)) return refusal(404, 'A901202', 'GET, POST, PUT and DELETE are served')
  if (!url.startsWith('/') || !URL.canParse(url, base)) return refusal(400, 'A001201', 'the address cannot be read')
  const body = await readWithin(incoming, largestBody)
  if (body === undefined) return refusal(413, 'A901205', `the body is larger than ${largestBody} bytes`)
  return engine(
    new Request(`${base}${url}`, { method, headers: headersOf(incoming), ...(withBody.has(method) && { body }) }),
  )
}

/** HEAD is not among them: GET makes a new client secret in one place of the contract, and HEAD must never do anything. */
const servedMethods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE'])
const withBody: ReadonlySet<string> = new Set(['POST', 'PUT'])

/** Only the path counts: whatever host the caller names, it has reached this engine. */
const base = 'http://engine.internal'

/** What the engine looks at. Everything else ends here. */
function headersOf({ headers }: IncomingMessage): Headers {
  const used = new Headers()
  if (headers.authorization !== undefined) used.set('Authorization', headers.authorization)
  if (headers['content-type'] !== undefined) used.set('Content-Type', headers['content-type'])
  return used
}

async function readWithin(incoming: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > limit) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.byteLength
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refusal(status: number, resultCode: string, text: string): Response {
  return Response.json({ resultCode, resultMessage: `[${resultCode}] ${text}.` }, { status })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The engine listens on no TCP port.')
  return address.port
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const impatience = setTimeout(() => {
    server.closeAllConnections()
  }, grace)
  await closed
  clearTimeout(impatience)
}
