import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createUsers, type NewUser } from '../../server/users.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'

let app: AppUnderTest | undefined

afterEach(() => app?.close())

const jane: NewUser = {
  subject: 'jane-1',
  username: 'jane',
  password: 'jane',
  claims: {
    name: 'Jane Sato',
    'name#ja-Hani-JP': '佐藤 ジェーン',
    'name#ja-Kana-JP': 'サトウ ジェーン',
    'name#de': 'Jane Sato (DE)',
    nickname: 'J',
    'nickname#ja': 'ジェ',
  },
}

const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }

async function start(userinfo: Record<string, unknown> = {}): Promise<AppUnderTest> {
  const script = ({ operation, body }: EngineCall) =>
    operation === 'auth/userinfo'
      ? { action: 'OK', token: 'token', subject: jane.subject, ...userinfo, ...result }
      : { action: 'JSON', responseContent: String(body['claims']), ...result }
  app = await startApp(script, { people: [jane] })
  return app
}

describe('OIDC Core §5.2: claims in several languages', () => {
  it.each<[string, string[], string[], string[]]>([
    ['no language', ['name'], [], ['name']],
    ['a language of its own', ['name'], ['de'], ['name', 'name#de']],
    ['a range', ['name'], ['ja'], ['name', 'name#ja-Hani-JP', 'name#ja-Kana-JP']],
    ['a longer range, in other letters', ['name'], ['JA-hani'], ['name', 'name#ja-Hani-JP']],
    ['a range that is no part of a tag', ['name'], ['j', 'ja-Ha', 'd', 'de-DE'], ['name']],
    ['a tagged name alone', ['name#ja-hani'], [], ['name#ja-Hani-JP']],
    ['a name and the same tagged', ['name', 'name#de'], ['de'], ['name', 'name#de']],
    ['several names', ['nickname', 'name'], ['ja-Kana'], ['name', 'name#ja-Kana-JP', 'nickname']],
    ['a name that nobody asked for', ['nickname'], ['ja'], ['nickname', 'nickname#ja']],
    ['names that nobody has', ['__proto__', 'constructor', 'name#', '#ja', 'email'], ['ja', '', '-'], []],
  ])('RFC 4647 §3.3.1: given %s, then what it filters', async (_what, names, locales, expected) => {
    const { database } = await start()
    const claims = await createUsers(database).claims(jane.subject, names, locales)
    expect(Object.keys(claims).sort()).toEqual(expected)
  })

  it('given userinfo with tagged names, then the translations come under their own tags', async () => {
    const { fetch } = await start({ claims: ['name', 'name#ja'] })
    const res = await fetch('/oauth/userinfo', { headers: { Authorization: 'Bearer token' } })
    expect(await res.json()).toEqual({
      name: 'Jane Sato',
      'name#ja-Hani-JP': '佐藤 ジェーン',
      'name#ja-Kana-JP': 'サトウ ジェーン',
    })
  })

  it('given a person who agreed to one claim, then translations of others are not released', async () => {
    const { fetch } = await start({ claims: ['name#de', 'nickname', 'nickname#ja'], consentedClaims: ['nickname'] })
    const res = await fetch('/oauth/userinfo', { headers: { Authorization: 'Bearer token' } })
    expect(await res.json()).toEqual({ nickname: 'J', 'nickname#ja': 'ジェ' })
  })

  it('given a person who declined a translation that was asked for by name, then it is not released with the claim', async () => {
    const userInfoClaims = '{"name":null,"name#de":null}'
    const claims = ['name', 'name#de', 'name#ja']
    const { fetch } = await start({ claims, userInfoClaims, consentedClaims: ['name'] })
    const res = await fetch('/oauth/userinfo', { headers: { Authorization: 'Bearer token' } })
    expect(Object.keys(z.record(z.string(), z.string()).parse(await res.json()))).toEqual([
      ...['name', 'name#ja-Hani-JP', 'name#ja-Kana-JP'],
    ])
  })

  it('given a person who agreed to a tagged claim only, then it is released alone', async () => {
    const { fetch } = await start({ claims: ['name', 'name#de'], consentedClaims: ['name#de'] })
    const res = await fetch('/oauth/userinfo', { headers: { Authorization: 'Bearer token' } })
    expect(await res.json()).toEqual({ 'name#de': 'Jane Sato (DE)' })
  })
})
