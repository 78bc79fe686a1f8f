import type { Storage } from './storage/storage.ts'

/** Milliseconds from the end of one sweep to the beginning of the next. */
const pause = 60_000

/** Rows of one kind that go at once: short transactions, so that nobody waits long behind one. */
const slice = 500

export interface Purge {
  /** Ends it, after the slice that is under way. */
  stop(): Promise<void>
}

interface PurgeParts {
  storage: Pick<Storage, 'purgeExpired'>
  now: () => Date
  log: { error: (details: object, message: string) => void }
}

/** Removes what expired, at once and then every minute, a slice at a time. It keeps no process alive. */
export function startPurge({ storage, now, log }: PurgeParts): Purge {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let sweep = run()

  async function run(): Promise<void> {
    try {
      while (!stopped && (await storage.purgeExpired(now(), slice))) await new Promise(setImmediate)
    } catch (err) {
      // What is left stays expired, and the next sweep tries again.
      log.error({ err }, 'Expired rows could not be removed.')
    }
    if (stopped) return
    timer = setTimeout(() => {
      sweep = run()
    }, pause)
    timer.unref()
  }

  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      return sweep
    },
  }
}
