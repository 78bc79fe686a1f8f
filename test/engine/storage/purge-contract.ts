import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HandleKey } from '../../../server/engine/handle.ts'
import { makeLocator } from '../../../server/engine/handle.ts'
import { query, statement } from '../../../server/database/database.ts'
import { openDatabase } from '../../../server/database/open.ts'
import { never } from '../../../server/engine/protocol/lifetime.ts'
import { openStorage } from '../../../server/engine/storage/sql.ts'
import type { AccessToken, Grant, Storage, StoredClient } from '../../../server/engine/storage/storage.ts'
import {
  everythingOfAClient,
  fill,
  findEverything,
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
import type { Processes, TestDatabase } from './contract.ts'

/** What expired is removed. */
export function describePurge({ createDatabase }: Processes): void {
  describe('Purging', () => {
    let purged: TestDatabase
    let purging: Storage

    beforeAll(async () => {
      purged = await createDatabase()
      purging = await openStorage(purged.url)
    })

    afterAll(async () => {
      await purging.close()
      await purged.drop()
    })

    async function purge(at: Date, limit: number): Promise<number> {
      let calls = 1
      while (await purging.purgeExpired(at, limit)) calls++
      return calls
    }

    it('removes what expired and nothing that lives', async () => {
      const client = await makeClient(purging)
      const { serviceId, clientId } = client
      const filled = await fill(purging, client)
      await purging.useJti(serviceId, clientId, 'jti', later(300), now)
      await purge(now, 100)
      expect(await findEverything(purging, serviceId, filled)).toEqual(everythingOfAClient)
      expect(await purging.findTicket(serviceId, filled.ticket, now)).toBeDefined()
      expect(await purging.useJti(serviceId, clientId, 'jti', later(300), now)).toBe(false)

      // A day later all that is left is a day's refresh token, with its access token. Asked as of the past: what is not found is not there.
      await purge(later(86_399), 100)
      expect(await findEverything(purging, serviceId, filled)).toEqual(['accessToken', 'refreshToken', 'grantedScopes'])
      expect(await purging.findTicket(serviceId, filled.ticket, now)).toBeUndefined()
      expect(await purging.useJti(serviceId, clientId, 'jti', later(300), now)).toBe(true)

      await purge(later(200_000), 100)
      expect(await findEverything(purging, serviceId, filled)).toEqual(['grantedScopes'])
      expect(await purging.findPushedRequest(serviceId, filled.pushedRequest)).toBeUndefined()
      expect(await purging.findClient(serviceId, client.alias)).toEqual(client)
    })

    it('a redeemed code is known for a day after it expired, so that a late replay still ends its tokens', async () => {
      const client = await makeClient(purging)
      const { serviceId } = client
      const { key, grant } = await issueCode(purging, client)
      const { tokens, refresh } = makeTokens(grant)
      await purging.redeemAuthorizationCode(serviceId, key, tokens, now)
      await purge(later(86_300), 100)
      const replay = makeTokens(grant).tokens
      expect(await purging.redeemAuthorizationCode(serviceId, key, replay, later(86_300))).toEqual({
        outcome: 'replayed',
      })
      expect(await purging.findRefreshToken(serviceId, refresh)).toBeUndefined()
    })

    it('a grant is there for as long as its code', async () => {
      const client = await makeClient(purging)
      const { issue } = makeIssue(await keepTicket(purging, client))
      await purging.issueAuthorizationCode({ ...issue, grant: { ...issue.grant, expiresAt: now } }, now)
      await purge(later(59), 100)
      const { tokens } = makeTokens(issue.grant)
      expect(await purging.redeemAuthorizationCode(client.serviceId, issue.key, tokens, later(59))).toEqual({
        outcome: 'redeemed',
      })
    })

    it('a rotated refresh token is known until it would have expired', async () => {
      const client = await makeClient(purging)
      const { serviceId } = client
      const first = await issueTokens(purging, client)
      const second = makeTokens(first.grant, later(40_000))
      await purging.refreshTokens(serviceId, first.refresh, second.tokens, later(40_000))
      await purge(later(86_399), 100)
      expect(await purging.findRefreshToken(serviceId, first.refresh)).toMatchObject({ rotatedAt: later(40_000) })
      await purge(later(86_460), 100)
      expect(await purging.findRefreshToken(serviceId, first.refresh)).toBeUndefined()
      expect(await purging.findRefreshToken(serviceId, second.refresh)).toBeDefined()
    })

    it('a refresh token that was kept stays until its new expiry, and its grant with it', async () => {
      const client = await makeClient(purging)
      const { serviceId } = client
      const { grant, refresh } = await issueTokens(purging, client)
      const { accessToken } = makeTokens(grant, later(1000)).tokens
      const kept = { accessToken, keptRefreshTokenExpiresAt: later(500_000) }
      await purging.refreshTokens(serviceId, refresh, kept, later(1000))
      await purge(later(499_999), 100)
      expect(await purging.findRefreshToken(serviceId, refresh)).toMatchObject({ expiresAt: later(500_000) })
      // A refresh that is just moving this end is not seen here before it is done: so the row stays a minute.
      await purge(later(500_059), 100)
      expect(await countRows('refresh_tokens', grant)).toBe(1)
      await purge(later(500_060), 100)
      expect(await purging.findRefreshToken(serviceId, refresh)).toBeUndefined()
    })

    /** Rows of a table, of one grant. */
    async function countRows(
      table: 'access_tokens' | 'refresh_tokens' | 'grants',
      { grantId }: Grant,
    ): Promise<number> {
      const database = await openDatabase(purged.url)
      const counted = statement(`count_${table}`, `SELECT COUNT(*) AS total FROM ${table} WHERE grant_id = $1`)
      const [row] = await database.read(query(counted, grantId))
      await database.close()
      return Number(row?.['total'])
    }

    async function rowsOf(grant: Grant): Promise<number[]> {
      return [
        await countRows('access_tokens', grant),
        await countRows('refresh_tokens', grant),
        await countRows('grants', grant),
      ]
    }

    /** A subject's tokens, or a client's own one, of which the access token does not expire. */
    async function issuePersistent(client: StoredClient, kind: 'with a refresh token' | 'alone' | 'of the client') {
      if (kind === 'of the client') {
        const { grant, tokens } = makeClientToken(client)
        const accessToken = { ...tokens.accessToken, expiresAt: never }
        await purging.issueTokens({ ...grant, expiresAt: never }, { accessToken })
        return { grant, access: accessToken.key, refresh: undefined }
      }
      const { clientId, serviceId } = client
      const grant = {
        grantId: makeLocator(now),
        serviceId,
        clientId,
        subject: 'john',
        createdAt: now,
        expiresAt: never,
      }
      const { tokens, access, refresh } = makeTokens(grant)
      const accessToken = { ...tokens.accessToken, expiresAt: never }
      await purging.issueTokens(grant, kind === 'alone' ? { accessToken } : { ...tokens, accessToken })
      return { grant, access, refresh: kind === 'alone' ? undefined : refresh }
    }

    const kinds = ['with a refresh token', 'alone', 'of the client'] as const

    it.each(kinds)('an access token that does not expire stays, %s, and its grant with it', async (kind) => {
      const client = await makeClient(purging)
      const { grant, access } = await issuePersistent(client, kind)
      await purge(later(1e9), 100)
      expect(await purging.findAccessToken(client.serviceId, access)).toMatchObject({ expiresAt: never })
      expect(await rowsOf(grant)).toEqual([1, 0, kind === 'of the client' ? 0 : 1])
    })

    it.each(kinds)('one that was revoked goes, %s, and its grant when nothing is left of it', async (kind) => {
      const client = await makeClient(purging)
      const { grant, refresh } = await issuePersistent(client, kind)
      await purging.revokeGrant(client.serviceId, grant.grantId, now)
      await purge(now, 100)
      expect(await rowsOf(grant)).toEqual(refresh ? [0, 1, 1] : [0, 0, 0])
      await purge(later(86_460), 100)
      expect(await rowsOf(grant)).toEqual([0, 0, 0])
    })

    it.each(kinds)('one that is left behind by a deleted client goes, %s', async (kind) => {
      const client = await makeClient(purging)
      const { grant } = await issuePersistent(client, kind)
      await purging.deleteClient(client.serviceId, client.clientId)
      await purge(later(86_460), 100)
      expect(await rowsOf(grant)).toEqual([0, 0, 0])
    })

    it('one that a refresh replaced goes; its grant goes with the last that came of it', async () => {
      const client = await makeClient(purging)
      const { serviceId } = client
      const { grant, access, refresh } = await issuePersistent(client, 'with a refresh token')
      if (!refresh) throw new Error('no refresh token')
      const next = makeTokens({ ...grant, subject: 'john' }, later(1_000))
      await purging.refreshTokens(serviceId, refresh, next.tokens, later(1_000))
      await purge(later(1_000), 100)
      expect(await rowsOf(grant)).toEqual([1, 2, 1])
      expect(await purging.findAccessToken(serviceId, next.access)).toBeDefined()
      expect(await purging.findAccessToken(serviceId, access)).toBeUndefined()
      await purge(later(2_000), 100)
      expect(await rowsOf(grant)).toEqual([1, 2, 1])
      expect(await purging.findRefreshToken(serviceId, next.refresh)).toBeDefined()
      await purge(later(87_460), 100)
      expect(await rowsOf(grant)).toEqual([0, 0, 0])
    })

    it('an access token that expired stays as long as its refresh token lives, and no other of its grant', async () => {
      const client = await makeClient(purging)
      const { serviceId } = client
      const { grant, access, refresh } = await issueTokens(purging, client)
      const next = makeTokens(grant, later(10))
      await purging.refreshTokens(serviceId, refresh, next.tokens, later(10))
      await purge(later(86_409), 100)
      expect(await purging.findSignedAccessToken(serviceId, access.locator)).toBeUndefined()
      expect(await purging.findAccessToken(serviceId, next.access)).toMatchObject({ expiresAt: later(610) })
      expect((await rowsOf(grant))[0]).toBe(1)
      await purge(later(86_410), 100)
      expect((await rowsOf(grant))[0]).toBe(0)
    })

    it.each<[string, (client: StoredClient, grant: Grant) => Promise<unknown>]>([
      ['its grant is revoked', ({ serviceId }, { grantId }) => purging.revokeGrant(serviceId, grantId, now)],
      ['its client is deleted', ({ serviceId, clientId }) => purging.deleteClient(serviceId, clientId)],
    ])('an access token that expired goes where %s', async (_, end) => {
      const client = await makeClient(purging)
      const { grant } = await issueTokens(purging, client)
      await end(client, grant)
      await purge(later(600), 100)
      expect((await rowsOf(grant))[0]).toBe(0)
    })

    it('one that was given an end goes then, and its grant with it', async () => {
      const client = await makeClient(purging)
      const { grant, access } = await issuePersistent(client, 'alone')
      const change = (token: AccessToken) => ({ accessToken: { ...token, expiresAt: later(60) } })
      await purging.changeAccessToken(client.serviceId, access.locator, change)
      await purge(later(59), 100)
      expect(await rowsOf(grant)).toEqual([1, 0, 1])
      await purge(later(60), 100)
      expect(await rowsOf(grant)).toEqual([0, 0, 0])
    })

    /** Later than anybody waits for, and yet an end. */
    const farEnd = new Date(never.getTime() - 1000)

    const ends: [string, (client: StoredClient, grant: Grant) => Promise<unknown>][] = [
      ['its grant is revoked', ({ serviceId }, { grantId }) => purging.revokeGrant(serviceId, grantId, now)],
      ['its client is deleted', ({ serviceId, clientId }) => purging.deleteClient(serviceId, clientId)],
    ]

    it.each(ends)('a refresh token that ends when nobody is there any more goes where %s', async (_, end) => {
      const client = await makeClient(purging)
      const { serviceId } = client
      const { grant, access, refresh } = await issueTokens(purging, client)
      const move = (accessToken: AccessToken) => ({ accessToken, refreshTokenExpiresAt: farEnd })
      await purging.changeAccessToken(serviceId, access.locator, move)
      // The next one takes over the end of the first.
      const { tokens } = makeTokens(grant, later(10))
      const second = { ...tokens, refreshToken: { ...tokens.refreshToken, expiresAt: farEnd } }
      const { outcome } = await purging.refreshTokens(serviceId, refresh, second, later(10), undefined, 1)
      expect(outcome).toBe('redeemed')
      await purge(later(1_000_000), 100)
      expect((await rowsOf(grant)).slice(1)).toEqual([1, 1])
      await end(client, grant)
      await purge(later(1_000_000), 100)
      expect(await rowsOf(grant)).toEqual([0, 0, 0])
    })

    it.each(ends)('one that is kept until then goes where %s, too', async (_, end) => {
      const client = await makeClient(purging)
      const { grant, access } = await issueTokens(purging, client)
      const move = (accessToken: AccessToken) => ({ accessToken, refreshTokenExpiresAt: farEnd })
      await purging.changeAccessToken(client.serviceId, access.locator, move)
      await purge(later(1_000_000), 100)
      expect((await rowsOf(grant)).slice(1)).toEqual([1, 1])
      await end(client, grant)
      await purge(later(1_000_000), 100)
      expect(await rowsOf(grant)).toEqual([0, 0, 0])
    })

    it('a pushed request can be completed, once, for as long as a ticket that came of it lives', async () => {
      const client = await makeClient(purging)
      const pushed = await keepPushedRequest(purging, client)
      const [first, second] = [await keepTicket(purging, client, pushed), await keepTicket(purging, client, pushed)]
      await purge(later(500), 100)
      expect(await purging.issueAuthorizationCode(makeIssue(first).issue, later(500))).toBe('issued')
      await purge(later(500), 100)
      expect(await purging.issueAuthorizationCode(makeIssue(second).issue, later(500))).toBe('request-uri-spent')
    })

    it('goes in slices: at most so many of a kind at a time', async () => {
      const fresh = await createDatabase()
      const sliced = await openStorage(fresh.url)
      const client = await makeClient(sliced)
      const { serviceId } = client
      const keys: HandleKey[] = []
      for (let n = 0; n < 10; n++) {
        const { grant, tokens, access } = makeClientToken(client)
        // Every second one lives on: what lives is passed over and does not stop the walk.
        const expiresAt = later(n % 2 ? 9000 : 600)
        await sliced.issueTokens(grant, { accessToken: { ...tokens.accessToken, expiresAt } })
        keys.push(access)
      }
      const left = async () => {
        const tokens = await Promise.all(keys.map((key) => sliced.findAccessToken(serviceId, key)))
        return tokens.filter((token) => token !== undefined).length
      }
      let before = 10
      for (;;) {
        const more = await sliced.purgeExpired(later(600), 3)
        const after = await left()
        expect(before - after).toBeLessThanOrEqual(3)
        before = after
        if (!more) break
      }
      expect(before).toBe(5)
      // The next round begins at the beginning again.
      expect(await sliced.purgeExpired(later(9000), 4)).toBe(true)
      expect(await left()).toBe(1)
      expect(await sliced.purgeExpired(later(9000), 4)).toBe(false)
      expect(await left()).toBe(0)
      expect(await sliced.purgeExpired(later(9000), 4)).toBe(false)
      await sliced.close()
      await fresh.drop()
    })
  })
}
