import { banner } from '../banner.ts'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import type { Running } from '../run.ts'
import { portProblem, startFrontEnd } from '../start.ts'
import { listenOnLoopback } from './http-listener.ts'
import { startEngine } from './start-engine.ts'

/** `npm start`: the engine and the front-end in one process, with the hatch between them. */
export async function startAllInOne(config: Config): Promise<Running> {
  const log = createLog(config.logLevel)
  const { engine, fetch, serviceId, close: closeEngine } = await startEngine(config, log)
  const opened: (() => Promise<void>)[] = [closeEngine]
  const close = async () => {
    for (const closeOne of opened.reverse()) await closeOne()
  }
  try {
    const { port } = config.engine
    if (port !== undefined) opened.push(await serveEngine(fetch, port))
    const frontEnd = await startFrontEnd({ config, engine, serviceId, log })
    opened.push(() => frontEnd.close())
  } catch (error) {
    await close()
    throw error
  }
  console.log(banner(config))
  return { close }
}

/** Serves the engine's API on 127.0.0.1, for callers outside this process. Answers how to stop. */
export async function serveEngine(
  fetch: (request: Request) => Promise<Response>,
  port: number,
): Promise<() => Promise<void>> {
  try {
    const listener = await listenOnLoopback(fetch, port)
    return () => listener.close()
  } catch (error) {
    throw portProblem(error, 'ENGINE_PORT', port)
  }
}
