import { EngineError } from '../sdk/engine.ts'
import { DatabaseOutage } from './database/outage.ts'

/** Says whether an error may pass by itself: the engine or the database cannot be reached, is full, or asks for time. */
export function isOutage(error: unknown): boolean {
  if (error instanceof EngineError) return error.status === 429 || error.status >= 502
  if (error instanceof DatabaseOutage) return true
  // What fetch throws when a connection fails or takes too long.
  return (
    error instanceof Error &&
    (error.name === 'TimeoutError' || (error instanceof TypeError && error.message === 'fetch failed'))
  )
}
