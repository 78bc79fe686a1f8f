import { createPrivateKey, X509Certificate } from 'node:crypto'

/** RFC 7468 §5: the certificates of a PEM text, in order; what stands between them is a comment. Throws when there is none. */
export function parseCertificates(pem: string): [X509Certificate, ...X509Certificate[]] {
  const [first, ...others] = (pem.match(pemCertificate) ?? []).map((block) => new X509Certificate(block))
  if (first === undefined) throw new Error('The text holds no certificate')
  return [first, ...others]
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Whether the private key belongs to the first of the certificates, which is the server's own. */
export function isKeyOf(certificates: string, key: string): boolean {
  return parseCertificates(certificates)[0].checkPrivateKey(createPrivateKey(key))
}

/** What `npm run start:tls` makes and reads, below the working directory. It is made anew when it is near its end. */
export const developmentFiles = {
  folder: '.data/tls',
  ca: '.data/tls/ca.pem',
  server: { cert: '.data/tls/server.pem', key: '.data/tls/server.key' },
  client: { cert: '.data/tls/client.pem', key: '.data/tls/client.key' },
} as const

/** By its name, a certificate of this authority is known wherever it turns up. */
export const developmentCa = 'Gatehouse development CA'

/** Whether the server's certificate was made by `npm run start:tls`. */
export function isOfDevelopmentCa(certificates: string): boolean {
  return parseCertificates(certificates)[0].issuer.split('\n').includes(`CN=${developmentCa}`)
}
