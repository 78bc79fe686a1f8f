import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import session, { Store, type SessionData } from 'express-session'
import { z } from 'zod'
import { hashOfBrowser } from './browser.ts'
import { query, statement, type Database, type Query } from './database/database.ts'
import type { SignedIn } from './decision.ts'
import { firstKeyAt, keyOf, makeHandle } from './handle.ts'

declare module 'express-session' {
  /** Never changed once it is written: see {@link renew}. What comes and goes within a session has a table of its own. */
  interface SessionData {
    /** Binds interactions to this browser. It stays the same when the session gets a new id. */
    readonly browser?: string
    /** Stands in every form of ours. */
    readonly csrfToken?: string
    /** Who is signed in now. */
    readonly signedIn?: SignedIn
    /** Everybody who is signed in on this browser, the latest first. */
    readonly accounts?: readonly SignedIn[]
    /** When the store saw the session last, in milliseconds since 1970. */
    readonly seenAt?: number
  }
}

/** A session ends half an hour after its last use, and twelve hours after its sign-in whatever happens. */
const idleMs = 30 * 60 * 1000
const absoluteMs = 12 * 60 * 60 * 1000

/** Seeing a session is written down once a minute at most, not with every request. */
const touchMs = 60 * 1000

const maxAccounts = 10

export interface SessionOptions {
  database: Database
  secrets: readonly string[]
  /** Whether people reach this server over https. */
  secure: boolean
  now: () => Date
}

/** Who is signed in here, kept in the front-end's own database and never in the engine. */
export function sessions({ database, secrets, secure, now }: SessionOptions): RequestHandler {
  // Lax: the browser comes back from other sites, and then it must be known. There is no maxAge: it ends with the browser.
  const cookie = { httpOnly: true, sameSite: 'lax', path: '/', secure } as const
  return session({
    store: new DatabaseStore(database, { originalMaxAge: null, ...cookie }, now),
    // The first secret signs, all of them verify, so that a secret can be replaced without signing everybody out.
    secret: [...secrets],
    // RFC 6265bis §4.1.3.2: no other host and no other path can set or read a cookie of this prefix. It takes https.
    name: secure ? '__Host-sid' : 'sid',
    cookie,
    genid: () => makeHandle(now(), 32),
    saveUninitialized: false,
    resave: false,
  })
}

/** What binds interactions and forms to this browser; begins a session when there is none. */
export async function openSession(req: Request): Promise<{ browser: string; csrfToken: string }> {
  const { browser, csrfToken } = req.session
  if (browser !== undefined && csrfToken !== undefined) return { browser, csrfToken }
  const { database, now } = storeOf(req)
  const begun = { browser: randomText(), csrfToken: randomText() }
  await database.write(insertion(req.sessionID, begun, now()))
  Object.assign(req.session, begun)
  return begun
}

/** OWASP ASVS 3.2: signing in gives the session a new id, so that an id that somebody planted is worth nothing. */
export async function signIn(req: Request, person: SignedIn): Promise<void> {
  // A request that began before a sign-out brings nobody back but the one who has just been authenticated.
  await renew(req, (wasLive) => peopleWith(person, wasLive ? accountsOf(req) : []))
}

/** OIDC Core §3.1.2.1: one of the accounts of this browser becomes the one in use. Returns false when the session has ended meanwhile. */
export async function switchTo(req: Request, account: SignedIn): Promise<boolean> {
  return renew(req, (wasLive) => (wasLive ? peopleWith(account, accountsOf(req)) : undefined))
}

/** Ends the sign-in of everybody on this browser. Requests that wait for a decision go on waiting. */
export async function signOut(req: Request): Promise<void> {
  await renew(req, () => ({}))
  // A sign-in in another window may have taken the session over a moment ago.
  const { database } = storeOf(req)
  const { browser } = await openSession(req)
  await database.write(query(removeOthers, hashOfBrowser(browser), keyOf(req.sessionID)))
}

/** Everybody who is signed in on this browser. */
export function accountsOf(req: Request): readonly SignedIn[] {
  return req.session.accounts ?? []
}

/** Deletes a slice of the sessions that are long over; returns whether there may be more. */
export async function sweepSessions(database: Database, now: Date): Promise<boolean> {
  const rows = await database.write(query(sweep, firstKeyAt(new Date(now.getTime() - absoluteMs))))
  return rows.length > 0
}

/**
 * Ends the session and begins another: a new id and new form tokens; the binding of the browser stays. `next` is told whether there still
 * was something to end, and may say that nothing begins. A row is inserted and deleted but never rewritten, so no request can write back
 * what it read before another one ended it, and of several at once, one alone carries over who was signed in.
 */
async function renew(req: Request, next: (wasLive: boolean) => People | undefined): Promise<boolean> {
  const store = storeOf(req)
  const now = store.now()
  const id = makeHandle(now, 32)
  const { browser = randomText() } = req.session
  const content = await store.database.transact(function* () {
    const ended = yield query(remove, keyOf(req.sessionID))
    const people = next(ended.length === 1)
    if (people === undefined) return undefined
    const content = { browser, csrfToken: randomText(), ...people }
    yield insertion(id, content, now)
    return content
  })
  if (content === undefined) return false
  req.sessionID = id
  store.createSession(req, { cookie: store.cookie, ...content })
  return true
}

type People = Pick<SessionContent, 'signedIn' | 'accounts'>

function peopleWith(person: SignedIn, accounts: readonly SignedIn[]): People {
  const others = accounts.filter(({ subject }) => subject !== person.subject)
  return { signedIn: person, accounts: [person, ...others].slice(0, maxAccounts) }
}

function randomText(): string {
  return randomBytes(16).toString('base64url')
}

/** express-session wants its store to be of this class. */
class DatabaseStore extends Store {
  readonly database: Database
  readonly cookie: SessionCookie
  readonly now: () => Date

  constructor(database: Database, cookie: SessionCookie, now: () => Date) {
    super()
    this.database = database
    this.cookie = cookie
    this.now = now
  }

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.#find(id).then((found) => {
      callback(null, found)
    }, callback)
  }

  /** At the end of a request, express-session saves a session that is new. It has its row by then. */
  override set(_id: string, _data: SessionData, callback?: Callback): void {
    callback?.()
  }

  override touch(id: string, data: SessionData, callback?: Callback): void {
    const now = this.now().getTime()
    if (now - (data.seenAt ?? 0) < touchMs) callback?.()
    else this.#write(query(touch, keyOf(id), now), callback)
  }

  override destroy(id: string, callback?: Callback): void {
    this.#write(query(remove, keyOf(id)), callback)
  }

  async #find(id: string): Promise<SessionData | null> {
    const now = this.now().getTime()
    const oldest = firstKeyAt(new Date(now - absoluteMs))
    const [row] = await this.database.read(query(select, keyOf(id), now - idleMs, oldest))
    if (row === undefined) return null
    const { data, seen_at: seenAt } = storedSession.parse(row)
    const content = withoutOldSignIns(sessionContent.parse(JSON.parse(data)), now)
    return { cookie: this.cookie, ...content, seenAt }
  }

  #write(change: Query, callback: Callback = () => undefined): void {
    this.database.write(change).then(() => {
      callback()
    }, callback)
  }
}

/** The same for every session. */
type SessionCookie = Pick<SessionData['cookie'], 'originalMaxAge' | 'httpOnly' | 'sameSite' | 'path' | 'secure'>

type Callback = (error?: unknown) => void

function storeOf({ sessionStore }: Request): DatabaseStore {
  if (sessionStore instanceof DatabaseStore) return sessionStore
  throw new Error('The sessions of this request have another store')
}

function insertion(id: string, content: SessionContent, now: Date): Query {
  return query(insert, keyOf(id), JSON.stringify(content), now.getTime(), hashOfBrowser(content.browser))
}

/** A sign-in ends twelve hours after the password was checked, into however many sessions it was carried over. */
function withoutOldSignIns({ signedIn, accounts, ...rest }: SessionContent, now: number): SessionContent {
  const isRecent = ({ authTime }: SignedIn) => authTime * 1000 + absoluteMs > now
  return {
    ...rest,
    ...(signedIn && isRecent(signedIn) && { signedIn }),
    ...(accounts && { accounts: accounts.filter(isRecent) }),
  }
}

const storedSession = z.object({ data: z.string(), seen_at: z.number() })

const signedIn = z.object({ subject: z.string(), authTime: z.number(), acr: z.string() })

const sessionContent = z.object({
  browser: z.string(),
  csrfToken: z.string(),
  signedIn: signedIn.exactOptional(),
  accounts: z.array(signedIn).exactOptional(),
})

type SessionContent = z.infer<typeof sessionContent>

const select = statement(
  'front-end.selectSession',
  'SELECT data, seen_at FROM sessions WHERE id = $1 AND seen_at > $2 AND id > $3',
)

const insert = statement(
  'front-end.insertSession',
  'INSERT INTO sessions (id, data, seen_at, browser_hash) VALUES ($1, $2, $3, $4)',
)

const touch = statement('front-end.touchSession', 'UPDATE sessions SET seen_at = $2 WHERE id = $1')

const remove = statement('front-end.removeSession', 'DELETE FROM sessions WHERE id = $1 RETURNING seen_at')

const removeOthers = statement(
  'front-end.removeOtherSessions',
  'DELETE FROM sessions WHERE browser_hash = $1 AND id <> $2',
)

const sweep = statement(
  'front-end.sweepSessions',
  `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE id < $1 ORDER BY id LIMIT 100) RETURNING seen_at`,
)
