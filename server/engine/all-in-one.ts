import type { Logger } from 'pino'
import type { Engine } from '../../sdk/engine.ts'
import { connectEngine } from '../../sdk/engine.ts'
import { LightResponse } from '../../sdk/light-fetch.ts'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import type { Running } from '../run.ts'
import { StartError, startFrontEnd } from '../start.ts'
import { makeCaller } from './api-authentication.ts'
import { createBackground } from './background.ts'
import { developmentCallers } from './development-callers.ts'
import { readOrMakeEncryptionKey } from './encryption-key.ts'
import { createEngine } from './engine.ts'
import { listenOnLoopback } from './http-listener.ts'
import { createFetchOutbound } from '../outbound/fetch-outbound.ts'
import { startKeySchedule } from './keys/schedule.ts'
import { startPurge } from './purge.ts'
import { folderOf, seed } from './seed.ts'
import { SealedKeysError } from './storage/sealed-keys.ts'
import { openStorage } from './storage/sql.ts'
import type { ApiToken, Storage } from './storage/storage.ts'

/** Starts the front-end with an engine in the same process: what passes between them is what would pass over HTTP. */
export async function startAllInOne(config: Config): Promise<Running> {
  const log = createLog(config.logLevel)
  const now = () => new Date()
  const engine = await startEngine({ config, now, log, prepare: (founder) => seed(founder, config) })
  try {
    const { frontEnd: connected, prepared: serviceId } = engine
    const frontEnd = await startFrontEnd({ config, engine: connected, serviceId, now, log })
    return {
      async close() {
        // Who asks goes before who answers.
        await frontEnd.close()
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** What an engine is started with. */
interface EngineStart<Prepared> {
  config: Config
  now: () => Date
  log: Logger
  /** Is done before anybody can call over HTTP, by a caller that may do everything. */
  prepare: (founder: Engine) => Promise<Prepared>
}

/** An engine with its storage open. */
interface RunningEngine<Prepared> extends Running {
  prepared: Prepared
  /** For a front-end in this process: may do what a front-end needs, and no more. */
  frontEnd: Engine
  /** Where its API is served over HTTP; undefined when it is not. */
  url: string | undefined
}

/** What a front-end needs, and a remote one as well: it manages no service and registers no client. */
const frontEndRights = ['USE_SERVICE', 'VIEW_SERVICE', 'MODIFY_CLIENT'] as const

/** Opens the storage, starts the engine on it, and serves it over HTTP on 127.0.0.1 where ENGINE_PORT says so. */
export async function startEngine<Prepared>({
  config,
  now,
  log,
  prepare,
}: EngineStart<Prepared>): Promise<RunningEngine<Prepared>> {
  const encryptionKey = await encryptionKeyOf(config)
  const storage = await openStorage(config.engine.databaseUrl, encryptionKey)
  try {
    await sealServiceKeys(storage)
    // Made anew with each start, known to this process alone, and forgotten with it.
    const founder = makeCaller({ id: 'founder', rights: ['ADMIN'], serviceIds: 'all' })
    const frontEnd = makeCaller({ id: 'front-end', rights: frontEndRights, serviceIds: 'all' })
    const callers = [founder.caller, frontEnd.caller, ...(await callersOverHttp(config, storage))]
    const fetchOutbound = createFetchOutbound({ allow: config.engine.outboundAllow, log })
    const background = createBackground({ now, log })
    const parts = { storage, now, log, callers, fetchOutbound, encryptionKey, background }
    const fetch = createEngine({ ...parts, respond: respondLightly })
    const connect = (accessToken: string) => connectEngine({ baseUrl: 'http://engine.internal', accessToken, fetch })

    const prepared = await prepare(connect(founder.token))
    const listener = config.engine.port === undefined ? undefined : await serve(fetch, config.engine.port)
    const purge = startPurge({ storage, now, log })
    const keySchedule = startKeySchedule({ storage, now, log })
    return {
      prepared,
      frontEnd: connect(frontEnd.token),
      url: listener?.url,
      async close() {
        await listener?.close()
        await Promise.all([background.finish(), purge.stop(), keySchedule.stop()])
        await storage.close()
      },
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** Characters of an API access token that somebody chose: fewer could be guessed. */
const shortestAccessToken = 32

/**
 * Who may call the engine over HTTP: whoever has ENGINE_ACCESS_TOKEN, and in development everybody who has read the documentation.
 * Production refuses tokens that are in every copy of the source, wherever they come from.
 */
async function callersOverHttp({ production, engine }: Config, storage: Storage): Promise<ApiToken[]> {
  const { accessToken: token } = engine
  const given = makeCaller({ id: 'ENGINE_ACCESS_TOKEN', token, rights: ['ADMIN'], serviceIds: 'all' }).caller
  const known = developmentCallers(Number(engine.serviceId))
  if (!production) return [given, ...known]
  for (const { id, proof } of known) {
    if (await storage.findApiToken(proof)) {
      throw new StartError(
        `The engine has the API access token "${id}", which everybody knows. Use another ENGINE_DATABASE_URL.`,
      )
    }
  }
  if (engine.port === undefined) return []
  if (token.length < shortestAccessToken || token.startsWith('dev-')) {
    throw new StartError(
      `ENGINE_ACCESS_TOKEN must have ${shortestAccessToken} characters or more in production, for example those that \`openssl rand -hex 32\` prints.`,
    )
  }
  return [given]
}

/** The key of the environment; in development one that is made once and kept beside the database. */
export async function encryptionKeyOf({ production, engine }: Config): Promise<Uint8Array | undefined> {
  if (engine.encryptionKey || production) return engine.encryptionKey
  return readOrMakeEncryptionKey(folderOf(engine.databaseUrl))
}

/** Keys that were kept before there was a key to seal them with are sealed now; with a wrong one, nothing starts. */
export async function sealServiceKeys(storage: Storage): Promise<void> {
  try {
    await storage.sealServiceKeys()
  } catch (error) {
    if (error instanceof SealedKeysError) throw new StartError(error.message)
    throw error
  }
}

async function serve(fetch: (request: Request) => Promise<Response>, port: number) {
  try {
    return await listenOnLoopback(fetch, port)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) {
      throw new StartError(`Port ${port} cannot be used for the engine. Choose another with ENGINE_PORT.`)
    }
    throw error
  }
}

function respondLightly(status: number, headers: Headers, text: string): LightResponse {
  return new LightResponse(status, headers, text)
}
