import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '../../sdk/types.ts'
import { createFetchOutbound } from '../../server/outbound/fetch-outbound.ts'
import { freePort } from '../free-port.ts'
import type { RequestKey } from '../request-object.ts'
import { makeRequestKey, signRequest } from '../request-object.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, converse, errorOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

/** A client's own server on this machine: what it was asked for, and what it answers. */
interface Site {
  origin: string
  host: string
  asked: string[]
  answer: RequestListener
  close: () => Promise<void>
}

let under: TestEngine
let engine: Conversation
let key: RequestKey
let site: Site
/** It listens as well, but nobody let it through. */
let other: Site
let client: RegisteredTestClient

/** Ends the time of a fetch as soon as it has failed: why a failure takes long is tested elsewhere. */
let endTime = () => {}

beforeAll(async () => {
  ;[site, other, key] = await Promise.all([openSite(), openSite(), makeRequestKey()])
  const fetchOutbound = createFetchOutbound({
    allow: [site.host],
    deadline: () => {
      const time = new AbortController()
      endTime = () => {
        time.abort()
      }
      return time.signal
    },
    log: {
      warn: () => {
        endTime()
      },
    },
  })
  under = await openTestEngine({}, fetchOutbound)
  engine = converse(under)
  client = await register([])
})

beforeEach(() => {
  site.asked.length = 0
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await Promise.all([under.close(), site.close(), other.close()])
})

async function openSite(): Promise<Site> {
  const port = await freePort()
  const opened: Site = {
    origin: `http://localhost:${port}`,
    host: `localhost:${port}`,
    asked: [],
    answer: (_, response) => response.writeHead(404).end(),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const server = createServer((request, response) => {
    opened.asked.push(request.url ?? '')
    opened.answer(request, response)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return opened
}

function register(requestUris: string[], settings: Client = {}): Promise<RegisteredTestClient> {
  const jwks = JSON.stringify({ keys: [key.publicJwk] })
  return engine.registerClient({ jwks, ...(requestUris.length > 0 && { requestUris }), ...settings })
}

function requestOf(who: RegisteredTestClient, change: object = {}): Promise<string> {
  const claims = { iss: who.clientId, aud: testIssuer, ...authorizationParameters(who, 'v'.repeat(43)), ...change }
  return signRequest(key, claims)
}

/** Puts a text at the site. */
function publish(text: string, contentType = 'application/oauth-authz-req+jwt'): void {
  site.answer = (_, response) => response.writeHead(200, { 'Content-Type': contentType }).end(text)
}

const ask = (request_uri: string, { clientId }: RegisteredTestClient) =>
  engine.authorize({ client_id: clientId, request_uri })

describe('RFC 9101 §5.2: a request object by reference', () => {
  it.each(['application/oauth-authz-req+jwt', 'application/jwt', 'application/jose', 'text/plain; charset=utf-8'])(
    'given a registered address, when it answers with %s, then it is read, anew each time',
    async (type) => {
      const uri = `${site.origin}/request.jwt?for=us`
      const mine = await register([uri])
      publish(`${await requestOf(mine)}\n`, type)
      expect((await ask(uri, mine)).action).toBe('INTERACTION')
      publish(await requestOf(mine, { scope: 'nonsense' }), type)
      expect(await ask(uri, mine)).toMatchObject({ action: 'LOCATION', resultCode: 'A913301' })
      expect(site.asked).toEqual(['/request.jwt?for=us', '/request.jwt?for=us'])
    },
  )

  it('given the hash of what stands there, then it is held against it; any other fragment is a part of the name', async () => {
    const alias = 'by-hash'
    const text = await requestOf({ ...client, clientId: alias })
    const hash = createHash('sha256').update(text).digest('base64url')
    const uri = `${site.origin}/by-hash`
    const mine = await register([`${uri}#${hash}`, `${uri}#v2`], { clientIdAlias: alias })
    publish(text)
    expect((await ask(`${uri}#${hash}`, mine)).action).toBe('INTERACTION')
    publish(await requestOf(mine, { scope: 'openid' }))
    expect(await ask(`${uri}#${hash}`, mine)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A908307' })
    expect((await ask(`${uri}#v2`, mine)).action).toBe('INTERACTION')
    expect((await ask(uri, mine)).resultCode).toBe('A908302')
  })

  it('given an object that is not good, then it is that which is refused', async () => {
    const uri = `${site.origin}/bad`
    const mine = await register([uri])
    publish(await requestOf(client))
    const answer = await ask(uri, mine)
    expect([answer.action, errorOf(answer)]).toEqual(['BAD_REQUEST', 'invalid_request_object'])
  })

  it('given that what passes the browser must be encrypted, then what is named in it as well', async () => {
    const uri = `${site.origin}/plain`
    const mine = await register([uri], { frontChannelRequestObjectEncryptionRequired: true })
    publish(await requestOf(mine))
    expect((await ask(uri, mine)).resultCode).toBe('A905307')
  })
})

describe('RFC 9101 §10.4 and CWE-918: what is never fetched', () => {
  it('given an address that the client did not register, then nothing is asked', async () => {
    const uri = `${site.origin}/registered`
    const mine = await register([uri])
    publish(await requestOf(mine))
    for (const [address, who] of [
      [`${uri}/`, mine],
      [`${uri}?x`, mine],
      [`${uri}#x`, mine],
      [uri.toUpperCase(), mine],
      [uri, client],
      ['file:///etc/passwd', mine],
      ['data:text/plain,x', mine],
      ['urn:x', mine],
    ] as const) {
      const answer = await ask(address, who)
      expect([address, answer.action, answer.resultCode]).toEqual([address, 'BAD_REQUEST', 'A908302'])
      expect(errorOf(answer)).toBe('invalid_request_uri')
    }
    expect(site.asked).toEqual([])
  })

  it('RFC 8725 §3.10: given addresses in the header of an object, then nothing is asked', async () => {
    const attacker = await makeRequestKey('ES256', key.publicJwk.kid)
    const claims = { iss: client.clientId, aud: testIssuer, ...authorizationParameters(client, 'v'.repeat(43)) }
    const header = { jku: `${site.origin}/jwks`, x5u: `${site.origin}/x5u`, jwk: attacker.publicJwk }
    publish(JSON.stringify({ keys: [attacker.publicJwk] }), 'application/jwk-set+json')
    const answer = await engine.authorize({
      client_id: client.clientId,
      request: await signRequest(attacker, claims, header),
    })
    expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A005328' })
    expect(site.asked).toEqual([])
  })

  it('given an unknown client, a locked one, or one that must push, then nothing is asked', async () => {
    const uri = `${site.origin}/cheap`
    await register([uri])
    const locked = await register([uri], { locked: true })
    const pushing = await register([uri], { parRequired: true })
    expect((await engine.authorize({ client_id: 'nobody', request_uri: uri })).action).toBe('BAD_REQUEST')
    expect((await ask(uri, locked)).action).toBe('BAD_REQUEST')
    expect((await ask(uri, pushing)).resultCode).toBe('A008305')
    expect(site.asked).toEqual([])
  })

  it('given addresses inside of the network, then nothing is asked, and all get one answer', async () => {
    const uris = [
      `${other.origin}/`,
      `https://localhost:${new URL(other.origin).port}/`,
      'https://127.0.0.1/',
      'https://10.0.0.1/',
      'https://169.254.169.254/latest/meta-data/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://2130706433/',
    ]
    const mine = await register(uris)
    const answers = []
    for (const uri of uris) answers.push(await ask(uri, mine))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A908306' })
    expect(other.asked).toEqual([])
  })

  it.each<[string, (good: string) => RequestListener]>([
    ['a redirect', (good) => (_, response) => response.writeHead(302, { Location: `${other.origin}/${good}` }).end()],
    [
      'another media type',
      (good) => (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(good),
    ],
    ['an error', (good) => (_, response) => response.writeHead(500, { 'Content-Type': 'text/plain' }).end(good)],
    [
      'more than 64 KiB',
      (good) => (_, response) =>
        response.writeHead(200, { 'Content-Type': 'text/plain' }).end(good + ' '.repeat(65_537 - good.length)),
    ],
    ['nothing, and closes', () => (_, response) => response.destroy()],
  ])('given that the address answers with %s, then it could not be read', async (_, answerWith) => {
    const uri = `${site.origin}/wrong`
    const mine = await register([uri])
    site.answer = answerWith(await requestOf(mine))
    expect(await ask(uri, mine)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A908306' })
    expect(other.asked).toEqual([])
  })

  it.each([
    'http://app.example/request',
    'https://user@app.example/request',
    'https://app.example/request#a#b',
    'https://app.example/request#',
    'https://app.example/request#not a hash',
    'ftp://app.example/request',
    `https://app.example/${'x'.repeat(500)}`,
    'urn:ietf:params:oauth:request_uri:x',
  ])('OIDC Registration §2: given %s, then it cannot be registered', async (uri) => {
    const { status, json } = await under.call('POST', `/${under.serviceId}/client/create`, {
      body: { requestUris: [uri] },
    })
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('requestUris/0: ')])
  })
})
