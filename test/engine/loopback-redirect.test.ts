import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../../sdk/types.ts'
import type { RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, converse } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

/** RFC 7636 Appendix B. */
const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const registered = 'http://127.0.0.1/cb'

describe.each<[string, Service, string]>([
  ['where the service says so', { loopbackRedirectionUriVariable: true }, 'A004001'],
  ['and not where it does not', {}, 'A011304'],
])('RFC 8252 §7.3: the port of a loopback redirect URI may vary, %s', (_, settings, resultCode) => {
  let under: TestEngine
  let client: RegisteredTestClient
  beforeAll(async () => {
    under = await openTestEngine(settings)
    client = await converse(under).registerClient({ applicationType: 'NATIVE', redirectUris: [registered] })
  })
  afterAll(async () => {
    expect(under.failures).toEqual([])
    await under.close()
  })

  const authorize = (redirect_uri: string) =>
    converse(under).authorize({ ...authorizationParameters(client, codeVerifier), redirect_uri })

  it('given the registered one, then it is good', async () => {
    expect((await authorize(registered)).resultCode).toBe('A004001')
  })

  it('given another port', async () => {
    expect((await authorize('http://127.0.0.1:51234/cb')).resultCode).toBe(resultCode)
  })

  it.each(['http://127.0.0.1:51234/other', 'http://localhost:51234/cb', 'https://127.0.0.1:51234/cb'])(
    'given %s, then it is refused',
    async (uri) => {
      expect((await authorize(uri)).resultCode).toBe('A011304')
    },
  )
})
