import { afterEach, describe, expect, it } from 'vitest'
import { startDemoApi, type TokenReading } from '../../demo/api.ts'
import { forgetToken } from '../../demo/forget-token.ts'
import { introspectionCache } from '../../demo/introspection-cache.ts'
import type { Running } from '../../demo/listen.ts'
import { startIntrospectingServer } from './introspecting-server.ts'
import { startUnreachableServer } from './unreachable-server.ts'

const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A clock that stands still until it is moved. */
function makeClock() {
  let time = Date.parse('2026-03-01T12:00:00Z')
  return { now: () => new Date(time), advance: (seconds: number) => void (time += seconds * 1000) }
}

/** An API and its authorization server: a token is what the test says that it is. */
async function start(tokens: TokenReading) {
  const known = new Map<string, object>()
  const clock = makeClock()
  const server = await startIntrospectingServer(known)
  closing.push(() => server.close())
  const options = { issuer: server.url, clientId: 'demo-api', clientSecret: 'secret', port: 0, tokens, now: clock.now }
  const api = await startDemoApi(options)
  closing.push(() => api.close())
  return { api, known, clock, status: (token: string) => statusOf(api, token) }
}

async function statusOf(api: Running, token: string): Promise<number> {
  return (await fetch(`${api.url}/notes`, { headers: { authorization: `Bearer ${token}` } })).status
}

const good = { active: true, sub: 'jane', scope: 'notes:read' }

describe('RFC 7662 §4: an API that remembers introspection', () => {
  it('given a revoked token, when nobody says so, then it opens things for 30 seconds and not longer', async () => {
    const { known, clock, status } = await start('cache')
    known.set('a', good)
    expect(await status('a')).toBe(200)
    known.delete('a')
    clock.advance(29.999)
    expect(await status('a')).toBe(200)
    clock.advance(0.001)
    expect(await status('a')).toBe(401)
  })

  it('given a revoked token, when whoever revoked it says so, then it opens nothing at once', async () => {
    const { api, known, status } = await start('cache')
    known.set('a', good).set('b', good)
    expect([await status('a'), await status('b')]).toEqual([200, 200])
    known.clear()
    await forgetToken(api.url, 'a')
    expect([await status('a'), await status('b')]).toEqual([401, 200])
  })

  it('given a token that is alive, when somebody says so, then the API asks again and nothing is lost', async () => {
    const { api, known, status } = await start('cache')
    known.set('a', good)
    expect(await status('a')).toBe(200)
    await forgetToken(api.url, 'a')
    expect(await status('a')).toBe(200)
  })

  it('given an expiry before the 30 seconds are over, then it ends there', async () => {
    const { known, clock, status } = await start('cache')
    known.set('a', { ...good, exp: clock.now().getTime() / 1000 + 10 })
    expect(await status('a')).toBe(200)
    known.delete('a')
    clock.advance(9)
    expect(await status('a')).toBe(200)
    clock.advance(1)
    expect(await status('a')).toBe(401)
  })

  it.each(['introspect', 'verify'] as const)('given an API that remembers nothing (%s), then 405', async (tokens) => {
    const { api } = await start(tokens)
    const response = await fetch(`${api.url}/introspection`, { method: 'DELETE' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
  })

  it('given no token, then there is nothing to forget', async () => {
    const { api } = await start('cache')
    expect((await fetch(`${api.url}/introspection`, { method: 'DELETE' })).status).toBe(401)
  })

  it('given an API that cannot be reached, then the notice is lost and nothing else', async () => {
    const nobody = await startUnreachableServer()
    closing.push(() => nobody.close())
    await expect(forgetToken(nobody.issuer, 'a')).resolves.toBeUndefined()
  })
})

describe('The cache itself', () => {
  /** A cache, and every token that was asked about. */
  function makeCache(answer: () => Promise<{ active: boolean }> = () => Promise.resolve({ active: true })) {
    const asked: string[] = []
    const clock = makeClock()
    const read = (token: string) => {
      asked.push(token)
      return answer()
    }
    return { ...introspectionCache(read, clock.now), asked, clock }
  }

  it('given more tokens than it keeps, then it asks again about the one used longest ago', async () => {
    const { read, asked } = makeCache()
    for (let token = 0; token < 1000; token += 1) await read(String(token))
    await read('0')
    await read('1000')
    expect(asked).toHaveLength(1001)
    await read('0')
    expect(asked).toHaveLength(1001)
    await read('1')
    expect(asked.at(-1)).toBe('1')
    expect(asked).toHaveLength(1002)
  })

  it('given tokens that are not active, then each call asks: strangers fill nothing', async () => {
    const { read, asked } = makeCache(() => Promise.resolve({ active: false }))
    await read('a')
    await read('a')
    expect(asked).toEqual(['a', 'a'])
  })

  /** A cache whose answers wait until they are let go, the one asked for first. */
  function makeSlowCache() {
    const waiting: (() => void)[] = []
    const cache = makeCache(
      () =>
        new Promise((resolve) =>
          waiting.push(() => {
            resolve({ active: true })
          }),
        ),
    )
    return { ...cache, answerOne: () => waiting.shift()?.() }
  }

  it('given a notice while the answer is under way, then the answer is not kept', async () => {
    const { read, forget, asked, answerOne } = makeSlowCache()
    const first = read('a')
    forget('a')
    answerOne()
    expect(await first).toEqual({ active: true })
    const second = read('a')
    answerOne()
    await second
    expect(asked).toEqual(['a', 'a'])
  })

  it('given a notice between two questions, then only the answer to the later one is kept', async () => {
    const { read, forget, asked, answerOne } = makeSlowCache()
    const first = read('a')
    forget('a')
    const second = read('a')
    answerOne()
    await first
    answerOne()
    await second
    await read('a')
    expect(asked).toEqual(['a', 'a'])
  })

  it('given notices about other tokens while the answer is under way, then it is kept: a stranger slows nobody down', async () => {
    const { read, forget, asked, answerOne } = makeSlowCache()
    const first = read('a')
    for (let token = 0; token < 100; token += 1) forget(`made up ${token}`)
    answerOne()
    await first
    await read('a')
    expect(asked).toEqual(['a'])
  })

  it('given a clock that is set back, then nothing lives longer for it', async () => {
    const { read, asked, clock } = makeCache()
    await read('a')
    clock.advance(-3600)
    await read('a')
    expect(asked).toEqual(['a', 'a'])
  })

  it('given a failure, then nothing is kept', async () => {
    const answers = [Promise.reject(new Error('down')), Promise.resolve({ active: true })]
    const { read } = makeCache(() => answers.shift() ?? Promise.resolve({ active: false }))
    await expect(read('a')).rejects.toThrow('down')
    expect(await read('a')).toEqual({ active: true })
  })
})
