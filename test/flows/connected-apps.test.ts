import * as oidc from 'openid-client'
import { expect, it } from 'vitest'
import { discover, discoverDemoApi, finish, issuer, start } from './client.ts'
import { person, type Page, type Person } from './person.ts'

/*
 * RFC 6749 §1: what a person takes back under /apps has ended everywhere. Jane and demo-spa meet in no other flow: to remove an app
 * is to end everything that it has of a person.
 */

const scope = 'openid profile notes:read notes:write calendar:read'

const discoverDemoSpa = () => discover('demo-spa', oidc.None())

async function allow(jane: Person, scopes: readonly string[]) {
  const client = await discoverDemoSpa()
  const started = await start(client, scope, { prompt: 'consent' })
  const first = await jane.visit(started.url)
  const consent = first.url.pathname.endsWith('/login') ? await jane.signIn(first, 'jane') : first
  const answer = await jane.decide(consent, 'allow', scopes)
  return { client, tokens: await finish(client, answer.sentTo, started) }
}

/** The page of the app, and where it takes something back. */
async function openApp(jane: Person): Promise<Page> {
  const list = await jane.visit(`${issuer}/apps`)
  const address = /href="(\/apps\/\d+)"(?:(?!<\/a>)[\s\S])*Daybook in the browser/.exec(list.html)?.[1]
  if (address === undefined) throw new Error('The app is not listed.')
  return jane.visit(issuer + address)
}

const introspect = async (token: string) => oidc.tokenIntrospection(await discoverDemoApi(), token)
const words = (text: string | undefined) => (text ?? '').split(' ').sort()

it('given a scope that is removed, then introspection, userinfo and refresh are without it at once', async () => {
  const jane = person(issuer)
  const { client, tokens } = await allow(jane, ['profile', 'notes:read', 'calendar:read'])
  expect(words((await introspect(tokens.access_token)).scope)).toContain('calendar:read')

  const app = await openApp(jane)
  const asked = await jane.visit(`${app.url.href}/remove?scope=calendar:read`)
  expect((await introspect(tokens.access_token)).active).toBe(true)
  const page = await jane.submit(asked, { scope: [] })
  expect(page.html).not.toContain('<code>calendar:read</code>')

  const left = words(tokens.scope).filter((name) => name !== 'calendar:read')
  expect(words((await introspect(tokens.access_token)).scope)).toEqual(left)
  const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')
  expect(words(refreshed.scope)).toEqual(left)

  // Asked again, the person finds it unticked, with the day on which they said no.
  const again = await jane.visit((await start(client, scope, { prompt: 'consent' })).url)
  expect(again.html).toMatch(/value="calendar:read"(?![^>]* checked)/)
  expect(again.html).toContain('You said no on')
})

it('given an app that is removed, then its tokens are worth nothing, and the person is asked as for the first time', async () => {
  const jane = person(issuer)
  const { client, tokens } = await allow(jane, ['profile', 'notes:read'])
  const app = await openApp(jane)
  const page = await jane.submit(await jane.visit(`${app.url.href}/remove`), { csrf_token: [] })
  expect(page.url.pathname).toBe('/apps')
  expect((await jane.visit(app.url)).status).toBe(404)

  expect((await introspect(tokens.access_token)).active).toBe(false)
  await expect(oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  })
  const again = await jane.visit((await start(client, scope)).url)
  expect(again.url.pathname).toMatch(/\/consent$/)
  expect(again.html).not.toContain('You said no on')
  expect(again.html).not.toMatch(/name="scope"[^>]* checked/)
})
