import { resolve } from 'node:path'
import * as oidc from 'openid-client'
import { allowInsecureRequests } from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { person, type Page, type Person } from '../flows/person.ts'
import { freePort } from '../free-port.ts'
import { startServer, type ServerProcess } from '../server-process.ts'

/*
 * OIDC Core §3.1: people of one Gatehouse sign in at another one. The first is the OpenID provider; the second is its client, and the
 * provider of a client of its own. Both know a John with the same e-mail address, who are two people.
 */

const program = resolve(import.meta.dirname, '../../server/engine/main.ts')
const johnOfBoth = '6f0f5c1e8d4b4a7c9b2e'

let first: ServerProcess
let second: ServerProcess
let issuer: string

beforeAll(async () => {
  const [enginePort, port] = await Promise.all([freePort(), freePort()])
  issuer = `http://localhost:${port}`
  first = await startServer(program, { ENGINE_PORT: String(enginePort), DEMO_PORT: '0', DEMO_API_PORT: '0' })
  const registered = await fetch(`http://127.0.0.1:${enginePort}/api/1000001/client/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer dev-engine-token' },
    body: JSON.stringify({
      clientName: 'The other house',
      clientType: 'CONFIDENTIAL',
      applicationType: 'WEB',
      tokenAuthMethod: 'CLIENT_SECRET_BASIC',
      grantTypes: ['AUTHORIZATION_CODE'],
      responseTypes: ['CODE'],
      redirectUris: [`${issuer}/login/callback/first`],
    }),
  })
  const { clientId, clientSecret } = z
    .object({ clientId: z.number(), clientSecret: z.string() })
    .parse(await registered.json())
  const provider = { id: 'first', name: 'First house', issuer: first.issuer, clientId: String(clientId), clientSecret }
  const nowhere = { ...provider, id: 'nowhere', name: 'Nowhere', issuer: 'http://localhost:1' }
  second = await startServer(program, {
    PORT: String(port),
    DEMO_API_PORT: '0',
    LOGIN_PROVIDERS: JSON.stringify([provider, nowhere]),
  })
}, 180_000)

afterAll(async () => {
  await second.stop()
  await first.stop()
})

/** Presses the button of a provider. */
function press(somebody: Person, page: Page, provider = 'first'): Promise<Page> {
  const forms = page.forms.filter(({ action }) => action.includes(`/${provider}`) && !action.endsWith('/language'))
  return somebody.submit({ ...page, forms }, {})
}

/** At the provider: signs in where that is asked, and agrees or goes back. */
async function agree(at: URL | undefined, visitor: Person, decision: 'allow' | 'deny' = 'allow'): Promise<string> {
  let page = await visitor.visit(at ?? '')
  if (decision === 'deny') page = await visitor.decide(page, 'deny')
  else if (page.url.pathname.endsWith('/login')) page = await visitor.signIn(page, 'john')
  // Asked a second time, there is nothing new to ask.
  if (page.sentTo === undefined) page = await visitor.decide(page, decision, ['profile', 'email'])
  return page.sentTo?.href ?? ''
}

/** A request of the demo client at the second house. */
async function begin(parameters: Record<string, string> = {}) {
  const authentication = oidc.ClientSecretBasic('demo-web-secret')
  const execute = [allowInsecureRequests]
  const client = await oidc.discovery(new URL(issuer), 'demo-web', {}, authentication, { execute })
  const codeVerifier = oidc.randomPKCECodeVerifier()
  const url = oidc.buildAuthorizationUrl(client, {
    redirect_uri: `${second.demoUrl}/callback`,
    scope: 'openid email',
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  })
  const finish = (answer: URL | undefined) =>
    oidc.authorizationCodeGrant(client, answer ?? new URL(issuer), { pkceCodeVerifier: codeVerifier })
  return { url, finish }
}

/** From the click of a client's button to its tokens. */
async function signInWith(visitor: Person, parameters?: Record<string, string>) {
  const somebody = person(issuer)
  const { url, finish } = await begin(parameters)
  const left = await press(somebody, await somebody.visit(url))
  const consent = await somebody.visit(await agree(left.sentTo, visitor))
  // Whoever was here before is known again, and their decision as well.
  const answer = consent.sentTo === undefined ? await somebody.decide(consent, 'allow', ['email']) : consent
  return { left, consent, claims: (await finish(answer.sentTo)).claims() }
}

describe('OIDC Core §3.1: signing in with another provider', () => {
  it('given somebody new, then they are added once, with what the provider says, and are not the one with their e-mail', async () => {
    const { left, consent, claims } = await signInWith(person(first.issuer))
    const asked = Object.fromEntries(left.sentTo?.searchParams ?? [])
    expect(asked).toMatchObject({
      response_type: 'code',
      redirect_uri: `${issuer}/login/callback/first`,
      code_challenge_method: 'S256',
    })
    expect(Object.keys(asked)).toEqual(expect.arrayContaining(['state', 'nonce', 'code_challenge']))
    expect(consent.html).toContain('John Flynn')
    expect(consent.html).toContain('john@example.com')
    expect(claims?.sub).not.toBe(johnOfBoth)
    expect(claims).toMatchObject({ acr: 'urn:gatehouse:acr:provider' })

    const again = await signInWith(person(first.issuer))
    expect(again.claims?.sub).toBe(claims?.sub)
  })

  it('§3.1.2.1, prompt=login: given that it is demanded, then the provider has to ask as well', async () => {
    const john = person(first.issuer)
    await signInWith(john)
    const { left, claims } = await signInWith(john, { prompt: 'login consent' })
    expect(left.sentTo?.searchParams.get('prompt')).toBe('login')
    expect(Number(claims?.['auth_time'])).toBeGreaterThan(Date.now() / 1000 - 60)
  })

  it('given no client, then the button of the sign-in page leads to the page that was wanted', async () => {
    const somebody = person(issuer)
    const left = await press(somebody, await somebody.visit(`${issuer}/apps`))
    const page = await somebody.visit(await agree(left.sentTo, person(first.issuer)))
    expect([page.url.pathname, page.status]).toEqual(['/apps', 200])
    expect(page.html).toContain('John Flynn')
  })

  it('given that the person says no there, then the login page says that it did not work', async () => {
    const somebody = person(issuer)
    const left = await press(somebody, await somebody.visit((await begin()).url))
    const page = await somebody.visit(await agree(left.sentTo, person(first.issuer), 'deny'))
    expect(page.url.pathname).toMatch(/^\/interaction\/[^/]+\/login$/)
    expect(page.html).toContain('Signing in there did not work.')
  })

  it('given a provider that does not answer, then the login page says so; given one that nobody configured, then 404', async () => {
    const somebody = person(issuer)
    const login = await somebody.visit((await begin()).url)
    expect((await press(somebody, login, 'nowhere')).html).toContain('Signing in there did not work.')
    const forms = login.forms.map((form) => ({ ...form, action: form.action.replace(/first$/, 'third') }))
    expect((await press(somebody, { ...login, forms }, 'third')).status).toBe(404)
  })

  it('RFC 6749 §10.12: given an answer that another browser began, a wrong state, or a second time, then nobody is signed in', async () => {
    const [somebody, victim] = [person(issuer), person(issuer)]
    const left = await press(somebody, await somebody.visit(`${issuer}/apps`))
    const answer = await agree(left.sentTo, person(first.issuer))
    expect((await victim.visit(answer)).status).toBe(400)
    expect((await victim.visit(`${issuer}/apps`)).url.pathname).toBe('/sign-in')
    expect((await somebody.visit(answer)).url.pathname).toBe('/apps')
    expect((await somebody.visit(answer)).status).toBe(400)

    await press(victim, await victim.visit(`${issuer}/apps`))
    const wrong = new URL(answer)
    wrong.searchParams.set('state', 'another')
    expect((await victim.visit(wrong)).status).toBe(400)
    expect((await victim.visit(`${issuer}/apps`)).url.pathname).toBe('/sign-in')
  })

  it('given a form without our token, then nobody is sent anywhere', async () => {
    const res = await fetch(`${issuer}/sign-in/first`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(),
    })
    expect([res.status, res.headers.get('location')]).toEqual([303, '/sign-in?return=%2Fapps'])
  })
})
