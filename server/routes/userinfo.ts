import type { RequestHandler, Response } from 'express'
import { z } from 'zod'
import { ask } from '../../sdk/engine.ts'
import type { ActionTable, AnswerWith } from '../../sdk/types.ts'
import { untagged } from '../claim-language.ts'
import { readBindingCertificate } from '../client-certificate.ts'
import { readAccessToken } from '../credentials.ts'
import { endIfGone } from '../end-of-access.ts'
import type { FrontEnd } from '../front-end.ts'
import { perform, relayDpopNonce, sendChallenge, sendJson, sendJwt } from '../respond.ts'
import { onlyAsAsked } from '../withheld-claims.ts'

/** GET and POST /oauth/userinfo — OIDC Core §5.3. The engine says which claims, our users have them, the engine wraps them up. */
export function userinfo(frontEnd: FrontEnd): RequestHandler {
  const { engine, service, config, origin } = frontEnd
  return async (req, res) => {
    const { accessToken: token, proof } = await readAccessToken(req, origin)
    const body = { token, ...proof, ...readBindingCertificate(req, config) }
    const answer = await ask(engine.POST('/api/{serviceId}/auth/userinfo', { params: { path: service }, body }))
    relayDpopNonce(res, answer)
    await perform(respond, answer, res, frontEnd)
  }
}

interface Refused {
  responseContent: string
}

/** RFC 6750 §3: both calls may refuse, and both say so in a challenge. */
const challenges = {
  BAD_REQUEST: ({ responseContent }: Refused, res: Response) => {
    sendChallenge(res, 400, responseContent)
  },
  UNAUTHORIZED: ({ responseContent }: Refused, res: Response) => {
    sendChallenge(res, 401, responseContent)
  },
  FORBIDDEN: ({ responseContent }: Refused, res: Response) => {
    sendChallenge(res, 403, responseContent)
  },
  INTERNAL_SERVER_ERROR: ({ responseContent }: Refused, res: Response) => {
    sendChallenge(res, 500, responseContent)
  },
}

const respond: ActionTable<'auth_userinfo_api', [res: Response, frontEnd: FrontEnd], Promise<void> | void> = {
  OK: issueClaims,
  ...challenges,
}

async function issueClaims(
  { token, subject, claims: names = [], userInfoClaims, consentedClaims }: AnswerWith<'auth_userinfo_api', 'OK'>,
  res: Response,
  frontEnd: FrontEnd,
): Promise<void> {
  const { engine, service, users } = frontEnd
  // §5.2: whoever agreed to `name` agreed to `name#ja`, unless that was asked for by name: then it had an answer of its own.
  const byName = new Set(
    userInfoClaims === undefined ? [] : Object.keys(claimsMember.parse(JSON.parse(userInfoClaims))),
  )
  const isConsented = (name: string) =>
    consentedClaims === undefined ||
    consentedClaims.includes(name) ||
    (!byName.has(name) && consentedClaims.includes(untagged(name)))
  const known = await users.claims(subject, names.filter(isConsented))
  // Who has claims is here. If they are gone, the token ends now, and the engine refuses it below in its own words.
  if (Object.keys(known).length === 0) await endIfGone(frontEnd, subject)
  // §5.5.1: a value may have changed since the person agreed, and is then not what was asked for.
  const claims = JSON.stringify(onlyAsAsked(known, userInfoClaims))
  const body = { token, claims }
  const answer = await ask(engine.POST('/api/{serviceId}/auth/userinfo/issue', { params: { path: service }, body }))
  perform(respondWithClaims, answer, res)
}

const claimsMember = z.record(z.string(), z.unknown())

const respondWithClaims: ActionTable<'auth_userinfo_issue_api', [res: Response], void> = {
  JSON: ({ responseContent }, res) => {
    sendJson(res, 200, responseContent)
  },
  JWT: ({ responseContent }, res) => {
    sendJwt(res, 'application/jwt', responseContent)
  },
  ...challenges,
}
