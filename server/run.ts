import { ConfigError } from './config.ts'
import { StartError } from './start.ts'

/** Something that was started and can be stopped. */
export interface Running {
  close(): Promise<void>
}

/** Runs a program until Ctrl-C or SIGTERM: what is under way is finished then. A second signal ends it at once. */
export async function run(start: () => Promise<Running>): Promise<void> {
  try {
    const running = await start()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        running.close().then(
          () => process.exit(0),
          (error: unknown) => {
            console.error(error)
            process.exit(1)
          },
        )
      })
    }
  } catch (error) {
    // What whoever starts it can mend is said without a stack.
    console.error(error instanceof ConfigError || error instanceof StartError ? `\n${error.message}\n` : error)
    process.exit(1)
  }
}
