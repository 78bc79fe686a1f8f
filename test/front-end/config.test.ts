import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { describeVariables, readConfig } from '../../server/config.ts'
import { envExample } from '../../server/env-example.ts'

const production = {
  NODE_ENV: 'production',
  ISSUER: 'https://as.example',
  TRUST_PROXY: '1',
  ENGINE_ACCESS_TOKEN: 'made-for-this-front-end',
  SESSION_SECRET: 'an example secret that is long enough',
}

describe('readConfig: the environment, read once', () => {
  it('given nothing, then everything has a default that works on this machine', () => {
    expect(readConfig({})).toMatchObject({
      production: false,
      issuer: 'http://localhost:3000',
      port: 3000,
      demoPort: 3001,
      demoApiPort: 3002,
      engine: { serviceId: '1000001', accessToken: 'dev-engine-token', port: undefined },
      databaseUrl: 'sqlite:.data/front-end.sqlite',
      sessionSecrets: [],
      trustProxy: false,
      corsOrigins: [],
      consentPreselect: 'none',
      showReceipt: false,
      accountLinks: { signUp: undefined, forgotPassword: undefined },
      loginProviders: [],
    })
  })

  it('given choices for the consent page, then they are read; a receipt is for demonstrations', () => {
    expect(readConfig({ CONSENT_PRESELECT: 'nonsensitive', SHOW_RECEIPT: '1' })).toMatchObject({
      consentPreselect: 'nonsensitive',
      showReceipt: true,
    })
    expect(() => readConfig({ CONSENT_PRESELECT: 'all', SHOW_RECEIPT: 'yes' })).toThrow(
      /CONSENT_PRESELECT must be none or nonsensitive[^]*SHOW_RECEIPT must be 0 or 1/,
    )
    expect(() => readConfig({ ...production, SHOW_RECEIPT: '1' })).toThrow(/SHOW_RECEIPT is for demonstrations/)
  })

  it('given addresses of account pages, then they are read; a browser must be able to open them', () => {
    const links = {
      SIGN_UP_URL: 'https://accounts.example/new',
      FORGOT_PASSWORD_URL: 'https://accounts.example/forgot',
    }
    expect(readConfig(links).accountLinks).toEqual({
      signUp: links.SIGN_UP_URL,
      forgotPassword: links.FORGOT_PASSWORD_URL,
    })
    expect(() => readConfig({ SIGN_UP_URL: 'javascript:alert(1)' })).toThrow(
      /SIGN_UP_URL must be the https or http URL/,
    )
  })

  it('given another port, then the issuer follows', () => {
    expect(readConfig({ PORT: '3100' }).issuer).toBe('http://localhost:3100')
  })

  it('given hosts that the engine may fetch from, then they are read; each is named, and nothing but a host', () => {
    const OUTBOUND_ALLOW = 'keys.internal, my_service:8443,127.0.0.1:9000,[::1]:9000,[::1]'
    expect(readConfig({ OUTBOUND_ALLOW }).engine.outboundAllow).toEqual(OUTBOUND_ALLOW.split(/, ?/))
    expect(readConfig({}).engine.outboundAllow).toEqual([])
    const bad = ['*', '*.internal', 'https://keys.internal', 'keys.internal/', 'Keys.internal', 'user@keys.internal']
    for (const host of [...bad, 'keys.internal:0x50', 'keys.internal:70000', '127.1', '10.0.0.0/8', '::1', 'a b']) {
      expect(() => readConfig({ OUTBOUND_ALLOW: `keys.internal,${host}` })).toThrow(/OUTBOUND_ALLOW must be hosts/)
    }
  })

  it('given a key that seals secrets, then it has 32 bytes in either spelling, and a bad one is not repeated', () => {
    const key = Buffer.alloc(32, 0xa7)
    for (const ENGINE_ENCRYPTION_KEY of [key.toString('hex'), key.toString('base64url')]) {
      expect(Buffer.from(readConfig({ ENGINE_ENCRYPTION_KEY }).engine.encryptionKey ?? [])).toEqual(key)
    }
    expect(readConfig({}).engine.encryptionKey).toBeUndefined()
    for (const bad of ['f'.repeat(63), 'g'.repeat(64), 'A'.repeat(42), '*'.repeat(43), 'short']) {
      const read = () => readConfig({ ENGINE_ENCRYPTION_KEY: bad })
      expect(read).toThrow('ENGINE_ENCRYPTION_KEY must be 32 bytes')
      expect(read).not.toThrow(bad)
    }
  })

  it('given an empty value, then it is as if it were not set', () => {
    expect(readConfig({ PORT: '', ISSUER: '' })).toEqual(readConfig({}))
  })

  it('given several problems, then all are named at once, and no value is repeated', () => {
    const read = () =>
      readConfig({ PORT: 'seventy', SESSION_SECRET: 'short', ENGINE_URL: 'ftp://x', LOG_LEVEL: 'loud' })
    expect(read).toThrow(/PORT[^]*ENGINE_URL[^]*SESSION_SECRET[^]*LOG_LEVEL/)
    expect(read).not.toThrow(/seventy|short\b/)
  })

  it.each([
    'https://as.example/',
    'https://as.example/path',
    'https://user@as.example',
    'https://as.example?x',
    'http://as.example',
    'as.example',
    'javascript:alert(1)',
  ])('given the issuer %s, then it is refused', (ISSUER) => {
    expect(() => readConfig({ ISSUER, TRUST_PROXY: '1' })).toThrow(/ISSUER must be an origin/)
  })

  it.each([
    'https://as.example',
    'https://as.example:8443',
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://[::1]:8080',
  ])('given the issuer %s, then it is taken as it is', (ISSUER) => {
    expect(readConfig({ ISSUER, TRUST_PROXY: '1' }).issuer).toBe(ISSUER)
  })

  it('given https and no proxy, then it asks who ends TLS', () => {
    expect(() => readConfig({ ISSUER: 'https://as.example' })).toThrow(/TRUST_PROXY is required/)
  })

  it.each([
    ['2', 2],
    ['loopback', ['loopback']],
    ['10.0.0.0/8, 2001:db8::/32', ['10.0.0.0/8', '2001:db8::/32']],
  ])('given TRUST_PROXY %s, then Express gets %j', (TRUST_PROXY, expected) => {
    expect(readConfig({ TRUST_PROXY }).trustProxy).toEqual(expected)
  })

  it.each(['true', '0', '10.0.0.0/33', '10.0.0.0/0', '10.0.0', 'example.com', '*'])(
    'given TRUST_PROXY %s, then it is refused: it would trust everybody or nobody',
    (TRUST_PROXY) => {
      expect(() => readConfig({ TRUST_PROXY })).toThrow(/TRUST_PROXY/)
    },
  )

  it('given several secrets, then all are kept in order', () => {
    const [first, second] = ['1'.repeat(32), '2'.repeat(32)]
    expect(readConfig({ SESSION_SECRET: `${first}, ${second}` }).sessionSecrets).toEqual([first, second])
  })

  it('given CORS origins with a path or a star, then they are refused', () => {
    expect(() => readConfig({ CORS_ORIGINS: 'https://app.example/x' })).toThrow(/CORS_ORIGINS/)
    expect(() => readConfig({ CORS_ORIGINS: '*' })).toThrow(/CORS_ORIGINS/)
    expect(() => readConfig({ CORS_ORIGINS: 'null' })).toThrow(/CORS_ORIGINS/)
    expect(readConfig({ CORS_ORIGINS: 'https://app.example, http://localhost:5173' }).corsOrigins).toHaveLength(2)
  })
})

describe('readConfig: production refuses what exists for demonstrations', () => {
  it('given all that it needs, then it is read', () => {
    expect(readConfig(production)).toMatchObject({ production: true, issuer: 'https://as.example' })
  })

  it.each([
    ['ISSUER', undefined],
    ['ISSUER', 'http://localhost:3000'],
    ['ENGINE_ACCESS_TOKEN', undefined],
    ['ENGINE_ACCESS_TOKEN', 'dev-engine-token'],
    ['SESSION_SECRET', undefined],
    ['SESSION_SECRET', 'short'],
  ])('given %s=%s, then it does not start', (name, value) => {
    expect(() => readConfig({ ...production, [name]: value })).toThrow(new RegExp(`${name} `))
  })
})

describe('.env.example', () => {
  it('is what env-example.ts writes', async () => {
    const file = new URL('../../.env.example', import.meta.url)
    expect(await readFile(file, 'utf8')).toBe(envExample())
  })

  it('has one line of explanation for every variable', () => {
    for (const { name, doc } of describeVariables()) {
      expect(doc, name).toMatch(/^\S.{20,}\.$/)
    }
  })

  it('means the defaults: a copy of it with every line in force changes nothing', () => {
    const lines = describeVariables().filter(({ name }) => name !== 'ISSUER')
    const env = Object.fromEntries(lines.map(({ name, default: value }) => [name, value]))
    expect(readConfig(env)).toEqual(readConfig({}))
  })
})
