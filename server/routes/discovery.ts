import type { RequestHandler } from 'express'
import { ask } from '../../sdk/engine.ts'
import { rememberForASecond } from '../for-a-second.ts'
import type { FrontEnd } from '../front-end.ts'
import { sendMetadata } from '../respond.ts'

/** GET /.well-known/openid-configuration, OIDC Discovery §4, and /.well-known/oauth-authorization-server, RFC 8414 §3: one document. */
export function discovery({ engine, service, now }: FrontEnd): RequestHandler {
  const configurationOf = rememberForASecond(
    (serviceId) =>
      ask(engine.GET('/api/{serviceId}/service/configuration', { params: { path: { serviceId } }, parseAs: 'text' })),
    now,
  )
  return async (_req, res) => {
    sendMetadata(res, await configurationOf(service.serviceId))
  }
}
