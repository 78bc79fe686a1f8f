/**
 * RFC 5280 §4.1.2.4: a name, ready to be compared: one text for each relative distinguished name, in the order of the certificate.
 * Two names are the same if their texts are.
 */
export type DistinguishedName = readonly string[]

/** The names that attribute types go by, RFC 4514 §3 and those that certificates of banks and authorities need. */
const attributeTypes: ReadonlyMap<string, string> = new Map([
  ['cn', '2.5.4.3'],
  ['sn', '2.5.4.4'],
  ['surname', '2.5.4.4'],
  ['serialnumber', '2.5.4.5'],
  ['c', '2.5.4.6'],
  ['l', '2.5.4.7'],
  ['st', '2.5.4.8'],
  ['street', '2.5.4.9'],
  ['o', '2.5.4.10'],
  ['ou', '2.5.4.11'],
  ['title', '2.5.4.12'],
  ['description', '2.5.4.13'],
  ['businesscategory', '2.5.4.15'],
  ['postalcode', '2.5.4.17'],
  ['name', '2.5.4.41'],
  ['givenname', '2.5.4.42'],
  ['initials', '2.5.4.43'],
  ['dnqualifier', '2.5.4.46'],
  ['organizationidentifier', '2.5.4.97'],
  ['uid', '0.9.2342.19200300.100.1.1'],
  ['dc', '0.9.2342.19200300.100.1.25'],
  ['emailaddress', '1.2.840.113549.1.9.1'],
  ['jurisdictionl', '1.3.6.1.4.1.311.60.2.1.1'],
  ['jurisdictionst', '1.3.6.1.4.1.311.60.2.1.2'],
  ['jurisdictionc', '1.3.6.1.4.1.311.60.2.1.3'],
])

/** RFC 4514 §3: reads a name as it is written. Throws an Error that says what is wrong. */
export function parseDistinguishedName(text: string): DistinguishedName {
  const relativeNames: string[] = []
  let attributes: string[] = []
  let rest = text
  for (;;) {
    const [typed, written = ''] = /^ *([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+) *= */.exec(rest) ?? []
    if (typed === undefined) throw new Error('attributes such as CN=client.example are expected, separated by commas')
    rest = rest.slice(typed.length)
    // §3: specials are escaped, and so is a space or # where it would mean something else.
    const [value = ''] = /^(?:[^"+,;<>\\\0]|\\[ "#+,;<=>\\]|\\[0-9A-Fa-f]{2})*/.exec(rest) ?? []
    attributes.push(comparableAttribute(typeOf(written), valueOf(value)))
    rest = rest.slice(value.length)
    const [separator] = rest
    if (separator !== '+') {
      relativeNames.push(comparableRelativeName(attributes))
      attributes = []
    }
    // §2.1: what is written first is last in the certificate.
    if (separator === undefined) return relativeNames.reverse()
    if (separator !== ',' && separator !== '+') {
      throw new Error('in a value, the characters " + , ; < > \\ are written with a backslash before them')
    }
    rest = rest.slice(1)
  }
}

/** RFC 5280 §4.1.2.4: reads the DER of a name. Throws an Error for what is no name. */
export function readDistinguishedName(der: Uint8Array): DistinguishedName {
  const [name, ...rest] = readValues(der)
  if (name?.tag !== tags.sequence || rest.length > 0) throw notDer()
  return readValues(name.content).map((relativeName) => {
    if (relativeName.tag !== tags.set) throw notDer()
    return comparableRelativeName(readValues(relativeName.content).map(readAttribute))
  })
}

function readAttribute({ tag, content }: DerValue): string {
  const [type, value] = readValues(content)
  if (tag !== tags.sequence || type?.tag !== tags.objectIdentifier || !value) throw notDer()
  return comparableAttribute(readObjectIdentifier(type.content), value)
}

function typeOf(written: string): string {
  if (/^\d/.test(written)) return written
  const type = attributeTypes.get(written.toLowerCase())
  if (type !== undefined) return type
  throw new Error(`the attribute type ${written} is not known here; write its object identifier`)
}

/** RFC 4514 §2.4: text with escapes, or `#` and the DER in hexadecimal. */
function valueOf(written: string): DerValue | string {
  if (written.startsWith('#')) {
    const hex = written.slice(1).trimEnd()
    const [value, ...rest] = /^(?:[0-9A-Fa-f]{2})+$/.test(hex) ? readValues(Buffer.from(hex, 'hex')) : []
    if (!value || rest.length > 0) throw new Error('after #, the DER of one value is expected in hexadecimal digits')
    return value
  }
  const bytes = [...written.matchAll(/\\([0-9A-Fa-f]{2})|\\(.)|([^\\]+)/gs)].map(([, hex, special, plain]) =>
    hex === undefined ? Buffer.from(special ?? plain ?? '') : Buffer.from(hex, 'hex'),
  )
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(bytes))
  } catch {
    throw new Error('escaped bytes are expected to be UTF-8')
  }
}

/** RFC 4517 §4.2.11 caseIgnoreMatch for text; anything else is compared as bytes. The quotes keep one from looking like the other. */
function comparableAttribute(type: string, value: DerValue | string): string {
  const text = typeof value === 'string' ? value : textOf(value)
  const comparable = text === undefined ? hexOf(value) : JSON.stringify(prepared(text))
  return `${type}=${comparable}`
}

/** RFC 5280 §7.1: attributes of one relative name have no order. */
function comparableRelativeName(attributes: readonly string[]): string {
  return [...attributes].sort().join('+')
}

/** RFC 4518 §2: case folded, compatible characters unified, spaces at the ends and repeated ones removed. */
function prepared(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC').replaceAll(/\s+/g, ' ').trim()
}

/** X.690: one value. */
interface DerValue {
  tag: number
  content: Uint8Array
}

const tags = { objectIdentifier: 0x06, sequence: 0x30, set: 0x31 }

/** X.680 §41: the kinds of text in a name, and how they are encoded. */
const encodings: ReadonlyMap<number, (bytes: Uint8Array) => string> = new Map([
  [0x0c, (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)],
  [0x13, latin],
  [0x14, latin],
  [0x16, latin],
  [0x1e, (bytes: Uint8Array) => new TextDecoder('utf-16be', { fatal: true }).decode(bytes)],
])

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function textOf({ tag, content }: DerValue): string | undefined {
  return encodings.get(tag)?.(content)
}

function hexOf(value: DerValue | string): string {
  return typeof value === 'string' ? '' : `#${value.tag}.${Buffer.from(value.content).toString('hex')}`
}

/** X.690 §8.1: the values that stand one after the other. */
function readValues(der: Uint8Array): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < der.length;) {
    const [tag, short] = [der[at], der[at + 1]]
    if (tag === undefined || short === undefined) throw notDer()
    const lengthBytes = short < 0x80 ? 0 : short - 0x80
    if (lengthBytes > 2 || short === 0x80) throw notDer()
    const begin = at + 2 + lengthBytes
    const length = lengthBytes === 0 ? short : Buffer.from(der.subarray(at + 2, begin)).readUIntBE(0, lengthBytes)
    if (begin + length > der.length) throw notDer()
    values.push({ tag, content: der.subarray(begin, begin + length) })
    at = begin + length
  }
  return values
}

/** X.690 §8.19: seven bits of a number in each byte; the first number holds two. */
function readObjectIdentifier(content: Uint8Array): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(number)
      number = 0
    }
  }
  const [first = 0, ...rest] = numbers
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}

function notDer(): Error {
  return new Error('the DER of a name is expected')
}
