import type { X509Certificate } from 'node:crypto'
import type { JWK } from 'jose'
import { calculateJwkThumbprint } from 'jose'
import type { ServiceContext } from '../context.ts'
import { parseJwks } from '../keys.ts'
import { isValidAt, parseCertificate } from '../protocol/certificate.ts'
import { problemOfChain } from '../protocol/certificate-chain.ts'
import { hasName, registeredNameOf } from '../protocol/certificate-name.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { AuthenticatedEndpoint } from './assertion.ts'
import type { PresentedOutsideForm } from './credentials.ts'
import { invalidClient } from './invalid-client.ts'

/** RFC 8705 §2.1, tls_client_auth: an authority that the service trusts says that the certificate is the client's. */
export async function proveByPkiCertificate(
  presented: PresentedOutsideForm,
  { settings }: RegisteredClient,
  _endpoint: AuthenticatedEndpoint,
  { service, now }: ServiceContext,
): Promise<void> {
  const certificate = certificateOf(presented)
  // Where the service leaves the chain to those who ended TLS, it still sees what has expired.
  const problem =
    service.settings.mutualTlsValidatePkiCertChain === false
      ? problemOfTime(certificate, now)
      : await problemOfChain({ certificate, intermediates: pathOf(presented), roots: rootsOf(service) }, now)
  if (problem !== undefined) throw invalidClient('A957342', problem, 'rfc8705#section-2.1')
  const name = registeredNameOf(settings)
  if (!name || !(await hasName(certificate, name))) {
    throw invalidClient(
      'A957343',
      'The client certificate does not have the name that the client registered.',
      'rfc8705#section-2.1.2',
    )
  }
}

/** RFC 8705 §2.2, self_signed_tls_client_auth: the key of the certificate is one that the client registered or publishes. */
export async function proveBySelfSignedCertificate(
  presented: PresentedOutsideForm,
  client: RegisteredClient,
  _endpoint: AuthenticatedEndpoint,
  context: ServiceContext,
): Promise<void> {
  const certificate = certificateOf(presented)
  const problem = problemOfTime(certificate, context.now)
  if (problem !== undefined) throw invalidClient('A957342', problem, 'rfc8705#section-2.2')
  if (!(await isRegistered(certificate, client, context))) {
    throw invalidClient(
      'A957344',
      'The client certificate has a key that the client did not register, or is not the one that was registered with its key.',
      'rfc8705#section-2.2',
    )
  }
}

function certificateOf({ clientCertificate }: PresentedOutsideForm): X509Certificate {
  if (clientCertificate === undefined) {
    throw invalidClient(
      'A957340',
      'The client must authenticate with a certificate, and presented none.',
      'rfc8705#section-2',
    )
  }
  const certificate = parseCertificate(clientCertificate)
  if (!certificate) throw invalidClient('A957341', 'The client certificate cannot be read.', 'rfc8705#section-2')
  return certificate
}

/** What cannot be read can be no part of a chain. */
function pathOf({ clientCertificatePath = [] }: PresentedOutsideForm): X509Certificate[] {
  return clientCertificatePath.map(parseCertificate).filter((certificate) => certificate !== undefined)
}

const parsedRoots = new WeakMap<RegisteredService, X509Certificate[]>()

/** The authorities that the service trusts, read once for as long as the service is remembered. */
function rootsOf(service: RegisteredService): X509Certificate[] {
  const known = parsedRoots.get(service)
  if (known) return known
  const { trustedRootCertificates: clientCertificatePath = [] } = service.settings
  const roots = pathOf({ clientCertificatePath })
  parsedRoots.set(service, roots)
  return roots
}

function problemOfTime(certificate: X509Certificate, now: Date): string | undefined {
  return isValidAt(certificate, now) ? undefined : 'The client certificate has expired, or is not valid yet.'
}

async function isRegistered(
  certificate: X509Certificate,
  { settings }: RegisteredClient,
  { publishedKeys, now }: ServiceContext,
): Promise<boolean> {
  const thumbprint = await keyThumbprintOf(certificate)
  if (thumbprint === undefined) return false
  const { selfSignedCertificateKeyId: kid, jwksUri, jwks } = settings
  const isRight = async (key: JWK) =>
    (!kid || key.kid === kid) &&
    key.use !== 'enc' &&
    holds(key, certificate) &&
    (await calculateJwkThumbprint(key)) === thumbprint
  if (jwksUri !== undefined) return publishedKeys.has(jwksUri, now, isRight)
  for (const key of parseJwks(jwks)) if (await isRight(key)) return true
  return false
}

/** RFC 7638; undefined for a key that no JWK can hold. */
async function keyThumbprintOf({ publicKey }: X509Certificate): Promise<string | undefined> {
  try {
    return await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }))
  } catch {
    return undefined
  }
}

/** RFC 7517 §4.7: where a key comes with its certificate, that is the one. */
function holds({ x5c }: JWK, certificate: X509Certificate): boolean {
  const [first] = x5c ?? []
  return first === undefined || certificate.raw.equals(Buffer.from(first, 'base64'))
}
