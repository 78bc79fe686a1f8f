import { X509Certificate } from 'node:crypto'
import { TLSSocket, type DetailedPeerCertificate } from 'node:tls'
import type { Request } from 'express'
import { parseCertificates } from './certificates.ts'
import type { Config } from './config.ts'
import { Refusal } from './refusal.ts'

/** A certificate as the engine is told of it: PEM, and whether it is good is the engine's to say. */
export interface ClientCertificate {
  clientCertificate: string
  /** What the client presented with it, the issuer of each after it. */
  clientCertificatePath: string[]
}

/** What the engine's contract takes: characters of a certificate, and certificates of a path. */
const longestCertificate = 16_384
const longestPath = 10

/**
 * RFC 8705 §2: the certificate of the client's TLS connection, or the one that a trusted proxy says it saw in that connection (§6.5,
 * RFC 9440). Empty when there is none. Throws for a header that cannot be read.
 */
export function readClientCertificate(req: Request, config: Config): Partial<ClientCertificate> {
  const header = config.clientCertificateHeader
  // Behind the proxy the connection is the proxy's: a certificate of its own there is nobody's but the proxy's.
  if (header !== undefined && isFromProxy(req)) return certificateInHeader(req, header)
  return req.socket instanceof TLSSocket ? certificateOf(req.socket) : {}
}

/** RFC 8705 §3: the certificate alone, for whoever presents an access token that may be bound to it. */
export function readBindingCertificate(
  req: Request,
  config: Config,
): Partial<Pick<ClientCertificate, 'clientCertificate'>> {
  const { clientCertificate } = readClientCertificate(req, config)
  return clientCertificate === undefined ? {} : { clientCertificate }
}

/** Whether Express would believe who sent this: the same function decides about X-Forwarded headers. */
function isFromProxy({ app, socket }: Request): boolean {
  const trusts: unknown = app.get('trust proxy fn')
  return isTrust(trusts) && socket.remoteAddress !== undefined && trusts(socket.remoteAddress, 0)
}

function isTrust(value: unknown): value is (address: string, hop: number) => boolean {
  return typeof value === 'function'
}

/** A connection keeps its certificate for life (there is no renegotiation), so it is looked at once. */
function certificateOf(socket: TLSSocket): Partial<ClientCertificate> {
  const known = certificates.get(socket) ?? asQuestion(presentedIn(socket))
  certificates.set(socket, known)
  return known
}

const certificates = new WeakMap<TLSSocket, Partial<ClientCertificate>>()

/** From the client's own certificate upwards; a root that signs itself ends the path, and so does a loop. */
function presentedIn(socket: TLSSocket): X509Certificate[] {
  const presented = new Map<string, X509Certificate>()
  // Without a certificate Node answers an empty object, whatever its types say.
  let next: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true)
  while (next?.raw && presented.size <= longestPath) {
    const certificate = new X509Certificate(next.raw)
    if (presented.has(certificate.fingerprint256)) break
    presented.set(certificate.fingerprint256, certificate)
    next = next.issuerCertificate
  }
  return [...presented.values()]
}

function certificateInHeader(req: Request, header: string): Partial<ClientCertificate> {
  const [value = '', ...others] = req.headersDistinct[header] ?? []
  if (others.length > 0) throw malformed(header, 'it was sent more than once')
  if (value.trim() === '') return {}
  if (!value.startsWith(':')) return asQuestion(parseEscapedPem(header, value))
  // RFC 9440 §2.3: the chain is a list, and a list may come in several lines. It belongs to Client-Cert and to no other header.
  const chain = header === 'client-cert' ? (req.headersDistinct[chainHeader] ?? []).join(',') : ''
  const items = chain.trim() === '' ? [] : chain.split(',')
  return asQuestion([parseBytes(header, value), ...items.map((item) => parseBytes(chainHeader, item))])
}

const chainHeader = 'client-cert-chain'

/** RFC 9440 §2.1, RFC 8941 §3.3.5: the DER of one certificate as base64 between colons. */
function parseBytes(header: string, item: string): X509Certificate {
  const [, base64] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(item.trim()) ?? []
  if (base64 === undefined) throw malformed(header, 'it is not base64 between colons')
  const der = Buffer.from(base64, 'base64')
  const certificate = readable(header, () => new X509Certificate(der))
  if (!certificate.raw.equals(der)) throw malformed(header, 'there is more in it than a certificate')
  return certificate
}

/** What nginx calls $ssl_client_escaped_cert: PEM, percent-encoded. Some proxies put the whole chain into it. */
function parseEscapedPem(header: string, value: string): X509Certificate[] {
  return readable(header, () => parseCertificates(decodeURIComponent(value)))
}

function readable<Value>(header: string, parse: () => Value): Value {
  try {
    return parse()
  } catch {
    throw malformed(header, 'it holds no certificate')
  }
}

function asQuestion(presented: readonly X509Certificate[]): Partial<ClientCertificate> {
  const [clientCertificate, ...path] = presented.slice(0, 1 + longestPath).map(String)
  if (clientCertificate === undefined) return {}
  if ([clientCertificate, ...path].some(({ length }) => length > longestCertificate)) {
    throw refuse(`A client certificate may have ${longestCertificate} characters as PEM, and this one has more`)
  }
  return { clientCertificate, ...(path.length > 0 && { clientCertificatePath: path }) }
}

function malformed(header: string, reason: string): Refusal {
  return refuse(`The proxy handed over a client certificate that cannot be read: ${header}, ${reason}`)
}

function refuse(description: string): Refusal {
  return new Refusal(400, { error: 'invalid_request', description })
}
