import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CryptoKey } from 'jose'
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import { makeClientAssertion } from '../client-assertion.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, jsonOf, responseOf, tokensOf } from './conversation.ts'
import type { CallOptions, Reply, TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const spec = await readFile(resolve(import.meta.dirname, '../../spec/engine.yaml'), 'utf8')

let under: TestEngine
let engine: Conversation
let key: CryptoKey
let jwks: string

beforeAll(async () => {
  under = await openTestEngine({
    supportedTokenAuthMethods: ['CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT', 'NONE'],
    supportedRevocationAuthMethods: ['CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT', 'NONE'],
    grantManagementEndpoint: `${testIssuer}/gm`,
  })
  engine = converse(under)
  const pair = await generateKeyPair('ES256')
  key = pair.privateKey
  jwks = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256' }] })
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const names = ['numeric id', 'alias'] as const
type Name = (typeof names)[number]

/** The client as it calls itself. */
const called = (client: RegisteredTestClient, name: Name): RegisteredTestClient =>
  name === 'alias' ? client : { ...client, clientId: String(client.numericId) }

const call = (method: string, path: string, options?: CallOptions) =>
  under.call(method, `/${under.serviceId}/${path}`, options)

/** RFC 6749 §2.2: every operation that names a client in its path, and what it does to a client with one grant of `subject-1`. */
const operations: Record<string, (clientId: string) => Promise<Reply>> = {
  'client/get': (id) => call('GET', `client/get/${id}`),
  'client/update': (id) =>
    call('POST', `client/update/${id}`, { body: { clientName: 'B', clientType: 'CONFIDENTIAL' } }),
  'client/delete': (id) => call('DELETE', `client/delete/${id}`),
  'client/lock_flag/update': (id) => call('POST', `client/lock_flag/update/${id}`, { body: { clientLocked: true } }),
  'client/secret/refresh': (id) => call('GET', `client/secret/refresh/${id}`),
  'client/secret/update': (id) =>
    call('POST', `client/secret/update/${id}`, { body: { clientSecret: 's'.repeat(43) } }),
  'client/extension/requestable_scopes/get': (id) => call('GET', `client/extension/requestable_scopes/get/${id}`),
  'client/extension/requestable_scopes/update': (id) =>
    call('PUT', `client/extension/requestable_scopes/update/${id}`, { body: { requestableScopes: ['openid'] } }),
  'client/extension/requestable_scopes/delete': (id) =>
    call('DELETE', `client/extension/requestable_scopes/delete/${id}`),
  'client/authorization/update': (id) =>
    call('POST', `client/authorization/update/${id}`, { body: { subject: 'subject-1', scopes: ['openid'] } }),
  'client/authorization/delete': (id) =>
    call('POST', `client/authorization/delete/${id}`, { body: { subject: 'subject-1' } }),
  'client/granted_scopes/get': (id) => call('GET', `client/granted_scopes/get/${id}/subject-1`),
  'client/granted_scopes/delete': (id) => call('DELETE', `client/granted_scopes/delete/${id}/subject-1`),
  // And those that take it elsewhere.
  'auth/token/get/list': (id) => call('GET', `auth/token/get/list?clientIdentifier=${id}`),
  'auth/token/revoke': (id) => call('POST', 'auth/token/revoke', { body: { clientIdentifier: id } }),
  'auth/token/create': (id) =>
    call('POST', 'auth/token/create', {
      body: { grantType: 'AUTHORIZATION_CODE', subject: 'subject-1', clientIdentifier: id, scopes: ['openid'] },
    }),
}

/** What is another each time: secrets, hashes, dates, and what belongs to one client. */
function withoutChance(text: string, client: RegisteredTestClient): string {
  return text
    .replaceAll(client.clientId, 'ALIAS')
    .replaceAll(String(client.numericId), 'ID')
    .replaceAll(/"(number|createdAt|modifiedAt|\w*[sS]ecret|\w*Token(Hash)?|tokenId|next)":("[^"]*"|\d+)/g, '"$1":…')
}

describe('engine-api 1.6: an operation finds a client by its numeric id and by its alias', () => {
  it('given the contract, then no path that names a client is left out here', () => {
    const paths = [...spec.matchAll(/^ {2}\/api\/\{serviceId\}\/(.+?)\/\{client(?:Id|Identifier)\}/gm)]
    const named = new Set(paths.map(([, path = '']) => path))
    expect(named.size).toBeGreaterThan(10)
    expect([...named].filter((path) => !Object.hasOwn(operations, path))).toEqual([])
  })

  it.each(Object.entries(operations))('%s', async (_, operate) => {
    const said = []
    for (const name of names) {
      const client = await engine.registerClient()
      await engine.obtainTokens(client)
      const { status, text } = await operate(called(client, name).clientId)
      expect([200, 204]).toContain(status)
      said.push([status, withoutChance(text, client)])
    }
    expect(said[1]).toEqual(said[0])
  })

  it.each(Object.entries(operations))('%s: given the name of nobody, then it is refused', async (_, operate) => {
    const { status, text } = await operate('no-such-client')
    expect(status === 404 || status === 400 || text.includes('A909205')).toBe(true)
  })

  it('given a client of another service, then neither name finds it', async () => {
    const client = await engine.registerClient()
    const other = await ask(
      under.engine.POST('/api/service/create', { body: { issuer: 'https://b.example', jwks: inject('serviceJwks') } }),
    )
    for (const name of names) {
      const { clientId } = called(client, name)
      expect((await under.call('GET', `/${other.apiKey}/client/get/${clientId}`)).status).toBe(404)
    }
  })

  it('given an alias, then answers and metadata show both names', async () => {
    const { clientId, numericId } = await engine.registerClient()
    const both = { clientId: numericId, clientIdAlias: clientId, clientIdAliasEnabled: true }
    expect((await call('GET', `client/get/${numericId}`)).json).toMatchObject(both)
    expect((await call('GET', `auth/token/get/list?clientIdentifier=${numericId}`)).json['client']).toMatchObject(both)
    expect((await call('GET', 'service/get')).json).toMatchObject({ clientIdAliasEnabled: true })
  })
})

describe('RFC 6749 §2.2: a client is called as it called itself', () => {
  const cases = names.flatMap((name) => (['ES256', undefined] as const).map((alg) => [name, alg] as const))

  it.each(cases)('given its %s and tokens signed with %s, then everything that names it does so', async (name, alg) => {
    const client = await engine.registerClient({
      authorizationSignAlg: 'ES256',
      userInfoSignAlg: 'ES256',
      ...(alg && { attributes: [{ key: 'access_token.sign_alg', value: alg }] }),
    })
    const self = called(client, name)
    const other = called(client, name === 'alias' ? 'numeric id' : 'alias')
    const answers = { clientId: client.numericId, clientIdAlias: client.clientId, clientIdAliasUsed: name === 'alias' }

    const codeVerifier = 'v'.repeat(43)
    const parameters = { ...authorizationParameters(self, codeVerifier), response_mode: 'jwt' }
    const asked = await engine.authorize(parameters)
    if (asked.action !== 'INTERACTION') throw new Error(asked.resultMessage)
    expect(asked).toMatchObject({ clientIdAliasUsed: answers.clientIdAliasUsed })
    const issued = await engine.issue({ ticket: asked.ticket, subject: 'subject-1' })
    const { response = '' } = responseOf(issued)
    // JARM §2.1.
    expect(decodeJwt(response).aud).toBe(self.clientId)
    const code = String(decodeJwt(response)['code'])

    // Whichever name it redeems the code under: the authorization was given to the name that was shown.
    const answer = await engine.token(codeParameters(self, code, codeVerifier), other)
    const { access_token: token, id_token: idToken = '', refresh_token = '' } = tokensOf(answer)
    expect(decodeJwt(idToken).aud).toEqual([self.clientId])
    if (alg) expect(decodeJwt(token)['client_id']).toBe(self.clientId)
    expect(await engine.introspect(token)).toMatchObject({ client_id: self.clientId })
    expect(await engine.inspect({ token })).toMatchObject(answers)
    expect(await engine.userinfo(token)).toMatchObject(answers)
    const params = { path: { serviceId: String(under.serviceId) } }
    const userinfo = await ask(under.engine.POST('/api/{serviceId}/auth/userinfo/issue', { params, body: { token } }))
    expect(decodeJwt('responseContent' in userinfo ? userinfo.responseContent : '').aud).toBe(self.clientId)

    // OIDC Core §3.1.2.1: the hint is of the same client under both names.
    for (const hinting of [self, other]) {
      const again = { ...authorizationParameters(hinting, codeVerifier), id_token_hint: idToken }
      expect((await engine.authorize(again)).action).toBe('INTERACTION')
    }

    // A refresh and a revocation under the other name are of the same client, and change no name.
    const refreshed = tokensOf(await engine.token({ grant_type: 'refresh_token', refresh_token }, other))
    expect(await engine.introspect(refreshed.access_token)).toMatchObject({ client_id: self.clientId })
    await engine.revoke({ token: refreshed.access_token }, other)
    expect(await engine.introspect(refreshed.access_token)).toEqual({ active: false })
  })

  it.each(names)('client credentials, given its %s', async (name) => {
    const client = await engine.registerClient({ attributes: [{ key: 'access_token.sign_alg', value: 'ES256' }] })
    const self = called(client, name)
    const answer = await engine.token({ grant_type: 'client_credentials', scope: 'notes:read' }, self)
    expect(answer).toMatchObject({ clientId: client.numericId, clientIdAlias: client.clientId })
    expect(answer).toMatchObject({ clientIdAliasUsed: name === 'alias' })
    const { client_id, sub } = decodeJwt(tokensOf(answer).access_token)
    expect([client_id, sub]).toEqual([self.clientId, self.clientId])
  })

  it.each(names)('RFC 7523 §3, RFC 9126 §2, RFC 9101 §4: given its %s, then iss and sub may be it', async (name) => {
    const client = await engine.registerClient({
      tokenAuthMethod: 'PRIVATE_KEY_JWT',
      jwks,
      requestSignAlg: 'ES256',
    })
    const { clientId } = called(client, name)
    const now = under.clock.now()
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const assert = async () => ({
      client_assertion: await makeClientAssertion({ clientId, key, alg: 'ES256' }, { aud: testIssuer, now }),
      client_assertion_type,
    })
    const claims = authorizationParameters(called(client, name), 'v'.repeat(43))
    const request = await new SignJWT({ ...claims, iss: clientId, aud: testIssuer })
      .setProtectedHeader({ alg: 'ES256', typ: 'oauth-authz-req+jwt' })
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(Math.floor(now.getTime() / 1000) + 60)
      .sign(key)
    const pushed = await engine.push({ client_id: clientId, request, ...(await assert()) })
    expect(pushed.action).toBe('CREATED')
    // RFC 9126 §4: the request URI is bound to the client, whichever name it uses then.
    for (const other of names) {
      const answer = await engine.authorize({
        client_id: called(client, other).clientId,
        request_uri: String(jsonOf(pushed)['request_uri']),
      })
      expect(answer.action).toBe('INTERACTION')
    }
    const grant = { grant_type: 'client_credentials', scope: 'notes:read' }
    const token = tokensOf(await engine.token({ ...grant, ...(await assert()) })).access_token
    expect(await engine.introspect(token)).toMatchObject({ client_id: clientId })
    expect((await engine.revoke({ token, ...(await assert()) })).action).toBe('OK')
    expect(await engine.introspect(token)).toEqual({ active: false })
  })

  it('RFC 7521 §4.2: given one name in the assertion and the other beside it, then it is refused', async () => {
    const client = await engine.registerClient({ tokenAuthMethod: 'PRIVATE_KEY_JWT', jwks })
    const { clientId } = client
    const now = under.clock.now()
    const client_assertion = await makeClientAssertion({ clientId, key, alg: 'ES256' }, { aud: testIssuer, now })
    const answer = await engine.token({
      ...{ grant_type: 'client_credentials', scope: 'notes:read', client_id: String(client.numericId) },
      ...{ client_assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
    })
    expect(answer).toMatchObject({ action: 'INVALID_CLIENT', resultCode: 'A957318' })
  })

  it.each(names)('grant management: given a grant of a client that calls itself by its %s', async (name) => {
    const client = await engine.registerClient()
    const self = called(client, name)
    const { code, codeVerifier } = await engine.obtainCode(self, { parameters: { grant_management_action: 'create' } })
    const answer = await engine.token(codeParameters(self, code, codeVerifier), self)
    expect(jsonOf(answer)['grant_id']).toEqual(expect.any(String))
    const again = {
      ...authorizationParameters(called(client, name === 'alias' ? 'numeric id' : 'alias'), codeVerifier),
    }
    const merged = await engine.authorize({
      ...again,
      grant_management_action: 'merge',
      grant_id: String(jsonOf(answer)['grant_id']),
    })
    expect(merged.action).toBe('INTERACTION')
  })

  it('given tokens that the front-end makes, then it says which name counts; without an alias there is one name', async () => {
    const alias = (await engine.registerClient()).clientId
    const create = async (identifier: string) => {
      const body = { grantType: 'CLIENT_CREDENTIALS', clientIdentifier: identifier, clientIdAliasUsed: true }
      const { json } = await call('POST', 'auth/token/create', { body: { ...body, scopes: ['notes:read'] } })
      return String(json['accessToken'])
    }
    expect(await engine.introspect(await create(alias))).toMatchObject({ client_id: alias })
    const { json } = await call('POST', 'client/create', { body: { clientName: 'No alias' } })
    const token = await create(String(json['clientId']))
    expect(await engine.inspect({ token })).toMatchObject({
      clientIdAlias: String(json['clientId']),
      clientIdAliasUsed: false,
    })
  })
})
