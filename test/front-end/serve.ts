import { once } from 'node:events'
import type { Server } from 'node:http'

/** A server that listens on a free port of this machine. */
export interface Served {
  url: string
  close(): Promise<void>
}

/** Lets a server listen. */
export async function serve(server: Server): Promise<Served> {
  // A connection that is closed because nobody used it may be closed while a slow machine begins to use it.
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
