import { join } from 'node:path'
import type { Logger } from 'pino'
import { connectEngine } from '../../sdk/engine.ts'
import type { Engine } from '../../sdk/engine.ts'
import { LightResponse } from '../../sdk/light-fetch.ts'
import type { Config } from '../config.ts'
import { pageLanguages } from '../page-text.ts'
import { StartError } from '../start.ts'
import { makeCaller } from './api-authentication.ts'
import { createEngine } from './engine.ts'
import { endpointsOf, ensureService } from './our-service.ts'
import { startPurge } from './purge.ts'
import { demoAliases, developmentCallers, seed } from './seed.ts'
import { openStorage } from './storage/sql.ts'
import type { ApiToken } from './storage/storage.ts'

export interface RunningEngine {
  /** Connected from inside, as a caller that may do everything. */
  engine: Engine
  /** For callers from outside. */
  fetch: (request: Request) => Promise<Response>
  serviceId: string
  close(): Promise<void>
}

/** Opens the engine's storage, and makes sure that the service the configuration means is there: in development with the demonstration. */
export async function startEngine(config: Config, log: Logger): Promise<RunningEngine> {
  const now = () => new Date()
  const storage = await openStorage(config.engine.databaseUrl)
  try {
    // Made at every start and kept nowhere: nobody outside this process has it.
    const { token: accessToken, caller } = makeCaller({ id: 'in-process', rights: ['ADMIN'], serviceIds: 'all' })
    const fromInside = createEngine({ storage, now, log, callers: [caller], respond: respondLightly })
    const engine = connectEngine({ baseUrl: 'http://engine.internal', accessToken, fetch: fromInside })
    const serviceId = config.production
      ? await prepareProduction(engine, config)
      : await prepareDevelopment(engine, config)
    const purge = startPurge({ storage, now, log })
    return {
      engine,
      fetch: createEngine({ storage, now, log, callers: callersFromOutside(config, Number(serviceId)) }),
      serviceId,
      async close() {
        await purge.stop()
        await storage.close()
      },
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

function respondLightly(status: number, headers: Headers, text: string): Response {
  return new LightResponse(status, headers, text)
}

function callersFromOutside({ production, engine }: Config, serviceId: number): ApiToken[] {
  if (!production) return developmentCallers(serviceId)
  return [
    makeCaller({ id: 'ENGINE_ACCESS_TOKEN', token: engine.accessToken, rights: ['ADMIN'], serviceIds: 'all' }).caller,
  ]
}

function prepareDevelopment(engine: Engine, { issuer, demoPort, engine: { serviceId } }: Config): Promise<string> {
  const demoFapiKeyFile = join('.data', 'demo-fapi.jwk.json')
  return seed({ engine, serviceId, issuer, demoPort, uiLocales: pageLanguages, demoFapiKeyFile })
}

/** The service of a production server: the safe preset and no clients. One that has those of the demonstration is refused. */
async function prepareProduction(engine: Engine, { issuer, engine: { serviceId } }: Config): Promise<string> {
  const settings = endpointsOf(issuer)
  const ours = await ensureService(engine, { serviceId, begin: { serviceName: 'Gatehouse' }, settings })
  for (const alias of demoAliases) {
    const path = { serviceId: ours, clientId: alias }
    const { data } = await engine.GET('/api/{serviceId}/client/get/{clientId}', { params: { path } })
    if (data) {
      throw new StartError(
        `The engine has the demo client ${alias}, whose secret everybody knows. Use another ENGINE_DATABASE_URL in production.`,
      )
    }
  }
  return ours
}
