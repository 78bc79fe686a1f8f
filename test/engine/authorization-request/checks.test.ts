import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Conversation, RegisteredTestClient } from '../conversation.ts'
import { authorizationParameters, converse, errorOf, responseOf, testScopes } from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testIssuer } from '../engine-under-test.ts'

const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient
let good: Record<string, string>

beforeAll(async () => {
  under = await openTestEngine({
    supportedScopes: [...testScopes, { name: 'payment', attributes: [{ key: 'regex', value: 'payment:[0-9]{1,9}' }] }],
    supportedAcrs: ['urn:acr:1', 'urn:acr:2'],
  })
  engine = converse(under)
  client = await engine.registerClient()
  good = authorizationParameters(client, codeVerifier)
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(good).filter(([name]) => !names.includes(name)))

describe('RFC 6749 §4.1.1: a good request', () => {
  it('is answered with a ticket and what the pages need', async () => {
    const answer = await engine.authorize(good)
    expect(answer).toMatchObject({
      action: 'INTERACTION',
      resultCode: 'A004001',
      client: { clientIdAlias: client.clientId, clientName: 'Test client' },
      service: { serviceName: 'Test service' },
      maxAge: 0,
      clientIdAliasUsed: true,
      redirectUri: client.redirectUri,
      claimsAtUserInfo: ['email', 'email_verified'],
    })
    if (answer.action !== 'INTERACTION') return
    expect(answer.scopes?.map(({ name }) => name)).toEqual(['openid', 'email', 'notes:read', 'notes:write'])
    expect(answer.dynamicScopes).toEqual([])
    for (const absent of [
      'prompts',
      'resources',
      'authorizationDetails',
      'gmAction',
      'grantId',
      'grant',
      'grantSubject',
    ])
      expect(answer).not.toHaveProperty(absent)
    expect(JSON.stringify(answer)).not.toContain('jwks')
  })

  it('§3.1: unknown parameters are ignored, and so is the order', async () => {
    const shuffled = Object.fromEntries(Object.entries(good).reverse())
    expect((await engine.authorize({ ...shuffled, x_foo: '1', 'foo[bar]': '2', __proto__x: '3' })).action).toBe(
      'INTERACTION',
    )
  })

  it('the client may be named by its number as well', async () => {
    const answer = await engine.authorize({ ...good, client_id: String(client.numericId) })
    expect(answer).toMatchObject({ action: 'INTERACTION', clientIdAliasUsed: false })
  })
})

describe('RFC 6749 §4.1.2.1: until client and redirect URI are known, nobody is redirected', () => {
  it.each([
    ['no client_id', () => without('client_id')],
    ['an unknown client', () => ({ ...good, client_id: 'nobody' })],
    ['an unregistered redirect_uri', () => ({ ...good, redirect_uri: 'https://evil.example/cb' })],
    ['no redirect_uri with openid', () => without('redirect_uri')],
    ['client_id twice', (): [string, string][] => [...Object.entries(good), ['client_id', 'other']]],
    [
      'redirect_uri twice',
      (): [string, string][] => [...Object.entries(good), ['redirect_uri', 'https://evil.example/cb']],
    ],
    ['an unsigned request object', () => ({ ...good, request: 'eyJhbGciOiJub25lIn0.e30.' })],
    ['a request_uri that is not registered', () => ({ ...good, request_uri: 'https://evil.example/r' })],
    [
      'an unknown request_uri',
      () => ({ client_id: good['client_id'] ?? '', request_uri: 'urn:ietf:params:oauth:request_uri:x' }),
    ],
  ])('%s', async (_, parameters) => {
    const answer = await engine.authorize(parameters())
    expect(answer.action).toBe('BAD_REQUEST')
    expect(JSON.stringify(answer)).not.toContain('evil.example')
  })

  it('a locked client', async () => {
    const locked = await engine.registerClient({ locked: true })
    const answer = await engine.authorize(authorizationParameters(locked, codeVerifier))
    expect(answer.action).toBe('BAD_REQUEST')
    expect(errorOf(answer)).toBe('unauthorized_client')
  })
})

describe('RFC 6749 §4.1.2.1: other errors go back to the client, with state and iss', () => {
  it.each([
    ['response_type missing, §3.1.1', () => without('response_type'), 'invalid_request', 'A009301'],
    ['response_type unknown', () => ({ ...good, response_type: 'code foo' }), 'unsupported_response_type', 'A009305'],
    ['response_type in capitals', () => ({ ...good, response_type: 'CODE' }), 'unsupported_response_type', 'A009305'],
    ['implicit, RFC 9700 §2.1.2', () => ({ ...good, response_type: 'token' }), 'unsupported_response_type', 'A009305'],
    ['response_mode unknown', () => ({ ...good, response_mode: 'web_message' }), 'invalid_request', 'A912301'],
    [
      'no code_challenge, RFC 7636 §4.4.1',
      () => without('code_challenge', 'code_challenge_method'),
      'invalid_request',
      'A124301',
    ],
    [
      'an empty code_challenge',
      () => ({ ...without('code_challenge_method'), code_challenge: '' }),
      'invalid_request',
      'A124301',
    ],
    ['a plain challenge', () => ({ ...good, code_challenge_method: 'plain' }), 'invalid_request', 'A124308'],
    [
      'a challenge without method, which is plain',
      () => without('code_challenge_method'),
      'invalid_request',
      'A124308',
    ],
    [
      'a dpop_jkt that is too long, RFC 9449 §10',
      () => ({ ...good, dpop_jkt: 'x'.repeat(44) }),
      'invalid_request',
      'A904310',
    ],
    ['a dpop_jkt with padding', () => ({ ...good, dpop_jkt: `${'x'.repeat(42)}=` }), 'invalid_request', 'A904310'],
    ['no known scope', () => ({ ...good, scope: 'nonsense' }), 'invalid_scope', 'A913301'],
    ['prompt=none with another', () => ({ ...good, prompt: 'none login' }), 'invalid_request', 'A914302'],
    ['prompt unknown', () => ({ ...good, prompt: 'None' }), 'invalid_request', 'A914301'],
    ['max_age negative', () => ({ ...good, max_age: '-1' }), 'invalid_request', 'A914303'],
    ['max_age no number', () => ({ ...good, max_age: 'abc' }), 'invalid_request', 'A914303'],
    ['max_age=0 with prompt=none', () => ({ ...good, max_age: '0', prompt: 'none' }), 'login_required', 'A914304'],
    [
      'a resource that is not absolute, RFC 8707 §2',
      () => ({ ...good, resource: '/api' }),
      'invalid_target',
      'A251307',
    ],
    [
      'one of two resources with a fragment',
      (): [string, string][] => [
        ...Object.entries(good),
        ['resource', 'https://api.example'],
        ['resource', 'https://api.example#x'],
      ],
      'invalid_target',
      'A251308',
    ],
    [
      'authorization_details no JSON, RFC 9396 §5',
      () => ({ ...good, authorization_details: '{' }),
      'invalid_authorization_details',
      'A249304',
    ],
    [
      'authorization_details of a type that nobody knows',
      () => ({ ...good, authorization_details: '[{"type":"payment_initiation"}]' }),
      'invalid_authorization_details',
      'A249302',
    ],
    [
      'authorization_details twice',
      (): [string, string][] => [
        ...Object.entries(good),
        ['authorization_details', '[]'],
        ['authorization_details', '[]'],
      ],
      'invalid_request',
      'A901302',
    ],
    [
      'a purpose that says nothing',
      () => ({ ...good, claims: JSON.stringify({ userinfo: { email: { purpose: 'x' } } }) }),
      'invalid_request',
      'A920301',
    ],
    ['claims no JSON', () => ({ ...good, claims: '{' }), 'invalid_request', 'A920301'],
    [
      'an essential acr that nobody performs',
      () => ({ ...good, claims: acrClaim('urn:acr:9') }),
      'unmet_authentication_requirements',
      'A021303',
    ],
    ['id_token_hint no JWT', () => ({ ...good, id_token_hint: 'x' }), 'invalid_request', 'A922302'],
    [
      'id_token_hint unsigned',
      () => ({ ...good, id_token_hint: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.' }),
      'invalid_request',
      'A922302',
    ],
    ['registration', () => ({ ...good, registration: '{}' }), 'registration_not_supported', 'A908303'],
    ['nonce twice', (): [string, string][] => [...Object.entries(good), ['nonce', 'x']], 'invalid_request', 'A901302'],
  ])('%s', async (_, parameters, error, resultCode) => {
    const answer = await engine.authorize(parameters())
    expect(answer).toMatchObject({ action: 'LOCATION', resultCode })
    if (answer.action !== 'LOCATION') return
    expect(answer.responseContent.startsWith(`${client.redirectUri}?`)).toBe(true)
    const response = responseOf(answer)
    expect(response).toMatchObject({ error, state: 'af0ifjsldkj', iss: testIssuer })
    // RFC 6749 §4.1.2.1: the characters of error_description.
    expect(response['error_description']).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/)
    expect(response['error_uri']).toMatch(/^https:\/\/(www\.rfc-editor\.org|openid\.net)\//)
  })

  it('in the response mode that was asked for', async () => {
    const answer = await engine.authorize({ ...good, response_mode: 'form_post', prompt: 'none login' })
    expect(answer.action).toBe('FORM')
  })

  it('of a state that was sent twice, neither comes back', async () => {
    const answer = await engine.authorize([...Object.entries(good), ['state', 'other']])
    expect(answer.action).toBe('LOCATION')
    expect(responseOf(answer)).not.toHaveProperty('state')
  })

  it('a client that is not registered for the code flow', async () => {
    const machine = await engine.registerClient({ grantTypes: ['CLIENT_CREDENTIALS'], responseTypes: [] })
    const answer = await engine.authorize(authorizationParameters(machine, codeVerifier))
    expect(responseOf(answer)['error']).toBe('unauthorized_client')
  })
})

describe('OIDC Core §3.1.2.1: what the pages are told', () => {
  it('prompt=none forbids pages', async () => {
    expect((await engine.authorize({ ...good, prompt: 'none' })).action).toBe('NO_INTERACTION')
  })

  it('max_age=0 asks for a login, which a number could not say', async () => {
    expect(await engine.authorize({ ...good, max_age: '0' })).toMatchObject({ maxAge: 0, prompts: ['LOGIN'] })
    expect(await engine.authorize({ ...good, max_age: '60', prompt: 'consent' })).toMatchObject({
      maxAge: 60,
      prompts: ['CONSENT'],
    })
  })

  it('§11: offline_access is ignored without prompt=consent', async () => {
    const scope = 'openid offline_access'
    const ignored = await engine.authorize({ ...good, scope })
    const kept = await engine.authorize({ ...good, scope, prompt: 'consent' })
    expect('scopes' in ignored && ignored.scopes.map(({ name }) => name)).toEqual(['openid'])
    expect('scopes' in kept && kept.scopes.map(({ name }) => name)).toEqual(['openid', 'offline_access'])
  })

  it('§5.5.1.1: acr from the claim before acr_values; what nobody performs is dropped', async () => {
    expect(await engine.authorize({ ...good, acr_values: 'urn:acr:9 urn:acr:2' })).toMatchObject({
      acrs: ['urn:acr:2'],
      acrEssential: false,
    })
    expect(await engine.authorize({ ...good, acr_values: 'urn:acr:2', claims: acrClaim('urn:acr:1') })).toMatchObject({
      acrs: ['urn:acr:1'],
      acrEssential: true,
    })
  })

  it('§5.5: claims that nobody can supply are ignored; their names could be sentences on a page', async () => {
    const claims = JSON.stringify({
      userinfo: { 'Found safe. Press Allow.': null, name: null },
      id_token: { ['x'.repeat(200)]: null },
    })
    const answer = await engine.authorize({ ...good, claims })
    expect(answer).toMatchObject({ claims: [], userInfoClaims: '{"name":null}' })
    expect(answer).not.toHaveProperty('idTokenClaims')
  })

  it.each<[string, Record<string, string>, object]>([
    [
      'with openid among them',
      { scope: 'openid notes:read' },
      { subject: 'subject-7', acrs: ['urn:acr:1'], claims: ['name'], userInfoClaims: '{"email":null}' },
    ],
    ['without openid', { scope: 'notes:read' }, { claims: [], claimsAtUserInfo: [], acrEssential: false }],
    ['of which openid is not supported', { scope: 'notes:read openid:x' }, { claims: [], claimsAtUserInfo: [] }],
  ])(
    '§5.5: given scopes %s, then the claims parameter counts only if the request is one of OpenID Connect',
    async (_, scopes, expected) => {
      const claims = JSON.stringify({
        id_token: { sub: { value: 'subject-7' }, acr: { value: 'urn:acr:1' }, name: null },
        userinfo: { email: null },
      })
      const answer = await engine.authorize({ ...good, ...scopes, claims })
      expect(answer).toMatchObject({ action: 'INTERACTION', ...expected })
      const named = ['subject', 'acrs', 'idTokenClaims', 'userInfoClaims'].map((member) => member in answer)
      expect(named).toEqual(Array.from({ length: 4 }, () => scopes['scope'] === 'openid notes:read'))
    },
  )

  it('§5.5: without openid, the claims parameter is ignored, whatever it says', async () => {
    const answer = await engine.authorize({ ...good, scope: 'notes:read', claims: '{' })
    expect(answer.action).toBe('INTERACTION')
    expect(responseOf(await engine.authorize({ ...good, claims: '{' }))['error']).toBe('invalid_request')
  })

  it('RFC 5646: what is no language tag is ignored, and so is the eleventh wish', async () => {
    const tags = Array.from({ length: 12 }, (_, index) => `x${index}`)
    const answer = await engine.authorize({ ...good, ui_locales: ['a-'.repeat(2_000), '%', ...tags].join(' ') })
    expect(answer).toMatchObject({ uiLocales: tags.slice(0, 10) })
  })

  it.each(['\u0000', 'ü', 'x'.repeat(101)])('§5.5.1: %j is no subject', async (value) => {
    const answer = await engine.authorize({ ...good, claims: JSON.stringify({ id_token: { sub: { value } } }) })
    expect(responseOf(answer)['error']).toBe('invalid_request')
  })

  it('§5.5.1: a requested sub is the subject that must answer', async () => {
    const claims = JSON.stringify({ id_token: { sub: { value: 'subject-7' } } })
    expect(await engine.authorize({ ...good, claims })).toMatchObject({ subject: 'subject-7' })
  })
})

describe('RFC 6749 §3.3: parameterized scopes', () => {
  it('given values that match, then they are told apart from scopes by name', async () => {
    const answer = await engine.authorize({ ...good, scope: 'payment:42 openid payment payment:x nonsense payment:7' })
    expect('scopes' in answer && answer.scopes.map(({ name }) => name)).toEqual(['openid', 'payment'])
    expect(answer).toMatchObject({
      dynamicScopes: [
        { name: 'payment', value: 'payment:42' },
        { name: 'payment', value: 'payment:7' },
      ],
    })
  })

  it('given values alone, then they are scopes enough', async () => {
    expect((await engine.authorize({ ...good, scope: 'payment:42' })).action).toBe('INTERACTION')
  })
})

describe('RFC 8707 §2: resources', () => {
  const resources = ['https://b.example/x?y=1', 'urn:example:a']
  const asked = (): [string, string][] => [
    ...Object.entries(good),
    ...[...resources, ...resources].map((uri): [string, string] => ['resource', uri]),
  ]

  it('given several, then the pages are told, each once and in order', async () => {
    expect(await engine.authorize(asked())).toMatchObject({ action: 'INTERACTION', resources })
  })

  it('given several in a pushed request, then none is lost', async () => {
    const pushed = await engine.push(asked(), client)
    if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
    const answer = await engine.authorize({ client_id: client.clientId, request_uri: pushed.requestUri })
    expect(answer).toMatchObject({ resources })
  })
})

describe('OpenID Connect for Identity Assurance §8: purpose', () => {
  it('given a purpose, then the pages are told', async () => {
    const claims = { email: { essential: true, purpose: 'To send you the receipt.' } }
    const answer = await engine.authorize({ ...good, claims: JSON.stringify({ userinfo: claims }) })
    expect('userInfoClaims' in answer && JSON.parse(answer.userInfoClaims ?? '')).toEqual(claims)
  })
})

describe('RFC 9126: pushed authorization requests', () => {
  const requestUriOf = async (parameters: Record<string, string> = good) => {
    const answer = await engine.push(parameters, client)
    if (answer.action !== 'CREATED') throw new Error(answer.resultMessage)
    return answer.requestUri
  }

  it('§2.2: is answered with a request URI, and the lifetime', async () => {
    const answer = await engine.push(good, client)
    expect(answer).toMatchObject({ action: 'CREATED', resultCode: 'A245001', clientAuthMethod: 'CLIENT_SECRET_BASIC' })
    if (answer.action !== 'CREATED') return
    expect(JSON.parse(answer.responseContent)).toEqual({ expires_in: 90, request_uri: answer.requestUri })
  })

  it('§4: only the pushed parameters count', async () => {
    const request_uri = await requestUriOf()
    const answer = await engine.authorize({
      client_id: client.clientId,
      request_uri,
      scope: 'openid',
      redirect_uri: 'https://evil.example/',
      state: 'other',
    })
    expect(answer.action).toBe('INTERACTION')
    expect('scopes' in answer && answer.scopes).toHaveLength(4)
    expect('redirectUri' in answer && answer.redirectUri).toBe(client.redirectUri)
  })

  it('§2.3: given a request that is longer when it is kept, then it is refused here, and not when the person arrives', async () => {
    const push = (letters: number) => {
      // Sent as they are, and six characters each when they are written again.
      const unencoded = `&login_hint=${'ü'.repeat(letters)}&claims_locales=${'ü'.repeat(letters)}`
      const parameters = new URLSearchParams(good).toString() + unencoded
      const { clientId, clientSecret } = client
      const body = { parameters, clientId, clientSecret }
      return under.call('POST', `/${under.serviceId}/pushed_auth_req`, { body })
    }
    expect((await push(8_000)).json).toMatchObject({ action: 'PAYLOAD_TOO_LARGE', resultCode: 'A901301' })
    const { json } = await push(5_000)
    expect(json['action']).toBe('CREATED')
    const request_uri = String(json['requestUri'])
    expect((await engine.authorize({ client_id: client.clientId, request_uri })).action).toBe('INTERACTION')
  })

  it('is used up when an authorization is completed, not when the page is opened', async () => {
    const request_uri = await requestUriOf()
    const open = () => engine.authorize({ client_id: client.clientId, request_uri })
    const [first, second] = [await open(), await open()]
    if (first.action !== 'INTERACTION' || second.action !== 'INTERACTION') throw new Error('not opened twice')
    expect((await engine.issue({ ticket: first.ticket, subject: 's' })).action).toBe('LOCATION')
    const late = await engine.issue({ ticket: second.ticket, subject: 's' })
    expect(responseOf(late)['error']).toBe('invalid_request_uri')
    expect((await open()).action).toBe('BAD_REQUEST')
  })

  it('a denial uses it up as well', async () => {
    const request_uri = await requestUriOf()
    const opened = await engine.authorize({ client_id: client.clientId, request_uri })
    if (opened.action !== 'INTERACTION') throw new Error(opened.resultMessage)
    await engine.fail({ ticket: opened.ticket, reason: 'DENIED' })
    expect((await engine.authorize({ client_id: client.clientId, request_uri })).action).toBe('BAD_REQUEST')
  })

  it('§2.2: is bound to the client, and expires', async () => {
    const request_uri = await requestUriOf()
    const other = await engine.registerClient()
    expect((await engine.authorize({ client_id: other.clientId, request_uri })).action).toBe('BAD_REQUEST')
    under.clock.advance(89)
    expect((await engine.authorize({ client_id: client.clientId, request_uri })).action).toBe('INTERACTION')
    under.clock.advance(1)
    expect((await engine.authorize({ client_id: client.clientId, request_uri })).action).toBe('BAD_REQUEST')
  })

  it.each([
    ['no credentials', () => engine.push(good), 'UNAUTHORIZED', 'invalid_client'],
    ['a wrong secret', () => engine.push(good, { ...client, clientSecret: 'x' }), 'UNAUTHORIZED', 'invalid_client'],
    [
      'request_uri in it, §2.1',
      () => engine.push({ ...good, request_uri: 'urn:x' }, client),
      'BAD_REQUEST',
      'invalid_request',
    ],
    [
      'a bad redirect_uri',
      () => engine.push({ ...good, redirect_uri: 'https://evil.example/' }, client),
      'BAD_REQUEST',
      'invalid_request',
    ],
    [
      'no code_challenge',
      () => engine.push(without('code_challenge', 'code_challenge_method'), client),
      'BAD_REQUEST',
      'invalid_request',
    ],
    ['another client_id', () => engine.push({ ...good, client_id: 'other' }, client), 'UNAUTHORIZED', 'invalid_client'],
    ['too much', () => engine.push({ ...good, x: 'y'.repeat(70_000) }, client), 'PAYLOAD_TOO_LARGE', 'invalid_request'],
  ])('%s is refused', async (_, attempt, action, error) => {
    const answer = await attempt()
    expect(answer.action).toBe(action)
    expect(errorOf(answer)).toBe(error)
  })

  it('keeps what the authorization endpoint reads, and nothing else that was sent', async () => {
    const request_uri = await requestUriOf({ ...good, unknown: 'ü'.repeat(5_000), another: 'ü'.repeat(5_000) })
    expect((await engine.authorize({ client_id: client.clientId, request_uri })).action).toBe('INTERACTION')
  })

  it('§6: a client that must push cannot do without', async () => {
    const strict = await engine.registerClient({ parRequired: true })
    expect(await engine.authorize(authorizationParameters(strict, codeVerifier))).toMatchObject({
      action: 'BAD_REQUEST',
      resultCode: 'A008305',
    })
  })
})

function acrClaim(value: string): string {
  return JSON.stringify({ id_token: { acr: { essential: true, value } } })
}
