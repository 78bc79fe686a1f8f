import 'reflect-metadata'
import { randomBytes, X509Certificate, type webcrypto } from 'node:crypto'
import { BasicConstraintsExtension, Extension, PemConverter, X509CertificateGenerator } from '@peculiar/x509'

/** A certificate and its key, as PEM, with what signs others in its name. */
export interface MadeCertificate {
  cert: string
  key: string
  keyPair: webcrypto.CryptoKeyPair
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 24 * 60 * 60 * 1000

/** RFC 5280 §4.1: a certificate that another vouches for, or itself. It may be made as large as a test needs it. */
export async function makeCertificate(
  name: string,
  { issuer, paddingBytes = 0 }: { issuer?: MadeCertificate; paddingBytes?: number } = {},
): Promise<MadeCertificate> {
  const keyPair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomBytes(8).toString('hex'),
    subject: `CN=${name}`,
    issuer: issuer ? new X509Certificate(issuer.cert).subject : `CN=${name}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    publicKey: keyPair.publicKey,
    signingKey: (issuer?.keyPair ?? keyPair).privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true),
      ...(paddingBytes > 0 ? [new Extension('1.3.6.1.4.1.99999.1', false, new Uint8Array(paddingBytes))] : []),
    ],
  })
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keyPair.privateKey), 'PRIVATE KEY')
  // As Node and the engine write it.
  return { cert: new X509Certificate(certificate.toString('pem')).toString(), key, keyPair }
}
