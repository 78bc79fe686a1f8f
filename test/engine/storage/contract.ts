import { afterAll, describe, expect, it } from 'vitest'
import { makeHandle } from '../../../server/engine/handle.ts'
import { openStorage } from '../../../server/engine/storage/sql.ts'
import type { Storage } from '../../../server/engine/storage/storage.ts'
import { issueCode, issueTokens, keepTicket, later, makeClient, makeClientToken, now } from './artefacts.ts'
import { describeActiveClients } from './active-clients-contract.ts'
import { describeAuthorization } from './authorization-contract.ts'
import { describeChanges } from './changes-contract.ts'
import { describeGranted } from './granted-contract.ts'
import { describeManaged } from './managed-contract.ts'
import { describePurge } from './purge-contract.ts'
import { describeRaces } from './races-contract.ts'
import { describeSettings } from './settings-contract.ts'
import { describeTokens } from './tokens-contract.ts'

// Databases answer with bytes of their own class.
expect.addEqualityTesters([
  (a: unknown, b: unknown) =>
    a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : undefined,
])

/** An empty database. */
export interface TestDatabase {
  url: string
  /** All that it keeps, as text in which ASCII can be read. */
  dump(): Promise<string>
  drop(): Promise<void>
}

/** The storage as two processes see it that share a database, and more databases for those who need one of their own. */
export interface Processes {
  storage: Storage
  elsewhere: Storage
  createDatabase: () => Promise<TestDatabase>
}

/** What every implementation of the storage does. */
export async function describeStorage(createDatabase: () => Promise<TestDatabase>): Promise<void> {
  const database = await createDatabase()
  // Both at once, as when several processes start on a new database.
  const [storage, elsewhere] = await Promise.all([openStorage(database.url), openStorage(database.url)])
  const processes = { storage, elsewhere, createDatabase }

  afterAll(async () => {
    await Promise.all([storage.close(), elsewhere.close()])
    await database.drop()
  })

  describe('The storage itself', () => {
    it('answers while it is open, and rejects when it is closed', async () => {
      const another = await openStorage(database.url)
      await another.ping()
      await another.close()
      await expect(another.ping()).rejects.toThrow()
    })

    it('can be opened by eight processes at once', async () => {
      const fresh = await createDatabase()
      const opened = await Promise.all(Array.from({ length: 8 }, () => openStorage(fresh.url)))
      const services = await Promise.all(opened.map((one) => one.createService({}, now)))
      expect(new Set(services.map(({ serviceId }) => serviceId)).size).toBe(8)
      await Promise.all(opened.map((one) => one.close()))
      await fresh.drop()
    })

    it('remembers when it is opened again', async () => {
      const fresh = await createDatabase()
      const before = await openStorage(fresh.url)
      const client = await makeClient(before)
      const { access } = await issueTokens(before, client)
      await before.close()
      const after = await openStorage(fresh.url)
      expect(await after.findClient(client.serviceId, client.alias)).toEqual(client)
      expect(await after.findAccessToken(client.serviceId, access)).toBeDefined()
      await after.close()
      await fresh.drop()
    })

    it('keeps nothing that can be used: of no handle is there a trace', async () => {
      const client = await makeClient(storage)
      const pushed = makeHandle(now)
      const pushedRequest = { key: pushed.key, serviceId: client.serviceId, clientId: client.clientId }
      await storage.keepPushedRequest({ ...pushedRequest, parameters: 'marker=pushed', expiresAt: later(60) })
      const ticket = makeHandle(now)
      await storage.keepTicket({ ...(await keepTicket(storage, client)), key: ticket.key, context: 'marker=ticket' })
      const code = await issueCode(storage, client)
      const redeemed = await issueTokens(storage, client, { subject: 'marker=subject' })
      const own = makeClientToken(client)
      await storage.issueTokens(own.grant, own.tokens)
      const dump = await database.dump()
      for (const kept of ['marker=pushed', 'marker=ticket', 'marker=subject']) expect(dump).toContain(kept)
      for (const handle of [pushed.handle, ticket.handle, code.handle, ...redeemed.handles]) {
        expect(dump).not.toContain(handle)
        // What is secret of it, in the forms in which a database may show bytes.
        const secret = Buffer.from(handle, 'base64url').subarray(12)
        expect(dump).not.toContain(secret.toString('latin1'))
        expect(dump).not.toContain(secret.toString('hex'))
      }
      expect(dump).not.toContain(`secret of ${client.clientId}`)
    })
  })

  describeSettings(processes)
  describeActiveClients(processes)
  describeAuthorization(processes)
  describeTokens(processes)
  describeChanges(processes)
  describeGranted(processes)
  describeManaged(processes)
  describePurge(processes)
  describeRaces(processes)
}
