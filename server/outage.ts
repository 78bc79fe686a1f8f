import { EngineError } from '../sdk/engine.ts'

/** Says whether an error may pass by itself: the engine or the database cannot be reached, is full, or asks for time. */
export function isOutage(error: unknown): boolean {
  if (error instanceof EngineError) return error.status === 429 || error.status >= 502
  if (!(error instanceof Error)) return false
  // What fetch throws when a connection fails or takes too long, and what pg says when one breaks: these have no code.
  if (error.name === 'TimeoutError' || (error instanceof TypeError && error.message === 'fetch failed')) return true
  if (/^(Connection terminated|timeout exceeded when trying to connect)/.test(error.message)) return true
  if ('errcode' in error && typeof error.errcode === 'number') return outagesOfSqlite.has(error.errcode & 0xff)
  return 'code' in error && typeof error.code === 'string' && outages.test(error.code)
}

/** Codes of the system, and of PostgreSQL: 08 connections, 53 resources, 57P shutdown. */
const outages = /^(ECONN[A-Z]+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|08...|53...|57P..)$/

/** SQLITE_BUSY, LOCKED, IOERR, FULL and CANTOPEN. */
const outagesOfSqlite = new Set([5, 6, 10, 13, 14])
