import { describe, expect, it } from 'vitest'
import { makeHandle } from '../../../server/engine/handle.ts'
import {
  authorization,
  forge,
  issueCode,
  keepPushedRequest,
  keepTicket,
  later,
  makeClient,
  makeIssue,
  makeTokens,
  now,
  without,
} from './artefacts.ts'
import type { Processes } from './contract.ts'

/** From the pushed request to the redeemed code. */
export function describeAuthorization({ storage, elsewhere }: Processes): void {
  describe('RFC 9126: pushed authorization requests', () => {
    it('are found with their proof, in their service only, also when they expired or were spent', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const key = await keepPushedRequest(storage, client)
      const kept = { key, serviceId, clientId, parameters: 'scope=openid', expiresAt: later(60) }
      expect(await elsewhere.findPushedRequest(serviceId, key)).toEqual(kept)
      expect(await storage.findPushedRequest(serviceId, forge(key))).toBeUndefined()
      expect(await storage.findPushedRequest((await makeClient(storage)).serviceId, key)).toBeUndefined()
      const ticket = await keepTicket(storage, client, key)
      await storage.spendTicket(serviceId, ticket.key, later(1))
      expect(await elsewhere.findPushedRequest(serviceId, key)).toEqual({ ...kept, spentAt: later(1) })
    })
  })

  describe('Tickets', () => {
    it('are found with their proof, in their service only, until they expire', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const ticket = await keepTicket(storage, client, await keepPushedRequest(storage, client))
      expect(await elsewhere.findTicket(serviceId, ticket.key, now)).toEqual(ticket)
      const plain = await keepTicket(storage, client)
      expect(await elsewhere.findTicket(serviceId, plain.key, later(599))).toEqual(plain)
      expect(await storage.findTicket(serviceId, plain.key, later(600))).toBeUndefined()
      expect(await storage.findTicket(serviceId, forge(plain.key), now)).toBeUndefined()
      expect(await storage.findTicket((await makeClient(storage)).serviceId, plain.key, now)).toBeUndefined()
    })

    it('of the first version, which knew no resources, are found with none', async () => {
      const client = await makeClient(storage)
      const ticket = await keepTicket(storage, client)
      const old = { ...ticket, key: makeHandle(now).key, request: without(ticket.request, 'resources') }
      await storage.keepTicket(old)
      const found = await elsewhere.findTicket(client.serviceId, old.key, now)
      expect(found?.request).toEqual({ ...old.request, resources: [] })
    })

    it('hold a context, which can be changed until they are spent or expire', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { key } = await keepTicket(storage, client)
      expect(await storage.setTicketContext(serviceId, key, 'second', now)).toBe(true)
      expect(await storage.setTicketContext(serviceId, forge(key), 'forged', now)).toBe(false)
      expect(await storage.setTicketContext((await makeClient(storage)).serviceId, key, 'foreign', now)).toBe(false)
      expect(await storage.setTicketContext(serviceId, key, 'late', later(600))).toBe(false)
      expect(await elsewhere.findTicket(serviceId, key, now)).toMatchObject({ context: 'second' })
      await storage.spendTicket(serviceId, key, now)
      expect(await storage.setTicketContext(serviceId, key, 'third', now)).toBe(false)
    })

    it('are spent once, by who has them, before they expire', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { key } = await keepTicket(storage, client)
      expect(await storage.spendTicket(serviceId, forge(key), now)).toBe(false)
      expect(await storage.spendTicket((await makeClient(storage)).serviceId, key, now)).toBe(false)
      expect(await storage.spendTicket(serviceId, key, later(600))).toBe(false)
      expect(await storage.spendTicket(serviceId, key, now)).toBe(true)
      expect(await storage.spendTicket(serviceId, key, now)).toBe(false)
      expect(await elsewhere.findTicket(serviceId, key, now)).toBeUndefined()
    })
  })

  describe('RFC 6749 §4.1.2: issuing an authorization code', () => {
    it('spends the ticket, keeps the code and remembers the scopes', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const ticket = await keepTicket(storage, client)
      const { issue } = makeIssue(ticket)
      expect(await storage.issueAuthorizationCode(issue, later(5))).toBe('issued')
      expect(await elsewhere.findTicket(serviceId, ticket.key, now)).toBeUndefined()
      expect(await elsewhere.findAuthorizationCode(serviceId, issue.key)).toEqual({
        serviceId,
        scopes: authorization.scopes,
        ...issue.code,
      })
      expect(await elsewhere.findGrantedScopes(serviceId, clientId, 'john')).toEqual({
        latest: authorization.scopes,
        merged: authorization.scopes,
        modifiedAt: later(5),
      })
    })

    it('keeps a code without the optional members', async () => {
      const client = await makeClient(storage)
      const { issue } = makeIssue(await keepTicket(storage, client))
      const { redirectUri, codeChallenge, codeChallengeMethod, ...bare } = issue.code
      expect([redirectUri, codeChallenge, codeChallengeMethod]).not.toContain(undefined)
      const least = { scopes: [], clientIdAliasUsed: false, claims: { idToken: {}, userinfo: {} }, refreshable: false }
      const code = { ...bare, authorization: least }
      expect(await storage.issueAuthorizationCode({ ...issue, code }, now)).toBe('issued')
      const kept = await storage.findAuthorizationCode(client.serviceId, issue.key)
      expect(kept).toStrictEqual({ ...kept, ...{ serviceId: client.serviceId, authorization: least } })
      expect(Object.keys(kept ?? {})).not.toContain('redirectUri')
      expect(kept?.authorization).toStrictEqual(least)
    })

    it('a code lives no longer than its authorization', async () => {
      const client = await makeClient(storage)
      const { key } = await issueCode(storage, client, {
        authorization: { ...authorization, endsAt: later(20).getTime() },
      })
      expect(await storage.findAuthorizationCode(client.serviceId, key)).toMatchObject({ expiresAt: later(20) })
    })

    it('with a spent, expired, forged or foreign ticket, nothing happens', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const ticket = await keepTicket(storage, client)
      const { issue } = makeIssue(ticket)
      const foreign = (await makeClient(storage)).serviceId
      expect(await storage.issueAuthorizationCode({ ...issue, ticket: forge(ticket.key) }, now)).toBe('ticket-spent')
      expect(await storage.issueAuthorizationCode({ ...issue, serviceId: foreign }, now)).toBe('ticket-spent')
      expect(await storage.issueAuthorizationCode(issue, later(600))).toBe('ticket-spent')
      expect(await storage.findTicket(serviceId, ticket.key, now)).toBeDefined()
      await storage.spendTicket(serviceId, ticket.key, now)
      expect(await storage.issueAuthorizationCode(issue, now)).toBe('ticket-spent')
      expect(await storage.findAuthorizationCode(serviceId, issue.key)).toBeUndefined()
      expect(await storage.findGrantedScopes(serviceId, clientId, 'john')).toBeUndefined()
    })

    it('a pushed request is used up by the first authorization that is completed, even after it expired', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const pushed = await keepPushedRequest(storage, client)
      const [first, second] = [await keepTicket(storage, client, pushed), await keepTicket(storage, client, pushed)]
      expect(await storage.issueAuthorizationCode(makeIssue(first).issue, later(120))).toBe('issued')
      expect(await elsewhere.findPushedRequest(serviceId, pushed)).toMatchObject({ spentAt: later(120) })
      await storage.deleteGrantedScopes(serviceId, clientId, 'john')
      const { issue } = makeIssue(second)
      expect(await storage.issueAuthorizationCode(issue, later(121))).toBe('request-uri-spent')
      expect(await storage.findAuthorizationCode(serviceId, issue.key)).toBeUndefined()
      expect(await storage.findGrantedScopes(serviceId, clientId, 'john')).toBeUndefined()
      // Its ticket could never be answered with a code again, so it is spent as well.
      expect(await storage.findTicket(serviceId, second.key, now)).toBeUndefined()
    })

    it('a refused authorization uses the pushed request up as well', async () => {
      const client = await makeClient(storage)
      const pushed = await keepPushedRequest(storage, client)
      const [first, second] = [await keepTicket(storage, client, pushed), await keepTicket(storage, client, pushed)]
      expect(await storage.spendTicket(client.serviceId, first.key, now)).toBe(true)
      expect(await storage.issueAuthorizationCode(makeIssue(second).issue, now)).toBe('request-uri-spent')
    })

    it('the memory of scopes has the latest and all that ever were', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      await issueCode(storage, client, { scopes: ['a', 'b'] })
      await issueCode(storage, client, { scopes: ['c', 'a'] })
      expect(await storage.findGrantedScopes(serviceId, clientId, 'john')).toMatchObject({
        latest: ['c', 'a'],
        merged: ['a', 'b', 'c'],
      })
      await issueCode(storage, client, { scopes: [] })
      expect(await storage.findGrantedScopes(serviceId, clientId, 'john')).toMatchObject({
        latest: [],
        merged: ['a', 'b', 'c'],
      })
    })

    it('the memory loses no scope to a race', async () => {
      const client = await makeClient(storage)
      const scopes = Array.from({ length: 16 }, (_, n) => `scope-${n}`)
      await Promise.all(scopes.map((scope, n) => issueCode(n % 2 ? storage : elsewhere, client, { scopes: [scope] })))
      const memory = await storage.findGrantedScopes(client.serviceId, client.clientId, 'john')
      expect(memory?.merged.sort()).toEqual(scopes.sort())
      expect(memory?.latest).toHaveLength(1)
    })
  })

  describe('RFC 6749 §4.1.3: redeeming an authorization code', () => {
    it('keeps the tokens, and the code says when', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { key, grant, code } = await issueCode(storage, client)
      const { tokens, access, refresh } = makeTokens(grant)
      expect(await storage.redeemAuthorizationCode(serviceId, key, tokens, later(3))).toEqual({ outcome: 'redeemed' })
      expect(await elsewhere.findAccessToken(serviceId, access)).toEqual({
        ...tokens.accessToken,
        refreshTokenExpiresAt: tokens.refreshToken.expiresAt,
      })
      expect(await elsewhere.findRefreshToken(serviceId, refresh)).toEqual(tokens.refreshToken)
      const redeemed = await elsewhere.findAuthorizationCode(serviceId, key)
      expect(redeemed).toEqual({ serviceId, scopes: authorization.scopes, ...code, redeemedAt: later(3) })
    })

    it('without a refresh token there is none', async () => {
      const client = await makeClient(storage)
      const { key, grant } = await issueCode(storage, client)
      const { tokens, access, refresh } = makeTokens(grant)
      const { accessToken } = tokens
      await storage.redeemAuthorizationCode(client.serviceId, key, { accessToken }, now)
      expect(await storage.findAccessToken(client.serviceId, access)).toEqual(accessToken)
      expect(await storage.findRefreshToken(client.serviceId, refresh)).toBeUndefined()
    })

    it('§10.5: a second use is told apart and ends all that came of the first, even long after', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { key, grant } = await issueCode(storage, client)
      const [first, second] = [makeTokens(grant), makeTokens(grant)]
      await storage.redeemAuthorizationCode(serviceId, key, first.tokens, now)
      const replay = await elsewhere.redeemAuthorizationCode(serviceId, key, second.tokens, later(3600))
      expect(replay).toEqual({ outcome: 'replayed' })
      for (const { access, refresh } of [first, second]) {
        expect(await storage.findAccessToken(serviceId, access)).toBeUndefined()
        expect(await storage.findRefreshToken(serviceId, refresh)).toBeUndefined()
      }
      const third = await storage.redeemAuthorizationCode(serviceId, key, makeTokens(grant).tokens, now)
      expect(third).toEqual({ outcome: 'replayed' })
    })

    it('an expired, unknown, forged or foreign code is unknown, and stays as it was', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const foreign = (await makeClient(storage)).serviceId
      const { key, grant } = await issueCode(storage, client)
      const { tokens } = makeTokens(grant)
      const unknown = { outcome: 'unknown' }
      expect(await storage.redeemAuthorizationCode(serviceId, key, tokens, later(60))).toEqual(unknown)
      expect(await storage.redeemAuthorizationCode(serviceId, makeHandle(now).key, tokens, now)).toEqual(unknown)
      expect(await storage.redeemAuthorizationCode(serviceId, forge(key), tokens, now)).toEqual(unknown)
      expect(await storage.redeemAuthorizationCode(foreign, key, tokens, now)).toEqual(unknown)
      expect(await storage.findAuthorizationCode(serviceId, forge(key))).toBeUndefined()
      expect(await storage.findAuthorizationCode(foreign, key)).toBeUndefined()
      expect(await storage.redeemAuthorizationCode(serviceId, key, tokens, later(59))).toEqual({ outcome: 'redeemed' })
      // Nor does a forger or another service end what the rightful client has.
      expect(await storage.redeemAuthorizationCode(serviceId, forge(key), tokens, now)).toEqual(unknown)
      expect(await storage.redeemAuthorizationCode(foreign, key, tokens, now)).toEqual(unknown)
      expect(await storage.findAccessToken(serviceId, tokens.accessToken.key)).toBeDefined()
    })

    it('a code whose grant was revoked is unknown', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { key, grant } = await issueCode(storage, client)
      await storage.revokeGrant(serviceId, grant.grantId, now)
      const { tokens, access } = makeTokens(grant)
      expect(await storage.redeemAuthorizationCode(serviceId, key, tokens, now)).toEqual({ outcome: 'unknown' })
      expect(await storage.findAccessToken(serviceId, access)).toBeUndefined()
    })
  })
}
