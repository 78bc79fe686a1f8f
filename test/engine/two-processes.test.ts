import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeClientAssertion } from '../client-assertion.ts'
import { makeProofKey } from '../dpop-proof.ts'
import { createTestDatabase } from '../postgres.ts'
import { isJwk } from '../../server/engine/keys.ts'
import type { Conversation, Credentials } from './conversation.ts'
import { authorizationParameters, codeParameters, errorOf, tokensOf } from './conversation.ts'
import type { EngineProcess } from './engine-process.ts'
import { startEngine } from './engine-process.ts'

const demoWeb = {
  clientId: 'demo-web',
  clientSecret: 'demo-web-secret',
  numericId: 0,
  redirectUri: 'http://localhost:3001/callback',
}

const machine = { clientId: 'demo-machine', clientSecret: 'demo-machine-secret' }
const machineRequest = { grant_type: 'client_credentials', scope: 'notes:read' }

describe('RFC 6749 §4.1.2: two engines on one PostgreSQL, over HTTP', () => {
  let folder: string
  let processes: EngineProcess[]
  let one: Conversation
  let both: Conversation[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-two-'))
    const databaseUrl = await createTestDatabase(inject('postgresUrl'))
    // At the same moment: migrations and seeds must not get into each other's way.
    processes = await Promise.all([1, 2].map(() => startEngine(folder, { ENGINE_DATABASE_URL: databaseUrl })))
    both = processes.map(({ engine }) => engine)
    const [first] = both
    if (!first) throw new Error('no engine')
    one = first
  })

  afterAll(async () => {
    await Promise.all(processes.map(({ stop }) => stop()))
    await rm(folder, { recursive: true, force: true })
  })

  const obtainCode = async () => {
    const codeVerifier = 'v'.repeat(43)
    const answer = await one.authorize({
      ...authorizationParameters(demoWeb, codeVerifier),
      scope: 'openid notes:read',
    })
    if (answer.action !== 'INTERACTION') throw new Error(answer.resultMessage)
    const issued = await one.issue({ ticket: answer.ticket, subject: 'subject-1' })
    if (issued.action !== 'LOCATION') throw new Error(issued.resultMessage)
    return codeParameters(demoWeb, issued.authorizationCode ?? '', codeVerifier)
  }

  /** 64 token requests, half of them at each engine. */
  const race = (parameters: Record<string, string>, client: Credentials) =>
    Promise.all(Array.from({ length: 64 }, (_, index) => (both[index % 2] ?? one).token(parameters, client)))

  it('of 64 that redeem one code, one wins, the rest get invalid_grant, and what it brought is revoked', async () => {
    const answers = await race(await obtainCode(), demoWeb)
    const won = answers.filter(({ action }) => action === 'OK')
    expect(won).toHaveLength(1)
    for (const answer of answers) if (answer.action !== 'OK') expect(errorOf(answer)).toBe('invalid_grant')
    const [winner] = won
    const { access_token = '', refresh_token = '' } = winner ? tokensOf(winner) : {}
    for (const engine of both) {
      expect(await engine.introspect(access_token)).toEqual({ active: false })
      expect(errorOf(await engine.token({ grant_type: 'refresh_token', refresh_token }, demoWeb))).toBe('invalid_grant')
    }
  })

  it('of 64 that use one refresh token, one wins', async () => {
    const { refresh_token = '' } = tokensOf(await one.token(await obtainCode(), demoWeb))
    const answers = await race({ grant_type: 'refresh_token', refresh_token }, demoWeb)
    expect(answers.filter(({ action }) => action === 'OK')).toHaveLength(1)
    for (const answer of answers) if (answer.action !== 'OK') expect(errorOf(answer)).toBe('invalid_grant')
  })

  it('RFC 9449 §11.1: of 64 that use one DPoP proof, one wins', async () => {
    const key = await makeProofKey()
    const dpop = await key.prove({ htm: 'POST', htu: 'http://localhost:3000/oauth/token' })
    const uses = Array.from({ length: 64 }, (_, index) =>
      (both[index % 2] ?? one).token(machineRequest, machine, { dpop }),
    )
    const answers = await Promise.all(uses)
    expect(answers.filter(({ action }) => action === 'OK')).toHaveLength(1)
    for (const answer of answers) if (answer.action !== 'OK') expect(errorOf(answer)).toBe('invalid_dpop_proof')
  })

  /** RFC 7523 §2.2: demo-fapi proves who it is. */
  const assertion = async () => {
    const jwk: unknown = JSON.parse(await readFile(join(folder, '.data', 'demo-fapi.jwk.json'), 'utf8'))
    if (!isJwk(jwk)) throw new Error('no key')
    const signer = { clientId: 'demo-fapi', key: await importJWK(jwk, 'ES256'), alg: 'ES256' }
    return {
      client_assertion: await makeClientAssertion(signer, { aud: 'http://localhost:3000', now: new Date() }),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }
  }

  it('RFC 7523 §3: of 64 that use one jti, one is authenticated', async () => {
    const request = { ...(await assertion()), token: '-' }
    const uses = Array.from({ length: 64 }, (_, index) => (both[index % 2] ?? one).revoke(request))
    const answers = await Promise.all(uses)
    expect(answers.filter(({ action }) => action === 'OK')).toHaveLength(1)
    for (const answer of answers) if (answer.action !== 'OK') expect(answer.resultCode).toBe('A957320')
  })

  it('RFC 7523 §3: an assertion that one engine took at one endpoint is refused by the other, at every endpoint', async () => {
    const [first, second] = both
    if (!first || !second) throw new Error('no engines')
    const sent = await assertion()
    const request = authorizationParameters({ ...demoWeb, clientId: 'demo-fapi' }, 'v'.repeat(43))
    expect((await first.push({ ...request, ...sent })).action).toBe('CREATED')
    const refresh = { grant_type: 'refresh_token', refresh_token: 'unknown' }
    for (const answer of [
      await second.push({ ...request, ...sent }),
      await second.token({ ...refresh, ...sent }),
      await second.revoke({ token: '-', ...sent }),
    ]) {
      expect([errorOf(answer), answer.resultCode]).toEqual(['invalid_client', 'A957320'])
    }
  })

  it('RFC 9449 §11.1: a proof that came with an access token at one engine is refused by the other', async () => {
    const [first, second] = both
    if (!first || !second) throw new Error('no engines')
    const key = await makeProofKey()
    const bound = { dpop: await key.prove({ htm: 'POST', htu: 'http://localhost:3000/oauth/token' }) }
    const { access_token: token } = tokensOf(await first.token(machineRequest, machine, bound))
    const proven = { htm: 'GET', htu: 'https://api.example/notes' }
    const dpop = await key.prove({ ...proven, accessToken: token })
    expect((await first.inspect({ token, dpop, ...proven })).action).toBe('OK')
    expect((await second.inspect({ token, dpop, ...proven })).action).toBe('UNAUTHORIZED')
    const fresh = await key.prove({ ...proven, accessToken: token })
    expect((await second.inspect({ token, dpop: fresh, ...proven })).action).toBe('OK')
  })

  it('RFC 9449 §8: a nonce serves many proofs at both engines, and no proof twice', async () => {
    const [first, second] = both
    if (!first || !second) throw new Error('no engines')
    const key = await makeProofKey()
    const proof = (nonce?: string) =>
      key.prove({ htm: 'POST', htu: 'http://localhost:3000/oauth/token', ...(nonce !== undefined && { nonce }) })
    const ask = (engine: Conversation, dpop: string) =>
      engine.token(machineRequest, machine, { dpop, dpopNonceRequired: true })
    const { dpopNonce = '' } = await ask(first, await proof())
    for (const [engine, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const dpop = await proof(dpopNonce)
      expect((await ask(engine, dpop)).action).toBe('OK')
      expect(errorOf(await ask(other, dpop))).toBe('invalid_dpop_proof')
    }
    expect(errorOf(await ask(second, await proof(`${dpopNonce}x`)))).toBe('use_dpop_nonce')
  })

  it('RFC 9449 §8: the nonce of one engine is good at the other', async () => {
    const key = await makeProofKey()
    const ask = async (engine: Conversation, nonce = '') => {
      const dpop = await key.prove({ htm: 'POST', htu: 'http://localhost:3000/oauth/token', nonce })
      return engine.token(machineRequest, machine, { dpop, dpopNonceRequired: true })
    }
    const [first, second] = both
    if (!first || !second) throw new Error('no engines')
    const refused = await ask(first)
    expect(errorOf(refused)).toBe('use_dpop_nonce')
    const served = await ask(second, refused.dpopNonce)
    expect(served.action).toBe('OK')
    expect((await ask(first, served.dpopNonce)).action).toBe('OK')
  })

  it('what one engine revokes is gone at the other', async () => {
    const [first, second] = both
    if (!first || !second) throw new Error('no engines')
    const { access_token } = tokensOf(await first.token(await obtainCode(), demoWeb))
    expect((await second.introspect(access_token))['active']).toBe(true)
    await first.revoke({ token: access_token }, demoWeb)
    expect(await second.introspect(access_token)).toEqual({ active: false })
  })
})
