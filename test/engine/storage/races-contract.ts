import { describe, expect, it } from 'vitest'
import type { HandleKey } from '../../../server/engine/handle.ts'
import { ClientNotActiveError } from '../../../server/engine/storage/active-clients.ts'
import type { Storage } from '../../../server/engine/storage/storage.ts'
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

const all = { start: 0, end: 1000 }

/** Many who want the same at the same time. */
export function describeRaces({ storage, elsewhere }: Processes): void {
  describe('Races between two processes', () => {
    /** So many attempts at once, half of them in each process. */
    function race<Result>(times: number, attempt: (process: Storage, n: number) => Promise<Result>): Promise<Result[]> {
      return Promise.all(Array.from({ length: times }, (_, n) => attempt(n % 2 ? storage : elsewhere, n)))
    }

    const oneOf64 = [...Array.from({ length: 1 }, () => 'redeemed'), ...Array.from({ length: 63 }, () => 'replayed')]

    it('RFC 6749 §4.1.2: of 64 redemptions of a code one wins, the rest are replays, and nothing is left alive', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const { key, grant } = await issueCode(storage, client)
      const made = Array.from({ length: 64 }, () => makeTokens(grant))
      const outcomes = await race(64, async (process, n) => {
        const { tokens } = made[n] ?? makeTokens(grant)
        return (await process.redeemAuthorizationCode(serviceId, key, tokens, now)).outcome
      })
      expect(outcomes.sort()).toEqual(oneOf64)
      expect(await living(serviceId, made)).toEqual([])
      expect((await storage.listAccessTokens(serviceId, { subject: 'john' }, all, now)).totalCount).toBe(0)
    })

    it('RFC 9700 §4.14.2: of 64 rotations of a refresh token one wins, and nothing is left alive', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const first = await issueTokens(storage, client)
      const made = Array.from({ length: 64 }, () => makeTokens(first.grant))
      const outcomes = await race(64, async (process, n) => {
        const { tokens } = made[n] ?? makeTokens(first.grant)
        return (await process.refreshTokens(serviceId, first.refresh, tokens, now)).outcome
      })
      expect(outcomes.sort()).toEqual(oneOf64)
      expect(await living(serviceId, [first, ...made])).toEqual([])
    })

    it('of 64 uses of a refresh token that stays, all succeed, and one access token is left', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const first = await issueTokens(storage, client)
      const made = Array.from({ length: 64 }, () => makeTokens(first.grant))
      const outcomes = await race(64, async (process, n) => {
        const { accessToken } = (made[n] ?? makeTokens(first.grant)).tokens
        return (await process.refreshTokens(serviceId, first.refresh, { accessToken }, now)).outcome
      })
      expect(new Set(outcomes)).toEqual(new Set(['redeemed']))
      const accessTokens = await Promise.all(made.map(({ access }) => storage.findAccessToken(serviceId, access)))
      expect(accessTokens.filter((token) => token !== undefined)).toHaveLength(1)
    })

    it('of a revocation and a refresh at the same time, nothing is left alive, whoever comes first', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const grants = await race(32, (process) => issueTokens(process, client))
      const successors = grants.map(({ grant }) => makeTokens(grant))
      await race(32, async (process, n) => {
        const [first, next] = [grants[n], successors[n]]
        if (!first || !next) throw new Error('one for each was made')
        const other = process === storage ? elsewhere : storage
        const refresh = () => process.refreshTokens(serviceId, first.refresh, next.tokens, now)
        const revoke = () =>
          n % 3 === 0
            ? other.endAuthorization(serviceId, clientId, 'john', now)
            : other.revokeGrant(serviceId, first.grant.grantId, now)
        await Promise.all(n % 2 ? [refresh(), revoke()] : [revoke(), refresh()])
      })
      expect(await living(serviceId, [...grants, ...successors])).toEqual([])
    })

    it('of a revocation and a redemption at the same time, nothing is left alive', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const made = await race(32, async (process, n) => {
        const { key, grant } = await issueCode(process, client)
        const tokens = makeTokens(grant)
        const other = process === storage ? elsewhere : storage
        const redeem = () => process.redeemAuthorizationCode(serviceId, key, tokens.tokens, now)
        const revoke = () => other.revokeGrant(serviceId, grant.grantId, now)
        await Promise.all(n % 2 ? [redeem(), revoke()] : [revoke(), redeem()])
        return tokens
      })
      expect(await living(serviceId, made)).toEqual([])
    })

    it('of a deleted client and its token requests at the same time, nothing is left alive', async () => {
      const client = await makeClient(storage)
      const { serviceId, clientId } = client
      const codes = await race(16, (process) => issueCode(process, client))
      const made = codes.map(({ grant }) => makeTokens(grant))
      const own = codes.map(() => makeClientToken(client))
      const deletion = elsewhere.deleteClient(serviceId, clientId)
      await race(16, async (process, n) => {
        const [code, tokens, token] = [codes[n], made[n], own[n]]
        if (!code || !tokens || !token) throw new Error('one for each was made')
        // Whoever comes too late is told, and whoever came in time has nothing that lives.
        await process.redeemAuthorizationCode(serviceId, code.key, tokens.tokens, now).catch(ofClientNotActive)
        await process.issueTokens(token.grant, token.tokens).catch(ofClientNotActive)
      })
      expect(await deletion).toBe(true)
      expect(await living(serviceId, made)).toEqual([])
      const found = await Promise.all(own.map(({ access }) => storage.findAccessToken(serviceId, access)))
      expect(found.filter((token) => token !== undefined)).toEqual([])
    })

    it('of those who answer one ticket at the same time, with codes and with refusals, one does', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      for (let round = 0; round < 4; round++) {
        const ticket = await keepTicket(storage, client)
        const issues = Array.from({ length: 16 }, () => makeIssue(ticket).issue)
        const answered = await race(16, async (process, n) => {
          const issue = issues[n]
          if (!issue) throw new Error('one for each was made')
          return n % 4 < 2
            ? (await process.issueAuthorizationCode(issue, now)) === 'issued'
            : process.spendTicket(serviceId, ticket.key, now)
        })
        expect(answered.filter(Boolean)).toHaveLength(1)
        const codes = await Promise.all(issues.map(({ key }) => storage.findAuthorizationCode(serviceId, key)))
        const issued = answered.filter((answer, n) => answer && n % 4 < 2)
        expect(codes.filter((code) => code !== undefined)).toHaveLength(issued.length)
      }
    })

    it('RFC 9126: of those who complete one pushed request in several windows, one does', async () => {
      const client = await makeClient(storage)
      const pushed = await keepPushedRequest(storage, client)
      const tickets = await race(16, (process) => keepTicket(process, client, pushed))
      const outcomes = await race(16, (process, n) => {
        const ticket = tickets[n]
        if (!ticket) throw new Error('one for each was made')
        return process.issueAuthorizationCode(makeIssue(ticket).issue, now)
      })
      expect(outcomes.filter((outcome) => outcome === 'issued')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'request-uri-spent')).toHaveLength(15)
    })

    it('tokens may be purged by both at the same time', async () => {
      const client = await makeClient(storage)
      const { serviceId } = client
      const made = await race(200, async (process, n) => {
        const token = makeClientToken(client)
        const expiresAt = later(n % 2 ? -1 : 600)
        await process.issueTokens(token.grant, { accessToken: { ...token.tokens.accessToken, expiresAt } })
        return token.access
      })
      await race(2, async (process) => {
        while (await process.purgeExpired(now, 50));
      })
      const found = await Promise.all(made.map((key) => storage.findAccessToken(serviceId, key)))
      expect(found.map((token) => token !== undefined)).toEqual(made.map((_, n) => n % 2 === 0))
    })

    async function living(serviceId: number, made: { access: HandleKey; refresh: HandleKey }[]): Promise<unknown[]> {
      const tokens = await Promise.all(
        made.flatMap(({ access, refresh }) => [
          storage.findAccessToken(serviceId, access),
          storage.findRefreshToken(serviceId, refresh),
        ]),
      )
      return tokens.filter((token) => token !== undefined)
    }
  })
}

function ofClientNotActive(error: unknown): void {
  if (!(error instanceof ClientNotActiveError)) throw error
}
