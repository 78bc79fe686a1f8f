import type { RequestHandler, Response } from 'express'
import { ask } from '../../sdk/engine.ts'
import type { ActionTable } from '../../sdk/types.ts'
import { readClientCertificate } from '../client-certificate.ts'
import { parseClientCredentials, readDpopProof } from '../credentials.ts'
import { readForm } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { challenge, perform, relayDpopNonce, sendJson } from '../respond.ts'

/** POST /oauth/par — RFC 9126 §2. */
export function pushedAuthorization({ engine, service, config, origin }: FrontEnd): RequestHandler {
  return async (req, res) => {
    const body = {
      parameters: await readForm(req),
      ...parseClientCredentials(req.headers.authorization),
      ...readClientCertificate(req, config),
      ...readDpopProof(req, origin),
    }
    const answer = await ask(engine.POST('/api/{serviceId}/pushed_auth_req', { params: { path: service }, body }))
    relayDpopNonce(res, answer)
    perform(respond, answer, res)
  }
}

const respond: ActionTable<'pushed_auth_req_api', [res: Response], void> = {
  CREATED: ({ responseContent }, res) => {
    sendJson(res, 201, responseContent)
  },
  BAD_REQUEST: ({ responseContent }, res) => {
    sendJson(res, 400, responseContent)
  },
  UNAUTHORIZED: ({ responseContent }, res) => {
    sendJson(challenge(res, 'par'), 401, responseContent)
  },
  FORBIDDEN: ({ responseContent }, res) => {
    sendJson(res, 403, responseContent)
  },
  PAYLOAD_TOO_LARGE: ({ responseContent }, res) => {
    sendJson(res, 413, responseContent)
  },
  INTERNAL_SERVER_ERROR: ({ responseContent }, res) => {
    sendJson(res, 500, responseContent)
  },
}
