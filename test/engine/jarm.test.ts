import type { JWK } from 'jose'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client } from '../../sdk/types.ts'
import { generateJwks, parseJwks } from '../../server/engine/keys.ts'
import type { DecryptionKey } from './client-keys.ts'
import { makeDecryptionKey, setOf } from './client-keys.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, testScopes, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const modes = ['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'] as const
const protections = ['signed', 'encrypted'] as const

let under: TestEngine
let engine: Conversation
let key: DecryptionKey
let keys: ReturnType<typeof createLocalJWKSet>
let clients: Record<(typeof protections)[number], RegisteredTestClient>

beforeAll(async () => {
  under = await openTestEngine({ supportedScopes: testScopes, authorizationResponseDuration: 120 })
  engine = converse(under)
  key = await makeDecryptionKey('ECDH-ES+A128KW')
  keys = await keysOf(under)
  clients = {
    signed: await engine.registerClient({ authorizationSignAlg: 'PS256' }),
    encrypted: await engine.registerClient({ ...{ authorizationSignAlg: 'ES256', jwks: setOf(key) }, ...encryption }),
  }
})

const encryption: Client = { authorizationEncryptionAlg: 'ECDH_ES_A128KW', authorizationEncryptionEnc: 'A256GCM' }

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

async function keysOf({ engine: sdk, serviceId }: TestEngine) {
  const params = { path: { serviceId: String(serviceId) } }
  return createLocalJWKSet(await ask(sdk.GET('/api/{serviceId}/service/jwks/get', { params })))
}

/** What the client got, and where: the action, the place, and the parameters. */
function received(answer: object): { place: 'query' | 'fragment' | 'form_post'; sent: Record<string, string> } {
  const { action, responseContent } = { action: '', responseContent: '', ...answer }
  if (action === 'FORM') {
    expect(responseContent).toContain('<form method="post" action="https://app.example/cb">')
    const inputs = responseContent.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
    return {
      place: 'form_post',
      sent: Object.fromEntries([...inputs].map(([, name = '', value = '']): [string, string] => [name, value])),
    }
  }
  expect(action).toBe('LOCATION')
  const uri = new URL(responseContent)
  const [place, text] = uri.hash === '' ? (['query', uri.search] as const) : (['fragment', uri.hash.slice(1)] as const)
  if (place === 'fragment') expect(uri.search).toBe('')
  return { place, sent: Object.fromEntries(new URLSearchParams(text)) }
}

/** JARM §2.4: decrypts and verifies as a client does; answers what it says. */
async function open(answer: object, audience: string, isEncrypted: boolean): Promise<Record<string, unknown>> {
  const { sent } = received(answer)
  // The JWT alone: neither state nor iss, nor an error, stands beside it.
  expect(Object.keys(sent)).toEqual(['response'])
  let response = sent['response'] ?? ''
  if (isEncrypted) {
    const { text, header } = await key.decrypt(response)
    expect(header).toMatchObject({ alg: 'ECDH-ES+A128KW', enc: 'A256GCM', kid: key.jwk.kid, cty: 'JWT' })
    response = text
  }
  const { payload, protectedHeader } = await jwtVerify(response, keys, {
    issuer: testIssuer,
    audience,
    currentDate: under.clock.now(),
    algorithms: [isEncrypted ? 'ES256' : 'PS256'],
  })
  expect(protectedHeader.kid).toEqual(expect.any(String))
  const { iss, aud, exp, ...parameters } = payload
  expect([iss, aud, exp]).toEqual([testIssuer, audience, under.clock.now().getTime() / 1000 + 120])
  return parameters
}

const text: unknown = expect.any(String)
const denied = { error: 'access_denied', error_uri: text, error_description: text }

/** The four ways in which a request ends. */
const endings: Record<string, (request: Record<string, string>) => Promise<{ answer: object; expected: object }>> = {
  success: async (request) => {
    const begun = await engine.authorize(request)
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    const answer = await engine.issue({ ticket: begun.ticket, subject: 'subject-1' })
    return {
      answer,
      expected: { code: answer.action === 'LOCATION' || answer.action === 'FORM' ? answer.authorizationCode : '' },
    }
  },
  denial: async (request) => {
    const begun = await engine.authorize(request)
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    return { answer: await engine.fail({ ticket: begun.ticket, reason: 'DENIED' }), expected: denied }
  },
  'an error before the ticket': async (request) => ({
    answer: await engine.authorize({ ...request, prompt: 'none login' }),
    expected: { ...denied, error: 'invalid_request' },
  }),
  'an error when the code is issued': async (request) => {
    const begun = await engine.authorize(request)
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    const answer = await engine.issue({ ticket: begun.ticket, subject: 'subject-1', claims: '[]' })
    return { answer, expected: { ...denied, error: 'server_error' } }
  },
}

describe.each(Object.keys(endings))('%s', (ending) => {
  describe.each(protections)('for a client with %s responses', (protection) => {
    it.each(modes)('given response_mode=%s, then there, and nowhere else', async (mode) => {
      const client = clients[protection]
      const request = { ...authorizationParameters(client, codeVerifier), response_mode: mode }
      const { answer, expected } = (await endings[ending]?.(request)) ?? { answer: {}, expected: {} }
      const { place, sent } = received(answer)
      expect(place).toBe(mode === 'jwt' ? 'query' : mode.replace('.jwt', ''))
      const parameters = { ...expected, state: 'af0ifjsldkj' }
      if (mode.endsWith('jwt')) {
        expect(await open(answer, client.clientId, protection === 'encrypted')).toEqual(parameters)
      } else {
        // RFC 9207 §2.
        expect(sent).toEqual({ ...parameters, iss: testIssuer })
      }
    })
  })
})

describe('JARM §2.1: the claims', () => {
  it('given a code in a JWT, then it is redeemed as any other', async () => {
    const client = clients.signed
    const request = { ...authorizationParameters(client, codeVerifier), response_mode: 'jwt' }
    const { answer } = (await endings['success']?.(request)) ?? { answer: {} }
    const { code } = await open(answer, client.clientId, false)
    const tokens = tokensOf(await engine.token(codeParameters(client, String(code), codeVerifier), client))
    expect(tokens.access_token).toEqual(expect.any(String))
  })

  it('given a client that calls itself by its number, then so does aud', async () => {
    const { numericId, redirectUri } = clients.signed
    const self = { ...clients.signed, clientId: String(numericId), redirectUri }
    const request = { ...authorizationParameters(self, codeVerifier), response_mode: 'jwt', prompt: 'none login' }
    expect(await open(await engine.authorize(request), String(numericId), false)).toMatchObject({
      error: 'invalid_request',
    })
  })

  it('given no state, then none; given state twice, then neither', async () => {
    const request = { ...authorizationParameters(clients.signed, codeVerifier), response_mode: 'jwt' }
    const stateless = await engine.authorize({ ...request, state: '', prompt: 'none login' })
    expect(await open(stateless, clients.signed.clientId, false)).not.toHaveProperty('state')
    const twice = await engine.authorize([...Object.entries(request), ['state', 'other']])
    expect(await open(twice, clients.signed.clientId, false)).not.toHaveProperty('state')
  })

  it('given issSuppressed, then plain responses have no iss, and the JWT says it all the same', async () => {
    const other = await openTestEngine({ supportedScopes: testScopes, issSuppressed: true })
    const talk = converse(other)
    const client = await talk.registerClient({ authorizationSignAlg: 'ES256' })
    const request = { ...authorizationParameters(client, codeVerifier), prompt: 'none login' }
    expect(received(await talk.authorize(request)).sent).not.toHaveProperty('iss')
    const { sent } = received(await talk.authorize({ ...request, response_mode: 'jwt' }))
    const { payload } = await jwtVerify(sent['response'] ?? '', await keysOf(other), { currentDate: other.clock.now() })
    // §2.1: ten minutes where the service says nothing.
    expect(payload).toMatchObject({ iss: testIssuer, exp: other.clock.now().getTime() / 1000 + 600 })
    await other.close()
  })

  it('given authorizationSignatureKeyId, then that key signs', async () => {
    const first = await openTestEngine({ supportedScopes: testScopes, jwks: await generateJwks() })
    const jwks = (await Promise.all([under, first].map(privateKeys))).flat()
    const kids = jwks.flatMap(({ alg, kid }) => (alg === 'ES256' ? [String(kid)] : []))
    for (const authorizationSignatureKeyId of kids) {
      const set = JSON.stringify({ keys: jwks })
      const own = await openTestEngine({ supportedScopes: testScopes, jwks: set, authorizationSignatureKeyId })
      const talk = converse(own)
      const client = await talk.registerClient({ authorizationSignAlg: 'ES256' })
      const request = { ...authorizationParameters(client, codeVerifier), response_mode: 'jwt', prompt: 'none login' }
      const { sent } = received(await talk.authorize(request))
      expect(decodeProtectedHeader(sent['response'] ?? '').kid).toBe(authorizationSignatureKeyId)
      await own.close()
    }
    await first.close()
  })
})

async function privateKeys({ call, serviceId }: TestEngine): Promise<JWK[]> {
  return parseJwks((await call('GET', `/${serviceId}/service/jwks/get?includePrivateKeys=true`)).text)
}

describe('What cannot be protected is not said', () => {
  const protectedModes = modes.filter((mode) => mode.endsWith('jwt'))

  it.each(protectedModes)('given %s and no authorizationSignAlg, then A012305 in the plain mode', async (mode) => {
    const client = await engine.registerClient()
    const request = { ...authorizationParameters(client, codeVerifier), response_mode: mode }
    for (const fault of [{}, { prompt: 'none login' }, { response_type: 'token' }]) {
      const answer = await engine.authorize({ ...request, ...fault })
      const { place, sent } = received(answer)
      expect(answer.resultCode).toBe('A012305')
      expect(place).toBe(mode === 'jwt' ? 'query' : mode.replace('.jwt', ''))
      expect(sent).toMatchObject({ error: 'invalid_request', state: 'af0ifjsldkj', iss: testIssuer })
    }
  })

  it('given keys at an address that cannot be read, then the client is told so before anybody is asked anything', async () => {
    const client = await engine.registerClient({
      ...{ authorizationSignAlg: 'ES256', jwksUri: 'https://silent.example/jwks', ...encryption },
    })
    const request = { ...authorizationParameters(client, codeVerifier), response_mode: 'form_post.jwt' }
    const answer = await engine.authorize(request)
    expect(answer).toMatchObject({ action: 'FORM', resultCode: 'A951202' })
    expect(received(answer).sent).toMatchObject({ error: 'server_error', state: 'af0ifjsldkj' })
    // Plain modes need no key.
    expect(await engine.authorize({ ...request, response_mode: 'query' })).toMatchObject({ action: 'INTERACTION' })
  })

  it('given settings that change while the person decides, then the code is not given unprotected', async () => {
    const client = await engine.registerClient({ authorizationSignAlg: 'ES256' })
    const request = { ...authorizationParameters(client, codeVerifier), response_mode: 'jwt' }
    const [first, second] = [await engine.authorize(request), await engine.authorize(request)]
    if (first.action !== 'INTERACTION' || second.action !== 'INTERACTION') throw new Error('no tickets')
    const body = { redirectUris: [client.redirectUri], clientIdAlias: client.clientId }
    const path = `/${under.serviceId}/client/update/${client.numericId}`
    expect((await under.call('POST', path, { body })).status).toBe(200)
    for (const answer of [
      await engine.issue({ ticket: first.ticket, subject: 'subject-1' }),
      await engine.fail({ ticket: second.ticket, reason: 'DENIED' }),
    ]) {
      expect(answer.resultCode).toBe('A012305')
      expect(answer).not.toHaveProperty('authorizationCode')
      expect(received(answer).sent).toMatchObject({ error: 'invalid_request' })
    }
  })

  it('given a service that gave up its key, then the client is told so', async () => {
    const other = await openTestEngine({ supportedScopes: testScopes })
    const talk = converse(other)
    const client = await talk.registerClient({ authorizationSignAlg: 'EdDSA' })
    const jwks = JSON.stringify({ keys: (await privateKeys(other)).filter(({ alg }) => alg !== 'EdDSA') })
    const path = `/${other.serviceId}/service/update`
    const body = { issuer: testIssuer, supportedScopes: testScopes, jwks }
    expect((await other.call('POST', path, { body })).status).toBe(200)
    const answer = await talk.authorize({ ...authorizationParameters(client, codeVerifier), response_mode: 'jwt' })
    expect(answer.resultCode).toBe('A951201')
    expect(received(answer).sent).toMatchObject({ error: 'server_error' })
    expect(other.failures).toEqual([])
    await other.close()
  })
})

describe('RFC 7591 §2: the response modes of a client', () => {
  it.each<[Client['responseModes'], string | undefined, boolean]>([
    [['JWT'], 'jwt', true],
    [['JWT'], 'query.jwt', true],
    [['QUERY_JWT'], 'jwt', true],
    [['JWT'], 'fragment.jwt', false],
    [['JWT'], 'query', false],
    // What is left out is asked for all the same: protected responses are not given up by silence.
    [['JWT'], undefined, false],
    [['FORM_POST_JWT', 'QUERY'], undefined, true],
    [['FORM_POST_JWT', 'QUERY'], 'form_post.jwt', true],
    [['FRAGMENT'], 'fragment', true],
    [['FRAGMENT'], 'fragment.jwt', false],
  ])('given %j, when %s is asked for, then %s', async (responseModes, mode, isGood) => {
    const client = await engine.registerClient({
      authorizationSignAlg: 'ES256',
      ...(responseModes && { responseModes }),
    })
    const request = { ...authorizationParameters(client, codeVerifier), ...(mode && { response_mode: mode }) }
    const answer = await engine.authorize(request)
    expect(answer.resultCode).toBe(isGood ? 'A004001' : 'A912301')
  })

  it.each(['toString', '__proto__', 'JWT', 'query.jwt.jwt'])('given %s, then it is unknown', async (mode) => {
    const request = { ...authorizationParameters(clients.signed, codeVerifier), response_mode: mode }
    expect((await engine.authorize(request)).resultCode).toBe('A912301')
  })

  it('given response_mode=jwt in a pushed request, then the same: RFC 9126 §2.1', async () => {
    const { signed } = clients
    const pushed = await engine.push({ ...authorizationParameters(signed, codeVerifier), response_mode: 'jwt' }, signed)
    if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
    const { answer } = (await endings['denial']?.({ client_id: signed.clientId, request_uri: pushed.requestUri })) ?? {
      answer: {},
    }
    expect(await open(answer, signed.clientId, false)).toMatchObject({ error: 'access_denied' })
  })
})
