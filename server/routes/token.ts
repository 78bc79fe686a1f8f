import type { RequestHandler, Response } from 'express'
import { ask } from '../../sdk/engine.ts'
import type { ActionTable, AnswerWith } from '../../sdk/types.ts'
import { readClientCertificate } from '../client-certificate.ts'
import { accessHasEnded } from '../connected-apps.ts'
import { parseClientCredentials, readDpopProof } from '../credentials.ts'
import { endIfGone } from '../end-of-access.ts'
import { readForm } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { challenge, perform, relayDpopNonce, sendJson } from '../respond.ts'

/** POST /oauth/token — RFC 6749 §3.2. The engine decides; this file only speaks HTTP. */
export function token(frontEnd: FrontEnd): RequestHandler {
  const { engine, service, config, origin } = frontEnd
  return async (req, res) => {
    const body = {
      parameters: await readForm(req),
      ...parseClientCredentials(req.headers.authorization),
      ...readClientCertificate(req, config),
      ...readDpopProof(req, origin),
    }
    const answer = await ask(engine.POST('/api/{serviceId}/auth/token', { params: { path: service }, body }))
    relayDpopNonce(res, answer)
    await perform(respond, answer, res, frontEnd)
  }
}

const respond: ActionTable<'auth_token_api', [res: Response, frontEnd: FrontEnd], Promise<void> | void> = {
  OK: sendTokens,
  ID_TOKEN_REISSUABLE: sendTokens,
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

async function sendTokens(
  answer: AnswerWith<'auth_token_api', 'OK' | 'ID_TOKEN_REISSUABLE'>,
  res: Response,
  frontEnd: FrontEnd,
): Promise<void> {
  if (await endIfGone(frontEnd, answer.subject)) {
    refuseGrant(res, 'The person has no account here any more. There is nobody to ask for access.')
  } else if (await endIfOver(frontEnd, answer)) {
    refuseGrant(res, 'The access that the person allowed has ended. Ask for it anew with an authorization request.')
  } else {
    const { action, responseContent } = answer
    sendJson(res, 200, action === 'OK' ? responseContent : await withNewIdToken(frontEnd, answer))
  }
}

/**
 * OIDC Core §12.2: the same answer with a new ID token, whose claims are what they are now. The tokens are out already, and a refresh may
 * come without an ID token: so if there is none to be had, they go out alone.
 */
async function withNewIdToken(
  { engine, service, users }: FrontEnd,
  answer: AnswerWith<'auth_token_api', 'ID_TOKEN_REISSUABLE'>,
): Promise<string> {
  const { subject, refreshToken, requestedIdTokenClaims: names } = answer
  const accessToken = answer.jwtAccessToken ?? answer.accessToken
  if (accessToken === undefined || refreshToken === undefined) return answer.responseContent
  const claims = subject !== undefined && names ? await users.claims(subject, names) : {}
  const body = {
    accessToken,
    refreshToken,
    ...(names && { claims: JSON.stringify(claims) }),
  }
  const reissued = await ask(engine.POST('/api/{serviceId}/idtoken/reissue', { params: { path: service }, body }))
  return reissued.action === 'OK' ? reissued.responseContent : answer.responseContent
}

/**
 * RFC 6749 §10.4: a person may have allowed access for a while only. Our engine is told and refuses in time, but others know no end of
 * their own for one refresh token: so a refresh that comes too late is undone here, before anybody sees the tokens.
 */
async function endIfOver(
  { engine, service, database, now }: FrontEnd,
  { grantType, subject, clientId }: AnswerWith<'auth_token_api', 'OK' | 'ID_TOKEN_REISSUABLE'>,
): Promise<boolean> {
  if (grantType !== 'REFRESH_TOKEN' || subject === undefined || clientId === undefined) return false
  if (!(await accessHasEnded(database, subject, clientId, now()))) return false
  const path = { ...service, clientId: String(clientId) }
  await ask(
    engine.POST('/api/{serviceId}/client/authorization/delete/{clientId}', { params: { path }, body: { subject } }),
  )
  return true
}

/** RFC 6749 §5.2. */
function refuseGrant(res: Response, description: string): void {
  sendJson(res, 400, JSON.stringify({ error: 'invalid_grant', error_description: description }))
}

function refuseGrantType(_answer: unknown, res: Response): void {
  sendJson(
    res,
    400,
    '{"error":"unsupported_grant_type","error_description":"This server does not offer the grant type"}',
  )
}
