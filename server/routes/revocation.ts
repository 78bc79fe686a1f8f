import type { RequestHandler, Response } from 'express'
import { ask } from '../../sdk/engine.ts'
import type { ActionTable } from '../../sdk/types.ts'
import { readClientCertificate } from '../client-certificate.ts'
import { parseClientCredentials } from '../credentials.ts'
import { readForm } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { challenge, forbidStoring, perform, sendJson } from '../respond.ts'

/** POST /oauth/revoke — RFC 7009 §2. */
export function revocation({ engine, service, config }: FrontEnd): RequestHandler {
  return async (req, res) => {
    const body = {
      parameters: await readForm(req),
      ...parseClientCredentials(req.headers.authorization),
      ...readClientCertificate(req, config),
    }
    const answer = await ask(engine.POST('/api/{serviceId}/auth/revocation', { params: { path: service }, body }))
    perform(respond, answer, res)
  }
}

const respond: ActionTable<'auth_revocation_api', [res: Response], void> = {
  // §2.2: the status says it all. §2.3 would also allow JSONP; a script from here is more than anybody needs.
  OK: (_answer, res) => {
    forbidStoring(res).status(200).end()
  },
  BAD_REQUEST: ({ responseContent }, res) => {
    sendJson(res, 400, responseContent)
  },
  INVALID_CLIENT: ({ responseContent }, res) => {
    sendJson(challenge(res, 'revocation'), 401, responseContent)
  },
  INTERNAL_SERVER_ERROR: ({ responseContent }, res) => {
    sendJson(res, 500, responseContent)
  },
}
