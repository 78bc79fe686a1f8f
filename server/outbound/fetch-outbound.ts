import type { IncomingMessage } from 'node:http'
import { request as requestInTheClear } from 'node:http'
import { request as requestOverTls } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import type { FindAddresses } from './find-addresses.ts'
import { findLocalAddresses, findPublicAddresses } from './find-addresses.ts'
import { isPublicAddress } from './public-address.ts'
import { createTurns } from './turns.ts'

/**
 * Reads what stands at an address that a client named; undefined when it cannot be read. Why is in the log alone, and takes as long to be
 * said whatever it was, so that nobody learns through us which hosts and ports of a network answer. Every outbound request goes through here.
 */
export type FetchOutbound = <Value>(address: string, wanted: Wanted<Value>) => Promise<Value | undefined>

/** The same for what is no text. */
export type FetchBytes = <Value>(address: string, wanted: Wanted<Value, OutboundBytes>) => Promise<Value | undefined>

/** What is asked for. */
export interface Wanted<Value, Answer = OutboundAnswer> {
  mediaTypes: readonly string[]
  /** Makes a value of the answer, or throws: an answer that is of no use counts as none. */
  read: (answer: Answer) => Value | Promise<Value>
}

export interface OutboundAnswer {
  text: string
  /** RFC 9111 §5.2. */
  cacheControl: string
}

interface OutboundBytes {
  bytes: Uint8Array
  /** RFC 9111 §5.2. */
  cacheControl: string
}

/** What the guard is made of. */
export interface OutboundParts {
  /**
   * What the operator vouches for, as `host` or `host:port`: may be at a private address, speak http, and listen on the port that is named.
   * Everything else is public, https, and on its default port.
   */
  allow?: readonly string[]
  log?: { warn: (details: object, message: string) => void }
  /** Finds the addresses of all hosts, instead of the DNS and this machine. */
  findAddresses?: FindAddresses
  /** Ends one fetch, whatever it is waiting for. */
  deadline?: () => AbortSignal
}

const limits = {
  /** From the name to the last byte: nobody who waits for a token waits longer than that. */
  milliseconds: 2_500,
  bodyBytes: 256 * 1024,
  headerBytes: 16 * 1024,
  atOnce: 50,
  atOnceOfOne: 5,
}

/** RFC 9101 §10.4 and CWE-918: makes the one guarded way to the addresses that clients name. */
export function createFetchOutbound(parts?: OutboundParts): FetchOutbound {
  const fetchBytes = createFetchBytes(parts)
  return (address, { mediaTypes, read }) => {
    const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return fetchBytes(address, { mediaTypes, read: ({ bytes, ...rest }) => read({ text: decode(bytes), ...rest }) })
  }
}

/** The same guard for what is no text, such as a picture. */
export function createFetchBytes({
  allow = [],
  log = { warn: () => undefined },
  findAddresses,
  deadline = () => AbortSignal.timeout(limits.milliseconds),
}: OutboundParts = {}): FetchBytes {
  const allowed = new Set(allow.flatMap(placesOf))
  const takeTurn = createTurns({ most: limits.atOnce, mostOfOne: limits.atOnceOfOne })

  return async (address, { mediaTypes, read }) => {
    const signal = deadline()
    // The origin only: a path or a query may hold what is nobody's business.
    const origin = URL.canParse(address) ? new URL(address).origin : 'no URL'
    try {
      return await takeTurn(origin, signal, async () => {
        const destination = await findDestination(address, allowed, signal, findAddresses)
        return await read(await get(destination, mediaTypes, signal))
      })
    } catch (error) {
      log.warn({ origin, reason: reasonOf(error) }, 'An address was not read.')
      await endOf(signal)
      return undefined
    }
  }
}

/** An address that may be read, and where it leads. */
interface Destination {
  url: URL
  addresses: readonly string[]
}

async function findDestination(
  address: string,
  allowed: ReadonlySet<string>,
  signal: AbortSignal,
  findAddresses: FindAddresses | undefined,
): Promise<Destination> {
  const url = new URL(address)
  const isAllowed = allowed.has(placeOf(url))
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isAllowed)) throw new Error('it is not https')
  if (url.username !== '' || url.password !== '') throw new Error('it holds a user name or a password')
  if (url.port !== '' && !isAllowed) throw new Error('it names a port; OUTBOUND_ALLOW can let host:port through')
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const find = findAddresses ?? (isAllowed ? findLocalAddresses : findPublicAddresses)
  const addresses = isIP(hostname) === 0 ? await unlessEnded(find(hostname, signal), signal) : [hostname]
  if (addresses.length === 0) throw new Error('the host has no address')
  // One that is not public is enough: whoever mixes them hopes that we check one and connect to the other.
  if (!isAllowed && !addresses.every(isPublicAddress)) {
    throw new Error('the host has an address that is not public; OUTBOUND_ALLOW can let it through')
  }
  return { url, addresses }
}

/**
 * RFC 9110 §9.3.1: one GET to one of the addresses that were checked, and to nothing else. No redirect is followed, RFC 9101 §10.4, nothing is
 * decompressed, and nothing that identifies anybody is sent. No proxy of the environment stands in between: it would resolve the name again.
 */
async function get({ url, addresses }: Destination, mediaTypes: readonly string[], signal: AbortSignal) {
  const options = {
    agent: false,
    signal,
    lookup: answerWith(addresses),
    maxHeaderSize: limits.headerBytes,
    rejectUnauthorized: true,
    headers: { Accept: mediaTypes.join(', '), 'Accept-Encoding': 'identity' },
  } as const
  const request = (url.protocol === 'https:' ? requestOverTls : requestInTheClear)(url, options)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // A host that switches protocols, RFC 9110 §15.2.2, gives no answer and no error: its connection only closes.
      const closed = () => {
        reject(new Error('the connection closed without an answer'))
      }
      request.on('response', resolve).on('error', reject).on('close', closed).end()
    })
    checkHead(response, mediaTypes)
    return { bytes: await readBytes(response), cacheControl: response.headers['cache-control'] ?? '' }
  } finally {
    request.destroy()
  }
}

/** The names were looked up and the addresses checked: a second question could have another answer. */
function answerWith(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, { all }, answer) => {
    if (all) answer(null, found)
    else answer(null, found[0]?.address ?? '', found[0]?.family)
  }
}

function checkHead({ statusCode, headers }: IncomingMessage, mediaTypes: readonly string[]): void {
  if (statusCode !== 200) throw new Error(`the status is ${String(statusCode)} and not 200`)
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';')
  if (!mediaTypes.includes(mediaType.trim().toLowerCase())) throw new Error(`it is not ${mediaTypes.join(' or ')}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new Error('it is compressed')
  if (Number(headers['content-length'] ?? 0) > limits.bodyBytes) throw tooLarge()
}

async function readBytes(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.byteLength
    if (size > limits.bodyBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(): Error {
  return new Error(`it has more than ${limits.bodyBytes} bytes`)
}

/** Where an entry of OUTBOUND_ALLOW lets through: the port that it names, or the default ones. */
function placesOf(entry: string): string[] {
  return ['https', 'http'].map((scheme) => placeOf(new URL(`${scheme}://${entry}`)))
}

/** The host and the port of an address, the default one written out. */
function placeOf({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
}

async function unlessEnded<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const ended = endOf(signal).then(() => {
    throw new Error('the time was over before the host was found')
  })
  return Promise.race([promise, ended])
}

/** Where every address of a host failed, the error has a code and no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}

function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else {
      signal.addEventListener(
        'abort',
        () => {
          resolve()
        },
        { once: true },
      )
    }
  })
}
