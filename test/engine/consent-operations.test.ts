import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let engine: TestEngine
let client: { clientId: string; clientSecret: string }

beforeAll(async () => {
  engine = await openTestEngine()
})

afterAll(async () => {
  expect(engine.failures).toEqual([])
  await engine.close()
})

beforeEach(async () => {
  client = await createClient()
})

function call(method: string, path: string, body?: unknown) {
  return engine.call(method, `/${engine.serviceId}/${path}`, { body })
}

async function createClient(settings: Record<string, unknown> = {}) {
  const { json } = await call('POST', 'client/create', { redirectUris: ['https://client.example/cb'], ...settings })
  return { clientId: String(json['clientId']), clientSecret: String(json['clientSecret']) }
}

const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')

/** RFC 6749 §4.1: `subject` grants the scopes to the client, and the client redeems the code. */
async function grant(
  subject: string,
  scopes: string[],
  { clientId, clientSecret } = client,
  more: Record<string, string> = {},
) {
  const parameters = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: 'https://client.example/cb',
    scope: scopes.join(' '),
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...more,
  })
  const begun = await call('POST', 'auth/authorization', { parameters: parameters.toString() })
  const issued = await call('POST', 'auth/authorization/issue', { ticket: begun.json['ticket'], subject })
  const redemption = new URLSearchParams({
    grant_type: 'authorization_code',
    code: String(issued.json['authorizationCode']),
    redirect_uri: 'https://client.example/cb',
    code_verifier: codeVerifier,
  })
  const { json } = await call('POST', 'auth/token', { parameters: redemption.toString(), clientId, clientSecret })
  expect(json['action']).toBe('OK')
  return { accessToken: String(json['accessToken']), refreshToken: String(json['refreshToken']) }
}

async function scopesOf(token: string): Promise<unknown> {
  const { json } = await call('POST', 'auth/introspection', { token })
  return json['action'] === 'OK' ? json['scopes'] : json['action']
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

/** The three forms of one API: the subject in the query, in the body, or in the path. */
const forms: Record<string, (verb: string, path: string, subject: string) => ReturnType<typeof call>> = {
  query: (verb, path, subject) => call(verb, `${path}?subject=${encodeURIComponent(subject)}`),
  body: (_verb, path, subject) => call('POST', path, { subject }),
  path: (verb, path, subject) => call(verb, `${path}/${encodeURIComponent(subject)}`),
}

/** Every character that a subject may have and a URL may trip over. */
const awkwardSubject = 'a/b?c#d%e+f g&h=i'

describe.each(Object.keys(forms))('With the subject in the %s', (form) => {
  const ask = (verb: string, path: string, subject: string) => forms[form]?.(verb, path, subject) ?? call(verb, path)

  it('given tokens of a subject, when its clients are listed, then those that hold one', async () => {
    const subject = `${awkwardSubject} list ${form}`
    const other = await createClient({ clientName: 'Other', developer: 'someone' })
    await grant(subject, ['notes:read'])
    await grant(subject, ['notes:read'], other)
    const { status, json } = await ask('GET', 'client/authorization/get/list', subject)
    expect([status, json['totalCount'], json['subject']]).toEqual([200, 2, subject])
    const ids = [client, other].map(({ clientId }) => Number(clientId)).sort((a, b) => a - b)
    expect(json['clients']).toMatchObject(ids.map((clientId) => ({ clientId })))
  })

  it('given a grant, when it is ended, then its tokens and the memory of it are gone', async () => {
    const subject = `${awkwardSubject} end ${form}`
    const { accessToken, refreshToken } = await grant(subject, ['notes:read'])
    const kept = await grant('somebody else', ['notes:read'])
    const ended = await ask('DELETE', `client/authorization/delete/${client.clientId}`, subject)
    expect(ended.status).toBe(200)
    expect(ended.json).toEqual({
      resultCode: 'A137001',
      resultMessage: '[A137001] 1 access tokens ended, and the memory of granted scopes was erased.',
      serviceApiKey: engine.serviceId,
      clientId: Number(client.clientId),
      subject,
    })
    expect(await scopesOf(accessToken)).toBe('UNAUTHORIZED')
    expect(await scopesOf(kept.accessToken)).toEqual(['notes:read'])
    const parameters = `grant_type=refresh_token&refresh_token=${refreshToken}`
    expect((await call('POST', 'auth/token', { parameters, ...client })).json['action']).toBe('BAD_REQUEST')
    const memory = await call('POST', `client/granted_scopes/get/${client.clientId}`, { subject })
    expect(memory.json).not.toHaveProperty('mergedGrantedScopes')
  })

  it('given grants, when the memory is read and erased, then it is there and gone, and tokens stay', async () => {
    const subject = `${awkwardSubject} memory ${form}`
    const path = (verb: string) => `client/granted_scopes/${verb}/${client.clientId}`
    const before = await ask('GET', path('get'), subject)
    expect(before.json).toEqual({
      resultCode: 'A972001',
      resultMessage: '[A972001] The subject granted nothing to the client yet.',
      serviceApiKey: engine.serviceId,
      clientId: Number(client.clientId),
      subject,
    })
    await grant(subject, ['notes:read', 'notes:write'])
    const { accessToken } = await grant(subject, ['notes:read'])
    const { json } = await ask('GET', path('get'), subject)
    expect(json).toMatchObject({ latestGrantedScopes: ['notes:read'], modifiedAt: engine.clock.now().getTime() })
    expect(json['mergedGrantedScopes']).toHaveLength(2)
    const erased = await ask('DELETE', path('delete'), subject)
    expect([erased.status, erased.json['resultCode']]).toEqual([200, 'A972002'])
    expect((await ask('GET', path('get'), subject)).json).toEqual(before.json)
    expect(await scopesOf(accessToken)).toEqual(['notes:read'])
  })
})

describe('client/authorization', () => {
  it('given a developer and a page, when the clients of a subject are listed, then only those', async () => {
    const ours = await createClient({ developer: 'ours' })
    for (const each of [client, ours]) await grant('filtered', ['notes:read'], each)
    const body = { subject: 'filtered', developer: 'ours', start: 0, end: 1 }
    const { json } = await call('POST', 'client/authorization/get/list', body)
    expect(json).toMatchObject({ start: 0, end: 1, totalCount: 1, clients: [{ clientId: Number(ours.clientId) }] })
    const first = await call('GET', 'client/authorization/get/list/filtered?start=0&end=1')
    const second = await call('GET', 'client/authorization/get/list/filtered?start=1&end=2')
    expect([first.json['totalCount'], second.json['totalCount']]).toEqual([2, 2])
    expect(first.json['clients']).not.toEqual(second.json['clients'])
  })

  it('given expired tokens, when the clients of a subject are listed, then none', async () => {
    await grant('long gone', ['notes:read'])
    engine.clock.advance(2_592_001)
    expect((await call('GET', 'client/authorization/get/list/long%20gone')).json['totalCount']).toBe(0)
  })

  it('given fewer scopes, when an authorization is updated, then its tokens keep at most those', async () => {
    const { accessToken } = await grant('narrowed', ['notes:read', 'notes:write'])
    const path = `client/authorization/update/${client.clientId}`
    const body = { subject: 'narrowed', scopes: ['notes:read', 'never:granted'] }
    expect((await call('POST', path, body)).json).toEqual({
      resultCode: 'A138001',
      resultMessage: '[A138001] 1 access tokens were narrowed.',
    })
    expect(await scopesOf(accessToken)).toEqual(['notes:read'])
  })

  it('OIDC Core §11: given offline_access taken back, then the access token lives on, and nothing refreshes it', async () => {
    const scopes = ['openid', 'offline_access', 'notes:read']
    const { accessToken, refreshToken } = await grant('back home', scopes, client, { prompt: 'consent' })
    expect(await scopesOf(accessToken)).toEqual(scopes)
    const left = { subject: 'back home', scopes: ['openid', 'notes:read'] }
    await call('POST', `client/authorization/update/${client.clientId}`, left)
    expect(await scopesOf(accessToken)).toEqual(['openid', 'notes:read'])
    const parameters = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }).toString()
    expect((await call('POST', 'auth/token', { parameters, ...client })).json).toMatchObject({ resultCode: 'A053305' })
  })

  it('given no scopes, when an authorization is updated, then nothing changes', async () => {
    const { accessToken } = await grant('as before', ['notes:read'])
    const path = `client/authorization/update/${client.clientId}`
    expect((await call('POST', path, { subject: 'as before' })).json['resultCode']).toBe('A138001')
    expect(await scopesOf(accessToken)).toEqual(['notes:read'])
  })
})

describe('auth/token/get/list', () => {
  it('given tokens, when they are listed, then their hashes, times and scopes, and never a value', async () => {
    const { accessToken, refreshToken } = await grant('listed', ['notes:read', 'notes:write'])
    const { text, json } = await call('GET', `auth/token/get/list?clientIdentifier=${client.clientId}&subject=listed`)
    const now = engine.clock.now().getTime()
    const { client: filter, next, ...page } = json
    expect(filter).toMatchObject({ clientId: Number(client.clientId), clientType: 'CONFIDENTIAL' })
    expect(filter).not.toHaveProperty('redirectUris')
    expect(next).toMatch(/^[A-Za-z0-9_-]{16}$/)
    expect(page).toEqual({
      start: 0,
      end: 5,
      totalCount: 1,
      subject: 'listed',
      accessTokens: [
        {
          accessTokenHash: sha256(accessToken),
          accessTokenExpiresAt: now + 600_000,
          refreshTokenHash: sha256(refreshToken),
          refreshTokenExpiresAt: now + 2_592_000_000,
          refreshTokenScopes: ['notes:read', 'notes:write'],
          createdAt: now,
          lastRefreshedAt: 0,
          clientId: Number(client.clientId),
          subject: 'listed',
          grantType: 'AUTHORIZATION_CODE',
          scopes: ['notes:read', 'notes:write'],
        },
      ],
    })
    expect(text).not.toContain(accessToken)
    expect(text).not.toContain(refreshToken)
  })

  it('given a client that is not there, then 404; given none, then all tokens of the service', async () => {
    expect((await call('GET', 'auth/token/get/list?clientIdentifier=4711')).status).toBe(404)
    await grant('anybody', ['notes:read'])
    expect(Number((await call('GET', 'auth/token/get/list')).json['totalCount'])).toBeGreaterThanOrEqual(1)
  })
})
