import type { Service } from '../../sdk/types.ts'
import type { Engine } from '../../sdk/engine.ts'
import { ask, connectEngine } from '../../sdk/engine.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { createEngine } from '../../server/engine/engine.ts'
import { openStorage } from '../../server/engine/storage/sql.ts'
import type { Conversation } from './conversation.ts'
import { converse } from './conversation.ts'
import { testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'
import type { TestDatabase } from './storage/contract.ts'

/** Two engines with a storage of their own each, on one database and at one instant: to one another they are as far away as two processes. */
export interface TwoEngines {
  here: Conversation
  there: Conversation
  /** The SDK, connected to each. */
  apiHere: Engine
  apiThere: Engine
  /** What the paths of its operations begin with. */
  path: { serviceId: string }
  now: Date
  /** What went wrong inside them: nothing should. */
  failures: unknown[]
  close: () => Promise<void>
}

export async function openTwoEngines(
  createDatabase: () => Promise<TestDatabase>,
  settings: Service = {},
): Promise<TwoEngines> {
  const database = await createDatabase()
  const now = new Date('2026-03-01T12:00:00Z')
  const failures: unknown[] = []
  const { token: accessToken, caller } = makeCaller({ id: 'test', rights: ['ADMIN'], serviceIds: 'all' })
  const storages = [await openStorage(database.url), await openStorage(database.url)] as const
  const [apiHere, apiThere] = storages.map((storage) => {
    const log = { error: (details: object) => failures.push(details) }
    const fetch = createEngine({ storage, now: () => now, callers: [caller], log })
    return connectEngine({ baseUrl: 'http://engine.test', accessToken, fetch })
  })
  if (!apiHere || !apiThere) throw new Error('two engines were opened')
  const body = { issuer: testIssuer, supportedScopes: testScopes, ...testEndpoints, ...settings }
  const { apiKey: serviceId = 0 } = await ask(apiHere.POST('/api/service/create', { body }))
  return {
    here: converse({ engine: apiHere, serviceId }),
    there: converse({ engine: apiThere, serviceId }),
    apiHere,
    apiThere,
    path: { serviceId: String(serviceId) },
    now,
    failures,
    async close() {
      await Promise.all(storages.map((storage) => storage.close()))
      await database.drop()
    },
  }
}
