import type { Context } from '../context.ts'

/** GET /api/lifecycle/healthcheck: `OK` when the engine can read its storage. */
export async function lifecycleHealthcheck({ storage }: Context): Promise<string> {
  await storage.ping()
  return 'OK'
}
