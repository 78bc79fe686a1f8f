import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { detailId } from '../../server/authorization-details/registry.ts'
import { listConsents } from '../../server/connected-apps.ts'
import { recordPolicyGrant, type Consent } from '../../server/consents.ts'
import { demoPeople } from '../../server/demo-people.ts'
import { person, type Page, type Person } from '../flows/person.ts'
import { allow, deny, requestOf } from './allowed.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'

const [john = '', jane = ''] = demoPeople.map(({ subject }) => subject)
const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }

let app: AppUnderTest
/** Each test has a client of its own. */
let clientId = 100
/** What the engine answers to a change; undefined when it works. */
let fault: (() => Response) | undefined
/** Whether the engine tells a front-end about its settings and tokens. */
let isTalkative = true
/** What the engine says about how it narrows tokens. */
let narrowing: string | undefined
/** The clients that hold a live token, as the engine lists them; undefined when it does not say. */
let clientsWithAccess: number[] | undefined

const scope = (name: string, policy: Record<string, string> = {}) => ({
  name,
  description: `What ${name} is.`,
  attributes: Object.entries(policy).map(([key, value]) => ({ key: `consent.${key}`, value })),
})

const supportedScopes = [
  scope('openid'),
  scope('basic', { mode: 'required', title: 'The basics' }),
  scope('notes:read', { title: 'Read your notes' }),
  scope('notes:write', { title: 'Change your notes', implies: 'notes:read' }),
  {
    ...scope('payment'),
    attributes: [
      { key: 'regex', value: '^payment:.+$' },
      { key: 'consent.title', value: 'One payment' },
    ],
  },
]

beforeAll(async () => {
  app = await startApp(script, { people: demoPeople, env: { TRUST_PROXY: '1' } })
})

function script({ operation }: EngineCall): object | Response {
  if (operation === '/api/info')
    return { version: '1.0.0', features: [], ...(narrowing !== undefined && { narrowing }) }
  if (operation === 'client/authorization/get/list') {
    if (clientsWithAccess === undefined) return refused(403)
    const clients = clientsWithAccess.map((id) => ({ clientId: id }))
    return { ...result, start: 0, end: 100, totalCount: clients.length, subject: john, clients }
  }
  if (operation === 'service/get') return isTalkative ? { apiKey: 1, supportedScopes } : refused(403)
  if (operation === 'auth/token/get/list') {
    return isTalkative ? { start: 0, end: 1, totalCount: 3, accessTokens: [] } : refused(403)
  }
  return fault?.() ?? { ...result, serviceApiKey: 1, clientId, subject: john }
}

afterAll(() => app.close())

beforeEach(() => {
  clientId += 1
  fault = undefined
  isTalkative = true
  narrowing = 'per-token'
  clientsWithAccess = undefined
  app.calls.length = 0
})

const refused = (status: number) => Response.json(result, { status })

/** What the engine was told to change. */
const changes = () => app.calls.filter(({ operation }) => /^client\/authorization\/(update|delete)\//.test(operation))

const past = () => new Date(Date.now() - 86_400_000)

const granted = {
  granted: ['openid', 'basic', 'notes:read', 'notes:write', 'payment:inv-42'],
  dynamicScopes: ['payment:inv-42'],
}

const payment = { type: 'payment_initiation', otherFields: '{"creditorName":"Merchant A"}' }
const accounts = { type: 'account_information', actions: ['list_accounts'] }

async function connect(decided: Partial<Consent> = granted, subject = john, name = 'Daybook'): Promise<void> {
  const client = { clientId, clientName: name, redirectUris: ['https://app.daybook.example/cb'] }
  await allow(app.database, subject, client, decided, past())
}

/** Checking a password takes time, so each person signs in once. */
const browsers = new Map<string, Promise<Person>>()

async function signedIn(path = '/apps', username = 'john'): Promise<{ somebody: Person; page: Page }> {
  const browser = browsers.get(username) ?? signIn(username)
  browsers.set(username, browser)
  const somebody = await browser
  return { somebody, page: await somebody.visit(app.url + path) }
}

async function signIn(username: string): Promise<Person> {
  const somebody = person(app.url)
  await somebody.signIn(await somebody.visit(`${app.url}/apps`), username)
  return somebody
}

/** Goes to the confirmation, and confirms. */
async function remove(somebody: Person, query: string): Promise<Page> {
  const asked = await somebody.visit(`${app.url}/apps/${clientId}/remove${query}`)
  expect(asked.status).toBe(200)
  const [name] = query.slice(1).split('=')
  return somebody.submit(asked, name === '' || name === undefined ? { csrf_token: [] } : { [name]: [] })
}

async function eventsOf(subject = john): Promise<string[]> {
  return (await listConsents(app.database, subject, clientId)).map(({ event }) => event)
}

const textOf = ({ html }: Page) =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

describe('signing in without a client', () => {
  it('given nobody, then /apps asks for a sign-in and comes back, with a new session', async () => {
    const somebody = person(app.url)
    const form = await somebody.visit(`${app.url}/apps`)
    expect([form.status, form.url.pathname, form.url.searchParams.get('return')]).toEqual([200, '/sign-in', '/apps'])
    const before = somebody.cookies.get('sid')
    const page = await somebody.signIn(form, 'john')
    expect([page.status, page.url.pathname]).toEqual([200, '/apps'])
    expect(textOf(page)).toContain('John Flynn')
    expect(somebody.cookies.get('sid')).not.toBe(before)
  })

  it('given a page of one app, then the sign-in comes back there', async () => {
    await connect()
    const somebody = person(app.url)
    const page = await somebody.signIn(await somebody.visit(`${app.url}/apps/${clientId}`), 'john')
    expect([page.status, page.url.pathname]).toEqual([200, `/apps/${clientId}`])
  })

  it.each([
    ...['https://evil.example/', '//evil.example', '/\\evil.example', '/apps//evil', '/oauth/authorize?x=1'],
    ...['/apps/1/remove', '/apps?x=1', 'apps', '/apps\n', ''],
  ])('RFC 9700 §4.11: given the target "%s", which is not on the list, then /apps', async (target) => {
    const address = `${app.url}/sign-in?return=${encodeURIComponent(target)}`
    expect((await person(app.url).visit(address)).html).toContain('action="/sign-in?return=%2Fapps"')
    const { somebody } = await signedIn()
    expect((await somebody.request(address)).headers.get('location')).toBe('/apps')
  })

  it('given a wrong password, then the one generic error, and the name is kept; given an unknown name, then the same', async () => {
    const somebody = person(app.url)
    const form = await somebody.visit(`${app.url}/sign-in`)
    for (const [username, password] of [
      ['john', 'wrong'],
      ['nobody', 'nobody'],
    ] as const) {
      const again = await somebody.signIn(form, username, password)
      expect(again.status).toBe(400)
      expect(textOf(again)).toContain('Username or password is not right.')
      expect(again.html).toContain(`value="${username}"`)
    }
  })

  it('given a form that is too old, then 409, and nobody is signed in', async () => {
    const somebody = person(app.url)
    const form = await somebody.visit(`${app.url}/sign-in`)
    somebody.cookies.clear()
    expect((await somebody.signIn(form, 'john')).status).toBe(409)
    expect((await somebody.visit(`${app.url}/apps`)).url.pathname).toBe('/sign-in')
  })

  it('RFC 6749 §10.10: given wrong passwords at one sign-in page, then the others count them too', async () => {
    const guess = async (path: string, number: number) => {
      const headers = { 'x-forwarded-for': '192.0.2.7' }
      const form = await app.fetch('/sign-in', { headers })
      const cookie = form.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      const token = /name="csrf_token" value="([^"]+)"/.exec(await form.text())?.[1] ?? ''
      const body = { username: 'bob', password: `guess ${number}`, csrf_token: token }
      return app.post(path, body, { ...headers, cookie, 'sec-fetch-site': 'same-origin' })
    }
    for (let number = 0; number < 5; number += 1) expect((await guess('/sign-in', number)).status).toBe(400)
    const tooMany = await guess('/sign-in?return=/apps', 6)
    expect(tooMany.status).toBe(429)
    expect(Number(tooMany.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('given somebody who is signed in, then the sign-in page leads on', async () => {
    const { somebody } = await signedIn()
    expect((await somebody.visit(`${app.url}/sign-in?return=/apps`)).url.pathname).toBe('/apps')
  })
})

describe('GET /apps', () => {
  it('given no app, then it explains what would appear, and leads to the demonstration', async () => {
    const { page } = await signedIn('/apps', 'bob')
    expect(textOf(page)).toContain('No app is connected to your account.')
    expect(page.html).toContain('href="http://localhost:3001"')
  })

  it('given apps, then each with its name, its dates, its permissions and when it ends; and those of nobody else', async () => {
    await connect({ ...granted, duration: 'month', endsAt: new Date(Date.now() + 20 * 86_400_000) })
    const own = clientId
    clientId += 1
    await connect(granted, jane, 'An app of Jane')
    const { page } = await signedIn()
    const [, row = ''] = new RegExp(`<a class="item" href="/apps/${own}">([\\s\\S]*?)</a>`).exec(page.html) ?? []
    expect(row).toContain('Daybook')
    expect(row).toContain('5 permissions')
    expect(row).toContain('Stays connected')
    expect(row).toMatch(/Ends on \d+ \w+ \d{4}/)
    expect(page.html).not.toContain('An app of Jane')
  })

  it('given more than ten, then a search that works without a script; given fewer, then none', async () => {
    const subject = jane
    const first = clientId
    for (let count = 0; count < 11; count += 1) {
      await connect(granted, subject, count === 4 ? 'Ｂücher & <more>' : `App ${count}`)
      clientId += 1
    }
    const { somebody, page } = await signedIn('/apps', 'jane')
    expect(page.html).toContain('type="search"')
    const found = await somebody.visit(`${app.url}/apps?q=${encodeURIComponent(' bÜCHER ')}`)
    expect([...found.html.matchAll(/<a class="item" href="\/apps\/(\d+)"/g)].map(([, id]) => Number(id))).toEqual([
      first + 4,
    ])
    expect(found.html).toContain('Ｂücher &amp; &lt;more&gt;')
    expect(textOf(await somebody.visit(`${app.url}/apps?q=%3Cscript%3E`))).toContain('0 apps found')
    expect((await signedIn('/apps', 'bob')).page.html).not.toContain('type="search"')
  })

  it('RFC 6749 §1.5: given an engine that says who holds a live token, then the others have no access at the moment', async () => {
    await connect()
    const [used, given] = [clientId, (clientId += 1)]
    await connect()
    clientsWithAccess = [used]
    const { page, somebody } = await signedIn()
    expect(marksOf(page, used)).toContain('Stays connected')
    expect(marksOf(page, given)).toMatch(/No access at the moment/)
    expect(marksOf(page, given)).not.toContain('Stays connected')
    expect(app.calls.filter(({ operation }) => operation === 'client/authorization/get/list')).toHaveLength(1)
    expect(app.calls.find(({ operation }) => operation === 'client/authorization/get/list')?.body).toMatchObject({
      subject: john,
      start: 0,
    })

    expect(textOf(await somebody.visit(`${app.url}/apps/${used}`))).not.toContain('No access at the moment')
    const detailed = textOf(await somebody.visit(`${app.url}/apps/${given}`))
    expect(detailed).toContain('No access at the moment')
    expect(detailed).not.toContain('Stays connected')
  })

  it('given access that ended, then it says when, and not twice that there is none', async () => {
    await connect({ ...granted, duration: 'hour', endsAt: new Date(Date.now() - 3_600_000) })
    clientsWithAccess = []
    const marks = marksOf((await signedIn()).page, clientId)
    expect(marks).toContain('Ended on')
    expect(marks).not.toContain('No access')
  })

  it('given an engine that does not say who holds a token, then the list is as we know it', async () => {
    await connect()
    expect(marksOf((await signedIn()).page, clientId)).toContain('Stays connected')
  })

  it('given a name that is no text, then an app without a name, and nothing runs', async () => {
    await connect(granted, john, '<script>alert(1)</script>\u202E')
    const { page } = await signedIn()
    expect(page.html).not.toContain('<script>alert')
    expect(page.html).not.toContain('\u202E')
  })
})

describe('GET /apps/:clientId', () => {
  it('given an app, then its permissions in the words of the consent page, its tokens, its hosts and its history', async () => {
    await connect({ ...granted, declined: ['profile'], claims: ['nickname'], details: [payment] })
    const { page } = await signedIn(`/apps/${clientId}`)
    const text = textOf(page)
    for (const words of ['Read your notes', 'What notes:read is.', 'One payment : inv-42', 'Confirm who you are']) {
      expect(text).toContain(words)
    }
    expect(text).toContain('3 access tokens')
    expect(page.html).toContain('app.<b>daybook.example</b>')
    expect(text).toContain('Nickname')
    expect(text).toMatch(/You decided .* Declined See your profile/)
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  it.each([
    ['en', 'Amount : asked for €60.00 , you allowed €40.00', 'Declined Look into your bank accounts: All'],
    ['de', 'Betrag : gefragt war nach 60,00 € , erlaubt haben Sie 40,00 €', 'Abgelehnt'],
  ])(
    'given a lowered amount and a declined detail, then the history says so in words, in %s',
    async (lang, lowered, declined) => {
      const paymentOf = (amount: string) => ({
        type: 'payment_initiation',
        otherFields: JSON.stringify({ instructedAmount: { currency: 'EUR', amount }, creditorName: 'Merchant A' }),
      })
      await connect({ ...granted, requestedDetails: [paymentOf('60.00'), accounts], details: [paymentOf('40.00')] })
      const { somebody } = await signedIn()
      const page = await somebody.visit(`${app.url}/apps/${clientId}?ui_locales=${lang}`)
      const text = textOf(page).replaceAll('\u00a0', ' ')
      expect(text).toContain(lowered)
      expect(text).toContain(declined)
    },
  )

  it('given required permissions, then they have no button of their own; optional ones and details have', async () => {
    await connect({ ...granted, details: [payment] })
    const { page } = await signedIn(`/apps/${clientId}`)
    const links = [...page.html.matchAll(/href="\/apps\/\d+\/remove([^"]*)"/g)].map(([, query]) => query)
    expect(links).toEqual([
      ...['notes:read', 'notes:write', 'payment:inv-42'].map((name) => `?scope=${encodeURIComponent(name)}`),
      `?detail=${detailId(payment)}`,
      '',
    ])
  })

  it('given an engine that tells nothing, then names, and no count', async () => {
    isTalkative = false
    await connect()
    const { page } = await signedIn(`/apps/${clientId}`)
    expect(page.status).toBe(200)
    expect(textOf(page)).toContain('notes:read')
    expect(textOf(page)).not.toContain('access token')
  })

  it.each(['0', '-1', '1e3', '007', 'x', '99999999999999999999', '__proto__', '%00'])(
    'given the id "%s", which no client has, then 404',
    async (id) => {
      const { somebody } = await signedIn()
      for (const path of ['', '/remove', '/record.json']) {
        expect((await somebody.visit(`${app.url}/apps/${id}${path}`)).status).toBe(404)
      }
    },
  )

  it('given an app of somebody else, then 404 for every page and post of it, and the engine is not told anything', async () => {
    await connect(granted, jane)
    const { somebody, page } = await signedIn()
    for (const path of ['', '/remove', '/remove?scope=notes:read', '/record.json']) {
      expect((await somebody.visit(`${app.url}/apps/${clientId}${path}`)).status).toBe(404)
    }
    const [{ value: csrfToken } = { value: '' }] = page.forms.flatMap(({ inputs }) => inputs)
    const posted = await somebody.request(`${app.url}/apps/${clientId}/remove`, {
      method: 'POST',
      body: new URLSearchParams({ csrf_token: csrfToken }),
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(posted.status).toBe(404)
    expect(changes()).toEqual([])
    expect(await eventsOf(jane)).toEqual(['decided'])
  })
})

/** What the list says of one app. */
function marksOf({ html }: Page, id: number): string {
  return new RegExp(`<a class="item" href="/apps/${id}">([\\s\\S]*?)</a>`).exec(html)?.[1] ?? ''
}

describe('an engine that narrows all tokens of a client together, or does not say how it narrows', () => {
  let other: AppUnderTest

  beforeAll(async () => {
    const answer = (call: EngineCall) =>
      call.operation === '/api/info' ? { version: '3.0', features: [] } : script(call)
    other = await startApp(answer, { people: demoPeople })
  })

  afterAll(() => other.close())

  it('given one permission, then it goes only with the whole app, and a form that names it is refused', async () => {
    const client = { clientId, clientName: 'Daybook', redirectUris: ['https://app.daybook.example/cb'] }
    await allow(other.database, john, client, { ...granted, details: [payment] }, past())
    const somebody = person(other.url)
    await somebody.signIn(await somebody.visit(`${other.url}/apps`), 'john')
    const page = await somebody.visit(`${other.url}/apps/${clientId}`)
    expect([...page.html.matchAll(/href="\/apps\/\d+\/remove([^"]*)"/g)].map(([, query]) => query)).toEqual([''])
    expect(page.html.match(/Goes only with the whole app/g)).toHaveLength(granted.granted.length + 1)

    for (const [name, value] of [
      ['scope', 'notes:write'],
      ['scope', 'payment:inv-42'],
      ['detail', detailId(payment)],
    ] as const) {
      const address = `${other.url}/apps/${clientId}/remove`
      expect((await somebody.visit(`${address}?${name}=${encodeURIComponent(value)}`)).status).toBe(404)
      const asked = await somebody.visit(address)
      const token = asked.forms.flatMap(({ inputs }) => inputs).find((input) => input.name === 'csrf_token')?.value
      const body = new URLSearchParams({ csrf_token: token ?? '', [name]: value })
      const headers = { 'sec-fetch-site': 'same-origin' }
      expect((await somebody.request(address, { method: 'POST', body, headers })).status).toBe(400)
    }
    expect(other.calls.filter(({ operation }) => operation.startsWith('client/authorization/update'))).toEqual([])
    expect(other.calls.filter(({ operation }) => operation === '/api/info')).toHaveLength(1)

    const gone = await somebody.submit(await somebody.visit(`${other.url}/apps/${clientId}/remove`), { csrf_token: [] })
    expect(textOf(gone)).toContain('The app was removed')
  })
})

describe('what stands granted', () => {
  const namesOf = ({ html }: Page) => [...html.matchAll(/<code>([^<]+)<\/code>/g)].map(([, name]) => name)

  it('given a scope that was declined later, then it still stands, since it was granted, and can be taken back', async () => {
    await connect({ granted: ['openid', 'notes:read'] })
    await connect({ granted: ['openid'], declined: ['notes:read'] })
    const { somebody, page } = await signedIn(`/apps/${clientId}`)
    expect(namesOf(page)).toEqual(['openid', 'notes:read'])
    await remove(somebody, '?scope=notes:read')
    expect(changes()[0]?.body['scopes']).toEqual(['openid'])
    expect(namesOf(await somebody.visit(`${app.url}/apps/${clientId}`))).toEqual(['openid'])
  })

  it('given an end for some, then these go from the list, and access has no end', async () => {
    await connect({ granted: ['notes:read'], duration: 'hour', endsAt: past() })
    await connect({ granted: ['openid'] })
    const { somebody, page } = await signedIn(`/apps/${clientId}`)
    expect(namesOf(page)).toEqual(['openid'])
    const { html } = await somebody.visit(`${app.url}/apps`)
    const [, row = ''] = new RegExp(`<a class="item" href="/apps/${clientId}">([\\s\\S]*?)</a>`).exec(html) ?? []
    expect(row).toContain('1 permission ')
    expect(row).toContain('Stays connected')
  })

  it('given an access for this time only, when an earlier one has no end, then the app stays connected', async () => {
    await connect({ granted: ['openid'] })
    const endsAt = new Date(Date.now() + 600_000)
    await connect({ granted: ['openid'], duration: 'session', endsAt })
    expect((await signedIn(`/apps/${clientId}`)).page.html).toContain('Stays connected')
    clientId += 1
    await connect({ granted: ['openid'], duration: 'session', endsAt })
    expect((await signedIn(`/apps/${clientId}`)).page.html).not.toContain('Stays connected')
  })
})

describe('taking something back', () => {
  it('given one scope, then the confirmation names those that go with it, and the engine keeps the rest', async () => {
    await connect()
    const { somebody } = await signedIn()
    const asked = await somebody.visit(`${app.url}/apps/${clientId}/remove?scope=notes:read`)
    expect(textOf(asked)).toMatch(/Read your notes .* This one includes it, so it goes with it: Change your notes/)
    expect(changes()).toEqual([])

    const page = await remove(somebody, '?scope=notes:read')
    expect(page.url.pathname).toBe(`/apps/${clientId}`)
    expect(textOf(page)).toContain('The permission was removed.')
    expect(changes()).toEqual([
      {
        operation: `client/authorization/update/${clientId}`,
        body: { subject: john, scopes: ['basic', 'openid', 'payment:inv-42'] },
      },
    ])
    const [latest] = await listConsents(app.database, john, clientId)
    expect(latest).toMatchObject({ event: 'scope-removed', declined: ['notes:read', 'notes:write'], locale: 'en' })
    expect(latest?.ipClass).toBe('loopback')
    expect(textOf(page)).toMatch(/You removed a permission .* Removed Read your notes · Change your notes/)
  })

  it('given the value of a parameterized scope, then only this value goes', async () => {
    const values = ['payment:inv-42', 'payment:inv-43']
    await connect({ granted: ['openid', ...values], dynamicScopes: values })
    const { somebody } = await signedIn()
    const page = await remove(somebody, '?scope=payment:inv-42')
    expect(changes()[0]?.body['scopes']).toEqual(['openid', 'payment:inv-43'])
    expect(page.html).not.toContain('<code>payment:inv-42</code>')
  })

  it('RFC 9396: given two equal details, when one is taken back, then one is left, and a second click finds it gone', async () => {
    await connect({ ...granted, details: [payment, payment, accounts] })
    const { somebody } = await signedIn()
    const asked = await somebody.visit(`${app.url}/apps/${clientId}/remove?detail=${detailId(payment)}`)
    const last = `${detailId(payment)}.2`
    expect(asked.html).toContain(`value="${last}"`)
    await somebody.submit(asked, { detail: [] })
    await somebody.submit(asked, { detail: [] })
    const body = {
      subject: john,
      authorizationDetails: { elements: expect.arrayContaining([payment, accounts]) as unknown },
    }
    expect(changes()).toEqual([{ operation: `client/authorization/update/${clientId}`, body }])
    await remove(somebody, `?detail=${detailId(payment)}`)
    expect(changes().at(-1)?.body).toEqual({ subject: john, authorizationDetails: { elements: [accounts] } })
    expect(await eventsOf()).toEqual(['detail-removed', 'detail-removed', 'decided'])
  })

  it('RFC 9396: given one authorization detail, then the engine keeps the others, scopes stay', async () => {
    await connect({ ...granted, details: [payment, accounts] })
    const { somebody } = await signedIn()
    const page = await remove(somebody, `?detail=${detailId(payment)}`)
    expect(textOf(page)).toContain('The authorization was removed.')
    expect(changes()).toEqual([
      {
        operation: `client/authorization/update/${clientId}`,
        body: { subject: john, authorizationDetails: { elements: [accounts] } },
      },
    ])
    expect(await eventsOf()).toEqual(['detail-removed', 'decided'])
  })

  it('given the whole app, then all access ends, it is listed no more, and the record can still be had', async () => {
    await connect()
    const { somebody } = await signedIn()
    const page = await remove(somebody, '')
    expect(page.url.pathname).toBe('/apps')
    expect(textOf(page)).toContain('The app was removed')
    expect(page.html).toContain(`href="/apps/${clientId}/record.json"`)
    expect(page.html).not.toContain(`href="/apps/${clientId}"`)
    expect(changes()).toEqual([{ operation: `client/authorization/delete/${clientId}`, body: { subject: john } }])
    expect((await somebody.visit(`${app.url}/apps/${clientId}`)).status).toBe(404)
    expect((await somebody.visit(`${app.url}/apps/${clientId}/record.json`)).status).toBe(200)
  })

  it.each([503, 500, 403])(
    'given an engine that answers %i, then an error page, and nothing has changed here',
    async (status) => {
      await connect({ ...granted, details: [payment] })
      fault = () => refused(status)
      const { somebody } = await signedIn()
      for (const query of ['', '?scope=notes:write', `?detail=${detailId(payment)}`]) {
        expect((await remove(somebody, query)).status).toBeGreaterThanOrEqual(500)
      }
      fault = undefined
      expect(await eventsOf()).toEqual(['decided'])
      expect((await somebody.visit(`${app.url}/apps/${clientId}`)).html).toContain('<code>notes:write</code>')
    },
  )

  it('given a client that the engine no longer has, then it can be removed here', async () => {
    await connect()
    fault = () => refused(404)
    const { somebody } = await signedIn()
    expect(textOf(await remove(somebody, ''))).toContain('The app was removed')
    expect(await eventsOf()).toEqual(['app-removed', 'decided'])
  })

  it.each(['openid', 'basic'])(
    'given %s in a form, which goes only with the whole app, then 400, and the engine is not told',
    async (name) => {
      await connect()
      const { somebody } = await signedIn()
      expect((await somebody.visit(`${app.url}/apps/${clientId}/remove?scope=${name}`)).status).toBe(404)
      const asked = await somebody.visit(`${app.url}/apps/${clientId}/remove`)
      const posted = await post(somebody, asked, [['scope', name]])
      expect(posted.status).toBe(400)
      expect(changes()).toEqual([])
    },
  )

  it.each<[string, [string, string][]]>([
    [
      'two scopes',
      [
        ['scope', 'notes:write'],
        ['scope', 'payment:inv-42'],
      ],
    ],
    [
      'a scope and a detail',
      [
        ['scope', 'notes:write'],
        ['detail', 'x'],
      ],
    ],
    ['500 scopes', Array.from({ length: 500 }, () => ['scope', 'notes:write'] as const).map((pair) => [...pair])],
  ])('given %s in one form, then 400, and the engine is not told', async (_what, fields) => {
    await connect()
    const { somebody } = await signedIn()
    const asked = await somebody.visit(`${app.url}/apps/${clientId}/remove`)
    expect((await post(somebody, asked, fields)).status).toBe(400)
    expect(changes()).toEqual([])
  })

  it.each(['never', '__proto__', ''])(
    'given the scope "%s", which is not granted, then nothing happens',
    async (name) => {
      await connect()
      const { somebody } = await signedIn()
      const asked = await somebody.visit(`${app.url}/apps/${clientId}/remove`)
      const posted = await post(somebody, asked, [['scope', name]])
      expect([posted.status, posted.headers.get('location')]).toEqual([303, `/apps/${clientId}`])
      expect(changes()).toEqual([])
    },
  )

  it('given a second click, then it says the same as after the first', async () => {
    await connect()
    const { somebody } = await signedIn()
    const asked = await somebody.visit(`${app.url}/apps/${clientId}/remove`)
    for (let click = 0; click < 2; click += 1) {
      const posted = await post(somebody, asked, [])
      expect([posted.status, posted.headers.get('location')]).toEqual([303, `/apps?removed=${clientId}`])
    }
    expect(await eventsOf()).toEqual(['app-removed', 'decided'])
  })

  it('RFC 6749 §10.12: given a stale token, then the question again; given another site, then 403; nothing is removed', async () => {
    await connect()
    const { somebody } = await signedIn()
    const asked = await somebody.visit(`${app.url}/apps/${clientId}/remove?scope=notes:write`)
    const fields: [string, string][] = [['scope', 'notes:write']]
    const stale = await post(somebody, asked, [...fields, ['csrf_token', 'old']])
    expect(stale.status).toBe(409)
    expect(await stale.text()).toContain('so nothing was removed')
    expect((await post(somebody, asked, fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(changes()).toEqual([])
  })

  it('given a link that claims a removal, then the page does not repeat it', async () => {
    await connect()
    const { somebody } = await signedIn()
    expect(textOf(await somebody.visit(`${app.url}/apps/${clientId}?removed`))).not.toContain('was removed')
    expect(textOf(await somebody.visit(`${app.url}/apps?removed=${clientId}`))).not.toContain('was removed')
  })
})

describe('the consent record', () => {
  const someText: unknown = expect.any(String)
  const someHash: unknown = expect.stringMatching(/^[\w-]{43}$/)

  it('given decisions and removals, then all of them as a file, in the words of the wire', async () => {
    await connect({
      ...granted,
      declined: ['profile'],
      claims: ['nickname'],
      declinedClaims: ['birthdate'],
      requestedDetails: [payment, accounts],
      details: [payment],
      duration: 'hour',
      endsAt: new Date('2027-01-01T00:00:00Z'),
    })
    const { somebody } = await signedIn()
    await remove(somebody, '?scope=notes:write')
    const response = await somebody.request(`${app.url}/apps/${clientId}/record.json`)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="consent-record-${clientId}.json"`)
    expect(await response.json()).toEqual({
      issuer: 'http://localhost:3000',
      service: 'Gatehouse',
      subject: john,
      username: 'john',
      client: { client_id: clientId, client_name: 'Daybook' },
      made_at: someText,
      records: [
        {
          event: 'scope-removed',
          at: someText,
          removed: { scopes: ['notes:write'], claims: [], authorization_details: [] },
          language: 'en',
          sentences_hash: someHash,
          address_class: 'loopback',
        },
        {
          event: 'decided',
          at: someText,
          requested: {
            scopes: [...granted.granted, 'profile'],
            claims: ['nickname', 'birthdate'],
            authorization_details: [
              { type: 'payment_initiation', creditorName: 'Merchant A' },
              { type: 'account_information', actions: ['list_accounts'] },
            ],
          },
          granted: {
            scopes: granted.granted,
            claims: ['nickname'],
            authorization_details: [{ type: 'payment_initiation', creditorName: 'Merchant A' }],
          },
          declined: { scopes: ['profile'], claims: ['birthdate'] },
          duration: 'hour',
          ends_at: '2027-01-01T00:00:00.000Z',
          language: 'en',
          sentences_hash: Buffer.alloc(32, 1).toString('base64url'),
          address_class: 'loopback',
        },
      ],
    })
  })

  it('given a denial and what the policy gave, then both are told like decisions, on the page and in the file', async () => {
    const { client } = requestOf({ clientId, clientName: 'Daybook' })
    const skipped = { subject: john, client, redirectUri: undefined, scopes: ['openid'], claims: ['zoneinfo'] }
    await recordPolicyGrant(app.database, skipped, past())
    const denied = { declined: ['openid', 'profile'], declinedClaims: ['nickname'], requestedDetails: [payment] }
    await deny(app.database, john, { clientId }, denied, new Date())
    const { somebody, page } = await signedIn(`/apps/${clientId}`)
    expect(textOf(page)).toMatch(
      /You denied it .* Declined Confirm who you are · See your profile .* Allowed by Gatehouse/,
    )
    const response = await somebody.request(`${app.url}/apps/${clientId}/record.json`)
    const authorizationDetails = [{ type: 'payment_initiation', creditorName: 'Merchant A' }]
    const record: unknown = await response.json()
    expect(record).not.toHaveProperty('records.0.duration')
    expect(record).toMatchObject({
      records: [
        {
          event: 'denied',
          requested: {
            scopes: ['openid', 'profile'],
            claims: ['nickname'],
            authorization_details: authorizationDetails,
          },
          granted: { scopes: [], claims: [], authorization_details: [] },
          declined: {
            scopes: ['openid', 'profile'],
            claims: ['nickname'],
            authorization_details: authorizationDetails,
          },
        },
        {
          event: 'skipped',
          requested: { scopes: ['openid'], claims: ['zoneinfo'], authorization_details: [] },
          granted: { scopes: ['openid'], claims: ['zoneinfo'], authorization_details: [] },
          declined: { scopes: [], claims: [] },
        },
      ],
    })
  })

  it('given nobody, then a sign-in', async () => {
    await connect()
    const page = await person(app.url).visit(`${app.url}/apps/${clientId}/record.json`)
    expect([page.url.pathname, page.url.searchParams.get('return')]).toEqual(['/sign-in', `/apps/${clientId}`])
  })
})

describe('two clicks from any page', () => {
  it('given the first page, then it links to the connected apps, signed in or not; and every page links to it', async () => {
    const somebody = person(app.url)
    expect((await somebody.visit(app.url)).html).toContain('href="/apps"')
    const nothing = await somebody.visit(`${app.url}/nothing`)
    expect(nothing.html).toContain('href="/"')
    const known = await signedIn()
    expect((await known.somebody.visit(app.url)).html).toContain('href="/apps"')
  })

  it('given a sign-out on the list, then nobody is signed in', async () => {
    const somebody = await signIn('john')
    const page = await somebody.visit(`${app.url}/apps`)
    const left = await somebody.submit(page, { csrf_token: [] })
    expect(left.url.pathname).toBe('/')
    expect((await somebody.visit(`${app.url}/apps`)).url.pathname).toBe('/sign-in')
  })
})

/** Posts fields to the confirmation's address, with its form token unless another is given. */
function post(
  somebody: Person,
  { forms }: Page,
  fields: [string, string][],
  headers: Record<string, string> = {},
): Promise<Response> {
  const token = forms.flatMap(({ inputs }) => inputs).find(({ name }) => name === 'csrf_token')?.value ?? ''
  const hasToken = fields.some(([name]) => name === 'csrf_token')
  const body = new URLSearchParams(hasToken ? fields : [['csrf_token', token], ...fields])
  return somebody.request(`${app.url}/apps/${clientId}/remove`, {
    method: 'POST',
    body,
    headers: { 'sec-fetch-site': 'same-origin', ...headers },
  })
}
