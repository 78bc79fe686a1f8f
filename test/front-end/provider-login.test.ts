import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { person, type Person } from '../flows/person.ts'
import { startApp, type AppUnderTest } from './app-under-test.ts'
import { serve, type Served } from './serve.ts'

/** Another OpenID provider, which says what a test wants it to say, and writes down what it is sent. */
interface Provider extends Served {
  /** Claims of the next ID token. */
  claims: Record<string, unknown>
  /** Codes that reached its token endpoint. */
  codes: (string | null)[]
  /** What happens while it is asked for its metadata. */
  meanwhile?: () => Promise<unknown>
}

async function startProvider(): Promise<Provider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' }
  const said: Omit<Provider, keyof Served> = { claims: {}, codes: [] }

  async function answerTo(path: string | undefined, body: string): Promise<object> {
    if (path === '/jwks') return { keys: [jwk] }
    if (path !== '/token') {
      await provider.meanwhile?.()
      return {
        issuer: served.url,
        authorization_endpoint: `${served.url}/authorize`,
        token_endpoint: `${served.url}/token`,
        jwks_uri: `${served.url}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      }
    }
    said.codes.push(new URLSearchParams(body).get('code'))
    const idToken = await new SignJWT({ iss: served.url, aud: 'gatehouse', ...said.claims })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey)
    return { access_token: 'at', token_type: 'Bearer', expires_in: 60, id_token: idToken }
  }

  const served = await serve(
    createServer((req, res) => {
      let body = ''
      req.on('data', (chunk: Buffer) => (body += chunk.toString()))
      req.on('end', () => {
        void answerTo(req.url, body).then((answer) => {
          res.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
        })
      })
    }),
  )
  const provider: Provider = Object.assign(said, served)
  return provider
}

let honest: Provider
let evil: Provider
/** Its metadata is asked for in one test only, because the answer is kept. */
let late: Provider
let app: AppUnderTest

beforeAll(async () => {
  ;[honest, evil, late] = await Promise.all([startProvider(), startProvider(), startProvider()])
  const providers = Object.entries({ honest, evil, late }).map(([id, { url }]) => ({
    ...{ id, name: id, issuer: url },
    ...{ clientId: 'gatehouse', clientSecret: 'secret' },
  }))
  app = await startApp(() => ({}), { env: { LOGIN_PROVIDERS: JSON.stringify(providers) } })
})
afterAll(async () => {
  await app.close()
  await Promise.all([honest.close(), evil.close(), late.close()])
})
beforeEach(() => {
  for (const provider of [honest, evil]) Object.assign(provider, { claims: {}, codes: [] })
})

/** Presses the button of a provider; returns what that one is asked. */
async function begin(somebody: Person, id: 'honest' | 'evil' | 'late'): Promise<Record<string, string>> {
  const page = await somebody.visit(`${app.url}/sign-in?return=/apps&again`)
  const forms = page.forms.filter(({ action }) => action.includes(`/sign-in/${id}`))
  const left = await somebody.submit({ ...page, forms }, {})
  return Object.fromEntries(left.sentTo?.searchParams ?? [])
}

/** The browser comes back; where it is sent then, or the status of the page. */
async function comeBack(somebody: Person, id: string, answer: Record<string, string>): Promise<string | number> {
  const response = await somebody.request(`${app.url}/login/callback${id}?${String(new URLSearchParams(answer))}`)
  return response.headers.get('location') ?? response.status
}

describe('RFC 9700 §4.4.2: each provider has a redirect URI of its own', () => {
  it('given a provider, then it is asked to answer at its own address', async () => {
    const asked = await begin(person(app.url), 'honest')
    expect(asked['redirect_uri']).toBe('http://localhost:3000/login/callback/honest')
  })

  it('given a code of the honest one with the state of the evil one, then the evil one never gets it', async () => {
    const somebody = person(app.url)
    // The evil one sends the browser on to the honest one, with its own state. That one answers at its own address.
    const { state = '' } = await begin(somebody, 'evil')
    expect(await comeBack(somebody, '/honest', { code: 'code-of-the-honest-one', state })).toBe(400)
    expect([evil.codes, honest.codes]).toEqual([[], []])
  })

  it.each(['', '/', '/other', '/__proto__', '/evil/honest'])(
    'given an answer at /login/callback%s, then nobody is asked',
    async (id) => {
      const somebody = person(app.url)
      const { state = '' } = await begin(somebody, 'evil')
      expect([400, 404]).toContain(await comeBack(somebody, id, { code: 'c', state }))
      expect(evil.codes).toEqual([])
    },
  )

  it('given its own answer, then it gets its code, and the person is signed in', async () => {
    const somebody = person(app.url)
    const { state = '', nonce } = await begin(somebody, 'honest')
    honest.claims = { sub: 'one', nonce }
    expect(await comeBack(somebody, '/honest', { code: 'c', state })).toBe('/apps')
    expect(honest.codes).toEqual(['c'])
  })
})

describe('RFC 6749 §10.12: what nobody asked for ends nothing', () => {
  it.each([
    ['a wrong state', '/honest', { code: 'x', state: 'wrong' }],
    ['no state', '/honest', { code: 'x' }],
    ['an error without a state', '/honest', { error: 'access_denied' }],
    ['an answer at the address of another provider', '/evil', { code: 'x', state: 'wrong' }],
  ])('given a link with %s, then the sign-in that is under way goes on', async (_what, id, link) => {
    const somebody = person(app.url)
    const { state = '', nonce } = await begin(somebody, 'honest')
    expect(await comeBack(somebody, id, link)).toBe(400)
    honest.claims = { sub: 'one', nonce }
    expect(await comeBack(somebody, '/honest', { code: 'c', state })).toBe('/apps')
    expect(honest.codes).toEqual(['c'])
  })
})

describe('OWASP ASVS 3.3: whoever signs out is signed out', () => {
  async function signIn(somebody: Person): Promise<void> {
    const { state = '', nonce } = await begin(somebody, 'honest')
    honest.claims = { sub: 'one', nonce }
    expect(await comeBack(somebody, '/honest', { code: 'c', state })).toBe('/apps')
  }

  it('given a sign-out in another window while the provider is looked for, then the session stays over', async () => {
    const [somebody, window] = [person(app.url), person(app.url)]
    await signIn(somebody)
    const before = [...somebody.cookies]
    for (const [name, value] of before) window.cookies.set(name, value)
    late.meanwhile = async () => {
      const home = await window.visit(`${app.url}/`)
      const forms = home.forms.filter(({ action }) => action === '/sign-out')
      await window.submit({ ...home, forms }, {})
    }
    const asked = await begin(somebody, 'late')
    expect(asked['redirect_uri']).toBe('http://localhost:3000/login/callback/late')

    const copy = person(app.url)
    for (const cookies of [before, [...somebody.cookies], [...window.cookies]]) {
      for (const [name, value] of cookies) copy.cookies.set(name, value)
      expect((await copy.request(`${app.url}/apps`)).headers.get('location')).toBe('/sign-in?return=%2Fapps')
    }
    // The sign-in itself goes on, in the browser that began it and has a new session now.
    late.claims = { sub: 'one', nonce: asked['nonce'] }
    expect(await comeBack(window, '/late', { code: 'c', state: asked['state'] ?? '' })).toBe('/apps')
  })
})

describe('two windows at the providers', () => {
  it('given that both come back, then both are signed in, each once', async () => {
    const somebody = person(app.url)
    const [first, second] = [await begin(somebody, 'honest'), await begin(somebody, 'honest')]
    for (const { state = '', nonce } of [first, second]) {
      honest.claims = { sub: 'one', nonce }
      expect(await comeBack(somebody, '/honest', { code: 'c', state })).toBe('/apps')
      expect(await comeBack(somebody, '/honest', { code: 'c', state })).toBe(400)
    }
    expect(honest.codes).toEqual(['c', 'c'])
  })
})

describe('OIDC Core §2: sub has up to 255 ASCII characters', () => {
  it.each([
    ['255 characters', 'a'.repeat(255), '/apps'],
    ['256 characters', 'a'.repeat(256), '/sign-in?return=%2Fapps&failed'],
    ['NUL', 'a\0b', '/sign-in?return=%2Fapps&failed'],
    ['a character that is not ASCII', 'zoë', '/sign-in?return=%2Fapps&failed'],
    ['nothing', '', '/sign-in?return=%2Fapps&failed'],
  ])('given a sub of %s, then it is taken or refused', async (_what, sub, destination) => {
    const somebody = person(app.url)
    const { state = '', nonce } = await begin(somebody, 'honest')
    honest.claims = { sub, nonce }
    expect(await comeBack(somebody, '/honest', { code: 'c', state })).toBe(destination)
  })
})
