import { describe, expect, it } from 'vitest'
import { createBackground } from '../../server/engine/background.ts'

const instant = new Date('2026-11-21T10:00:00Z')

function startBackground() {
  const failures: unknown[] = []
  const log = { error: (details: object) => failures.push(details) }
  return { background: createBackground({ now: () => instant, log }), failures }
}

describe('Work in the background', () => {
  it('given several pieces of work, then they are done one after the other, and finish waits for all', async () => {
    const { background, failures } = startBackground()
    const seen: string[] = []
    for (const name of ['first', 'second', 'third']) {
      background.begin(async (now) => {
        seen.push(`${name} begins at ${now.toISOString()}`)
        await new Promise(setImmediate)
        seen.push(`${name} ends`)
      })
    }
    expect(seen).toEqual([])
    await background.finish()
    expect(seen).toEqual(
      ['first', 'second', 'third'].flatMap((name) => [`${name} begins at 2026-11-21T10:00:00.000Z`, `${name} ends`]),
    )
    expect(failures).toEqual([])
  })

  it('given work that fails, then the log is told, and what comes after it is done', async () => {
    const { background, failures } = startBackground()
    let isDone = false
    const failure = new Error('no disk')
    background.begin(() => Promise.reject(failure))
    background.begin(() => {
      isDone = true
      return Promise.resolve()
    })
    await background.finish()
    expect([failures, isDone]).toEqual([[{ err: failure }], true])
  })
})
