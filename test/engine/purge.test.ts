import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPurge } from '../../server/engine/purge.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

let engine: TestEngine

beforeAll(async () => {
  engine = await openTestEngine()
})

afterAll(async () => {
  await engine.close()
})

async function push(): Promise<string> {
  const service = `/${engine.serviceId}`
  const client = await engine.call('POST', `${service}/client/create`, {
    body: { redirectUris: ['https://a.example/'] },
  })
  const parameters = new URLSearchParams({
    response_type: 'code',
    redirect_uri: 'https://a.example/',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  const body = {
    parameters: parameters.toString(),
    clientId: String(client.json['clientId']),
    clientSecret: String(client.json['clientSecret']),
  }
  const { json } = await engine.call('POST', `${service}/pushed_auth_req`, { body })
  expect(json['action']).toBe('CREATED')
  return String(json['requestUri'])
}

describe('What expired is removed', () => {
  it('given expired rows, when the purge starts, then it goes on until nothing is left', async () => {
    await push()
    engine.clock.advance(86_400)
    const answers: boolean[] = []
    const swept = new Promise<void>((resolve) => {
      const purge = startPurge({
        storage: {
          async purgeExpired(now) {
            // Row by row, so that one call is never enough.
            const more = await engine.storage.purgeExpired(now, 1)
            answers.push(more)
            if (!more) resolve()
            return more
          },
        },
        now: engine.clock.now,
        log: { error: () => undefined },
      })
      stop = () => purge.stop()
    })
    await swept
    await stop()
    expect(answers).toEqual([true, false])
    expect(await engine.storage.purgeExpired(engine.clock.now(), 100)).toBe(false)
  })

  it('given a storage that fails, then the log is told, and stopping still works', async () => {
    const logged: object[] = []
    const failure = new Error('The disk is on fire.')
    const purge = startPurge({
      storage: { purgeExpired: () => Promise.reject(failure) },
      now: engine.clock.now,
      log: { error: (details) => logged.push(details) },
    })
    await purge.stop()
    expect(logged).toEqual([{ err: failure }])
  })

  let stop: () => Promise<void> = () => Promise.resolve()
})
