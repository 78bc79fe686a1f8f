import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'
import type { ServerProcess } from './server-process.ts'
import { startServer } from './server-process.ts'
import { makeServiceJwks } from './service-keys.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL server on which tests make databases of their own. */
    postgresUrl: string
    /** The authorization server under test. */
    issuer: string
    /** The demo client that is registered with it. */
    demoUrl: string
    /** The demo's resource server. */
    demoApiUrl: string
    /** Private keys for services whose keys are not the point: making them takes long. */
    serviceJwks: string
  }
}

/** Starts what the test files share, once: a database server, and the authorization server unless ISSUER names one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres()
  const server = await findServer().catch(async (error: unknown) => {
    await postgres.stop()
    throw error
  })
  project.provide('postgresUrl', postgres.url)
  project.provide('issuer', server.issuer)
  project.provide('demoUrl', server.demoUrl)
  project.provide('demoApiUrl', server.demoApiUrl)
  project.provide('serviceJwks', await makeServiceJwks())
  return async () => {
    await server.stop()
    await postgres.stop()
  }
}

async function findServer(): Promise<Omit<ServerProcess, 'folder'>> {
  const { ISSUER, TEST_DEMO_URL = 'http://localhost:3001', TEST_DEMO_API_URL = 'http://localhost:3002' } = process.env
  const demo = { demoUrl: TEST_DEMO_URL, demoApiUrl: TEST_DEMO_API_URL }
  if (ISSUER) return { issuer: ISSUER, ...demo, said: [], stop: () => Promise.resolve() }
  // By path: the engine may have been deleted, and then ISSUER must be given.
  const program = resolve(import.meta.dirname, '../server/engine/main.ts')
  if (!existsSync(program))
    throw new Error('There is no server/engine to start. Name the authorization server under test with ISSUER.')
  return startServer(program)
}
