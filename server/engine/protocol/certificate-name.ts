import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Client } from '../../../sdk/types.ts'
import { loadX509, readCertificate } from './certificate.ts'
import { parseDistinguishedName, readDistinguishedName } from './distinguished-name.ts'

/** RFC 8705 §2.1.2: the members of a client that name its certificate. It has one of them. */
export const nameMembers = [
  'tlsClientAuthSubjectDn',
  'tlsClientAuthSanDns',
  'tlsClientAuthSanUri',
  'tlsClientAuthSanIp',
  'tlsClientAuthSanEmail',
] as const satisfies readonly (keyof Client)[]

/** The name that a certificate of the client must have. */
export interface RegisteredName {
  member: (typeof nameMembers)[number]
  value: string
}

/** RFC 8705 §2.1.2: the one name that the client registered. */
export function registeredNameOf(settings: Client): RegisteredName | undefined {
  const [name] = registeredNamesOf(settings)
  return name
}

/** All that are set, for whoever must see that it is one. */
export function registeredNamesOf(settings: Client): RegisteredName[] {
  return nameMembers.flatMap((member) => {
    const value = settings[member]
    return value ? [{ member, value }] : []
  })
}

/** RFC 8705 §2.1.2: whether a certificate has a name, among those of its subject or as a whole. Wildcards stand for themselves. */
export async function hasName(certificate: X509Certificate, { member, value }: RegisteredName): Promise<boolean> {
  try {
    if (member === 'tlsClientAuthSubjectDn') return await hasSubject(certificate, value)
    const { type, comparable } = alternativeNames[member]
    const { SubjectAlternativeNameExtension } = await loadX509()
    const read = await readCertificate(certificate)
    const names = read.getExtension(SubjectAlternativeNameExtension)?.names.items ?? []
    const expected = comparable(value)
    return names.some((name) => name.type === type && comparable(name.value) === expected)
  } catch {
    // A certificate whose names cannot be read has none.
    return false
  }
}

/** RFC 4514, RFC 4517 §4.2.15: all of the name, in its order. */
async function hasSubject(certificate: X509Certificate, registered: string): Promise<boolean> {
  const { subjectName } = await readCertificate(certificate)
  const subject = readDistinguishedName(new Uint8Array(subjectName.toArrayBuffer()))
  const expected = parseDistinguishedName(registered)
  return subject.length === expected.length && subject.every((part, index) => part === expected[index])
}

/** RFC 5280 §4.2.1.6: how the names of a kind are compared. */
const alternativeNames = {
  tlsClientAuthSanDns: { type: 'dns', comparable: (name: string) => name.toLowerCase() },
  tlsClientAuthSanUri: { type: 'url', comparable: (name: string) => name },
  tlsClientAuthSanIp: { type: 'ip', comparable: addressOf },
  tlsClientAuthSanEmail: { type: 'email', comparable: (name: string) => name },
} as const

/** RFC 5952 §4: an address in the one spelling that it has. What is no address stays as it is. */
function addressOf(text: string): string {
  return isIP(text) === 6 ? new URL(`http://[${text}]`).hostname : text
}
