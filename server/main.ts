import { connectEngine } from '../sdk/engine.ts'
import { banner } from './banner.ts'
import { loadEnvFile, readConfig } from './config.ts'
import { run } from './run.ts'
import { startFrontEnd } from './start.ts'

// `npm run start:remote`: the front-end alone, with the engine that ENGINE_URL names.
await run(async () => {
  loadEnvFile()
  const config = readConfig(process.env)
  const { url, accessToken, serviceId } = config.engine
  const engine = connectEngine({ baseUrl: url, accessToken })
  const running = await startFrontEnd({ config, engine, serviceId })
  console.log(banner(config))
  return running
})
