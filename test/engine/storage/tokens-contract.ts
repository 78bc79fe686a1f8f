import { describe, expect, it } from 'vitest'
import { makeHandle, makeLocator } from '../../../server/engine/handle.ts'
import { forge, issueCode, issueTokens, later, makeClient, makeClientToken, makeTokens, now } from './artefacts.ts'
import type { Processes } from './contract.ts'

const all = { start: 0, end: 1000 }

/** Tokens, and what ends them. */
export function describeTokens({ storage, elsewhere }: Processes): void {
  describe('Tokens', () => {
    it('are found with their proof, in their service only', async () => {
      const client = await makeClient(storage)
      const { access, refresh } = await issueTokens(storage, client)
      const { serviceId: foreign } = await makeClient(storage)
      for (const [serviceId, a, r] of [
        [client.serviceId, forge(access), forge(refresh)],
        [foreign, access, refresh],
        [client.serviceId, refresh, access],
      ] as const) {
        expect(await storage.findAccessToken(serviceId, a)).toBeUndefined()
        expect(await storage.findRefreshToken(serviceId, r)).toBeUndefined()
      }
    })

    it('RFC 6749 §4.4: a client has a token for itself until that is revoked', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const [first, second] = [makeClientToken(client), makeClientToken(client)]
      await storage.issueTokens(first.grant, first.tokens)
      await storage.issueTokens(second.grant, second.tokens)
      expect(await elsewhere.findAccessToken(serviceId, first.access)).toEqual(first.tokens.accessToken)
      await storage.revokeGrant((await makeClient(storage)).serviceId, first.grant.grantId, now)
      expect(await elsewhere.findAccessToken(serviceId, first.access)).toBeDefined()
      await storage.revokeGrant(serviceId, first.grant.grantId, now)
      expect(await elsewhere.findAccessToken(serviceId, first.access)).toBeUndefined()
      expect(await elsewhere.findAccessToken(serviceId, second.access)).toBeDefined()
    })

    it('a subject may be given tokens without a code', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const grant = { grantId: makeLocator(now), serviceId, clientId, subject: 'jane', createdAt: now, expiresAt: now }
      const { tokens, access, refresh } = makeTokens(grant)
      await storage.issueTokens(grant, tokens)
      expect(await storage.findAccessToken(serviceId, access)).toMatchObject({ subject: 'jane' })
      expect(await storage.findRefreshToken(serviceId, refresh)).toEqual(tokens.refreshToken)
      await storage.revokeGrant(serviceId, grant.grantId, now)
      expect(await storage.findAccessToken(serviceId, access)).toBeUndefined()
    })

    it('RFC 6749 §4.4.3: there is no refresh token without a subject', async () => {
      const client = await makeClient(storage)
      const { grant, tokens, access } = makeClientToken(client)
      const { refreshToken } = makeTokens({ ...grant, subject: 'john' }).tokens
      await expect(storage.issueTokens(grant, { ...tokens, refreshToken })).rejects.toThrow('subject')
      expect(await storage.findAccessToken(client.serviceId, access)).toBeUndefined()
    })
  })

  describe('RFC 6749 §6: refreshing', () => {
    it('with rotation, the old tokens end and the new ones begin', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const first = await issueTokens(storage, client)
      const second = makeTokens(first.grant, later(300), ['openid'])
      const outcome = await storage.refreshTokens(serviceId, first.refresh, second.tokens, later(300))
      expect(outcome).toEqual({ outcome: 'redeemed' })
      expect(await elsewhere.findAccessToken(serviceId, first.access)).toBeUndefined()
      expect(await elsewhere.findRefreshToken(serviceId, first.refresh)).toEqual({
        ...first.tokens.refreshToken,
        rotatedAt: later(300),
        isPredecessor: true,
      })
      expect(await elsewhere.findAccessToken(serviceId, second.access)).toEqual({
        ...second.tokens.accessToken,
        refreshTokenExpiresAt: second.tokens.refreshToken.expiresAt,
      })
      expect(await elsewhere.findRefreshToken(serviceId, second.refresh)).toEqual(second.tokens.refreshToken)
    })

    it('RFC 9700 §4.14.2: a rotated refresh token that comes again ends the whole family', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const first = await issueTokens(storage, client)
      const [second, third] = [makeTokens(first.grant), makeTokens(first.grant)]
      await storage.refreshTokens(serviceId, first.refresh, second.tokens, now)
      await storage.refreshTokens(serviceId, second.refresh, third.tokens, now)
      const replay = makeTokens(first.grant)
      expect(await elsewhere.refreshTokens(serviceId, first.refresh, replay.tokens, now)).toEqual({
        outcome: 'replayed',
      })
      for (const { access, refresh } of [first, second, third, replay]) {
        expect(await storage.findAccessToken(serviceId, access)).toBeUndefined()
        expect(await storage.findRefreshToken(serviceId, refresh)).toBeUndefined()
      }
      expect(await storage.refreshTokens(serviceId, third.refresh, makeTokens(first.grant).tokens, now)).toEqual({
        outcome: 'unknown',
      })
    })

    it('without rotation, the refresh token stays and can be used again, however long it now lives', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const first = await issueTokens(storage, client)
      const [second, third] = [makeTokens(first.grant), makeTokens(first.grant)]
      const longer = { accessToken: second.tokens.accessToken, keptRefreshTokenExpiresAt: later(200_000) }
      expect(await storage.refreshTokens(serviceId, first.refresh, longer, now)).toEqual({ outcome: 'redeemed' })
      expect(await elsewhere.findAccessToken(serviceId, first.access)).toBeUndefined()
      expect(await elsewhere.findAccessToken(serviceId, second.access)).toMatchObject({
        refreshTokenExpiresAt: later(200_000),
      })
      expect(await elsewhere.findRefreshToken(serviceId, first.refresh)).toEqual({
        ...first.tokens.refreshToken,
        expiresAt: later(200_000),
      })
      const same = { accessToken: third.tokens.accessToken }
      expect(await storage.refreshTokens(serviceId, first.refresh, same, later(199_999))).toEqual({
        outcome: 'redeemed',
      })
      expect(await elsewhere.findAccessToken(serviceId, second.access)).toBeUndefined()
      expect(await elsewhere.findAccessToken(serviceId, third.access)).toMatchObject({
        refreshTokenExpiresAt: later(200_000),
      })
      expect(await storage.refreshTokens(serviceId, first.refresh, same, later(200_000))).toEqual({
        outcome: 'unknown',
      })
    })

    it('an expired, unknown, forged or foreign refresh token is unknown, and all stays as it was', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const foreign = (await makeClient(storage)).serviceId
      const { grant, refresh, access } = await issueTokens(storage, client)
      const { tokens } = makeTokens(grant)
      const unknown = { outcome: 'unknown' }
      expect(await storage.refreshTokens(serviceId, refresh, tokens, later(86_400))).toEqual(unknown)
      expect(await storage.refreshTokens(serviceId, makeHandle(now).key, tokens, now)).toEqual(unknown)
      expect(await storage.refreshTokens(serviceId, access, tokens, now)).toEqual(unknown)
      expect(await storage.refreshTokens(serviceId, forge(refresh), tokens, now)).toEqual(unknown)
      expect(await storage.refreshTokens(foreign, refresh, tokens, now)).toEqual(unknown)
      expect(await storage.findAccessToken(serviceId, access)).toBeDefined()
      expect(await storage.findAccessToken(serviceId, tokens.accessToken.key)).toBeUndefined()
      expect(await storage.refreshTokens(serviceId, refresh, tokens, later(86_399))).toEqual({ outcome: 'redeemed' })
      expect(await storage.refreshTokens(serviceId, forge(refresh), tokens, now)).toEqual(unknown)
      expect(await storage.refreshTokens(foreign, refresh, tokens, now)).toEqual(unknown)
      expect(await storage.findAccessToken(serviceId, tokens.accessToken.key)).toBeDefined()
    })

    it('after a revocation nothing can be refreshed', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { grant, refresh } = await issueTokens(storage, client)
      await storage.revokeGrant(serviceId, grant.grantId, now)
      const { tokens, access } = makeTokens(grant)
      expect(await storage.refreshTokens(serviceId, refresh, tokens, now)).toEqual({ outcome: 'unknown' })
      expect(await storage.findAccessToken(serviceId, access)).toBeUndefined()
    })
  })

  describe('Revoking a grant', () => {
    it('ends its tokens at once and everywhere, and no other', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const [revoked, other] = [await issueTokens(storage, client), await issueTokens(storage, client)]
      await storage.revokeGrant((await makeClient(storage)).serviceId, revoked.grant.grantId, now)
      expect(await elsewhere.findAccessToken(serviceId, revoked.access)).toBeDefined()
      await storage.revokeGrant(serviceId, revoked.grant.grantId, now)
      await storage.revokeGrant(serviceId, revoked.grant.grantId, now)
      await storage.revokeGrant(serviceId, makeLocator(now), now)
      expect(await elsewhere.findAccessToken(serviceId, revoked.access)).toBeUndefined()
      expect(await elsewhere.findRefreshToken(serviceId, revoked.refresh)).toBeUndefined()
      expect(await elsewhere.findAccessToken(serviceId, other.access)).toBeDefined()
      expect(await elsewhere.findRefreshToken(serviceId, other.refresh)).toBeDefined()
    })

    it('answers how many live access tokens ended: of many who ask at once, one is told of it', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const own = makeClientToken(client)
      await storage.issueTokens(own.grant, own.tokens)
      for (const { grant } of [own, await issueTokens(storage, client)]) {
        const ended = await Promise.all(
          Array.from({ length: 8 }, (_, n) => (n % 2 ? storage : elsewhere).revokeGrant(serviceId, grant.grantId, now)),
        )
        expect(ended.toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
      }
      const expired = await issueTokens(storage, client, { at: later(-700) })
      expect(await storage.revokeGrant(serviceId, expired.grant.grantId, now)).toBe(0)
      const waiting = await issueCode(storage, client)
      expect(await storage.revokeGrant(serviceId, waiting.grant.grantId, now)).toBe(0)
    })
  })

  describe('Lists of access tokens', () => {
    it('have live tokens only, latest first, in pages, by client and by subject', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const other = await makeClient(storage, serviceId)
      const oldest = await issueTokens(storage, client, { at: later(-5) })
      const own = makeClientToken(client)
      await storage.issueTokens(own.grant, own.tokens)
      const jane = await issueTokens(storage, other, { subject: 'jane', at: later(1) })
      const latest = await issueTokens(storage, other, { at: later(2) })
      const revoked = await issueTokens(storage, client)
      await storage.revokeGrant(serviceId, revoked.grant.grantId, now)
      await issueTokens(storage, client, { at: later(-900) })
      await issueTokens(storage, await makeClient(storage))
      await issueCode(storage, client)

      const list = async (filter: { clientId?: number; subject?: string }, page = all) => {
        const { totalCount, items } = await elsewhere.listAccessTokens(serviceId, filter, page, now)
        return [totalCount, ...items.map(({ accessToken }) => Buffer.from(accessToken.key.locator).toString('hex'))]
      }
      const [a, b, c, d] = [latest, jane, own, oldest].map(({ access }) => Buffer.from(access.locator).toString('hex'))
      expect(await list({})).toEqual([4, a, b, c, d])
      expect(await list({}, { start: 1, end: 3 })).toEqual([4, b, c])
      expect(await list({}, { start: 3, end: 9 })).toEqual([4, d])
      expect(await list({}, { start: 4, end: 9 })).toEqual([4])
      expect(await list({ clientId })).toEqual([2, c, d])
      expect(await list({ subject: 'john' })).toEqual([2, a, d])
      expect(await list({ subject: 'john' }, { start: 1, end: 2 })).toEqual([2, d])
      expect(await list({ subject: 'john', clientId })).toEqual([1, d])
      expect(await list({ subject: 'jane', clientId })).toEqual([0])
      expect(await list({ subject: 'nobody' })).toEqual([0])
    })

    it('have what is over where that is wanted, without a refresh token that went to others', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const own = makeClientToken(client)
      await storage.issueTokens(own.grant, own.tokens)
      const replaced = await issueTokens(storage, client, { at: later(1) })
      const { tokens, access } = makeTokens(replaced.grant, later(2))
      await storage.refreshTokens(serviceId, replaced.refresh, tokens, later(2))
      const revoked = await issueTokens(storage, client, { at: later(3) })
      await storage.revokeGrant(serviceId, revoked.grant.grantId, now)
      const expired = await issueTokens(storage, client, { at: later(-900) })

      const list = async (status: 'VALID' | 'INVALID' | 'ALL', subject?: string) => {
        const filter = { clientId, status, ...(subject !== undefined && { subject }) }
        const { totalCount, items } = await elsewhere.listAccessTokens(serviceId, filter, all, later(3))
        const shown = items.map(({ accessToken, refreshToken }) => [
          Buffer.from(accessToken.key.locator).toString('hex'),
          refreshToken !== undefined,
        ])
        return [totalCount, ...shown]
      }
      const [a, b, c, d, e] = [revoked.access, access, replaced.access, own.access, expired.access].map(({ locator }) =>
        Buffer.from(locator).toString('hex'),
      )
      expect(await list('VALID')).toEqual([2, [b, true], [d, false]])
      expect(await list('VALID', 'john')).toEqual([1, [b, true]])
      const over = [
        [a, false],
        [c, false],
        [e, true],
      ]
      expect(await list('INVALID')).toEqual([3, ...over])
      expect(await list('INVALID', 'john')).toEqual([3, ...over])
      expect(await list('INVALID', 'jane')).toEqual([0])
      expect(await list('ALL')).toEqual([5, [a, false], [b, true], [c, false], [d, false], [e, true]])
    })

    it('show what goes together', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const first = await issueTokens(storage, client)
      const second = makeTokens(first.grant, later(9), ['photos', 'openid'])
      await storage.refreshTokens(serviceId, first.refresh, second.tokens, later(9))
      await storage.narrowGrants(serviceId, clientId, 'john', { scopes: ['photos'] }, now)
      const own = makeClientToken(client)
      await storage.issueTokens(own.grant, own.tokens)
      const { refreshToken, accessToken } = second.tokens
      const { proof } = refreshToken.key
      const { expiresAt } = refreshToken
      const refreshed = {
        accessToken: {
          ...{ ...accessToken, scopes: ['photos'], remainder: { scopes: ['photos'] } },
          refreshTokenExpiresAt: expiresAt,
        },
        refreshToken: { proof, scopes: ['photos'], expiresAt },
        refreshedAt: later(9),
      }
      const ofSubject = await storage.listAccessTokens(serviceId, { subject: 'john' }, all, now)
      expect(ofSubject).toEqual({ totalCount: 1, items: [refreshed] })
      const ofClient = await storage.listAccessTokens(serviceId, { clientId }, all, now)
      expect(ofClient).toEqual({ totalCount: 2, items: [refreshed, { accessToken: own.tokens.accessToken }] })
    })

    it('do not show a refresh token that expired before its access token', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const { key, grant } = await issueCode(storage, client)
      const { accessToken, refreshToken } = makeTokens(grant).tokens
      const brief = { accessToken, refreshToken: { ...refreshToken, expiresAt: later(60) } }
      await storage.redeemAuthorizationCode(serviceId, key, brief, now)
      for (const filter of [{ subject: 'john' }, { clientId }]) {
        const { items } = await storage.listAccessTokens(serviceId, filter, all, later(60))
        expect(items).toEqual([{ accessToken: { ...accessToken, refreshTokenExpiresAt: later(60) } }])
      }
    })

    it('are complete when there are more tokens than one look shows', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const made = Array.from({ length: 2100 }, () => makeClientToken(client))
      await Promise.all(made.map(({ grant, tokens }) => storage.issueTokens(grant, tokens)))
      const expected = made.map(({ access }) => Buffer.from(access.locator).toString('hex')).sort()
      const listed = await storage.listAccessTokens(serviceId, { clientId }, { start: 0, end: 3000 }, now)
      const locators = listed.items.map(({ accessToken }) => Buffer.from(accessToken.key.locator).toString('hex'))
      expect(locators).toEqual(expected.reverse())
      const across = await storage.listAccessTokens(serviceId, {}, { start: 900, end: 2050 }, now)
      expect(across).toEqual({ totalCount: 2100, items: listed.items.slice(900, 2050) })
    })
  })

  describe('RFC 7523 §3: the jti of an assertion', () => {
    it('is accepted once by client until it expires', async () => {
      const { serviceId, clientId } = await makeClient(storage)
      const use = (at: Date) => storage.useJti(serviceId, clientId, 'jti-1', later(60), at)
      expect(await use(now)).toBe(true)
      expect(await use(now)).toBe(false)
      expect(await elsewhere.useJti(serviceId, clientId, 'jti-1', later(500), later(59))).toBe(false)
      expect(await storage.useJti(serviceId, clientId, 'jti-2', later(60), now)).toBe(true)
      expect(await storage.useJti(serviceId, clientId + 1, 'jti-1', later(60), now)).toBe(true)
      expect(await storage.useJti(serviceId + 1, clientId, 'jti-1', later(60), now)).toBe(true)
      expect(await storage.useJti(serviceId, clientId, 'jti-1', later(120), later(60))).toBe(true)
      expect(await storage.useJti(serviceId, clientId, 'jti-1', later(120), later(119))).toBe(false)
    })

    it('may be any text', async () => {
      const { serviceId, clientId } = await makeClient(storage)
      for (const jti of ['', '\0', 'ü'.repeat(100_000), "'; DROP TABLE services; --"]) {
        expect(await storage.useJti(serviceId, clientId, jti, later(60), now)).toBe(true)
        expect(await storage.useJti(serviceId, clientId, jti, later(60), now)).toBe(false)
      }
    })

    it('used by many at once, is accepted from one', async () => {
      const { serviceId, clientId } = await makeClient(storage)
      const uses = Array.from({ length: 64 }, (_, n) =>
        (n % 2 ? storage : elsewhere).useJti(serviceId, clientId, 'jti', later(60), now),
      )
      expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1)
    })
  })

  describe('RFC 9449 §11.1: the jti of a DPoP proof', () => {
    const proof = { jkt: 'key-1', jti: 'jti-1', htu: 'https://as.example/oauth/token', expiresAt: later(60) }

    it('is accepted once by key and address until it expires, from whichever client', async () => {
      const { serviceId, clientId } = await makeClient(storage)
      const use = (change: Partial<typeof proof>, at: Date, by = clientId) =>
        storage.useDpopProof(serviceId, by, { ...proof, ...change }, at)
      expect(await use({}, now)).toBe(true)
      expect(await use({}, now)).toBe(false)
      expect(await use({}, now, clientId + 1)).toBe(false)
      expect(await elsewhere.useDpopProof(serviceId, clientId, proof, later(59))).toBe(false)
      expect(await use({ jti: 'jti-2' }, now)).toBe(true)
      expect(await use({ jkt: 'key-2' }, now)).toBe(true)
      expect(await use({ htu: 'https://as.example/oauth/par' }, now)).toBe(true)
      expect(await storage.useDpopProof(serviceId + 1, clientId, proof, now)).toBe(true)
      expect(await use({ expiresAt: later(120) }, later(60))).toBe(true)
    })

    it('is no jti of an assertion, whatever text it is', async () => {
      const { serviceId, clientId } = await makeClient(storage)
      const jti = `${proof.jkt} ${proof.htu} 1`
      expect(await storage.useJti(serviceId, clientId, jti, later(60), now)).toBe(true)
      expect(await storage.useDpopProof(serviceId, clientId, { ...proof, jti: '1' }, now)).toBe(true)
      for (const jti of ['\0', 'ü'.repeat(255), 'a b']) {
        expect(await storage.useDpopProof(serviceId, clientId, { ...proof, jti }, now)).toBe(true)
        expect(await storage.useDpopProof(serviceId, clientId, { ...proof, jti }, now)).toBe(false)
      }
    })

    it('used by many at once, is accepted from one', async () => {
      const { serviceId, clientId } = await makeClient(storage)
      const uses = Array.from({ length: 64 }, (_, n) =>
        (n % 2 ? storage : elsewhere).useDpopProof(serviceId, clientId, { ...proof, jti: 'raced' }, now),
      )
      expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1)
    })
  })
}
