import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import type { Running } from '../run.ts'
import { startFrontEnd } from '../start.ts'
import { seed } from './seed.ts'
import { startEngine } from './start-engine.ts'

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
