import { randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client, Service } from '../../sdk/types.ts'
import type { RequestKey } from '../request-object.ts'
import { encryptRequest, makeRequestKey, signRequest, unsignedRequest } from '../request-object.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, errorOf, responseOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer, testScopes } from './engine-under-test.ts'

const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const details = [{ type: 'payment', amount: 12.5, to: ['ä', '"b"'] }]
const published = 'https://app.example/jwks'
const base: Service = { supportedAuthorizationDetailsTypes: ['payment'] }

let under: TestEngine
let engine: Conversation
let key: RequestKey
let client: RegisteredTestClient
let encryptionKey: JWK
/** What stands at the address of the keys. */
let publishedKeys: string | undefined

beforeAll(async () => {
  under = await openTestEngine(base, async (address, { read }) =>
    address === published && publishedKeys !== undefined ? read({ text: publishedKeys, cacheControl: '' }) : undefined,
  )
  engine = converse(under)
  key = await makeRequestKey()
  client = await register()
  const { json } = await under.call('GET', `/${under.serviceId}/service/jwks/get`)
  const keys: unknown[] = Array.isArray(json['keys']) ? json['keys'] : []
  const isKey = (value: unknown): value is JWK => typeof value === 'object' && value !== null && 'alg' in value
  encryptionKey = keys.filter(isKey).find(({ alg }) => alg === 'ECDH-ES') ?? {}
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

/** A client with the key, unless something else is said. */
function register(settings: Client = {}): Promise<RegisteredTestClient> {
  const keys = { jwks: JSON.stringify({ keys: [key.publicJwk] }) }
  return engine.registerClient({ ...keys, authorizationDetailsTypes: ['payment'], ...settings })
}

/** Runs something while the service has other settings. */
async function withService<Value>(settings: Service, run: () => Promise<Value>): Promise<Value> {
  const update = async (more: Service) => {
    const body = { issuer: testIssuer, supportedScopes: testScopes, ...testEndpoints, ...base, ...more }
    await ask(
      under.engine.POST('/api/{serviceId}/service/update', {
        params: { path: { serviceId: String(under.serviceId) } },
        body,
      }),
    )
  }
  await update(settings)
  try {
    return await run()
  } finally {
    await update({})
  }
}

/** The claims of a good request object. */
function claimsOf(who: RegisteredTestClient, change: object = {}): Record<string, unknown> {
  const seconds = Math.floor(under.clock.now().getTime() / 1000)
  const life = { nbf: seconds, exp: seconds + 300, jti: randomUUID() }
  return { iss: who.clientId, aud: testIssuer, ...life, ...authorizationParameters(who, codeVerifier), ...change }
}

const signed = (change: object = {}, who = client) => signRequest(key, claimsOf(who, change))

/** Sends a request object by value, with the client_id outside and nothing else but what is said. */
async function send(request: string | Promise<string>, outer: Record<string, string> = {}, who = client) {
  return engine.authorize({ client_id: who.clientId, request: await request, ...outer })
}

async function push(request: string | Promise<string>, outer: Record<string, string> = {}, who = client) {
  return engine.push({ request: await request, ...outer }, who)
}

describe('RFC 9101 §6.3: by value, and only what is inside counts', () => {
  it('given a signed one, then the pages are told what it holds, and its claims are in the answer', async () => {
    const claims = claimsOf(client)
    const answer = await send(signRequest(key, claims))
    expect(answer).toMatchObject({ action: 'INTERACTION', redirectUri: client.redirectUri, resultCode: 'A004001' })
    if (answer.action !== 'INTERACTION') return
    expect(answer.scopes?.map(({ name }) => name)).toEqual(['openid', 'email', 'notes:read', 'notes:write'])
    expect(JSON.parse(answer.requestObjectPayload ?? '')).toEqual(JSON.parse(JSON.stringify(claims)))
    const issued = await engine.issue({ ticket: answer.ticket, subject: 'subject-1' })
    expect(responseOf(issued)).toMatchObject({ state: claims['state'], iss: testIssuer })
    const code = responseOf(issued)['code'] ?? ''
    expect(tokensOf(await engine.token(codeParameters(client, code, codeVerifier), client)).scope).toContain('email')
  })

  it('given other parameters outside, even twice, then they change nothing', async () => {
    const answer = await engine.authorize([
      ['client_id', client.clientId],
      ['request', await signed({ scope: 'openid' })],
      ...Object.entries({ scope: 'openid email', redirect_uri: 'https://evil.example/cb', state: 'x', prompt: 'none' }),
      ['scope', 'notes:write'],
    ])
    expect(answer).toMatchObject({ action: 'INTERACTION', redirectUri: client.redirectUri })
    expect('scopes' in answer && answer.scopes.map(({ name }) => name)).toEqual(['openid'])
  })

  it('given what is not inside, then it is not taken from outside', async () => {
    const answer = await send(
      signed({ code_challenge: undefined, code_challenge_method: undefined }),
      authorizationParameters(client, codeVerifier),
    )
    expect(responseOf(answer)).toMatchObject({ error: 'invalid_request', state: 'af0ifjsldkj' })
    expect(answer).toMatchObject({ resultCode: 'A124301' })
  })

  it('given numbers, objects and lists, then they are the parameters that they stand for', async () => {
    const resource = ['https://a.example', 'urn:b']
    const claims = { userinfo: { email: { essential: true } } }
    const answer = await send(signed({ max_age: 60, claims, authorization_details: details, resource }))
    expect(answer).toMatchObject({ action: 'INTERACTION', maxAge: 60, resources: resource })
    expect(answer).toMatchObject({ userInfoClaims: JSON.stringify(claims.userinfo) })
    expect(answer).toMatchObject({ authorizationDetails: { elements: [{ type: 'payment' }] } })
    expect(await send(signed({ max_age: 0 }))).toMatchObject({ maxAge: 0, prompts: ['LOGIN'] })
    expect(responseOf(await send(signed({ max_age: 1.5 })))['error']).toBe('invalid_request')
  })

  it('given the number of the client on both sides, then it is good; given one of each, then not', async () => {
    const client_id = String(client.numericId)
    expect((await send(signed({ client_id, iss: client_id }), { client_id })).action).toBe('INTERACTION')
    expect(await send(signed(), { client_id })).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A905317' })
  })
})

describe('RFC 6749 §4.1.2.1 and RFC 9101 §7: where errors go', () => {
  it('given an object that is good, then to the redirect URI inside, in the response mode inside, with the state inside', async () => {
    const answer = await send(signed({ prompt: 'none login', response_mode: 'form_post' }), {
      redirect_uri: 'https://evil.example/cb',
    })
    expect(answer).toMatchObject({ action: 'FORM', resultCode: 'A914302' })
    expect(JSON.stringify(answer)).toContain('af0ifjsldkj')
    expect(JSON.stringify(answer)).not.toContain('evil.example')
  })

  it('given a redirect URI inside that is not registered, then nowhere', async () => {
    const answer = await send(signed({ redirect_uri: 'https://evil.example/cb' }), { redirect_uri: client.redirectUri })
    expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A011304' })
  })

  it('given an object that is not good, then nowhere, though a registered redirect URI stands outside', async () => {
    const answer = await send(signed({ exp: 1 }), authorizationParameters(client, codeVerifier))
    expect([answer.action, errorOf(answer)]).toEqual(['BAD_REQUEST', 'invalid_request_object'])
  })

  it.each<[string, () => Promise<string> | string, string]>([
    ['unsigned', () => unsignedRequest(claimsOf(client)), 'A008311'],
    ['signed by another client', async () => signRequest(await makeRequestKey(), claimsOf(client)), 'A005328'],
    ['of another client', () => signed({ iss: 'other', client_id: 'other' }), 'A905317'],
    ['with a request inside', () => signed({ request: 'x' }), 'A905311'],
    ['with a request_uri inside', () => signed({ request_uri: 'https://app.example/r' }), 'A905311'],
    ['for another server', () => signed({ aud: 'https://other.example' }), 'A006359'],
    ['twice expired', () => signed({ exp: 0 }), 'A905321'],
  ])('given one %s, then it is refused at both endpoints', async (_, request, resultCode) => {
    for (const answer of [await send(request()), await push(request())]) {
      expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode })
      expect(errorOf(answer)).toBe('invalid_request_object')
    }
  })

  it('§5: given request and request_uri together, or request twice, then it is refused', async () => {
    const request_uri = 'urn:ietf:params:oauth:request_uri:x'
    expect(await send(signed(), { request_uri })).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A908308' })
    expect(await push(signed(), { request_uri })).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A945301' })
    const twice: [string, string][] = [
      ['client_id', client.clientId],
      ['request', await signed()],
      ['request', await signed()],
    ]
    expect(await engine.authorize(twice)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A901302' })
  })

  it('given registration inside, then the client is told', async () => {
    const answer = await send(signed({ registration: { client_name: 'x' } }))
    expect(responseOf(answer)['error']).toBe('registration_not_supported')
  })
})

describe('RFC 9101 §10.8: other JWTs of the client, and of the server', () => {
  it('given a client assertion or an ID token as a request, then it is refused', async () => {
    const assertion = await new SignJWT({ sub: client.clientId, client_id: client.clientId })
      .setProtectedHeader({ alg: 'ES256', kid: key.publicJwk.kid ?? '' })
      .setIssuer(client.clientId)
      .setAudience(testIssuer)
      .setExpirationTime(under.clock.now().getTime() / 1000 + 60)
      .sign(key.privateKey)
    expect(await send(assertion)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A905319' })
    const { id_token = '' } = await engine.obtainTokens(client)
    expect(await send(id_token)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A005332' })
  })

  it('given a request object as a client assertion, then it authenticates nobody', async () => {
    const methods = { tokenAuthMethod: 'PRIVATE_KEY_JWT', grantTypes: ['CLIENT_CREDENTIALS'] } as const
    const machine = await register({ ...methods, grantTypes: [...methods.grantTypes] })
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const parameters = { grant_type: 'client_credentials', client_assertion_type }
    const client_assertion = await signed({}, machine)
    expect(errorOf(await engine.token({ ...parameters, client_id: machine.clientId, client_assertion }))).toBe(
      'invalid_client',
    )
  })
})

describe('RFC 9101 §10.5: a request object that is required', () => {
  const plain = (who: RegisteredTestClient) => authorizationParameters(who, codeVerifier)

  it('given that the client must use one, then plain requests are refused at both endpoints', async () => {
    const strict = await register({ requestObjectRequired: true })
    const answer = await engine.authorize(plain(strict))
    expect(answer).toMatchObject({ action: 'LOCATION', resultCode: 'A908301' })
    expect(responseOf(answer)['error']).toBe('invalid_request')
    expect(await engine.push(plain(strict), strict)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A908301' })
    expect((await send(signed({}, strict), {}, strict)).action).toBe('INTERACTION')
    expect((await engine.authorize(plain(client))).action).toBe('INTERACTION')
  })

  it('given that the service demands one, then what was pushed in one is good, and what was pushed plainly is not', async () => {
    const before = await engine.push(plain(client), client)
    await withService({ requestObjectRequired: true }, async () => {
      expect((await engine.authorize(plain(client))).resultCode).toBe('A908301')
      const pushed = await push(signed())
      const [good, bad] = [pushed, before].map((answer) => ('requestUri' in answer ? answer.requestUri : ''))
      const open = (request_uri = '') => engine.authorize({ client_id: client.clientId, request_uri })
      expect((await open(good)).action).toBe('INTERACTION')
      expect(await open(bad)).toMatchObject({ action: 'LOCATION', resultCode: 'A908301' })
    })
  })

  it('given a mark that the client pushes itself, then it counts for nothing', async () => {
    const pushed = await engine.push({ ...plain(client), signed_request_object: 'true' }, client)
    await withService({ requestObjectRequired: true }, async () => {
      const request_uri = 'requestUri' in pushed ? pushed.requestUri : ''
      expect((await engine.authorize({ client_id: client.clientId, request_uri })).resultCode).toBe('A908301')
    })
  })

  it('given the algorithm that the client registered, then no other is taken', async () => {
    const rsa = await makeRequestKey('RS256')
    const ps = await makeRequestKey('PS256')
    const jwks = JSON.stringify({ keys: [rsa.publicJwk, ps.publicJwk] })
    const pinned = await register({ jwks, requestSignAlg: 'PS256' })
    expect((await send(signRequest(ps, claimsOf(pinned)), {}, pinned)).action).toBe('INTERACTION')
    expect((await send(signRequest(rsa, claimsOf(pinned)), {}, pinned)).resultCode).toBe('A005336')
    expect((await send(unsignedRequest(claimsOf(pinned)), {}, pinned)).resultCode).toBe('A008311')
  })

  it('given a client without keys, then it is told so', async () => {
    const keyless = await engine.registerClient()
    expect((await send(signed({}, keyless), {}, keyless)).resultCode).toBe('A005332')
  })

  it('given keys at an address, then they are read there; when they cannot be, then it is the object that is refused', async () => {
    const afar = await engine.registerClient({ jwksUri: published })
    const unread = await send(signed({}, afar), {}, afar)
    expect([errorOf(unread), unread.resultCode]).toEqual(['invalid_request_object', 'A005332'])
    publishedKeys = JSON.stringify({ keys: [key.publicJwk] })
    under.clock.advance(31)
    expect((await send(signed({}, afar), {}, afar)).action).toBe('INTERACTION')
  })

  it('given that the audience is not checked, then any will do', async () => {
    const request = () => signed({ aud: 'https://other.example' })
    await withService({ requestObjectAudienceChecked: false }, async () => {
      expect((await send(request())).action).toBe('INTERACTION')
    })
    expect((await send(request())).resultCode).toBe('A006359')
  })

  it('given allowableClockSkew, then the clocks may differ by that much', async () => {
    const request = () => signed({ nbf: Math.floor(under.clock.now().getTime() / 1000) + 50 })
    await withService({ allowableClockSkew: 60 }, async () => {
      expect((await send(request())).action).toBe('INTERACTION')
    })
    expect((await send(request())).resultCode).toBe('A905322')
  })
})

describe('RFC 9126 §3: in a pushed request', () => {
  it('given a signed one, then its parameters are what the authorization endpoint reads', async () => {
    const resource = ['https://a.example', 'urn:b']
    const request = await signed({ max_age: 60, authorization_details: details, resource, scope: 'openid' })
    const outer = { scope: 'notes:write', state: 'outer', client_id: client.clientId }
    const pushed = await push(request, outer)
    expect(pushed).toMatchObject({ action: 'CREATED', resultCode: 'A245001' })
    const request_uri = 'requestUri' in pushed ? pushed.requestUri : ''
    const answer = await engine.authorize({ client_id: client.clientId, request_uri, state: 'x' })
    expect(answer).toMatchObject({ action: 'INTERACTION', maxAge: 60, resources: resource })
    expect('scopes' in answer && answer.scopes.map(({ name }) => name)).toEqual(['openid'])
    if (answer.action !== 'INTERACTION') return
    const issued = await engine.issue({ ticket: answer.ticket, subject: 'subject-1' })
    expect(responseOf(issued)['state']).toBe('af0ifjsldkj')
  })

  it('given an error inside, then it is told at once', async () => {
    expect(await push(signed({ scope: 'nonsense' }))).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A913301' })
    expect(await push(signed({ redirect_uri: 'https://evil.example' }))).toMatchObject({ resultCode: 'A011304' })
    const outside = { ...authorizationParameters(client, codeVerifier) }
    expect(await push(signed({ redirect_uri: undefined }), outside)).toMatchObject({ resultCode: 'A911301' })
  })

  it('given three names of the client that are not all the same, then it is refused', async () => {
    const other = await register()
    const three = async (authenticated: RegisteredTestClient, form: string, object: object) =>
      engine.push({ client_id: form, request: await signed(object) }, authenticated)
    const [a, b] = [client.clientId, other.clientId]
    expect((await three(client, a, {})).action).toBe('CREATED')
    expect(await three(client, b, {})).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A957318' })
    expect(await three(client, a, { client_id: b })).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A905317' })
    expect(await three(client, a, { iss: b })).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A905318' })
    expect(await three(other, b, {})).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A905317' })
  })

  it('given no client authentication, then whatever is inside does not replace it', async () => {
    const inside = { client_secret: client.clientSecret }
    const answer = await engine.push({ client_id: client.clientId, request: await signed(inside) })
    expect(answer.action).toBe('UNAUTHORIZED')
  })

  it('RFC 9449 §10: given dpop_jkt on both sides, then the one inside counts', async () => {
    const pushed = await push(signed({ dpop_jkt: 'short' }), { dpop_jkt: 'x'.repeat(43) })
    expect(pushed).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A904310' })
  })

  it('given OIDC Core §6.1 elsewhere, then here RFC 9101 holds all the same', async () => {
    await withService({ traditionalRequestObjectProcessingApplied: true }, async () => {
      const outer = authorizationParameters(client, codeVerifier)
      expect((await push(unsignedRequest(claimsOf(client)), outer)).resultCode).toBe('A008311')
      expect((await push(signed({ redirect_uri: undefined }), outer)).resultCode).toBe('A911301')
    })
  })
})

describe('OIDC Core §6.1: traditionalRequestObjectProcessingApplied', () => {
  const traditional = { traditionalRequestObjectProcessingApplied: true }
  const outer = () => authorizationParameters(client, codeVerifier)

  it('given parameters on both sides, then those inside win, and the others count as well', async () => {
    await withService(traditional, async () => {
      const answer = await send(signRequest(key, { aud: testIssuer, state: 'inner', max_age: 60, nonce: '' }), outer())
      expect(answer).toMatchObject({ action: 'INTERACTION', maxAge: 60, redirectUri: client.redirectUri })
      if (answer.action !== 'INTERACTION') return
      const issued = await engine.issue({ ticket: answer.ticket, subject: 'subject-1' })
      expect(responseOf(issued)['state']).toBe('inner')
    })
  })

  it('given an unsigned one, then it is taken, unless the client registered an algorithm', async () => {
    const pinned = await register({ requestSignAlg: 'ES256' })
    await withService({ ...traditional, requestObjectRequired: true }, async () => {
      expect((await send(unsignedRequest({ state: 'x' }), outer())).action).toBe('INTERACTION')
      const answer = await send(unsignedRequest({}), authorizationParameters(pinned, codeVerifier), pinned)
      expect(answer).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A008311' })
      expect((await engine.authorize(outer())).resultCode).toBe('A908301')
    })
  })

  it.each(['response_type', 'scope'])('given no %s outside, then it is refused', async (name) => {
    await withService(traditional, async () => {
      const without = { ...outer(), [name]: '' }
      expect(await send(signed(), without)).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A908304' })
    })
  })

  it('given another client inside, or a request inside, then it is refused', async () => {
    await withService(traditional, async () => {
      expect((await send(signed({ client_id: 'other' }), outer())).resultCode).toBe('A905317')
      expect((await send(signed({ request: 'x' }), outer())).resultCode).toBe('A905311')
    })
  })
})

describe('RFC 9101 §6.1: encrypted to the service', () => {
  const encrypted = async (who = client, alg = 'ECDH-ES', enc = 'A128GCM') =>
    encryptRequest(await signed({}, who), encryptionKey, { alg, enc })

  it('given one, then it is read at both endpoints', async () => {
    expect((await send(encrypted())).action).toBe('INTERACTION')
    expect((await push(encrypted())).action).toBe('CREATED')
  })

  it('given that the service demands it at the front, then a plain one is refused there, and can be pushed', async () => {
    await withService({ frontChannelRequestObjectEncryptionRequired: true }, async () => {
      expect((await send(signed())).resultCode).toBe('A905307')
      expect((await send(encrypted())).action).toBe('INTERACTION')
      expect((await push(signed())).action).toBe('CREATED')
    })
  })

  it('given that the client demands it, then the same', async () => {
    const secret = await register({ frontChannelRequestObjectEncryptionRequired: true })
    expect((await send(signed({}, secret), {}, secret)).resultCode).toBe('A905307')
    expect((await send(encrypted(secret), {}, secret)).action).toBe('INTERACTION')
    expect((await push(signed({}, secret), {}, secret)).action).toBe('CREATED')
  })

  it.each<[Client, string]>([
    [{ requestObjectEncryptionAlgMatchRequired: true }, 'A905308'],
    [{ requestObjectEncryptionEncMatchRequired: true }, 'A905309'],
  ])(
    'given %j at the service or at the client, then what the client registered is held against it',
    async (flag, code) => {
      const named = { requestEncryptionAlg: 'ECDH_ES_A256KW', requestEncryptionEnc: 'A256GCM' } as const
      const [free, bound] = [await register(named), await register({ ...named, ...flag })]
      expect((await send(encrypted(free), {}, free)).action).toBe('INTERACTION')
      expect((await send(encrypted(bound), {}, bound)).resultCode).toBe(code)
      expect((await push(encrypted(bound), {}, bound)).resultCode).toBe(code)
      expect((await send(encrypted(bound, 'ECDH-ES+A256KW', 'A256GCM'), {}, bound)).action).toBe('INTERACTION')
      await withService(flag, async () => {
        expect((await send(encrypted(free), {}, free)).resultCode).toBe(code)
        expect((await send(encrypted())).action).toBe('INTERACTION')
      })
    },
  )

  it('OIDC Registration §2: given an alg and no enc, then the enc is A128CBC-HS256', async () => {
    const settings = { requestEncryptionAlg: 'ECDH_ES', requestObjectEncryptionEncMatchRequired: true } as const
    const bound = await register(settings)
    expect((await send(encrypted(bound), {}, bound)).resultCode).toBe('A905309')
    expect((await send(encrypted(bound, 'ECDH-ES', 'A128CBC-HS256'), {}, bound)).action).toBe('INTERACTION')
  })
})

describe('RFC 9126 §2.3 and RFC 8725 §3.6: large ones', () => {
  it('given a long one, then it is read; given one beyond the limit, then not', async () => {
    const padded = (length: number) => signed({ x: 'x'.repeat(8_000), y: 'y'.repeat(length) })
    expect((await send(padded(8_000))).action).toBe('INTERACTION')
    expect((await send(padded(9_000))).resultCode).toBe('A901301')
    expect((await push(padded(60_000))).action).toBe('PAYLOAD_TOO_LARGE')
  })
})
