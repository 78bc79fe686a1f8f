import { lookup, Resolver } from 'node:dns/promises'

/** Finds the addresses of a host; none when it has none. */
export type FindAddresses = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>

/** Milliseconds that a name server has for one answer. */
const patience = 1_000

/**
 * The addresses that the DNS has for a host, RFC 1035. Asked without the system's resolver: that one waits on one of the few threads on which
 * keys sign as well, and a domain whose servers are silent would hold them all up.
 */
export const findPublicAddresses: FindAddresses = async (hostname, signal) => {
  const resolver = new Resolver({ timeout: patience, tries: 2 })
  const cancel = () => {
    resolver.cancel()
  }
  signal.addEventListener('abort', cancel, { once: true })
  const found = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  signal.removeEventListener('abort', cancel)
  return found.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}

/** The addresses that this machine has for a host, its hosts file included: for names that its operator vouches for. */
export const findLocalAddresses: FindAddresses = async (hostname) => {
  const found = await lookup(hostname, { all: true })
  return found.map(({ address }) => address)
}
