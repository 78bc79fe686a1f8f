import type { Request, RequestHandler, Response } from 'express'
import { checkForm } from '../csrf.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { nothingHere } from '../open-app.ts'
import { cut } from '../pages.ts'
import { creationOptions, maxPasskeys, registerPasskey, relyingPartyId, requestOptions } from '../passkey-ceremonies.ts'
import type { ListedPasskey, PasskeySection } from '../passkey-pages.ts'
import { findPasskey, listPasskeys, removePasskey, type Passkey } from '../passkeys.ts'
import { Refusal } from '../refusal.ts'
import { forbidStoring, redirect } from '../respond.ts'
import { openSession } from '../session.ts'
import { pageFrame, showPage } from '../show-page.ts'
import { requirePerson } from './sign-in.ts'

/** POST /passkeys/request-options — WebAuthn §5.5: what the sign-in page asks the browser for. */
export function passkeyRequestOptions(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const rpId = await openCeremony(frontEnd, req)
    const { browser } = await openSession(req)
    forbidStoring(res).json(await requestOptions(frontEnd, rpId, browser))
  }
}

/** POST /passkeys/creation-options — WebAuthn §5.4: what the home page asks the browser for. */
export function passkeyCreationOptions(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const rpID = await openCeremony(frontEnd, req)
    const person = await findRecentPerson(frontEnd, req)
    if (person === undefined) throw notNow(403, 'A passkey is added only shortly after signing in')
    const { browser } = await openSession(req)
    const { serviceName } = pageFrame(frontEnd, req)
    forbidStoring(res).json(await creationOptions(frontEnd, { rpID, rpName: serviceName }, browser, person))
  }
}

/** POST /passkeys — WebAuthn §7.1: keeps a new passkey of the person who signed in just now. */
export function postedPasskey(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const isStale = checkForm(req, fields, frontEnd.config.issuer) === 'stale'
    const person = await findRecentPerson(frontEnd, req)
    const passkey = { name: nameOf(fields), json: fields.get('credential') ?? '' }
    const isAdded =
      !isStale &&
      person !== undefined &&
      (await registerPasskey(frontEnd, req.session.browser, { ...passkey, subject: person.subject }))
    redirect(res, isAdded ? '/?passkey=added' : '/?passkey=problem')
  }
}

/** GET /passkeys/:credentialId/remove — WebAuthn §4: asks whether the person is sure. It changes nothing. */
export function passkeyRemoval(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const person = await requirePerson(frontEnd, req, res, '/')
    if (person === undefined) return
    const passkey = await findOwnPasskey(frontEnd, req, person.subject)
    if (passkey === undefined) throw nothingHere()
    await showRemoval(frontEnd, req, res, passkey, undefined)
  }
}

/** POST /passkeys/:credentialId/remove — WebAuthn §4: nobody signs in with it any more. */
export function postedPasskeyRemoval(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    const isStale = checkForm(req, fields, frontEnd.config.issuer) === 'stale'
    const person = await requirePerson(frontEnd, req, res, '/')
    if (person === undefined) return
    const passkey = await findOwnPasskey(frontEnd, req, person.subject)
    if (passkey !== undefined && isStale) {
      await showRemoval(frontEnd, req, res, passkey, 'stale')
      return
    }
    // A second click finds what the first one left; somebody else's is as unknown as none.
    if (passkey !== undefined) await removePasskey(frontEnd.database, passkey.credentialId, person.subject)
    redirect(res, '/?passkey=removed')
  }
}

/** WebAuthn §4: the passkeys of a person, for the home page; undefined where there can be none. */
export async function passkeySection(
  { config, database, now }: FrontEnd,
  req: Request,
  subject: string,
): Promise<PasskeySection | undefined> {
  if (relyingPartyId(config) === undefined) return undefined
  const passkeys = await listPasskeys(database, subject)
  const add = isRecent(req, now()) ? 'now' : 'after-sign-in'
  return {
    passkeys: passkeys.map(listed),
    add: passkeys.length < maxPasskeys ? add : undefined,
    notice: notices.find((notice) => notice === req.query['passkey']),
  }
}

const notices = ['added', 'removed', 'problem'] as const

/** WebAuthn §13.4: a form of ours, on a server that can have passkeys. Returns its RP ID. */
async function openCeremony({ config }: FrontEnd, req: Request): Promise<string> {
  const fields = await readFields(req)
  if (checkForm(req, fields, config.issuer) === 'stale') throw notNow(409, 'This form is not of this session')
  const rpId = relyingPartyId(config)
  if (rpId === undefined) throw nothingHere()
  return rpId
}

/** OWASP ASVS 2.5: whoever finds a browser unlocked must not leave a key of their own. */
function isRecent({ session }: Request, now: Date): boolean {
  return session.signedIn !== undefined && session.signedIn.authTime * 1000 + recentMs > now.getTime()
}

const recentMs = 5 * 60 * 1000

async function findRecentPerson({ users, now }: FrontEnd, req: Request) {
  const { signedIn } = req.session
  return signedIn && isRecent(req, now()) ? users.find(signedIn.subject) : undefined
}

async function findOwnPasskey({ database }: FrontEnd, { params }: Request, subject: string) {
  const { credentialId } = params
  // WebAuthn §4: 1023 bytes at most.
  if (typeof credentialId !== 'string' || !/^[\w-]{1,1364}$/.test(credentialId)) return undefined
  const passkey = await findPasskey(database, credentialId)
  return passkey?.subject === subject ? passkey : undefined
}

async function showRemoval(
  frontEnd: FrontEnd,
  req: Request,
  res: Response,
  passkey: Passkey,
  problem: 'stale' | undefined,
): Promise<void> {
  const { csrfToken } = await openSession(req)
  const page = { ...pageFrame(frontEnd, req), csrfToken, passkey: listed(passkey), problem }
  await showPage(res, problem === undefined ? 200 : 409, 'passkey-removal', page)
}

function listed({ credentialId, name, createdAt, lastUsedAt }: Passkey): ListedPasskey {
  return { credentialId, name, createdOn: createdAt, lastUsedOn: lastUsedAt }
}

function nameOf(fields: URLSearchParams): string {
  return cut((fields.get('name') ?? '').replaceAll(/\p{Cc}/gu, ' ').trim(), 60)
}

function notNow(status: number, description: string): Refusal {
  return new Refusal(status, { error: 'invalid_request', description, page: 'forged' })
}
