import { createServer } from 'node:http'
import express, { type Express } from 'express'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { query, statement, type Database } from '../../server/database/database.ts'
import { accountsOf, openSession, sessions, signIn, signOut, sweepSessions, switchTo } from '../../server/session.ts'
import { describeOnBoth } from './both-databases.ts'
import { serve } from './serve.ts'

const start = new Date('2026-11-01T12:00:00Z')
const secret = 'a secret of the test, long enough'

const contents = z.record(z.string(), z.unknown())

interface AppOptions {
  database: Database
  now: () => Date
  secrets?: readonly string[]
  secure?: boolean
  /** What happens elsewhere between the arrival of a request, with its session, and what it changes. */
  meanwhile?: () => Promise<unknown>
}

function sampleApp({ database, now, secrets = [secret], secure = false, meanwhile }: AppOptions): Express {
  const app = express()
  app.set('trust proxy', 1)
  app.use(sessions({ database, secrets, secure, now }))
  app.get('/', (req, res) => {
    const { browser, csrfToken, signedIn, accounts } = req.session
    res.json({ browser, csrfToken, signedIn, accounts })
  })
  app.use(async (_req, _res, next) => {
    await meanwhile?.()
    next()
  })
  app.get('/begin', async (req, res) => {
    res.json(await openSession(req))
  })
  app.get('/sign-in/:subject', async (req, res) => {
    await signIn(req, { subject: req.params.subject, authTime: now().getTime() / 1000, acr: 'acr' })
    res.status(303).set('Location', '/').end()
  })
  app.get('/switch/:subject', async (req, res) => {
    const account = accountsOf(req).find(({ subject }) => subject === req.params.subject)
    res.json({ hasSwitched: account !== undefined && (await switchTo(req, account)) })
  })
  app.get('/sign-out', async (req, res) => {
    await signOut(req)
    res.status(303).set('Location', '/').end()
  })
  return app
}

/** A browser with one cookie, and a clock that the test turns. */
async function browse(options: Omit<AppOptions, 'now'>) {
  let time = start
  const server = await serve(createServer(sampleApp({ ...options, now: () => time })))
  let cookie = ''
  return {
    close: () => server.close(),
    wait: (minutes: number) => (time = new Date(time.getTime() + minutes * 60_000)),
    cookie: () => cookie,
    async get(path: string, headers: Record<string, string> = {}, withCookie = cookie) {
      const res = await fetch(server.url + path, { headers: { cookie: withCookie, ...headers }, redirect: 'manual' })
      const setCookie = res.headers.get('set-cookie')
      if (setCookie !== null) cookie = setCookie.split(';', 1).join('')
      const text = await res.text()
      return { setCookie, session: text === '' ? {} : contents.parse(JSON.parse(text)) }
    },
  }
}

describeOnBoth('sessions', (databases) => {
  it('given a visit that needs no session, then there is no cookie and no row', async () => {
    const { one } = databases()
    const browser = await browse({ database: one })
    const before = await count(one)
    expect((await browser.get('/')).setCookie).toBeNull()
    expect(await count(one)).toBe(before)
    await browser.close()
  })

  it('given http, then a plain cookie; given https behind a proxy, then __Host- and Secure', async () => {
    const { one } = databases()
    const http = await browse({ database: one })
    expect((await http.get('/begin')).setCookie).toMatch(/^sid=s%3A[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
    await http.close()
    const https = await browse({ database: one, secure: true })
    const { setCookie } = await https.get('/begin', { 'X-Forwarded-Proto': 'https' })
    expect(setCookie).toMatch(/^__Host-sid=s%3A[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    await https.close()
  })

  it('given a sign-in, then the session has a new id and new form tokens, and the old id is worth nothing', async () => {
    const { one } = databases()
    const browser = await browse({ database: one })
    const { session: before } = await browser.get('/begin')
    const planted = browser.cookie()
    expect((await browser.get('/sign-in/john')).setCookie).not.toBeNull()
    expect(browser.cookie()).not.toBe(planted)
    const { session: after } = await browser.get('/')
    expect(after['browser']).toBe(before['browser'])
    expect(after['csrfToken']).not.toBe(before['csrfToken'])
    expect(after['signedIn']).toEqual({ subject: 'john', authTime: start.getTime() / 1000, acr: 'acr' })
    expect((await browser.get('/', {}, planted)).session).toEqual({})
    await browser.close()
  })

  it('given several people, then all are remembered, the latest first; given a sign-out, then none', async () => {
    const { one } = databases()
    const browser = await browse({ database: one })
    for (const path of ['/begin', '/sign-in/john', '/sign-in/jane', '/sign-in/john']) await browser.get(path)
    const { session } = await browser.get('/')
    expect(session['accounts']).toMatchObject([{ subject: 'john' }, { subject: 'jane' }])
    const signedIn = browser.cookie()
    await browser.get('/sign-out')
    const { session: after } = await browser.get('/')
    expect(Object.keys(after).sort()).toEqual(['browser', 'csrfToken'])
    expect(after['browser']).toBe(session['browser'])
    expect(after['csrfToken']).not.toBe(session['csrfToken'])
    expect((await browser.get('/', {}, signedIn)).session).toEqual({})
    await browser.close()
  })

  it('given half an hour without a visit, then the session is over; given visits, then it goes on', async () => {
    const { one } = databases()
    const browser = await browse({ database: one })
    await browser.get('/sign-in/john')
    for (let visit = 0; visit < 3; visit++) {
      browser.wait(29)
      expect((await browser.get('/')).session['signedIn']).toBeDefined()
    }
    browser.wait(31)
    expect((await browser.get('/')).session['signedIn']).toBeUndefined()
    await browser.close()
  })

  it('given twelve hours of visits, then the session is over all the same, and a sweep deletes it', async () => {
    const { one } = databases()
    const browser = await browse({ database: one })
    await browser.get('/sign-in/john')
    for (let visit = 0; visit < 37; visit++) {
      browser.wait(20)
      const { session } = await browser.get('/')
      expect(session['signedIn'] !== undefined).toBe(visit < 35)
    }
    await browser.close()
    await sweepSessions(one, new Date(start.getTime() - 1))
    const before = await count(one)
    while (await sweepSessions(one, new Date(start.getTime() + 12 * 60 * 60_000 + 1))) continue
    expect(before).toBeGreaterThan(0)
    expect(await count(one)).toBe(0)
  })

  it('given a sign-in that is carried over into new sessions, then it ends twelve hours after the password was checked', async () => {
    const { one } = databases()
    const browser = await browse({ database: one })
    await browser.get('/sign-in/john')
    for (let visit = 0; visit < 24; visit++) {
      browser.wait(25)
      await browser.get('/')
    }
    await browser.get('/sign-in/jane')
    browser.wait(25)
    expect((await browser.get('/')).session['accounts']).toMatchObject([{ subject: 'jane' }, { subject: 'john' }])
    for (let visit = 0; visit < 4; visit++) {
      browser.wait(25)
      await browser.get('/')
    }
    expect((await browser.get('/')).session['accounts']).toMatchObject([{ subject: 'jane' }])
    await browser.close()
  })

  it('given a new secret before the old one, then whoever is signed in stays so; without the old one, nobody does', async () => {
    const { one } = databases()
    const old = await browse({ database: one })
    await old.get('/sign-in/john')
    const cookie = old.cookie()
    await old.close()
    const rotated = await browse({ database: one, secrets: ['another secret, as long as the first', secret] })
    expect((await rotated.get('/', {}, cookie)).session['signedIn']).toBeDefined()
    await rotated.close()
    const replaced = await browse({ database: one, secrets: ['another secret, as long as the first'] })
    expect((await replaced.get('/', {}, cookie)).session['signedIn']).toBeUndefined()
    await replaced.close()
  })

  it('given the database, then nobody can make a cookie of it', async () => {
    const { one } = databases()
    const browser = await browse({ database: one })
    await browser.get('/sign-in/john')
    const id = /s%3A([^.]+)\./.exec(browser.cookie())?.[1] ?? ''
    expect(id).toHaveLength(51)
    const rows = await one.read(query(statement('', 'SELECT id, data FROM sessions')))
    const dump = rows.map((row) =>
      Object.values(row)
        .map((value) => Buffer.from(String(value)).toString('latin1'))
        .join(),
    )
    expect(dump.join('\n')).not.toContain(id)
    await browser.close()
  })
})

describeOnBoth('two requests of one session', (databases) => {
  const subjectsOf = ({ session }: { session: Record<string, unknown> }) =>
    z
      .array(z.object({ subject: z.string() }))
      .parse(session['accounts'] ?? [])
      .map(({ subject }) => subject)

  /** A browser where `during` happens while its next request waits. */
  async function browseMeanwhile() {
    const { one, other } = databases()
    const elsewhere = await browse({ database: other })
    let during: (() => Promise<unknown>) | undefined
    const browser = await browse({ database: one, meanwhile: () => during?.() ?? Promise.resolve() })
    await browser.get('/sign-in/john')
    await browser.get('/sign-in/joe')
    const before = browser.cookie()
    return {
      ...browser,
      before,
      /** The same session in another window, by way of another process. */
      elsewhere: (path: string) => elsewhere.get(path, {}, before),
      async whoHas(cookie: string) {
        return subjectsOf(await elsewhere.get('/', {}, cookie))
      },
      whileItWaits(what: () => Promise<unknown>) {
        during = what
      },
      cookieElsewhere: () => elsewhere.cookie(),
      async close() {
        await browser.close()
        await elsewhere.close()
      },
    }
  }

  it('given a sign-out while a sign-in is under way, then who was signed in before is not brought back', async () => {
    const browser = await browseMeanwhile()
    browser.whileItWaits(() => browser.elsewhere('/sign-out'))
    await browser.get('/sign-in/jane')
    expect(await browser.whoHas(browser.cookie())).toEqual(['jane'])
    expect(await browser.whoHas(browser.before)).toEqual([])
    await browser.close()
  })

  it('given a sign-out while another account is chosen, then nobody is, and the cookie of the sign-out stays', async () => {
    const browser = await browseMeanwhile()
    browser.whileItWaits(() => browser.elsewhere('/sign-out'))
    expect(await browser.get('/switch/john')).toEqual({ setCookie: null, session: { hasSwitched: false } })
    expect(await browser.whoHas(browser.before)).toEqual([])
    await browser.close()
  })

  it('given nothing meanwhile, then the chosen account is the one in use, in a new session', async () => {
    const browser = await browseMeanwhile()
    expect((await browser.get('/switch/john')).session).toEqual({ hasSwitched: true })
    expect(await browser.whoHas(browser.cookie())).toEqual(['john', 'joe'])
    expect(await browser.whoHas(browser.before)).toEqual([])
    await browser.close()
  })

  it('given a sign-in elsewhere while a sign-out is under way, then that is over, too', async () => {
    const browser = await browseMeanwhile()
    browser.whileItWaits(() => browser.elsewhere('/sign-in/jane'))
    await browser.get('/sign-out')
    for (const cookie of [browser.before, browser.cookieElsewhere(), browser.cookie()]) {
      expect(await browser.whoHas(cookie)).toEqual([])
    }
    await browser.close()
  })

  it('given a sign-out, then other browsers stay signed in', async () => {
    const [browser, stranger] = [await browseMeanwhile(), await browseMeanwhile()]
    await browser.get('/sign-out')
    expect(await stranger.whoHas(stranger.before)).toEqual(['joe', 'john'])
    await browser.close()
    await stranger.close()
  })

  it('given sign-ins at once, then all count, and one of them carries over who was there before', async () => {
    const browser = await browseMeanwhile()
    const subjects = ['a', 'b', 'c', 'd']
    const answers = await Promise.all(subjects.map((subject) => browser.get(`/sign-in/${subject}`, {}, browser.before)))
    const people = await Promise.all(
      answers.map(({ setCookie }) => browser.whoHas(setCookie?.split(';', 1).join('') ?? '')),
    )
    expect(people.map(([latest]) => latest)).toEqual(subjects)
    expect(people.map((accounts) => accounts.length).sort()).toEqual([1, 1, 1, 3])
    await browser.close()
  })

  it('given a sign-out while pages are read, then they bring nothing back', async () => {
    const browser = await browseMeanwhile()
    browser.whileItWaits(() => browser.elsewhere('/sign-out'))
    browser.wait(2)
    await browser.get('/begin')
    expect(await browser.whoHas(browser.before)).toEqual([])
    await browser.close()
  })
})

async function count(database: Database): Promise<number> {
  const [row] = await database.read(query(statement('', 'SELECT COUNT(*) AS count FROM sessions')))
  return Number(row?.['count'])
}
