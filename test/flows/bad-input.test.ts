import { clientCredentialsGrant, ClientSecretBasic } from 'openid-client'
import { describe, expect, it } from 'vitest'
import { discover, discoverDemoWeb, finish, issuer, redirectUri, start, startByPar } from './client.ts'
import { person } from './person.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const demoWeb = { authorization: `Basic ${Buffer.from('demo-web:demo-web-secret').toString('base64')}` }
const demoApi = { authorization: `Basic ${Buffer.from('demo-api:demo-api-secret').toString('base64')}` }

const posts = [
  ['token', '/oauth/token', demoWeb, 'grant_type=refresh_token&refresh_token=x', 400, 'invalid_grant'],
  ['PAR', '/oauth/par', demoWeb, 'response_type=code&scope=openid', 400, 'invalid_request'],
  ['introspection', '/oauth/introspect', demoApi, 'token_type_hint=access_token', 400, 'invalid_request'],
  ['revocation', '/oauth/revoke', demoWeb, 'token_type_hint=access_token', 400, 'invalid_request'],
] as const

/** What an answer to bad input must be: the error that was expected, in JSON, never stored, and nothing of the inside. */
async function expectError(response: Response, status: number, error?: string): Promise<void> {
  const text = await response.text()
  expect(`${response.status} ${text}`).toMatch(new RegExp(`^${status} `))
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(response.headers.get('cache-control')).toContain('no-store')
  expectNoInside(text)
  const body: unknown = JSON.parse(text)
  expect(body).toHaveProperty('error', ...(error === undefined ? [] : [error]))
}

function expectNoInside(text: string): void {
  expect(text).not.toMatch(/node_modules|\.ts:\d+|at .*\(.*:\d+:\d+\)|(Type|Range|Syntax|Reference)Error/)
}

describe.each(posts)('bad input at %s', (_, path, credentials, body, status, error) => {
  const send = (init: RequestInit, query = '') =>
    fetch(`${issuer}${path}${query}`, { method: 'POST', redirect: 'manual', ...init })

  it('what is missing is named', async () => {
    await expectError(await send({ headers: { ...form, ...credentials }, body }), status, error)
  })

  it('unknown parameters are ignored, RFC 6749 §3.2', async () => {
    await expectError(
      await send({
        headers: { ...form, ...credentials },
        body: `${body}&x_foo=1&foo%5Bbar%5D=2&__proto__=3&constructor=4`,
      }),
      status,
      error,
    )
  })

  it('a parameter that is sent twice is refused', async () => {
    for (const name of new URLSearchParams(body).keys()) {
      await expectError(
        await send({ headers: { ...form, ...credentials }, body: `${body}&${name}=again` }),
        400,
        'invalid_request',
      )
    }
  })

  it.each([
    ['no client', {}],
    ['an unknown client', { authorization: `Basic ${Buffer.from('nobody:x').toString('base64')}` }],
    ['a wrong secret', { authorization: `Basic ${Buffer.from('demo-web:x').toString('base64')}` }],
    ['no base64', { authorization: 'Basic %%%' }],
    ['no colon', { authorization: `Basic ${Buffer.from('demo-web').toString('base64')}` }],
    ['a bearer token', { authorization: 'Bearer dev-engine-token' }],
  ])('%s: 401 invalid_client', async (_name, headers: Record<string, string>) => {
    const response = await send({ headers: { ...form, ...headers }, body })
    if (headers['authorization']?.startsWith('Basic'))
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic/)
    await expectError(response, 401, 'invalid_client')
  })

  it('JSON, multipart and nothing at all are no form', async () => {
    await expectError(
      await send({ headers: { 'content-type': 'application/json', ...credentials }, body: '{"token":["x"]}' }),
      415,
    )
    await expectError(
      await send({ headers: { 'content-type': 'multipart/form-data; boundary=x', ...credentials }, body: '--x--' }),
      415,
    )
    await expectError(await send({ headers: { ...form, ...credentials }, body: '' }), 400, 'invalid_request')
  })

  it('a body of more than 64 KiB: 413', async () => {
    await expectError(
      await send({ headers: { ...form, ...credentials }, body: `${body}&x=${'y'.repeat(70_000)}` }),
      413,
    )
  })

  it('a value of more than 8 KiB, and more than 100 parameters, are refused', async () => {
    const many = Array.from({ length: 120 }, (_unused, index) => `p${index}=1`).join('&')
    for (const more of [`x=${'y'.repeat(9_000)}`, many]) {
      const response = await send({ headers: { ...form, ...credentials }, body: `${body}&${more}` })
      expect([400, 413]).toContain(response.status)
      await expectError(response, response.status, 'invalid_request')
    }
  })

  it('bytes that are no text', async () => {
    await expectError(
      await send({ headers: { ...form, ...credentials }, body: Buffer.from([0xff, 0xfe, 0x00, 0x26, 0x3d, 0x25]) }),
      400,
    )
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s: 405 with Allow', async (method) => {
    const response = await fetch(`${issuer}${path}`, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toContain('POST')
    expectNoInside(await response.text())
  })

  it('credentials that are longer than any: 401', async () => {
    const authorization = `Basic ${Buffer.from(`${'a'.repeat(9_000)}:x`).toString('base64')}`
    await expectError(await send({ headers: { ...form, authorization }, body }), 401, 'invalid_client')
  })

  it('a bare NUL: 400', async () => {
    await expectError(await send({ headers: { ...form, ...credentials }, body: `${body}&x=\0` }), 400)
  })

  it('credentials in the query count for nothing', async () => {
    const query = '?client_id=demo-web&client_secret=demo-web-secret'
    await expectError(await send({ headers: form, body }, query), 401, 'invalid_client')
  })
})

describe('bad input at the authorization endpoint', () => {
  const parameters = {
    response_type: 'code',
    client_id: 'demo-web',
    redirect_uri: redirectUri,
    scope: 'openid',
    state: 'xyz',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }
  const visit = (changes: Record<string, string>) =>
    person(issuer).request(`${issuer}/oauth/authorize?${new URLSearchParams({ ...parameters, ...changes }).toString()}`)

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['another redirect URI', { redirect_uri: 'https://evil.example/"><script>alert(1)</script>' }],
    ['no client', { client_id: '' }],
    ['an unknown pushed request', { request_uri: 'urn:ietf:params:oauth:request_uri:nothing' }],
    ['a request URI elsewhere', { request_uri: 'https://evil.example/request.jwt' }],
    ['a request object that is none', { request: 'x.y.z' }],
  ])('%s: a page, never a redirect', async (_, changes: Record<string, string>) => {
    const response = await visit(changes)
    const html = await response.text()
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(html).not.toContain('<script>alert')
    expectNoInside(html)
  })

  it.each([
    ['an unknown response type', { response_type: 'x' }, 'unsupported_response_type'],
    ['no response type', { response_type: '' }, 'invalid_request'],
    ['no code challenge', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'x' }, 'invalid_request'],
    ['claims that are no JSON', { claims: '[' }, 'invalid_request'],
  ])('%s: an error response with state and iss', async (_, changes: Record<string, string>, error) => {
    const response = await visit(changes)
    expect(response.status).toBe(303)
    const answer = new URL(response.headers.get('location') ?? '')
    expect(answer.href.startsWith(redirectUri)).toBe(true)
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({ error, state: 'xyz', iss: issuer })
  })

  it('JSON for programs, E7', async () => {
    const response = await fetch(`${issuer}/oauth/authorize?client_id=nobody`, {
      headers: { accept: 'application/json' },
    })
    await expectError(response, 400)
  })

  it('POST is the same as GET, OIDC Core §3.1.2.1', async () => {
    const john = person(issuer)
    const response = await john.request(`${issuer}/oauth/authorize`, {
      method: 'POST',
      headers: form,
      body: new URLSearchParams(parameters),
    })
    expect(response.status).toBe(303)
    const page = await john.visit(new URL(response.headers.get('location') ?? '', issuer))
    expect(page.html).toContain('password')
  })

  it('POST keeps every character of state', async () => {
    const state = 'é日本\r\n"<'
    const john = person(issuer)
    const body = new URLSearchParams({ ...parameters, state, response_type: 'x' })
    const response = await john.request(`${issuer}/oauth/authorize`, { method: 'POST', headers: form, body })
    const answer = await john.visit(new URL(response.headers.get('location') ?? '', issuer))
    expect(answer.sentTo?.searchParams.get('state')).toBe(state)
  })

  it('raw bytes in a POST are no failure', async () => {
    const response = await fetch(`${issuer}/oauth/authorize`, {
      method: 'POST',
      headers: form,
      redirect: 'manual',
      body: 'state=日本\r\nx: y&client_id=demo-web',
    })
    expect(response.status).toBe(303)
  })

  it('a requested sub does not tell whose it is', async () => {
    const client = await discoverDemoWeb()
    const john = person(issuer)
    const started = await start(client, 'openid', { prompt: 'consent' })
    const page = await john.signIn(await john.visit(started.url), 'jane')
    const tokens = await finish(client, (await john.decide(page, 'allow')).sentTo, started)
    const claims = JSON.stringify({ id_token: { sub: { value: tokens.claims()?.sub } } })
    const login = await person(issuer).visit((await start(client, 'openid', { claims })).url)
    expect(login.html).toContain('password')
    expect(login.html).not.toContain('value="jane" autocomplete')
    const fields = login.forms
      .flatMap(({ inputs }) => inputs)
      .filter(({ name, type }) => name === 'username' && type !== 'hidden')
    expect(fields.map(({ value }) => value)).toEqual([''])
  })

  it.each(['PUT', 'DELETE', 'PATCH'])('%s: 405', async (method) => {
    const response = await fetch(`${issuer}/oauth/authorize`, { method })
    expect(response.status).toBe(405)
  })

  it('no CORS, RFC 9700 §2.6', async () => {
    const response = await fetch(`${issuer}/oauth/authorize?client_id=demo-web`, {
      headers: { origin: 'https://evil.example' },
    })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('bad input at userinfo, JWKS and discovery', () => {
  it.each([
    ['no token', {}, 401, /^Bearer$/],
    ['an unknown token', { authorization: 'Bearer unknown' }, 401, /error="invalid_token"/],
    ['an API access token of the engine', { authorization: 'Bearer dev-engine-token' }, 401, /error="invalid_token"/],
    ['a token of too many characters', { authorization: `Bearer ${'a'.repeat(9_000)}` }, 401, /error="invalid_token"/],
    ['characters that no token has', { authorization: 'Bearer a b' }, 400, /error="invalid_request"/],
  ])('userinfo with %s', async (_, headers: Record<string, string>, status, challenge) => {
    const response = await fetch(`${issuer}/oauth/userinfo`, { headers })
    expect(response.status).toBe(status)
    expect(response.headers.get('www-authenticate')).toMatch(challenge)
    expectNoInside(await response.text())
  })

  it('userinfo without openid: 403 insufficient_scope, RFC 6750 §3.1', async () => {
    const machine = await discover('demo-machine', ClientSecretBasic('demo-machine-secret'))
    const { access_token } = await clientCredentialsGrant(machine, { scope: 'notes:read' })
    const response = await fetch(`${issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${access_token}` } })
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
  })

  it.each(['/oauth/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    '%s ignores a query, and takes no POST',
    async (path) => {
      const [plain, asked] = await Promise.all([
        fetch(`${issuer}${path}`),
        fetch(`${issuer}${path}?x=1&x=2&includePrivateKeys=true`),
      ])
      expect(await asked.text()).toBe(await plain.text())
      expect((await fetch(`${issuer}${path}`, { method: 'POST', body: 'x' })).status).toBe(405)
    },
  )

  it('the key set holds public keys only, each with a name of its own', async () => {
    const response = await fetch(`${issuer}/oauth/jwks`)
    const text = await response.text()
    expect(text).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/)
    const kids = [...text.matchAll(/"kid":"([^"]+)"/g)].map(([, kid]) => kid)
    expect(new Set(kids).size).toBe(kids.length)
  })
})

describe('artefacts that were used', () => {
  it('a pushed request that was completed brings a page, RFC 9126 §4', async () => {
    const jane = person(issuer)
    const started = await startByPar(await discoverDemoWeb(), 'openid', { prompt: 'consent' })
    const consent = await jane.signIn(await jane.visit(started.url), 'jane')
    expect((await jane.decide(consent, 'allow')).sentTo?.searchParams.has('code')).toBe(true)
    const again = await jane.visit(started.url)
    expect(again.sentTo).toBeUndefined()
    expect(again.status).toBe(400)
  })

  it('a code that was used brings invalid_grant', async () => {
    const client = await discoverDemoWeb()
    const john = person(issuer)
    const started = await start(client, 'openid notes:read', { prompt: 'consent' })
    const page = await john.signIn(await john.visit(started.url), 'jane')
    const answer = page.sentTo ? page : await john.decide(page, 'allow', ['notes:read'])
    await finish(client, answer.sentTo, started)
    await expect(finish(client, answer.sentTo, started)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 })
  })
})

describe('interactions: bound to the browser, used once', () => {
  const arrive = async (scope = 'openid profile calendar:read') => {
    const john = person(issuer)
    // What was allowed in another test must not spare us the page.
    const started = await start(await discoverDemoWeb(), scope, { prompt: 'consent' })
    return { john, started, login: await john.visit(started.url) }
  }
  const consentPage = async (scope?: string) => {
    const arrived = await arrive(scope)
    return { ...arrived, consent: await arrived.john.signIn(arrived.login) }
  }

  it('another browser cannot open it, and learns nothing', async () => {
    const { consent } = await consentPage()
    const stranger = await person(issuer).visit(consent.url)
    expect(stranger.status).toBeGreaterThanOrEqual(400)
    expect(stranger.html).not.toContain('Daybook')
    const other = await consentPage()
    const crossed = await other.john.visit(consent.url)
    expect(crossed.status).toBeGreaterThanOrEqual(400)
  })

  it('the ticket is on no page and in no address', async () => {
    const { login, consent } = await consentPage()
    for (const page of [login, consent]) expect(`${page.url.href}${page.html}`).not.toMatch(/[A-Za-z0-9_-]{59}/)
  })

  it('a second decision finds it ended', async () => {
    const { john, consent } = await consentPage()
    expect((await john.decide(consent, 'allow', ['profile'])).sentTo?.searchParams.has('code')).toBe(true)
    const again = await john.decide(consent, 'allow', ['profile'])
    expect(again.sentTo).toBeUndefined()
    expect(again.status).toBeGreaterThanOrEqual(400)
    const reopened = await john.visit(consent.url)
    expect(reopened.sentTo).toBeUndefined()
  })

  it('of eight decisions at once, one brings a code', async () => {
    const { john, consent } = await consentPage()
    const pages = await Promise.all(Array.from({ length: 8 }, () => john.decide(consent, 'allow', ['profile'])))
    expect(pages.filter(({ sentTo }) => sentTo?.searchParams.has('code'))).toHaveLength(1)
    for (const page of pages) expect(page.status).toBeLessThan(500)
  })

  it('two tabs: the decision is about the request that is shown', async () => {
    const john = person(issuer)
    const client = await discoverDemoWeb()
    const [first, second] = [
      await start(client, 'openid calendar:read', { prompt: 'consent' }),
      await start(client, 'openid notes:write', { prompt: 'consent' }),
    ]
    const login = await john.visit(first.url)
    const other = await john.visit(second.url)
    const consent = await john.signIn(login)
    const otherConsent = await john.visit(other.url)
    expect((await john.decide(otherConsent, 'deny')).sentTo?.searchParams.get('state')).toBe(second.state)
    const answer = await john.decide(consent, 'allow', ['calendar:read'])
    expect(answer.sentTo?.searchParams.get('state')).toBe(first.state)
  })

  it('the session is new after the login', async () => {
    const { john, login } = await arrive()
    const before = new Map(john.cookies)
    await john.signIn(login)
    for (const [name, value] of john.cookies) if (name.includes('sid')) expect(value).not.toBe(before.get(name))
  })

  it.each<[string, [string, string][]]>([
    ['a scope that was not requested', [['scope', 'payments:send']]],
    ['a required scope', [['scope', 'openid']]],
    ['an unknown scope', [['scope', 'nonsense']]],
    ['a name of the prototype', [['scope', '__proto__']]],
    ['500 values', Array.from({ length: 500 }, (): [string, string] => ['scope', 'calendar:read'])],
  ])('a form with %s brings no code', async (_, fields) => {
    const { john, consent } = await consentPage()
    const [csrf] = consent.forms.flatMap(({ inputs }) => inputs).filter(({ name }) => name === 'csrf_token')
    const body = new URLSearchParams([...fields, ['decision', 'allow'], ['csrf_token', csrf?.value ?? '']])
    const headers = { ...form, origin: issuer, 'sec-fetch-site': 'same-origin' }
    const response = await john.request(consent.url, { method: 'POST', headers, body: body.toString() })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    expectNoInside(await response.text())
    // Nothing was lost: the person may still decide.
    expect((await john.decide(consent, 'allow', ['profile'])).sentTo?.searchParams.has('code')).toBe(true)
  })

  it.each<[string, Record<string, string>, boolean]>([
    ['without a token', { origin: 'x' }, false],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, true],
    ['from another origin, in an old browser', { origin: 'https://evil.example' }, true],
  ])('a decision %s brings no code', async (_, headers, withToken) => {
    const { john, consent } = await consentPage()
    const [csrf] = consent.forms.flatMap(({ inputs }) => inputs).filter(({ name }) => name === 'csrf_token')
    const body = new URLSearchParams({ decision: 'allow', ...(withToken && { csrf_token: csrf?.value ?? '' }) })
    const sent = headers['origin'] === 'x' ? { origin: issuer, 'sec-fetch-site': 'same-origin' } : headers
    const response = await john.request(consent.url, {
      method: 'POST',
      headers: { ...form, ...sent },
      body: body.toString(),
    })
    expect(response.headers.get('location') ?? '').not.toContain('code=')
    expect(response.status).toBeLessThan(500)
  })
})

describe('login', () => {
  it('says the same of an unknown name and of a wrong password, and keeps the name', async () => {
    const john = person(issuer)
    const login = await john.visit((await start(await discoverDemoWeb(), 'openid')).url)
    const wrong = await john.signIn(login, 'jane', 'wrong')
    const unknown = await john.signIn(login, 'jane-who-is-unknown', 'wrong')
    const alert = (html: string) =>
      /role="alert"[\s\S]*?<\/(?:div|section|p)>/.exec(html)?.[0].replaceAll(/jane[a-z-]*/g, '')
    expect(alert(wrong.html)).toBe(alert(unknown.html))
    expect(alert(wrong.html)).toBeTruthy()
    expect(wrong.html).toContain('value="jane"')
    expect(wrong.html).not.toContain('value="wrong"')
  })

  it('a name with a NUL is a wrong name', async () => {
    const john = person(issuer)
    const login = await john.visit((await start(await discoverDemoWeb(), 'openid')).url)
    expect((await john.signIn(login, 'jo\0hn', 'x')).status).toBe(400)
  })

  it('slows down who guesses', async () => {
    const john = person(issuer)
    const login = await john.visit((await start(await discoverDemoWeb(), 'openid')).url)
    let last = login
    for (let attempt = 0; attempt < 15 && last.status !== 429; attempt += 1)
      last = await john.signIn(login, 'somebody-guessed', `guess-${attempt}`)
    expect(last.status).toBe(429)
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('everything else', () => {
  it.each([
    '/nothing',
    '/interaction/x',
    '/interaction/%00/login',
    '/..%2f..%2fetc/passwd',
    '/oauth/',
    '/api/service/get/list',
    `/${'x'.repeat(4_000)}`,
  ])('%s: 404 or 400, as a page', async (path) => {
    const response = await fetch(`${issuer}${path}`, { headers: { accept: 'text/html' } })
    const text = await response.text()
    expect([400, 404, 410]).toContain(response.status)
    expectNoInside(text)
  })

  it('headers of more than 16 KiB: 431', async () => {
    const response = await fetch(issuer, { headers: { 'x-big': 'y'.repeat(20_000) } }).catch(() => undefined)
    if (response) expect(response.status).toBe(431)
  })

  it('a Host or a forwarding header of a stranger changes nothing', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example' }
    const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`, { headers })).text()
    expect(metadata).not.toContain('evil.example')
  })
})
