import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, responseOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({ accessTokenSignAlg: 'ES256', refreshTokenDuration: 3_600 })
  engine = converse(under)
  client = await engine.registerClient({ clientIdAlias: 'daybook' })
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

async function begin(): Promise<string> {
  const asked = await engine.authorize(authorizationParameters(client, 'v'.repeat(43)))
  if (asked.action !== 'INTERACTION') throw new Error(asked.resultMessage)
  return asked.ticket
}

const create = (clientIdAlias: string) =>
  under.call('POST', `/${under.serviceId}/client/create`, { body: { clientIdAlias } })
const rename = (of: RegisteredTestClient, clientIdAlias: string) =>
  under.call('POST', `/${under.serviceId}/client/update/${of.numericId}`, { body: { clientIdAlias } })

describe('RFC 9700 §4.15, RFC 9068 §5: no client looks like a person', () => {
  it.each(['alias', 'id'])(
    'given a client that acts for itself under its %s, then it is the sub of its JWT',
    async (by) => {
      const clientId = by === 'alias' ? client.clientId : String(client.numericId)
      const asked = { grant_type: 'client_credentials', scope: 'notes:read' }
      const { access_token } = tokensOf(await engine.token(asked, { ...client, clientId }))
      expect(decodeJwt(access_token)).toMatchObject({ sub: clientId, client_id: clientId })
      expect(await engine.introspect(access_token)).not.toHaveProperty('sub')
    },
  )

  it('given a person with the name of any client, then nothing is issued, and the ticket is still good', async () => {
    const other = await engine.registerClient({ clientIdAlias: 'other' })
    const ticket = await begin()
    const names = [client.clientId, other.clientId, String(other.numericId)]
    for (const name of names) {
      const refused = { action: 'INTERNAL_SERVER_ERROR', resultCode: 'A940207' }
      expect(await engine.issue({ ticket, subject: name })).toMatchObject(refused)
      expect(await engine.issue({ ticket, subject: 'jane', sub: name })).toMatchObject(refused)
    }
    // What counts is what an API sees.
    expect(responseOf(await engine.issue({ ticket, subject: 'other', sub: 'jane' }))).toHaveProperty('code')
  })

  it('given a person with the name of a client, then token/create makes nothing', async () => {
    for (const subject of [client.clientId, String(client.numericId)]) {
      const body = { grantType: 'AUTHORIZATION_CODE', clientId: client.numericId, subject }
      const { json } = await under.call('POST', `/${under.serviceId}/auth/token/create`, { body })
      expect(json).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A909215' })
    }
  })

  it('given an alias that is the subject of live tokens, then no client gets it, until they have ended', async () => {
    const another = await engine.registerClient()
    await engine.obtainTokens(client, { subject: 'paula' })
    // The access token has expired, and there is still a refresh token.
    under.clock.advance(1_000)
    for (const refused of [await create('paula'), await rename(another, 'paula')]) {
      expect([refused.status, refused.json['resultCode']]).toEqual([400, 'A970201'])
      expect(refused.json['resultMessage']).toContain('clientIdAlias: ')
    }
    expect((await rename(another, 'somebody')).status).toBe(200)
    under.clock.advance(3_600)
    expect((await create('paula')).status).toBe(201)
  })

  it('given a client that takes the name of a person between code and tokens, then there are none', async () => {
    const taker = await engine.registerClient()
    const codes = await Promise.all(['bobby', 'claire'].map((subject) => engine.obtainCode(taker, { subject })))
    const { json } = await under.call('GET', `/${under.serviceId}/client/get/${taker.numericId}`)
    const body = { ...json, clientIdAlias: 'bobby' }
    expect((await under.call('POST', `/${under.serviceId}/client/update/${taker.numericId}`, { body })).status).toBe(
      200,
    )
    const renamed = { ...taker, clientId: String(taker.numericId) }
    const [bobby, claire] = await Promise.all(
      codes.map(({ code, codeVerifier }) => engine.token(codeParameters(taker, code, codeVerifier), renamed)),
    )
    expect(bobby).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A950311' })
    expect(claire?.action).toBe('OK')
  })
})
