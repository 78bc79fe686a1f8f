import { beforeAll, describe, expect, it } from 'vitest'
import type { CertificateChain } from '../../../server/engine/protocol/certificate-chain.ts'
import { problemOfChain } from '../../../server/engine/protocol/certificate-chain.ts'
import { hasName } from '../../../server/engine/protocol/certificate-name.ts'
import type { RegisteredName } from '../../../server/engine/protocol/certificate-name.ts'
import { parseCertificate, thumbprintOf } from '../../../server/engine/protocol/certificate.ts'
import type { CertificateWishes, IssuedCertificate } from '../../certificates.ts'
import {
  clientAuth,
  issueCertificate,
  KeyUsageFlags,
  makeAuthority,
  nameConstraints,
  serverAuth,
  unknownExtension,
} from '../../certificates.ts'

const now = new Date('2026-03-01T12:00:00Z')
const lastYear = { validFrom: new Date('2025-01-01T00:00:00Z'), validTo: new Date('2025-12-31T00:00:00Z') }
const nextYear = { validFrom: new Date('2026-12-01T00:00:00Z'), validTo: new Date('2027-12-31T00:00:00Z') }
const rsa = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
})

let root: IssuedCertificate
let intermediate: IssuedCertificate
let other: IssuedCertificate

beforeAll(async () => {
  root = await makeAuthority('Root')
  intermediate = await makeAuthority('Intermediate', { by: root })
  other = await makeAuthority('Root')
})

function problem(
  leaf: IssuedCertificate,
  intermediates: IssuedCertificate[] = [],
  roots = [root],
  at = now,
): Promise<string | undefined> {
  const chain: CertificateChain = {
    certificate: leaf.certificate,
    intermediates: intermediates.map(({ certificate }) => certificate),
    roots: roots.map(({ certificate }) => certificate),
  }
  return problemOfChain(chain, at)
}

describe('RFC 5280 §6.1: a client certificate leads to a trusted root', () => {
  it('given one that the root issued, then it does', async () => {
    expect(await problem(await issueCertificate({ by: root }))).toBeUndefined()
  })

  it('given one that an authority in between issued, then it does if that one came along, in whatever order', async () => {
    const second = await makeAuthority('Second', { by: intermediate })
    const leaf = await issueCertificate({ by: second })
    expect(await problem(leaf, [second, intermediate])).toBeUndefined()
    expect(await problem(leaf, [other, intermediate, root, second])).toBeUndefined()
    expect(await problem(leaf, [second])).toMatch('does not lead')
    expect(await problem(leaf)).toMatch('does not lead')
  })

  it('given an authority of the same name with another key, then it does not', async () => {
    const leaf = await issueCertificate({ by: other })
    expect(await problem(leaf)).toMatch('does not lead')
    expect(await problem(leaf, [other])).toMatch('does not lead')
    expect(await problem(leaf, [], [other])).toBeUndefined()
  })

  it('given one that vouches for itself, then it does not, not even as its own authority', async () => {
    const selfSigned = await issueCertificate()
    expect(await problem(selfSigned, [selfSigned])).toMatch('does not lead')
  })

  it('given a signature that the issuer did not make, then it does not', async () => {
    const { keys } = other
    expect(await problem(await issueCertificate({ by: root, signedBy: keys }))).toMatch('does not lead')
  })

  it('given no root at all, then it does not', async () => {
    expect(await problem(await issueCertificate({ by: root }), [], [])).toMatch('does not lead')
  })

  it.each<[string, CertificateWishes]>([
    ['has expired', lastYear],
    ['is not valid yet', nextYear],
  ])('given a certificate, an intermediate or a root that %s, then it does not', async (_, validity) => {
    expect(await problem(await issueCertificate({ by: root, ...validity }))).toMatch('expired, or is not valid yet')
    const old = await makeAuthority('Intermediate', { by: root, ...validity })
    expect(await problem(await issueCertificate({ by: old }), [old])).toMatch('does not lead')
    const oldRoot = await makeAuthority('Old root', validity)
    expect(await problem(await issueCertificate({ by: oldRoot }), [], [oldRoot])).toMatch('does not lead')
  })

  it('given the first and the last second of its life, then it is valid, and not a second before or after', async () => {
    const leaf = await issueCertificate({
      by: root,
      validFrom: new Date('2026-03-01T12:00:00Z'),
      validTo: new Date('2026-03-01T13:00:00Z'),
    })
    for (const [time, isValid] of [
      ['11:59:59', false],
      ['12:00:00', true],
      ['13:00:00', true],
      ['13:00:01', false],
    ] as const) {
      expect([time, (await problem(leaf, [], [root], new Date(`2026-03-01T${time}Z`))) === undefined]).toEqual([
        time,
        isValid,
      ])
    }
  })

  it.each<[string, CertificateWishes]>([
    ['is no authority', { ca: false }],
    ['is an authority that may not sign certificates', { usage: KeyUsageFlags.digitalSignature }],
    ['is for servers', { purposes: [serverAuth] }],
    ['has a critical extension that nobody knows', { extensions: [unknownExtension(true)] }],
    ['is limited to some names', { extensions: [nameConstraints(true)] }],
    ['is limited to some names, and does not call it critical', { extensions: [nameConstraints(false)] }],
  ])('given an intermediate that %s, then it does not', async (_, wishes) => {
    const unfit = await makeAuthority('Unfit', { by: root, ...wishes })
    expect(await problem(await issueCertificate({ by: unfit }), [unfit])).toMatch('does not lead')
  })

  it('given a root that is limited to some names, then nothing leads there', async () => {
    const limited = await makeAuthority('Limited', { extensions: [nameConstraints(false)] })
    expect(await problem(await issueCertificate({ by: limited }), [], [limited])).toMatch('does not lead')
  })

  it('given a root for which no authority may follow, then only what it issued itself leads there', async () => {
    const strict = await makeAuthority('Strict', { pathLength: 0 })
    const below = await makeAuthority('Below', { by: strict })
    expect(await problem(await issueCertificate({ by: strict }), [], [strict])).toBeUndefined()
    expect(await problem(await issueCertificate({ by: below }), [below], [strict])).toMatch('does not lead')
  })

  it('given a path length further down, then it holds from there', async () => {
    const last = await makeAuthority('Last', { by: root, pathLength: 0 })
    const beyond = await makeAuthority('Beyond', { by: last })
    expect(await problem(await issueCertificate({ by: last }), [last])).toBeUndefined()
    expect(await problem(await issueCertificate({ by: beyond }), [last, beyond])).toMatch('does not lead')
  })

  it.each<[string, CertificateWishes, string]>([
    ['for servers only', { purposes: [serverAuth] }, 'not one for client authentication'],
    ['that may not sign', { usage: KeyUsageFlags.keyEncipherment }, 'not one for client authentication'],
    ['with a critical extension that nobody knows', { extensions: [unknownExtension(true)] }, 'does not take'],
    ['with an RSA key of 1024 bits', { algorithm: rsa(1024) }, 'does not take'],
  ])('given a certificate %s, then it is refused', async (_, wishes, text) => {
    expect(await problem(await issueCertificate({ by: root, ...wishes }))).toMatch(text)
  })

  it.each<[string, CertificateWishes]>([
    ['for clients', { purposes: [serverAuth, clientAuth] }],
    ['for any purpose', { purposes: ['2.5.29.37.0'] }],
    ['that says nothing of its use', { usage: 'not said' }],
    ['with an extension that need not be known', { extensions: [unknownExtension(false)] }],
    ['with an RSA key of 2048 bits', { algorithm: rsa(2048) }],
  ])('given a certificate %s, then it is taken', async (_, wishes) => {
    expect(await problem(await issueCertificate({ by: root, ...wishes }))).toBeUndefined()
  })
})

describe('RFC 8705 §2.1.2: a certificate has the name that the client registered', () => {
  const names = [
    { type: 'dns' as const, value: 'Client.Example' },
    { type: 'dns' as const, value: '*.wild.example' },
    { type: 'url' as const, value: 'https://client.example/Path' },
    { type: 'ip' as const, value: '192.0.2.7' },
    { type: 'ip' as const, value: '2001:db8::7' },
    { type: 'email' as const, value: 'Client@example.com' },
  ]
  let leaf: IssuedCertificate

  beforeAll(async () => {
    leaf = await issueCertificate({ names })
  })

  it.each<[RegisteredName['member'], string]>([
    ['tlsClientAuthSubjectDn', 'CN=client.example,O=Example,C=DE'],
    ['tlsClientAuthSanDns', 'client.example'],
    ['tlsClientAuthSanDns', 'CLIENT.example'],
    ['tlsClientAuthSanDns', '*.wild.example'],
    ['tlsClientAuthSanUri', 'https://client.example/Path'],
    ['tlsClientAuthSanIp', '192.0.2.7'],
    ['tlsClientAuthSanIp', '2001:db8::7'],
    ['tlsClientAuthSanIp', '2001:0DB8:0:0:0:0:0:7'],
    ['tlsClientAuthSanEmail', 'Client@example.com'],
  ])('given %s %s, then it has it', async (member, value) => {
    expect(await hasName(leaf.certificate, { member, value })).toBe(true)
  })

  it.each<[RegisteredName['member'], string]>([
    ['tlsClientAuthSubjectDn', 'CN=client.example'],
    ['tlsClientAuthSubjectDn', 'C=DE,O=Example,CN=client.example'],
    ['tlsClientAuthSanDns', 'sub.client.example'],
    ['tlsClientAuthSanDns', 'a.wild.example'],
    ['tlsClientAuthSanDns', '192.0.2.7'],
    ['tlsClientAuthSanUri', 'https://client.example/path'],
    ['tlsClientAuthSanUri', 'https://client.example/Path/'],
    ['tlsClientAuthSanIp', '192.0.2.8'],
    ['tlsClientAuthSanIp', '::ffff:192.0.2.7'],
    ['tlsClientAuthSanEmail', 'client@example.com'],
  ])('given %s %s, then it has not', async (member, value) => {
    expect(await hasName(leaf.certificate, { member, value })).toBe(false)
  })

  it('given a certificate without alternative names, then it has none, whatever its common name is', async () => {
    const plain = await issueCertificate()
    expect(await hasName(plain.certificate, { member: 'tlsClientAuthSanDns', value: 'client.example' })).toBe(false)
  })
})

describe('RFC 8705 §3.1: the thumbprint of a certificate', () => {
  it('given the example of Appendix A, then the thumbprint printed there', () => {
    const pem = `-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----`
    const certificate = parseCertificate(pem)
    expect(certificate && thumbprintOf(certificate)).toBe('A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0')
  })

  it.each(['', 'junk', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'given %j, then there is no certificate',
    (pem) => {
      expect(parseCertificate(pem)).toBeUndefined()
    },
  )
})
