import { once } from 'node:events'
import { createServer } from 'node:net'

export interface UnreachableServer {
  issuer: string
  close(): Promise<void>
}

/** An issuer that cannot be reached: whoever calls is hung up on. Holding the port keeps parallel tests from taking it. */
export async function startUnreachableServer(): Promise<UnreachableServer> {
  const server = createServer((socket) => {
    socket.destroy()
  }).listen(0, 'localhost')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no TCP port')
  return {
    issuer: `http://localhost:${address.port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}
