import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Engine } from '../../sdk/engine.ts'
import { ask, connectEngine } from '../../sdk/engine.ts'
import type { Question, Schema } from '../../sdk/types.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { createEngine } from '../../server/engine/engine.ts'
import { openStorage } from '../../server/engine/storage/sql.ts'
import type { Storage } from '../../server/engine/storage/storage.ts'
import { createTestDatabase } from '../postgres.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { converse, testScopes, tokensOf } from './conversation.ts'
import type { EngineProcess } from './engine-process.ts'
import { startEngine } from './engine-process.ts'
import { testEndpoints, testIssuer } from './engine-under-test.ts'
import type { TestDatabase } from './storage/contract.ts'
import { createPostgresDatabase, createSqliteDatabase } from './storage/test-databases.ts'

type Batch = Question<'auth_token_create_batch_api'>
type Element = Batch[number]

/** A value as another server may have given it. */
const makeValue = () => randomBytes(24).toString('base64url')

let clock = new Date('2026-03-01T12:00:00Z')
const now = () => clock
const advance = (seconds: number) => {
  clock = new Date(clock.getTime() + seconds * 1000)
}

/** One of several engines on a database. What it has to do in the background waits until the test wants it done. */
interface Node {
  api: Engine
  talk: Conversation
  storage: Storage
  fetch: (request: Request) => Promise<Response>
  /** Does what waits. */
  work: () => Promise<void>
}

const { token: accessToken, caller } = makeCaller({ id: 'test', rights: ['ADMIN'], serviceIds: 'all' })
const reader = makeCaller({ id: 'reader', rights: ['USE_INTROSPECTION', 'MODIFY_CLIENT'], serviceIds: 'all' })
const failures: unknown[] = []

async function openNode(databaseUrl: string, serviceId: number): Promise<Node> {
  const storage = await openStorage(databaseUrl)
  let waiting: ((now: Date) => Promise<void>)[] = []
  const fetch = createEngine({
    storage,
    now,
    callers: [caller, reader.caller],
    log: { error: (details) => failures.push(details) },
    background: { begin: (work) => waiting.push(work), finish: () => Promise.resolve() },
  })
  const api = connectEngine({ baseUrl: 'http://engine.test', accessToken, fetch })
  return {
    api,
    talk: converse({ engine: api, serviceId }),
    storage,
    fetch,
    async work() {
      const due = waiting
      waiting = []
      for (const work of due) await work(now())
    },
  }
}

describe.each<[string, () => Promise<TestDatabase>]>([
  ['SQLite', createSqliteDatabase],
  ['PostgreSQL', createPostgresDatabase],
])('auth/token/create/batch, with two engines on %s', (_, createDatabase) => {
  let database: TestDatabase
  let serviceId: number
  let here: Node
  let there: Node
  let client: RegisteredTestClient

  const path = () => ({ serviceId: String(serviceId) })

  beforeAll(async () => {
    database = await createDatabase()
    const founder = await openNode(database.url, 0)
    const body = { issuer: testIssuer, supportedScopes: testScopes, ...testEndpoints, accessTokenDuration: 86_400 }
    const created = await ask(founder.api.POST('/api/service/create', { body }))
    serviceId = created.apiKey ?? 0
    await founder.storage.close()
    here = await openNode(database.url, serviceId)
    there = await openNode(database.url, serviceId)
  })

  beforeEach(async () => {
    client = await here.talk.registerClient()
  })

  afterAll(async () => {
    expect(failures).toEqual([])
    await Promise.all([here.storage.close(), there.storage.close()])
    await database.drop()
  })

  /** An element with a refresh token, and one that has none. */
  const ofSubject = (change: Partial<Element> = {}): Element => ({
    grantType: 'AUTHORIZATION_CODE',
    clientId: client.numericId,
    subject: 'subject-1',
    scopes: ['notes:read'],
    accessToken: makeValue(),
    refreshToken: makeValue(),
    ...change,
  })
  const ofMachine = (change: Partial<Element> = {}): Element => ({
    grantType: 'CLIENT_CREDENTIALS',
    clientIdentifier: client.clientId,
    scopes: ['notes:read'],
    accessToken: makeValue(),
    ...change,
  })

  async function send(node: Node, body: Batch, dryRun?: boolean): Promise<string> {
    const params = { path: path(), query: { ...(dryRun !== undefined && { dryRun }) } }
    const answer = await ask(node.api.POST('/api/{serviceId}/auth/token/create/batch', { params, body }))
    return answer.requestId
  }

  async function statusOf(node: Node, requestId: string): Promise<Schema<'TokenBatchStatus'>> {
    const params = { path: { ...path(), requestId } }
    const route = '/api/{serviceId}/auth/token/create/batch/status/{requestId}'
    return (await ask(node.api.GET(route, { params }))).status
  }

  /** Which of the access tokens are active. */
  async function activeOf(node: Node, batch: Batch): Promise<boolean[]> {
    const answers = await Promise.all(batch.map((element) => node.talk.introspect(element.accessToken ?? '')))
    return answers.map(({ active }) => active === true)
  }

  /** A call as the SDK would never make it. */
  async function call(
    method: string,
    rest: string,
    body?: unknown,
    contentType = 'application/json',
    token = accessToken,
  ) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': contentType }
    const url = `http://engine.test/api/${serviceId}/auth/token/create/batch${rest}`
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await here.fetch(new Request(url, { method, headers, ...(body !== undefined && { body: text }) }))
    const json: unknown = JSON.parse(await response.text())
    return { status: response.status, json }
  }

  describe('RFC 6749 §1.4 and §1.5: tokens that another server gave', () => {
    it('given a batch, then it is taken at once, done afterwards, and its tokens work everywhere', async () => {
      const batch = [ofSubject(), ofMachine(), ofSubject({ subject: 'subject-2', clientIdAliasUsed: true })]
      const requestId = await send(here, batch)
      const createdAt = clock.getTime()
      const taken = { batchKind: 'CREATE', requestId, tokenCount: 0, createdAt, modifiedAt: createdAt }
      expect(await statusOf(there, requestId)).toEqual(taken)
      expect(await activeOf(there, batch)).toEqual([false, false, false])

      advance(5)
      await here.work()
      const done = { ...taken, result: 'SUCCEEDED', tokenCount: 3, modifiedAt: createdAt + 5_000 }
      expect(await statusOf(there, requestId)).toEqual(done)
      expect(await activeOf(there, batch)).toEqual([true, true, true])
      const [first] = batch
      expect(await there.talk.introspect(first?.accessToken ?? '')).toMatchObject({
        sub: 'subject-1',
        scope: 'notes:read',
      })
      const refresh = { grant_type: 'refresh_token', refresh_token: first?.refreshToken ?? '' }
      const { access_token } = tokensOf(await there.talk.token(refresh, client))
      expect(await here.talk.introspect(access_token)).toMatchObject({ active: true, sub: 'subject-1' })
    })

    it('given the largest batch, then all of it', async () => {
      const batch = Array.from({ length: 1_000 }, (_element, index) => ofSubject({ subject: `subject-${index}` }))
      const requestId = await send(here, batch)
      await here.work()
      expect(await statusOf(there, requestId)).toMatchObject({ result: 'SUCCEEDED', tokenCount: 1_000 })
      const page = { start: 0, end: 1 }
      const { totalCount } = await there.storage.listAccessTokens(
        serviceId,
        { clientId: client.numericId },
        page,
        now(),
      )
      expect(totalCount).toBe(1_000)
    })

    it('given a batch, then its id does not tell what is in it, and no value is kept', async () => {
      const batch = [ofSubject(), ofMachine()]
      const requestId = await send(here, batch)
      await here.work()
      expect(requestId).toMatch(/^[A-Za-z0-9_-]{16}$/)
      const kept = await database.dump()
      for (const { accessToken: access = 'none', refreshToken: refresh = 'none' } of batch) {
        expect([kept.includes(access), kept.includes(refresh)]).toEqual([false, false])
      }
    })

    it('given null for a member of an element, then it counts as left out', async () => {
      const answer = await call('POST', '', [{ ...ofMachine(), subject: null, refreshToken: null }])
      expect(answer).toMatchObject({ status: 200, json: { resultCode: 'A910001' } })
      await here.work()
    })
  })

  describe('dryRun', () => {
    it('given one that could be done, then it says how many tokens, keeps none, and the batch can follow', async () => {
      const batch = [ofSubject(), ofMachine()]
      const rehearsal = await send(here, batch, true)
      await here.work()
      expect(await statusOf(there, rehearsal)).toMatchObject({ result: 'SUCCEEDED', tokenCount: 2 })
      expect(await activeOf(there, batch)).toEqual([false, false])
      const requestId = await send(there, batch, false)
      await there.work()
      expect(await statusOf(here, requestId)).toMatchObject({ result: 'SUCCEEDED', tokenCount: 2 })
      expect(await activeOf(here, batch)).toEqual([true, true])
    })

    it('given a value that is taken, then it fails as the batch would', async () => {
      const first = ofSubject()
      await send(here, [first])
      await here.work()
      const requestId = await send(there, [ofMachine(), ofMachine({ accessToken: first.accessToken ?? '' })], true)
      await there.work()
      expect(await statusOf(here, requestId)).toMatchObject({ result: 'FAILED', tokenCount: 0 })
    })

    it('given neither true nor false, then 400', async () => {
      expect(await call('POST', '?dryRun=yes', [ofMachine()])).toMatchObject({
        status: 400,
        json: { resultCode: 'A901207' },
      })
    })
  })

  describe('what is wrong is told before anything is taken, with the element that has it', () => {
    const fault = (resultCode: string, text: string) => ({
      status: 400,
      json: { resultCode, resultMessage: `[${resultCode}] /api/{serviceId}/auth/token/create/batch, ${text}.` },
    })
    const unknownToAll = 'a value that the engine makes would be known to nobody'

    it('given no access token, then it is missing; given no refresh token, where one belongs to the grant, too', async () => {
      const { accessToken: access, ...without } = ofSubject()
      expect(await call('POST', '', [ofMachine(), without])).toEqual(
        fault('A910201', `/1/accessToken is missing; ${unknownToAll}`),
      )
      const { refreshToken, ...half } = ofSubject()
      expect([access, refreshToken]).not.toContain(undefined)
      expect(await call('POST', '', [half])).toEqual(fault('A910201', `/0/refreshToken is missing; ${unknownToAll}`))
    })

    it('given one value twice, in two elements or in one, then it is refused, and not shown', async () => {
      const value = makeValue()
      expect(await call('POST', '', [ofSubject({ refreshToken: value }), ofMachine({ accessToken: value })])).toEqual(
        fault('A910202', '/1/accessToken is the same as /0/refreshToken; each value is expected once'),
      )
      expect(await call('POST', '', [ofSubject({ accessToken: value, refreshToken: value })])).toEqual(
        fault('A910202', '/0/refreshToken is the same as /0/accessToken; each value is expected once'),
      )
    })

    it.each<[string, Partial<Element>, string, string]>([
      ['a scope that the service has not', { scopes: ['other'] }, 'A909206', '/1/scopes: all are expected'],
      ['a reserved property', { properties: [{ key: 'sub', value: 'x' }] }, 'A909204', '/1/properties/0/key: sub is'],
      ['an unknown client', { clientIdentifier: 'nobody' }, 'A909205', '/1: clientId or clientIdentifier'],
      ['a subject for client credentials', { subject: 'x' }, 'A909203', '/1/subject: one is expected'],
      ['a resource that is none', { resources: ['here'] }, 'A251307', '/1: '],
    ])('given %s, then it is the fault of token/create, at the element', async (_name, change, resultCode, text) => {
      const answer = await call('POST', '', [ofMachine(), ofMachine(change)])
      expect(answer).toMatchObject({ status: 400, json: { resultCode } })
      expect(answer.json).toHaveProperty('resultMessage', expect.stringContaining(`/create/batch, ${text}`))
      expect(answer.json).toHaveProperty('resultMessage', expect.not.stringMatching(/\.\.$/))
    })

    it.each([
      [[], 'the body is expected to be an array of at least 1 elements, and an array came'],
      [{}, 'the body is expected to be of the type array, and an object came'],
      [
        Array.from({ length: 1_001 }, () => ({ grantType: 'IMPLICIT' })),
        'the body is expected to be an array of at most 1000 elements, and an array came',
      ],
      [[{ grantType: 'IMPLICIT' }, {}], '/1/grantType is missing'],
      [[{ grantType: 'IMPLICIT', scopes: 'a' }], '/0/scopes is expected to be of the type array, and a string came'],
      [[7], '/0 is expected to be of the type object, and a number came'],
      [[{ grantType: 'IMPLICIT', acr: 'a\0b' }], '/0/acr holds the character NUL, which no member may have'],
    ])('given a body that is not as the contract says (%#), then A126202 names the place', async (body, text) => {
      expect(await call('POST', '', body)).toEqual(fault('A126202', text))
    })

    it('given a form, then 400: a list has none', async () => {
      const text = 'the Content-Type must be application/json'
      expect(await call('POST', '', 'grantType=IMPLICIT', 'application/x-www-form-urlencoded')).toEqual(
        fault('A901204', text),
      )
    })

    it('given a locked client, then it is refused', async () => {
      const params = { path: { ...path(), clientIdentifier: client.clientId } }
      const route = '/api/{serviceId}/client/lock_flag/update/{clientIdentifier}'
      await ask(here.api.POST(route, { params, body: { clientLocked: true } }))
      expect(await call('POST', '', [ofMachine()])).toEqual(fault('A909301', '/0: The client is locked'))
    })

    it('given a caller without the right to run the service, then 403 for both operations', async () => {
      const { token } = reader
      expect(await call('POST', '', [ofMachine()], 'application/json', token)).toMatchObject({ status: 403 })
      expect(await call('GET', `/status/${'a'.repeat(16)}`, undefined, 'application/json', token)).toMatchObject({
        status: 403,
      })
    })
  })

  describe('all of a batch or none', () => {
    it('given a value that is taken, then it fails, names the element, and has created nothing', async () => {
      const first = ofSubject()
      await send(here, [first])
      await here.work()
      const batch = [ofSubject(), ofMachine(), ofMachine({ accessToken: first.accessToken ?? '' }), ofMachine()]
      const requestId = await send(there, batch)
      await there.work()
      const status = await statusOf(here, requestId)
      expect(status).toMatchObject({ result: 'FAILED', tokenCount: 0 })
      expect(status.errorCode).toMatch(/^A909\d{3}$/)
      expect(status.errorDescription).toMatch(/^\/2\/accessToken: .*\. Nothing was created\.$/)
      expect(status.errorDescription).not.toContain(first.accessToken)
      expect(await activeOf(here, batch)).toEqual([false, false, true, false])
      const refresh = { grant_type: 'refresh_token', refresh_token: batch[0]?.refreshToken ?? '' }
      expect((await here.talk.token(refresh, client)).action).toBe('BAD_REQUEST')
    })

    it('given a client that is locked after the answer, then it fails, and has created nothing', async () => {
      const other = await here.talk.registerClient()
      const batch = [ofMachine({ clientIdentifier: other.clientId }), ofSubject()]
      const requestId = await send(here, batch)
      const params = { path: { ...path(), clientIdentifier: client.clientId } }
      const route = '/api/{serviceId}/client/lock_flag/update/{clientIdentifier}'
      await ask(there.api.POST(route, { params, body: { clientLocked: true } }))
      await here.work()
      const errorDescription = '/1: The client is locked. Nothing was created.'
      const failed = { result: 'FAILED', tokenCount: 0, errorCode: 'A909301', errorDescription }
      expect(await statusOf(there, requestId)).toMatchObject(failed)
      expect(await activeOf(there, batch)).toEqual([false, false])
    })

    it('given a refresh token that is taken, the same', async () => {
      const first = ofSubject()
      await send(here, [first])
      await here.work()
      const batch = [ofMachine(), ofSubject({ refreshToken: first.refreshToken ?? '' })]
      const requestId = await send(there, batch)
      await there.work()
      const { errorDescription } = await statusOf(here, requestId)
      expect(errorDescription).toMatch(/^\/1\/refreshToken: .*\. Nothing was created\.$/)
      expect(await activeOf(here, batch)).toEqual([false, false])
    })

    it('given two batches with one value, done at both engines at once, then exactly one is there', async () => {
      const value = makeValue()
      const batches = [0, 1].map(() => [
        ...Array.from({ length: 20 }, () => ofMachine()),
        ofMachine({ accessToken: value }),
        ...Array.from({ length: 20 }, () => ofMachine()),
      ])
      const [one = [], two = []] = batches
      const ids = [await send(here, one), await send(there, two)]
      await Promise.all([here.work(), there.work()])
      const statuses = await Promise.all(ids.map((id) => statusOf(here, id)))
      expect(statuses.map(({ result }) => result).sort()).toEqual(['FAILED', 'SUCCEEDED'])
      for (const [index, batch] of batches.entries()) {
        const hasWon = statuses[index]?.result === 'SUCCEEDED'
        const others = batch.filter((element) => element.accessToken !== value)
        expect(new Set(await activeOf(there, others))).toEqual(new Set([hasWon]))
      }
    })

    it('given the values of one batch in the other order in another, done at once, then exactly one is there', async () => {
      const batch = Array.from({ length: 30 }, () => ofMachine())
      const ids = [await send(here, batch), await send(there, batch.toReversed())]
      await Promise.all([here.work(), there.work()])
      const statuses = await Promise.all(ids.map((id) => statusOf(here, id)))
      expect(statuses.map(({ result }) => result).sort()).toEqual(['FAILED', 'SUCCEEDED'])
      expect(new Set(await activeOf(there, batch))).toEqual(new Set([true]))
    })
  })

  describe('a batch whose process is gone', () => {
    it('given ten minutes, then whoever asks decides that it failed, and a worker that comes back keeps nothing', async () => {
      const batch = [ofSubject(), ofMachine()]
      const requestId = await send(here, batch)
      advance(599)
      expect(await statusOf(there, requestId)).not.toHaveProperty('result')
      advance(1)
      const failed = await statusOf(there, requestId)
      expect(failed).toMatchObject({
        result: 'FAILED',
        errorCode: 'A910102',
        tokenCount: 0,
        modifiedAt: clock.getTime(),
      })
      await here.work()
      expect(await statusOf(here, requestId)).toEqual(failed)
      expect(await activeOf(here, batch)).toEqual([false, false])
    })

    it('given a worker that ends in the moment in which somebody asks, then all or nothing, as the status says', async () => {
      for (let round = 0; round < 5; round += 1) {
        const batch = Array.from({ length: 20 }, () => ofMachine())
        const requestId = await send(here, batch)
        advance(600)
        const [, status] = await Promise.all([here.work(), statusOf(there, requestId)])
        expect(status.result).toBeDefined()
        expect(await statusOf(here, requestId)).toEqual(status)
        expect(new Set(await activeOf(there, batch))).toEqual(new Set([status.result === 'SUCCEEDED']))
      }
    })

    it('given a service that was deleted meanwhile, then nothing is created', async () => {
      const body = { issuer: 'https://short.example', supportedScopes: testScopes, ...testEndpoints }
      const { apiKey = 0 } = await ask(here.api.POST('/api/service/create', { body }))
      const params = { path: { serviceId: String(apiKey) } }
      const other = await converse({ engine: here.api, serviceId: apiKey }).registerClient()
      const batch = [ofMachine({ clientIdentifier: other.clientId })]
      await ask(here.api.POST('/api/{serviceId}/auth/token/create/batch', { params, body: batch }))
      await here.api.DELETE('/api/{serviceId}/service/delete', { params })
      await here.work()
      const { items } = await here.storage.listAccessTokens(apiKey, {}, { start: 0, end: 5 }, now())
      expect(items).toEqual([])
    })
  })

  describe('the status', () => {
    it('given an id that nobody gave, or that of another service, then 404', async () => {
      const requestId = await send(here, [ofMachine()])
      await here.work()
      const body = { issuer: 'https://other.example', supportedScopes: testScopes, ...testEndpoints }
      const { apiKey = 0 } = await ask(here.api.POST('/api/service/create', { body }))
      const route = '/api/{serviceId}/auth/token/create/batch/status/{requestId}'
      const elsewhere = await here.api.GET(route, { params: { path: { serviceId: String(apiKey), requestId } } })
      expect(elsewhere.response.status).toBe(404)
      for (const unknown of ['a'.repeat(16), `${requestId}a`, requestId.slice(1), '%20']) {
        expect(await call('GET', `/status/${unknown}`)).toMatchObject({ status: 404, json: { resultCode: 'A910204' } })
      }
    })

    it('given a day, then it is known no more, and its row goes', async () => {
      const requestId = await send(here, [ofMachine()])
      await here.work()
      advance(86_399)
      while (await here.storage.purgeExpired(now(), 500));
      expect(await statusOf(there, requestId)).toMatchObject({ result: 'SUCCEEDED' })
      advance(1)
      expect(await call('GET', `/status/${requestId}`)).toMatchObject({ status: 404 })
      while (await here.storage.purgeExpired(now(), 500));
      const key = Buffer.from(requestId, 'base64url')
      expect(await there.storage.findTokenBatch(serviceId, key, new Date(0))).toBeUndefined()
    })
  })

  describe('singleAccessTokenPerSubject', () => {
    beforeEach(async () => {
      client = await here.talk.registerClient({ singleAccessTokenPerSubject: true })
    })

    it('given a client and a subject twice, then the batch is refused: one would end the other', async () => {
      const batch = [ofSubject(), ofSubject({ subject: 'subject-2' }), ofSubject()]
      const answer = await call('POST', '', batch)
      expect(answer).toMatchObject({ status: 400, json: { resultCode: 'A910203' } })
      expect(answer.json).toHaveProperty(
        'resultMessage',
        expect.stringContaining('/2 is for the client and the subject of /0, which'),
      )
      expect(await call('POST', '', [ofMachine(), ofMachine()])).toMatchObject({ status: 200 })
      await here.work()
    })

    it('given an earlier token, then it ends with the batch, and only if the batch succeeds', async () => {
      const [earlier, taken] = [ofSubject(), ofMachine()]
      await send(here, [earlier, taken])
      await here.work()
      await send(here, [ofSubject(), ofMachine({ accessToken: taken.accessToken ?? '' })])
      await here.work()
      expect(await activeOf(there, [earlier])).toEqual([true])
      const later = ofSubject()
      await send(here, [later])
      await here.work()
      expect(await activeOf(there, [earlier, later])).toEqual([false, true])
    })
  })
})

describe('a batch and the life of its process', () => {
  let folder: string
  let ENGINE_DATABASE_URL: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-batch-'))
    ENGINE_DATABASE_URL = await createTestDatabase(inject('postgresUrl'))
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('given one that is stopped after its answer, then it finishes; given one that is killed, then all or nothing', async () => {
    const start = () => startEngine(folder, { ENGINE_DATABASE_URL })
    const [stopped, killed, asked] = [await start(), await start(), await start()]
    const path = { serviceId: '1000001' }

    /** Sends a batch to a process and ends it. Tells what another one says of it then, and whether its tokens are active there. */
    async function sendAndEnd(node: EngineProcess, end: () => Promise<void>) {
      const { clientId: clientIdentifier } = await asked.engine.registerClient()
      const body = Array.from({ length: 300 }, () => {
        return { grantType: 'CLIENT_CREDENTIALS' as const, clientIdentifier, accessToken: makeValue() }
      })
      const { requestId } = await ask(
        node.api.POST('/api/{serviceId}/auth/token/create/batch', { params: { path }, body }),
      )
      await end()
      const route = '/api/{serviceId}/auth/token/create/batch/status/{requestId}'
      const { status } = await ask(asked.api.GET(route, { params: { path: { ...path, requestId } } }))
      const answers = await Promise.all(body.map(({ accessToken }) => asked.engine.introspect(accessToken)))
      return { result: status.result, active: new Set(answers.map(({ active }) => active)) }
    }

    try {
      expect(await sendAndEnd(stopped, stopped.stop)).toEqual({ result: 'SUCCEEDED', active: new Set([true]) })
      const { result, active } = await sendAndEnd(killed, killed.kill)
      expect(active).toEqual(new Set([result === 'SUCCEEDED']))
    } finally {
      await Promise.all([stopped, killed, asked].map((node) => node.stop()))
    }
  })
})
