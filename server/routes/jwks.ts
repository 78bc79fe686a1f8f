import type { RequestHandler } from 'express'
import { ask } from '../../sdk/engine.ts'
import type { FrontEnd } from '../front-end.ts'
import { sendMetadata } from '../respond.ts'

/** GET /oauth/jwks — RFC 7517 §5: the public keys that verify what the engine signs. */
export function jwks({ engine, service }: FrontEnd): RequestHandler {
  return async (_req, res) => {
    const call = engine.GET('/api/{serviceId}/service/jwks/get', { params: { path: service }, parseAs: 'text' })
    const { response } = await call
    // 204: a service that signs nothing has no keys.
    sendMetadata(res, response.status === 204 ? '{"keys":[]}' : await ask(call))
  }
}
