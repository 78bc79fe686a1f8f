import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import { codeParameters, tokensOf } from './conversation.ts'
import { createPostgresDatabase, createSqliteDatabase } from './storage/test-databases.ts'
import type { TwoEngines } from './two-engines.ts'
import { openTwoEngines } from './two-engines.ts'

const databases = [
  ['one SQLite file', createSqliteDatabase],
  ['one PostgreSQL', createPostgresDatabase],
] as const

describe.each(databases)('One access token for a subject and a client: two engines on %s', (_, create) => {
  let engines: TwoEngines

  beforeAll(async () => {
    engines = await openTwoEngines(create)
  })

  afterAll(async () => {
    expect(engines.failures).toEqual([])
    await engines.close()
  })

  /** Ten tokens that the front-end creates and ten that codes bring, all at once, half of each at each engine. Answers which are active. */
  async function storm(singleAccessTokenPerSubject: boolean): Promise<{ given: number; active: string[] }> {
    const { here, there, apiHere, apiThere, path } = engines
    const client = await here.registerClient({ singleAccessTokenPerSubject })
    const codes = await Promise.all(Array.from({ length: 10 }, () => here.obtainCode(client)))
    const body = { grantType: 'AUTHORIZATION_CODE', clientId: client.numericId, subject: 'subject-1' } as const
    const created = Array.from({ length: 10 }, async (_, index) => {
      const api = index % 2 ? apiHere : apiThere
      const answer = await ask(api.POST('/api/{serviceId}/auth/token/create', { params: { path }, body }))
      if (answer.action !== 'OK') throw new Error(answer.resultMessage)
      return answer.accessToken
    })
    const redeemed = codes.map(async ({ code, codeVerifier }, index) => {
      const engine = index % 2 ? here : there
      return tokensOf(await engine.token(codeParameters(client, code, codeVerifier), client)).access_token
    })
    const tokens = await Promise.all([...created, ...redeemed])
    const [seenHere, seenThere] = await Promise.all(
      [here, there].map(async (engine) => {
        const answers = await Promise.all(tokens.map((token) => engine.introspect(token)))
        return tokens.filter((_, index) => answers[index]?.['active'])
      }),
    )
    expect(seenHere).toEqual(seenThere)
    return { given: new Set(tokens).size, active: seenHere ?? [] }
  }

  it('given it is set, when twenty are given at once, then one is active', async () => {
    const { given, active } = await storm(true)
    expect([given, active.length]).toEqual([20, 1])
  })

  it('given it is not set, then all of them are', async () => {
    const { given, active } = await storm(false)
    expect([given, active.length]).toEqual([20, 20])
  })
})
