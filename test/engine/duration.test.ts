import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Question } from '../../sdk/types.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse, testScopes, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({ supportedScopes: testScopes, accessTokenDuration: 600, refreshTokenDuration: 86_400 })
  engine = converse(under)
})

beforeEach(async () => {
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

type Chosen = Pick<Question<'auth_authorization_issue_api'>, 'accessTokenDuration' | 'refreshTokenDuration'>

const obtain = (issue: Chosen, of = client) => engine.obtainTokens(of, { issue })
const refresh = (refresh_token = '', of = client) => engine.token({ grant_type: 'refresh_token', refresh_token }, of)
const isActive = async (token: string) => (await engine.introspect(token))['active']

describe('How long access lasts, as the person chose', () => {
  it('given no choice, or 0, then the service and the client decide', async () => {
    for (const issue of [{}, { accessTokenDuration: 0, refreshTokenDuration: 0 }]) {
      const tokens = await obtain(issue)
      expect(tokens).toMatchObject({ expires_in: 600 })
      expect(tokens.refresh_token).toBeDefined()
    }
  })

  it('given a shorter access token, then it and its successors are that short', async () => {
    const tokens = await obtain({ accessTokenDuration: 60 })
    expect(tokens.expires_in).toBe(60)
    expect(tokensOf(await refresh(tokens.refresh_token)).expires_in).toBe(60)
  })

  it('given a longer one, then the service and the client still decide', async () => {
    expect((await obtain({ accessTokenDuration: 86_400 })).expires_in).toBe(600)
    const short = await engine.registerClient({ extension: { accessTokenDuration: 120 } })
    expect((await obtain({ accessTokenDuration: 300 }, short)).expires_in).toBe(120)
  })

  it('OIDC Core §2: given less than an ID token lives, then it ends then, too, and no later after a refresh', async () => {
    const tokens = await obtain({ accessTokenDuration: 60, refreshTokenDuration: 100 })
    const end = Math.floor(under.clock.now().getTime() / 1000) + 100
    expect(decodeJwt(tokens.id_token ?? '').exp).toBe(end)
    under.clock.advance(59)
    expect(decodeJwt(tokensOf(await refresh(tokens.refresh_token)).id_token ?? '').exp).toBe(end)
  })

  it('given an hour, then no refresh goes beyond it, and afterwards the refresh token has expired', async () => {
    let { refresh_token } = await obtain({ refreshTokenDuration: 3_600 })
    for (let minutes = 9; minutes < 60; minutes += 9) {
      under.clock.advance(9 * 60)
      const answer = await refresh(refresh_token)
      const tokens = tokensOf(answer)
      expect(tokens.expires_in).toBe(Math.min(600, (60 - minutes) * 60))
      expect(answer).toMatchObject({ accessTokenDuration: tokens.expires_in })
      refresh_token = tokens.refresh_token
    }
    under.clock.advance(6 * 60)
    expect(await refresh(refresh_token)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A053305' })
  })

  it('given more than the service allows, then the service decides', async () => {
    const { refresh_token } = await obtain({ refreshTokenDuration: 315_360_000 })
    under.clock.advance(86_400)
    expect((await refresh(refresh_token)).action).toBe('BAD_REQUEST')
  })

  it('given an end within the first access token, then that ends there, and there is no refresh token', async () => {
    const tokens = await obtain({ refreshTokenDuration: 300 })
    expect(tokens).toMatchObject({ expires_in: 300 })
    expect(tokens.refresh_token).toBeUndefined()
    expect((await obtain({ refreshTokenDuration: 600 })).refresh_token).toBeUndefined()
    expect((await obtain({ refreshTokenDuration: 601 })).refresh_token).toBeDefined()
    expect((await obtain({ accessTokenDuration: 60, refreshTokenDuration: 61 })).refresh_token).toBeDefined()
    under.clock.advance(299)
    expect(await isActive(tokens.access_token)).toBe(true)
    under.clock.advance(1)
    expect(await isActive(tokens.access_token)).toBe(false)
  })

  it('given an end before the code is redeemed, then the code has expired', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { issue: { refreshTokenDuration: 20 } })
    under.clock.advance(20)
    expect(await engine.token(codeParameters(client, code, codeVerifier), client)).toMatchObject({
      resultCode: 'A050305',
    })
  })

  it('given a refresh token that stays and begins anew with each use, then it ends there all the same', async () => {
    const kept = await openTestEngine({
      ...{ supportedScopes: testScopes, accessTokenDuration: 600, refreshTokenDuration: 3_600 },
      ...{ refreshTokenKept: true, refreshTokenDurationReset: true },
    })
    const talk = converse(kept)
    const own = await talk.registerClient()
    const { refresh_token = '' } = await talk.obtainTokens(own, { issue: { refreshTokenDuration: 5_000 } })
    const again = () => talk.token({ grant_type: 'refresh_token', refresh_token }, own)
    const endsAt = kept.clock.now().getTime() + 5_000_000
    kept.clock.advance(3_000)
    expect(await again()).toMatchObject({ action: 'OK', refreshTokenExpiresAt: endsAt })
    kept.clock.advance(1_999)
    expect(tokensOf(await again()).expires_in).toBe(1)
    kept.clock.advance(1)
    expect((await again()).action).toBe('BAD_REQUEST')
    await kept.close()
  })
})

describe('RFC 6749 §4.1.2: how long a code lives (authorizationCodeDuration)', () => {
  it.each([
    [{}, 60],
    [{ authorizationCodeDuration: 0 }, 60],
    [{ authorizationCodeDuration: 10 }, 10],
    [{ authorizationCodeDuration: 300 }, 300],
  ])('given %o, then %d seconds', async (settings, seconds) => {
    const service = await openTestEngine({ supportedScopes: testScopes, ...settings })
    const talk = converse(service)
    const own = await talk.registerClient()
    const exchangeAfter = async (wait: number) => {
      const { code, codeVerifier } = await talk.obtainCode(own)
      service.clock.advance(wait)
      return (await talk.token(codeParameters(own, code, codeVerifier), own)).resultCode
    }
    expect([await exchangeAfter(seconds - 1), await exchangeAfter(seconds)]).toEqual(['A050001', 'A050305'])
    await service.close()
  })
})
