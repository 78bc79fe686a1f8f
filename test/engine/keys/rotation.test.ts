import type { JWK } from 'jose'
import { decodeProtectedHeader } from 'jose'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { ask } from '../../../sdk/engine.ts'
import type { Service } from '../../../sdk/types.ts'
import { generateKey, isJwk, parseJwks } from '../../../server/engine/keys.ts'
import { signingAlgorithms } from '../../../server/engine/protocol/signing-algorithms.ts'
import { phasesOf } from '../../../server/engine/keys/phases.ts'
import { algorithmsDue, chooseAlgorithms, RotationRefused, rotateKeys } from '../../../server/engine/keys/rotation.ts'
import { startKeySchedule, tendKeys } from '../../../server/engine/keys/schedule.ts'
import { createRegistry } from '../../../server/engine/registry.ts'
import { makeProofKey } from '../../dpop-proof.ts'
import type { Conversation, RegisteredTestClient } from '../conversation.ts'
import { converse, errorOf, tokensOf } from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer } from '../engine-under-test.ts'

const day = 86_400
const rules = (values: Record<string, number>): Service => ({
  attributes: Object.entries(values).map(([key, value]) => ({ key: `keys.${key}`, value: String(value) })),
})

let test: TestEngine
let engine: Conversation
let client: RegisteredTestClient

/** Algorithms whose keys are made quickly. */
const algorithms = ['ES256', 'EdDSA', 'ECDH-ES'] as const

async function open(settings: Service = {}) {
  const jwks = JSON.stringify({ keys: await Promise.all(algorithms.map((alg) => generateKey(alg))) })
  test = await openTestEngine({ jwks, accessTokenSignAlg: 'ES256', ...settings })
  engine = converse(test)
  client = await engine.registerClient()
}

beforeEach(() => open())
afterEach(async () => {
  expect(test.failures).toEqual([])
  await test.close()
})

const parts = () => ({ storage: test.storage, now: test.clock.now })
const rotate = (...names: string[]) => rotateKeys(test.serviceId, chooseAlgorithms(names), parts())
const tend = () => tendKeys({ ...parts(), log: { error: (details) => test.failures.push(details) } })
const path = () => ({ path: { serviceId: String(test.serviceId) } })

async function published(): Promise<JWK[]> {
  const { json } = await test.call('GET', `/${test.serviceId}/service/jwks/get`)
  return Array.isArray(json['keys']) ? json['keys'].filter(isJwk) : []
}

async function stored(): Promise<Record<string, string>> {
  const service = await test.storage.findService(test.serviceId)
  const keys = phasesOf(parseJwks(service?.settings.jwks), test.clock.now())
  return Object.fromEntries(keys.map(({ jwk, phase }): [string, string] => [jwk.kid ?? '', phase]))
}

/** The names of the keys that sign access tokens and ID tokens now. */
async function signers(): Promise<(string | undefined)[]> {
  const tokens = await engine.obtainTokens(client)
  return [tokens.access_token, tokens.id_token ?? ''].map((jwt) => decodeProtectedHeader(jwt).kid)
}

const shown = () => ask(test.engine.GET('/api/{serviceId}/service/get', { params: path() }))

/** Keys stay when none are given. */
async function update(settings: Service): Promise<number> {
  const current = await shown()
  delete current.jwks
  const body = { ...current, ...settings }
  return (await test.call('POST', `/${test.serviceId}/service/update`, { body })).status
}

/** Long enough for every process to see what changed. */
const seen = () => {
  test.clock.advance(2)
}

describe('OIDC Core §10.1.1: the life of a key that signs', () => {
  it('announced: it is published, and the one before it signs', async () => {
    const [old] = await signers()
    const [made] = await rotate('ES256')
    seen()
    expect((await published()).map(({ kid }) => kid)).toEqual(expect.arrayContaining([old, made?.kid]))
    test.clock.advance(day - 4)
    expect(await signers()).toEqual([old, old])
  })

  it('current: it signs, and what the one before it signed is good for as long as it says', async () => {
    const before = await engine.obtainTokens(client)
    const old = decodeProtectedHeader(before.access_token).kid
    const [made] = await rotate('ES256')
    test.clock.advance(day - 1)
    const late = await engine.obtainTokens(client)
    test.clock.advance(1)
    expect(await signers()).toEqual([made?.kid, made?.kid])
    expect(decodeProtectedHeader(late.access_token).kid).toBe(old)
    expect((await engine.introspect(late.access_token))['active']).toBe(true)
    const hinted = await engine.obtainCode(client, { parameters: { id_token_hint: late.id_token ?? '' } })
    expect(hinted.code).not.toBe('')
    expect((await published()).map(({ kid }) => kid)).toContain(old)
  })

  it.each([true, false])(
    'removed: not before a JWT ends that auth/token/update was to lengthen (its value is new: %s)',
    async (accessTokenValueUpdated) => {
      await update(rules({ keep: 660, publish_ahead: 90 }))
      seen()
      await rotate('ES256')
      // The old key signs for one second more.
      test.clock.advance(89)
      const { access_token: accessToken } = await engine.obtainTokens(client)
      const later = test.clock.now().getTime() + 20 * day * 1000
      const change = { accessToken, accessTokenExpiresAt: later, accessTokenValueUpdated }
      const answer = await ask(test.engine.POST('/api/{serviceId}/auth/token/update', { params: path(), body: change }))
      if (answer.action !== 'OK' || answer.accessToken === undefined) throw new Error(answer.resultMessage)
      expect(answer.accessTokenExpiresAt).toBe(test.clock.now().getTime() + 600_000)
      for (const [seconds, active] of [
        [599, true],
        [1, false],
      ] as const) {
        test.clock.advance(seconds)
        await tend()
        expect((await engine.introspect(answer.accessToken))['active']).toBe(active)
      }
    },
  )

  it('removed: not before a JWT ends that auth/token/update lengthens late in its life', async () => {
    await update({ ...rules({ keep: 660, publish_ahead: 90 }), accessTokenDuration: 600 })
    seen()
    await rotate('ES256')
    test.clock.advance(89)
    const made = test.clock.now().getTime()
    const { access_token: accessToken } = await engine.obtainTokens(client)
    test.clock.advance(500)
    const change = { accessToken, accessTokenExpiresAt: made + 2_000_000 }
    const answer = await ask(test.engine.POST('/api/{serviceId}/auth/token/update', { params: path(), body: change }))
    expect(answer).toMatchObject({ action: 'OK', accessTokenExpiresAt: made + 600_000 })
    test.clock.advance(99)
    await tend()
    expect((await engine.introspect(accessToken))['active']).toBe(true)
  })

  it('removed: thirty days after its last signature, and not before', async () => {
    const [old] = await signers()
    await rotate('ES256')
    test.clock.advance(31 * day)
    await tend()
    seen()
    expect((await published()).map(({ kid }) => kid)).toContain(old)
    test.clock.advance(60)
    await tend()
    seen()
    expect((await published()).map(({ kid }) => kid)).not.toContain(old)
    expect(await stored()).not.toHaveProperty(old ?? '')
  })

  it('a process whose clock is ahead signs with it a little early, and this one knows the token', async () => {
    await rotate('ES256')
    const ahead = createRegistry(test.storage, () => new Date(test.clock.now().getTime() + (day + 5) * 1000))
    const here = createRegistry(test.storage, test.clock.now)
    const [early, usual] = [await ahead.findService(test.serviceId), await here.findService(test.serviceId)]
    const kid = early?.signingKeys.find(({ alg }) => alg === 'ES256')?.kid
    expect(usual?.signingKeys.map((key) => key.kid)).not.toContain(kid)
    expect(usual?.verificationKeys.map((key) => key.kid)).toContain(kid)
  })

  it('K04: whatever phase, the published set has public members, use, alg and a name of its own for each key', async () => {
    await rotate()
    for (const step of [0, day, 31 * day]) {
      test.clock.advance(step + 2)
      const keys = await published()
      expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
      for (const key of keys) {
        const { kid = '', alg = '', use = '' } = key
        expect([kid.length, signingAlgorithms.some((name) => name === alg), use]).toEqual(
          use === 'enc' ? [43, false, 'enc'] : [43, true, 'sig'],
        )
        const members = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use']
        expect(Object.keys(key).filter((member) => !members.includes(member))).toEqual([])
      }
    }
  })

  it('several algorithms at once: each has its own successor, and no other is touched', async () => {
    const made = await rotate('ES256', 'EdDSA')
    expect(made.map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA'])
    test.clock.advance(day)
    const phases = Object.values(await stored())
    expect(phases.filter((phase) => phase === 'current')).toHaveLength(3)
    expect(phases.filter((phase) => phase === 'retired')).toHaveLength(2)
  })

  it('another algorithm: it can be chosen, and is in the metadata, when its key signs', async () => {
    const supported = async () => {
      const { json } = await test.call('GET', `/${test.serviceId}/service/configuration`)
      return json['id_token_signing_alg_values_supported']
    }
    await rotate('ES384')
    seen()
    expect(await supported()).not.toContain('ES384')
    expect(await update({ accessTokenSignAlg: 'ES384' })).toBe(400)
    test.clock.advance(day)
    expect(await supported()).toContain('ES384')
    expect(await update({ accessTokenSignAlg: 'ES384' })).toBe(200)
  })

  it('given a key that is announced, or an algorithm that nobody knows, then a rotation is refused', async () => {
    await rotate('ES256')
    await expect(rotate('ES256')).rejects.toThrow(RotationRefused)
    await expect(rotate()).rejects.toThrow('takes over at 2026-03-02T12:00:00.000Z')
    await expect(rotate('HS256')).rejects.toThrow('HS256 cannot be rotated')
    await expect(rotateKeys(7, chooseAlgorithms([]), parts())).rejects.toThrow('There is no service 7.')
  })

  it('given a key that is chosen by name, then its successor is chosen when it takes over', async () => {
    const [old = ''] = await signers()
    expect(await update({ accessTokenSignatureKeyId: old, idTokenSignatureKeyId: old })).toBe(200)
    const [made] = await rotate('ES256')
    seen()
    expect(await signers()).toEqual([old, old])
    test.clock.advance(day)
    expect(await signers()).toEqual([made?.kid, made?.kid])
    test.clock.advance(31 * day)
    await tend()
    seen()
    expect(await signers()).toEqual([made?.kid, made?.kid])
    expect(await update({ serviceName: 'Changed later' })).toBe(200)
  })
})

describe('RFC 9111 §5.2.2.1: what the front-end says about the published keys and the metadata', () => {
  it.each(['/oauth/jwks', '/.well-known/openid-configuration'])(
    '%s is stale well before a key can take over that is not in it',
    async (path) => {
      const { headers } = await fetch(inject('issuer') + path)
      const [, maxAge] = /max-age=(\d+)/.exec(headers.get('cache-control') ?? '') ?? []
      // The registry of the engine may be a second behind; clocks differ by ten at most, FAPI 2.0 §5.3.2.1.
      expect(Number(maxAge) + 1 + 2 * 10).toBeLessThan(90)
    },
  )
})

describe('RFC 7517 §4.2: the life of a key that others encrypt to', () => {
  it('it decrypts from its beginning, is published when it takes over, and decrypts on when it is published no more', async () => {
    const registry = createRegistry(test.storage, test.clock.now)
    const shown = async () => (await published()).filter(({ alg }) => alg === 'ECDH-ES').map(({ kid }) => kid)
    const decrypting = async () => (await registry.findService(test.serviceId))?.decryptionKeys.map(({ kid }) => kid)
    const [old] = await shown()
    const [made] = await rotate('ECDH-ES')
    seen()
    expect(await shown()).toEqual([old])
    expect(await decrypting()).toEqual(expect.arrayContaining([old, made?.kid]))
    test.clock.advance(day)
    expect(await shown()).toEqual([made?.kid])
    expect(await decrypting()).toEqual(expect.arrayContaining([old, made?.kid]))
  })
})

describe('What follows from a key goes on when it changes', () => {
  it('RFC 9449 §8: a nonce that was given out before the takeover is good after it', async () => {
    await rotate()
    test.clock.advance(day - 1)
    const key = await makeProofKey()
    const send = async (nonce?: string) => {
      const request = { htm: 'POST', htu: testEndpoints.tokenEndpoint, now: test.clock.now() }
      const dpop = await key.prove({ ...request, ...(nonce !== undefined && { nonce }) })
      const parameters = { grant_type: 'client_credentials', scope: 'notes:read' }
      return engine.token(parameters, client, { dpop, dpopNonceRequired: true })
    }
    const refused = await send()
    expect(errorOf(refused)).toBe('use_dpop_nonce')
    test.clock.advance(1)
    expect((await send(refused.dpopNonce)).action).toBe('OK')
  })

  it('RFC 9700 §4.14.2: a refresh before the takeover is repeated after it, with the same tokens', async () => {
    await test.close()
    await open({ refreshTokenIdempotent: true })
    const { refresh_token = '' } = await engine.obtainTokens(client)
    await rotate()
    // The first key of the set, which secrets follow from, is another one a second later.
    test.clock.advance(day - 1)
    const first = tokensOf(await engine.token({ grant_type: 'refresh_token', refresh_token }, client))
    test.clock.advance(1)
    const again = tokensOf(await engine.token({ grant_type: 'refresh_token', refresh_token }, client))
    expect(again.refresh_token).toBe(first.refresh_token)
  })
})

describe('What an operator sets', () => {
  it('given the settings as service/get shows them, when they are sent back, then every key stands where it stood', async () => {
    await rotate()
    seen()
    const before = await stored()
    expect(await update(await shown())).toBe(200)
    expect(await stored()).toEqual(before)
  })

  it('given the keys as service/jwks/get shows them to whoever may replace them, then so it is', async () => {
    await rotate('ES256')
    const before = await stored()
    const { json } = await test.call('GET', `/${test.serviceId}/service/jwks/get?includePrivateKeys=true`)
    expect(JSON.stringify(json)).not.toContain('takes_over_at')
    expect(await update({ jwks: JSON.stringify(json) })).toBe(200)
    expect(await stored()).toEqual(before)
  })

  it('given a set without the key that signs, then it is refused while the next one is only announced', async () => {
    const [made] = await rotate('ES256')
    seen()
    const keys = (await published()).filter(({ alg, kid }) => alg !== 'ES256' || kid === made?.kid)
    expect(await update({ jwks: JSON.stringify({ keys }) })).toBe(400)
    test.clock.advance(day)
    expect(await update({ jwks: JSON.stringify({ keys }) })).toBe(200)
  })

  it.each([
    [{ publish_ahead: 89 }],
    [{ publish_ahead: 2_592_001 }],
    [{ rotate_every: day - 1 }],
    [{ rotate_every: 200, publish_ahead: 201 }],
    [{ keep: 659 }],
    [{ keep: -1 }],
    [{ keep: 1e21 }],
  ])('given %j, then 400', async (values) => {
    expect(await update(rules(values))).toBe(400)
  })

  it('given the least of each, then they are kept', async () => {
    expect(await update(rules({ publish_ahead: 90, rotate_every: 90, keep: 660 }))).toBe(200)
    expect(await update({ ...rules({ keep: 660 }), accessTokenDuration: 3600 })).toBe(400)
  })
})

describe('Keys on schedule', () => {
  it('given no schedule, then nothing changes by itself', async () => {
    const before = await stored()
    test.clock.advance(365 * day)
    await tend()
    expect(await stored()).toEqual(before)
  })

  it('given a schedule, then every key has a successor that takes over when it is due, and never two', async () => {
    expect(await update(rules({ rotate_every: 10 * day }))).toBe(200)
    const count = Object.keys(await stored()).length
    test.clock.advance(9 * day - 1)
    await tend()
    expect(Object.keys(await stored())).toHaveLength(count)
    test.clock.advance(1)
    await tend()
    await tend()
    const phases = await stored()
    expect(Object.values(phases).filter((phase) => phase === 'announced')).toHaveLength(count)
    expect(Object.keys(phases)).toHaveLength(2 * count)
    // Ten days later the next ones are there.
    test.clock.advance(10 * day)
    await tend()
    expect(Object.keys(await stored())).toHaveLength(3 * count)
  })

  it('given several processes that look at the same time, then one of them makes the change', async () => {
    await update(rules({ rotate_every: day }))
    const count = Object.keys(await stored()).length
    test.clock.advance(day)
    await Promise.all([tend(), tend(), tend()])
    expect(Object.keys(await stored())).toHaveLength(2 * count)
  })

  it('given a change of settings at the same time, then neither is lost', async () => {
    await update(rules({ rotate_every: day }))
    const count = Object.keys(await stored()).length
    test.clock.advance(day)
    const changes = Array.from({ length: 8 }, (_, n) =>
      update({ ...rules({ rotate_every: day }), description: `${n}` }),
    )
    await Promise.all([tend(), ...changes])
    const service = await test.storage.findService(test.serviceId)
    expect(Object.keys(await stored())).toHaveLength(2 * count)
    expect(service?.settings.description).toMatch(/^\d$/)
  })

  it('looks at once when it starts, and is over when it was stopped', async () => {
    await update(rules({ rotate_every: day }))
    const count = Object.keys(await stored()).length
    test.clock.advance(day)
    const log = { error: (details: object) => test.failures.push(details) }
    // Until the first key is stored: a stop lets it finish.
    const schedule = startKeySchedule({ ...parts(), log })
    while (Object.keys(await stored()).length === count) await new Promise(setImmediate)
    await schedule.stop()
    expect(Object.keys(await stored())).toHaveLength(2 * count)
  })

  it('given a storage that fails, then it is told, and the next round tries again', async () => {
    const told: object[] = []
    const storage = { ...test.storage, listServices: () => Promise.reject(new Error('gone')) }
    await tendKeys({ storage, now: test.clock.now, log: { error: (details) => told.push(details) } })
    expect(told).toHaveLength(1)
  })

  it('given a service that is older than the schedule, then its keys are due', async () => {
    const service = await test.storage.findService(test.serviceId)
    if (!service) throw new Error('no service')
    const settings = { ...service.settings, ...rules({ rotate_every: day }) }
    expect(algorithmsDue({ ...service, settings }, test.clock.now())).toHaveLength(3)
    expect(settings.issuer).toBe(testIssuer)
  })
})
