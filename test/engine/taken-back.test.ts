import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import * as oidc from 'openid-client'
import { z } from 'zod'
import { person } from '../flows/person.ts'
import { createTestDatabase } from '../postgres.ts'
import type { ServerProcess } from '../server-process.ts'
import { startServer } from '../server-process.ts'
import type { EngineProcess } from './engine-process.ts'
import { startEngine } from './engine-process.ts'

/*
 * Two processes on one PostgreSQL: a whole server, where a person takes something back under "connected apps", and an engine of its
 * own, which resource servers ask. Nothing tells the second one: what it answers next must show it.
 */

let server: ServerProcess
let other: EngineProcess
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-taken-back-'))
  const databaseUrl = await createTestDatabase(inject('postgresUrl'))
  const program = resolve(import.meta.dirname, '../../server/engine/main.ts')
  // What one of them seals, the other opens.
  const shared = { ENGINE_DATABASE_URL: databaseUrl, ENGINE_ENCRYPTION_KEY: randomBytes(32).toString('hex') }
  server = await startServer(program, shared)
  other = await startEngine(folder, {
    ...shared,
    ISSUER: server.issuer,
    DEMO_PORT: new URL(server.demoUrl).port,
    DEMO_API_PORT: new URL(server.demoApiUrl).port,
  })
})

afterAll(async () => {
  await other.stop()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A person who allowed scopes and a payment, with what the client got. */
async function allow(scopes = ['notes:read', 'notes:write']) {
  const client = await oidc.discovery(
    new URL(server.issuer),
    'demo-web',
    {},
    oidc.ClientSecretBasic('demo-web-secret'),
    { execute: [oidc.allowInsecureRequests] },
  )
  const codeVerifier = oidc.randomPKCECodeVerifier()
  const url = oidc.buildAuthorizationUrl(client, {
    redirect_uri: `${server.demoUrl}/callback`,
    scope: ['openid', ...scopes].join(' '),
    prompt: 'consent',
    authorization_details: JSON.stringify([
      {
        type: 'payment_initiation',
        instructedAmount: { currency: 'EUR', amount: '12.00' },
        creditorName: 'Merchant A',
      },
    ]),
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  })
  const john = person(server.issuer)
  const consent = await john.signIn(await john.visit(url))
  const answer = await john.submit(consent, { scope: scopes, 'detail.0': 'on' }, { name: 'decision', value: 'allow' })
  if (!answer.sentTo) throw new Error('The browser was not sent back to the client.')
  const tokens = await oidc.authorizationCodeGrant(client, answer.sentTo, { pkceCodeVerifier: codeVerifier })
  const apps = await john.visit(`${server.issuer}/apps`)
  const [path = ''] = /\/apps\/\d+/.exec(apps.html) ?? []
  return { client, tokens, john, app: `${server.issuer}${path}` }
}

describe('what a person takes back under "connected apps" is gone on every process at once', () => {
  it('a scope: the next introspection elsewhere and the next refresh lack it', async () => {
    const { client, tokens, john, app } = await allow()
    expect((await other.engine.introspect(tokens.access_token))['scope']).toBe('openid notes:read notes:write')
    await takeBack(john, `${app}/remove?scope=${encodeURIComponent('notes:write')}`)
    expect((await other.engine.introspect(tokens.access_token))['scope']).toBe('openid notes:read')
    const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')
    expect(refreshed.scope).toBe('openid notes:read')
  })

  it('any scopes in any order: each is missing elsewhere as soon as it was removed, and nothing comes back', async () => {
    const optional = ['notes:read', 'notes:write', 'calendar:read', 'payments:send']
    const property = fc.asyncProperty(fc.shuffledSubarray(optional, { minLength: 1 }), async (order) => {
      const { tokens, john, app } = await allow(optional)
      const elsewhere = async () =>
        z
          .string()
          .parse((await other.engine.introspect(tokens.access_token))['scope'])
          .split(' ')
      let left = await elsewhere()
      expect(left).toEqual(['openid', ...optional])
      // What another one includes may have gone with it.
      for (const scope of order) {
        if (!left.includes(scope)) continue
        await takeBack(john, `${app}/remove?scope=${encodeURIComponent(scope)}`)
        const now = await elsewhere()
        expect(now).not.toContain(scope)
        expect(left).toEqual(expect.arrayContaining(now))
        left = now
      }
    })
    await fc.assert(property, { numRuns: 4 })
  })

  it('an authorization detail', async () => {
    const { client, tokens, john, app } = await allow()
    expect((await other.engine.introspect(tokens.access_token))['authorization_details']).toHaveLength(1)
    const detail = /remove\?(detail=[^"]+)"/.exec((await john.visit(app)).html)?.[1] ?? ''
    await takeBack(john, `${app}/remove?${detail}`)
    expect((await other.engine.introspect(tokens.access_token))['authorization_details'] ?? []).toEqual([])
    const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')
    expect(refreshed['authorization_details'] ?? []).toEqual([])
  })

  it('the whole app: no token is active, and none can be refreshed', async () => {
    const { client, tokens, john, app } = await allow()
    await takeBack(john, `${app}/remove`)
    expect(await other.engine.introspect(tokens.access_token)).toEqual({ active: false })
    await expect(oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    expect((await john.visit(app)).status).toBe(404)
  })
})

describe('what the engine remembers and what the person finds on record', () => {
  it('agree: the latest decision, and all of them together', async () => {
    const { client, john, app } = await allow()
    const url = oidc.buildAuthorizationUrl(client, {
      redirect_uri: `${server.demoUrl}/callback`,
      scope: 'openid notes:read calendar:read payments:send',
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    })
    await john.decide(await john.visit(url), 'allow', ['calendar:read'])
    const { subject, records } = record.parse(await (await john.request(`${app}/record.json`)).json())
    const [latest, first] = records
    expect(latest?.granted?.scopes.toSorted()).toEqual(['calendar:read', 'openid'])

    const path = { serviceId: '1000001', clientId: app.split('/').at(-1) ?? '' }
    const { data } = await other.api.POST('/api/{serviceId}/client/granted_scopes/get/{clientId}', {
      params: { path },
      body: { subject },
    })
    expect(data?.latestGrantedScopes?.toSorted()).toEqual(latest?.granted?.scopes.toSorted())
    const all = new Set([...(first?.granted?.scopes ?? []), ...(latest?.granted?.scopes ?? [])])
    expect(data?.mergedGrantedScopes?.toSorted()).toEqual([...all].sort())
  })
})

const record = z.object({
  subject: z.string(),
  records: z.array(z.object({ granted: z.object({ scopes: z.array(z.string()) }).optional() })),
})

async function takeBack(john: ReturnType<typeof person>, confirmation: string): Promise<void> {
  const page = await john.visit(confirmation)
  const forms = page.forms.filter(({ action }) => action.endsWith('/remove'))
  const done = await john.submit({ ...page, forms }, {})
  expect(done.status).toBe(200)
}
