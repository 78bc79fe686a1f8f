import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import type { webcrypto } from 'node:crypto'
import { X509Certificate } from 'node:crypto'
import type { JWK } from 'jose'
import { exportJWK } from 'jose'

/** A certificate with its key. */
export interface IssuedCertificate {
  pem: string
  certificate: X509Certificate
  /** Its public key. */
  jwk: JWK
  /** PKCS #8. */
  privateKeyPem: string
  subject: x509.JsonName
  keys: webcrypto.CryptoKeyPair
}

/** What is particular to a certificate. */
export interface CertificateWishes {
  /** In the order of the certificate: the country comes first. */
  subject?: x509.JsonName
  /** Who issues it; it vouches for itself when this is left out. */
  by?: IssuedCertificate
  /** RFC 5280 §4.2.1.9: whether it is an authority, and how many may follow it. */
  ca?: boolean
  pathLength?: number
  names?: x509.JsonGeneralNames
  validFrom?: Date
  validTo?: Date
  /** RFC 5280 §4.2.1.3. */
  usage?: x509.KeyUsageFlags | 'not said'
  /** RFC 5280 §4.2.1.12. */
  purposes?: string[]
  extensions?: x509.Extension[]
  algorithm?: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams
  /** The keys of another certificate. */
  keys?: webcrypto.CryptoKeyPair
  /** Signs in the place of the issuer, which did not. */
  signedBy?: webcrypto.CryptoKeyPair
}

export const clientAuth = '1.3.6.1.5.5.7.3.2'
export const serverAuth = '1.3.6.1.5.5.7.3.1'
export const { KeyUsageFlags } = x509

/** Valid while the clock of the engine under test stands. */
const year = { validFrom: new Date('2026-01-01T00:00:00Z'), validTo: new Date('2027-01-01T00:00:00Z') }
const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** RFC 5280 §4.1: makes a certificate. */
export async function issueCertificate(wishes: CertificateWishes = {}): Promise<IssuedCertificate> {
  const {
    subject = [{ C: ['DE'] }, { O: ['Example'] }, { CN: ['client.example'] }],
    by,
    ca = false,
    pathLength,
    names,
    usage = ca ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature,
    purposes,
    extensions = [],
    algorithm = p256,
  } = wishes
  const { validFrom = year.validFrom, validTo = year.validTo } = wishes
  const keys = wishes.keys ?? (await makeKeys(algorithm))
  const issued = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    subject,
    issuer: by?.subject ?? subject,
    notBefore: validFrom,
    notAfter: validTo,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    publicKey: keys.publicKey,
    signingKey: (wishes.signedBy ?? by?.keys ?? keys).privateKey,
    extensions: [
      ...(ca ? [new x509.BasicConstraintsExtension(true, pathLength, true)] : []),
      ...(usage === 'not said' ? [] : [new x509.KeyUsagesExtension(usage, true)]),
      ...(purposes ? [new x509.ExtendedKeyUsageExtension(purposes)] : []),
      ...(names ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ...extensions,
    ],
  })
  const pem = issued.toString('pem')
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    pem,
    certificate: new X509Certificate(pem),
    jwk: await exportJWK(keys.publicKey),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n').trim()}\n-----END PRIVATE KEY-----\n`,
    subject,
    keys,
  }
}

/** An authority that vouches for itself. */
export function makeAuthority(name: string, wishes: CertificateWishes = {}): Promise<IssuedCertificate> {
  return issueCertificate({ subject: [{ O: ['Authorities'] }, { CN: [name] }], ca: true, ...wishes })
}

/** RFC 5280 §4.2: an extension that says nothing to anybody. */
export function unknownExtension(critical: boolean): x509.Extension {
  return new x509.Extension('1.2.3.4.5', critical, Buffer.from('0500', 'hex'))
}

/** RFC 5280 §4.2.1.10: an authority for the names of other.tld alone. */
export function nameConstraints(critical: boolean): x509.Extension {
  return new x509.Extension('2.5.29.30', critical, Buffer.from('300fa00d300b82096f746865722e746c64', 'hex'))
}

async function makeKeys(
  algorithm: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams,
): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}
