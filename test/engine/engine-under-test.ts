import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { ask, connectEngine } from '../../sdk/engine.ts'
import type { Engine } from '../../sdk/engine.ts'
import type { Scope, Service } from '../../sdk/types.ts'
import { createApiToken, makeCaller } from '../../server/engine/api-authentication.ts'
import { createEngine } from '../../server/engine/engine.ts'
import type { FetchOutbound } from '../../server/outbound/fetch-outbound.ts'
import { openStorage } from '../../server/engine/storage/sql.ts'
import type { ApiRight, Storage } from '../../server/engine/storage/storage.ts'

/** An engine on a database file of its own, with one service. */
export interface TestEngine {
  /** The SDK, connected as a caller that may do everything. */
  engine: Engine
  /** The engine itself. */
  fetch: (request: Request) => Promise<Response>
  /** The API access token of that caller. */
  accessToken: string
  storage: Storage
  clock: Clock
  serviceId: number
  /** A call without the SDK, for what the SDK would never send. The path is what follows `/api`. */
  call: (method: string, path: string, options?: CallOptions) => Promise<Reply>
  /** What went wrong inside the engine: nothing should. */
  failures: unknown[]
  /** Another API access token, by default for the one service. */
  makeAccessToken: (rights: readonly ApiRight[], serviceIds?: readonly number[] | 'all') => Promise<string>
  close: () => Promise<void>
}

export interface CallOptions {
  /** Sent as JSON when it is not text. */
  body?: unknown
  contentType?: string
  /** The API access token; null sends none. */
  accessToken?: string | null
}

export interface Reply {
  status: number
  text: string
  headers: Headers
  /** The text as JSON. */
  json: Record<string, unknown>
}

/** A clock that stands still until it is moved. */
export interface Clock {
  now: () => Date
  advance: (seconds: number) => void
}

export const testIssuer = 'https://as.example'

/** The addresses of the service under test. */
export const testEndpoints = {
  authorizationEndpoint: `${testIssuer}/oauth/authorize`,
  tokenEndpoint: `${testIssuer}/oauth/token`,
  userInfoEndpoint: `${testIssuer}/oauth/userinfo`,
  introspectionEndpoint: `${testIssuer}/oauth/introspect`,
  revocationEndpoint: `${testIssuer}/oauth/revoke`,
  pushedAuthReqEndpoint: `${testIssuer}/oauth/par`,
  jwksUri: `${testIssuer}/oauth/jwks`,
} as const satisfies Service

/** Scopes about people, and two that are about none. */
export const testScopes: Scope[] = [
  { name: 'openid' },
  { name: 'profile' },
  { name: 'email' },
  { name: 'offline_access' },
  { name: 'notes:read' },
  { name: 'notes:write' },
]

/** Opens an engine for one test file. `settings` are those of its service, besides issuer and endpoints; nothing stands at any address unless it is said, and without a key nothing can be sealed. */
export async function openTestEngine(
  settings: Service = {},
  fetchOutbound: FetchOutbound = () => Promise.resolve(undefined),
  encryptionKey?: Uint8Array,
): Promise<TestEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-engine-'))
  const storage = await openStorage(`sqlite:${join(directory, 'engine.sqlite')}`)
  const clock = makeClock()
  const failures: unknown[] = []
  const { token: accessToken, caller } = makeCaller({ id: 'test', rights: ['ADMIN'], serviceIds: 'all' })
  const fetch = createEngine({
    storage,
    now: clock.now,
    fetchOutbound,
    encryptionKey,
    callers: [caller],
    log: { error: (details) => failures.push(details) },
  })
  const engine = connectEngine({ baseUrl: 'http://engine.test', accessToken, fetch })
  const body = {
    issuer: testIssuer,
    serviceName: 'Test service',
    supportedScopes: testScopes,
    ...testEndpoints,
    jwks: inject('serviceJwks'),
    ...settings,
  }
  const { apiKey: serviceId = 0 } = await ask(engine.POST('/api/service/create', { body }))

  return {
    engine,
    fetch,
    accessToken,
    storage,
    clock,
    serviceId,
    failures,
    call: (method, path, options) => call(fetch, accessToken, method, path, options),
    makeAccessToken: (rights, serviceIds = [serviceId]) =>
      createApiToken({ storage, id: `test ${rights.join(' ')}`, rights, serviceIds }),
    async close() {
      await storage.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function call(
  fetch: TestEngine['fetch'],
  defaultToken: string,
  method: string,
  path: string,
  { body, contentType = 'application/json', accessToken = defaultToken }: CallOptions = {},
): Promise<Reply> {
  const headers = new Headers()
  if (accessToken !== null) headers.set('Authorization', `Bearer ${accessToken}`)
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  if (text !== undefined) headers.set('Content-Type', contentType)
  const request = new Request(`http://engine.test/api${path}`, {
    method,
    headers,
    ...(text !== undefined && { body: text }),
  })
  const response = await fetch(request)
  const answer = await response.text()
  return { status: response.status, headers: response.headers, text: answer, json: parseObject(answer) }
}

function parseObject(text: string): Record<string, unknown> {
  if (!text.startsWith('{')) return {}
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function makeClock(): Clock {
  let time = Date.parse('2026-03-01T12:00:00Z')
  return {
    now: () => new Date(time),
    advance: (seconds) => {
      time += seconds * 1000
    },
  }
}
