import { describe, expect, it } from 'vitest'
import type { Client } from '../../../sdk/types.ts'
import { sha256 } from '../../../server/engine/constant-time.ts'
import { openStorage } from '../../../server/engine/storage/sql.ts'
import { everythingOfAClient, fill, findEverything, later, makeClient, now } from './artefacts.ts'
import type { Processes } from './contract.ts'

const all = { start: 0, end: 1000 }

/** Callers, services and clients. */
export function describeSettings({ storage, elsewhere, createDatabase }: Processes): void {
  describe('Callers of the engine', () => {
    it('a token is found by its hash, with its rights and services', async () => {
      const one = { id: 'one', proof: sha256('token one'), rights: ['VIEW_SERVICE' as const], serviceIds: [1000001, 7] }
      const other = { id: 'other', proof: sha256('token two'), rights: [], serviceIds: 'all' as const }
      const none = { id: 'none', proof: sha256('token three'), rights: ['ADMIN' as const], serviceIds: [] }
      for (const token of [one, other, none]) {
        await storage.addApiToken(token)
        expect(await elsewhere.findApiToken(token.proof)).toEqual(token)
      }
      expect(await storage.findApiToken(sha256('token four'))).toBeUndefined()
    })

    it('added again, a token has the later rights', async () => {
      const token = {
        id: 'again',
        proof: sha256('token again'),
        rights: ['ADMIN' as const],
        serviceIds: 'all' as const,
      }
      await storage.addApiToken(token)
      await storage.addApiToken({ ...token, rights: [], serviceIds: [1000001] })
      expect(await storage.findApiToken(token.proof)).toEqual({ ...token, rights: [], serviceIds: [1000001] })
    })
  })

  describe('Services', () => {
    it('the first is 1000001, and an id that was given is never given again', async () => {
      const fresh = await createDatabase()
      const empty = await openStorage(fresh.url)
      const first = await empty.createService({ serviceName: 'A bank' }, now)
      expect(first).toEqual({
        ...{ serviceId: 1000001, number: 1, version: 1, settings: { serviceName: 'A bank' } },
        ...{ createdAt: now, modifiedAt: now },
      })
      expect((await empty.createService({}, now)).serviceId).toBe(1000002)
      expect(await empty.deleteService(1000002)).toBe(true)
      expect(await empty.createService({}, now)).toMatchObject({ serviceId: 1000003, number: 3 })
      await empty.close()
      await fresh.drop()
    })

    it('made at the same time in two processes, they have different ids', async () => {
      const makers = Array.from({ length: 16 }, (_, n) => (n % 2 ? storage : elsewhere).createService({}, now))
      expect(new Set((await Promise.all(makers)).map(({ serviceId }) => serviceId)).size).toBe(16)
    })

    it('a replacement keeps all settings, grows the version and is seen elsewhere', async () => {
      const service = await storage.createService({ serviceName: 'Old' }, now)
      const settings = { serviceName: 'Néw ✓', accessTokenDuration: 600, supportedScopes: [{ name: 'a' }] }
      const replaced = await storage.replaceService(service.serviceId, settings, later(1))
      expect(replaced).toEqual({ ...service, version: 2, settings, modifiedAt: later(1) })
      expect(await elsewhere.findService(service.serviceId)).toEqual(replaced)
    })

    it('one that does not exist is not found, replaced or deleted', async () => {
      expect(await storage.findService(1)).toBeUndefined()
      expect(await storage.replaceService(1, {}, now)).toBeUndefined()
      expect(await storage.deleteService(1)).toBe(false)
    })

    it('are listed in order, in pages, all of them or those asked for', async () => {
      const made = [await storage.createService({}, now), await storage.createService({}, now)]
      const ids = made.map(({ serviceId }) => serviceId)
      const everything = await storage.listServices('all', all)
      expect(everything.items).toHaveLength(everything.totalCount)
      expect(everything.items.slice(-2)).toEqual(made)
      const { totalCount } = everything
      const page = { start: totalCount - 1, end: totalCount + 5 }
      expect(await storage.listServices('all', page)).toEqual({ totalCount, items: made.slice(1) })
      expect(await storage.listServices([...ids].reverse(), all)).toEqual({ totalCount: 2, items: made })
      expect(await storage.listServices([...ids, 1], { start: 1, end: 2 })).toEqual({ totalCount: 2, items: [made[1]] })
      expect(await storage.listServices([], all)).toEqual({ totalCount: 0, items: [] })
    })

    it('a deleted one takes with it its clients and all that was issued, and nothing of another', async () => {
      const [client, other] = [await makeClient(storage), await makeClient(storage)]
      const [mine, theirs] = [await fill(storage, client), await fill(storage, other)]
      expect(await storage.deleteService(client.serviceId)).toBe(true)
      expect(await storage.findService(client.serviceId)).toBeUndefined()
      expect(await storage.findClient(client.serviceId, client.alias)).toBeUndefined()
      expect(await findEverything(elsewhere, client.serviceId, mine)).toEqual([])
      expect(await storage.findTicket(client.serviceId, mine.ticket, now)).toBeUndefined()
      expect(await storage.findPushedRequest(client.serviceId, mine.pushedRequest)).toBeUndefined()
      expect(await findEverything(elsewhere, other.serviceId, theirs)).toEqual(everythingOfAClient)
      expect(await storage.findTicket(other.serviceId, theirs.ticket, now)).toBeDefined()
      expect(await storage.findPushedRequest(other.serviceId, theirs.pushedRequest)).toBeDefined()
    })
  })

  describe('Clients', () => {
    it('are found by id and by alias, in their service only', async () => {
      const client = await makeClient(storage)
      const { serviceId } = await makeClient(storage)
      expect(client).toMatchObject({ version: 1, createdAt: now, modifiedAt: now })
      expect(await elsewhere.findClient(client.serviceId, String(client.clientId))).toEqual(client)
      expect(await elsewhere.findClient(client.serviceId, client.alias)).toEqual(client)
      for (const text of [client.alias, String(client.clientId)]) {
        expect(await storage.findClient(serviceId, text)).toBeUndefined()
      }
      for (const text of ['', `0${client.clientId}`, `${client.clientId}.0`, `${client.alias}\0`, "' OR '1'='1"]) {
        expect(await storage.findClient(client.serviceId, text)).toBeUndefined()
      }
    })

    it('have numbers that grow', async () => {
      const first = await makeClient(storage)
      const second = await makeClient(storage, first.serviceId)
      expect(second.number).toBeGreaterThan(first.number)
    })

    it('an alias belongs to one client of a service: no other may take it, nor the id of another', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const another = { serviceId, clientId: 9_000_001, settings: {}, secretHash: sha256('x') }
      expect(await storage.createClient({ ...another, alias: client.alias }, now)).toBe('alias-taken')
      expect(await storage.createClient({ ...another, alias: String(client.clientId) }, now)).toBe('alias-taken')
      expect(await storage.findClient(serviceId, '9000001')).toBeUndefined()
      expect(await storage.createClient({ ...another, alias: '9000001' }, now)).toMatchObject({ clientId: 9_000_001 })
      expect(await storage.findClient(serviceId, '9000001')).toMatchObject({ alias: '9000001' })
      const elsewhereAlias = { ...another, serviceId: (await makeClient(storage)).serviceId, alias: client.alias }
      expect(await storage.createClient(elsewhereAlias, now)).toMatchObject({ alias: client.alias })
    })

    it('an id that another client answers to is refused, and nothing is left of the attempt', async () => {
      const { serviceId } = await makeClient(storage)
      const client = { serviceId, clientId: 41, alias: '42', settings: {}, secretHash: sha256('x') }
      await storage.createClient(client, now)
      await expect(storage.createClient({ ...client, clientId: 42, alias: 'fresh' }, now)).rejects.toThrow('42')
      expect(await storage.findClient(serviceId, '42')).toMatchObject({ clientId: 41 })
      expect(await storage.createClient({ ...client, clientId: 43, alias: 'fresh' }, now)).toMatchObject({
        alias: 'fresh',
      })
    })

    it('of those who want the same alias at the same time, one has it', async () => {
      const { serviceId } = await makeClient(storage)
      const attempts = Array.from({ length: 16 }, (_, n) =>
        (n % 2 ? storage : elsewhere).createClient(
          { serviceId, clientId: 9_100_000 + n, alias: 'wanted', settings: {}, secretHash: sha256('x') },
          now,
        ),
      )
      const outcomes = await Promise.all(attempts)
      expect(outcomes.filter((outcome) => outcome !== 'alias-taken')).toHaveLength(1)
      expect((await storage.listClients(serviceId, undefined, all)).totalCount).toBe(2)
    })

    it('are listed by number, in pages, also by developer', async () => {
      const { serviceId } = await storage.createService({}, now)
      const common = { serviceId, secretHash: sha256('x') }
      const made = []
      for (const [n, developer] of ['ann', 'ben', 'ann'].entries()) {
        const clientId = 9_200_000 - n
        made.push(await storage.createClient({ ...common, clientId, alias: `list-${n}`, settings: { developer } }, now))
      }
      expect(await storage.listClients(serviceId, undefined, all)).toEqual({ totalCount: 3, items: made })
      expect(await storage.listClients(serviceId, undefined, { start: 1, end: 2 })).toEqual({
        totalCount: 3,
        items: [made[1]],
      })
      expect(await storage.listClients(serviceId, 'ann', { start: 1, end: 9 })).toEqual({
        totalCount: 2,
        items: [made[2]],
      })
      expect(await storage.listClients(serviceId, 'eve', all)).toEqual({ totalCount: 0, items: [] })
      expect(await storage.listClients(1, undefined, all)).toEqual({ totalCount: 0, items: [] })
    })

    it('a replacement may take a free alias, and gives the old one back', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const settings = { clientName: 'Renamed', developer: 'ann' }
      const replaced = await storage.replaceClient(serviceId, clientId, 'renamed', settings, later(1))
      expect(replaced).toEqual({ ...client, alias: 'renamed', settings, version: 2, modifiedAt: later(1) })
      expect(await elsewhere.findClient(serviceId, 'renamed')).toEqual(replaced)
      expect(await elsewhere.findClient(serviceId, client.alias)).toBeUndefined()
      expect((await storage.listClients(serviceId, 'ann', all)).totalCount).toBe(1)
      const other = await makeClient(storage, serviceId)
      expect(
        await storage.replaceClient(serviceId, other.clientId, client.alias, other.settings, later(2)),
      ).toMatchObject({ alias: client.alias })
    })

    it('a replacement may keep its alias or fall back on its id', async () => {
      const { serviceId, clientId, alias } = await makeClient(storage)
      expect(await storage.replaceClient(serviceId, clientId, alias, {}, now)).toMatchObject({ alias })
      const own = String(clientId)
      expect(await storage.replaceClient(serviceId, clientId, own, {}, now)).toMatchObject({ alias: own })
      expect(await storage.findClient(serviceId, own)).toMatchObject({ clientId })
      expect(await storage.findClient(serviceId, alias)).toBeUndefined()
      expect(await storage.replaceClient(serviceId, clientId, alias, {}, now)).toMatchObject({ alias })
      expect(await storage.findClient(serviceId, own)).toMatchObject({ clientId })
    })

    it("a replacement with another client's alias or id changes nothing", async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const other = await makeClient(storage, serviceId)
      for (const alias of [other.alias, String(other.clientId)]) {
        expect(await storage.replaceClient(serviceId, clientId, alias, {}, now)).toBe('alias-taken')
      }
      expect(await storage.findClient(serviceId, client.alias)).toEqual(client)
      expect(await storage.replaceClient(serviceId, 8, 'nobody', {}, now)).toBeUndefined()
      const { serviceId: foreign } = await makeClient(storage)
      expect(await storage.replaceClient(foreign, clientId, 'nobody', {}, now)).toBeUndefined()
    })

    it('a change of a part of the settings leaves the rest, the alias and the secret', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const change = (settings: Client) => ({ ...settings, developer: 'ann' })
      const changed = await storage.changeClientSettings(serviceId, clientId, change, later(1))
      const settings = { ...client.settings, developer: 'ann' }
      expect(changed).toEqual({ ...client, settings, version: 2, modifiedAt: later(1) })
      expect(await elsewhere.findClient(serviceId, client.alias)).toEqual(changed)
      expect((await storage.listClients(serviceId, 'ann', all)).totalCount).toBe(1)
      expect(await storage.changeClientSettings(serviceId, 8, change, now)).toBeUndefined()
      expect(await storage.changeClientSettings((await makeClient(storage)).serviceId, clientId, change, now)).toBe(
        undefined,
      )
    })

    it('of changes of parts at the same time, none is lost', async () => {
      const { serviceId, clientId, alias } = await makeClient(storage)
      const contacts = Array.from({ length: 32 }, (_, n) => `contact-${n}`)
      await Promise.all(
        contacts.map((contact, n) =>
          (n % 2 ? storage : elsewhere).changeClientSettings(
            serviceId,
            clientId,
            (settings) => ({ ...settings, contacts: [...(settings.contacts ?? []), contact] }),
            now,
          ),
        ),
      )
      const client = await storage.findClient(serviceId, alias)
      expect(client?.settings.contacts?.toSorted()).toEqual(contacts.toSorted())
      expect(client?.version).toBe(33)
    })

    it('RFC 7591 §2: a sealed secret stays while the client signs with it, and goes with the method', async () => {
      const { serviceId, clientId, alias, settings } = await makeClient(storage)
      const sealedSecret = sha256('sealed')
      const sealedNow = async () => (await elsewhere.findClient(serviceId, alias))?.sealedSecret
      const keep = ({ tokenAuthMethod }: Client) => ({
        secretHash: sha256('new'),
        ...(tokenAuthMethod === 'CLIENT_SECRET_JWT' && { sealedSecret }),
      })
      await storage.setClientSecret(serviceId, clientId, keep, now)
      expect(await sealedNow()).toBeUndefined()
      const signing: Client = { ...settings, tokenAuthMethod: 'CLIENT_SECRET_JWT' }
      await storage.replaceClient(serviceId, clientId, alias, signing, now)
      await storage.setClientSecret(serviceId, clientId, keep, now)
      expect(await sealedNow()).toEqual(sealedSecret)
      await storage.replaceClient(serviceId, clientId, alias, { ...signing, clientName: 'Renamed' }, now)
      await storage.changeClientSettings(serviceId, clientId, (one) => ({ ...one, locked: true }), now)
      expect(await sealedNow()).toEqual(sealedSecret)
      await storage.replaceClient(serviceId, clientId, alias, settings, now)
      await storage.replaceClient(serviceId, clientId, alias, signing, now)
      expect(await sealedNow()).toBeUndefined()
    })

    it('a secret that cannot be kept changes nothing', async () => {
      const { serviceId, clientId, alias, secretHash } = await makeClient(storage)
      const refuse = () => {
        throw new Error('too short')
      }
      await expect(storage.setClientSecret(serviceId, clientId, refuse, now)).rejects.toThrow('too short')
      expect(await elsewhere.findClient(serviceId, alias)).toMatchObject({ version: 1, secretHash })
    })

    it('a new secret replaces the old one', async () => {
      const { serviceId, clientId, alias } = await makeClient(storage)
      expect(await storage.setClientSecret(serviceId, clientId, () => ({ secretHash: sha256('new') }), later(1))).toBe(
        true,
      )
      const client = await elsewhere.findClient(serviceId, alias)
      expect(client).toMatchObject({ version: 2, modifiedAt: later(1) })
      expect(client?.secretHash).toEqual(sha256('new'))
      expect(await storage.setClientSecret(serviceId, 8, () => ({ secretHash: sha256('new') }), now)).toBe(false)
    })

    it('a deleted one takes with it its codes, tokens, grants and granted scopes, and nothing of another', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId, alias } = client
      const other = await makeClient(storage, serviceId)
      const [mine, theirs] = [await fill(storage, client), await fill(storage, other)]
      expect(await findEverything(storage, serviceId, mine)).toEqual(everythingOfAClient)
      expect(await storage.deleteClient((await makeClient(storage)).serviceId, clientId)).toBe(false)
      expect(await storage.deleteClient(serviceId, clientId)).toBe(true)
      expect(await storage.deleteClient(serviceId, clientId)).toBe(false)
      for (const text of [alias, String(clientId)]) expect(await storage.findClient(serviceId, text)).toBeUndefined()
      expect(await findEverything(elsewhere, serviceId, mine)).toEqual([])
      expect(await findEverything(elsewhere, serviceId, theirs)).toEqual(everythingOfAClient)
      expect(await storage.listAuthorizedClients(serviceId, 'john', now)).toEqual([other.clientId])
      for (const filter of [{}, { subject: 'john' }]) {
        const { items } = await storage.listAccessTokens(serviceId, filter, all, now)
        expect(new Set(items.map(({ accessToken }) => accessToken.clientId))).toEqual(new Set([other.clientId]))
      }
    })

    it('the alias of a deleted one is free, its id is not: nothing of the old client comes back to life', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId, alias, settings, secretHash } = client
      await storage.deleteClient(serviceId, clientId)
      const again = { serviceId, clientId, alias, settings, secretHash }
      await expect(storage.createClient(again, now)).rejects.toThrow(String(clientId))
      expect(await storage.createClient({ ...again, alias: String(clientId) }, now)).toBe('alias-taken')
      expect(await storage.createClient({ ...again, clientId: 9_300_000 }, now)).toMatchObject({ alias })
      const plain = { ...again, clientId: 9_300_001, alias: '9300001' }
      await storage.createClient(plain, now)
      await storage.deleteClient(serviceId, plain.clientId)
      expect(await storage.createClient(plain, now)).toBe('alias-taken')
    })
  })
}
