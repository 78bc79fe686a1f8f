import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HandleKey } from '../../../server/engine/handle.ts'
import { openStorage } from '../../../server/engine/storage/sql.ts'
import type { Authorization } from '../../../server/engine/storage/storage.ts'
import { authorization, issueCode, issueTokens, later, makeClient, makeTokens, now, without } from './artefacts.ts'
import type { Processes } from './contract.ts'

/** What a subject granted to clients, and takes back. */
export function describeGranted({ storage, elsewhere, createDatabase }: Processes): void {
  describe('What a subject granted', () => {
    it('the clients that hold a live token, by id', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const [second, third, fourth] = await Promise.all([1, 2, 3].map(() => makeClient(storage, serviceId)))
      if (!second || !third || !fourth) throw new Error('three clients were made')
      await issueTokens(storage, second)
      await issueTokens(storage, client)
      await issueTokens(storage, client)
      await issueCode(storage, third)
      await issueTokens(storage, fourth, { subject: 'jane' })
      const of = (subject: string, at: Date) => elsewhere.listAuthorizedClients(serviceId, subject, at)
      expect(await of('john', now)).toEqual([client.clientId, second.clientId].sort((a, b) => a - b))
      expect(await of('jane', now)).toEqual([fourth.clientId])
      // The access tokens have expired, the refresh tokens have not.
      expect(await of('jane', later(86_399))).toEqual([fourth.clientId])
      expect(await of('jane', later(86_400))).toEqual([])
      const revoked = await issueTokens(storage, fourth)
      expect(await of('john', now)).toContain(fourth.clientId)
      await storage.revokeGrant(serviceId, revoked.grant.grantId, now)
      expect(await of('john', now)).not.toContain(fourth.clientId)
      const { key, grant } = await issueCode(storage, fourth)
      const { accessToken } = makeTokens(grant).tokens
      await storage.redeemAuthorizationCode(serviceId, key, { accessToken }, now)
      expect(await of('john', later(599))).toContain(fourth.clientId)
      expect(await of('john', later(600))).not.toContain(fourth.clientId)
      expect(await storage.listAuthorizedClients((await makeClient(storage)).serviceId, 'john', now)).toEqual([])
    })

    it('narrowed, all live tokens of the pair have at most the scopes left, and their successors too', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const first = await issueTokens(storage, client)
      const second = await issueTokens(storage, client, { scopes: ['photos', 'mail'] })
      const expired = await issueTokens(storage, client, { at: later(-700) })
      const revoked = await issueTokens(storage, client)
      await storage.revokeGrant(serviceId, revoked.grant.grantId, now)
      const jane = await issueTokens(storage, client, { subject: 'jane' })
      const waiting = await issueCode(storage, client)
      const scopesOf = async ({ access, refresh }: { access: HandleKey; refresh: HandleKey }) => [
        (await elsewhere.findAccessToken(serviceId, access))?.scopes,
        (await elsewhere.findRefreshToken(serviceId, refresh))?.scopes,
      ]
      expect(
        await storage.narrowGrants(serviceId, clientId, 'john', { scopes: ['photos', 'openid', 'extra'] }, now),
      ).toBe(2)
      expect(await scopesOf(first)).toEqual([
        ['openid', 'photos'],
        ['openid', 'photos'],
      ])
      expect(await scopesOf(second)).toEqual([['photos'], ['photos']])
      expect(await scopesOf(expired)).toEqual([
        ['openid', 'photos'],
        ['openid', 'photos'],
      ])
      expect(await scopesOf(jane)).toEqual([authorization.scopes, authorization.scopes])

      const refreshed = makeTokens(first.grant)
      const { changes } = (await elsewhere.findRefreshToken(serviceId, first.refresh)) ?? {}
      await storage.refreshTokens(serviceId, first.refresh, refreshed.tokens, now, undefined, changes)
      expect(await scopesOf(refreshed)).toEqual([
        ['openid', 'photos'],
        ['openid', 'photos'],
      ])
      const late = makeTokens(waiting.grant)
      await storage.redeemAuthorizationCode(serviceId, waiting.key, late.tokens, now, 1)
      expect(await scopesOf(late)).toEqual([
        ['openid', 'photos'],
        ['openid', 'photos'],
      ])
    })

    it('a later, wider narrowing gives nothing back', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const { access } = await issueTokens(storage, client, { scopes: ['a', 'b', 'c'] })
      const narrowed = async (...scopes: string[]) => {
        expect(await storage.narrowGrants(serviceId, clientId, 'john', { scopes }, now)).toBe(1)
        return (await storage.findAccessToken(serviceId, access))?.scopes
      }
      expect(await narrowed('b', 'a')).toEqual(['a', 'b'])
      expect(await narrowed('b', 'a')).toEqual(['a', 'b'])
      expect(await narrowed('c', 'b', 'a')).toEqual(['a', 'b'])
      expect(await narrowed('b', 'c')).toEqual(['b'])
      expect(await narrowed()).toEqual([])
      expect(await narrowed('a', 'b', 'c')).toEqual([])
      expect(
        await storage.narrowGrants((await makeClient(storage)).serviceId, clientId, 'john', { scopes: [] }, now),
      ).toBe(0)
    })

    it('what was made of a code or a refresh token before a narrowing is not kept, and spends nothing', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const { key, grant } = await issueCode(storage, client)
      const first = await issueTokens(storage, client)
      const narrow = (...scopes: string[]) => storage.narrowGrants(serviceId, clientId, 'john', { scopes }, now)
      const redeem = (changes?: number) =>
        elsewhere.redeemAuthorizationCode(serviceId, key, makeTokens(grant).tokens, now, changes)
      const refresh = (changes?: number) =>
        elsewhere.refreshTokens(serviceId, first.refresh, makeTokens(first.grant).tokens, now, undefined, changes)
      await narrow('openid', 'photos')
      expect(await Promise.all([redeem(), refresh()])).toEqual([{ outcome: 'unknown' }, { outcome: 'unknown' }])
      expect(await storage.findAccessToken(serviceId, first.access)).toBeDefined()
      // It is counted where it takes something back: nobody has to begin again for ever.
      await narrow('photos', 'openid', 'profile')
      expect(await elsewhere.findAuthorizationCode(serviceId, key)).toMatchObject({ changes: 1 })
      expect(await elsewhere.findRefreshToken(serviceId, first.refresh)).toMatchObject({ changes: 1 })
      expect(await Promise.all([redeem(1), refresh(1)])).toEqual([{ outcome: 'redeemed' }, { outcome: 'redeemed' }])
      expect(await redeem(1)).toEqual({ outcome: 'replayed' })
    })

    it('any narrowings, in any order: what is in all of them is left', async () => {
      const names = ['a', 'b', 'c', 'A', 'a:1', '%']
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      let subjects = 0
      const property = fc.asyncProperty(fc.array(fc.subarray(names), { minLength: 2, maxLength: 6 }), async (order) => {
        const subject = `mary-${++subjects}`
        const { access } = await issueTokens(storage, client, { subject, scopes: names })
        for (const scopes of order) {
          await storage.narrowGrants(serviceId, clientId, subject, { scopes: scopes.toReversed() }, now)
        }
        const left = names.filter((name) => order.every((scopes) => scopes.includes(name)))
        expect((await elsewhere.findAccessToken(serviceId, access))?.scopes).toEqual(left)
      })
      await fc.assert(property, { numRuns: 20 })
    })

    it('narrowed a hundred times, a grant has what is left, and once', async () => {
      const database = await createDatabase()
      const one = await openStorage(database.url)
      const client = await makeClient(one)
      const { serviceId, clientId } = client
      await issueTokens(one, client, { scopes: ['left-over', 'x', 'y'] })
      for (let n = 0; n < 100; n += 1) {
        const left = ['left-over', n % 2 ? 'x' : 'y']
        await one.narrowGrants(serviceId, clientId, 'john', { scopes: left, details: left }, now)
      }
      await one.close()
      // In the token, the authorization, the code, the refresh token, the memory and the grant; each a few times at most.
      expect((await database.dump()).split('left-over').length).toBeLessThan(30)
      await database.drop()
    })

    it('narrowed in its authorization details, a token, its successors and a waiting code have those that are left', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const first = await issueTokens(storage, client)
      const none = await issueTokens(storage, client, { authorization: without(authorization, 'authorizationDetails') })
      const waiting = await issueCode(storage, client)
      const idsOf = (holder: { authorization: Authorization } | undefined) =>
        holder?.authorization.authorizationDetails?.map(({ id }) => id)
      const narrow = (details: string[]) => storage.narrowGrants(serviceId, clientId, 'john', { details }, now)
      expect(await narrow(['detail-2', 'detail-3'])).toBe(2)
      expect(idsOf(await elsewhere.findAccessToken(serviceId, first.access))).toEqual(['detail-2'])
      expect(idsOf(await elsewhere.findRefreshToken(serviceId, first.refresh))).toEqual(['detail-2'])
      expect(idsOf(await elsewhere.findAuthorizationCode(serviceId, waiting.key))).toEqual(['detail-2'])
      // The scopes stay, and who never had details has none that are empty.
      expect((await elsewhere.findAccessToken(serviceId, first.access))?.scopes).toEqual(authorization.scopes)
      await narrow(['detail-1', 'detail-2'])
      expect(idsOf(await elsewhere.findAccessToken(serviceId, first.access))).toEqual(['detail-2'])
      const second = makeTokens(first.grant)
      const { changes } = (await elsewhere.findRefreshToken(serviceId, first.refresh)) ?? {}
      await storage.refreshTokens(serviceId, first.refresh, second.tokens, now, undefined, changes)
      expect(idsOf(await elsewhere.findAccessToken(serviceId, second.access))).toEqual(['detail-2'])
      await narrow([])
      expect(idsOf(await elsewhere.findAccessToken(serviceId, second.access))).toEqual([])
      const bare = await elsewhere.findAccessToken(serviceId, none.access)
      expect(bare?.authorization).toEqual(none.tokens.accessToken.authorization)
    })

    it('narrowed in both at once, and in neither, nothing else changes', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const { access } = await issueTokens(storage, client)
      await storage.narrowGrants(serviceId, clientId, 'john', {}, now)
      expect((await storage.findAccessToken(serviceId, access))?.authorization).toEqual(authorization)
      await storage.narrowGrants(serviceId, clientId, 'john', { scopes: ['photos'], details: ['detail-1'] }, now)
      expect(await storage.findAccessToken(serviceId, access)).toMatchObject({
        scopes: ['photos'],
        authorization: { authorizationDetails: [{ id: 'detail-1' }] },
      })
    })

    it('ended, nothing of the pair is left, and the memory is erased', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const [first, second] = [await issueTokens(storage, client), await issueTokens(storage, client)]
      const expired = await issueTokens(storage, client, { at: later(-700) })
      const waiting = await issueCode(storage, client)
      const jane = await issueTokens(storage, client, { subject: 'jane' })
      const { serviceId: foreign } = await makeClient(storage)
      expect(await storage.endAuthorization(foreign, clientId, 'john', now)).toBe(0)
      expect(await storage.endAuthorization(serviceId, clientId, 'john', now)).toBe(2)
      expect(await storage.endAuthorization(serviceId, clientId, 'john', now)).toBe(0)
      for (const { access, refresh } of [first, second, expired]) {
        expect(await elsewhere.findAccessToken(serviceId, access)).toBeUndefined()
        expect(await elsewhere.findRefreshToken(serviceId, refresh)).toBeUndefined()
      }
      const late = await storage.redeemAuthorizationCode(serviceId, waiting.key, makeTokens(waiting.grant).tokens, now)
      expect(late).toEqual({ outcome: 'unknown' })
      expect(await elsewhere.findGrantedScopes(serviceId, clientId, 'john')).toBeUndefined()
      expect(await elsewhere.findAccessToken(serviceId, jane.access)).toBeDefined()
      expect(await elsewhere.findGrantedScopes(serviceId, clientId, 'jane')).toBeDefined()
    })

    it('the memory alone can be erased, and the tokens stay', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const { access } = await issueTokens(storage, client)
      const { serviceId: foreign } = await makeClient(storage)
      expect(await storage.findGrantedScopes(foreign, clientId, 'john')).toBeUndefined()
      expect(await storage.deleteGrantedScopes(foreign, clientId, 'john')).toBe(false)
      expect(await storage.deleteGrantedScopes(serviceId, clientId, 'john')).toBe(true)
      expect(await storage.deleteGrantedScopes(serviceId, clientId, 'john')).toBe(false)
      expect(await elsewhere.findGrantedScopes(serviceId, clientId, 'john')).toBeUndefined()
      expect(await storage.findAccessToken(serviceId, access)).toBeDefined()
    })
  })
}
