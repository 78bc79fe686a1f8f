import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Schema } from '../../sdk/types.ts'
import { faultOfProperties, visibleMembers, withProperties } from '../../server/engine/protocol/properties.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, jsonOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({ accessTokenSignAlg: 'ES256' })
  engine = converse(under)
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const seen = { key: 'tenant', value: 'north' }
const unseen = { key: 'consent_id', value: 'c-17', hidden: true }

async function standard(token: string, withHiddenProperties?: boolean) {
  const params = { path: { serviceId: String(under.serviceId) } }
  const parameters = new URLSearchParams({ token }).toString()
  const body = { parameters, ...(withHiddenProperties !== undefined && { withHiddenProperties }) }
  return jsonOf(await ask(under.engine.POST('/api/{serviceId}/auth/introspection/standard', { params, body })))
}

describe('Extra properties of tokens', () => {
  it('given some with the authorization, then they go from the code to the tokens and through every refresh', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { issue: { properties: [seen, unseen] } })
    let answer = await engine.token(codeParameters(client, code, codeVerifier), client)
    for (let refreshes = 0; refreshes < 3; refreshes += 1) {
      const { access_token: token, refresh_token = '' } = tokensOf(answer)
      expect(answer).toMatchObject({ properties: [seen, unseen] })
      // The client sees what is not hidden: in the response, and in the JWT.
      for (const shown of [jsonOf(answer), decodeJwt(token), await standard(token)]) {
        expect(shown).toMatchObject({ tenant: 'north' })
        expect(shown).not.toHaveProperty('consent_id')
      }
      expect(await standard(token, true)).toMatchObject({ active: true, tenant: 'north', consent_id: 'c-17' })
      expect(await engine.inspect({ token })).toMatchObject({ properties: [seen, unseen] })
      expect(await engine.userinfo(token)).toMatchObject({ properties: [seen, unseen] })
      answer = await engine.token({ grant_type: 'refresh_token', refresh_token }, client)
    }
  })

  it('given some with the token request, then they are added, and of two with one key the later counts', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { issue: { properties: [seen, unseen] } })
    const properties = [{ key: 'tenant', value: 'south' }]
    const answer = await engine.token(codeParameters(client, code, codeVerifier), client, { properties })
    expect(jsonOf(answer)).toMatchObject({ tenant: 'south' })
    expect(answer).toMatchObject({ properties: [unseen, ...properties] })
    const machine = { grant_type: 'client_credentials', scope: 'notes:read' }
    expect(jsonOf(await engine.token(machine, client, { properties }))).toMatchObject({ tenant: 'south' })
  })

  it('given more and more with each refresh, then no token has more than 65,535 bytes, and nothing is spent', async () => {
    const much = (key: string, bytes = 40_000) => [{ key, value: 'v'.repeat(bytes), hidden: true }]
    const { refresh_token = '' } = await engine.obtainTokens(client, { issue: { properties: much('a') } })
    const refresh = (properties: Schema<'Property'>[]) =>
      engine.token({ grant_type: 'refresh_token', refresh_token }, client, { properties })
    expect(await refresh(much('b'))).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A950201' })
    // What is replaced does not count.
    expect(await refresh(much('a', 65_534))).toMatchObject({ action: 'OK' })
    const { code, codeVerifier } = await engine.obtainCode(client, { issue: { properties: much('a') } })
    const exchange = (properties: Schema<'Property'>[]) =>
      engine.token(codeParameters(client, code, codeVerifier), client, { properties })
    expect(await exchange(much('b'))).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A950201' })
    expect(await exchange(much('b', 25_533))).toMatchObject({ action: 'OK' })
  })

  it('given none, then nothing is said of them', async () => {
    const { access_token: token } = await engine.obtainTokens(client)
    expect(await engine.inspect({ token })).not.toHaveProperty('properties')
  })

  it.each<[string, Schema<'Property'>[]]>([
    ['a member of the token response', [{ key: 'access_token', value: 'x' }]],
    ['a member of the introspection response', [{ key: 'active', value: 'true', hidden: true }]],
    ['a claim of a JWT access token', [{ key: 'client_id', value: 'x' }]],
    ['an empty key', [{ key: '', value: 'x' }]],
    ['a key with a space', [{ key: 'a b', value: 'x' }]],
    ['one key twice', [seen, seen]],
    ['too much', [{ key: 'a', value: 'x'.repeat(65_535) }]],
  ])('given %s, then the front-end is told, and nothing is spent', async (_, properties) => {
    const codeVerifier = 'v'.repeat(43)
    const answer = await engine.authorize(authorizationParameters(client, codeVerifier))
    if (answer.action !== 'INTERACTION') throw new Error(answer.resultMessage)
    const question = { ticket: answer.ticket, subject: 'subject-1' }
    expect(await engine.issue({ ...question, properties })).toMatchObject({
      action: 'INTERNAL_SERVER_ERROR',
      resultCode: 'A940206',
    })
    const issued = await engine.issue(question)
    if (issued.action !== 'LOCATION') throw new Error(issued.resultMessage)
    const parameters = codeParameters(client, issued.authorizationCode ?? '', codeVerifier)
    expect(await engine.token(parameters, client, { properties })).toMatchObject({ resultCode: 'A950201' })
    expect((await engine.token(parameters, client)).action).toBe('OK')
  })

  it('given any that pass, then what clients see has no hidden one, and a merge has each key once', () => {
    const property = fc.record({ key: fc.stringMatching(/^[a-z_]{1,4}$/), value: fc.string(), hidden: fc.boolean() })
    fc.assert(
      fc.property(fc.array(property), fc.array(property), (kept, added) => {
        fc.pre(faultOfProperties(kept) === undefined && faultOfProperties(added) === undefined)
        const { properties } = withProperties({ properties: kept }, added)
        expect(faultOfProperties(properties)).toBeUndefined()
        const hidden = properties.filter((one) => one.hidden).map(({ key }) => key)
        for (const key of hidden) expect(Object.hasOwn(visibleMembers(properties), key)).toBe(false)
      }),
    )
  })
})
