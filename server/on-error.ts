import { randomBytes } from 'node:crypto'
import type { ErrorRequestHandler, Request, Response } from 'express'
import { z } from 'zod'
import { EngineError } from '../sdk/engine.ts'
import type { FrontEnd } from './front-end.ts'
import { isOutage } from './outage.ts'
import type { ErrorPage } from './pages.ts'
import { Refusal } from './refusal.ts'
import { forbidStoring } from './respond.ts'
import { clientView, pageFrame, showPage } from './show-page.ts'

/** The edge of the protocol endpoints: RFC 6749 §5.2, JSON for programs. */
export function onProtocolError({ log }: FrontEnd): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const { refusal } = refusalFor(error, req, log)
    if (res.headersSent) next(error)
    else sendRefusal(res, refusal)
  }
}

/** The edge of everything that people see: a page, or JSON for those who prefer it. */
export function onPageError(frontEnd: FrontEnd): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    const { refusal, requestId } = refusalFor(error, req, frontEnd.log)
    if (error instanceof Refusal) {
      // The person is shown the same number, and may tell it to somebody who reads the log.
      const { status, details } = error
      const entry = { requestId, status, error: details.error, resultCode: details.resultCode }
      frontEnd.log[status < 500 ? 'info' : 'error'](entry, 'An error page')
    }
    if (res.headersSent) next(error)
    else if (req.accepts(['html', 'json']) === 'json') sendRefusal(res, refusal)
    else await showRefusal(frontEnd, req, res, refusal, requestId)
  }
}

function sendRefusal(res: Response, { status, details }: Refusal): void {
  const { error, description, moreUri } = details
  const body = { error, error_description: description, ...(moreUri !== undefined && { error_uri: moreUri }) }
  forbidStoring(res)
    .status(status)
    .set(details.headers ?? {})
    .json(body)
}

async function showRefusal(
  frontEnd: FrontEnd,
  req: Request,
  res: Response,
  { status, details }: Refusal,
  requestId: string,
): Promise<void> {
  const frame = pageFrame(frontEnd, req)
  const retryAfter = Number(details.headers?.['Retry-After'])
  const page: ErrorPage = {
    ...frame,
    kind: details.page ?? pageFor(status),
    client: details.client && clientView(details.client, frame.lang, frontEnd.logos),
    error: details.error,
    errorDescription: details.description,
    resultCode: details.resultCode,
    moreUri: details.moreUri,
    requestId,
    time: frontEnd.now(),
    retryAfterSeconds: Number.isNaN(retryAfter) ? undefined : retryAfter,
    howToFix: frontEnd.config.production ? undefined : details.howToFix,
  }
  res.set(details.headers ?? {})
  await showPage(res, status, 'error', page)
}

function pageFor(status: number): ErrorPage['kind'] {
  return pagesByStatus.get(status) ?? (status >= 500 ? 'server' : 'request')
}

const pagesByStatus = new Map<number, ErrorPage['kind']>([
  [403, 'forged'],
  [404, 'not-found'],
  [405, 'method-not-allowed'],
  [413, 'too-large'],
  [429, 'too-many'],
])

/** What the outside is told. Refusals say why; everything else is logged, once and here, and says nothing. */
function refusalFor(error: unknown, req: Request, log: FrontEnd['log']): { refusal: Refusal; requestId: string } {
  const requestId = randomBytes(8).toString('hex')
  if (error instanceof Refusal) return { refusal: error, requestId }
  const badAddress = error instanceof EngineError ? undefined : badAddressOfExpress.safeParse(error).data
  if (badAddress) {
    const description = 'The address cannot be read'
    return { refusal: new Refusal(badAddress.status, { error: 'invalid_request', description }), requestId }
  }
  // The path may hold the id of an interaction, and a query anything: the pattern of the route says enough.
  const route: unknown = z.object({ path: z.string() }).safeParse(req.route).data?.path
  log.error({ requestId, method: req.method, route, failure: describe(error) }, 'A request failed')
  return { refusal: isOutage(error) ? unavailable() : serverError(), requestId }
}

/** What Express throws when it cannot decode an address. */
const badAddressOfExpress = z.object({ status: z.number().int().min(400).max(499) })

/** The parts of an error that hold no data: databases put rows into theirs. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error }
  // Not `code`, which the log keeps secret: it could be an authorization code.
  const errorCode = 'code' in error ? error.code : undefined
  const { name, message, stack, cause } = error
  const resultCode = error instanceof EngineError ? error.resultCode : undefined
  return { name, message, errorCode, resultCode, stack, ...(cause !== undefined && { cause: describe(cause) }) }
}

function unavailable(): Refusal {
  return new Refusal(503, {
    error: 'temporarily_unavailable',
    description: 'The server cannot answer at this moment',
    headers: { 'Retry-After': '5' },
  })
}

function serverError(): Refusal {
  return new Refusal(500, { error: 'server_error', description: 'The server failed' })
}
