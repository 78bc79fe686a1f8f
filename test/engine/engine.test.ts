import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LightRequest, LightResponse } from '../../sdk/light-fetch.ts'
import { makeCaller } from '../../server/engine/api-authentication.ts'
import { createEngine } from '../../server/engine/engine.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let engine: TestEngine

beforeAll(async () => {
  engine = await openTestEngine()
})

afterAll(async () => {
  await engine.close()
})

describe('RFC 9110 §15: what is not served is refused, always as JSON', () => {
  it.each([
    ['GET', ''],
    ['GET', '/'],
    ['GET', '/nothing'],
    ['POST', '/1000001/auth/nothing'],
    ['POST', '/1000001/auth/token/'],
    ['POST', '/1000001//auth/token'],
    ['GET', '/1000001/client/get/'],
    ['GET', '/1000001/client/get/%E0%A4%A'],
    ['GET', '/1000001/client/get/a%00b'],
    ['GET', '/1000001/client/get/a/b'],
    ['GET', '/../etc/passwd'],
  ])('given %s /api%s, then 404', async (method, path) => {
    const reply = await engine.call(method, path)
    expect(reply.status).toBe(404)
    expect(reply.headers.get('content-type')).toBe('application/json')
    expect(reply.json).toEqual({ resultCode: 'A901201', resultMessage: '[A901201] the engine has no such path.' })
  })

  it('given a method that the path is not served for, then 404 names those that are', async () => {
    const reply = await engine.call('PUT', '/1000001/client/granted_scopes/get/1')
    expect(reply.status).toBe(404)
    expect(reply.json).toEqual({
      resultCode: 'A901202',
      resultMessage: '[A901202] this path is served for GET and POST.',
    })
  })

  it('given HEAD where GET makes a new client secret, then nothing is done', async () => {
    const client = await engine.call('POST', `/${engine.serviceId}/client/create`, { body: {} })
    const path = `/${engine.serviceId}/client/secret/refresh/${String(client.json['clientId'])}`
    const before = await engine.storage.findClient(engine.serviceId, String(client.json['clientId']))
    expect((await engine.call('HEAD', path)).status).toBe(404)
    const after = await engine.storage.findClient(engine.serviceId, String(client.json['clientId']))
    expect(after?.secretHash).toEqual(before?.secretHash)
  })

  it.each(['0', '01000001', '1000001.0', '1e6', '99999999999999999', '-1', 'abc', '1000002'])(
    'given the service id %s, then 404',
    async (id) => {
      const reply = await engine.call('GET', `/${id}/service/get`)
      expect(reply.status).toBe(404)
      expect(reply.json['resultCode']).toBe('A901206')
    },
  )

  it('given a fault, then the message begins with its code and names the path of the contract', async () => {
    const reply = await engine.call('GET', '/4711/client/get/4712')
    expect(reply.json['resultMessage']).toBe(
      '[A901206] /api/{serviceId}/client/get/{clientId}, there is no such service.',
    )
  })
})

describe('The engine itself', () => {
  it('given GET /api/info without a token, then version and features', async () => {
    const reply = await engine.call('GET', '/info', { accessToken: null })
    expect(reply.status).toBe(200)
    expect(reply.json['version']).toMatch(/^\d+\.\d+\.\d+/)
    expect(reply.json['features']).toContain('pkce')
    // What a front-end needs to know before it takes back single permissions.
    expect(reply.json['narrowing']).toBe('per-token')
  })

  it('given GET /api/lifecycle/healthcheck without a token, then OK as plain text', async () => {
    const reply = await engine.call('GET', '/lifecycle/healthcheck', { accessToken: null })
    expect([reply.status, reply.text]).toEqual([200, 'OK'])
    expect(reply.headers.get('content-type')).toBe('text/plain')
  })

  it('given a storage that is gone, then 500 without details, and the log is told once', async () => {
    const logged: object[] = []
    const ping = () => Promise.reject(new Error('The disk is on fire.'))
    const fetch = createEngine({
      storage: { ...engine.storage, ping },
      now: engine.clock.now,
      log: { error: (details) => logged.push(details) },
    })
    const response = await fetch(new Request('http://engine.test/api/lifecycle/healthcheck'))
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({
      resultCode: 'A001101',
      resultMessage: '[A001101] /api/lifecycle/healthcheck, the engine failed; its log says why.',
    })
    expect(logged).toEqual([{ err: new Error('The disk is on fire.'), operation: 'GET /api/lifecycle/healthcheck' }])
  })

  it('given pretty=true, then the JSON is indented', async () => {
    const reply = await engine.call('GET', `/${engine.serviceId}/service/configuration?pretty=true`)
    expect(reply.text).toMatch(/^\{\n {2}"issuer": "https:\/\/as\.example",\n/)
  })

  it('given answers, then no cache keeps them', async () => {
    const reply = await engine.call('GET', `/${engine.serviceId}/service/get`)
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })
})

describe('In one process, the light request and response carry the same', () => {
  it('given a LightRequest and a maker of LightResponses, then status, headers and text are those of the web classes', async () => {
    const { token, caller } = makeCaller({ id: 'light', rights: ['ADMIN'], serviceIds: 'all' })
    const fetch = createEngine({
      storage: engine.storage,
      now: engine.clock.now,
      callers: [caller],
      respond: respondLightly,
    })
    const ask: (request: LightRequest) => Promise<Response> = fetch
    const request = new LightRequest(`http://engine.test/api/${engine.serviceId}/client/create`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ clientName: 'Light' }),
    })
    const response = await ask(request)
    expect(response).toBeInstanceOf(LightResponse)
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toMatchObject({ clientName: 'Light', clientType: 'CONFIDENTIAL' })
  })
})

function respondLightly(status: number, headers: Headers, text: string): LightResponse {
  return new LightResponse(status, headers, text)
}
