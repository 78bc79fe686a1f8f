import type { RequestHandler, Response } from 'express'
import { ask } from '../../sdk/engine.ts'
import type { ActionTable } from '../../sdk/types.ts'
import { readBindingCertificate } from '../client-certificate.ts'
import { returnGrant } from '../connected-apps.ts'
import { readAccessToken } from '../credentials.ts'
import type { FrontEnd } from '../front-end.ts'
import { Refusal } from '../refusal.ts'
import { forbidStoring, perform, relayDpopNonce, sendChallenge, sendJson } from '../respond.ts'

/** GET and DELETE /oauth/gm/:id — Grant Management for OAuth 2.0 §6: a client asks what a grant holds, or gives it back. */
export function grantManagement(
  { engine, service, config, database, origin, now }: FrontEnd,
  gmAction: 'QUERY' | 'REVOKE',
): RequestHandler {
  return async (req, res) => {
    const { accessToken, proof } = await readAccessToken(req, origin)
    const { id: grantId } = req.params
    if (typeof grantId !== 'string' || !grantIdCharacters.test(grantId)) {
      throw new Refusal(404, { error: 'not_found', description: 'No grant has an id like this' })
    }
    const body = { gmAction, grantId, accessToken, ...proof, ...readBindingCertificate(req, config) }
    const answer = await ask(engine.POST('/api/{serviceId}/gm', { params: { path: service }, body }))
    // Before the client hears of it: whoever looks at "connected apps" then does not see it any more.
    if (answer.action === 'NO_CONTENT') await returnGrant(database, grantId, now())
    relayDpopNonce(res, answer)
    perform(respond, answer, res)
  }
}

/** §6: the id is part of an address. No engine makes longer ones, and none needs other characters. */
const grantIdCharacters = /^[A-Za-z0-9\-._~]{1,200}$/

const respond: ActionTable<'grant_m_api', [res: Response], void> = {
  OK: ({ responseContent }, res) => {
    sendJson(res, 200, responseContent)
  },
  NO_CONTENT: (_answer, res) => {
    forbidStoring(res).status(204).end()
  },
  UNAUTHORIZED: ({ responseContent }, res) => {
    sendChallenge(res, 401, responseContent)
  },
  FORBIDDEN: ({ responseContent }, res) => {
    sendChallenge(res, 403, responseContent)
  },
  NOT_FOUND: ({ responseContent }, res) => {
    sendJson(res, 404, responseContent)
  },
  CALLER_ERROR: ({ responseContent }, res) => {
    sendJson(res, 500, responseContent)
  },
  AUTHLETE_ERROR: ({ responseContent }, res) => {
    sendJson(res, 500, responseContent)
  },
}
