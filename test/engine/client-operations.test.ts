import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let engine: TestEngine

beforeAll(async () => {
  engine = await openTestEngine()
})

afterAll(async () => {
  expect(engine.failures).toEqual([])
  await engine.close()
})

function call(method: string, path: string, body?: unknown) {
  return engine.call(method, `/${engine.serviceId}/client/${path}`, { body })
}

const grantTypes = ['CLIENT_CREDENTIALS']

async function createClient(settings: Record<string, unknown> = {}) {
  const { status, json } = await call('POST', 'create', { grantTypes, ...settings })
  expect(status).toBe(201)
  return { ...json, clientId: String(json['clientId']), clientSecret: String(json['clientSecret']) }
}

/** RFC 6749 §4.4: whether the client gets a token with this secret. */
async function authenticates(clientId: string, clientSecret: string): Promise<boolean> {
  const body = { parameters: 'grant_type=client_credentials&scope=notes:read', clientId, clientSecret }
  const { json } = await engine.call('POST', `/${engine.serviceId}/auth/token`, { body })
  return json['action'] === 'OK'
}

describe('Clients are created, read, replaced and deleted', () => {
  it('given a new client, then it has an id of 13 to 15 digits, a number and times', async () => {
    const client = await createClient({ clientName: 'New' })
    expect(client.clientId).toMatch(/^[1-9]\d{12,14}$/)
    expect(client).toMatchObject({ clientName: 'New', serviceNumber: 1, createdAt: engine.clock.now().getTime() })
  })

  it('given an update, then it is seen at once, replaces every setting and keeps the secret', async () => {
    const { clientId, clientSecret } = await createClient({ clientName: 'Before', description: 'Goes away.' })
    engine.clock.advance(60)
    const updated = await call('POST', `update/${clientId}`, {
      clientName: 'After',
      grantTypes,
      clientSecret: 'not-this-way',
    })
    expect(updated.json).toMatchObject({ clientName: 'After', modifiedAt: engine.clock.now().getTime() })
    const { json } = await call('GET', `get/${clientId}`)
    expect(json).toEqual(updated.json)
    expect(json).not.toHaveProperty('description')
    expect(await authenticates(clientId, clientSecret)).toBe(true)
    expect(await authenticates(clientId, 'not-this-way')).toBe(false)
  })

  it('given a new alias, then the client answers to it and no longer to the old one', async () => {
    const { clientId } = await createClient({ clientIdAlias: 'old-alias' })
    await call('POST', 'update/old-alias', { clientIdAlias: 'new-alias' })
    expect((await call('GET', 'get/old-alias')).status).toBe(404)
    expect(String((await call('GET', 'get/new-alias')).json['clientId'])).toBe(clientId)
    expect((await call('GET', `get/${clientId}`)).json['clientIdAlias']).toBe('new-alias')
  })

  it('given a deleted client, then it is gone', async () => {
    const { clientId, clientSecret } = await createClient()
    expect(await authenticates(clientId, clientSecret)).toBe(true)
    const deleted = await call('DELETE', `delete/${clientId}`)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect((await call('GET', `get/${clientId}`)).status).toBe(404)
    expect(await authenticates(clientId, clientSecret)).toBe(false)
    expect((await call('DELETE', `delete/${clientId}`)).status).toBe(404)
  })

  it('given a developer, when clients are listed, then only theirs, in pages', async () => {
    for (const name of ['one', 'two', 'three']) await createClient({ clientName: name, developer: 'someone' })
    const { json } = await call('GET', 'get/list?developer=someone&start=1&end=10')
    expect(json).toMatchObject({ start: 1, end: 10, totalCount: 3, developer: 'someone' })
    expect(json['clients']).toHaveLength(2)
    expect((await call('GET', 'get/list?developer=nobody')).json).toMatchObject({ totalCount: 0, clients: [] })
    expect(Number((await call('GET', 'get/list')).json['totalCount'])).toBeGreaterThanOrEqual(3)
  })

  it.each<[string, string, object?]>([
    ['GET', 'get/4711'],
    ['POST', 'update/4711'],
    ['DELETE', 'delete/4711'],
    ['POST', 'lock_flag/update/4711', { clientLocked: true }],
    ['GET', 'secret/refresh/4711'],
    ['POST', 'secret/update/4711', { clientSecret: 'x' }],
    ['POST', 'authorization/update/4711', { subject: 'john' }],
    ['DELETE', 'authorization/delete/4711/john'],
    ['POST', 'authorization/delete/4711', { subject: 'john' }],
    ['GET', 'granted_scopes/get/4711/john'],
    ['DELETE', 'granted_scopes/delete/4711/john'],
  ])('given a client that is not there, when %s client/%s is called, then 404', async (method, path, body) => {
    const { status, json } = await call(method, path, body ?? (method === 'POST' ? {} : undefined))
    expect([status, json['resultCode']]).toEqual([404, 'A971201'])
  })

  it('given a client of another service, then it is not found', async () => {
    const other = await engine.call('POST', '/service/create', { body: { issuer: 'https://other.example' } })
    const theirs = await engine.call('POST', `/${String(other.json['apiKey'])}/client/create`, {
      body: { clientIdAlias: 'theirs' },
    })
    for (const id of ['theirs', String(theirs.json['clientId'])])
      expect((await call('GET', `get/${id}`)).status).toBe(404)
  })
})

describe('Client secrets: 512 random bits, shown once, kept as hashes', () => {
  it('given a new client, then its secret has 86 characters and no other answer holds it', async () => {
    const { clientId, clientSecret } = await createClient()
    expect(clientSecret).toMatch(/^[A-Za-z0-9_-]{86}$/)
    const answers = await Promise.all([
      call('GET', `get/${clientId}`),
      call('GET', 'get/list?end=1000'),
      call('POST', `update/${clientId}`, {}),
      call('POST', `lock_flag/update/${clientId}`, { clientLocked: false }),
    ])
    for (const { text } of answers) {
      expect(text).not.toContain(clientSecret)
      expect(text).not.toMatch(/secret"/i)
    }
    const stored = await engine.storage.findClient(engine.serviceId, clientId)
    expect(JSON.stringify(stored)).not.toContain(clientSecret)
    expect(stored?.secretHash.byteLength).toBe(32)
  })

  it('given secret/refresh, then a new secret opens and the old one does not', async () => {
    const { clientId, clientSecret } = await createClient()
    const { status, json } = await call('GET', `secret/refresh/${clientId}`)
    expect([status, json['resultCode']]).toEqual([200, 'A148001'])
    const renewed = String(json['newClientSecret'])
    expect(renewed).toMatch(/^[A-Za-z0-9_-]{86}$/)
    expect(json).not.toHaveProperty('oldClientSecret')
    expect([await authenticates(clientId, renewed), await authenticates(clientId, clientSecret)]).toEqual([true, false])
  })

  it('given secret/update, then the secret that was sent opens and the old one does not', async () => {
    const { clientId, clientSecret } = await createClient()
    const { status, json } = await call('POST', `secret/update/${clientId}`, {
      clientSecret: 'a-secret-from-elsewhere',
    })
    expect([status, json['resultCode'], json['newClientSecret']]).toEqual([200, 'A149001', 'a-secret-from-elsewhere'])
    expect([
      await authenticates(clientId, 'a-secret-from-elsewhere'),
      await authenticates(clientId, clientSecret),
    ]).toEqual([true, false])
  })

  it.each(['', 'with space', 'x'.repeat(87), 'ä', 'a+b'])('given the secret %j, then 400', async (clientSecret) => {
    const { clientId } = await createClient()
    expect((await call('POST', `secret/update/${clientId}`, { clientSecret })).status).toBe(400)
  })
})

describe('A locked client starts nothing', () => {
  it('given lock_flag/update, then the client is refused until it is unlocked, and its other settings stay', async () => {
    const { clientId, clientSecret } = await createClient({ clientName: 'Lockable', developer: 'locker' })
    const locked = await call('POST', `lock_flag/update/${clientId}`, { clientLocked: true })
    expect(locked.json).toEqual({ resultCode: 'A971001', resultMessage: '[A971001] The client is locked.' })
    expect(await authenticates(clientId, clientSecret)).toBe(false)
    expect((await call('GET', `get/${clientId}`)).json).toMatchObject({
      clientName: 'Lockable',
      developer: 'locker',
      locked: true,
    })
    await call('POST', `lock_flag/update/${clientId}`, { clientLocked: false })
    expect(await authenticates(clientId, clientSecret)).toBe(true)
  })
})
