import { banner } from '../banner.ts'
import { loadEnvFile, readConfig } from '../config.ts'
import { run } from '../run.ts'
import { startAllInOne } from './all-in-one.ts'

// `npm start`: everything in one process.
await run(async () => {
  loadEnvFile()
  const config = readConfig(process.env)
  const running = await startAllInOne(config)
  console.log(banner(config))
  return running
})
