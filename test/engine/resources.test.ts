import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse, errorOf, testScopes, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const notes = 'https://notes.example/'
const photos = 'https://photos.example/?tenant=1'
const mail = 'https://mail.example/'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({ supportedScopes: testScopes })
  engine = converse(under)
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const naming = (...resources: string[]): [string, string][] => resources.map((uri) => ['resource', uri])

const refresh = (refreshToken: string | undefined, ...resources: string[]) =>
  engine.token(
    [['grant_type', 'refresh_token'], ['refresh_token', refreshToken ?? ''], ...naming(...resources)],
    client,
  )

const audienceOf = async (token: string) => (await engine.introspect(token))['aud']

describe('RFC 8707 §2: a token is good for the resources that were granted', () => {
  it('given resources in the request, then they are the audience of its tokens, and the front-end is told', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { resources: [notes, photos] })
    const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
    expect(answer).toMatchObject({ accessTokenResources: [notes, photos] })
    expect(answer).not.toHaveProperty('resources')
    const { access_token: token } = tokensOf(answer)
    expect(await audienceOf(token)).toEqual([notes, photos])
    expect(await engine.inspect({ token })).toMatchObject({
      resources: [notes, photos],
      accessTokenResources: [notes, photos],
    })
  })

  it('given none, then the token is not limited', async () => {
    const { access_token: token } = await engine.obtainTokens(client)
    expect(await audienceOf(token)).toBeUndefined()
    const inspected = await engine.inspect({ token, resources: [notes, mail] })
    expect(inspected.action).toBe('OK')
    expect(inspected).not.toHaveProperty('accessTokenResources')
  })
})

describe('RFC 8707 §2.2: userinfo is a resource of the issuer', () => {
  const ask = async (token: string) => [
    await engine.userinfo(token),
    await under.engine
      .POST('/api/{serviceId}/auth/userinfo/issue', {
        params: { path: { serviceId: String(under.serviceId) } },
        body: { token, claims: '{"email":"john@example.com"}' },
      })
      .then(({ data }) => data),
  ]

  it('given a token that is limited to others, then invalid_token says what to do, and nothing is told', async () => {
    const wide = await engine.obtainTokens(client, { resources: [notes, testIssuer], tokenParameters: naming(notes) })
    const narrow = await engine.obtainTokens(client, { resources: [notes] })
    for (const { access_token } of [wide, narrow]) {
      for (const answer of await ask(access_token)) {
        expect(answer).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A988301' })
        const text = JSON.stringify(answer)
        expect(text).toContain('Bearer error=\\"invalid_token\\"')
        expect(text).toContain('Name the issuer as a resource as well.')
        expect(text).not.toContain('email')
      }
    }
  })

  it('given one that names the issuer too, or none at all, then it is good there', async () => {
    const named = await engine.obtainTokens(client, { resources: [notes, testIssuer] })
    const unlimited = await engine.obtainTokens(client)
    for (const { access_token } of [named, unlimited]) {
      expect(await ask(access_token)).toMatchObject([{ action: 'OK' }, { action: 'JSON' }])
    }
  })
})

describe('RFC 8707 §2.2: a token request chooses among them', () => {
  it('given a code, when one is named, then the access token is for that, and the refresh token for all', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { resources: [notes, photos] })
    const parameters = [...Object.entries(codeParameters(client, code, codeVerifier)), ...naming(photos)]
    const answer = await engine.token(parameters, client)
    expect(answer).toMatchObject({ resources: [photos], accessTokenResources: [photos] })
    const { access_token: token, refresh_token } = tokensOf(answer)
    expect(await audienceOf(token)).toEqual([photos])
    expect(await engine.inspect({ token })).toMatchObject({
      resources: [notes, photos],
      accessTokenResources: [photos],
    })
    const refreshed = tokensOf(await refresh(refresh_token, notes))
    expect(await audienceOf(refreshed.access_token)).toEqual([notes])
    const again = tokensOf(await refresh(refreshed.refresh_token))
    expect(await audienceOf(again.access_token)).toEqual([notes, photos])
  })

  it('given a code, when another is named, then invalid_target, and the code is still good', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { resources: [notes] })
    const parameters = Object.entries(codeParameters(client, code, codeVerifier))
    for (const resources of [[mail], [notes, mail], ['not a uri'], ['https://notes.example/#part']]) {
      const answer = await engine.token([...parameters, ...naming(...resources)], client)
      expect(answer.action).toBe('BAD_REQUEST')
      expect(errorOf(answer)).toBe('invalid_target')
    }
    expect((await engine.token(parameters, client)).action).toBe('OK')
  })

  it('given an authorization without limit, when one is named, then this token is for that alone', async () => {
    const tokens = await engine.obtainTokens(client, { tokenParameters: naming(notes) })
    expect(await audienceOf(tokens.access_token)).toEqual([notes])
    expect(await engine.inspect({ token: tokens.access_token })).not.toHaveProperty('resources')
    const refreshed = tokensOf(await refresh(tokens.refresh_token))
    expect(await audienceOf(refreshed.access_token)).toBeUndefined()
  })

  it('given client credentials, then the token is for what is named', async () => {
    const own: [string, string][] = [
      ['grant_type', 'client_credentials'],
      ['scope', 'notes:read'],
    ]
    const answer = await engine.token([...own, ...naming(notes, mail)], client)
    expect(answer).toMatchObject({ resources: [notes, mail], accessTokenResources: [notes, mail] })
    expect(await audienceOf(tokensOf(answer).access_token)).toEqual([notes, mail])
    expect(errorOf(await engine.token([...own, ...naming('notes')], client))).toBe('invalid_target')
  })

  it('no row of refreshes ever widens', async () => {
    const all = [notes, photos, mail]
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(all, { minLength: 1 }),
        fc.array(fc.subarray(all), { minLength: 1, maxLength: 4 }),
        async (granted, requests) => {
          let { refresh_token } = await engine.obtainTokens(client, { resources: granted })
          for (const asked of requests) {
            const answer = await refresh(refresh_token, ...asked)
            const isWithin = asked.every((resource) => granted.includes(resource))
            expect(answer.action).toBe(isWithin ? 'OK' : 'BAD_REQUEST')
            if (answer.action !== 'OK') continue
            const tokens = tokensOf(answer)
            expect(await audienceOf(tokens.access_token)).toEqual(asked.length > 0 ? asked : granted)
            refresh_token = tokens.refresh_token
          }
        },
      ),
      { numRuns: 15 },
    )
  })
})

describe('A resource server that asks', () => {
  it('RFC 7662: a token for others is not active for it', async () => {
    const { access_token: token } = await engine.obtainTokens(client, { resources: [notes, photos] })
    expect(await engine.introspect(token, photos)).toMatchObject({ active: true })
    expect(await engine.introspect(token, mail)).toEqual({ active: false })
    // Resources are compared as text: an address that begins alike is another one.
    expect(await engine.introspect(token, `${notes}x`)).toEqual({ active: false })
    const { access_token: unlimited } = await engine.obtainTokens(client)
    expect(await engine.introspect(unlimited, mail)).toMatchObject({ active: true })
  })

  it('RFC 8707: who calls the engine itself names the resources that must be covered', async () => {
    const { access_token: token } = await engine.obtainTokens(client, { resources: [notes, photos] })
    expect((await engine.inspect({ token, resources: [photos] })).action).toBe('OK')
    const refused = await engine.inspect({ token, resources: [photos, mail] })
    expect(refused).toMatchObject({ action: 'FORBIDDEN', resultCode: 'A956304', usable: true, sufficient: true })
    expect('responseContent' in refused && refused.responseContent).toMatch(/^Bearer error="invalid_target",/)
  })
})
