import { createHash, X509Certificate } from 'node:crypto'
import type * as x509 from '@peculiar/x509'

/** RFC 7468 §5.1: reads a certificate; undefined for what is none. */
export function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** RFC 8705 §3.1: the SHA-256 of a certificate, in base64url. */
export function thumbprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url')
}

/** RFC 5280 §4.1.2.5: from the first instant to the last. A date that cannot be read is none of them. */
export function isValidAt(certificate: X509Certificate, now: Date): boolean {
  return Date.parse(certificate.validFrom) <= now.getTime() && now.getTime() <= Date.parse(certificate.validTo)
}

/** Its names and extensions: what `node:crypto` does not tell. Throws for a certificate that is not well-formed. */
export async function readCertificate(certificate: X509Certificate): Promise<x509.X509Certificate> {
  const { X509Certificate: Reader } = await loadX509()
  return new Reader(new Uint8Array(certificate.raw))
}

/** Loaded when the first certificate comes: most servers never see one, and start sooner. */
export async function loadX509(): Promise<typeof x509> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}
