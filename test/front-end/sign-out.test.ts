import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoPeople } from '../../server/demo-people.ts'
import { person, type Page, type Person } from '../flows/person.ts'
import { startApp, type AppUnderTest } from './app-under-test.ts'

let app: AppUnderTest

beforeAll(async () => {
  app = await startApp(() => ({}), { people: demoPeople.slice(0, 1) })
})
afterAll(() => app.close())

const said = 'You are signed out'

async function signIn(): Promise<{ somebody: Person; home: Page }> {
  const somebody = person(app.url)
  return { somebody, home: await somebody.signIn(await somebody.visit(`${app.url}/sign-in?return=%2F`)) }
}

function csrfTokenOf({ forms }: Page): string {
  const form = forms.find(({ action }) => action === '/sign-out')
  return form?.inputs.find(({ name }) => name === 'csrf_token')?.value ?? ''
}

function post(somebody: Person, csrfToken: string, headers: Record<string, string> = {}): Promise<Response> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams({ csrf_token: csrfToken }).toString()
  return somebody.request(`${app.url}/sign-out`, { method: 'POST', headers: { ...type, ...headers }, body })
}

describe('OWASP ASVS 3.3: signing out', () => {
  it('given the button, then the person is signed out, is told so, and no page of before was stored', async () => {
    const { somebody, home } = await signIn()
    expect(home.headers.get('cache-control')).toBe('no-store')
    const before = [...somebody.cookies]
    const answer = await post(somebody, csrfTokenOf(home))
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/?signed-out'])
    expect((await somebody.visit(`${app.url}/?signed-out`)).html).toContain(said)
    for (const [name, value] of before) somebody.cookies.set(name, value)
    expect(csrfTokenOf(await somebody.visit(`${app.url}/`))).toBe('')
  })

  it('given a link that says so, then whoever is signed in is not told that they are not', async () => {
    const { somebody } = await signIn()
    const page = await somebody.visit(`${app.url}/?signed-out`)
    expect(page.html).not.toContain(said)
    expect(csrfTokenOf(page)).not.toBe('')
  })

  it.each([
    ['another site', 403, { 'sec-fetch-site': 'cross-site' }, undefined],
    ['a subdomain', 403, { 'sec-fetch-site': 'same-site' }, undefined],
    ['another origin, of a browser without Fetch Metadata', 403, { origin: 'https://evil.example' }, undefined],
    ['the token of another session', 303, {}, 'x'],
    ['no token', 303, {}, ''],
  ])(
    'RFC 6749 §10.12: given a form with %s, then the person stays signed in',
    async (_what, status, headers, token) => {
      const { somebody, home } = await signIn()
      const answer = await post(somebody, token ?? csrfTokenOf(home), headers)
      expect(answer.status).toBe(status)
      expect(csrfTokenOf(await somebody.visit(`${app.url}/`))).toBe(csrfTokenOf(home))
    },
  )

  it('given a GET, then 405, and the person stays signed in', async () => {
    const { somebody, home } = await signIn()
    expect((await somebody.request(`${app.url}/sign-out`)).status).toBe(405)
    expect(csrfTokenOf(await somebody.visit(`${app.url}/`))).toBe(csrfTokenOf(home))
  })
})
