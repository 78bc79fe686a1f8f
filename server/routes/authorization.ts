import type { Request, RequestHandler, Response } from 'express'
import { ask } from '../../sdk/engine.ts'
import type { ActionTable } from '../../sdk/types.ts'
import { authorizationRequestFrom, describeDynamicScopes, type AuthorizationRequest } from '../authorization-request.ts'
import { refusalOfEngine } from '../authorization-response.ts'
import { decideWithoutPages } from '../decision.ts'
import { checkFormLimits, formLimits, parseParameters, readForm } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { howToFix } from '../how-to-fix.ts'
import { answer, findStanding, moveOn } from '../interaction-step.ts'
import { beginInteraction } from '../interactions.ts'
import { Refusal } from '../refusal.ts'
import { perform, redirect, sendFormPost } from '../respond.ts'
import { openSession } from '../session.ts'

/** GET /oauth/authorize — RFC 6749 §3.1, OIDC Core §3.1.2.1. The engine reads the request; this front-end meets the person. */
export function authorization(frontEnd: FrontEnd): RequestHandler {
  return (req, res) => startAuthorization(frontEnd, req, res, queryOf(req))
}

/** POST /oauth/authorize — OIDC Core §3.1.2.1: the same request in a form. */
export function postedAuthorization(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const form = await readForm(req)
    const sent = [queryOf(req), form].filter((part) => part !== '').join('&')
    if (req.session.browser !== undefined) {
      await startAuthorization(frontEnd, req, res, sent)
      return
    }
    // The client's page is another site, and a form that it posts carries no SameSite=Lax cookie: whoever is signed in would have to
    // sign in again. A redirect to the same place does carry it.
    // Encoded anew: a header holds ASCII only, a body any bytes.
    const parameters = parseParameters(sent).toString()
    if (parameters.length > formLimits.valueBytes) throw tooLong()
    redirect(res, `${req.path}?${parameters}`)
  }
}

async function startAuthorization(frontEnd: FrontEnd, req: Request, res: Response, parameters: string): Promise<void> {
  checkFormLimits(parameters)
  const { engine, service } = frontEnd
  const body = { parameters }
  const started = await ask(engine.POST('/api/{serviceId}/auth/authorization', { params: { path: service }, body }))
  await perform(respond, started, { frontEnd, req, res, parameters })
}

interface Exchange {
  frontEnd: FrontEnd
  req: Request
  res: Response
  parameters: string
}

const respond: ActionTable<'auth_authorization_api', [exchange: Exchange], Promise<void> | void> = {
  async INTERACTION(accepted, { frontEnd, req, res, parameters }) {
    const request = await describeParameters(frontEnd, authorizationRequestFrom(accepted, parameters))
    const mustChoose = request.prompts.includes('SELECT_ACCOUNT')
    const progress = { authenticatedSubject: undefined, mustChoose }
    const { step } = await findStanding(frontEnd, req, request, progress)
    // Most requests of people who are signed in end here: nothing needs to be kept for them.
    if (step.step === 'issue' || step.step === 'fail') {
      await answer(frontEnd, res, request, step)
      return
    }
    const { browser } = await openSession(req)
    const { database, now } = frontEnd
    const id = await beginInteraction(database, request, browser, now())
    await moveOn(frontEnd, res, { id, request }, step)
  },

  // OIDC Core §3.1.2.1, prompt=none: there is no page, so the answer is known at once.
  async NO_INTERACTION(accepted, { frontEnd, req, res, parameters }) {
    const request = await describeParameters(frontEnd, authorizationRequestFrom(accepted, parameters))
    const progress = { authenticatedSubject: undefined, mustChoose: false }
    const { circumstances } = await findStanding(frontEnd, req, request, progress)
    await answer(frontEnd, res, request, decideWithoutPages(circumstances))
  },

  // RFC 6749 §4.1.2.1: the redirect URI is known to be the client's, so the client is told.
  LOCATION: ({ responseContent }, { res }) => {
    redirect(res, responseContent)
  },
  FORM: ({ responseContent }, { res }) => {
    sendFormPost(res, responseContent)
  },

  // RFC 6749 §4.1.2.1: nobody knows whose the redirect URI is, so the person is told.
  async BAD_REQUEST(refused, { frontEnd, parameters }) {
    throw refusalOfEngine(400, refused, await howToFix(frontEnd, parameters))
  },
  INTERNAL_SERVER_ERROR: (failed) => {
    throw refusalOfEngine(500, failed)
  },
}

/** RFC 6749 §3.3: the engine names the scopes that parameterized values belong to; what they mean stands in the service's settings. */
async function describeParameters(
  { engine, service }: FrontEnd,
  request: AuthorizationRequest,
): Promise<AuthorizationRequest> {
  if (request.dynamicScopes.length === 0) return request
  const settings = await ask(engine.GET('/api/{serviceId}/service/get', { params: { path: service } }))
  return describeDynamicScopes(request, settings)
}

/** The query as it was sent. */
function queryOf(req: Request): string {
  const start = req.originalUrl.indexOf('?')
  return start < 0 ? '' : req.originalUrl.slice(start + 1)
}

function tooLong(): Refusal {
  return new Refusal(413, {
    error: 'invalid_request',
    description: `A request of more than ${formLimits.valueBytes} bytes must be pushed (RFC 9126)`,
  })
}
