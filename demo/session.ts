import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'
import { boundedMap } from './bounded-map.ts'
import type { PendingSignIn, SignIn, SignInRequest } from './sign-in.ts'

/** What Daybook remembers about one browser. It stays on the server, and so do all tokens. */
export interface Session {
  /** Sign-ins under way, by `state`: several tabs may each have one. */
  pending: Map<string, PendingSignIn>
  signIn: SignIn | undefined
  /** What was asked last, for "try again" and for the ticks of the start page. */
  lastRequest: SignInRequest | undefined
  /** Grant Management for OAuth 2.0: the grant that the next request may add to or replace. */
  grantId: string | undefined
}

export interface Sessions {
  find(req: Request): Session | undefined
  /** Finds the browser's session or begins one. */
  open(req: Request, res: Response): Session
  /** Gives the session a new id, so that an id that somebody planted before the sign-in is worth nothing after it. */
  renew(req: Request, res: Response, session: Session): void
  end(req: Request, res: Response): void
  /** The hidden value of every form. It belongs to the browser's cookie, which is set here when there is none yet. */
  formToken(req: Request, res: Response): string
  verifyFormToken(req: Request, formToken: string): boolean
}

// Cookies do not know ports: the server on the same host has its own `sid`, and each would overwrite the other's.
const cookieName = 'daybook.sid'

interface SessionsOptions {
  /** More sessions than this, and the one used longest ago is forgotten. */
  limit: number
  idleMilliseconds: number
  now: () => number
}

/** Keeps sessions in memory: bounded in number, and forgotten when they are not used. */
export function createSessions({ limit, idleMilliseconds, now }: SessionsOptions): Sessions {
  const entries = boundedMap<{ session: Session; expiresAt: number }>(limit)
  const formKey = randomBytes(32)

  function find(req: Request): Session | undefined {
    const id = readId(req)
    const entry = id === undefined ? undefined : entries.get(id)
    if (id === undefined || entry === undefined) return undefined
    if (entry.expiresAt <= now()) {
      entries.delete(id)
      return undefined
    }
    entry.expiresAt = now() + idleMilliseconds
    return entry.session
  }

  function keep(id: string, session: Session): void {
    entries.set(id, { session, expiresAt: now() + idleMilliseconds })
  }

  function formTokenOf(id: string): string {
    return createHmac('sha256', formKey).update(id).digest('base64url')
  }

  return {
    find,
    open(req, res) {
      const session = find(req) ?? {
        pending: new Map(),
        signIn: undefined,
        lastRequest: undefined,
        grantId: undefined,
      }
      keep(readId(req) ?? setId(res), session)
      return session
    },
    renew(req, res, session) {
      entries.delete(readId(req) ?? '')
      keep(setId(res), session)
    },
    end(req, res) {
      entries.delete(readId(req) ?? '')
      res.clearCookie(cookieName, cookieOptions)
    },
    // Derived from the id instead of stored: a visit to the start page then costs no memory.
    formToken: (req, res) => formTokenOf(readId(req) ?? setId(res)),
    verifyFormToken(req, formToken) {
      const id = readId(req)
      if (id === undefined) return false
      const expected = Buffer.from(formTokenOf(id))
      const given = Buffer.from(formToken)
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}

// Lax and not Strict: the server's redirect to /callback must bring the cookie. Not Secure: loopback is plain http.
const cookieOptions = { httpOnly: true, sameSite: 'lax', path: '/' } as const

function setId(res: Response): string {
  const id = randomBytes(32).toString('base64url')
  res.cookie(cookieName, id, cookieOptions)
  return id
}

function readId(req: Request): string | undefined {
  for (const pair of req.get('cookie')?.split(';') ?? []) {
    const id = /^daybook\.sid=([\w-]{43})$/.exec(pair.trim())?.[1]
    if (id !== undefined) return id
  }
  return undefined
}
