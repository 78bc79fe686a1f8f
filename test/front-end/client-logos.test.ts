import { afterEach, describe, expect, it } from 'vitest'
import { createClientLogos } from '../../server/client-logos.ts'
import type { FetchBytes } from '../../server/outbound/fetch-outbound.ts'
import { startApp, type AppUnderTest } from './app-under-test.ts'

const issuer = 'https://as.example'
const logoUri = 'https://client.example/logo.png'
const png = Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1')

/** What stands at addresses, and which of them were asked for. */
function web(pages: Record<string, Uint8Array>) {
  const asked: string[] = []
  const fetch: FetchBytes = async (address, { read }) => {
    asked.push(address)
    const bytes = pages[address]
    try {
      return bytes && (await read({ bytes, cacheControl: '' }))
    } catch {
      return undefined
    }
  }
  return { asked, fetch }
}

interface Settings {
  clientLogos?: 'off' | 'fetch'
  sessionSecrets?: readonly string[]
}

function logosOf(fetch: FetchBytes, { clientLogos = 'fetch', sessionSecrets = ['one secret'] }: Settings = {}) {
  const clock = { now: Date.parse('2026-11-21T12:00:00Z') }
  const config = { issuer, clientLogos, sessionSecrets }
  return { clock, ...createClientLogos({ config, fetch, now: () => new Date(clock.now) }) }
}

type Forged = [signature: string, of: string]

/** The two parts of an address of ours. */
function partsOf(address: string | undefined): Forged {
  const url = new URL(address ?? '', issuer)
  return [url.pathname.replace('/client-logo/', ''), url.searchParams.get('of') ?? '']
}

describe('RFC 7591 §2, logo_uri: which logos are shown', () => {
  const { addressOf } = logosOf(web({}).fetch)

  it('given one on our own origin, then the page loads it from there', () => {
    expect(addressOf(`${issuer}/assets/daybook.svg`, false)).toBe('/assets/daybook.svg')
  })

  it.each([
    ...[
      '//evil.example/x.png',
      '/\\evil.example/x.png',
      '/apps',
      '/oauth/authorize?prompt=none',
      '/assets',
      '/Assets/x.png',
    ],
    ...[
      '/assets/../oauth/authorize?prompt=none',
      '/assets/%2e%2e/apps',
      '/assets/..//evil.example/x.png',
      '.evil.example/assets/x.png',
    ],
    ...[':8443/assets/x.png', '@evil.example/assets/x.png'],
  ])(
    'given %s at our own origin, which is no file of ours, then a client that registered itself gets a letter',
    (path) => {
      expect(addressOf(issuer + path, false)).toBeUndefined()
    },
  )

  it('given one elsewhere, then the page loads it from us, under a signature', () => {
    expect(addressOf(logoUri, true)).toMatch(/^\/client-logo\/[\w-]{43}\?of=https%3A%2F%2Fclient\.example%2Flogo\.png$/)
  })

  it('§5: given a client that registered itself, then there is a letter', () => {
    expect(addressOf(logoUri, false)).toBeUndefined()
  })

  it.each(['http://client.example/logo.png', 'data:image/png;base64,AA==', 'javascript:alert(1)', 'logo.png', ''])(
    'given "%s", which is not https, then there is a letter',
    (address) => {
      expect(addressOf(address, true)).toBeUndefined()
    },
  )

  it('given CLIENT_LOGOS=off, then there is a letter, and an address from before opens nothing', async () => {
    const { asked, fetch } = web({ [logoUri]: png })
    const before = logosOf(fetch).addressOf(logoUri, true)
    const off = logosOf(fetch, { clientLogos: 'off' })
    expect(off.addressOf(logoUri, true)).toBeUndefined()
    expect(await off.find(...partsOf(before))).toBeUndefined()
    expect(asked).toEqual([])
  })
})

describe('CWE-918: the server asks only for what it signed', () => {
  it('given an address of ours, then the picture', async () => {
    const { addressOf, find } = logosOf(web({ [logoUri]: png }).fetch)
    expect(await find(...partsOf(addressOf(logoUri, true)))).toEqual({ mediaType: 'image/png', bytes: png })
  })

  it.each([
    ['another address', (signature: string): Forged => [signature, 'https://victim.example/']],
    [
      'another signature',
      (signature: string): Forged => [signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')), logoUri],
    ],
    ['no signature', (): Forged => ['', logoUri]],
  ])('given %s, then nothing, and nobody is asked', async (_what, forge) => {
    const { asked, fetch } = web({ [logoUri]: png, 'https://victim.example/': png })
    const { addressOf, find } = logosOf(fetch)
    const [signature] = partsOf(addressOf(logoUri, true))
    expect(await find(...forge(signature))).toBeUndefined()
    expect(asked).toEqual([])
  })

  it('given a secret that was replaced and still verifies, then its addresses work', async () => {
    const { fetch } = web({ [logoUri]: png })
    const old = logosOf(fetch, { sessionSecrets: ['old'] }).addressOf(logoUri, true)
    const found = await logosOf(fetch, { sessionSecrets: ['new', 'old'] }).find(...partsOf(old))
    expect(found).toMatchObject({ mediaType: 'image/png' })
    expect(await logosOf(fetch, { sessionSecrets: ['new'] }).find(...partsOf(old))).toBeUndefined()
  })
})

describe('what counts as a picture', () => {
  const read = async (bytes: Uint8Array) => {
    const { addressOf, find } = logosOf(web({ [logoUri]: bytes }).fetch)
    return (await find(...partsOf(addressOf(logoUri, true))))?.mediaType
  }

  it.each([
    ['image/png', '\x89PNG\r\n\x1a\n'],
    ['image/jpeg', '\xff\xd8\xff\xe0'],
    ['image/gif', 'GIF89a'],
    ['image/webp', 'RIFF\x00\x01\x02\x0aWEBPVP8 '],
  ])('given the first bytes of %s, then that is what it is', async (mediaType, start) => {
    expect(await read(Buffer.from(start, 'latin1'))).toBe(mediaType)
  })

  it.each(['<svg xmlns="http://www.w3.org/2000/svg"/>', '<html>', 'GIF88a', ' \x89PNG\r\n\x1a\n', ''])(
    'given "%s", then there is none',
    async (start) => {
      expect(await read(Buffer.from(start, 'latin1'))).toBeUndefined()
    },
  )

  it('given 200,000 bytes, then it is shown; given one more, then not', async () => {
    expect(await read(Buffer.concat([png, Buffer.alloc(200_000 - png.length)]))).toBe('image/png')
    expect(await read(Buffer.concat([png, Buffer.alloc(200_001 - png.length)]))).toBeUndefined()
  })
})

describe('what is kept', () => {
  it('given many who look at once and soon again, then the picture is read once an hour', async () => {
    const { asked, fetch } = web({ [logoUri]: png })
    const { addressOf, find, clock } = logosOf(fetch)
    const ours = partsOf(addressOf(logoUri, true))
    await Promise.all([find(...ours), find(...ours)])
    clock.now += 59 * 60 * 1000
    await find(...ours)
    expect(asked).toHaveLength(1)
    clock.now += 60 * 1000
    await find(...ours)
    expect(asked).toHaveLength(2)
  })

  it('given one that cannot be read, then it is tried again after five minutes', async () => {
    const { asked, fetch } = web({})
    const { addressOf, find, clock } = logosOf(fetch)
    const ours = partsOf(addressOf(logoUri, true))
    await find(...ours)
    clock.now += 4 * 60 * 1000
    await find(...ours)
    expect(asked).toHaveLength(1)
    clock.now += 60 * 1000
    await find(...ours)
    expect(asked).toHaveLength(2)
  })

  it('given more than sixty-four, then the one that was used longest ago goes', async () => {
    const { asked, fetch } = web({})
    const { addressOf, find } = logosOf(fetch)
    const look = (number: number) => find(...partsOf(addressOf(`https://client.example/${number}`, true)))
    for (let number = 0; number < 64; number += 1) await look(number)
    await look(0)
    await look(64)
    await look(0)
    expect(asked).toHaveLength(65)
    await look(1)
    expect(asked).toHaveLength(66)
  })
})

describe('GET /client-logo/:signature', () => {
  let app: AppUnderTest | undefined
  afterEach(() => app?.close())

  const secret = 'a secret of the test that is long enough'

  it('given a picture, then it comes with its type, without rights, for a day, and without a session', async () => {
    app = await startApp(() => ({}), { fetchLogo: web({ [logoUri]: png }).fetch, env: { SESSION_SECRET: secret } })
    const { addressOf } = logosOf(web({}).fetch, { sessionSecrets: [secret] })
    const res = await app.fetch(addressOf(logoUri, true) ?? '')
    expect([res.status, res.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(Buffer.from(await res.arrayBuffer())).toEqual(png)
    expect(res.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(res.headers.get('x-content-type-options')).toBe('nosniff')
    expect(res.headers.get('cache-control')).toBe('public, max-age=86400, immutable')
    expect(res.headers.get('set-cookie')).toBeNull()
  })

  it.each(['/client-logo/x', `/client-logo/x?of=${logoUri}`, `/client-logo/x?of=${logoUri}&of=${logoUri}`])(
    'given %s, then 404, nobody keeps it, and nobody is asked',
    async (address) => {
      const { asked, fetch } = web({ [logoUri]: png })
      app = await startApp(() => ({}), { fetchLogo: fetch })
      const res = await app.fetch(address)
      expect([res.status, res.headers.get('cache-control'), await res.text()]).toEqual([404, 'no-store', ''])
      expect(asked).toEqual([])
    },
  )
})
