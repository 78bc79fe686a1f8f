import type { RequestHandler, Response } from 'express'
import { ask } from '../../sdk/engine.ts'
import type { ActionTable } from '../../sdk/types.ts'
import { parseClientCredentials } from '../credentials.ts'
import { readForm } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { challenge, perform, sendJson } from '../respond.ts'

/** POST /oauth/token — RFC 6749 §3.2. The engine decides; this file only speaks HTTP. */
export function token({ engine, service }: FrontEnd): RequestHandler {
  return async (req, res) => {
    const body = { parameters: await readForm(req), ...parseClientCredentials(req.headers.authorization) }
    const answer = await ask(engine.POST('/api/{serviceId}/auth/token', { params: { path: service }, body }))
    perform(respond, answer, res)
  }
}

const respond: ActionTable<'auth_token_api', [res: Response], void> = {
  OK: ({ responseContent }, res) => {
    sendJson(res, 200, responseContent)
  },
  // OIDC Core §12.2 lets a refresh response come without a new ID token.
  ID_TOKEN_REISSUABLE: ({ responseContent }, res) => {
    sendJson(res, 200, responseContent)
  },
  BAD_REQUEST: ({ responseContent }, res) => {
    sendJson(res, 400, responseContent)
  },
  INVALID_CLIENT: ({ responseContent }, res) => {
    sendJson(challenge(res, 'token'), 401, responseContent)
  },
  INTERNAL_SERVER_ERROR: ({ responseContent }, res) => {
    sendJson(res, 500, responseContent)
  },
  // RFC 9700 §2.4: passwords are for this server's own login page.
  PASSWORD: refuseGrantType,
  // These three need decisions that only an adopter can take: whom to trust for which tokens.
  TOKEN_EXCHANGE: refuseGrantType,
  JWT_BEARER: refuseGrantType,
  NATIVE_SSO: refuseGrantType,
}

function refuseGrantType(_answer: unknown, res: Response): void {
  sendJson(
    res,
    400,
    '{"error":"unsupported_grant_type","error_description":"This server does not offer the grant type"}',
  )
}
