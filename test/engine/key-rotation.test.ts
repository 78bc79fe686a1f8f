import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import { readOrMakeEncryptionKey } from '../../server/engine/encryption-key.ts'
import { isJwk } from '../../server/engine/keys.ts'
import { chooseAlgorithms, rotateKeys } from '../../server/engine/keys/rotation.ts'
import { openStorage } from '../../server/engine/storage/sql.ts'
import type { Storage } from '../../server/engine/storage/storage.ts'
import { createTestDatabase } from '../postgres.ts'
import { tokensOf } from './conversation.ts'
import { verifyAgain } from '../second-verifier.ts'
import type { EngineProcess } from './engine-process.ts'
import { startEngine } from './engine-process.ts'
import { fastClock } from './fast-clock.ts'

/*
 * All rules are those of every day, and the clock of all who take part is faster: sixty seconds of a cache and the two minutes from the
 * publication of a key to its first signature are seconds here. Only between two rotations does the test let the clock go on.
 */

const issuer = 'http://localhost:3000'
const params = { path: { serviceId: '1000001' } }
const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const
const rounds = 4
const publishAhead = 120

/** A verifier that keeps the published keys for as long as /oauth/jwks lets it, and never looks before that. */
const cachedForMs = 60_000

const began = Date.now()
const now = fastClock(began)

let folder: string
let processes: EngineProcess[]
let storage: Storage

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-rotation-'))
  const databaseUrl = await createTestDatabase(inject('postgresUrl'))
  const environment = { ENGINE_DATABASE_URL: databaseUrl, FAST_CLOCK_BEGAN: String(began), LOG_LEVEL: 'warn' }
  const program = resolve(import.meta.dirname, 'fast-engine.ts')
  processes = await Promise.all([1, 2].map(() => startEngine(folder, environment, program)))
  storage = await openStorage(databaseUrl, await readOrMakeEncryptionKey(join(folder, '.data')))
  const [first] = processes
  if (!first) throw new Error('no engine')
  const current = await ask(first.api.GET('/api/{serviceId}/service/get', { params }))
  const attributes = [...(current.attributes ?? []), { key: 'keys.publish_ahead', value: String(publishAhead) }]
  const settings = { accessTokenSignAlg: 'ES256' as const, refreshTokenIdempotent: true, attributes }
  await ask(first.api.POST('/api/{serviceId}/service/update', { params, body: { ...current, ...settings } }))
})

afterAll(async () => {
  await storage.close()
  await Promise.all(processes.map((engine) => engine.stop()))
  await rm(folder, { recursive: true, force: true })
})

async function readKeys({ api }: EngineProcess): Promise<unknown[]> {
  return (await ask(api.GET('/api/{serviceId}/service/jwks/get', { params }))).keys
}

/** One who verifies, with `jose` and without it. */
function createVerifier(source: EngineProcess) {
  let cached: { keys: unknown[]; readAt: number } = { keys: [], readAt: -Infinity }
  let reads = 0
  return {
    reads: () => reads,
    /** What is wrong with a token; undefined when nothing is. */
    async problemOf(jwt: string): Promise<string | undefined> {
      if (now().getTime() - cached.readAt >= cachedForMs) {
        const readAt = now().getTime()
        cached = { keys: await readKeys(source), readAt }
        reads += 1
      }
      const { keys } = cached
      try {
        const set = createLocalJWKSet({ keys: keys.filter(isJwk) })
        // When it expires is looked at elsewhere: here it is about signatures.
        await jwtVerify(jwt, set, { issuer, currentDate: new Date(began) })
        verifyAgain(jwt, keys.filter(isJwk))
        return undefined
      } catch (error) {
        return String(error)
      }
    },
  }
}

describe('OIDC Core §10.1.1: keys rotate under load, on two processes with one PostgreSQL', () => {
  it('no verification fails, by verifiers that keep the keys for sixty seconds', { timeout: 240_000 }, async () => {
    const verifiers = processes.map(createVerifier)
    const signers = new Set<string>()
    const problems: string[] = []
    let [isOver, verified, rotations] = [false, 0, 0]

    const verifyEverywhere = async (jwt: string) => {
      signers.add(decodeProtectedHeader(jwt).kid ?? '')
      for (const verifier of verifiers) {
        const problem = await verifier.problemOf(jwt)
        if (problem !== undefined) problems.push(problem)
        verified += 1
      }
    }

    /** Somebody who signs in at one process, and refreshes at the other, twice with the same token. */
    const load = async (idTokenSignAlg: (typeof algorithms)[number], index: number) => {
      const [here, there] = index % 2 === 0 ? processes : processes.toReversed()
      if (!here || !there) throw new Error('no engines')
      const client = await here.engine.registerClient({ idTokenSignAlg })
      let kept: string[] = []
      while (!isOver) {
        const tokens = await here.engine.obtainTokens(client, { parameters: { scope: 'openid notes:read' } })
        const { refresh_token = '' } = tokens
        const refresh = (engine: EngineProcess) =>
          engine.engine.token({ grant_type: 'refresh_token', refresh_token }, client)
        const [one, other] = [tokensOf(await refresh(there)), tokensOf(await refresh(here))]
        if (one.refresh_token !== other.refresh_token) problems.push('a repeated refresh brought another token')
        const jwts = [tokens, one, other].flatMap(({ access_token, id_token = '' }) => [access_token, id_token])
        // Those of the round before as well: the key may have been retired meanwhile.
        for (const jwt of [...kept, ...jwts]) await verifyEverywhere(jwt)
        if (!(await there.engine.introspect(other.access_token))['active'])
          problems.push('an access token is not known')
        kept = jwts
      }
    }

    const rotate = async () => {
      for (let round = 0; round < rounds; round += 1) {
        for (const alg of algorithms) {
          await rotateKeys(1_000_001, chooseAlgorithms([alg]), { storage, now })
          rotations += 1
          await pass((publishAhead + 4) / algorithms.length)
        }
      }
      await pass(publishAhead)
      isOver = true
    }

    await Promise.all([rotate(), ...algorithms.map(load)])
    console.log(
      `${rotations} rotations, ${signers.size} keys signed, ${verified} verifications with two implementations each, ` +
        `${problems.length} failures; the keys were read ${verifiers.map(({ reads }) => reads()).join(' and ')} times`,
    )
    expect(problems).toEqual([])
    expect(signers.size).toBe(algorithms.length * (rounds + 1))
  })
})

/** Lets the fast clock go on. */
async function pass(seconds: number): Promise<void> {
  const until = now().getTime() + seconds * 1000
  while (now().getTime() < until) await setTimeout(20)
}
