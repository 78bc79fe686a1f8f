import { describe, expect, it } from 'vitest'
import type { HandleKey } from '../../../server/engine/handle.ts'
import { makeHandle } from '../../../server/engine/handle.ts'
import type {
  Authorization,
  ClaimNames,
  Declined,
  Storage,
  StoredClient,
} from '../../../server/engine/storage/storage.ts'
import type { IssueChoice } from './artefacts.ts'
import {
  authorization,
  issueCode,
  issueTokens,
  keepTicket,
  later,
  makeClient,
  makeIssue,
  makeTokens,
  now,
  without,
} from './artefacts.ts'
import type { Processes } from './contract.ts'

/** Grants that the client can name. */
export function describeManaged({ storage, elsewhere }: Processes): void {
  describe('Grant Management for OAuth 2.0: managed grants', () => {
    const [one, two] = authorization.authorizationDetails ?? []
    if (!one || !two) throw new Error('the authorization has two details')

    const plain = without(without(authorization, 'endsAt'), 'resources')
    const first: Authorization = { ...plain, scopes: ['profile', 'a'], authorizationDetails: [one] }
    const second: Authorization = { ...plain, scopes: ['b', 'a'], authorizationDetails: [two, one] }

    const forUserinfo = (userinfo: string[]): ClaimNames => ({ idToken: [], userinfo })
    const nothing: Declined = { scopes: [], claims: forUserinfo([]), isDeclined: () => false }

    /** Tokens of an authorization that does something with a managed grant. */
    const change = (
      client: StoredClient,
      action: 'create' | 'merge' | 'replace',
      grantId: string,
      granted: Authorization,
      {
        subject = 'john',
        claims = ['email'],
        declined = nothing,
        process = storage,
      }: { subject?: string; claims?: string[]; declined?: Declined; process?: Storage } = {},
    ) =>
      issueTokens(process, client, {
        subject,
        scopes: granted.scopes,
        authorization: granted,
        managedGrant: { action, grantId, claims: forUserinfo(claims), declined, mayBring: () => true },
      })

    const makeGrantId = () => makeHandle(now).handle

    const isAlive = async (serviceId: number, key: HandleKey) =>
      (await elsewhere.findAccessToken(serviceId, key)) !== undefined

    it('§5.2, create: holds what was granted, in its service only, and its tokens name it', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const grantId = makeGrantId()
      const { access, refresh } = await change(client, 'create', grantId, first)
      const expected = { grantId, clientId, subject: 'john', createdAt: now, modifiedAt: now }
      expect(await elsewhere.findManagedGrant(serviceId, grantId)).toEqual({
        ...expected,
        permissions: [{ scopes: ['profile', 'a'], claims: forUserinfo(['email']), details: [one] }],
      })
      expect((await storage.findAccessToken(serviceId, access))?.authorization.managedGrantId).toBe(grantId)
      expect((await storage.findRefreshToken(serviceId, refresh))?.authorization.managedGrantId).toBe(grantId)
      expect(await storage.findManagedGrant((await makeClient(storage)).serviceId, grantId)).toBeUndefined()
    })

    it('what is not an id of ours is not found, whatever it looks like', async () => {
      const { serviceId } = await makeClient(storage)
      for (const grantId of ['', 'x', '\0', "' OR 1=1 --", '__proto__', makeGrantId()]) {
        expect(await storage.findManagedGrant(serviceId, grantId)).toBeUndefined()
        expect(await storage.revokeManagedGrant(serviceId, grantId, now)).toBe(false)
      }
    })

    it('§5.2, merge: the grant and the new tokens have all of both; the old refresh token ends', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      const before = await change(client, 'create', grantId, first)
      const after = await change(client, 'merge', grantId, second, { claims: ['name', 'email'] })
      const content = { scopes: ['profile', 'a', 'b'], claims: forUserinfo(['email', 'name']), details: [one, two] }
      expect(await elsewhere.findManagedGrant(serviceId, grantId)).toMatchObject({ permissions: [content] })
      const token = await elsewhere.findRefreshToken(serviceId, after.refresh)
      expect(token?.authorization).toMatchObject({
        scopes: content.scopes,
        authorizationDetails: content.details,
        consentedClaims: ['email', 'name'],
        managedGrantId: grantId,
      })
      // A claim that was asked for by name once is still asked for, and how it is asked for now goes first.
      expect(token?.authorization.claims.userinfo).toEqual({ ...authorization.claims.userinfo, name: null })
      expect(await isAlive(serviceId, before.access)).toBe(true)
      expect((await elsewhere.findRefreshToken(serviceId, before.refresh))?.expiresAt).toEqual(now)
      const refreshed = await storage.refreshTokens(serviceId, before.refresh, makeTokens(before.grant).tokens, now)
      expect(refreshed).toEqual({ outcome: 'unknown' })
    })

    it('merge: a request that may not bring what the grant holds by then changes nothing, and its ticket is spent', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      const before = await change(client, 'create', grantId, first)
      const ticket = await keepTicket(storage, client)
      const { issue } = makeIssue(ticket, {
        authorization: second,
        managedGrant: {
          ...{ action: 'merge', grantId, claims: forUserinfo([]), declined: nothing },
          mayBring: (scopes) => !scopes.includes('profile'),
        },
      })
      expect(await elsewhere.issueAuthorizationCode(issue, now)).toBe('grant-beyond-request')
      expect(await storage.findTicket(serviceId, ticket.key, now)).toBeUndefined()
      expect(await storage.findAuthorizationCode(serviceId, issue.key)).toBeUndefined()
      expect(await storage.findManagedGrant(serviceId, grantId)).toMatchObject({
        permissions: [{ scopes: ['profile', 'a'], claims: forUserinfo(['email']), details: [one] }],
      })
      const refreshed = makeTokens(before.grant).tokens
      expect(await storage.refreshTokens(serviceId, before.refresh, refreshed, now)).toEqual({ outcome: 'redeemed' })
    })

    it('merge: what the person declines now is neither in the new tokens nor in the grant any more', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      await change(client, 'create', grantId, { ...first, resources: [x] }, { claims: ['email', 'name'] })
      await change(client, 'merge', grantId, second, { claims: ['email'] })
      const declined: Declined = {
        scopes: ['a'],
        claims: forUserinfo(['email']),
        isDeclined: ({ type }) => type === one.detail.type,
      }
      const added: Authorization = { ...second, scopes: ['c'], authorizationDetails: [], resources: [x] }
      const { refresh } = await change(client, 'merge', grantId, added, { claims: [], declined })
      expect(await elsewhere.findManagedGrant(serviceId, grantId)).toMatchObject({
        permissions: [
          { resources: [x], scopes: ['profile', 'c'], claims: forUserinfo(['name']), details: [] },
          { scopes: ['b'], claims: forUserinfo([]), details: [two] },
        ],
      })
      const token = await elsewhere.findRefreshToken(serviceId, refresh)
      expect(token?.authorization).toMatchObject({
        scopes: ['profile', 'c', 'b'],
        consentedClaims: ['name'],
        authorizationDetails: [two],
      })
    })

    it('§5.2, merge: a refresh that began before it comes too late, also where a clock is behind', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      const before = await change(client, 'create', grantId, first)
      await change(client, 'merge', grantId, second)
      const { tokens, access } = makeTokens(before.grant)
      const kept = { accessToken: tokens.accessToken, keptRefreshTokenExpiresAt: later(86_400) }
      for (const asked of [tokens, kept]) {
        const refreshed = await elsewhere.refreshTokens(serviceId, before.refresh, asked, later(-5))
        expect(refreshed).toEqual({ outcome: 'unknown' })
      }
      expect(await isAlive(serviceId, access)).toBe(false)
      expect(await isAlive(serviceId, before.access)).toBe(true)
    })

    it('§5.2, merge: an older code still brings an access token, and no refresh token', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      await change(client, 'create', grantId, first)
      const older = await issueCode(storage, client, {
        authorization: first,
        managedGrant: { action: 'merge', grantId, claims: forUserinfo([]), declined: nothing, mayBring: () => true },
      })
      const read = await storage.findAuthorizationCode(serviceId, older.key)
      expect(read?.authorization.refreshable).toBe(true)
      const newer = await change(client, 'merge', grantId, second)
      const again = await elsewhere.findAuthorizationCode(serviceId, older.key)
      expect(again?.authorization.refreshable).toBe(false)
      const { tokens, access } = makeTokens(older.grant)
      // What was read before the merge is not obeyed after it, and the code is not used up by the attempt.
      const late = await elsewhere.redeemAuthorizationCode(serviceId, older.key, tokens, later(-5))
      expect(late).toEqual({ outcome: 'unknown' })
      const { accessToken } = tokens
      expect(await storage.redeemAuthorizationCode(serviceId, older.key, { accessToken }, now)).toEqual({
        outcome: 'redeemed',
      })
      expect(await isAlive(serviceId, access)).toBe(true)
      const refreshed = await storage.refreshTokens(serviceId, newer.refresh, makeTokens(newer.grant).tokens, now)
      expect(refreshed).toEqual({ outcome: 'redeemed' })
    })

    it('§5.2, merge: of refreshes and a merge at the same time, only the tokens of the merge can be refreshed', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      for (let round = 0; round < 8; round++) {
        const grantId = makeGrantId()
        const before = await change(client, 'create', grantId, first)
        const successor = makeTokens(before.grant)
        const [merged] = await Promise.all([
          change(client, 'merge', grantId, second, { process: round % 2 ? storage : elsewhere }),
          elsewhere.refreshTokens(serviceId, before.refresh, successor.tokens, later(-5)),
        ])
        const refresh = async (key: HandleKey, grant: typeof before.grant) =>
          (await storage.refreshTokens(serviceId, key, makeTokens(grant).tokens, later(-5))).outcome
        expect(await refresh(successor.refresh, before.grant)).toBe('unknown')
        expect(await refresh(merged.refresh, merged.grant)).toBe('redeemed')
      }
    })

    const [x, y] = ['https://x.example', 'https://y.example']

    it('merge: what was granted for some resources stays with them, in the grant and out of tokens for others', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      await change(client, 'create', grantId, { ...first, resources: [x] })
      const added: Authorization = { ...second, scopes: ['b'], authorizationDetails: [two] }
      const wide = await change(client, 'merge', grantId, added, { claims: ['name'] })
      const atY = await change(client, 'merge', grantId, { ...added, scopes: ['c'], resources: [y] }, { claims: [] })
      const atX = await change(client, 'merge', grantId, { ...added, scopes: ['d'], resources: [x] }, { claims: [] })
      expect(await elsewhere.findManagedGrant(serviceId, grantId)).toMatchObject({
        permissions: [
          { resources: [x], scopes: ['profile', 'a', 'd'], claims: forUserinfo(['email']), details: [one, two] },
          { scopes: ['b'], claims: forUserinfo(['name']), details: [two] },
          { resources: [y], scopes: ['c'], claims: forUserinfo([]), details: [two] },
        ],
      })
      const of = async ({ refresh }: { refresh: HandleKey }) => {
        const token = await elsewhere.findRefreshToken(serviceId, refresh)
        const { resources, scopes, consentedClaims, authorizationDetails } = token?.authorization ?? {}
        return { resources, scopes, consentedClaims, authorizationDetails }
      }
      expect(await of(wide)).toEqual({ scopes: ['b'], consentedClaims: ['name'], authorizationDetails: [two] })
      expect(await of(atY)).toEqual({
        ...{ resources: [y], scopes: ['b', 'c'] },
        ...{ consentedClaims: ['name'], authorizationDetails: [two] },
      })
      expect(await of(atX)).toEqual({
        ...{ resources: [x], scopes: ['profile', 'a', 'd', 'b'] },
        ...{ consentedClaims: ['email', 'name'], authorizationDetails: [one, two] },
      })
    })

    it('merge: a time that was set ends both, for whatever resources', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      const endsAt = later(50).getTime()
      await change(client, 'create', grantId, { ...first, resources: [x], endsAt })
      const { access } = await change(client, 'merge', grantId, { ...second, resources: [y] })
      expect(await storage.findManagedGrant(serviceId, grantId)).toMatchObject({ endsAt })
      expect((await storage.findAccessToken(serviceId, access))?.authorization).toMatchObject({ endsAt })
    })

    it('merge: what the person allowed until a time does not come back afterwards', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      await change(client, 'create', grantId, { ...first, endsAt: later(50).getTime() })
      const choice: IssueChoice = {
        authorization: second,
        managedGrant: { action: 'merge', grantId, claims: forUserinfo([]), declined: nothing, mayBring: () => true },
      }
      const { issue } = makeIssue(await keepTicket(storage, client), choice)
      expect(await storage.issueAuthorizationCode(issue, later(50))).toBe('issued')
      const content = { scopes: second.scopes, claims: forUserinfo([]), details: second.authorizationDetails }
      expect(await storage.findManagedGrant(serviceId, grantId)).toMatchObject({ permissions: [content] })
      const code = await storage.findAuthorizationCode(serviceId, issue.key)
      expect(code?.authorization).toMatchObject({ scopes: second.scopes })
      expect(code?.authorization).not.toHaveProperty('endsAt')
    })

    it('§5.2, replace: the grant is what is granted now, and all that came of it before ends', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      const before = await change(client, 'create', grantId, first)
      const waiting = await issueCode(storage, client, {
        managedGrant: { action: 'merge', grantId, claims: forUserinfo([]), declined: nothing, mayBring: () => true },
      })
      const other = await issueTokens(storage, client)
      const after = await change(client, 'replace', grantId, second, { claims: [] })
      expect(await elsewhere.findManagedGrant(serviceId, grantId)).toMatchObject({
        permissions: [{ scopes: ['b', 'a'], claims: forUserinfo([]), details: [two, one] }],
      })
      expect(await isAlive(serviceId, before.access)).toBe(false)
      expect(await elsewhere.findRefreshToken(serviceId, before.refresh)).toBeUndefined()
      const late = await storage.redeemAuthorizationCode(serviceId, waiting.key, makeTokens(waiting.grant).tokens, now)
      expect(late).toEqual({ outcome: 'unknown' })
      expect(await isAlive(serviceId, after.access)).toBe(true)
      expect(await isAlive(serviceId, other.access)).toBe(true)
    })

    it('for another subject nothing is done with the grant, and the tokens are none of its parts', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      const johns = await change(client, 'create', grantId, first)
      const before = await storage.findManagedGrant(serviceId, grantId)
      for (const action of ['merge', 'replace'] as const) {
        const janes = await change(client, action, grantId, second, { subject: 'jane' })
        const token = await storage.findAccessToken(serviceId, janes.access)
        expect(token?.authorization).toEqual(second)
      }
      expect(await storage.findManagedGrant(serviceId, grantId)).toEqual(before)
      expect(await isAlive(serviceId, johns.access)).toBe(true)
    })

    it('a grant that is gone, or is another client’s, ends the request without a code', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const other = await makeClient(storage, serviceId)
      const foreign = makeGrantId()
      await change(other, 'create', foreign, first)
      for (const grantId of [makeGrantId(), foreign]) {
        for (const action of ['merge', 'replace'] as const) {
          const ticket = await keepTicket(storage, client)
          const { issue } = makeIssue(ticket, {
            managedGrant: { action, grantId, claims: forUserinfo([]), declined: nothing, mayBring: () => true },
          })
          expect(await storage.issueAuthorizationCode(issue, now)).toBe('grant-gone')
          expect(await storage.findAuthorizationCode(serviceId, issue.key)).toBeUndefined()
          expect(await storage.findTicket(serviceId, ticket.key, now)).toBeUndefined()
        }
      }
      expect(await storage.findGrantedScopes(serviceId, clientId, 'john')).toBeUndefined()
      expect(await storage.findManagedGrant(serviceId, foreign)).toMatchObject({
        permissions: [{ scopes: first.scopes }],
      })
    })

    it('§6.5: revoked, it is gone with all that came of it and with the memory of the scopes, and nothing else', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const [grantId, otherId] = [makeGrantId(), makeGrantId()]
      const parts = [await change(client, 'create', grantId, first), await change(client, 'merge', grantId, second)]
      const other = await change(client, 'create', otherId, first)
      expect(await storage.revokeManagedGrant((await makeClient(storage)).serviceId, grantId, now)).toBe(false)
      expect(await storage.revokeManagedGrant(serviceId, grantId, now)).toBe(true)
      expect(await elsewhere.findManagedGrant(serviceId, grantId)).toBeUndefined()
      for (const { access, refresh } of parts) {
        expect(await isAlive(serviceId, access)).toBe(false)
        expect(await elsewhere.findRefreshToken(serviceId, refresh)).toBeUndefined()
      }
      expect(await elsewhere.findGrantedScopes(serviceId, clientId, 'john')).toBeUndefined()
      expect(await isAlive(serviceId, other.access)).toBe(true)
      expect(await storage.findManagedGrant(serviceId, otherId)).toBeDefined()
      expect(await storage.revokeManagedGrant(serviceId, grantId, now)).toBe(false)
    })

    it('what the subject takes back is taken out of its grants, with the claims of scopes', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const [johns, janes] = [makeGrantId(), makeGrantId()]
      await change(client, 'create', johns, second, { claims: ['email', 'name'] })
      await change(client, 'merge', johns, { ...first, scopes: ['profile'] }, { claims: [] })
      await change(client, 'create', janes, second, { subject: 'jane' })
      const before = await storage.findManagedGrant(serviceId, janes)
      const left = { scopes: ['b', 'extra'], details: ['detail-2', 'extra'] }
      await storage.narrowGrants(serviceId, clientId, 'john', left, later(5))
      expect(await elsewhere.findManagedGrant(serviceId, johns)).toMatchObject({
        permissions: [{ scopes: ['b'], claims: forUserinfo(['email']), details: [two] }],
        modifiedAt: later(5),
      })
      expect(await storage.findManagedGrant(serviceId, janes)).toEqual(before)
      // A merge adds to what is left, and brings nothing back.
      const { access } = await change(client, 'merge', johns, { ...first, scopes: ['c'] })
      expect(await storage.findAccessToken(serviceId, access)).toMatchObject({ authorization: { scopes: ['b', 'c'] } })
    })

    it('ends with the authorization, the client and the service', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const ofClient = await makeClient(storage, serviceId)
      const ofService = await makeClient(storage)
      const ids = [makeGrantId(), makeGrantId(), makeGrantId(), makeGrantId()] as const
      await change(client, 'create', ids[0], first)
      await change(client, 'create', ids[1], first, { subject: 'jane' })
      await change(ofClient, 'create', ids[2], first)
      await change(ofService, 'create', ids[3], first)
      await storage.endAuthorization(serviceId, clientId, 'john', now)
      await storage.deleteClient(serviceId, ofClient.clientId)
      await storage.deleteService(ofService.serviceId)
      const found = ids.map((id, n) => elsewhere.findManagedGrant(n === 3 ? ofService.serviceId : serviceId, id))
      const exist = (await Promise.all(found)).map((grant) => grant !== undefined)
      expect(exist).toEqual([false, true, false, false])
    })

    it('does not expire: a purge after years leaves it alone', async () => {
      const client = await makeClient(storage)
      const grantId = makeGrantId()
      await change(client, 'create', grantId, first)
      while (await storage.purgeExpired(later(315_360_000), 1_000));
      expect(await storage.findManagedGrant(client.serviceId, grantId)).toBeDefined()
    })

    it('of merges at the same time, none is lost', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const grantId = makeGrantId()
      await change(client, 'create', grantId, { ...first, scopes: [] })
      const scopes = Array.from({ length: 16 }, (_, n) => `scope-${n}`)
      await Promise.all(
        scopes.map((scope, n) =>
          issueCode(n % 2 ? storage : elsewhere, client, {
            authorization: { ...first, scopes: [scope] },
            managedGrant: {
              action: 'merge',
              grantId,
              claims: forUserinfo([]),
              declined: nothing,
              mayBring: () => true,
            },
          }),
        ),
      )
      const grant = await storage.findManagedGrant(serviceId, grantId)
      expect(grant?.permissions.map(({ scopes }) => scopes.toSorted())).toEqual([scopes.toSorted()])
    })

    it('of a revocation and a merge at the same time, nothing is left alive, whoever comes first', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const rounds = Array.from({ length: 16 }, (_, n) => n)
      const outcomes = await Promise.all(
        rounds.map(async (n) => {
          const grantId = makeGrantId()
          const before = await change(client, 'create', grantId, first)
          const { issue } = makeIssue(await keepTicket(storage, client), {
            managedGrant: {
              action: n % 3 ? 'merge' : 'replace',
              grantId,
              claims: forUserinfo([]),
              declined: nothing,
              mayBring: () => true,
            },
          })
          const merge = () => storage.issueAuthorizationCode(issue, now)
          const revoke = () => elsewhere.revokeManagedGrant(serviceId, grantId, now)
          const [outcome] =
            n % 2 ? await Promise.all([merge(), revoke()]) : (await Promise.all([revoke(), merge()])).reverse()
          const { tokens, access } = makeTokens(issue.grant)
          const { outcome: late } = await storage.redeemAuthorizationCode(serviceId, issue.key, tokens, now)
          const alive = [await isAlive(serviceId, before.access), await isAlive(serviceId, access)]
          expect(await storage.findManagedGrant(serviceId, grantId)).toBeUndefined()
          return { outcome, late, alive }
        }),
      )
      for (const { outcome, late, alive } of outcomes) {
        expect(['issued', 'grant-gone']).toContain(outcome)
        expect(late).toBe('unknown')
        expect(alive).toEqual([false, false])
      }
    })

    it('of a narrowing and a merge at the same time, what was taken back does not come back', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      for (let round = 0; round < 8; round++) {
        const grantId = makeGrantId()
        const subject = `john-${round}`
        await change(client, 'create', grantId, { ...first, scopes: ['a', 'b'] }, { subject })
        const { issue } = makeIssue(await keepTicket(storage, client), {
          subject,
          authorization: { ...second, scopes: ['a'] },
          managedGrant: { action: 'merge', grantId, claims: forUserinfo([]), declined: nothing, mayBring: () => true },
        })
        await Promise.all([
          storage.issueAuthorizationCode(issue, now),
          elsewhere.narrowGrants(serviceId, clientId, subject, { scopes: ['a'] }, now),
        ])
        const grant = await storage.findManagedGrant(serviceId, grantId)
        expect(grant).toMatchObject({ permissions: [{ scopes: ['a'] }] })
        expect(await storage.findAuthorizationCode(serviceId, issue.key)).toMatchObject({ scopes: ['a'] })
      }
    })
  })

  describe('RFC 9068: a signed access token', () => {
    it('is found by its locator alone, in its service only, until it is revoked', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { access, grant } = await issueTokens(storage, client)
      const found = await elsewhere.findSignedAccessToken(serviceId, access.locator)
      expect(found).toEqual(await storage.findAccessToken(serviceId, access))
      expect(found?.key).toEqual(access)
      const { serviceId: foreign } = await makeClient(storage)
      expect(await storage.findSignedAccessToken(foreign, access.locator)).toBeUndefined()
      await storage.revokeGrant(serviceId, grant.grantId, now)
      expect(await storage.findSignedAccessToken(serviceId, access.locator)).toBeUndefined()
    })
  })
}
