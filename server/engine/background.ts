/** Work that goes on after its call was answered. */
export interface Background {
  /** Does it when what was begun before is done; it is told the instant at which it begins. */
  begin(work: (now: Date) => Promise<void>): void
  /** Waits until all that was begun is done. */
  finish(): Promise<void>
}

interface BackgroundParts {
  now: () => Date
  log: { error: (details: object, message: string) => void }
}

/** One piece of work at a time, so that calls find a connection to the database besides it. */
export function createBackground({ now, log }: BackgroundParts): Background {
  let last = Promise.resolve()

  async function run(work: (now: Date) => Promise<void>): Promise<void> {
    try {
      await work(now())
    } catch (err) {
      log.error({ err }, 'Work in the background failed.')
    }
  }

  return {
    begin(work) {
      last = last.then(() => run(work))
    },
    finish: () => last,
  }
}
