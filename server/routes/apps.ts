import type { Request, RequestHandler } from 'express'
import { appPage, listedApp } from '../app-page.ts'
import { listConnectedApps, listConsents, type ConnectedApp } from '../connected-apps.ts'
import { demoClientUri } from '../demo-client.ts'
import type { FrontEnd } from '../front-end.ts'
import { clientIdOf, nothingHere, openApp } from '../open-app.ts'
import { openSession } from '../session.ts'
import { accountView, pageFrame, showPage } from '../show-page.ts'
import { requirePerson } from './sign-in.ts'

/** GET /apps — RFC 6749 §1.3: what a person granted is theirs to see. Here is everybody they granted something. */
export function apps(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const person = await requirePerson(frontEnd, req, res, '/apps')
    if (person === undefined) return
    const { logos, database, now } = frontEnd
    const frame = pageFrame(frontEnd, req)
    const [connected, withAccess] = await Promise.all([
      listConnectedApps(database, person.subject, now()),
      findClientsWithAccess(frontEnd, person.subject),
    ])
    const hasAccess = ({ clientId }: ConnectedApp) => withAccess?.has(clientId) ?? true
    const all = connected.map((app) => listedApp(app, frame, logos, now(), hasAccess(app)))
    const search = all.length > longestWithoutSearch ? searchOf(req) : undefined
    const wanted = folded(search ?? '')
    const page = {
      ...frame,
      csrfToken: (await openSession(req)).csrfToken,
      account: accountView(person),
      apps: all.filter(({ client }) => folded(client.name).includes(wanted)),
      total: all.length,
      search,
      removed: await findRemoved(frontEnd, req, person.subject),
      demoClientUri: demoClientUri(frontEnd),
    }
    await showPage(res, 200, 'apps', page)
  }
}

/** GET /apps/:clientId — RFC 6749 §1.3: what one client may do, how it came to that, and how to end it. */
export function app(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const clientId = clientIdOf(req)
    const person = await requirePerson(frontEnd, req, res, `/apps/${clientId}`)
    if (person === undefined) return
    const material = await openApp(frontEnd, req, person.subject, clientId)
    if (material === undefined) throw nothingHere()
    const [activeTokens, withAccess] = await Promise.all([
      countTokens(frontEnd, person.subject, clientId),
      findClientsWithAccess(frontEnd, person.subject),
    ])
    const access = { activeTokens, hasAccess: withAccess?.has(clientId) ?? true }
    await showPage(res, 200, 'app', appPage(material, access, 'removed' in req.query))
  }
}

const longestWithoutSearch = 10
const longestSearch = 100

function searchOf({ query }: Request): string {
  const wanted = query['q']
  return typeof wanted === 'string' ? wanted.trim().slice(0, longestSearch) : ''
}

/** Upper and lower case, and the forms of one letter, are the same to whoever searches. */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** The client that was removed just now. Anybody may write a link that says so, so it is looked up. */
async function findRemoved({ database }: FrontEnd, { query }: Request, subject: string): Promise<number | undefined> {
  const clientId = Number(query['removed'])
  if (!Number.isSafeInteger(clientId) || clientId <= 0) return undefined
  const [latest] = await listConsents(database, subject, clientId)
  return latest?.event === 'app-removed' ? clientId : undefined
}

/**
 * RFC 6749 §1.5: the clients that can use the account now, as the engine says: a client may give its tokens back. Undefined where the
 * engine does not tell a front-end, or not all of them.
 */
async function findClientsWithAccess(
  { engine, service }: FrontEnd,
  subject: string,
): Promise<ReadonlySet<number> | undefined> {
  // The subject goes in the body: an address is written into logs.
  const body = { subject, start: 0, end: mostClients }
  const { data } = await engine.POST('/api/{serviceId}/client/authorization/get/list', {
    params: { path: service },
    body,
  })
  if (data?.totalCount === undefined || data.totalCount > data.clients.length) return undefined
  return new Set(data.clients.map(({ clientId }) => clientId))
}

/** More apps than anybody connects, and no more than an engine sends at once. */
const mostClients = 1_000

/** Live access tokens, where the engine lets a front-end count them. */
async function countTokens(
  { engine, service }: FrontEnd,
  subject: string,
  clientId: number,
): Promise<number | undefined> {
  const query = { subject, clientIdentifier: String(clientId), start: 0, end: 1 }
  const { data } = await engine.GET('/api/{serviceId}/auth/token/get/list', { params: { path: service, query } })
  return data?.totalCount
}
