import { connectEngine } from '../../sdk/engine.ts'
import type { Engine } from '../../sdk/engine.ts'
import { LightResponse } from '../../sdk/light-fetch.ts'
import type { Config } from '../config.ts'
import { StartError } from '../start.ts'
import { makeCaller } from './api-authentication.ts'
import { equalBytesInConstantTime, sha256 } from './constant-time.ts'
import { developmentCallers } from './development-callers.ts'
import { createEngine } from './engine.ts'
import type { EngineListener } from './http-listener.ts'
import { listenOnLoopback } from './http-listener.ts'
import { startPurge } from './purge.ts'
import { openStorage } from './storage/sql.ts'
import type { ApiToken, Storage } from './storage/storage.ts'

/** An engine at work, and the ways into it. */
export interface RunningEngine {
  /** For whoever sets it up: may do everything. */
  founder: Engine
  /** For the front-end in the same process: may do what a front-end needs. */
  frontEnd: Engine
  /** Where it also listens, if it does. */
  url?: string
  close(): Promise<void>
}

interface Log {
  error: (details: object, message: string) => void
}

/** Opens the engine's storage, makes the engine, and serves it on 127.0.0.1 when the configuration names a port. */
export async function startEngine(config: Config, now: () => Date, log: Log): Promise<RunningEngine> {
  const storage = await openStorage(config.engine.databaseUrl)
  try {
    // Made anew with each start, known to this process alone, and forgotten with it.
    const founder = makeCaller({ id: 'founder', rights: ['ADMIN'], serviceIds: 'all' })
    const frontEnd = makeCaller({ id: 'front-end', rights: frontEndRights, serviceIds: 'all' })
    const callers = await callersOverHttp(config, storage)
    const inProcess = createEngine({
      storage,
      now,
      log,
      callers: [founder.caller, frontEnd.caller],
      respond: respondLightly,
    })
    const connect = (accessToken: string) =>
      connectEngine({ baseUrl: 'http://engine.internal', accessToken, fetch: inProcess })
    const listener = await serve(createEngine({ storage, now, log, callers }), config.engine.port)
    const purge = startPurge({ storage, now, log })
    return {
      founder: connect(founder.token),
      frontEnd: connect(frontEnd.token),
      ...(listener && { url: listener.url }),
      async close() {
        await listener?.close()
        await purge.stop()
        await storage.close()
      },
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** What a front-end needs of the engine, and a remote one as well: it manages no service and registers no client. */
const frontEndRights = ['USE_SERVICE', 'VIEW_SERVICE', 'MODIFY_CLIENT'] as const

/** Characters of an API access token that somebody chose: fewer could be guessed. */
const shortestAccessToken = 32

async function serve(
  engine: (request: Request) => Promise<Response>,
  port: number | undefined,
): Promise<EngineListener | undefined> {
  if (port === undefined) return undefined
  try {
    return await listenOnLoopback(engine, port)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) {
      throw new StartError(`Port ${port} cannot be used for the engine. Choose another with ENGINE_PORT.`)
    }
    throw error
  }
}

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
  if (token.length < shortestAccessToken || known.some(({ proof }) => equalBytesInConstantTime(proof, sha256(token)))) {
    throw new StartError(
      `ENGINE_ACCESS_TOKEN must have ${shortestAccessToken} characters or more in production, for example those that \`openssl rand -hex 32\` prints.`,
    )
  }
  return [given]
}

function respondLightly(status: number, headers: Headers, text: string): LightResponse {
  return new LightResponse(status, headers, text)
}
