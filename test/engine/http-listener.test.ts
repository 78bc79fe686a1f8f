import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectEngine } from '../../sdk/engine.ts'
import type { EngineListener } from '../../server/engine/http-listener.ts'
import { listenOnLoopback } from '../../server/engine/http-listener.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let engine: TestEngine
let listener: EngineListener

beforeAll(async () => {
  engine = await openTestEngine()
  listener = await listenOnLoopback(engine.fetch, 0)
})

afterAll(async () => {
  await listener.close()
  expect(engine.failures).toEqual([])
  await engine.close()
})

interface RawOptions {
  method?: string
  path: string
  headers?: Record<string, string>
  body?: string | Buffer
}

interface RawReply {
  status: number
  text: string
  headers: NodeJS.Dict<string | string[]>
}

/** A request as Node sends it, without what `fetch` forbids. */
async function send({ method = 'GET', path, headers = {}, body }: RawOptions): Promise<RawReply> {
  const { port } = new URL(listener.url)
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
  const answered = new Promise<RawReply>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: string[] = []
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => chunks.push(chunk))
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, text: chunks.join(''), headers: incoming.headers })
      })
    })
  })
  outgoing.end(body)
  return answered
}

function authorized(more: Record<string, string> = {}): Record<string, string> {
  return { Authorization: `Bearer ${engine.accessToken}`, ...more }
}

/** What the listener answers to bytes that are hardly HTTP. */
async function sendBytes(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1')
  socket.setEncoding('utf8')
  const chunks: string[] = []
  socket.on('data', (chunk: string) => chunks.push(chunk))
  socket.end(bytes)
  await once(socket, 'close')
  return chunks.join('')
}

describe('The engine over HTTP answers what it answers in the process', () => {
  it('given the SDK at its address, then the same calls and the same JSON', async () => {
    const remote = connectEngine({ baseUrl: listener.url, accessToken: engine.accessToken })
    const params = { path: { serviceId: String(engine.serviceId) } }
    const far = await remote.GET('/api/{serviceId}/service/get', { params })
    const near = await engine.engine.GET('/api/{serviceId}/service/get', { params })
    expect(far.data).toEqual(near.data)
    const created = await remote.POST('/api/{serviceId}/client/create', { params, body: { clientName: 'Ünïcödé 名' } })
    expect([created.response.status, created.data?.clientName]).toEqual([201, 'Ünïcödé 名'])
    const path = { ...params.path, clientId: String(created.data?.clientId) }
    const deleted = await remote.DELETE('/api/{serviceId}/client/delete/{clientId}', { params: { path } })
    expect(deleted.response.status).toBe(204)
  })

  it('given faults, then their status and their envelope', async () => {
    const path = `/api/${engine.serviceId}/service/get`
    const reply = await send({ path })
    expect(reply.status).toBe(401)
    expect(reply.headers['www-authenticate']).toBe('Bearer')
    expect(reply.headers['content-type']).toBe('application/json')
    expect(JSON.parse(reply.text)).toMatchObject({ resultCode: 'A001202' })
  })

  it('given no service at all, then health is told', async () => {
    expect(await send({ path: '/api/lifecycle/healthcheck' })).toMatchObject({ status: 200, text: 'OK' })
  })
})

describe('It takes no more than it should', () => {
  it('given a body that says it is too large, then 413 without waiting for it', async () => {
    const headers = authorized({
      'Content-Type': 'application/json',
      'Content-Length': '1048577',
      Expect: '100-continue',
    })
    const { port } = new URL(listener.url)
    const path = `/api/${engine.serviceId}/auth/token`
    const outgoing = request({ host: '127.0.0.1', port, method: 'POST', path, headers, agent: false })
    outgoing.on('error', () => undefined)
    const status = new Promise<number | undefined>((resolve) => {
      outgoing.once('response', (incoming) => {
        resolve(incoming.statusCode)
      })
    })
    outgoing.flushHeaders()
    expect(await status).toBe(413)
    outgoing.destroy()
  })

  it('given a body that is too large without saying so, then 413', async () => {
    const headers = authorized({ 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' })
    const body = Buffer.alloc(1_048_577, 'x')
    const reply = await send({ method: 'POST', path: `/api/${engine.serviceId}/auth/token`, headers, body })
    expect(reply.status).toBe(413)
    expect(JSON.parse(reply.text)).toMatchObject({ resultCode: 'A901205' })
  })

  it('given a body that just fits, then it is read', async () => {
    const body = JSON.stringify({ parameters: '', filling: '' })
    const filled = body.replace('"filling":""', `"filling":"${'x'.repeat(1_048_576 - body.length)}"`)
    const headers = authorized({ 'Content-Type': 'application/json' })
    const reply = await send({ method: 'POST', path: `/api/${engine.serviceId}/auth/token`, headers, body: filled })
    expect([filled.length, reply.status]).toEqual([1_048_576, 200])
  })

  it('given Expect: 100-continue with a body that fits, then it goes on', async () => {
    const headers = authorized({ 'Content-Type': 'application/json', Expect: '100-continue' })
    const body = '{"parameters":"client_id=x"}'
    const reply = await send({ method: 'POST', path: `/api/${engine.serviceId}/auth/token`, headers, body })
    expect(reply.status).toBe(200)
  })

  it('given headers of more than 16 KiB, then 431', async () => {
    const reply = await send({ path: '/api/info', headers: { 'X-Filling': 'x'.repeat(17_000) } })
    expect(reply.status).toBe(431)
  })

  it.each(['HEAD', 'PUT', 'PATCH', 'OPTIONS', 'TRACE'])('given %s, then 404 and nothing is done', async (method) => {
    const reply = await send({ method, path: `/api/${engine.serviceId}/service/get`, headers: authorized() })
    expect(reply.status).toBe(404)
    if (method === 'HEAD') expect(reply.text).toBe('')
    else expect(JSON.parse(reply.text)).toMatchObject({ resultCode: 'A901202' })
  })

  it.each([
    '*',
    'http://evil.example/api/info',
    '//evil.example/api/info',
    '/api/../api/nothing',
    '/%',
    '/\\evil.example/api/info',
  ])('given the address %s, then nothing but the path of this engine counts', async (path) => {
    const { status, text } = await send({ path, headers: authorized() })
    expect([400, 404]).toContain(status)
    expect(text).not.toContain('evil.example')
  })

  it('given bytes that are no HTTP, then 400 and the connection ends', async () => {
    expect(await sendBytes('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(
      await sendBytes('GET /api/info HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('given a body that breaks off, then the engine goes on', async () => {
    await sendBytes(`POST /api/1/auth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"par`)
    expect((await send({ path: '/api/info' })).status).toBe(200)
  })
})

describe('It is for this machine', () => {
  it('given another address of the machine, then nobody answers there', async () => {
    const { port } = new URL(listener.url)
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of others) {
      const socket = connect(Number(port), address)
      await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED')
    }
    expect(listener.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('given a port that is taken, then it says so', async () => {
    const { port } = new URL(listener.url)
    await expect(listenOnLoopback(engine.fetch, Number(port))).rejects.toThrow('EADDRINUSE')
  })
})

describe('It ends cleanly', () => {
  it('given an answer under way, when it is closed, then the answer still comes', async () => {
    let release: () => void = () => undefined
    const asked = new Promise<void>((resolve) => {
      release = resolve
    })
    let arrived: () => void = () => undefined
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const slow = await listenOnLoopback(async () => {
      arrived()
      await asked
      return new Response('done')
    }, 0)
    const answer = fetch(`${slow.url}/api/info`)
    await arrival
    const closed = slow.close()
    release()
    expect(await (await answer).text()).toBe('done')
    await closed
    await expect(fetch(`${slow.url}/api/info`)).rejects.toThrow()
  })
})
