import type { RequestHandler } from 'express'
import { ask } from '../../sdk/engine.ts'
import type { FrontEnd } from '../front-end.ts'
import { sendMetadata } from '../respond.ts'

/** GET /.well-known/openid-configuration, OIDC Discovery §4, and /.well-known/oauth-authorization-server, RFC 8414 §3: one document. */
export function discovery({ engine, service }: FrontEnd): RequestHandler {
  return async (_req, res) => {
    const call = engine.GET('/api/{serviceId}/service/configuration', { params: { path: service }, parseAs: 'text' })
    sendMetadata(res, await ask(call))
  }
}
