import { describe, expect, it } from 'vitest'
import { createTurns } from '../../server/outbound/turns.ts'

/** Runs that go on until they are told to end. */
function makeRuns(limits: { most: number; mostOfOne: number }) {
  const takeTurn = createTurns(limits)
  const running = new Map<string, () => void>()
  const never = new AbortController().signal
  return {
    running: () => [...running.keys()],
    begin: (name: string, origin: string, signal = never) =>
      takeTurn(
        origin,
        signal,
        () =>
          new Promise<string>((end) =>
            running.set(name, () => {
              end(name)
            }),
          ),
      ),
    async end(name: string) {
      running.get(name)?.()
      running.delete(name)
      await settled()
    },
  }
}

/** Lets everything happen that waits for nothing else. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('Turns', () => {
  it('given as many as there may be at once, when one ends, then the next one begins', async () => {
    const runs = makeRuns({ most: 2, mostOfOne: 2 })
    const all = ['a', 'b', 'c', 'd'].map((name) => runs.begin(name, name))
    await settled()
    expect(runs.running()).toEqual(['a', 'b'])
    await runs.end('a')
    expect(runs.running()).toEqual(['b', 'c'])
    for (const name of ['b', 'c', 'd']) await runs.end(name)
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('given an origin that hangs, then it holds up nobody but itself', async () => {
    const runs = makeRuns({ most: 3, mostOfOne: 2 })
    const all = [...['a1', 'a2', 'a3'].map((name) => runs.begin(name, 'a')), runs.begin('b1', 'b')]
    await settled()
    expect(runs.running()).toEqual(['a1', 'a2', 'b1'])
    await runs.end('b1')
    expect(runs.running()).toEqual(['a1', 'a2'])
    for (const name of ['a2', 'a3', 'a1']) await runs.end(name)
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1'])
  })

  it('given one that waits, when its time is over, then it leaves the line and never runs', async () => {
    const runs = makeRuns({ most: 1, mostOfOne: 1 })
    const time = new AbortController()
    const first = runs.begin('first', 'a')
    const late = runs.begin('late', 'a', time.signal)
    time.abort()
    await expect(late).rejects.toThrow('before its turn came')
    await runs.end('first')
    expect([await first, runs.running()]).toEqual(['first', []])
  })

  it('given one that fails, then its place is free again', async () => {
    const takeTurn = createTurns({ most: 1, mostOfOne: 1 })
    const { signal } = new AbortController()
    await expect(takeTurn('a', signal, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await takeTurn('a', signal, () => Promise.resolve('next'))).toBe('next')
  })
})
