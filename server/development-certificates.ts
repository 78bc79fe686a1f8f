import 'reflect-metadata'
import { randomBytes, X509Certificate, type webcrypto } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { developmentCa, developmentFiles, isKeyOf } from './certificates.ts'

/**
 * RFC 5280: an authority for this machine, a certificate for its server and one for a client to try mutual TLS with. Made when they are
 * missing or near their end; of two processes that make them at once, both use those of one. The paths are below `root`.
 */
export async function ensureDevelopmentCertificates(root: string, now: Date): Promise<void> {
  const folder = path.join(root, developmentFiles.folder)
  if (await isUsable(root, now)) return
  await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 })
  // Beside its final place, and moved there as a whole: nobody ever finds a certificate without its key.
  const fresh = await mkdtemp(`${folder}-`)
  try {
    await makeCertificates(fresh, now)
    if (await isUsable(root, now)) return
    await rm(folder, { recursive: true, force: true })
    await rename(fresh, folder)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

const dayMs = 24 * 60 * 60 * 1000

/** Systems refuse certificates of private authorities that live longer than 825 days. */
const lifeDays = 820
const renewalDays = 30

async function isUsable(root: string, now: Date): Promise<boolean> {
  const { ca, server, client } = developmentFiles
  try {
    const read = (file: string) => readFile(path.join(root, file), 'utf8')
    const authority = new X509Certificate(await read(ca))
    for (const { cert, key } of [server, client]) {
      const pem = await read(cert)
      const certificate = new X509Certificate(pem)
      const ends = Date.parse(certificate.validTo)
      if (!certificate.verify(authority.publicKey) || !isKeyOf(pem, await read(key))) return false
      if (ends - now.getTime() < renewalDays * dayMs) return false
    }
    return true
  } catch {
    // Missing or spoilt: either way there is nothing to use.
    return false
  }
}

async function makeCertificates(folder: string, now: Date): Promise<void> {
  const authority = await makeKeyPair()
  const validity = {
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + (lifeDays - 1) * dayMs),
  }
  const certify = async (subject: string, keyPair: webcrypto.CryptoKeyPair, extensions: Extension[]) =>
    X509CertificateGenerator.create({
      serialNumber: randomBytes(16).toString('hex'),
      subject: `CN=${subject}`,
      issuer: `CN=${developmentCa}`,
      ...validity,
      publicKey: keyPair.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        ...extensions,
        await SubjectKeyIdentifierExtension.create(keyPair.publicKey),
        await AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ],
    })

  const write = (file: string, text: string, mode: number) =>
    writeFile(path.join(folder, path.basename(file)), `${text}\n`, { flag: 'wx', mode })

  const ca = await certify(developmentCa, authority, [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
  ])
  await write(developmentFiles.ca, ca.toString('pem'), 0o644)
  for (const { files, subject, names, usage } of leaves) {
    const keyPair = await makeKeyPair()
    const certificate = await certify(subject, keyPair, [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      new SubjectAlternativeNameExtension([...names]),
    ])
    await write(files.cert, certificate.toString('pem'), 0o644)
    await write(files.key, await privateKeyAsPem(keyPair), 0o600)
  }
  // The authority's own key is kept nowhere: whoever lets a browser trust ca.pem trusts these two certificates, and nothing to come.
}

const leaves = [
  {
    files: developmentFiles.server,
    subject: 'localhost',
    names: [
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
      { type: 'ip', value: '::1' },
    ],
    usage: ExtendedKeyUsage.serverAuth,
  },
  {
    files: developmentFiles.client,
    subject: 'Gatehouse development client',
    names: [{ type: 'dns', value: 'client.localhost' }],
    usage: ExtendedKeyUsage.clientAuth,
  },
] as const

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

function makeKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function privateKeyAsPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
}
