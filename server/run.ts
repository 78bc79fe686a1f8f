import { ConfigError } from './config.ts'
import { StartError } from './start.ts'

/** Something that was started and can be stopped. */
export interface Running {
  close(): Promise<void>
}

/**
 * Runs a program until Ctrl-C or SIGTERM, or until the process that started it is gone: what is under way is finished then. A second
 * signal ends it at once.
 */
export async function run(start: () => Promise<Running>): Promise<void> {
  // `npm run start:tls` keeps a channel to what it starts, and that closes even when it is killed.
  const abandoned = new Promise((resolve) => process.once('disconnect', resolve))
  try {
    const running = await start()
    let stopping: Promise<void> | undefined
    const stop = () => (stopping ??= close(running))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        void stop()
      })
    }
    void abandoned.then(stop)
  } catch (error) {
    // What whoever starts it can mend is said without a stack.
    console.error(error instanceof ConfigError || error instanceof StartError ? `\n${error.message}\n` : error)
    process.exit(1)
  }
}

async function close(running: Running): Promise<void> {
  try {
    await running.close()
    process.exit(0)
  } catch (error) {
    console.error(error)
    process.exit(1)
  }
}
