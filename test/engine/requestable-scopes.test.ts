import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, converse, responseOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({
    supportedScopes: [
      { name: 'openid' },
      { name: 'notes:read' },
      { name: 'payment', attributes: [{ key: 'regex', value: 'payment:[0-9]+' }] },
    ],
  })
  engine = converse(under)
})

beforeEach(async () => {
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const path = (verb: string, clientId: string | number = client.clientId) =>
  `/${under.serviceId}/client/extension/requestable_scopes/${verb}/${clientId}`

const get = async () => (await under.call('GET', path('get'))).json

const update = (requestableScopes: unknown, method = 'PUT') =>
  under.call(method, path('update'), { body: { requestableScopes } })

async function scopesOf(scope: string): Promise<unknown> {
  const answer = await engine.authorize({ ...authorizationParameters(client, 'v'.repeat(43)), scope })
  if (!('scopes' in answer)) return responseOf(answer)['error']
  return [...answer.scopes.map(({ name }) => name), ...(answer.dynamicScopes ?? []).map(({ value }) => value)]
}

describe('RFC 6749 §3.3: the scopes that a client may request', () => {
  it('given a new client, then null: it may request them all', async () => {
    expect(await get()).toEqual({ requestableScopes: null })
    expect(await scopesOf('openid notes:read payment:1')).toEqual(['openid', 'notes:read', 'payment:1'])
  })

  it.each(['PUT', 'POST'])('given %s with a list, then it is answered, kept and obeyed at once', async (method) => {
    const { status, json } = await update(['openid', 'payment'], method)
    expect([status, json]).toEqual([200, { requestableScopes: ['openid', 'payment'] }])
    expect(await get()).toEqual({ requestableScopes: ['openid', 'payment'] })
    expect(await scopesOf('openid notes:read payment:1')).toEqual(['openid', 'payment:1'])
  })

  it('given no elements, then it may request none', async () => {
    expect((await update([])).json).toEqual({ requestableScopes: [] })
    expect(await get()).toEqual({ requestableScopes: [] })
    expect(await scopesOf('openid')).toBe('invalid_scope')
  })

  it('given null, then it may request them all again', async () => {
    await update(['openid'])
    expect((await update(null)).json).toEqual({ requestableScopes: null })
    expect(await get()).toEqual({ requestableScopes: null })
    expect(await scopesOf('notes:read')).toEqual(['notes:read'])
  })

  it('given DELETE, then 204 and null', async () => {
    await update(['openid'])
    const { status, text } = await under.call('DELETE', path('delete'))
    expect([status, text]).toEqual([204, ''])
    expect(await get()).toEqual({ requestableScopes: null })
  })

  it('given a change, then it shows among the settings, and the others stay', async () => {
    client = await engine.registerClient({ extension: { accessTokenDuration: 60 }, clientName: 'Named' })
    await update(['openid'])
    const settings = () => under.call('GET', `/${under.serviceId}/client/get/${client.clientId}`)
    expect((await settings()).json).toMatchObject({
      clientName: 'Named',
      clientIdAlias: client.clientId,
      extension: { accessTokenDuration: 60, requestableScopes: ['openid'], requestableScopesEnabled: true },
    })
    await update(null)
    expect((await settings()).json['extension']).toEqual({ accessTokenDuration: 60, requestableScopesEnabled: false })
  })

  it('given settings that list scopes, then the same list; given a list that does not count, then null', async () => {
    client = await engine.registerClient({ extension: { requestableScopes: ['openid'] } })
    expect(await get()).toEqual({ requestableScopes: ['openid'] })
    client = await engine.registerClient({
      extension: { requestableScopes: ['openid'], requestableScopesEnabled: false },
    })
    expect(await get()).toEqual({ requestableScopes: null })
  })

  it('given other changes at the same moment, then none is lost', async () => {
    const lock = () =>
      under.call('POST', `/${under.serviceId}/client/lock_flag/update/${client.clientId}`, {
        body: { clientLocked: true },
      })
    await Promise.all([update(['openid']), lock()])
    const { json } = await under.call('GET', `/${under.serviceId}/client/get/${client.clientId}`)
    expect(json).toMatchObject({ locked: true, extension: { requestableScopes: ['openid'] } })
  })

  it('given the numeric id and the SDK, then the same', async () => {
    const params = { path: { serviceId: String(under.serviceId), clientId: String(client.numericId) } }
    const body = { requestableScopes: ['openid'] }
    const updated = under.engine.POST('/api/{serviceId}/client/extension/requestable_scopes/update/{clientId}', {
      params,
      body,
    })
    expect(await ask(updated)).toEqual(body)
    expect(
      await ask(under.engine.GET('/api/{serviceId}/client/extension/requestable_scopes/get/{clientId}', { params })),
    ).toEqual(body)
  })
})

describe('What cannot be is refused', () => {
  it.each<[unknown, string]>([
    [['openid', 'nonsense'], 'requestableScopes/1: the service has no scope of this name'],
    [['payment:1'], 'requestableScopes/0: the service has no scope of this name'],
    [['openid', 'openid'], 'requestableScopes: each entry is listed once'],
    [[''], 'requestableScopes: each entry is listed once'],
    ['openid', '/requestableScopes is expected to be'],
    [[1], '/requestableScopes/0 is expected to be'],
  ])('given %j, then 400 and nothing has changed', async (requestableScopes, message) => {
    const { status, json } = await update(requestableScopes)
    expect(status).toBe(400)
    expect(json['resultMessage']).toContain(message)
    expect(await get()).toEqual({ requestableScopes: null })
  })

  it.each([
    ['{}', 'application/json'],
    ['{"requestable_scopes":["openid"]}', 'application/json'],
    ['requestable=openid', 'application/x-www-form-urlencoded'],
  ])('given %s, then 400 names the member, and the limit stays: only null lifts it', async (body, contentType) => {
    await update(['openid'])
    const { status, json } = await under.call('PUT', path('update'), { body, contentType })
    expect(status).toBe(400)
    expect(json['resultMessage']).toContain('/requestableScopes is missing')
    expect(await get()).toEqual({ requestableScopes: ['openid'] })
  })

  it('given an unknown client, then 404', async () => {
    for (const [method, verb] of [
      ['GET', 'get'],
      ['DELETE', 'delete'],
    ] as const)
      expect((await under.call(method, path(verb, 'nobody'))).status).toBe(404)
    const update = await under.call('PUT', path('update', 'nobody'), { body: { requestableScopes: [] } })
    expect(update.status).toBe(404)
  })

  it('given a caller that may only view clients, then it may only look', async () => {
    const accessToken = await under.makeAccessToken(['VIEW_CLIENT'])
    expect((await under.call('GET', path('get'), { accessToken })).status).toBe(200)
    const body = { requestableScopes: null }
    expect((await under.call('POST', path('update'), { accessToken, body })).status).toBe(403)
    expect((await under.call('DELETE', path('delete'), { accessToken })).status).toBe(403)
  })
})
