import type { Request } from 'express'
import type { AppMaterial, ServiceWords } from './app-page.ts'
import { findConnectedApp, findGrantedItems, listConsents } from './connected-apps.ts'
import type { FrontEnd } from './front-end.ts'
import { canNarrow } from './narrowing.ts'
import { Refusal } from './refusal.ts'
import { pageFrame } from './show-page.ts'

/** RFC 6749 §1.3: what a person allowed the client that an address names; a client of somebody else is as unknown as none. */
export async function openApp(
  frontEnd: FrontEnd,
  req: Request,
  subject: string,
  clientId: number,
): Promise<AppMaterial | undefined> {
  const { logos, database } = frontEnd
  const now = frontEnd.now()
  const app = await findConnectedApp(database, subject, clientId, now)
  if (app === undefined) return undefined
  const [items, records, words, isNarrowable] = await Promise.all([
    findGrantedItems(database, subject, clientId, now),
    listConsents(database, subject, clientId),
    askForWords(frontEnd),
    canNarrow(frontEnd),
  ])
  return {
    frame: pageFrame(frontEnd, req),
    app,
    items,
    records,
    words,
    isNarrowable,
    logos,
    now,
  }
}

/** RFC 6749 §2.2: the numeric id of a client, from an address. */
export function clientIdOf({ params }: Request): number {
  const { clientId } = params
  // Safe integers end before the seventeenth digit.
  if (typeof clientId !== 'string' || !/^[1-9]\d{0,15}$/.test(clientId)) throw nothingHere()
  return Number(clientId)
}

/** RFC 9110 §15.5.5: nobody is told whether there is such a client. */
export function nothingHere(): Refusal {
  return new Refusal(404, { error: 'not_found', description: 'There is nothing at this address' })
}

/** RFC 6749 §3.3: what the scopes mean. A front-end that the engine does not tell shows names, and what is required like the rest. */
async function askForWords({ engine, service }: FrontEnd): Promise<ServiceWords> {
  const { data } = await engine.GET('/api/{serviceId}/service/get', { params: { path: service } })
  return {
    scopes: (data?.supportedScopes ?? []).map(({ name, description, descriptions = [], attributes = [] }) => ({
      name,
      description,
      descriptions,
      attributes,
    })),
    attributes: data?.attributes ?? [],
  }
}
