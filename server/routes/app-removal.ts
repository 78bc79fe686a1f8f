import { createHash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { ask } from '../../sdk/engine.ts'
import { findRemoval, isGranted, type AppMaterial, type Target } from '../app-page.ts'
import type { AppRemovalPage } from '../apps-pages.ts'
import { listConsents, removeApp, removeDetail, removeScopes, type Removal } from '../connected-apps.ts'
import { ipClassOf } from '../consents.ts'
import { checkForm } from '../csrf.ts'
import { parseParameters, readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { clientIdOf, nothingHere, openApp } from '../open-app.ts'
import { Refusal } from '../refusal.ts'
import { redirect } from '../respond.ts'
import { openSession } from '../session.ts'
import { clientView, showPage } from '../show-page.ts'
import { requirePerson } from './sign-in.ts'

/** GET /apps/:clientId/remove — RFC 6749 §1: asks whether the person is sure. It changes nothing, so it needs no form to get here. */
export function appRemoval(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const clientId = clientIdOf(req)
    const person = await requirePerson(frontEnd, req, res, `/apps/${clientId}`)
    if (person === undefined) return
    const material = await openApp(frontEnd, req, person.subject, clientId)
    const target = targetOf(parseParameters(req.originalUrl.split('?').slice(1).join('?')))
    if (material === undefined || target === undefined) throw nothingHere()
    const what = findRemoval(target, material)
    if (what === undefined) throw nothingHere()
    await showRemoval(req, res, 200, removalPage(material, what))
  }
}

/** POST /apps/:clientId/remove — RFC 6749 §1: takes it back. The engine comes first: what is forgotten here has ended there. */
export function takeBack(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const clientId = clientIdOf(req)
    const isStale = checkForm(req, fields, frontEnd.config.issuer) === 'stale'
    const person = await requirePerson(frontEnd, req, res, `/apps/${clientId}`)
    if (person === undefined) return
    const { subject } = person
    const [material, target] = [await openApp(frontEnd, req, subject, clientId), targetOf(fields)]
    // A second click finds what the first one left.
    if (material === undefined) {
      const [latest] = await listConsents(frontEnd.database, subject, clientId)
      if (latest?.event !== 'app-removed') throw nothingHere()
      redirect(res, `/apps?removed=${clientId}`)
      return
    }
    if (target === undefined) throw forged()
    if (!isGranted(target, material)) {
      redirect(res, `/apps/${clientId}`)
      return
    }
    const what = findRemoval(target, material)
    if (what === undefined) throw forged()

    const page = removalPage(material, what)
    if (isStale) {
      await showRemoval(req, res, 409, { ...page, problem: 'stale' })
      return
    }
    const sentencesHash = createHash('sha256').update(sentencesOf(page)).digest('base64url')
    const circumstances = { locale: page.lang, sentencesHash, ipClass: ipClassOf(req.ip) }
    await end(frontEnd, what, material, { subject, clientId, ...circumstances })
    redirect(res, what.kind === 'app' ? `/apps?removed=${clientId}` : `/apps/${clientId}?removed`)
  }
}

/** Ends something at the engine, and then here. When the engine fails, nothing has changed. */
async function end(
  { engine, service, database, now }: FrontEnd,
  what: AppRemovalPage['what'],
  { items }: AppMaterial,
  removal: Removal,
): Promise<void> {
  const { subject, clientId } = removal
  const params = { path: { ...service, clientId: String(clientId) } }
  switch (what.kind) {
    case 'app':
      await askUnlessGone(
        engine.POST('/api/{serviceId}/client/authorization/delete/{clientId}', { params, body: { subject } }),
      )
      await removeApp(database, removal, now())
      return
    case 'scope': {
      const names = [what.scope, ...what.others].map(({ name }) => name)
      const granted = [...items.scopes.keys(), ...items.dynamicScopes.keys()]
      const body = { subject, scopes: granted.filter((name) => !names.includes(name)) }
      await askUnlessGone(engine.POST('/api/{serviceId}/client/authorization/update/{clientId}', { params, body }))
      await removeScopes(database, removal, names, now())
      return
    }
    case 'detail': {
      const remaining = items.details.filter(({ id }) => id !== what.detail.id)
      // The member is an addition of the engines that narrow each token by itself; with others nothing gets here.
      const body = { subject, authorizationDetails: { elements: remaining.map(({ detail }) => detail) } }
      await askUnlessGone(engine.POST('/api/{serviceId}/client/authorization/update/{clientId}', { params, body }))
      await removeDetail(database, removal, what.detail.id, now())
    }
  }
}

/** A client that the engine no longer has, has no tokens either: then there is only our own memory to clear. */
async function askUnlessGone(call: Parameters<typeof ask>[0]): Promise<void> {
  const outcome = await call
  if (outcome.response.status !== 404) await ask(Promise.resolve(outcome))
}

/** One scope, one authorization detail, or without either the whole app; undefined for what no page of ours sends. */
function targetOf(fields: URLSearchParams): Target | undefined {
  const [scopes, details] = [fields.getAll('scope'), fields.getAll('detail')]
  const [scope, detail] = [scopes[0], details[0]]
  if (scopes.length + details.length > 1) return undefined
  if (scope !== undefined) return { kind: 'scope', name: scope }
  return detail === undefined ? { kind: 'app' } : { kind: 'detail', id: detail }
}

type RemovalQuestion = Omit<AppRemovalPage, 'csrfToken'>

function removalPage({ frame, app, logos }: AppMaterial, what: AppRemovalPage['what']): RemovalQuestion {
  const client = clientView(app.client, frame.lang, logos)
  return { ...frame, clientId: app.clientId, client, what, problem: undefined }
}

async function showRemoval(req: Request, res: Response, status: number, page: RemovalQuestion): Promise<void> {
  await showPage(res, status, 'app-removal', { ...page, csrfToken: (await openSession(req)).csrfToken })
}

function sentencesOf({ lang, serviceName, client, what }: RemovalQuestion): string {
  return JSON.stringify([lang, serviceName, client.name, what])
}

function forged(): Refusal {
  const description = 'The form names something that cannot be taken back by itself'
  return new Refusal(400, { error: 'invalid_request', description, page: 'forged' })
}
