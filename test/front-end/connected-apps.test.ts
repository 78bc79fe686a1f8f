import { expect, it } from 'vitest'
import { detailId } from '../../server/authorization-details/registry.ts'
import {
  accessHasEnded,
  findConnectedApp,
  findGrantedItems,
  listConnectedApps,
  listConsents,
  removeApp,
  removeDetail,
  removeScopes,
  type Removal,
} from '../../server/connected-apps.ts'
import { findDecisions, hasDecided, recordPolicyGrant } from '../../server/consents.ts'
import { allow, requestOf } from './allowed.ts'
import { describeOnBoth } from './both-databases.ts'

const now = new Date('2026-11-01T12:00:00Z')
const minutes = (count: number) => new Date(now.getTime() + count * 60_000)

const payment = { type: 'payment_initiation', otherFields: '{"creditorName":"Merchant A"}' }
const accounts = { type: 'account_information', actions: ['list_accounts'] }

const removalOf = (subject: string, clientId: number): Removal => ({
  subject,
  clientId,
  locale: 'de',
  sentencesHash: Buffer.alloc(32, 2).toString('base64url'),
  ipClass: 'private',
})

describeOnBoth('the connected apps of a person', (databases) => {
  const daybook = { clientId: 4_242_424_242_424, clientName: 'Daybook', redirectUris: ['https://app.example/cb'] }

  it('given that the policy let a client in, then it is listed and can be narrowed, and is no memory of the person', async () => {
    const { one, other } = databases()
    const subject = 'of the house'
    const { client, redirectUri } = requestOf(daybook)
    const grant = { subject, client, redirectUri, scopes: ['openid', 'a', 'offline_access'], claims: ['zoneinfo'] }
    await recordPolicyGrant(one, grant, now)
    await recordPolicyGrant(other, grant, minutes(1))
    expect(await listConnectedApps(other, subject, now)).toMatchObject([{ permissions: 3, offlineAccess: 'granted' }])
    const items = await findGrantedItems(other, subject, daybook.clientId, now)
    expect([[...items.scopes.keys()], [...items.claims.keys()]]).toEqual([
      ['a', 'offline_access', 'openid'],
      ['zoneinfo'],
    ])
    expect(await listConsents(other, subject, daybook.clientId)).toMatchObject([
      {
        event: 'skipped',
        at: now,
        granted: ['openid', 'a', 'offline_access'],
        claims: ['zoneinfo'],
        sentencesHash: '',
      },
    ])
    expect(await hasDecided(other, subject, daybook.clientId)).toBe(false)
    expect(await findDecisions(one, subject, daybook.clientId)).toEqual([])

    expect(await removeScopes(one, removalOf(subject, daybook.clientId), ['a'], minutes(2))).toBe(true)
    expect(await hasDecided(other, subject, daybook.clientId)).toBe(true)
    expect([...(await findGrantedItems(other, subject, daybook.clientId, now)).scopes.keys()]).toEqual([
      'offline_access',
      'openid',
    ])
    expect(await findDecisions(one, subject, daybook.clientId)).toMatchObject([{ name: 'a', isGranted: false }])

    await allow(one, subject, daybook, { granted: ['openid', 'a'] }, minutes(3))
    expect([...(await findGrantedItems(other, subject, daybook.clientId, now)).scopes.keys()]).toEqual([
      // It stands granted until it is taken back: nobody asked the person about it.
      ...['a', 'offline_access', 'openid'],
    ])
  })

  it('given consents, then each client is listed once, the one used last first, with what is granted now', async () => {
    const { one, other } = databases()
    const subject = 'lists'
    await allow(one, subject, daybook, { granted: ['openid', 'a'], declined: ['offline_access'] }, now)
    await allow(one, subject, { clientId: 7, clientName: 'Other' }, { granted: ['openid'] }, minutes(1))
    const again = { granted: ['openid', 'payment:1'], dynamicScopes: ['payment:1'], details: [payment] }
    await allow(one, subject, daybook, { ...again, duration: 'hour', endsAt: minutes(62) }, minutes(2))
    await allow(one, 'somebody else', daybook, { granted: ['z'] }, minutes(3))

    const listed = await listConnectedApps(other, subject, now)
    expect(listed.map(({ clientId }) => clientId)).toEqual([daybook.clientId, 7])
    expect(listed[0]).toMatchObject({
      client: { ...daybook, redirectUri: 'https://app.example/cb' },
      firstAllowedAt: now,
      lastUsedAt: minutes(2),
      // What was allowed first has no end.
      endsAt: undefined,
      duration: 'hour',
      permissions: 4,
      // The second time nobody asked about it, and a client that may refresh did get what it takes.
      offlineAccess: undefined,
    })
    await allow(one, 'no', daybook, { granted: ['openid'], declined: ['offline_access'] }, now)
    expect(await listConnectedApps(other, 'no', now)).toMatchObject([{ offlineAccess: 'declined' }])
    const unasked = { granted: ['openid'], duration: 'hour' as const, endsAt: minutes(60) }
    await allow(one, 'no', daybook, unasked, now)
    expect(await listConnectedApps(other, 'no', minutes(59))).toMatchObject([{ offlineAccess: undefined }])
    expect(await listConnectedApps(other, 'no', minutes(61))).toMatchObject([{ offlineAccess: 'declined' }])
    expect(listed[1]).toMatchObject({ duration: 'unlimited', endsAt: undefined, offlineAccess: undefined })
    expect(await findConnectedApp(other, subject, daybook.clientId, now)).toEqual(listed[0])
    expect(await findConnectedApp(other, subject, 8, now)).toBeUndefined()
    expect(await findGrantedItems(other, subject, daybook.clientId, now)).toEqual({
      scopes: new Map([
        ['a', now],
        ['openid', minutes(2)],
      ]),
      dynamicScopes: new Map([['payment:1', minutes(2)]]),
      claims: new Map(),
      details: [{ id: detailId(payment), detail: payment, since: minutes(2) }],
    })
  })

  it('given scopes that are taken back, then they count as declined since then, others stay, and it is on record', async () => {
    const { one, other } = databases()
    const subject = 'scopes'
    const granted = ['a', 'b', 'payment:1']
    await allow(one, subject, daybook, { granted, dynamicScopes: ['payment:1'] }, now)
    const removal = removalOf(subject, daybook.clientId)
    expect(await removeScopes(one, removal, ['payment:1', 'a', 'never'], minutes(5))).toBe(true)

    const items = await findGrantedItems(other, subject, daybook.clientId, now)
    expect([...items.scopes.keys(), ...items.dynamicScopes.keys()]).toEqual(['b'])
    const decisions = await findDecisions(other, subject, daybook.clientId)
    expect(decisions.filter(({ isGranted }) => !isGranted)).toMatchObject([{ name: 'a', at: minutes(5) }])
    const [latest, first, ...rest] = await listConsents(other, subject, daybook.clientId)
    expect(latest).toMatchObject({
      event: 'scope-removed',
      at: minutes(5),
      requested: [],
      granted: [],
      declined: ['a', 'payment:1'],
      locale: 'de',
      sentencesHash: removal.sentencesHash,
      ipClass: 'private',
    })
    expect(first).toMatchObject({ event: 'decided', at: now, granted })
    expect(rest).toEqual([])
  })

  it('given a detail that is taken back, then the others stay, and it is on record', async () => {
    const { one, other } = databases()
    const subject = 'details'
    await allow(one, subject, daybook, { granted: ['a'], details: [payment, accounts] }, now)
    const removal = removalOf(subject, daybook.clientId)
    expect(await removeDetail(one, removal, detailId(payment), minutes(5))).toBe(true)
    const { details } = await findGrantedItems(other, subject, daybook.clientId, now)
    expect(details.map(({ detail }) => detail)).toEqual([accounts])
    const [latest] = await listConsents(other, subject, daybook.clientId)
    expect(latest).toMatchObject({ event: 'detail-removed', details: { requested: [payment], granted: [] } })
  })

  it('given an app that is removed, then nothing of it is remembered but the evidence', async () => {
    const { one, other } = databases()
    const subject = 'apps'
    const decided = { granted: ['b', 'a'], declined: ['c'], claims: ['nickname'], details: [payment] }
    await allow(one, subject, daybook, decided, now)
    await allow(one, subject, { clientId: 7 }, { granted: ['a'] }, now)
    await allow(one, 'neighbour', daybook, { granted: ['a'] }, now)
    expect(await removeApp(one, removalOf(subject, daybook.clientId), minutes(5))).toBe(true)

    expect(await findConnectedApp(other, subject, daybook.clientId, now)).toBeUndefined()
    expect(await findDecisions(other, subject, daybook.clientId)).toEqual([])
    expect((await findGrantedItems(other, subject, daybook.clientId, now)).details).toEqual([])
    const records = await listConsents(other, subject, daybook.clientId)
    expect(records.map(({ event }) => event)).toEqual(['app-removed', 'decided'])
    expect(records[0]).toMatchObject({
      declined: ['a', 'b'],
      declinedClaims: ['nickname'],
      details: { requested: [payment], granted: [] },
    })
    // Nobody else lost anything.
    expect(await findConnectedApp(other, subject, 7, now)).toBeDefined()
    expect(await findConnectedApp(other, 'neighbour', daybook.clientId, now)).toBeDefined()
  })

  it('given several that take the same back at once, then one of them does, and it is on record once', async () => {
    const { one, other } = databases()
    const subject = 'races'
    await allow(one, subject, daybook, { granted: ['a', 'b'], details: [payment] }, now)
    const removal = removalOf(subject, daybook.clientId)
    const race = async (remove: (database: typeof one) => Promise<boolean>) =>
      (await Promise.all([one, other, one, other].map(remove))).filter(Boolean)
    expect(await race((database) => removeScopes(database, removal, ['a'], minutes(1)))).toEqual([true])
    expect(await race((database) => removeDetail(database, removal, detailId(payment), minutes(2)))).toEqual([true])
    expect(await race((database) => removeApp(database, removal, minutes(3)))).toEqual([true])
    const records = await listConsents(one, subject, daybook.clientId)
    expect(records.map(({ event }) => event)).toEqual(['app-removed', 'detail-removed', 'scope-removed', 'decided'])
  })

  it('given that the person set an end, then access has ended from that instant on', async () => {
    const { one } = databases()
    const { clientId } = daybook
    await allow(one, 'ends', daybook, { granted: ['a'], duration: 'hour', endsAt: minutes(60) }, now)
    expect(await accessHasEnded(one, 'ends', clientId, minutes(59))).toBe(false)
    expect(await accessHasEnded(one, 'ends', clientId, minutes(60))).toBe(true)
    await allow(one, 'ends', daybook, { granted: ['a'] }, minutes(61))
    expect(await accessHasEnded(one, 'ends', clientId, minutes(100))).toBe(false)
    expect(await accessHasEnded(one, 'nobody', clientId, minutes(100))).toBe(false)
  })

  it('given a short grant beside a longer one, then access has ended when both have', async () => {
    const { one } = databases()
    const { clientId } = daybook
    await allow(one, 'both', daybook, { granted: ['a'], duration: 'month', endsAt: minutes(60) }, now)
    await allow(one, 'both', daybook, { granted: ['a'], duration: 'session', endsAt: minutes(10) }, now)
    await allow(one, 'both', daybook, { granted: ['b'], details: [payment], endsAt: minutes(90) }, now)
    await removeScopes(one, removalOf('both', clientId), ['b'], now)
    expect(await accessHasEnded(one, 'both', clientId, minutes(60))).toBe(false)
    expect(await accessHasEnded(one, 'both', clientId, minutes(90))).toBe(true)
    expect((await findConnectedApp(one, 'both', clientId, now))?.endsAt).toEqual(minutes(90))
  })

  it('given what was declined, replaced or allowed for less later, then it still stands granted, since then and until its end', async () => {
    const { one, other } = databases()
    const subject = 'stands'
    const { clientId } = daybook
    const first = { granted: ['a', 'b', 'offline_access'], claims: ['nickname'], details: [payment] }
    await allow(one, subject, daybook, { ...first, endsAt: minutes(60) }, now)
    await allow(
      one,
      subject,
      daybook,
      { granted: ['b'], declined: ['a', 'offline_access'], declinedClaims: ['nickname'] },
      minutes(1),
    )
    await allow(one, subject, daybook, { granted: ['b'], endsAt: minutes(5), replaces: true }, minutes(2))
    expect(await findGrantedItems(other, subject, clientId, minutes(3))).toEqual({
      scopes: new Map([
        ['a', now],
        ['b', minutes(2)],
        ['offline_access', now],
      ]),
      dynamicScopes: new Map(),
      claims: new Map([['nickname', now]]),
      details: [{ id: detailId(payment), detail: payment, since: now }],
    })
    expect(await findConnectedApp(other, subject, clientId, minutes(3))).toMatchObject({
      permissions: 4,
      offlineAccess: 'granted',
      endsAt: undefined,
    })
    const later = await findGrantedItems(other, subject, clientId, minutes(60))
    expect([[...later.scopes.keys()], later.claims.size, later.details]).toEqual([['b'], 0, []])
    expect(await findConnectedApp(other, subject, clientId, minutes(60))).toMatchObject({ permissions: 1 })

    expect(await removeApp(one, removalOf(subject, clientId), minutes(60))).toBe(true)
    const [removed] = await listConsents(one, subject, clientId)
    expect(removed).toMatchObject({ declined: ['b'], declinedClaims: [], details: { requested: [] } })
  })
})
