import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, connectEngine } from '../../sdk/engine.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { createEngine } from '../../server/engine/engine.ts'
import { openStorage } from '../../server/engine/storage/sql.ts'
import type { Storage } from '../../server/engine/storage/storage.ts'
import { makeClientAssertion } from '../client-assertion.ts'
import { makeProofKey } from '../dpop-proof.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, jsonOf, tokensOf } from './conversation.ts'
import { testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'
import { createPostgresDatabase, createSqliteDatabase } from './storage/test-databases.ts'
import type { TwoEngines } from './two-engines.ts'
import { openTwoEngines } from './two-engines.ts'

/*
 * Two engines on one database. The other one has the client in its memory, and its clock stands still: it has no reason to look again.
 * Nothing tells it of the lock or the deletion, and what it answers next must show it.
 */

const signing = await generateKeyPair('ES256')
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(signing.publicKey)), kid: 'one', alg: 'ES256' }] })

/** What every answer has. */
interface Said {
  action?: string
  resultCode?: string
}

/** What is asked of the other engine, and what it answers: the action and the result code. */
interface Question {
  /** Done here, while all is well. */
  prepare: (client: RegisteredTestClient, engines: TwoEngines) => Promise<() => Promise<Said>>
  locked: string
  /** The same question again, once the client is unlocked. */
  unlocked: string
  deleted: string
  /** The client signs, instead of having a secret. */
  signs?: true
}

const own = { grant_type: 'client_credentials', scope: 'notes:read' }
const invalidClient = { locked: 'INVALID_CLIENT A957314', deleted: 'INVALID_CLIENT A957313' }
/** RFC 6749 §5.2: what came of an authorization ends with its client, so the code or the token is unknown. */
const endedCode = { ...invalidClient, deleted: 'BAD_REQUEST A050305' }
const endedRefreshToken = { ...invalidClient, deleted: 'BAD_REQUEST A053305' }
const unknownToken = { locked: 'UNAUTHORIZED A088302', deleted: 'UNAUTHORIZED A088302' }

const questions: Record<string, Question> = {
  'client credentials, RFC 6749 §4.4': {
    prepare: (client, { there }) => ready(() => there.token(own, client)),
    ...{ ...invalidClient, unlocked: 'OK A052001' },
  },
  'client credentials with an assertion and a DPoP proof, RFC 7523 and RFC 9449': {
    signs: true,
    async prepare(client, { there, now }) {
      const [{ clientId }, proofKey] = [client, await makeProofKey()]
      return async () => {
        const signer = { clientId, key: signing.privateKey, alg: 'ES256', kid: 'one' }
        const client_assertion = await makeClientAssertion(signer, { aud: testIssuer, now })
        const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
        const dpop = await proofKey.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now })
        return there.token({ ...own, client_assertion, client_assertion_type }, undefined, { dpop })
      }
    },
    ...{ ...invalidClient, unlocked: 'OK A052001' },
  },
  'a code, RFC 6749 §4.1.3': {
    async prepare(client, { here, there }) {
      const { code, codeVerifier } = await here.obtainCode(client)
      return () => there.token(codeParameters(client, code, codeVerifier), client)
    },
    ...{ ...endedCode, unlocked: 'OK A050001' },
  },
  'a refresh, RFC 6749 §6': {
    async prepare(client, { here, there }) {
      const { refresh_token = '' } = await here.obtainTokens(client, { parameters: { scope: 'notes:read' } })
      return () => there.token({ grant_type: 'refresh_token', refresh_token }, client)
    },
    ...{ ...endedRefreshToken, unlocked: 'OK A953001' },
  },
  'a refresh that was served already': {
    async prepare(client, { here, there }) {
      const { refresh_token = '' } = await here.obtainTokens(client, { parameters: { scope: 'notes:read' } })
      const parameters = { grant_type: 'refresh_token', refresh_token }
      tokensOf(await here.token(parameters, client))
      return () => there.token(parameters, client)
    },
    ...{ ...endedRefreshToken, unlocked: 'OK A953001' },
  },
  'a pushed request, RFC 9126 §2': {
    prepare: (client, { there }) => ready(() => there.push(authorizationParameters(client, 'v'.repeat(43)), client)),
    ...{ locked: 'UNAUTHORIZED A957314', unlocked: 'CREATED A245001', deleted: 'UNAUTHORIZED A957313' },
  },
  'an authorization request, RFC 6749 §4.1.1': {
    prepare: (client, { there }) => ready(() => there.authorize(authorizationParameters(client, 'v'.repeat(43)))),
    ...{ locked: 'BAD_REQUEST A904303', unlocked: 'INTERACTION A004001', deleted: 'BAD_REQUEST A904302' },
  },
  'an authorization request that was pushed, RFC 9126 §4': {
    async prepare(client, { here, there }) {
      const pushed = await here.push(authorizationParameters(client, 'v'.repeat(43)), client)
      if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
      const { requestUri: request_uri } = pushed
      return () => there.authorize({ client_id: client.clientId, request_uri })
    },
    ...{ locked: 'BAD_REQUEST A904303', unlocked: 'INTERACTION A004001', deleted: 'BAD_REQUEST A904302' },
  },
  'the end of an authorization, RFC 6749 §4.1.2': {
    async prepare(client, { here, there }) {
      const answer = await here.authorize(authorizationParameters(client, 'v'.repeat(43)))
      if (answer.action !== 'INTERACTION') throw new Error(answer.resultMessage)
      return () => there.issue({ ticket: answer.ticket, subject: 'subject-1' })
    },
    // The client is told, and so the ticket is spent: the person has to begin again.
    ...{ locked: 'LOCATION A904303', unlocked: 'INTERNAL_SERVER_ERROR A940201', deleted: 'LOCATION A940301' },
  },
  'tokens of a subject that nobody asked for (token/create)': {
    prepare: ({ numericId: clientId }, { apiThere, path }) =>
      ready(() => {
        const body = { grantType: 'AUTHORIZATION_CODE', clientId, subject: 'subject-1' } as const
        return ask(apiThere.POST('/api/{serviceId}/auth/token/create', { params: { path }, body }))
      }),
    ...{ locked: 'FORBIDDEN A909301', unlocked: 'OK A109001', deleted: 'BAD_REQUEST A909205' },
  },
  'a token of the client that nobody asked for (token/create)': {
    prepare: ({ numericId: clientId }, { apiThere, path }) =>
      ready(() => {
        const body = { grantType: 'CLIENT_CREDENTIALS', clientId } as const
        return ask(apiThere.POST('/api/{serviceId}/auth/token/create', { params: { path }, body }))
      }),
    ...{ locked: 'FORBIDDEN A909301', unlocked: 'OK A109001', deleted: 'BAD_REQUEST A909205' },
  },
  'introspection by the resource server itself, RFC 6750 §3': {
    async prepare(client, { here, there }) {
      const { access_token: token } = await here.obtainTokens(client)
      return () => there.inspect({ token })
    },
    ...{ locked: 'UNAUTHORIZED A057302', unlocked: 'OK A056001', deleted: 'UNAUTHORIZED A057302' },
  },
  'introspection, RFC 7662 §2.2': {
    async prepare(client, { here, there }) {
      const { access_token } = tokensOf(await here.token(own, client))
      return async () => ({ action: `active: ${String((await there.introspect(access_token))['active'])}` })
    },
    ...{ locked: 'active: false', unlocked: 'active: true', deleted: 'active: false' },
  },
  'userinfo, OIDC Core §5.3.1': {
    async prepare(client, { here, there }) {
      const { access_token } = await here.obtainTokens(client)
      return () => there.userinfo(access_token)
    },
    ...{ ...unknownToken, unlocked: 'OK A091001' },
  },
  'the claims of userinfo, OIDC Core §5.3.2': {
    async prepare(client, { here, apiThere, path }) {
      const { access_token: token } = await here.obtainTokens(client)
      const body = { token, claims: '{"email":"a@example.com"}' }
      return () => ask(apiThere.POST('/api/{serviceId}/auth/userinfo/issue', { params: { path }, body }))
    },
    ...{ ...unknownToken, unlocked: 'JSON A096001' },
  },
  'a new ID token, OIDC Core §12.2': {
    async prepare(client, { here, apiThere, path }) {
      const { refresh_token = '' } = await here.obtainTokens(client)
      const answer = await here.token({ grant_type: 'refresh_token', refresh_token }, client)
      if (answer.action !== 'ID_TOKEN_REISSUABLE') throw new Error(answer.resultMessage)
      const { accessToken = '', refreshToken = '' } = answer
      const body = { accessToken, refreshToken }
      return () => ask(apiThere.POST('/api/{serviceId}/idtoken/reissue', { params: { path }, body }))
    },
    ...{ locked: 'CALLER_ERROR A960202', unlocked: 'OK A960001', deleted: 'CALLER_ERROR A960202' },
  },
  'a managed grant, Grant Management for OAuth 2.0 §6': {
    async prepare(client, { here, there }) {
      const { code, codeVerifier } = await here.obtainCode(client, {
        parameters: { grant_management_action: 'create' },
      })
      const answer = await here.token(codeParameters(client, code, codeVerifier), client)
      const grantId = String(jsonOf(answer)['grant_id'])
      const manager = await here.token({ ...own, scope: 'grant_management_query' }, client)
      const { access_token: accessToken } = tokensOf(manager)
      return () => there.manageGrant({ gmAction: 'QUERY', grantId, accessToken })
    },
    ...{ locked: 'UNAUTHORIZED A977303', unlocked: 'OK A277001', deleted: 'UNAUTHORIZED A977303' },
  },
  'revocation, RFC 7009 §2': {
    async prepare(client, { here, there }) {
      const { access_token: token } = tokensOf(await here.token(own, client))
      return () => there.revoke({ token }, client)
    },
    ...{ ...invalidClient, unlocked: 'OK A113001' },
  },
  'revocation of no token, with which resource servers prove who they are, RFC 7662 §2.1': {
    prepare: (client, { there }) => ready(() => there.revoke({ token: '-' }, client)),
    ...{ ...invalidClient, unlocked: 'OK A113001' },
  },
}

const databases = [
  ['one SQLite file', createSqliteDatabase],
  ['one PostgreSQL', createPostgresDatabase],
] as const

describe.each(databases)(
  'RFC 6749 §4: two engines on %s, and a client that is locked or deleted at one of them',
  (_, create) => {
    let engines: TwoEngines

    beforeAll(async () => {
      engines = await openTwoEngines(create, {
        supportedScopes: [...testScopes, { name: 'grant_management_query' }],
        grantManagementEndpoint: `${testIssuer}/oauth/gm`,
        supportedTokenAuthMethods: ['CLIENT_SECRET_BASIC', 'PRIVATE_KEY_JWT'],
        refreshTokenIdempotent: true,
        idTokenReissuable: true,
      })
    })

    afterAll(async () => {
      expect(engines.failures).toEqual([])
      await engines.close()
    })

    /** A client that the other engine has just served. */
    async function register(signs = false): Promise<RegisteredTestClient> {
      const { here, there } = engines
      const signed = { tokenAuthMethod: 'PRIVATE_KEY_JWT', tokenAuthSignAlg: 'ES256', jwks } as const
      const client = await here.registerClient(signs ? signed : {})
      await remember(there, client)
      return client
    }

    async function setLocked(
      { clientId: clientIdentifier }: RegisteredTestClient,
      clientLocked: boolean,
    ): Promise<void> {
      const { apiHere, path } = engines
      const params = { path: { ...path, clientIdentifier } }
      await ask(
        apiHere.POST('/api/{serviceId}/client/lock_flag/update/{clientIdentifier}', { params, body: { clientLocked } }),
      )
    }

    async function remove({ clientId }: RegisteredTestClient): Promise<void> {
      const { apiHere, path } = engines
      await apiHere.DELETE('/api/{serviceId}/client/delete/{clientId}', { params: { path: { ...path, clientId } } })
    }

    it.each(Object.entries(questions))('%s', async (_, { prepare, locked, unlocked, deleted, signs }) => {
      const client = await register(signs)
      const asked = await prepare(client, engines)
      await setLocked(client, true)
      expect(said(await asked())).toBe(locked)
      await setLocked(client, false)
      expect(said(await asked())).toBe(unlocked)
      const another = await register(signs)
      const again = await prepare(another, engines)
      await remember(engines.there, another)
      await remove(another)
      expect(said(await again())).toBe(deleted)
    })

    it('given the client is locked by an update of its settings, then it is refused as well', async () => {
      const { apiHere, there, path } = engines
      const client = await register()
      const params = { path: { ...path, clientId: client.clientId } }
      const settings = await ask(apiHere.GET('/api/{serviceId}/client/get/{clientId}', { params }))
      const update = (locked: boolean) =>
        ask(apiHere.POST('/api/{serviceId}/client/update/{clientId}', { params, body: { ...settings, locked } }))
      expect(said(await there.token(own, client))).toBe('OK A052001')
      await update(true)
      expect(said(await there.token(own, client))).toBe('INVALID_CLIENT A957314')
      await update(false)
      expect(said(await there.token(own, client))).toBe('OK A052001')
    })

    it('given a code of a locked client, when another client sends it, then it is unknown and nothing else', async () => {
      const { here, there } = engines
      const [client, other] = [await register(), await register()]
      const { code, codeVerifier } = await here.obtainCode(client)
      await setLocked(client, true)
      expect(said(await there.token(codeParameters(client, code, codeVerifier), other))).toBe('BAD_REQUEST A050305')
    })

    it('given the client is locked, then its tokens can still be listed and revoked, and changed when it is unlocked', async () => {
      const { here, apiThere, path } = engines
      const client = await register()
      const tokens = [await here.obtainTokens(client), await here.obtainTokens(client, { subject: 'subject-2' })]
      const [first = '', second = ''] = tokens.map(({ access_token }) => access_token)
      await setLocked(client, true)
      const params = { path, query: { clientIdentifier: client.clientId } }
      const list = () => ask(apiThere.GET('/api/{serviceId}/auth/token/get/list', { params }))
      expect((await list()).totalCount).toBe(2)
      const change = { accessToken: first, scopes: ['openid'] }
      const update = () => ask(apiThere.POST('/api/{serviceId}/auth/token/update', { params: { path }, body: change }))
      expect(await update()).toMatchObject({ action: 'FORBIDDEN', resultCode: 'A909301' })
      await setLocked(client, false)
      expect(await update()).toMatchObject({ action: 'OK', scopes: ['openid'] })
      await setLocked(client, true)
      const body = { accessTokenIdentifier: second }
      const { count } = await ask(apiThere.POST('/api/{serviceId}/auth/token/revoke', { params: { path }, body }))
      const { totalCount } = await list()
      expect([count, totalCount]).toEqual([1, 1])
      await apiThere.DELETE('/api/{serviceId}/auth/token/delete/{accessTokenIdentifier}', {
        params: { path: { ...path, accessTokenIdentifier: first } },
      })
      expect((await list()).totalCount).toBe(0)
    })

    it('given updates of tokens that are under way, when the client is locked, then each is done or refused, and none is done later', async () => {
      const { here, apiHere, apiThere, path } = engines
      const client = await register()
      const tokens = await Promise.all(Array.from({ length: 10 }, () => here.token(own, client)))
      const update = (answer: (typeof tokens)[number], index: number) => {
        const body = { accessToken: tokensOf(answer).access_token, properties: [{ key: 'tier', value: 'b' }] }
        const api = index % 2 ? apiHere : apiThere
        return ask(api.POST('/api/{serviceId}/auth/token/update', { params: { path }, body }))
      }
      const updates = tokens.map(update)
      await setLocked(client, true)
      for (const { resultCode } of await Promise.all(updates)) expect(['A135001', 'A909301']).toContain(resultCode)
      for (const late of await Promise.all(tokens.map(update))) expect(late.resultCode).toBe('A909301')
    })

    it('given requests that are under way, when the client is locked, then nothing they brought is active until it is unlocked', async () => {
      const { here, there } = engines
      const client = await register()
      const requests = Array.from({ length: 40 }, (_, index) => (index % 2 ? here : there).token(own, client))
      const locking = setLocked(client, true)
      const late = locking.then(() => Promise.all([there.token(own, client), here.token(own, client)]))
      const answers = await Promise.all(requests)
      for (const answer of await late) expect(said(answer)).toBe('INVALID_CLIENT A957314')
      for (const answer of answers) expect(['OK A052001', 'INVALID_CLIENT A957314']).toContain(said(answer))
      const given = answers.filter(({ action }) => action === 'OK').map((answer) => tokensOf(answer).access_token)
      const active = async () => {
        const asked = given.flatMap((token) => [here.introspect(token), there.introspect(token)])
        return (await Promise.all(asked)).filter((answer) => answer['active'])
      }
      expect(await active()).toEqual([])
      await setLocked(client, false)
      expect(await active()).toHaveLength(given.length * 2)
    })
  },
)

describe('RFC 6749 §4: a client that is locked whenever its token is kept, and unlocked whenever it is looked up', () => {
  it.each([
    [2, 'OK A052001'],
    [3, 'A901102'],
  ])('given that happens %d times, then %s', async (times, expected) => {
    const database = await createSqliteDatabase()
    const storage = await openStorage(database.url)
    let left = times
    const issueTokens: Storage['issueTokens'] = async (grant, tokens) => {
      const lock = (locked: boolean) =>
        storage.changeClientSettings(grant.serviceId, grant.clientId, (settings) => ({ ...settings, locked }), now)
      left -= 1
      if (left < 0) return storage.issueTokens(grant, tokens)
      await lock(true)
      return storage.issueTokens(grant, tokens).finally(() => lock(false))
    }
    const now = new Date('2026-03-01T12:00:00Z')
    const failures: unknown[] = []
    const { token: accessToken, caller } = makeCaller({ id: 'test', rights: ['ADMIN'], serviceIds: 'all' })
    const fetch = createEngine({
      storage: { ...storage, issueTokens },
      now: () => now,
      callers: [caller],
      log: { error: (details) => failures.push(details) },
    })
    const engine = connectEngine({ baseUrl: 'http://engine.test', accessToken, fetch })
    const body = { issuer: testIssuer, supportedScopes: testScopes, ...testEndpoints }
    const { apiKey: serviceId = 0 } = await ask(engine.POST('/api/service/create', { body }))
    const client = converse({ engine, serviceId })
    const asked = client.token(own, await client.registerClient())
    if (expected === 'A901102') await expect(asked).rejects.toMatchObject({ status: 503, resultCode: expected })
    else expect(said(await asked)).toBe(expected)
    expect(failures).toEqual([])
    await storage.close()
    await database.drop()
  })
})

function ready(ask: () => Promise<Said>): Promise<() => Promise<Said>> {
  return Promise.resolve(ask)
}

/** By its alias and by its number: an engine remembers both. */
async function remember(engine: Conversation, { clientId, numericId }: RegisteredTestClient): Promise<void> {
  for (const client_id of [clientId, String(numericId)]) await engine.authorize({ client_id })
}

function said({ action = '', resultCode = '' }: Said): string {
  return `${action} ${resultCode}`.trim()
}
