/** Milliseconds from the end of one round to the beginning of the next. */
const pause = 60_000

/** Work that goes on until it is stopped. */
export interface Repeated {
  /** Ends it, after the step that is under way. */
  stop(): Promise<void>
}

/** Does something at once and then every minute. It keeps no process alive; what fails is the work's own to tell. */
export function everyMinute(work: (isStopped: () => boolean) => Promise<void>): Repeated {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let round = run()

  async function run(): Promise<void> {
    await work(() => stopped)
    if (stopped) return
    timer = setTimeout(() => {
      round = run()
    }, pause)
    timer.unref()
  }

  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      return round
    },
  }
}
