import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import session, { Store, type SessionData } from 'express-session'
import { z } from 'zod'
import { query, statement, type Database, type Query } from './database/database.ts'
import type { SignedIn } from './decision.ts'
import { firstKeyAt, keyOf, makeHandle } from './handle.ts'
import type { PendingSignIn } from './identity-providers.ts'

declare module 'express-session' {
  interface SessionData {
    /** Binds interactions to this browser. It stays the same when the session gets a new id. */
    browser?: string
    /** Stands in every form of ours. */
    csrfToken?: string
    /** Who is signed in now. */
    signedIn?: SignedIn
    /** Everybody who is signed in on this browser, the latest first. */
    accounts?: SignedIn[]
    /** A sign-in with another provider that is under way. */
    pendingSignIn?: PendingSignIn
    /** When the store saw the session last, in milliseconds since 1970. */
    seenAt?: number
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
  return session({
    store: new DatabaseStore(database, now),
    // The first secret signs, all of them verify, so that a secret can be replaced without signing everybody out.
    secret: [...secrets],
    // RFC 6265bis §4.1.3.2: no other host and no other path can set or read a cookie of this prefix. It takes https.
    name: secure ? '__Host-sid' : 'sid',
    // Lax: the browser comes back from other sites, and then it must be known. There is no maxAge: it ends with the browser.
    cookie: { httpOnly: true, sameSite: 'lax', path: '/', secure },
    genid: () => makeHandle(now(), 32),
    saveUninitialized: false,
    resave: false,
  })
}

/** What binds interactions and forms to this browser; begins a session when there is none. */
export async function openSession(req: Request): Promise<{ browser: string; csrfToken: string }> {
  const { browser = randomText(), csrfToken = randomText() } = req.session
  if (req.session.browser === undefined || req.session.csrfToken === undefined) {
    Object.assign(req.session, { browser, csrfToken })
    await saveSession(req)
  }
  return { browser, csrfToken }
}

/** OWASP ASVS 3.2: signing in gives the session a new id, so that an id that somebody planted is worth nothing. */
export async function signIn(req: Request, person: SignedIn): Promise<void> {
  const others = accountsOf(req).filter(({ subject }) => subject !== person.subject)
  await renew(req, { signedIn: person, accounts: [person, ...others].slice(0, maxAccounts) })
}

/** OIDC Core §3.1.2.1: binds a sign-in with another provider to this browser. A later one takes its place. */
export async function keepPendingSignIn(req: Request, pending: PendingSignIn): Promise<void> {
  req.session.pendingSignIn = pending
  await saveSession(req)
}

/** RFC 9700 §4.4.2: the sign-in that this browser began with this provider. It counts once. */
export async function takePendingSignIn(
  req: Request,
  provider: unknown,
  state: unknown,
): Promise<PendingSignIn | undefined> {
  const { pendingSignIn: pending } = req.session
  // Any link leads here: what was not asked for ends nothing.
  if (pending === undefined || pending.provider !== provider || pending.state !== state) return undefined
  delete req.session.pendingSignIn
  await saveSession(req)
  return pending
}

/** Ends the sign-in of everybody on this browser. Requests that wait for a decision go on waiting. */
export async function signOut(req: Request): Promise<void> {
  await renew(req, {})
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

/** A new id and new form tokens; the binding of the browser stays. */
async function renew(req: Request, content: Pick<SessionData, 'signedIn' | 'accounts'>): Promise<void> {
  const { browser = randomText() } = req.session
  await new Promise<void>((resolve, reject) => {
    req.session.regenerate(settle(resolve, reject))
  })
  Object.assign(req.session, { browser, csrfToken: randomText(), ...content })
  await saveSession(req)
}

/** The session must be on disk before we redirect, or the next page may not find it. */
function saveSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.save(settle(resolve, reject))
  })
}

function randomText(): string {
  return randomBytes(16).toString('base64url')
}

/** express-session wants its store to be of this class. */
class DatabaseStore extends Store {
  readonly #database: Database
  readonly #now: () => Date
  /** What was written last for a session: express-session saves again, at the end of the request, what the request saved itself. */
  readonly #written = new WeakMap<SessionData, string>()

  constructor(database: Database, now: () => Date) {
    super()
    this.#database = database
    this.#now = now
  }

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.#find(id).then((found) => {
      callback(null, found)
    }, callback)
  }

  override set(id: string, data: SessionData, callback?: Callback): void {
    const json = JSON.stringify(data)
    if (this.#written.get(data) === id + json) {
      callback?.()
      return
    }
    this.#write(query(upsert, keyOf(id), json, this.#now().getTime()), (error) => {
      if (error === undefined) this.#written.set(data, id + json)
      callback?.(error)
    })
  }

  override touch(id: string, data: SessionData, callback?: Callback): void {
    const now = this.#now().getTime()
    if (now - (data.seenAt ?? 0) < touchMs) callback?.()
    else this.#write(query(touch, keyOf(id), now), callback)
  }

  override destroy(id: string, callback?: Callback): void {
    this.#write(query(remove, keyOf(id)), callback)
  }

  async #find(id: string): Promise<SessionData | null> {
    const now = this.#now().getTime()
    const oldest = firstKeyAt(new Date(now - absoluteMs))
    const [row] = await this.#database.read(query(select, keyOf(id), now - idleMs, oldest))
    if (row === undefined) return null
    const { data, seen_at: seenAt } = storedSession.parse(row)
    return { ...withoutOldSignIns(sessionData.parse(JSON.parse(data)), now), seenAt }
  }

  #write(change: Query, callback: Callback = () => undefined): void {
    this.#database.write(change).then(() => {
      callback()
    }, callback)
  }
}

type Callback = (error?: unknown) => void

/** A sign-in ends twelve hours after the password was checked, into however many sessions it was carried over. */
function withoutOldSignIns(
  { signedIn, accounts, ...rest }: z.infer<typeof sessionData>,
  now: number,
): z.infer<typeof sessionData> {
  const isRecent = ({ authTime }: SignedIn) => authTime * 1000 + absoluteMs > now
  return {
    ...rest,
    ...(signedIn && isRecent(signedIn) && { signedIn }),
    ...(accounts && { accounts: accounts.filter(isRecent) }),
  }
}

const storedSession = z.object({ data: z.string(), seen_at: z.number() })

const signedIn = z.object({ subject: z.string(), authTime: z.number(), acr: z.string() })

const pendingSignIn = z.object({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  authenticatedAfter: z.number(),
  mustTell: z.boolean(),
  interactionId: z.string().optional(),
  returnTo: z.string().optional(),
})

const sessionData = z.object({
  cookie: z.object({
    originalMaxAge: z.number().nullable(),
    httpOnly: z.boolean(),
    sameSite: z.literal('lax'),
    path: z.string(),
    secure: z.boolean(),
  }),
  browser: z.string().exactOptional(),
  csrfToken: z.string().exactOptional(),
  signedIn: signedIn.exactOptional(),
  accounts: z.array(signedIn).exactOptional(),
  pendingSignIn: pendingSignIn.exactOptional(),
})

const select = statement(
  'front-end.selectSession',
  'SELECT data, seen_at FROM sessions WHERE id = $1 AND seen_at > $2 AND id > $3',
)

const upsert = statement(
  'front-end.upsertSession',
  `INSERT INTO sessions (id, data, seen_at) VALUES ($1, $2, $3)
   ON CONFLICT (id) DO UPDATE SET data = excluded.data, seen_at = excluded.seen_at`,
)

const touch = statement('front-end.touchSession', 'UPDATE sessions SET seen_at = $2 WHERE id = $1')

const remove = statement('front-end.removeSession', 'DELETE FROM sessions WHERE id = $1')

const sweep = statement(
  'front-end.sweepSessions',
  `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE id < $1 ORDER BY id LIMIT 100) RETURNING seen_at`,
)

function settle(resolve: () => void, reject: (error: Error) => void): (error: unknown) => void {
  return (error) => {
    if (error === undefined || error === null) resolve()
    else reject(error instanceof Error ? error : new Error('The session store failed', { cause: error }))
  }
}
