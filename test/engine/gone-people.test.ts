import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query, statement } from '../../server/database/database.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'
import { serveFrontEnd } from './front-end-over-engine.ts'

const removePerson = statement('test.removePerson', 'DELETE FROM users WHERE subject = $1')
const subjects = ['refreshed', 'asked-about', 'without-claims', 'redeemed', 'stays']

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient
let served: Awaited<ReturnType<typeof serveFrontEnd>>

beforeAll(async () => {
  under = await openTestEngine()
  engine = converse(under)
  client = await engine.registerClient()
  const claims = { email: 'somebody@example.com' }
  served = await serveFrontEnd(
    under,
    subjects.map((subject) => ({ subject, username: subject, password: 'of the test', claims })),
  )
})

afterAll(async () => {
  await served.close()
  await under.close()
})

const remove = (subject: string) => served.database.write(query(removePerson, subject))

function ask(path: string, body: Record<string, string>): Promise<Response> {
  const { clientId, clientSecret } = client
  const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
  return fetch(`${served.url}${path}`, { method: 'POST', headers: { authorization }, body: new URLSearchParams(body) })
}

const refresh = (refresh_token = '') => ask('/oauth/token', { grant_type: 'refresh_token', refresh_token })
const userinfo = (token = '') =>
  fetch(`${served.url}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } })

const isActive = async (token = '') => (await engine.introspect(token))['active']

describe('T25: tokens of a person who is gone', () => {
  it('given that the person is there, then they are refreshed, and userinfo answers', async () => {
    const { refresh_token, access_token } = await engine.obtainTokens(client, { subject: 'stays' })
    expect((await userinfo(access_token)).status).toBe(200)
    expect((await refresh(refresh_token)).status).toBe(200)
  })

  it('given one that is refreshed, then invalid_grant, no token gets out, and all of theirs end', async () => {
    const tokens = await engine.obtainTokens(client, { subject: 'refreshed' })
    const others = await engine.obtainTokens(await engine.registerClient(), { subject: 'refreshed' })
    await remove('refreshed')
    const res = await refresh(tokens.refresh_token)
    expect(res.status).toBe(400)
    const description: unknown = expect.stringContaining('no account')
    expect(await res.json()).toEqual({ error: 'invalid_grant', error_description: description })
    expect(await isActive(tokens.access_token)).toBe(false)
    expect(await isActive(others.access_token)).toBe(false)
  })

  it('given one that opens userinfo, then invalid_token', async () => {
    const { access_token, refresh_token } = await engine.obtainTokens(client, { subject: 'asked-about' })
    await remove('asked-about')
    const res = await userinfo(access_token)
    expect(res.status).toBe(401)
    expect(res.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect((await refresh(refresh_token)).status).toBe(400)
  })

  it('given one that opens userinfo and no claim there, then the same', async () => {
    const { access_token } = await engine.obtainTokens(client, { subject: 'without-claims', scopes: ['openid'] })
    expect(await (await userinfo(access_token)).json()).toEqual({ sub: 'without-claims' })
    await remove('without-claims')
    expect((await userinfo(access_token)).status).toBe(401)
    expect(await isActive(access_token)).toBe(false)
  })

  it('given a code that is redeemed, then invalid_grant', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { subject: 'redeemed' })
    await remove('redeemed')
    const res = await ask('/oauth/token', codeParameters(client, code, codeVerifier))
    expect(await res.json()).toMatchObject({ error: 'invalid_grant' })
  })
})
