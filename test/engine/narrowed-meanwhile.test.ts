import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask, connectEngine } from '../../sdk/engine.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { createEngine } from '../../server/engine/engine.ts'
import type { Storage } from '../../server/engine/storage/storage.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse, errorOf, jsonOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

/*
 * A person takes a scope back while a token request is served: after the code or the refresh token was read, and before it is spent.
 */

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({ accessTokenSignAlg: 'ES256', refreshTokenIdempotent: false })
  engine = converse(under)
})

beforeEach(async () => {
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const scope = 'openid notes:read notes:write'

/** Another process on the same database, in which something happens each time before a code or a refresh token is spent. */
function engineWhere(happens: () => Promise<unknown>): Conversation {
  const storage: Storage = {
    ...under.storage,
    async redeemAuthorizationCode(...spent) {
      await happens()
      return under.storage.redeemAuthorizationCode(...spent)
    },
    async refreshTokens(...spent) {
      await happens()
      return under.storage.refreshTokens(...spent)
    },
  }
  const { token: accessToken, caller } = makeCaller({ id: 'other', rights: ['ADMIN'], serviceIds: 'all' })
  const fetch = createEngine({ storage, now: under.clock.now, callers: [caller] })
  const connected = connectEngine({ baseUrl: 'http://engine.test', accessToken, fetch })
  return converse({ engine: connected, serviceId: under.serviceId })
}

/** The person leaves so much; of several, one after the other. */
function leaving(...remainders: string[][]): () => Promise<unknown> {
  const left = remainders[Symbol.iterator]()
  return async () => {
    const { value: scopes } = left.next()
    if (scopes) await engine.narrow(client, { subject: 'subject-1', scopes })
  }
}

/** What answer, token and introspection say of the scopes. */
async function scopesOf(answer: Awaited<ReturnType<Conversation['token']>>): Promise<unknown[]> {
  const { scope, access_token } = jsonOf(answer)
  const token = String(access_token)
  return [scope, decodeJwt(token)['scope'], (await engine.introspect(token))['scope']]
}

const kinds = ['code', 'refresh token'] as const

describe('RFC 6749 §5.1: the answer says what the token can do', () => {
  /** Something to spend, and the request that spends it at the other process. */
  async function prepare(kind: (typeof kinds)[number], happens: () => Promise<unknown>) {
    const other = engineWhere(happens)
    if (kind === 'code') {
      const { code, codeVerifier } = await engine.obtainCode(client, { parameters: { scope } })
      return () => other.token(codeParameters(client, code, codeVerifier), client)
    }
    const { refresh_token = '' } = await engine.obtainTokens(client, { parameters: { scope } })
    return () => other.token({ grant_type: 'refresh_token', refresh_token }, client)
  }

  it.each(kinds)(
    'given a %s, when a scope is taken back before it is spent, then no token has that scope',
    async (kind) => {
      const spend = await prepare(kind, leaving(['openid', 'notes:read']))
      expect(await scopesOf(await spend())).toEqual(Array.from({ length: 3 }, () => 'openid notes:read'))
    },
  )

  it.each(kinds)('given a %s, when that happens again and again, then what is left at the end', async (kind) => {
    const spend = await prepare(kind, leaving(['openid', 'notes:read'], ['notes:read'], ['notes:read', 'openid']))
    expect(await scopesOf(await spend())).toEqual(Array.from({ length: 3 }, () => 'notes:read'))
  })

  it.each(kinds)('given a %s, when nothing that was granted is taken back, then all of it', async (kind) => {
    const spend = await prepare(kind, leaving(['openid', 'notes:read', 'notes:write', 'email']))
    expect(await scopesOf(await spend())).toEqual(Array.from({ length: 3 }, () => scope))
  })

  it.each(kinds)('given a %s, then it was spent once, and a second use is a replay', async (kind) => {
    const spend = await prepare(kind, leaving(['openid', 'notes:read']))
    const { access_token } = jsonOf(await spend())
    expect(errorOf(await spend())).toBe('invalid_grant')
    expect(await engine.introspect(String(access_token))).toEqual({ active: false })
  })
})

describe('RFC 9700 §4.14.2: a refresh that is repeated for another access token', () => {
  const params = () => ({ path: { serviceId: String(under.serviceId) } })

  async function setIdempotent(refreshTokenIdempotent: boolean): Promise<void> {
    const settings = await ask(under.engine.GET('/api/{serviceId}/service/get', { params: params() }))
    const body = { ...settings, refreshTokenIdempotent }
    await ask(under.engine.POST('/api/{serviceId}/service/update', { params: params(), body }))
  }

  beforeAll(() => setIdempotent(true))
  afterAll(() => setIdempotent(false))

  it('when a scope is taken back before it is kept, then it is made anew without that scope', async () => {
    const { refresh_token = '' } = await engine.obtainTokens(client, { parameters: { scope } })
    const refresh = { grant_type: 'refresh_token', refresh_token }
    const { refresh_token: successor } = jsonOf(await engine.token(refresh, client))
    const other = engineWhere(leaving(['openid', 'notes:read']))
    const repeated = await other.token({ ...refresh, scope: 'notes:read' }, client)
    expect(repeated).toMatchObject({ action: 'OK', previousRefreshTokenUsed: true, refreshToken: successor })
    expect(await scopesOf(repeated)).toEqual(Array.from({ length: 3 }, () => 'notes:read'))
  })
})
