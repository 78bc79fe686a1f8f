import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** The way to a PostgreSQL server, which breaks when a test wants it to. */
export interface InterruptibleDatabase {
  url: string
  /** The next connection that says this to the server is cut, and the server does not hear it. */
  cutAt(words: string): void
  /** What is said from now on reaches nobody, and nobody is told. */
  fallSilent(): void
  close(): Promise<void>
}

/** Listens on a free port and passes everything on. */
export async function interruptDatabase(url: string): Promise<InterruptibleDatabase> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let last: string | undefined
  let silent = false

  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk) => {
      if (silent) return
      if (last === undefined || !chunk.includes(last)) {
        far.write(chunk)
        return
      }
      last = undefined
      near.destroy()
    })
    far.on('data', (chunk) => near.write(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  const through = new URL(url)
  through.port = String(bound.port)

  return {
    url: through.href,
    cutAt(words) {
      last = words
    },
    fallSilent() {
      silent = true
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
