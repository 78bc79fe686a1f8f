import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Service } from '../../sdk/types.ts'
import { createTestDatabase } from '../postgres.ts'
import type { RegisteredTestClient } from './conversation.ts'
import { errorOf, tokensOf } from './conversation.ts'
import type { EngineProcess } from './engine-process.ts'
import { startEngine } from './engine-process.ts'

/*
 * Two processes on one PostgreSQL. Each test has a service of its own settings, told to both; what a process remembers of a service is a
 * second old at most, and a new one has nothing to remember.
 */

const serviceId = '1000001'

let folder: string
let databaseUrl: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-refresh-'))
  databaseUrl = await createTestDatabase(inject('postgresUrl'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Processes that read the settings when they start. */
async function withProcesses(settings: Service, use: (processes: EngineProcess[]) => Promise<void>): Promise<void> {
  const start = () => startEngine(folder, { ENGINE_DATABASE_URL: databaseUrl })
  const first = await start()
  const params = { path: { serviceId } }
  const current = await ask(first.api.GET('/api/{serviceId}/service/get', { params }))
  await ask(first.api.POST('/api/{serviceId}/service/update', { params, body: { ...current, ...settings } }))
  const processes = [first, await start()]
  try {
    await use(processes)
  } finally {
    await Promise.all(processes.map((engine) => engine.stop()))
  }
}

async function begin({ engine }: EngineProcess): Promise<{ client: RegisteredTestClient; refresh_token: string }> {
  const client = await engine.registerClient()
  const parameters = { scope: 'openid notes:read' }
  const { refresh_token = '' } = await engine.obtainTokens(client, { parameters })
  return { client, refresh_token }
}

function refresh({ engine }: EngineProcess, client: RegisteredTestClient, refresh_token: string) {
  return engine.token({ grant_type: 'refresh_token', refresh_token }, client)
}

/** A hundred requests with one refresh token, half of them at each process. */
async function storm(processes: EngineProcess[], client: RegisteredTestClient, refresh_token: string) {
  const [one, two = one] = processes
  if (!one || !two) throw new Error('no engine')
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => refresh(index % 2 === 0 ? one : two, client, refresh_token)),
  )
  return { one, two, answers }
}

function pairOf(answer: Parameters<typeof tokensOf>[0]): string {
  const { access_token, refresh_token = '' } = tokensOf(answer)
  return `${access_token} ${refresh_token}`
}

/** What docs/refresh-tokens.md says of such a storm: how many were served, and how many different pairs of tokens there were. */
async function documented(kind: string): Promise<number[]> {
  const document = await readFile(join(import.meta.dirname, '../../docs/refresh-tokens.md'), 'utf8')
  const [, served, pairs] = new RegExp(`^\\| ${kind} +\\| (\\d+) +\\| (\\d+) `, 'm').exec(document) ?? []
  return [Number(served), Number(pairs)]
}

describe('RFC 6749 §6: a hundred refreshes of one token, over two processes on one PostgreSQL', () => {
  it('strict rotation: one success, the others are refused, and the family is revoked', async () => {
    await withProcesses({ refreshTokenIdempotent: false }, async (processes) => {
      const [first] = processes
      if (!first) throw new Error('no engine')
      const { client, refresh_token } = await begin(first)
      const { one, two, answers } = await storm(processes, client, refresh_token)
      const won = answers.filter(({ action }) => action === 'OK')
      expect(await documented('strict rotation')).toEqual([won.length, new Set(won.map(pairOf)).size])
      expect(won).toHaveLength(1)
      for (const answer of answers) if (answer.action !== 'OK') expect(errorOf(answer)).toBe('invalid_grant')
      for (const winner of won) {
        const tokens = tokensOf(winner)
        for (const { engine } of [one, two]) {
          expect(await engine.introspect(tokens.access_token)).toEqual({ active: false })
        }
        expect(errorOf(await refresh(two, client, tokens.refresh_token ?? ''))).toBe('invalid_grant')
      }
    })
  })

  it('idempotent: a hundred answers with one and the same successor, which works', async () => {
    await withProcesses({ refreshTokenIdempotent: true }, async (processes) => {
      const [first] = processes
      if (!first) throw new Error('no engine')
      const { client, refresh_token } = await begin(first)
      const { one, two, answers } = await storm(processes, client, refresh_token)
      const pairs = new Set(answers.map(pairOf))
      const repeats = answers.filter((answer) => 'previousRefreshTokenUsed' in answer)
      expect(await documented('idempotent')).toEqual([answers.length, pairs.size])
      expect(pairs.size).toBe(1)
      expect(repeats).toHaveLength(99)
      const [pair = ''] = pairs
      const [access_token = '', successor = ''] = pair.split(' ')
      expect((await two.engine.introspect(access_token))['active']).toBe(true)
      expect((await refresh(one, client, successor)).action).toBe('OK')
    })
  })
})

describe('RFC 7009 §2.1: all of a subject is revoked at one process, while eight clients refresh at both', () => {
  it('afterwards nothing of that subject is active anywhere, and nothing can be refreshed', async () => {
    await withProcesses({ refreshTokenIdempotent: true }, async ([one, two]) => {
      if (!one || !two) throw new Error('no engines')
      const begun = await Promise.all(Array.from({ length: 8 }, () => begin(one)))
      const own = await one.engine.registerClient()
      const other = await one.engine.obtainTokens(own, { subject: 'subject-2', parameters: { scope: 'notes:read' } })
      const seen: { access: string[]; last: string; refreshes: number }[] = []
      const refreshing = begun.map(async ({ client, refresh_token }, index) => {
        const access: string[] = []
        const state = { access, last: refresh_token, refreshes: 0 }
        seen.push(state)
        // As long as it is served: the revocation ends it.
        for (;;) {
          const answer = await refresh((index + state.refreshes) % 2 === 0 ? one : two, client, state.last)
          if (answer.action !== 'OK') return errorOf(answer)
          const { access_token, refresh_token: next = '' } = tokensOf(answer)
          state.access.push(access_token)
          state.last = next
          state.refreshes += 1
        }
      })
      // In the middle, by count and not by time.
      while (seen.length < 8 || seen.some(({ refreshes }) => refreshes < 3)) await setImmediate()
      const body = { subject: 'subject-1' }
      const { count } = await ask(
        one.api.POST('/api/{serviceId}/auth/token/revoke', { params: { path: { serviceId } }, body }),
      )
      // What is under way may still be answered; it brings nothing that lives.
      expect(await Promise.all(refreshing)).toEqual(Array(8).fill('invalid_grant'))
      const tokens = seen.flatMap(({ access }) => access)
      expect(count).toBeGreaterThan(0)
      for (const { engine } of [one, two]) {
        const answers = await Promise.all(tokens.map((token) => engine.introspect(token)))
        for (const answer of answers) expect(answer).toEqual({ active: false })
        expect((await engine.introspect(other.access_token))['active']).toBe(true)
      }
      for (const [index, { client }] of begun.entries()) {
        expect(errorOf(await refresh(two, client, seen[index]?.last ?? ''))).toBe('invalid_grant')
      }
    })
  })
})

describe('RFC 9700 §4.14.2: a process is killed while it answers', () => {
  it('after the answer: the other one repeats it, with the same tokens', async () => {
    await withProcesses({ refreshTokenIdempotent: true }, async ([one, two]) => {
      if (!one || !two) throw new Error('no engines')
      const { client, refresh_token } = await begin(one)
      const tokens = tokensOf(await refresh(one, client, refresh_token))
      await one.kill()
      const again = await refresh(two, client, refresh_token)
      expect(again).toMatchObject({ previousRefreshTokenUsed: true, accessToken: tokens.access_token })
      expect(tokensOf(again).refresh_token).toBe(tokens.refresh_token)
      expect((await two.engine.introspect(tokens.access_token))['active']).toBe(true)
    })
  })

  it('amid many: whatever was spent and not answered is answered by the other one, and every answer holds', async () => {
    await withProcesses({ refreshTokenIdempotent: true }, async ([one, two]) => {
      if (!one || !two) throw new Error('no engines')
      const begun = await Promise.all(Array.from({ length: 24 }, () => begin(one)))
      const inFlight = begun.map(({ client, refresh_token }) =>
        refresh(one, client, refresh_token).catch(() => undefined),
      )
      // In the middle, by count and not by time.
      await Promise.race(inFlight)
      await one.kill()
      const answers = await Promise.all(inFlight)
      for (const [index, { client, refresh_token }] of begun.entries()) {
        const again = tokensOf(await refresh(two, client, refresh_token))
        const before = answers[index]
        if (before) expect(again).toMatchObject({ access_token: tokensOf(before).access_token })
        expect((await two.engine.introspect(again.access_token))['active']).toBe(true)
        expect((await refresh(two, client, again.refresh_token ?? '')).action).toBe('OK')
      }
    })
  })
})
