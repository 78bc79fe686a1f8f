import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Conversation } from './conversation.ts'
import { converse } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'
import { serveFrontEnd } from './front-end-over-engine.ts'

let under: TestEngine
let engine: Conversation
let served: Awaited<ReturnType<typeof serveFrontEnd>>

beforeAll(async () => {
  under = await openTestEngine()
  engine = converse(under)
  served = await serveFrontEnd(under)
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await served.close()
  await under.close()
})

async function authenticate(clientId: string, clientSecret: string): Promise<number> {
  const response = await fetch(`${served.url}/oauth/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'notes:read' }),
  })
  await response.text()
  return response.status
}

/** How many wrong secrets are looked at before the name has to wait. */
async function guess(name: string): Promise<number> {
  let guesses = 0
  while ((await authenticate(name, `wrong-${guesses}`)) === 401) guesses += 1
  return guesses
}

describe('RFC 6749 §10.10: guesses about one client under all of its names', () => {
  it('given the alias and the id, then twenty in a minute, and what only looks like a name is none', async () => {
    const { clientId, numericId, clientSecret } = await engine.registerClient()
    expect((await guess(clientId)) + (await guess(String(numericId)))).toBe(20)
    for (const name of [`0${numericId}`, ` ${clientId}`, `${clientId}%20`, `+${numericId}`, clientId.toUpperCase()]) {
      expect([name, await authenticate(name, clientSecret)]).toEqual([name, 401])
    }
    expect(await authenticate(clientId, clientSecret)).toBe(429)
    under.clock.advance(61)
    expect(await authenticate(clientId, clientSecret)).toBe(200)
  })
})
