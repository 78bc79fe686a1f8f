import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Logger } from 'pino'
import { startDemoApi } from '../demo/api.ts'
import { startDemoClient } from '../demo/client.ts'
import { ask, EngineError, type Engine } from '../sdk/engine.ts'
import { createApp, createMutualTlsApp } from './app.ts'
import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import { migrate } from './database/migrate.ts'
import { openDatabase } from './database/open.ts'
import { demoPeople } from './demo-people.ts'
import { createHttpServer, createHttpsServer, createMutualTlsServer } from './http-server.ts'
import { sweepInteractions } from './interactions.ts'
import { createLog } from './log.ts'
import { sweepChallenges } from './passkey-challenges.ts'
import { sweepPendingSignIns } from './pending-sign-ins.ts'
import { isLoopback } from './redirect-destination.ts'
import { sessionSecrets } from './session-secret.ts'
import { sweepSessions } from './session.ts'
import { addUsers, createUsers } from './users.ts'

export interface FrontEndOptions {
  config: Config
  engine: Engine
  /** Which of the engine's services this front-end serves. */
  serviceId: string
  now?: () => Date
  log?: Logger
}

export interface RunningFrontEnd {
  server: Server | HttpsServer
  /** Stops listening, lets answers under way finish, and closes what was opened here. */
  close(): Promise<void>
}

/** The server cannot start, for a reason that whoever starts it can change. The message says how. */
export class StartError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StartError'
  }
}

/** Starts the front-end and, in development, the demonstration beside it. Throws a {@link StartError} with nothing left open. */
export async function startFrontEnd(options: FrontEndOptions): Promise<RunningFrontEnd> {
  const { engine, serviceId, now = () => new Date() } = options
  const config = { ...options.config, sessionSecrets: await sessionSecrets(options.config) }
  const log = options.log ?? createLog(config.logLevel)

  // What was opened is closed in reverse order: the database last, when nobody asks it any more.
  const opened: (() => Promise<void>)[] = []
  let closed: Promise<void> | undefined
  const close = () => (closed ??= closeAll(opened))

  try {
    const database = await openDatabase(config.databaseUrl)
    opened.push(() => database.close())
    await migrate(database, 'front-end', new URL('./migrations/', import.meta.url))
    await preparePeople(config, database)
    const about = await describeService(engine, serviceId, config.issuer, log)

    const { issuer, port, tls, mutualTls } = config
    const parts = { config, log, engine, serviceId, ...about, database, now }
    const app = createApp(parts)
    const server = tls ? createHttpsServer(app, tls) : createHttpServer(app)
    await listen(server, { variable: 'PORT', port, issuer })
    opened.push(() => closeServer(server))
    if (tls && mutualTls) {
      const mutual = createMutualTlsServer(createMutualTlsApp(mutualTls.origin, parts), tls)
      await listen(mutual, { variable: 'MTLS_PORT', port: mutualTls.port, issuer })
      opened.push(() => closeServer(mutual))
    }
    opened.push(sweepRegularly(database, now, log))
    if (!config.production) await startDemo(config, opened)
    return { server, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function closeAll(opened: (() => Promise<void>)[]): Promise<void> {
  for (const close of opened.reverse()) await close()
}

/** Development has the people of the demonstration; production does not start while one of them can sign in. */
async function preparePeople({ production }: Config, database: Database): Promise<void> {
  if (!production) {
    await addUsers(database, demoPeople)
    return
  }
  const users = createUsers(database)
  for (const { subject, username } of demoPeople) {
    if (await users.find(subject)) {
      throw new StartError(
        `The database has the demo user ${username}, whose password everybody knows. Use another DATABASE_URL in production.`,
      )
    }
  }
}

const nameWithoutService = 'Gatehouse'

/** Asks the engine about the service: what it is called, what it speaks, and whether it is the one that is meant. */
async function describeService(
  engine: Engine,
  serviceId: string,
  issuer: string,
  log: Logger,
): Promise<{ serviceName: string; supportedUiLocales: readonly string[] }> {
  try {
    const service = await ask(engine.GET('/api/{serviceId}/service/get', { params: { path: { serviceId } } }))
    if (service.issuer !== undefined && service.issuer !== issuer) {
      throw new StartError(
        `The service ${serviceId} of the engine has the issuer ${service.issuer}, but this server answers as ${issuer}. Set ISSUER, or ENGINE_SERVICE_ID.`,
      )
    }
    const { serviceName = nameWithoutService, supportedUiLocales = [] } = service
    return { serviceName, supportedUiLocales }
  } catch (error) {
    if (error instanceof StartError) throw error
    if (error instanceof EngineError && error.status < 500) {
      throw new StartError(
        `The engine refuses this front-end: ${error.message} Check ENGINE_SERVICE_ID and ENGINE_ACCESS_TOKEN.`,
      )
    }
    // It may come up later; until then /readyz says so.
    log.warn('The engine cannot be reached yet. Check ENGINE_URL if this stays so.')
    return { serviceName: nameWithoutService, supportedUiLocales: [] }
  }
}

/** Listens on this machine only when the issuer is this machine: the demo's passwords are no secrets. */
async function listen(
  server: Server | HttpsServer,
  { variable, port, issuer }: { variable: string; port: number; issuer: string },
): Promise<void> {
  if (isLoopback(new URL(issuer))) server.listen(port, 'localhost')
  else server.listen(port)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw portProblem(error, variable, port)
  }
}

/** How long answers under way may take when the server stops, in milliseconds. */
const graceMs = 8_000

async function closeServer(server: Server | HttpsServer): Promise<void> {
  const stopped = once(server, 'close')
  server.close()
  // A connection that was busy when the server stopped becomes idle later.
  const idle = setInterval(() => {
    server.closeIdleConnections()
  }, 50)
  const impatience = setTimeout(() => {
    server.closeAllConnections()
  }, graceMs)
  await stopped
  clearInterval(idle)
  clearTimeout(impatience)
}

const sweepMs = 60_000

/** Deletes what is over, a slice at a time, so that nobody has to wait for it. Returns how to stop. */
function sweepRegularly(database: Database, now: () => Date, log: Logger): () => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    underWay = Promise.all([
      sweepAll(() => sweepSessions(database, now())),
      sweepAll(() => sweepInteractions(database, now())),
      sweepAll(() => sweepChallenges(database, now())),
      sweepAll(() => sweepPendingSignIns(database, now())),
    ]).catch((error: unknown) => {
      log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'What is over could not be deleted')
    })
  }, sweepMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await underWay
  }
}

async function sweepAll(sweepSlice: () => Promise<boolean>): Promise<void> {
  while (await sweepSlice()) continue
}

/** The demonstration: a client and an API that know nothing of this server but its issuer. */
async function startDemo(
  { issuer, demoPort, demoApiPort, demoApiTokens: tokens, demoApiUrl: apiUrl, tls }: Config,
  opened: (() => Promise<void>)[],
): Promise<void> {
  if (apiUrl !== undefined) {
    const registration = { issuer, clientId: 'demo-api', clientSecret: 'demo-api-secret' }
    const options = { port: demoApiPort, tokens, tls: apiUrl.startsWith('https:') ? tls : undefined, ...registration }
    const api = await onPort('DEMO_API_PORT', demoApiPort, startDemoApi(options))
    opened.push(() => api.close())
  }
  if (demoPort !== 0) {
    const registration = { issuer, clientId: 'demo-web', clientSecret: 'demo-web-secret' }
    const client = await onPort('DEMO_PORT', demoPort, startDemoClient({ port: demoPort, apiUrl, ...registration }))
    opened.push(() => client.close())
  }
}

async function onPort<Running>(variable: string, port: number, starting: Promise<Running>): Promise<Running> {
  try {
    return await starting
  } catch (error) {
    throw portProblem(error, variable, port)
  }
}

/** What a port that cannot be had means, and what to do about it. */
export function portProblem(error: unknown, variable: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const other = port < 65_000 ? port + 100 : port - 100
  if (code === 'EADDRINUSE') {
    return new StartError(
      `Port ${port} is taken by another program. Choose another with ${variable}, for example: ${variable}=${other} npm start`,
    )
  }
  if (code === 'EACCES') {
    return new StartError(`Port ${port} may not be used by this account. Choose one above 1023 with ${variable}.`)
  }
  return error
}
