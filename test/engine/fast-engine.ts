import { readConfig } from '../../server/config.ts'
import { createLog } from '../../server/log.ts'
import { run } from '../../server/run.ts'
import { startEngine } from '../../server/engine/all-in-one.ts'
import { seed } from '../../server/engine/seed.ts'
import { fastClock } from './fast-clock.ts'

// `npm run engine`, with a clock that is faster than the world's.
await run(async () => {
  const config = readConfig(process.env)
  const now = fastClock(Number(process.env['FAST_CLOCK_BEGAN']))
  const log = createLog(config.logLevel)
  const engine = await startEngine({ config, now, log, prepare: (founder) => seed(founder, config) })
  console.log(engine.url ?? '')
  return engine
})
