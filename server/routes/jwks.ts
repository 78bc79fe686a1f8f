import type { RequestHandler } from 'express'
import { ask, type Engine } from '../../sdk/engine.ts'
import { rememberForASecond } from '../for-a-second.ts'
import type { FrontEnd } from '../front-end.ts'
import { sendMetadata } from '../respond.ts'

/** GET /oauth/jwks — RFC 7517 §5: the public keys that verify what the engine signs. */
export function jwks({ engine, service, now }: FrontEnd): RequestHandler {
  const keySetOf = rememberForASecond((serviceId) => askForKeySet(engine, serviceId), now)
  return async (_req, res) => {
    sendMetadata(res, await keySetOf(service.serviceId))
  }
}

async function askForKeySet(engine: Engine, serviceId: string): Promise<string> {
  const call = engine.GET('/api/{serviceId}/service/jwks/get', { params: { path: { serviceId } }, parseAs: 'text' })
  const { response } = await call
  // 204: a service that signs nothing has no keys.
  return response.status === 204 ? '{"keys":[]}' : ask(call)
}
