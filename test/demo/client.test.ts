import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemoClient } from '../../demo/client.ts'
import type { Running } from '../../demo/listen.ts'
import { startUnreachableServer, type UnreachableServer } from './unreachable-server.ts'

let client: Running
let unreachable: UnreachableServer

beforeAll(async () => {
  unreachable = await startUnreachableServer()
  client = await startDemoClient({
    issuer: unreachable.issuer,
    clientId: 'demo-web',
    clientSecret: 'demo-web-secret',
    port: 0,
  })
})

afterAll(async () => {
  await client.close()
  await unreachable.close()
})

interface StartPage {
  html: string
  cookie: string
  formToken: string
}

async function openStartPage(): Promise<StartPage> {
  const response = await fetch(client.url)
  const html = await response.text()
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
  const formToken = /name="form_token" value="([^"]+)"/.exec(html)?.[1]
  if (cookie === undefined || formToken === undefined)
    throw new Error('the start page lacks its cookie or its form token')
  return { html, cookie, formToken }
}

type Fields = [name: string, value: string][]

function post(path: string, fields: Fields, headers: Record<string, string>): Promise<Response> {
  return fetch(`${client.url}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
    redirect: 'manual',
  })
}

describe('the start page', () => {
  it('offers every scope, both ways to send the request and every prompt, without a script', async () => {
    const { html } = await openStartPage()
    const scopes = [...html.matchAll(/name="scope" value="([^"]+)"/g)].map((match) => match[1])
    expect(scopes).toEqual([
      ...['openid', 'profile', 'email', 'phone', 'address'],
      ...['notes:read', 'notes:write', 'calendar:read', 'payments:send', 'directory:read'],
      ...['offline_access', 'account:basic', 'telemetry', 'grant_management_query', 'grant_management_revoke'],
    ])
    expect([...html.matchAll(/name="method" value="([^"]+)"/g)].map((match) => match[1])).toEqual(['plain', 'par'])
    expect([...html.matchAll(/<option value="([^"]*)"/g)].map((match) => match[1])).toEqual([
      ...['', 'none', 'login', 'consent', 'select_account'],
      ...['', 'create', 'merge', 'replace'],
    ])
    expect([...html.matchAll(/name="claim" value="([^"]+)"/g)].map((match) => match[1])).toEqual([
      ...['preferred_username', 'birthdate', 'zoneinfo', 'nickname'],
    ])
    expect([...html.matchAll(/name="detail" value="([^"]+)"/g)].map((match) => match[1])).toEqual([
      ...['payment_initiation', 'account_information'],
    ])
    for (const field of ['payment_id', 'amount', 'creditor']) expect(html).toContain(`name="${field}"`)
    expect(html).toContain('Sign in with Gatehouse')
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=/i)
  })

  it('is sent with headers that allow no script, no frame and no copy in a cache', async () => {
    const { headers } = await fetch(client.url)
    const policy = headers.get('content-security-policy')?.split(';')
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]),
    )
    expect(policy?.join()).not.toMatch(/unsafe|script-src|upgrade-insecure-requests/)
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    expect(headers.has('x-powered-by')).toBe(false)
    expect(headers.has('strict-transport-security')).toBe(false)
  })

  it('sets one cookie, with a name that no server on the same host uses', async () => {
    const cookies = (await fetch(client.url)).headers.getSetCookie()
    expect(cookies).toEqual([expect.stringMatching(/^daybook\.sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)])
  })

  it('comes with its style sheet', async () => {
    const response = await fetch(`${client.url}/demo.css`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
  })
})

describe('RFC 6819 §4.4.1.8: a form counts only when our own page sent it', () => {
  it('given no cookie, then 403', async () => {
    const { formToken } = await openStartPage()
    const response = await post(
      '/login',
      [
        ['form_token', formToken],
        ['scope', 'openid'],
      ],
      {},
    )
    expect(response.status).toBe(403)
  })

  it('given the token of another browser, then 403', async () => {
    const [mine, other] = await Promise.all([openStartPage(), openStartPage()])
    const response = await post(
      '/login',
      [
        ['form_token', other.formToken],
        ['scope', 'openid'],
      ],
      { cookie: mine.cookie },
    )
    expect(response.status).toBe(403)
  })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this host', { 'sec-fetch-site': 'same-site' }],
    ['another origin, from a browser without fetch metadata', { origin: 'https://evil.example' }],
  ])('given the right token, when %s sends the form, then 403', async (_sender, headers) => {
    const { cookie, formToken } = await openStartPage()
    const response = await post(
      '/login',
      [
        ['form_token', formToken],
        ['scope', 'openid'],
      ],
      { cookie, ...headers },
    )
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('did not recognise this form')
  })

  it.each(['/call', '/refresh', '/revoke', '/grant/query', '/grant/revoke', '/sign-out'])(
    'protects POST %s in the same way',
    async (path) => {
      const { cookie } = await openStartPage()
      expect((await post(path, [], { cookie })).status).toBe(403)
    },
  )
})

describe('when the authorization server cannot be reached', () => {
  it.each(['plain', 'par'])('a %s sign-in ends on a page that says so and offers to try again', async (method) => {
    const { cookie, formToken } = await openStartPage()
    const fields: Fields = [
      ['form_token', formToken],
      ['scope', 'openid'],
      ['scope', 'email'],
      ['method', method],
    ]
    const response = await post('/login', fields, { cookie, 'sec-fetch-site': 'same-origin' })
    const html = await response.text()
    expect(response.status).toBe(503)
    expect(html).toContain('Gatehouse cannot be reached')
    expect(html).toContain(unreachable.issuer)
    expect([...html.matchAll(/name="scope" value="([^"]+)"/g)].map((match) => match[1])).toEqual(['openid', 'email'])
    expect(html).not.toMatch(/fetch failed|ECONNREFUSED| at .*\.ts/)
  })
})

describe('bad input', () => {
  it('given no scope at all, then the start page asks for one', async () => {
    const { cookie, formToken } = await openStartPage()
    const response = await post('/login', [['form_token', formToken]], { cookie })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/?no-scope'])
    expect(await (await fetch(`${client.url}/?no-scope`)).text()).toContain('Choose at least one permission')
  })

  it.each([
    ['method', 'carrier-pigeon'],
    ['prompt', 'create'],
    ['grant', 'revoke'],
    ['payment_id', '1 notes:write'],
    ['payment_id', 'x'.repeat(37)],
    ['amount', '1'.repeat(17)],
  ])('given a %s that the page does not offer, then 400', async (name, value) => {
    const { cookie, formToken } = await openStartPage()
    const fields: Fields = [
      ['form_token', formToken],
      ['scope', 'openid'],
      [name, value],
    ]
    expect((await post('/login', fields, { cookie })).status).toBe(400)
  })

  it.each(['merge', 'replace'])('given %s without a grant, then the start page says what to do', async (action) => {
    const { cookie, formToken } = await openStartPage()
    const fields: Fields = [
      ['form_token', formToken],
      ['scope', 'openid'],
      ['grant', action],
    ]
    const response = await post('/login', fields, { cookie })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/?no-grant'])
    expect(await (await fetch(`${client.url}/?no-grant`)).text()).toContain('Create one first')
  })

  it('given a form larger than any of ours, then 413', async () => {
    const { cookie } = await openStartPage()
    const response = await post('/login', [['form_token', 'x'.repeat(10_000)]], { cookie })
    expect(response.status).toBe(413)
  })

  it('given a callback that nobody asked for, then 400 and nobody is signed in', async () => {
    const { cookie } = await openStartPage()
    const response = await fetch(`${client.url}/callback?code=stolen&state=guessed`, { headers: { cookie } })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('belongs to no sign-in of yours')
    const result = await fetch(`${client.url}/result`, { headers: { cookie }, redirect: 'manual' })
    expect([result.status, result.headers.get('location')]).toEqual([303, '/'])
  })

  it('given a callback with markup in it, then the page does not repeat it', async () => {
    const response = await fetch(`${client.url}/callback?state=%3Cb%3Ex&error=%3Cscript%3E&error_description=%3Ci%3E`)
    expect(await response.text()).not.toMatch(/<script|<b>x|<i>/)
  })

  it('given a path that does not exist, then a 404 page', async () => {
    const response = await fetch(`${client.url}/nothing`)
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
  })
})

describe('without an API', () => {
  it('offers no resource to limit tokens to', async () => {
    expect((await openStartPage()).html).not.toContain('name="resource"')
  })
})

describe('one host name', () => {
  it('given another name for this machine, then the browser is sent to the one that the redirect URI has', async () => {
    const { port } = new URL(client.url)
    // fetch lets nobody set Host, so this speaks HTTP by hand.
    const socket = connect(Number(port), 'localhost')
    socket.write('GET //evil.example/x HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n')
    let answer = ''
    for await (const chunk of socket.setEncoding('utf8')) answer += String(chunk)
    expect(answer).toMatch(/^HTTP\/1\.1 302 /)
    expect(answer).toContain(`Location: ${client.url}/evil.example/x\r\n`)
  })
})

describe('starting and stopping', () => {
  const registration = { issuer: 'http://localhost:9', clientId: 'demo-web', clientSecret: 'demo-web-secret' }

  it('given a port that is taken, then it rejects with EADDRINUSE', async () => {
    const { port } = new URL(client.url)
    await expect(startDemoClient({ ...registration, port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('close() ends connections that are kept alive, and a second close() is harmless', async () => {
    const other = await startDemoClient({ ...registration, port: 0 })
    const socket = connect(Number(new URL(other.url).port), 'localhost')
    socket.write(`GET /demo.css HTTP/1.1\r\nHost: ${new URL(other.url).host}\r\n\r\n`)
    await once(socket, 'data')
    const ended = once(socket.resume(), 'close')
    await Promise.all([other.close(), other.close()])
    await ended
  })
})
