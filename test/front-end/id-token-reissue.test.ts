import { afterEach, describe, expect, it } from 'vitest'
import { startApp, type AppUnderTest } from './app-under-test.ts'

let app: AppUnderTest | undefined

afterEach(() => app?.close())

const result = { resultCode: 'A050001', resultMessage: '[A050001] test' }
const withoutIdToken = '{"access_token":"a"}'
const people = [{ subject: 'nobody', username: 'nobody', password: 'of the test', claims: {} }]
const withIdToken = '{"access_token":"a","id_token":"i"}'

async function refresh(reissued: object, answer: object = {}) {
  app = await startApp(
    ({ operation }) => {
      if (operation === 'idtoken/reissue') return { ...result, ...reissued }
      const tokens = { accessToken: 'a', refreshToken: 'r', subject: 'nobody', requestedIdTokenClaims: ['email'] }
      const served = { action: 'ID_TOKEN_REISSUABLE', grantType: 'REFRESH_TOKEN', clientId: 7 }
      return { ...result, ...served, ...tokens, responseContent: withoutIdToken, ...answer }
    },
    { people },
  )
  const res = await app.post('/oauth/token', 'grant_type=refresh_token&refresh_token=x')
  return { text: await res.text(), calls: app.calls.slice(1) }
}

describe('OIDC Core §12.2: a new ID token for a refresh', () => {
  it('given ID_TOKEN_REISSUABLE, then the engine is asked, with the claims as they are now, and its answer goes out', async () => {
    const { text, calls } = await refresh({ action: 'OK', responseContent: withIdToken, idToken: 'i' })
    expect(text).toBe(withIdToken)
    const body = { accessToken: 'a', refreshToken: 'r', claims: '{}' }
    expect(calls).toEqual([{ operation: 'idtoken/reissue', body }])
  })

  it('given a JWT access token, then that is named', async () => {
    const reissued = { action: 'OK', responseContent: withIdToken, idToken: 'i' }
    const { calls } = await refresh(reissued, { jwtAccessToken: 'j' })
    expect(calls[0]?.body).toMatchObject({ accessToken: 'j' })
  })

  it.each(['CALLER_ERROR', 'INTERNAL_SERVER_ERROR'])('given %s, then the tokens go out without one', async (action) => {
    expect((await refresh({ action })).text).toBe(withoutIdToken)
  })

  it('given an engine that does not tell the tokens, then nothing is asked', async () => {
    const { text, calls } = await refresh({ action: 'OK' }, { refreshToken: undefined })
    expect([text, calls]).toEqual([withoutIdToken, []])
  })
})
