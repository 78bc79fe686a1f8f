import { expect, it } from 'vitest'
import { query, statement } from '../../server/database/database.ts'
import { makeHandle } from '../../server/handle.ts'
import type { PendingSignIn } from '../../server/identity-providers.ts'
import { keepPendingSignIn, sweepPendingSignIns, takePendingSignIn } from '../../server/pending-sign-ins.ts'
import { describeOnBoth } from './both-databases.ts'

const start = new Date('2026-11-01T12:00:00Z')
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

function pendingAt(now: Date): PendingSignIn {
  return {
    provider: 'honest',
    state: makeHandle(now, 32),
    nonce: 'n',
    codeVerifier: 'v',
    authenticatedAfter: 1,
    mustTell: false,
    returnTo: '/apps',
  }
}

describeOnBoth('RFC 9700 §4.4.2: a sign-in with another provider', (databases) => {
  it('given many answers at once, in two processes, then it counts once', async () => {
    const { one, other } = databases()
    const pending = pendingAt(start)
    await keepPendingSignIn(one, 'browser', pending)
    const answers = Array.from({ length: 8 }, (_, n) =>
      takePendingSignIn(n % 2 === 0 ? one : other, 'browser', pending, later(19)),
    )
    expect((await Promise.all(answers)).filter((taken) => taken !== undefined)).toEqual([pending])
  })

  it.each([
    ['another browser', { browser: 'other' }],
    ['no browser', { browser: undefined }],
    ['another provider', { provider: 'evil' }],
    ['another state', { state: makeHandle(start, 32) }],
    ['no state', { state: undefined }],
    ['two states', { state: ['a', 'b'] }],
  ])('given an answer with %s, then it goes on waiting for its own', async (_what, wrong) => {
    const { one } = databases()
    const pending = pendingAt(start)
    await keepPendingSignIn(one, 'browser', pending)
    const { browser, ...named } = { browser: 'browser', ...pending, ...wrong }
    expect(await takePendingSignIn(one, browser, named, start)).toBeUndefined()
    expect(await takePendingSignIn(one, 'browser', pending, start)).toEqual(pending)
  })

  it('given two in one browser, then both count', async () => {
    const { one } = databases()
    const [first, second] = [pendingAt(start), pendingAt(start)]
    for (const pending of [first, second]) await keepPendingSignIn(one, 'browser', pending)
    expect(await takePendingSignIn(one, 'browser', first, start)).toEqual(first)
    expect(await takePendingSignIn(one, 'browser', second, start)).toEqual(second)
  })

  it('given twenty minutes, then it is over, and a sweep deletes it and no other', async () => {
    const { one } = databases()
    const [old, young] = [pendingAt(start), pendingAt(later(1))]
    for (const pending of [old, young]) await keepPendingSignIn(one, 'browser', pending)
    expect(await takePendingSignIn(one, 'browser', old, later(20))).toBeUndefined()
    while (await sweepPendingSignIns(one, later(20))) continue
    expect(await takePendingSignIn(one, 'browser', old, start)).toBeUndefined()
    expect(await takePendingSignIn(one, 'browser', young, start)).toEqual(young)
  })

  it('given the database, then nobody finds a state in it', async () => {
    const { one } = databases()
    const pending = pendingAt(start)
    await keepPendingSignIn(one, 'browser', pending)
    const rows = await one.read(query(statement('', 'SELECT id, pending_json FROM pending_sign_ins')))
    const dump = rows.flatMap((row) => Object.values(row)).map((value) => Buffer.from(String(value)).toString('latin1'))
    expect(dump.join('\n')).not.toContain(pending.state)
  })
})
