import type { Request, RequestHandler, Response } from 'express'
import { checkForm } from '../csrf.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import type { Freshness, Identity, PendingSignIn } from '../identity-providers.ts'
import { providerAcr } from '../identity-providers.ts'
import { answer, complete, openInteraction } from '../interaction-step.ts'
import { findInteraction, recordAuthentication } from '../interactions.ts'
import { keepPendingSignIn, takePendingSignIn } from '../pending-sign-ins.ts'
import { Refusal } from '../refusal.ts'
import { redirect } from '../respond.ts'
import { openSession, signIn } from '../session.ts'
import { returnAddress } from './sign-in.ts'

/** POST /interaction/:id/login/:provider — OIDC Core §3.1.2.1: the person signs in elsewhere, and comes back for this request. */
export function providerLogin(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const { interaction, standing } = await openInteraction(frontEnd, req)
    const { id, request } = interaction
    const page = `/interaction/${id}/login`
    if (checkForm(req, fields, frontEnd.config.issuer) === 'stale') {
      redirect(res, page)
      return
    }
    const isAskedAgain = standing.step.step === 'login' && standing.step.reason !== undefined
    const mustAuthenticate = isAskedAgain || request.prompts.includes('LOGIN')
    const freshness = { mustAuthenticate, maxAge: request.maxAge }
    await leave(frontEnd, req, res, freshness, { interactionId: id, returnTo: undefined })
  }
}

/** POST /sign-in/:provider — the same for the pages of this server that are about one person. */
export function providerSignIn(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const returnTo = returnAddress(req)
    if (checkForm(req, fields, frontEnd.config.issuer) === 'stale') {
      redirect(res, signInPage(returnTo))
      return
    }
    await leave(frontEnd, req, res, { mustAuthenticate: false, maxAge: 0 }, { interactionId: undefined, returnTo })
  }
}

/** GET /login/callback/:provider — OIDC Core §3.1.2.5: the browser comes back, with an answer that counts once, for this session and from this provider. */
export function providerCallback(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const { database, now } = frontEnd
    const named = { provider: req.params['provider'], state: req.query['state'] }
    const pending = await takePendingSignIn(database, req.session.browser, named, now())
    if (pending === undefined) {
      const description = 'No sign-in with another provider is under way in this browser'
      throw new Refusal(400, { error: 'invalid_request', description, page: 'expired' })
    }
    const identity = await check(frontEnd, pending, new URL(req.originalUrl, frontEnd.config.issuer))
    if (identity === undefined) redirect(res, failed(pending))
    else await welcome(frontEnd, req, res, pending, identity)
  }
}

async function leave(
  { providers, database, log }: FrontEnd,
  req: Request,
  res: Response,
  freshness: Freshness,
  next: Pick<PendingSignIn, 'interactionId' | 'returnTo'>,
): Promise<void> {
  const begun = await providers.begin(String(req.params['provider']), freshness, next).catch((error: unknown) => {
    log.warn({ reason: reasonOf(error) }, 'An identity provider cannot be reached')
    return 'unreachable' as const
  })
  if (begun === undefined) {
    throw new Refusal(404, { error: 'not_found', description: 'There is nothing at this address' })
  }
  if (begun === 'unreachable') {
    redirect(res, failed(next))
    return
  }
  const { browser } = await openSession(req)
  await keepPendingSignIn(database, browser, begun.pending)
  redirect(res, begun.address)
}

async function check({ providers, log }: FrontEnd, pending: PendingSignIn, at: URL): Promise<Identity | undefined> {
  try {
    return await providers.finish(pending, at)
  } catch (error) {
    log.warn({ provider: pending.provider, reason: reasonOf(error) }, 'A sign-in with an identity provider failed')
    return undefined
  }
}

async function welcome(
  frontEnd: FrontEnd,
  req: Request,
  res: Response,
  { interactionId, returnTo }: PendingSignIn,
  identity: Identity,
): Promise<void> {
  const { database, users, now } = frontEnd
  const { subject } = await users.findOrAdd(identity)
  const person = { subject, authTime: identity.authTime, acr: providerAcr }
  if (interactionId === undefined) {
    await signIn(req, person)
    redirect(res, returnTo ?? '/apps')
    return
  }
  const found = await findInteraction(database, interactionId, req.session.browser, now())
  if (found.outcome === 'open') {
    const { request } = found.interaction
    if (request.subject !== undefined && request.subject !== subject) {
      // OIDC Core §5.5.1: with another subject the request has failed. Who was signed in before still is.
      await complete(frontEnd, interactionId, request)
      await answer(frontEnd, res, request, { step: 'fail', reason: 'DIFFERENT_SUBJECT' })
      return
    }
    await recordAuthentication(database, interactionId, subject)
    await signIn(req, person)
  }
  // Where the request is over, that page says so.
  redirect(res, `/interaction/${interactionId}`)
}

function failed({ interactionId, returnTo }: Pick<PendingSignIn, 'interactionId' | 'returnTo'>): string {
  return interactionId === undefined
    ? `${signInPage(returnTo ?? '/apps')}&failed`
    : `/interaction/${interactionId}/login?failed`
}

function signInPage(returnTo: string): string {
  return `/sign-in?return=${encodeURIComponent(returnTo)}`
}

/** Codes and our own words: the texts of others may hold what belongs in no log. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('error' in error && typeof error.error === 'string') return error.error
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
