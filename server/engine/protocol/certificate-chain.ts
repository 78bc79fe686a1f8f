import type { X509Certificate } from 'node:crypto'
import { isValidAt, loadX509, readCertificate } from './certificate.ts'

/** What a chain of certificates is made of. */
export interface CertificateChain {
  /** The one that the client presented. */
  certificate: X509Certificate
  /** Others that came with it. Nothing is known of them. */
  intermediates: readonly X509Certificate[]
  /** Those that are trusted. */
  roots: readonly X509Certificate[]
}

/**
 * RFC 5280 §6.1: why a client certificate does not lead to a trusted root; undefined when it does. Looked for from the roots downwards, so
 * that what a stranger sends is followed only where somebody who is trusted has signed it.
 */
export async function problemOfChain(
  { certificate, intermediates, roots }: CertificateChain,
  now: Date,
): Promise<string | undefined> {
  if (!isValidAt(certificate, now)) return 'The client certificate has expired, or is not valid yet.'
  const use = await useOf(certificate)
  if (!use) return 'The client certificate has a key, a signature or an extension that this server does not take.'
  // §4.2.1.3 and §4.2.1.12: where a certificate says what it is for, that counts.
  if (!use.signs || !use.isForClients) {
    return 'The client certificate is not one for client authentication: see its key usages.'
  }
  const authorities = await trustedAuthorities(intermediates, roots, now)
  if (authorities.some((authority) => isIssuedBy(certificate, authority.certificate))) return undefined
  return 'The client certificate does not lead to a certificate authority that the service trusts.'
}

/** RFC 5280 §4.2.1.9: whether certificates can be issued with the key of a certificate at a time. */
export async function isAuthorityAt(certificate: X509Certificate, now: Date): Promise<boolean> {
  return (await authorityOf(certificate, now)) !== undefined
}

interface Authority {
  certificate: X509Certificate
  /** How many authorities may follow. */
  remaining: number
  isForClients: boolean
}

/** The roots, and the authorities that they vouch for, themselves or through others. */
async function trustedAuthorities(
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: Date,
): Promise<Authority[]> {
  const trusted = await authoritiesOf(roots, now)
  let others = (await authoritiesOf(intermediates, now)).filter(({ isForClients }) => isForClients)
  // Each round gets one authority further.
  for (let length = 1; length <= longestPath; length += 1) {
    const found = others.flatMap((other) => {
      const issuers = trusted.filter(({ certificate }) => isIssuedBy(other.certificate, certificate))
      const allowed = Math.max(-1, ...issuers.map(({ remaining }) => remaining - 1))
      return allowed < 0 ? [] : [{ ...other, remaining: Math.min(other.remaining, allowed) }]
    })
    if (found.length === 0) break
    trusted.push(...found)
    others = others.filter((other) => !found.some(({ certificate }) => certificate === other.certificate))
  }
  return trusted
}

/** Authorities between a root and a client: no more are followed. */
const longestPath = 5

async function authoritiesOf(certificates: readonly X509Certificate[], now: Date): Promise<Authority[]> {
  const authorities = await Promise.all(certificates.map((certificate) => authorityOf(certificate, now)))
  return authorities.filter((authority) => authority !== undefined)
}

/** §6.1.4: undefined for what is no authority, or none today. */
async function authorityOf(certificate: X509Certificate, now: Date): Promise<Authority | undefined> {
  const use = isValidAt(certificate, now) ? await useOf(certificate) : undefined
  if (!use?.issues) return undefined
  return { certificate, remaining: use.pathLength, isForClients: use.isForClients }
}

/** §6.1.3: the name, and the signature. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

/** What a certificate says that its key is for. What it does not say is not limited. */
interface CertificateUse {
  issues: boolean
  pathLength: number
  signs: boolean
  isForClients: boolean
}

/** Client authentication, and any purpose at all. */
const clientPurposes: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'])

/** The extensions that are looked at: here, and where names are compared. */
const knownExtensions: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37'])

/** §4.2.1.10: name constraints. They are not worked out here, so whoever is limited by them vouches for nobody. */
const nameConstraints = '2.5.29.30'

/** Undefined for a certificate that is worth nothing: it cannot be read, is weak, or has a critical extension that is not known, §4.2. */
async function useOf(certificate: X509Certificate): Promise<CertificateUse | undefined> {
  const { BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension } = await loadX509()
  try {
    const read = await readCertificate(certificate)
    if (!isStrong(certificate) || /SHA-1|MD5/i.test(JSON.stringify(read.signatureAlgorithm))) return undefined
    if (read.extensions.some(({ critical, type }) => critical && !knownExtensions.has(type))) return undefined
    if (read.extensions.some(({ type }) => type === nameConstraints)) return undefined
    const constraints = read.getExtension(BasicConstraintsExtension)
    const usages = read.getExtension(KeyUsagesExtension)?.usages
    const purposes = read.getExtension(ExtendedKeyUsageExtension)?.usages
    const isUsedFor = (flag: number) => usages === undefined || (usages & flag) !== 0
    return {
      issues: constraints?.ca === true && isUsedFor(KeyUsageFlags.keyCertSign),
      pathLength: constraints?.pathLength ?? Infinity,
      signs: isUsedFor(KeyUsageFlags.digitalSignature),
      isForClients: purposes?.some((purpose) => clientPurposes.has(String(purpose))) ?? true,
    }
  } catch {
    // Whatever fails in here is the doing of whoever made the certificate.
    return undefined
  }
}

const curves: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/** FAPI 2.0 §5.4: its key must be as strong as those in JWK Sets. */
function isStrong({ publicKey }: X509Certificate): boolean {
  const { modulusLength = 0, namedCurve } = publicKey.asymmetricKeyDetails ?? {}
  if (publicKey.asymmetricKeyType === 'ec') return curves.has(namedCurve)
  return publicKey.asymmetricKeyType === 'ed25519' || modulusLength >= 2_048
}
