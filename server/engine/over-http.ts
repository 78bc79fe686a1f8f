import { loadEnvFile, readConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import { run } from '../run.ts'
import { refuseDemonstration, seed } from './seed.ts'
import { startEngine } from './all-in-one.ts'

const defaultPort = 4000

// `npm run engine`: the engine's API on 127.0.0.1, for front-ends that are processes of their own.
await run(async () => {
  loadEnvFile()
  const config = readEngineConfig(process.env)
  const engine = await startEngine({
    config,
    now: () => new Date(),
    log: createLog(config.logLevel),
    // In production, whoever has the token decides which services there are.
    prepare: async (founder) => {
      if (config.production) await refuseDemonstration(founder)
      else await seed(founder, config)
    },
  })
  console.log(`\nThe engine's API is ready.\n\n  Engine API  ${engine.url ?? ''}\n  Stop        Ctrl-C\n`)
  return engine
})

/** What this process needs of the environment. In production, what only a front-end needs may be missing. */
function readEngineConfig(env: NodeJS.ProcessEnv): Config {
  const production = env['NODE_ENV'] === 'production'
  const { ENGINE_PORT, ENGINE_DATABASE_URL, ENGINE_ACCESS_TOKEN, OUTBOUND_ALLOW, LOG_LEVEL } = env
  const { ENGINE_ENCRYPTION_KEY } = env
  const own = {
    ...{ ENGINE_PORT, ENGINE_DATABASE_URL, ENGINE_ACCESS_TOKEN, ENGINE_ENCRYPTION_KEY },
    ...{ OUTBOUND_ALLOW, LOG_LEVEL },
  }
  const config = readConfig(production ? own : env)
  return { ...config, production, engine: { ...config.engine, port: config.engine.port ?? defaultPort } }
}
