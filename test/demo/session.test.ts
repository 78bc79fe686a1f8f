import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen, type Running } from '../../demo/listen.ts'
import { createSessions } from '../../demo/session.ts'

const idleMilliseconds = 60_000
let now = 0
let app: Running

beforeAll(async () => {
  const sessions = createSessions({ limit: 2, idleMilliseconds, now: () => now })
  app = await listen(0, () =>
    express()
      .get('/open', (req, res) => {
        sessions.open(req, res)
        res.end()
      })
      .get('/find', (req, res) => {
        res.json(sessions.find(req) !== undefined)
      })
      .get('/renew', (req, res) => {
        sessions.renew(req, res, sessions.open(req, res))
        res.end()
      })
      .get('/end', (req, res) => {
        sessions.end(req, res)
        res.end()
      }),
  )
})

afterAll(() => app.close())

async function visit(path: string, cookie?: string): Promise<string> {
  const response = await fetch(`${app.url}${path}`, { headers: cookie === undefined ? {} : { cookie } })
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie ?? ''
}

async function isKnown(cookie: string): Promise<unknown> {
  return (await fetch(`${app.url}/find`, { headers: { cookie } })).json()
}

describe('sessions in memory', () => {
  it('are found by their cookie and by no other', async () => {
    const cookie = await visit('/open')
    expect(await isKnown(cookie)).toBe(true)
    expect(await isKnown(`theme=dark; ${cookie}; sid=x`)).toBe(true)
    expect(await isKnown(`daybook.sid=${'x'.repeat(43)}`)).toBe(false)
    expect(await isKnown('daybook.sid=__proto__')).toBe(false)
  })

  it('end when nobody used them for the idle time', async () => {
    const cookie = await visit('/open')
    now += idleMilliseconds - 1
    expect(await isKnown(cookie)).toBe(true)
    now += idleMilliseconds - 1
    expect(await isKnown(cookie)).toBe(true)
    now += idleMilliseconds
    expect(await isKnown(cookie)).toBe(false)
  })

  it('are bounded in number: the one used longest ago goes first', async () => {
    const [first, second] = [await visit('/open'), await visit('/open')]
    await isKnown(first)
    const third = await visit('/open')
    expect([await isKnown(first), await isKnown(second), await isKnown(third)]).toEqual([true, false, true])
  })

  it('get a new id at sign-in, and the old one is worth nothing', async () => {
    const planted = await visit('/open')
    const renewed = await visit('/renew', planted)
    expect(renewed).not.toBe(planted)
    expect([await isKnown(planted), await isKnown(renewed)]).toEqual([false, true])
  })

  it('end at sign-out', async () => {
    const cookie = await visit('/open')
    await visit('/end', cookie)
    expect(await isKnown(cookie)).toBe(false)
  })
})
