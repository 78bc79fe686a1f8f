import { afterEach, describe, expect, it } from 'vitest'
import type { Service } from '../../sdk/types.ts'
import { makeProofKey } from '../dpop-proof.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { codeParameters, converse, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation

async function open(settings: Partial<Service>): Promise<void> {
  under = await openTestEngine({ supportedTokenAuthMethods: ['CLIENT_SECRET_BASIC', 'NONE'], ...settings })
  engine = converse(under)
}

afterEach(() => under.close())

describe('RFC 6749 §6: when a refresh token ends that was given for 100 seconds and used after 50', () => {
  const modes: [string, Partial<Service>, number][] = [
    ['rotated, the new one has a life of its own', {}, 150],
    ['rotated, the new one ends when the old one would have', { refreshTokenDurationKept: true }, 100],
    ['kept, it ends when it was said to', { refreshTokenKept: true }, 100],
    ['kept, its life begins anew', { refreshTokenKept: true, refreshTokenDurationReset: true }, 150],
  ]

  async function refreshedAfter50(settings: Partial<Service>, usedAgainAfter: number) {
    await open({ ...settings, refreshTokenDuration: 100, accessTokenDuration: 10 })
    const client = await engine.registerClient()
    const refresh = (token = '') => engine.token({ grant_type: 'refresh_token', refresh_token: token }, client)
    const { refresh_token: first } = await engine.obtainTokens(client)
    under.clock.advance(50)
    const { refresh_token: second } = tokensOf(await refresh(first))
    under.clock.advance(usedAgainAfter - 50)
    return { isKept: second === first, action: (await refresh(second)).action }
  }

  it.each(modes)('given %s, then to the second', async (_what, settings, endsAfter) => {
    const isKept = settings.refreshTokenKept ?? false
    expect(await refreshedAfter50(settings, endsAfter - 1)).toEqual({ isKept, action: 'OK' })
    await under.close()
    expect(await refreshedAfter50(settings, endsAfter)).toEqual({ isKept, action: 'BAD_REQUEST' })
  })
})

describe('RFC 9700 §4.14.2: a service that keeps refresh tokens, and a public client', () => {
  let client: RegisteredTestClient
  let key: Awaited<ReturnType<typeof makeProofKey>>

  async function obtain(isBound: boolean): Promise<string> {
    await open({ refreshTokenKept: true, refreshTokenDuration: 100, accessTokenDuration: 10 })
    client = await engine.registerClient({
      clientType: 'PUBLIC',
      tokenAuthMethod: 'NONE',
      grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    })
    key = await makeProofKey()
    const { code, codeVerifier } = await engine.obtainCode(client)
    return request({ ...codeParameters(client, code, codeVerifier) }, isBound)
  }

  async function request(parameters: Record<string, string>, isBound: boolean): Promise<string> {
    const proof = { htm: 'POST', htu: testEndpoints.tokenEndpoint, now: under.clock.now() }
    const dpop = isBound ? { dpop: await key.prove(proof) } : {}
    const answer = await engine.token({ ...parameters, client_id: client.clientId }, undefined, dpop)
    return tokensOf(answer).refresh_token ?? ''
  }

  const refresh = (refresh_token: string, isBound: boolean) =>
    request({ grant_type: 'refresh_token', refresh_token }, isBound)

  it('given a token that is bound to a key, then it stays', async () => {
    const token = await obtain(true)
    expect(await refresh(token, true)).toBe(token)
  })

  it('given one that is not, then it is rotated, and its second use ends all', async () => {
    const first = await obtain(false)
    under.clock.advance(50)
    const second = await refresh(first, false)
    expect(second).not.toBe(first)
    await expect(refresh(first, false)).rejects.toThrow('A953304')
    await expect(refresh(second, false)).rejects.toThrow('A053305')
  })

  it('given a rotated one, then it ends when the first would have', async () => {
    const first = await obtain(false)
    under.clock.advance(50)
    const second = await refresh(first, false)
    under.clock.advance(50)
    await expect(refresh(second, false)).rejects.toThrow('A053305')
  })

  it('given the first proof, then the token is bound, and stays from then on', async () => {
    const second = await refresh(await obtain(false), true)
    expect(await refresh(second, true)).toBe(second)
  })
})
