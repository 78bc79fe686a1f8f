import { afterEach, describe, expect, it } from 'vitest'
import { allow } from './allowed.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'

let app: AppUnderTest | undefined

afterEach(() => app?.close())

const result = { resultCode: 'A050001', resultMessage: '[A050001] test' }
const responseContent = '{"access_token":"secret-token"}'

const people = ['john', 'jane'].map((name) => ({ subject: name, username: name, password: 'of the test', claims: {} }))

/** An engine that knows no end of access: it answers every refresh with tokens. */
async function start(answer: Record<string, unknown> = {}, isReachable = true): Promise<AppUnderTest> {
  app = await startApp(
    ({ operation }: EngineCall) => {
      if (operation === 'auth/token') {
        const refreshed = { grantType: 'REFRESH_TOKEN', subject: 'john', clientId: 7 }
        return { action: 'OK', responseContent, ...refreshed, ...result, ...answer }
      }
      if (!isReachable) throw new TypeError('fetch failed')
      return { ...result, serviceApiKey: 1, clientId: 7, subject: 'john' }
    },
    { people },
  )
  return app
}

const anHourAgo = () => new Date(Date.now() - 3_600_000)
const soon = () => new Date(Date.now() + 3_600_000)

const refresh = ({ post }: AppUnderTest) => post('/oauth/token', 'grant_type=refresh_token&refresh_token=x')

describe('RFC 6749 §5.2, §6: a refresh after the end that the person set', () => {
  it.each(['OK', 'ID_TOKEN_REISSUABLE'])(
    'given %s of an engine that knows no end, then invalid_grant, no token gets out, and all access is ended there',
    async (action) => {
      const server = await start({ action })
      const granted = { granted: ['openid'], duration: 'hour', endsAt: anHourAgo() } as const
      await allow(server.database, 'john', { clientId: 7 }, granted, anHourAgo())
      const res = await refresh(server)
      expect(res.status).toBe(400)
      const description: unknown = expect.stringContaining('has ended')
      expect(await res.json()).toEqual({ error: 'invalid_grant', error_description: description })
      expect(server.calls.slice(1)).toEqual([{ operation: 'client/authorization/delete/7', body: { subject: 'john' } }])
    },
  )

  it('given that the engine cannot end it, then no token gets out either', async () => {
    const server = await start({}, false)
    await allow(server.database, 'john', { clientId: 7 }, { granted: ['a'], endsAt: anHourAgo() }, anHourAgo())
    const res = await refresh(server)
    expect(res.status).toBe(503)
    expect(await res.text()).not.toContain('secret-token')
  })

  it.each([
    ['an end that has not come', { endsAt: soon() }],
    ['no end', { endsAt: undefined }],
  ])('given %s, then the tokens go out', async (_what, { endsAt }) => {
    const server = await start()
    await allow(server.database, 'john', { clientId: 7 }, { granted: ['a'], endsAt }, anHourAgo())
    const res = await refresh(server)
    expect([res.status, await res.text()]).toEqual([200, responseContent])
    expect(server.calls).toHaveLength(1)
  })

  it('given a short grant beside a longer one, then the tokens go out: only what has ended everywhere is refused', async () => {
    const server = await start()
    const long = { granted: ['openid', 'a'], endsAt: soon() }
    await allow(server.database, 'john', { clientId: 7 }, long, anHourAgo())
    const short = { granted: ['a'], duration: 'session', endsAt: anHourAgo() } as const
    await allow(server.database, 'john', { clientId: 7 }, short, anHourAgo())
    expect((await refresh(server)).status).toBe(200)
  })

  it.each([
    ['a code, which a new decision was made for', { grantType: 'AUTHORIZATION_CODE' }],
    ['another client', { clientId: 8 }],
    ['another person', { subject: 'jane' }],
  ])('given %s, then the end does not concern it', async (_what, answer) => {
    const server = await start(answer)
    await allow(server.database, 'john', { clientId: 7 }, { granted: ['a'], endsAt: anHourAgo() }, anHourAgo())
    expect((await refresh(server)).status).toBe(200)
  })
})
