import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Config } from './config.ts'
import type { FetchBytes } from './outbound/fetch-outbound.ts'

/**
 * RFC 7591 §2, logo_uri: the pictures of clients, shown by us. A person's browser asks nobody else, who would learn that they sign in and when
 * (RFC 9700 §4.2.4); and this server asks only for addresses that it signed itself, so nobody can send it anywhere else.
 */
export interface ClientLogos {
  /** Where our pages find the picture; undefined where they show a letter instead. */
  addressOf: (logoUri: string | undefined, isVouchedFor: boolean) => string | undefined
  /** The picture, for an address of ours; undefined when the signature is not ours, or when it cannot be read. */
  find: (signature: string, logoUri: string) => Promise<Logo | undefined>
}

interface Logo {
  mediaType: string
  bytes: Uint8Array
}

interface Parts {
  config: Pick<Config, 'issuer' | 'sessionSecrets' | 'clientLogos'>
  fetch: FetchBytes
  now: () => Date
}

const limits = {
  bytes: 200_000,
  /** How many are kept: the pages of a service show few clients over and over. */
  kept: 64,
  /** How long a picture is kept, and how long it is known that there is none. Milliseconds. */
  lifeMs: 60 * 60 * 1000,
  lifeOfNoneMs: 5 * 60 * 1000,
} as const

/** RFC 7591 §2: makes the way to the logos of clients. */
export function createClientLogos({ config, fetch, now }: Parts): ClientLogos {
  const { issuer, clientLogos } = config
  const keys = config.sessionSecrets.map(signingKey)
  const [newest] = keys
  // The one used last stands last.
  const kept = new Map<string, { logo: Promise<Logo | undefined>; endsAt: number }>()

  function read(logoUri: string): Promise<Logo | undefined> {
    const found = kept.get(logoUri)
    const entry = found !== undefined && found.endsAt > now().getTime() ? found : begin(logoUri)
    kept.delete(logoUri)
    kept.set(logoUri, entry)
    for (const oldest of kept.keys()) {
      if (kept.size <= limits.kept) break
      kept.delete(oldest)
    }
    return entry.logo
  }

  function begin(logoUri: string) {
    const entry = {
      logo: fetch(logoUri, { mediaTypes: [...mediaTypes.keys()], read: ({ bytes }) => logoOf(bytes) }),
      endsAt: now().getTime() + limits.lifeMs,
    }
    void entry.logo.then((logo) => {
      if (logo === undefined) entry.endsAt = now().getTime() + limits.lifeOfNoneMs
    })
    return entry
  }

  return {
    addressOf(logoUri, isVouchedFor) {
      if (logoUri === undefined) return undefined
      const own = findAsset(logoUri, issuer)
      if (own !== undefined) return own
      // RFC 7591 §5: a client that registered itself may show the sign of anybody, and could make us ask for anything. It gets a letter.
      if (clientLogos === 'off' || newest === undefined || !isVouchedFor || !isHttps(logoUri)) return undefined
      return `/client-logo/${sign(logoUri, newest).toString('base64url')}?of=${encodeURIComponent(logoUri)}`
    },

    async find(signature, logoUri) {
      const given = Buffer.from(signature, 'base64url')
      const isOurs = keys.some((key) => {
        const expected = sign(logoUri, key)
        return given.length === expected.length && timingSafeEqual(given, expected)
      })
      return isOurs && clientLogos === 'fetch' ? read(logoUri) : undefined
    },
  }
}

/** RFC 5869: a key for this purpose alone. */
function signingKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'gatehouse client-logo', 32))
}

function sign(logoUri: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(logoUri).digest()
}

function isHttps(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:'
}

/** A file of our own, by what a browser makes of the address: `/assets/../apps` is none. */
function findAsset(logoUri: string, issuer: string): string | undefined {
  if (!URL.canParse(logoUri)) return undefined
  const { origin, pathname, search } = new URL(logoUri)
  return origin === issuer && pathname.startsWith('/assets/') ? pathname + search : undefined
}

/** How each kind of picture begins. SVG is not among them: it is a document, with scripts and addresses in it. */
const mediaTypes = new Map([
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
])

/** What a picture says of itself counts, and not what its server says of it. */
function logoOf(bytes: Uint8Array): Logo {
  if (bytes.byteLength > limits.bytes) throw new Error(`it has more than ${limits.bytes} bytes`)
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  const [mediaType] = [...mediaTypes].find(([, signature]) => signature.test(start)) ?? []
  if (mediaType === undefined) throw new Error(`it does not begin like ${[...mediaTypes.keys()].join(' or ')}`)
  return { mediaType, bytes }
}
