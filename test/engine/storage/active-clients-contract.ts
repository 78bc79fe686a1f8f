import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Client } from '../../../sdk/types.ts'
import { query, statement } from '../../../server/database/database.ts'
import { migrate } from '../../../server/database/migrate.ts'
import { openDatabase } from '../../../server/database/open.ts'
import { ClientNotActiveError } from '../../../server/engine/storage/active-clients.ts'
import { openStorage } from '../../../server/engine/storage/sql.ts'
import type { Storage, StoredClient } from '../../../server/engine/storage/storage.ts'
import {
  issueCode,
  issueTokens,
  keepPushedRequest,
  keepTicket,
  later,
  makeClient,
  makeClientToken,
  makeIssue,
  makeTokens,
  now,
} from './artefacts.ts'
import type { Processes } from './contract.ts'

/** What begins for a client, asked in another process than the one that prepared it. It answers as it does when all is well. */
const beginnings: Record<
  string,
  (client: StoredClient, here: Storage, there: Storage) => Promise<() => Promise<unknown>>
> = {
  'a pushed request': (client, _, there) => Promise.resolve(() => keepPushedRequest(there, client)),
  'a ticket': (client, _, there) => Promise.resolve(() => keepTicket(there, client)),
  'a code': async (client, here, there) => {
    const pushed = await keepPushedRequest(here, client)
    const { issue } = makeIssue(await keepTicket(here, client, pushed))
    return async () => {
      expect(await there.issueAuthorizationCode(issue, now)).toBe('issued')
    }
  },
  'the tokens of a code': async (client, here, there) => {
    const { serviceId, key, grant } = await issueCode(here, client)
    const { tokens } = makeTokens(grant)
    return async () => {
      expect(await there.redeemAuthorizationCode(serviceId, key, tokens, now)).toEqual({ outcome: 'redeemed' })
    }
  },
  'the only tokens of a subject': async (client, here, there) => {
    const { grant } = await issueTokens(here, client)
    const { tokens } = makeTokens({ ...grant, grantId: makeClientToken(client).grant.grantId })
    const begun = { ...grant, grantId: tokens.accessToken.grantId }
    return () => there.issueTokens(begun, { ...tokens, endsOthers: true })
  },
  'a token of the client itself': (client, _, there) => {
    const { grant, tokens } = makeClientToken(client)
    return Promise.resolve(() => there.issueTokens(grant, tokens))
  },
  'a refresh': async (client, here, there) => {
    const { refresh, grant } = await issueTokens(here, client)
    const { tokens } = makeTokens(grant, later(1))
    return async () => {
      expect(await there.refreshTokens(client.serviceId, refresh, tokens, later(1))).toEqual({ outcome: 'redeemed' })
    }
  },
}

/** RFC 6749 §4: for whom something may begin. */
export function describeActiveClients({ storage, elsewhere, createDatabase }: Processes): void {
  const setLocked = ({ serviceId, clientId }: StoredClient, locked: boolean) =>
    storage.changeClientSettings(serviceId, clientId, (settings) => ({ ...settings, locked }), now)

  describe.each(Object.entries(beginnings))('For a client that is locked or deleted elsewhere: %s', (_, prepare) => {
    it('given it is locked, then nothing begins and nothing is spent: unlocked, it all goes on', async () => {
      const client = await makeClient(storage)
      const begin = await prepare(client, storage, elsewhere)
      await setLocked(client, true)
      await expect(begin()).rejects.toThrow(ClientNotActiveError)
      await expect(begin()).rejects.toThrow(ClientNotActiveError)
      await setLocked(client, false)
      await begin()
    })

    it('given it is deleted, then nothing begins', async () => {
      const client = await makeClient(storage)
      const begin = await prepare(client, storage, elsewhere)
      await storage.deleteClient(client.serviceId, client.clientId)
      await expect(begin()).rejects.toThrow(ClientNotActiveError)
    })

    it('given others are locked, of its service and of another, then it begins', async () => {
      const client = await makeClient(storage)
      await setLocked(await makeClient(storage, client.serviceId), true)
      await setLocked(await makeClient(storage), true)
      await (
        await prepare(client, storage, elsewhere)
      )()
    })
  })

  describe('A locked client', () => {
    it('is known by every way to set it', async () => {
      const made = await makeClient(storage)
      const { serviceId, alias, settings, secretHash } = made
      const clientId = made.clientId + 50_000_000
      const born = { serviceId, clientId, alias: `${alias}-born`, settings: { ...settings, locked: true }, secretHash }
      const client = await storage.createClient(born, now)
      if (client === 'alias-taken') throw new Error('the alias was to be free')
      await expect(keepTicket(elsewhere, client)).rejects.toThrow(ClientNotActiveError)
      const replace = (changed: Client) => storage.replaceClient(serviceId, clientId, client.alias, changed, now)
      await replace({ clientName: 'without the member' })
      await keepTicket(elsewhere, client)
      await replace({ locked: true })
      await expect(keepTicket(elsewhere, client)).rejects.toThrow(ClientNotActiveError)
      await storage.setClientSecret(serviceId, clientId, () => ({ secretHash }), now)
      await expect(keepTicket(elsewhere, client)).rejects.toThrow(ClientNotActiveError)
      await replace({ locked: false })
      await keepTicket(elsewhere, client)
    })

    it('keeps its codes and tokens, which say of it', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { key } = await issueCode(storage, client)
      const { access, refresh, grant } = await issueTokens(storage, client)
      const own = makeClientToken(client)
      await storage.issueTokens(own.grant, own.tokens)
      const locks = async () => {
        const { accessToken, refreshToken } = await elsewhere.findLiveTokens(serviceId, grant.grantId)
        const found = [
          await elsewhere.findAuthorizationCode(serviceId, key),
          await elsewhere.findAccessToken(serviceId, access),
          await elsewhere.findSignedAccessToken(serviceId, own.access.locator),
          await elsewhere.findRefreshToken(serviceId, refresh),
          ...[accessToken, refreshToken],
        ]
        expect(found.filter((one) => one !== undefined)).toHaveLength(6)
        return new Set(found.map((one) => one?.clientLocked))
      }
      expect(await locks()).toEqual(new Set([undefined]))
      await setLocked(client, true)
      expect(await locks()).toEqual(new Set([true]))
      await setLocked(client, false)
      expect(await locks()).toEqual(new Set([undefined]))
    })

    it('and unlocked again while tokens are kept: no new value is said to be taken', async () => {
      const client = await makeClient(storage)
      const keep = async () => {
        for (let n = 0; n < 40; n += 1) {
          const { grant, tokens } = makeClientToken(client)
          await elsewhere.issueTokens(grant, tokens).catch((error: unknown) => {
            if (!(error instanceof ClientNotActiveError)) throw error
          })
        }
      }
      const progress = { isDone: false }
      const keeping = Promise.all([keep(), keep(), keep(), keep()]).finally(() => (progress.isDone = true))
      for (let n = 0; !progress.isDone; n += 1) await setLocked(client, n % 2 === 0)
      await keeping
    })

    it('that was locked before there was a column for it is locked, and one that only writes of it is not', async () => {
      const fresh = await createDatabase()
      const folder = await mkdtemp(join(tmpdir(), 'gatehouse-migrations-'))
      const all = new URL('../../../server/engine/storage/migrations/', import.meta.url)
      await cp(all, folder, { recursive: true, filter: (path) => !/\/\d{4}-/.test(path) || /\/000[1-7]-/.test(path) })
      const database = await openDatabase(fresh.url)
      await migrate(database, 'engine', pathToFileURL(`${folder}/`))
      const insert = statement(
        'insert_old_client',
        `INSERT INTO clients (service_id, client_id, number, version, alias, developer, secret_hash, settings_json, created_at,
           modified_at) VALUES ($1, $2, $2, 1, $3, '', $4, $5, 0, 0)`,
      )
      const settings: [Client, boolean][] = [
        [{ clientName: 'A', locked: true, description: 'B' }, true],
        [{ locked: true }, true],
        [{ clientName: 'A', locked: false }, false],
        [{ clientName: 'A' }, false],
        [{ clientName: ',"locked":true,', description: '"locked":true', locked: false }, false],
        [{ attributes: [{ key: 'locked', value: 'true' }] }, false],
      ]
      for (const [index, [kept]] of settings.entries()) {
        await database.write(query(insert, 1, index + 1, `old-${index}`, new Uint8Array(32), JSON.stringify(kept)))
      }
      await database.close()
      const storage = await openStorage(fresh.url)
      const model = await makeClient(storage)
      for (const [index, [, isLocked]] of settings.entries()) {
        const kept = keepPushedRequest(storage, { ...model, serviceId: 1, clientId: index + 1 })
        if (isLocked) await expect(kept).rejects.toThrow(ClientNotActiveError)
        else await kept
      }
      await storage.close()
      await fresh.drop()
      await rm(folder, { recursive: true, force: true })
    })
  })
}
