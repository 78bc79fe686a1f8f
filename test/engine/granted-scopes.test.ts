import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse, errorOf, testScopes, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

const transfer = { name: 'transfer', attributes: [{ key: 'regex', value: 'transfer:[a-z0-9]{1,20}' }] }

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({ supportedScopes: [...testScopes, transfer] })
  engine = converse(under)
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const words = (text: unknown) => String(text).split(' ').filter(Boolean)

async function setRequestable(requestableScopes: string[] | null, of = client) {
  const path = `/${under.serviceId}/client/extension/requestable_scopes/update/${of.clientId}`
  expect((await under.call('POST', path, { body: { requestableScopes } })).status).toBe(200)
}

describe('RFC 6749 §3.3: what is granted lies within what was requested and may be requested', () => {
  it('for every choice of the front-end, and no refresh widens it', async () => {
    const names = [...testScopes.map(({ name }) => name), 'transfer:a', 'transfer:b', 'transfer:NO', 'unknown']
    const own = await engine.registerClient()
    await fc.assert(
      fc.asyncProperty(
        ...([fc.subarray(names, { minLength: 1 }), fc.subarray(names), fc.subarray(names)] as const),
        fc.array(fc.subarray(names), { maxLength: 2 }),
        async (requested, chosen, requestable, refreshes) => {
          const supported = requestable.filter((name) => testScopes.some((scope) => scope.name === name))
          const allowed = [...supported, ...(requestable.includes('transfer:a') ? ['transfer'] : [])]
          await setRequestable([...new Set([...allowed, 'notes:read'])], own)
          const isAllowed = (name: string) =>
            name === 'notes:read' || allowed.includes(/^transfer:[a-z]$/.test(name) ? 'transfer' : name)
          const scope = [...requested, 'notes:read'].join(' ')
          let tokens = await engine.obtainTokens(own, { parameters: { scope, prompt: 'consent' }, scopes: chosen })
          const granted = words(tokens.scope)
          expect(granted.every((name) => chosen.includes(name) && isAllowed(name))).toBe(true)
          expect(granted.every((name) => words(scope).includes(name))).toBe(true)
          for (const asked of refreshes) {
            const parameters = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
            if (tokens.refresh_token === undefined) return
            const answer = await engine.token({ ...parameters, scope: asked.join(' ') }, own)
            const isWithin = asked.every((name) => granted.includes(name))
            expect(answer.action).toBe(isWithin ? 'OK' : 'BAD_REQUEST')
            if (answer.action !== 'OK') continue
            tokens = tokensOf(answer)
            expect(words(tokens.scope)).toEqual(granted.filter((name) => asked.length === 0 || asked.includes(name)))
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  it('given a client whose scopes were limited meanwhile, when it refreshes, then it gets what is left of them', async () => {
    const own = await engine.registerClient()
    const { refresh_token = '' } = await engine.obtainTokens(own)
    await setRequestable(['openid', 'notes:read'], own)
    const limited = tokensOf(await engine.token({ grant_type: 'refresh_token', refresh_token }, own))
    expect(limited.scope).toBe('openid notes:read')
    await setRequestable(null, own)
    const again = await engine.token({ grant_type: 'refresh_token', refresh_token: limited.refresh_token ?? '' }, own)
    expect(tokensOf(again).scope).toBe('openid email notes:read notes:write')
  })

  it('given a client that may have none of them any more, then invalid_scope, and nothing is spent', async () => {
    const own = await engine.registerClient()
    const { refresh_token = '' } = await engine.obtainTokens(own)
    const { code, codeVerifier } = await engine.obtainCode(own)
    const refresh = (more: Record<string, string> = {}) =>
      engine.token({ grant_type: 'refresh_token', refresh_token, ...more }, own)
    await setRequestable(['profile'], own)
    for (const answer of [
      await refresh(),
      await refresh({ scope: 'notes:read' }),
      await engine.token(codeParameters(own, code, codeVerifier), own),
    ]) {
      expect([errorOf(answer), answer.resultCode]).toEqual(['invalid_scope', 'A950310'])
    }
    await setRequestable(['notes:read'], own)
    expect(errorOf(await refresh({ scope: 'notes:write' }))).toBe('invalid_scope')
    expect((await engine.token(codeParameters(own, code, codeVerifier), own)).action).toBe('OK')
    expect(tokensOf(await refresh({ scope: 'notes:read' })).scope).toBe('notes:read')
  })

  it('given a client whose scopes were limited while the person decided, then the rest is granted', async () => {
    const own = await engine.registerClient()
    const { code, codeVerifier } = await engine.obtainCode(own)
    await setRequestable(['notes:read'], own)
    const answer = await engine.token(codeParameters(own, code, codeVerifier), own)
    expect(tokensOf(answer).scope).toBe('notes:read')
    expect(tokensOf(answer).id_token).toBeUndefined()
  })

  it('any narrowing shows in the next introspection and in every refresh', async () => {
    const all = ['openid', 'email', 'notes:read', 'notes:write']
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.subarray(all, { minLength: 1 }), { maxLength: 3 }), async (narrowings) => {
        const subject = `person-${(round += 1)}`
        const tokens = await engine.obtainTokens(client, { subject })
        let left = all
        for (const scopes of narrowings) {
          left = left.filter((scope) => scopes.includes(scope))
          await engine.narrow(client, { subject, scopes })
          expect(words((await engine.introspect(tokens.access_token))['scope'])).toEqual(left)
        }
        const refreshed = await engine.token(
          { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' },
          client,
        )
        if (left.length === 0) expect(errorOf(refreshed)).toBe('invalid_grant')
        else expect(words(tokensOf(refreshed).scope)).toEqual(left)
      }),
      { numRuns: 15 },
    )
  })
})

describe('Values of a parameterized scope', () => {
  const parameters = { scope: 'openid transfer:a1 transfer:b2 notes:read' }
  const pairs = [{ name: 'transfer', value: 'transfer:a1' }]

  it('are granted one by one, and every answer says which scope they count as', async () => {
    const scopes = ['openid', 'transfer:a1', 'transfer:zz', 'transfer']
    const { code, codeVerifier } = await engine.obtainCode(client, { subject: 'dynamic', parameters, scopes })
    const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
    expect(answer).toMatchObject({ scopes: ['openid', 'transfer:a1'], dynamicScopes: pairs })
    const { access_token: token, refresh_token = '' } = tokensOf(answer)
    expect(await engine.inspect({ token, scopes: ['transfer:a1'] })).toMatchObject({
      action: 'OK',
      dynamicScopes: pairs,
      scopeDetails: [{ name: 'openid' }],
    })
    expect((await engine.inspect({ token, scopes: ['transfer:b2'] })).action).toBe('FORBIDDEN')
    expect(await engine.userinfo(token)).toMatchObject({ dynamicScopes: pairs })
    const list = await under.call('GET', `/${under.serviceId}/auth/token/get/list?subject=dynamic`)
    expect(list.json['accessTokens']).toMatchObject([{ dynamicScopes: pairs }])
    expect(await engine.token({ grant_type: 'refresh_token', refresh_token }, client)).toMatchObject({
      dynamicScopes: pairs,
    })
  })

  it('are not remembered: the person is asked each time', async () => {
    await engine.obtainTokens(client, { subject: 'memory', parameters })
    const path = `/${under.serviceId}/client/granted_scopes/get/${client.clientId}`
    const { json } = await under.call('POST', path, { body: { subject: 'memory' } })
    expect(json).toMatchObject({
      latestGrantedScopes: ['openid', 'notes:read'],
      mergedGrantedScopes: ['openid', 'notes:read'],
    })
  })

  it('are left out of answers that have none', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client)
    const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
    const { access_token: token } = tokensOf(answer)
    const answers = [answer, await engine.inspect({ token }), await engine.userinfo(token)]
    for (const each of answers) expect(each).not.toHaveProperty('dynamicScopes')
  })
})

describe('OIDC Core §5.2: claims in the languages that the client asks for', () => {
  const localized = { claims_locales: 'de ja', scope: 'openid email' }

  it('are named with the claim, each in each language', async () => {
    const { access_token } = await engine.obtainTokens(client, { parameters: localized })
    expect(await engine.userinfo(access_token)).toMatchObject({
      claims: ['email', 'email_verified', 'email#de', 'email#ja', 'email_verified#de', 'email_verified#ja'],
    })
  })

  it('go with the claim: declined or taken back, it is so in every language', async () => {
    const issue = { consentedClaims: ['email'] }
    const { access_token } = await engine.obtainTokens(client, { subject: 'ja', parameters: localized, issue })
    expect(await engine.userinfo(access_token)).toMatchObject({ claims: ['email', 'email#de', 'email#ja'] })
    await engine.narrow(client, { subject: 'ja', scopes: ['openid'] })
    expect(await engine.userinfo(access_token)).toMatchObject({ claims: [] })
  })

  it('a service that names the languages of its claims offers no others, and nobody gets more than ten', async () => {
    const few = await openTestEngine({ supportedScopes: testScopes, supportedClaimLocales: ['ja', 'en'] })
    const talk = converse(few)
    const { access_token } = await talk.obtainTokens(await talk.registerClient(), { parameters: localized })
    expect(await talk.userinfo(access_token)).toMatchObject({
      claims: ['email', 'email_verified', 'email#ja', 'email_verified#ja'],
    })
    await few.close()
    const claims_locales = Array.from({ length: 50 }, (_, n) => `x${n}`).join(' ')
    const many = await engine.obtainTokens(client, { parameters: { ...localized, claims_locales } })
    const { claims } = { claims: [], ...(await engine.userinfo(many.access_token)) }
    expect(claims).toHaveLength(22)
  })
})
