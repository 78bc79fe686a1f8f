/** Runs something when it is its turn, or rejects with the reason of the signal when that comes first. */
export type TakeTurn = <Value>(origin: string, signal: AbortSignal, run: () => Promise<Value>) => Promise<Value>

/** At most `most` run at once, and `mostOfOne` towards one origin: a host that hangs holds up nobody but itself. The others wait in line. */
export function createTurns({ most, mostOfOne }: { most: number; mostOfOne: number }): TakeTurn {
  const running: string[] = []
  const waiting = new Set<{ origin: string; start: () => void }>()

  function hasRoom(origin: string): boolean {
    return running.length < most && running.filter((other) => other === origin).length < mostOfOne
  }

  function next(): void {
    for (const turn of waiting) {
      if (!hasRoom(turn.origin)) continue
      waiting.delete(turn)
      running.push(turn.origin)
      turn.start()
    }
  }

  function wait(origin: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = { origin, start: resolve }
      waiting.add(turn)
      signal.addEventListener(
        'abort',
        () => {
          // Whoever was already called runs, and finds out from the signal.
          if (waiting.delete(turn)) reject(new Error('the time was over before its turn came'))
        },
        { once: true },
      )
      next()
    })
  }

  return async (origin, signal, run) => {
    await wait(origin, signal)
    try {
      return await run()
    } finally {
      running.splice(running.indexOf(origin), 1)
      next()
    }
  }
}
