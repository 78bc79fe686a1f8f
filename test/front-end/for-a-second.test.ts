import { afterEach, describe, expect, it } from 'vitest'
import { rememberForASecond } from '../../server/for-a-second.ts'
import type { AppUnderTest } from './app-under-test.ts'
import { startApp } from './app-under-test.ts'

/** An engine whose every answer is another one, and a clock that goes on when it is told to. */
function numbered() {
  let time = Date.parse('2026-01-01T00:00:00Z')
  const asked: string[] = []
  const ask = (name: string) => Promise.resolve(`${name} ${asked.push(name)}`)
  return {
    asked,
    later: (milliseconds: number) => (time += milliseconds),
    answerOf: rememberForASecond(ask, () => new Date(time)),
  }
}

describe('RFC 9111 §4.2: what is remembered for a second', () => {
  it('given an answer, then it is good for less than a second from the question, and then it is asked for again', async () => {
    const { answerOf, later } = numbered()
    expect(await answerOf('a')).toBe('a 1')
    later(999)
    expect(await answerOf('a')).toBe('a 1')
    later(1)
    expect(await answerOf('a')).toBe('a 2')
  })

  it('given a clock that is set back, then nothing lasts longer', async () => {
    const { answerOf, later } = numbered()
    await answerOf('a')
    later(-1_000)
    expect(await answerOf('a')).toBe('a 2')
  })

  it('given many who ask at once, then there is one question for each name', async () => {
    const { answerOf, asked } = numbered()
    await Promise.all(['a', 'b', 'a', 'b', 'a'].map(answerOf))
    expect(asked).toEqual(['a', 'b'])
  })

  it('given a question that fails, then all who waited are told, and the next one is asked anew', async () => {
    let isDown = true
    const answerOf = rememberForASecond(
      () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve('up')),
      () => new Date(0),
    )
    const outcomes = await Promise.allSettled([answerOf('a'), answerOf('a')])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    isDown = false
    expect(await answerOf('a')).toBe('up')
  })

  it('given a question that fails after the next one was asked, then the answer to that one stays', async () => {
    let time = 0
    const failures: ((error: Error) => void)[] = []
    const answers = [new Promise<string>((_, reject) => failures.push(reject)), Promise.resolve('up')]
    const answerOf = rememberForASecond(
      () => answers.shift() ?? Promise.reject(new Error('asked too often')),
      () => new Date(time),
    )
    const slow = answerOf('a')
    time = 1_000
    expect(await answerOf('a')).toBe('up')
    failures[0]?.(new Error('timeout'))
    await expect(slow).rejects.toThrow('timeout')
    expect(await answerOf('a')).toBe('up')
  })

  it('given more names than there is room for, then the oldest is forgotten', async () => {
    const { answerOf, asked } = numbered()
    for (let n = 0; n <= 1_000; n += 1) await answerOf(String(n))
    await answerOf('1')
    await answerOf('0')
    expect(asked.slice(1_001)).toEqual(['0'])
  })
})

describe('RFC 8414 §3 and RFC 7517 §5: metadata and keys', () => {
  let app: AppUnderTest | undefined
  afterEach(() => app?.close())

  it.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/oauth/jwks'])(
    'given %s, then the engine is asked once in a second, and what it says then is what goes out',
    async (path) => {
      let time = Date.parse('2026-01-01T00:00:00Z')
      let version = 1
      const { fetch, calls } = (app = await startApp(() => ({ version }), { now: () => new Date(time) }))
      const read = async () => (await fetch(path)).json()
      expect(await read()).toEqual({ version: 1 })
      version = 2
      expect(await read()).toEqual({ version: 1 })
      time += 1_000
      expect(await read()).toEqual({ version: 2 })
      expect(calls).toHaveLength(2)
    },
  )

  it('given a service that signs nothing, then a key set without keys', async () => {
    const { fetch } = (app = await startApp(() => new Response(null, { status: 204 })))
    expect(await (await fetch('/oauth/jwks')).json()).toEqual({ keys: [] })
    expect(await (await fetch('/oauth/jwks')).json()).toEqual({ keys: [] })
  })

  it('given an engine that does not answer, then 503, and as soon as it does, 200', async () => {
    let isDown = true
    const { fetch } = (app = await startApp(
      () => {
        if (isDown) throw new TypeError('fetch failed')
        return { keys: [] }
      },
      { now: () => new Date(0) },
    ))
    expect((await fetch('/oauth/jwks')).status).toBe(503)
    isDown = false
    expect((await fetch('/oauth/jwks')).status).toBe(200)
  })
})
