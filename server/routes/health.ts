import type { RequestHandler } from 'express'
import { ask } from '../../sdk/engine.ts'
import { query, statement } from '../database/database.ts'
import type { FrontEnd } from '../front-end.ts'
import { sendJson } from '../respond.ts'

/** GET /healthz — the process runs and answers. */
export function alive(): RequestHandler {
  return (_req, res) => {
    sendJson(res, 200, '{"status":"ok"}')
  }
}

/** GET /readyz — the database and the engine can be reached, so that people may be sent here. */
export function ready({ engine, database }: FrontEnd): RequestHandler {
  return async (_req, res) => {
    await database.read(query(ping))
    await ask(engine.GET('/api/lifecycle/healthcheck', { parseAs: 'text' }))
    sendJson(res, 200, '{"status":"ok"}')
  }
}

const ping = statement('front-end.ping', 'SELECT 1 AS pong')
