import { describe, expect, it } from 'vitest'
import { makeHandle } from '../../../server/engine/handle.ts'
import { issueCode, issueTokens, later, makeClient, makeClientToken, makeTokens, now } from './artefacts.ts'
import type { Processes } from './contract.ts'

/** What changes tokens that are out, or ends many at once. */
export function describeChanges({ storage, elsewhere }: Processes): void {
  describe('RFC 9700 §4.14.2: a refresh token that comes again', () => {
    it('is unknown where it may be repeated and its successor waits, and a replay otherwise', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const first = await issueTokens(storage, client)
      const [second, third] = [makeTokens(first.grant, later(10)), makeTokens(first.grant, later(20))]
      const again = (at: Date, since?: Date) =>
        elsewhere.refreshTokens(serviceId, first.refresh, makeTokens(first.grant, at).tokens, at, since)
      await storage.refreshTokens(serviceId, first.refresh, second.tokens, later(10), later(-50))
      expect(await again(later(60), later(0))).toEqual({ outcome: 'unknown' })
      const live = await elsewhere.findLiveTokens(serviceId, first.grant.grantId)
      expect(live.accessToken?.key).toEqual(second.access)
      expect(live.refreshToken).toEqual(second.tokens.refreshToken)
      expect(await again(later(70), later(10))).toEqual({ outcome: 'replayed' })
      expect(await storage.findLiveTokens(serviceId, first.grant.grantId)).toEqual({})
      const other = await issueTokens(storage, client)
      const next = makeTokens(other.grant, later(10))
      await storage.refreshTokens(serviceId, other.refresh, next.tokens, later(10), later(-50))
      await storage.refreshTokens(serviceId, next.refresh, { ...third.tokens }, later(20), later(-40))
      const late = await elsewhere.refreshTokens(serviceId, other.refresh, next.tokens, later(21), later(-39))
      expect(late).toEqual({ outcome: 'replayed' })
    })
  })

  describe('One access token for a subject and a client', () => {
    it('of sixteen codes that are redeemed at two processes at once, one has tokens that live', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const codes = await Promise.all(Array.from({ length: 16 }, () => issueCode(storage, client)))
      const made = codes.map(({ grant }) => makeTokens(grant))
      await Promise.all(
        codes.map(({ key }, index) => {
          const tokens = made[index]?.tokens
          if (!tokens) throw new Error('no tokens')
          const single = { ...tokens, endsOthers: true }
          return (index % 2 === 0 ? storage : elsewhere).redeemAuthorizationCode(serviceId, key, single, now)
        }),
      )
      const found = await Promise.all(made.map(({ access }) => storage.findAccessToken(serviceId, access)))
      expect(found.filter((token) => token !== undefined)).toHaveLength(1)
    })
  })

  describe('Ending many tokens', () => {
    it('by subject, by client or by both: these, at every process, and no others', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const other = await makeClient(storage, serviceId)
      const [john, jane] = [await issueTokens(storage, client), await issueTokens(storage, client, { subject: 'jane' })]
      const [elsewhereJohn, own] = [await issueTokens(storage, other), makeClientToken(client)]
      await storage.issueTokens(own.grant, own.tokens)
      const left = async () => {
        const keys = { john, jane, elsewhereJohn, own }
        const states = Object.entries(keys).map(async ([name, { access }]) =>
          (await elsewhere.findAccessToken(serviceId, access)) ? [name] : [],
        )
        return (await Promise.all(states)).flat()
      }
      expect(await storage.revokeTokens(serviceId, { clientId: other.clientId, subject: 'jane' }, now)).toBe(0)
      expect(await storage.revokeTokens(serviceId, { subject: 'john' }, now)).toBe(2)
      expect(await left()).toEqual(['jane', 'own'])
      expect(await storage.revokeTokens(serviceId, { clientId }, now)).toBe(2)
      expect(await left()).toEqual([])
    })
  })

  describe('Finding and changing one token', () => {
    it('is found by its hash, in its service only', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { access, refresh } = await issueTokens(storage, client)
      expect(await elsewhere.findTokenKey(serviceId, 'access', access.proof)).toEqual(access)
      expect(await elsewhere.findTokenKey(serviceId, 'refresh', refresh.proof)).toEqual(refresh)
      expect(await elsewhere.findTokenKey(serviceId, 'access', refresh.proof)).toBeUndefined()
      const { serviceId: another } = await makeClient(storage)
      expect(await elsewhere.findTokenKey(another, 'access', access.proof)).toBeUndefined()
    })

    it('is changed once, as long as it lives; a new value takes the place of the old', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { access, refresh, tokens } = await issueTokens(storage, client)
      const { key } = makeHandle(now)
      const properties = [{ key: 'a', value: '1' }]
      const accessToken = { ...tokens.accessToken, key, scopes: ['photos'], expiresAt: later(99) }
      const change = { accessToken, refreshTokenExpiresAt: later(999), refreshed: { properties } }
      expect(await storage.changeAccessToken(serviceId, access.locator, () => change)).toBe(change)
      expect(await elsewhere.changeAccessToken(serviceId, access.locator, () => change)).toBeUndefined()
      expect(await elsewhere.findAccessToken(serviceId, access)).toBeUndefined()
      expect(await elsewhere.findAccessToken(serviceId, key)).toEqual({
        ...accessToken,
        refreshTokenExpiresAt: later(999),
      })
      expect(await elsewhere.findRefreshToken(serviceId, refresh)).toMatchObject({
        expiresAt: later(999),
        authorization: { properties },
      })
    })

    it('a client’s own token is changed as well', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const own = makeClientToken(client)
      await storage.issueTokens(own.grant, own.tokens)
      const accessToken = { ...own.tokens.accessToken, scopes: [] }
      expect(await storage.changeAccessToken(serviceId, own.access.locator, () => ({ accessToken }))).toBeDefined()
      expect(await elsewhere.findAccessToken(serviceId, own.access)).toEqual(accessToken)
    })

    it('is left as it is where the change is not wanted after all', async () => {
      const client = await makeClient(storage)
      const { access, tokens } = await issueTokens(storage, client)
      const { serviceId } = client
      expect(await storage.changeAccessToken(serviceId, access.locator, () => undefined)).toBeUndefined()
      expect(await elsewhere.findAccessToken(serviceId, access)).toMatchObject(tokens.accessToken)
    })

    it('of sixteen changes at two processes at once, none undoes another', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const own = makeClientToken(client)
      await storage.issueTokens(own.grant, own.tokens)
      const { access } = await issueTokens(storage, client)
      for (const { locator } of [access, own.access]) {
        await Promise.all(
          Array.from({ length: 16 }, (_, n) =>
            (n % 2 ? storage : elsewhere).changeAccessToken(serviceId, locator, (token) => ({
              accessToken: { ...token, scopes: [...token.scopes, `more:${n}`] },
            })),
          ),
        )
        const changed = await storage.findSignedAccessToken(serviceId, locator)
        expect(changed?.scopes.filter((scope) => scope.startsWith('more:'))).toHaveLength(16)
      }
    })

    it('of changes and an end at the same time, nothing is left alive, whoever comes first', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      for (let round = 0; round < 16; round += 1) {
        const own = makeClientToken(client)
        await storage.issueTokens(own.grant, own.tokens)
        const both = [own, await issueTokens(storage, client)].map(({ grant, access }) => ({ grant, access }))
        for (const { grant, access } of both) {
          const renewed = makeHandle(now).key
          const change = (process: typeof storage, key = access) =>
            process.changeAccessToken(serviceId, access.locator, (token) => ({ accessToken: { ...token, key } }))
          const end = () => elsewhere.revokeGrant(serviceId, grant.grantId, now)
          const [first, last] = round % 2 ? [end, () => change(elsewhere)] : [() => change(elsewhere), end]
          await Promise.all([change(storage), first(), change(storage, renewed), last()])
          const found = [access, renewed].map((key) => storage.findAccessToken(serviceId, key))
          expect(await Promise.all(found)).toEqual([undefined, undefined])
        }
      }
    })

    it('a refresh that was made before a change does nothing; one that knows of the change is served', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { access, refresh, grant } = await issueTokens(storage, client)
      const properties = [{ key: 'a', value: '1' }]
      await storage.changeAccessToken(serviceId, access.locator, (accessToken) => ({
        accessToken,
        refreshed: { properties },
      }))
      const record = await elsewhere.findRefreshToken(serviceId, refresh)
      expect(record).toMatchObject({ changes: 1, authorization: { properties } })
      const next = makeTokens(grant, later(10))
      const renew = (changes?: number) =>
        elsewhere.refreshTokens(serviceId, refresh, next.tokens, later(10), undefined, changes)
      expect(await renew()).toEqual({ outcome: 'unknown' })
      expect(await storage.findAccessToken(serviceId, access)).toBeDefined()
      expect(await renew(record?.changes)).toEqual({ outcome: 'redeemed' })
      expect(await storage.findAccessToken(serviceId, next.access)).toBeDefined()
    })
  })
}
