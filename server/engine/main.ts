import { loadEnvFile, readConfig } from '../config.ts'
import { run } from '../run.ts'
import { startAllInOne } from './all-in-one.ts'

// `npm start`
loadEnvFile()
await run(() => startAllInOne(readConfig(process.env)))
