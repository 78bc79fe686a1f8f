import { createHash } from 'node:crypto'
import type { Response } from 'express'

/**
 * Does what the answer's `action` says. The table must know every action of the operation, so a new one in `spec/` stops
 * the compiler until somebody has decided what it means over HTTP.
 */
export function perform<Answers extends object, Name extends keyof Answers, Context extends unknown[], Result>(
  table: { [Action in keyof Answers]: (answer: Answers[Action], ...context: Context) => Result },
  answer: Answers[Name] & { action: Name },
  ...context: Context
): Result {
  return table[answer.action](answer, ...context)
}

/** RFC 6749 §5.1: nothing that carries a token, a code or a credential may be kept by anybody on the way. */
export function forbidStoring(res: Response): Response {
  return res.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' })
}

/** Sends JSON that the engine has written. */
export function sendJson(res: Response, status: number, json: string): void {
  send(res, status, 'application/json', json)
}

/** RFC 8414 §3.2: metadata and keys, which everybody may keep for a minute. A key is announced long before it signs. */
export function sendMetadata(res: Response, json: string): void {
  res.status(200).set({ 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=60' }).end(json)
}

/** Sends a signed answer of the engine, for example `application/jwt`. */
export function sendJwt(res: Response, mediaType: `application/${string}jwt`, jwt: string): void {
  send(res, 200, mediaType, jwt)
}

/** RFC 6750 §3: an error whose content is the challenge. */
export function sendChallenge(res: Response, status: number, challenge: string): void {
  forbidStoring(res).status(status).set('WWW-Authenticate', challenge).end()
}

/** RFC 9449 §8.2: the nonce for the client's next proof goes out with every answer, good or bad. */
export function relayDpopNonce(res: Response, { dpopNonce }: { dpopNonce?: string }): void {
  if (dpopNonce !== undefined) res.set('DPoP-Nonce', dpopNonce)
}

/** RFC 6749 §5.2: a client that authenticated in a header is told which scheme this server takes. */
export function challenge(res: Response, realm: string): Response {
  return res.req.headers.authorization === undefined ? res : res.set('WWW-Authenticate', `Basic realm="${realm}"`)
}

/** RFC 9700 §4.12: 303, so that no browser posts a password again where it is sent. The URI goes out as it is. */
export function redirect(res: Response, uri: string): void {
  forbidStoring(res).status(303).set('Location', uri).end()
}

/**
 * OAuth 2.0 Form Post Response Mode §2: the engine's page, which submits itself. The policy lets exactly its one handler run.
 * There is no form-action: it would also forbid wherever the client redirects to afterwards.
 */
export function sendFormPost(res: Response, html: string): void {
  res.set('Content-Security-Policy', formPostPolicy)
  send(res, 200, 'text/html;charset=UTF-8', html)
}

/** The engine's `<body onload="…">`; Authlete's page has the same. */
const submitHandler = 'javascript:document.forms[0].submit()'
const submitHandlerHash = createHash('sha256').update(submitHandler).digest('base64')
const formPostPolicy = [
  "default-src 'none'",
  `script-src 'unsafe-hashes' 'sha256-${submitHandlerHash}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

function send(res: Response, status: number, mediaType: string, body: string): void {
  // As text it goes out in one piece with the headers; Node counts its bytes.
  forbidStoring(res).status(status).set('Content-Type', mediaType).end(body)
}
