import { loadEnvFile, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { run } from '../run.ts'
import { serveEngine } from './all-in-one.ts'
import { startEngine } from './start-engine.ts'

const defaultPort = 4_000

// `npm run engine`: the engine alone, for front-ends elsewhere.
await run(async () => {
  loadEnvFile()
  const config = readConfig(process.env)
  const { fetch, close } = await startEngine(config, createLog(config.logLevel))
  const port = config.engine.port ?? defaultPort
  const stop = await serveEngine(fetch, port).catch(async (error: unknown) => {
    await close()
    throw error
  })
  console.log(`\nThe engine is ready: http://127.0.0.1:${port}\n`)
  return {
    async close() {
      await stop()
      await close()
    },
  }
})
