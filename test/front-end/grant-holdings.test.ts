import { expect, it } from 'vitest'
import {
  findConnectedApp,
  findGrantedItems,
  listConsents,
  removeScopes,
  returnGrant,
} from '../../server/connected-apps.ts'
import { recordUse } from '../../server/consents.ts'
import { settleHoldings } from '../../server/grant-holdings.ts'
import { allow } from './allowed.ts'
import { describeOnBoth } from './both-databases.ts'

const now = new Date('2026-11-01T12:00:00Z')
const daybook = { clientId: 4_242, clientName: 'Daybook' }
const payment = { type: 'payment_initiation' }

describeOnBoth('Grant Management for OAuth 2.0: what managed grants hold', (databases) => {
  /** Allows something as one part of a managed grant, of which the engine says the id when it is given. */
  async function allowManaged(
    subject: string,
    ticket: string,
    granted: readonly string[],
    { grantId, replaces = false, details = [] }: { grantId?: string; replaces?: boolean; details?: (typeof payment)[] },
  ) {
    await allow(databases().one, subject, daybook, { granted, details, managedTicket: ticket }, now)
    const holder = { subject, clientId: daybook.clientId }
    if (grantId !== undefined) await settleHoldings(databases().other, holder, { ticket, grantId, replaces })
  }

  async function shown(subject: string) {
    const { scopes, details } = await findGrantedItems(databases().other, subject, daybook.clientId, now)
    return [...scopes.keys(), ...details.map(({ detail }) => detail.type)]
  }

  it('§6.5: given a grant that its client gave back, then nothing of it is shown', async () => {
    await allowManaged('one', 't1', ['a', 'b'], { grantId: 'g1', details: [payment] })
    expect(await shown('one')).toEqual(['a', 'b', 'payment_initiation'])
    await returnGrant(databases().one, 'g1', now)
    expect(await shown('one')).toEqual([])
    const app = await findConnectedApp(databases().one, 'one', daybook.clientId, now)
    expect(app).toMatchObject({ permissions: 0 })
  })

  it('§6.5: given that, then the history says once what was given back, and it is no decision of the person', async () => {
    await allowManaged('history', 't0', ['a', 'b'], { grantId: 'g0', details: [payment] })
    const later = new Date(now.getTime() + 1_000)
    await Promise.all([returnGrant(databases().one, 'g0', later), returnGrant(databases().other, 'g0', later)])
    const [returned, decided, ...others] = await listConsents(databases().one, 'history', daybook.clientId)
    expect(returned).toMatchObject({ event: 'returned', at: later, granted: [], declined: ['a', 'b'] })
    expect(returned?.details.requested).toMatchObject([payment])
    expect([decided?.event, others]).toEqual(['decided', []])
  })

  it('given another grant that holds some of it, then that stays, until it goes as well', async () => {
    await allowManaged('two', 't2', ['a', 'b'], { grantId: 'g2' })
    await allowManaged('two', 't3', ['b', 'c'], { grantId: 'g3' })
    await returnGrant(databases().one, 'g2', now)
    expect(await shown('two')).toEqual(['b', 'c'])
    await returnGrant(databases().one, 'g3', now)
    expect(await shown('two')).toEqual([])
  })

  it('given that some was also allowed without a grant id, before or after, then that stays', async () => {
    await allow(databases().one, 'plain', daybook, { granted: ['a'] }, now)
    await allowManaged('plain', 't4', ['a', 'b', 'c'], { grantId: 'g4' })
    await allow(databases().one, 'plain', daybook, { granted: ['b'] }, now)
    await returnGrant(databases().one, 'g4', now)
    expect(await shown('plain')).toEqual(['a', 'b'])
  })

  it('given a client that was let in again from memory, then what it may hold since stays', async () => {
    await allowManaged('memory', 't5', ['a'], { grantId: 'g5' })
    await recordUse(databases().one, 'memory', daybook.clientId, now)
    await returnGrant(databases().one, 'g5', now)
    expect(await shown('memory')).toEqual(['a'])
  })

  it('§5.2, replace: given what the grant does not hold any more, then it is not shown', async () => {
    await allowManaged('replaced', 't6', ['a', 'b'], { grantId: 'g6' })
    await allowManaged('replaced', 't7', ['b', 'c'], { grantId: 'g6', replaces: true })
    expect(await shown('replaced')).toEqual(['b', 'c'])
  })

  it('§5.2, merge: given a second part, then both go with the grant', async () => {
    await allowManaged('merged', 't8', ['a', 'b'], { grantId: 'g8' })
    await allowManaged('merged', 't9', ['b', 'c'], { grantId: 'g8' })
    expect(await shown('merged')).toEqual(['a', 'b', 'c'])
    await returnGrant(databases().one, 'g8', now)
    expect(await shown('merged')).toEqual([])
  })

  it('given an engine that does not say which grant it became, then it is shown too long, and never too short', async () => {
    await allowManaged('untold', 't10', ['a'], {})
    await allowManaged('untold', 't11', ['a', 'b'], { grantId: 'g11' })
    await returnGrant(databases().one, 'g11', now)
    expect(await shown('untold')).toEqual(['a'])
  })

  it('given what the person took back and allowed anew without a grant id, then the old grant does not end it', async () => {
    await allowManaged('anew', 't12', ['a'], { grantId: 'g12' })
    const removal = {
      subject: 'anew',
      clientId: daybook.clientId,
      locale: 'en',
      sentencesHash: '',
      ipClass: '',
    } as const
    expect(await removeScopes(databases().one, removal, ['a'], now)).toBe(true)
    await allow(databases().one, 'anew', daybook, { granted: ['a'] }, now)
    await returnGrant(databases().one, 'g12', now)
    expect(await shown('anew')).toEqual(['a'])
  })

  it('given the id of no grant, then nothing changes', async () => {
    await allowManaged('other', 't13', ['a'], { grantId: 'g13' })
    await returnGrant(databases().one, 'g14', now)
    expect(await shown('other')).toEqual(['a'])
  })
})
