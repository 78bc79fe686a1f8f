import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../server/app.ts'
import { readConfig } from '../../server/config.ts'
import type { Database } from '../../server/database/database.ts'
import { migrate } from '../../server/database/migrate.ts'
import { openDatabase } from '../../server/database/open.ts'
import { createHttpServer } from '../../server/http-server.ts'
import { createLog } from '../../server/log.ts'
import type { NewUser } from '../../server/users.ts'
import { addUsers } from '../../server/users.ts'
import { serve } from '../front-end/serve.ts'
import type { TestEngine } from './engine-under-test.ts'

/** The real front-end over the engine of a test, with people and a database of its own. */
export async function serveFrontEnd(
  { engine, serviceId, clock }: TestEngine,
  people: readonly NewUser[] = [],
): Promise<{ url: string; database: Database; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-front-end-'))
  const database = await openDatabase(`sqlite:${join(folder, 'front-end.sqlite')}`)
  await migrate(database, 'front-end', new URL('../../server/migrations/', import.meta.url))
  await addUsers(database, people)
  const app = createApp({
    config: readConfig({ SESSION_SECRET: 'a secret of the test that is long enough' }),
    log: createLog('silent'),
    engine,
    serviceId: String(serviceId),
    serviceName: 'Gatehouse',
    database,
    now: clock.now,
  })
  const served = await serve(createHttpServer(app))
  return {
    url: served.url,
    database,
    close: async () => {
      await served.close()
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}
