import 'reflect-metadata'
import fc from 'fast-check'
import * as x509 from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { parseDistinguishedName, readDistinguishedName } from '../../../server/engine/protocol/distinguished-name.ts'

/** A name as a certificate has it, the country first. */
const inCertificate = (name: x509.JsonName) =>
  readDistinguishedName(new Uint8Array(new x509.Name(name).toArrayBuffer()))

const client: x509.JsonName = [{ C: ['DE'] }, { O: ['Example, Inc.'] }, { CN: ['client.example'] }]

describe('RFC 4514: a registered name is the subject of a certificate', () => {
  it.each([
    ['as it is written', 'CN=client.example,O=Example\\, Inc.,C=DE'],
    ['with the names of types in other cases', 'cn=client.example,o=Example\\, Inc.,c=DE'],
    ['with object identifiers', '2.5.4.3=client.example,2.5.4.10=Example\\, Inc.,2.5.4.6=DE'],
    ['with spaces around separators', 'CN = client.example, O=Example\\, Inc. , C=DE'],
    ['with an escape in hexadecimal', 'CN=client.example,O=Example\\2C Inc.,C=DE'],
    ['with values in other cases', 'CN=CLIENT.Example,O=example\\, inc.,C=de'],
    ['with more spaces within', 'CN=client.example,O=Example\\,   Inc.,C=DE'],
    ['with the DER of a value', 'CN=#130e636c69656e742e6578616d706c65,O=Example\\, Inc.,C=DE'],
  ])('given it %s, then it is the same', (_, text) => {
    expect(parseDistinguishedName(text)).toEqual(inCertificate(client))
  })

  it.each([
    ['in the order of the certificate', 'C=DE,O=Example\\, Inc.,CN=client.example'],
    ['with one part less', 'CN=client.example,O=Example\\, Inc.'],
    ['with one part more', 'CN=client.example,OU=Bank,O=Example\\, Inc.,C=DE'],
    ['with the common name alone', 'CN=client.example'],
    ['with another value', 'CN=other.example,O=Example\\, Inc.,C=DE'],
    ['with a value that begins alike', 'CN=client.example.evil,O=Example\\, Inc.,C=DE'],
    ['with parts of one name put together', 'CN=client.example+O=Example\\, Inc.,C=DE'],
    ['with another type', 'OU=client.example,O=Example\\, Inc.,C=DE'],
  ])('given it %s, then it is another', (_, text) => {
    expect(parseDistinguishedName(text)).not.toEqual(inCertificate(client))
  })

  it('given several attributes in one part, then their order does not count', () => {
    const name = inCertificate([{ O: ['Example'] }, { CN: ['a'], '0.9.2342.19200300.100.1.1': ['b'] }])
    expect(parseDistinguishedName('CN=a+UID=b,O=Example')).toEqual(name)
    expect(parseDistinguishedName('uid=B+cn=A,O=Example')).toEqual(name)
    expect(parseDistinguishedName('CN=a,UID=b,O=Example')).not.toEqual(name)
  })

  it('given letters that are no ASCII, then they are the same in every encoding of them', () => {
    const name = inCertificate([{ O: ['Bücher Straße'] }])
    expect(parseDistinguishedName('O=Bücher Straße')).toEqual(name)
    expect(parseDistinguishedName('O=B\\C3\\BCcher Straße')).toEqual(name)
    expect(parseDistinguishedName('O=Bu\u0308cher Straße')).toEqual(name)
  })

  it('given an organization identifier, as certificates of banks have one, then its name and its number say the same', () => {
    const name = inCertificate([{ '2.5.4.97': ['PSDDE-BAFIN-123456'] }])
    expect(parseDistinguishedName('organizationIdentifier=PSDDE-BAFIN-123456')).toEqual(name)
    expect(parseDistinguishedName('2.5.4.97=PSDDE-BAFIN-123456')).toEqual(name)
  })

  it('given text that looks like a separator, then it is text', () => {
    const hostile = inCertificate([{ CN: ['client.example,O=Example'] }])
    expect(parseDistinguishedName('CN=client.example,O=Example')).not.toEqual(hostile)
    expect(parseDistinguishedName('CN=client.example\\,O\\=Example')).toEqual(hostile)
  })

  it.each([
    ['nothing', ''],
    ['no type', 'client.example'],
    ['a type that nobody knows', 'XYZZY=a'],
    ['a comma at its end', 'CN=a,'],
    ['a plus at its end', 'CN=a+'],
    ['junk after it', 'CN=a;O=b'],
    ['quotes, which RFC 4514 has no more', 'CN="a"'],
    ['a backslash at its end', 'CN=a\\'],
    ['an escape of what needs none', 'CN=a\\z'],
    ['bytes that are no UTF-8', 'CN=a\\ff'],
    ['DER that is none', 'CN=#13ff'],
    ['half a byte', 'CN=#130'],
  ])('given %s, then it is refused', (_, text) => {
    expect(() => parseDistinguishedName(text)).toThrow(Error)
  })

  it('given any text as a value, when it is escaped, then it is the name in the certificate', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((value) => value.trim() !== '')
    fc.assert(
      fc.property(text, (value) => {
        const escaped = Buffer.from(value).toString('hex').replace(/../g, '\\$&')
        // The library that makes the certificate takes a leading # for DER, and quotes for its own.
        fc.pre(!value.startsWith('#') && !value.includes('"'))
        expect(parseDistinguishedName(`CN=${escaped}`)).toEqual(inCertificate([{ CN: [value] }]))
      }),
    )
  })

  it('given any bytes for a name, then it is read or refused, and nothing hangs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (der) => {
        try {
          readDistinguishedName(der)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
    )
  })
})
