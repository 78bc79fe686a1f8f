import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeProofKey } from '../dpop-proof.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { converse, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testScopes } from './engine-under-test.ts'
import type { AssertionKey } from './fapi/key-client.ts'
import { makeAssertionKey } from './fapi/key-client.ts'
import { serveFrontEnd } from './front-end-over-engine.ts'

const [here, elsewhere] = ['https://api.example', 'https://other.example']
const jwtType = 'application/token-introspection+jwt'

let under: TestEngine
let engine: Conversation
let served: Awaited<ReturnType<typeof serveFrontEnd>>
let resourceServer: RegisteredTestClient
let assertionKey: AssertionKey
const clients = new Map<string, RegisteredTestClient>()

beforeAll(async () => {
  const tagged = { name: 'payments', attributes: [{ key: 'fapi2', value: 'ms-introres' }] }
  under = await openTestEngine({ supportedServiceProfiles: ['FAPI'], supportedScopes: [...testScopes, tagged] })
  engine = converse(under)
  resourceServer = await engine.registerClient({
    grantTypes: [],
    attributes: [
      { key: 'resource_server', value: 'true' },
      { key: 'resource_server_uri', value: here },
      // Deterministic: the same claims at the same time are the same bytes.
      { key: 'introspection_signed_response_alg', value: 'RS256' },
    ],
  })
  clients.set('opaque', await engine.registerClient())
  clients.set('signed', await engine.registerClient({ attributes: [{ key: 'access_token.sign_alg', value: 'ES256' }] }))
  assertionKey = await makeAssertionKey('ES256', under)
  served = await serveFrontEnd(under)
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await served.close()
  await under.close()
})

/** All that the resource server gets over HTTP, but for the time of day. */
async function introspect(token: string, accept: string, more: Record<string, string> = {}) {
  const { clientId, clientSecret } = resourceServer
  const response = await fetch(`${served.url}/oauth/introspect`, {
    method: 'POST',
    headers: { Accept: accept, Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ token, ...more }),
  })
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'))
  return { status: response.status, headers, body: await response.text() }
}

type Kind = 'opaque' | 'signed'

function clientOf(kind: Kind): RegisteredTestClient {
  const client = clients.get(kind)
  if (!client) throw new Error(`no client for ${kind}`)
  return client
}

async function obtain(kind: Kind, resources = [here]): Promise<{ token: string; refreshToken: string }> {
  const tokens = await engine.obtainTokens(clientOf(kind), { resources })
  return { token: tokens.access_token, refreshToken: tokens.refresh_token ?? '' }
}

/** FAPI 2.0 Message Signing §5.5.1: a token that is told of in signed answers only. */
async function obtainUnderProfile(kind: Kind, resource: string): Promise<string> {
  const signed = { attributes: [{ key: 'access_token.sign_alg', value: 'ES256' }] }
  const client = await engine.registerClient({ ...assertionKey.settings, ...(kind === 'signed' && signed) })
  const asked = { grant_type: 'client_credentials', scope: 'payments', resource }
  const key = await makeProofKey()
  const dpop = await key.prove({ htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() })
  return tokensOf(await engine.token({ ...asked, ...(await assertionKey.assert(client)) }, undefined, { dpop }))
    .access_token
}

/** Tokens of which a resource server must learn nothing at all. */
const dead: Record<string, (kind: Kind) => Promise<string>> = {
  'a revoked token': async (kind) => {
    const { token } = await obtain(kind)
    await engine.revoke({ token }, clientOf(kind))
    return token
  },
  'an expired token': async (kind) => {
    const { token } = await obtain(kind)
    under.clock.advance(601)
    return token
  },
  'a token for another resource': async (kind) => (await obtain(kind, [elsewhere])).token,
  'a token for another resource, with a scope of a profile': (kind) => obtainUnderProfile(kind, elsewhere),
  'a refresh token': async (kind) => (await obtain(kind)).refreshToken,
  'a token that a refresh replaced': async (kind) => {
    const { token, refreshToken } = await obtain(kind)
    tokensOf(await engine.token({ grant_type: 'refresh_token', refresh_token: refreshToken }, clientOf(kind)))
    return token
  },
  'a token that the person took back': async (kind) => {
    const { token } = await obtain(kind)
    const path = `/${under.serviceId}/client/authorization/delete/${clientOf(kind).clientId}/subject-1`
    await under.call('DELETE', path)
    return token
  },
  'a token of a locked client': async () => {
    const client = await engine.registerClient()
    const { access_token } = await engine.obtainTokens(client, { resources: [here] })
    const path = `/${under.serviceId}/client/lock_flag/update/${client.clientId}`
    await under.call('POST', path, { body: { clientLocked: true } })
    return access_token
  },
  'a token of a client that is gone': async () => {
    const client = await engine.registerClient()
    const { access_token } = await engine.obtainTokens(client, { resources: [here] })
    await under.call('DELETE', `/${under.serviceId}/client/delete/${client.clientId}`)
    return access_token
  },
  'a token that lost its last character': async (kind) => (await obtain(kind)).token.slice(0, -1),
}

const cases = Object.keys(dead).flatMap((name) =>
  (['opaque', 'signed'] as const).flatMap((kind) =>
    ['application/json', jwtType].map((accept) => [name, kind, accept] as const),
  ),
)

describe('RFC 7662 §2.2 and §4, RFC 9701 §5: what is not active is told alike, over HTTP', () => {
  it.each(cases)(
    'given %s (%s), when %s is asked for, then it is byte for byte as an unknown one',
    async (name, kind, accept) => {
      const token = (await dead[name]?.(kind)) ?? ''
      const [answer, unknown] = [await introspect(token, accept), await introspect('no-such-token', accept)]
      expect(answer).toEqual(unknown)
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toContain(accept)
      const said =
        accept === jwtType ? Buffer.from(answer.body.split('.')[1] ?? '', 'base64url').toString() : answer.body
      expect(said).toMatch(accept === jwtType ? /"token_introspection":\{"active":false\}\}$/ : /^\{"active":false\}$/)
    },
  )

  it.each(['opaque', 'signed'] as const)(
    'given a token (%s) with a scope of a profile, when its resource server asks otherwise than the profile wants, then a refusal',
    async (kind) => {
      const token = await obtainUnderProfile(kind, here)
      expect(await introspect(token, 'application/json')).toMatchObject({ status: 400 })
    },
  )

  it.each(['opaque', 'signed'] as const)(
    'given a live token (%s), then it is active, whatever the hint',
    async (kind) => {
      const { token } = await obtain(kind)
      for (const token_type_hint of ['access_token', 'refresh_token', 'nonsense']) {
        const { body } = await introspect(token, 'application/json', { token_type_hint })
        expect(JSON.parse(body)).toMatchObject({ active: true, aud: [here] })
      }
    },
  )

  it.each(['opaque', 'signed'] as const)(
    'given a live token (%s) with any one bit of it changed, then it is unknown',
    async (kind) => {
      const { token } = await obtain(kind)
      const change = fc.tuple(fc.nat(token.length - 1), fc.integer({ min: 0, max: 6 }))
      await fc.assert(
        fc.asyncProperty(change, async ([at, bit]) => {
          const changed =
            token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ (1 << bit)) + token.slice(at + 1)
          expect(await engine.introspect(changed, here)).toEqual({ active: false })
        }),
        { numRuns: 256 },
      )
    },
  )

  it.each(['opaque', 'signed'] as const)(
    'given a live token (%s) with another last character, then it is unknown: bits that encode nothing count, too',
    async (kind) => {
      const { token } = await obtain(kind)
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const active = []
      for (const last of alphabet) {
        if ((await engine.introspect(token.slice(0, -1) + last, here))['active'] === true) active.push(last)
      }
      expect(active).toEqual([token.at(-1)])
    },
  )
})
