import { createHash } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import { decodeJwt } from 'jose'
import { parseClientCredentials } from './credentials.ts'
import { parseParameters, readForm } from './form.ts'
import { Refusal } from './refusal.ts'

/**
 * What one address may get wrong under one name, and for how many milliseconds that is remembered. A client has at most two names, its id and
 * its alias, and only the engine knows that they are one: so for one client it is twenty at most.
 */
const mostFailures = 10
const windowMs = 60_000

/** Pairs of name and address that are remembered; the oldest goes first. */
const mostPairs = 10_000

interface Failures {
  count: number
  /** Milliseconds since 1970. */
  until: number
}

/**
 * RFC 6749 §10.10: whoever guesses the credentials of a client has to wait. Failures alone are counted, for one name of a client from one
 * address, and only once they happened: a busy client is never slowed down, and nobody can lock another one out. express-rate-limit counts before.
 */
export function slowDownGuessing({ now }: { now: () => Date }): RequestHandler {
  const remembered = new Map<string, Failures>()

  function failuresOf(key: string): Failures | undefined {
    const failures = remembered.get(key)
    if (failures === undefined || failures.until > now().getTime()) return failures
    remembered.delete(key)
    return undefined
  }

  function remember(key: string): void {
    const failures = failuresOf(key) ?? { count: 0, until: now().getTime() + windowMs }
    failures.count += 1
    remembered.set(key, failures)
    const [oldest] = remembered.keys()
    if (remembered.size > mostPairs && oldest !== undefined) remembered.delete(oldest)
  }

  /** They stand in the order in which they end. */
  function forgetOld(): void {
    for (const [key, { until }] of remembered) {
      if (until > now().getTime()) break
      remembered.delete(key)
    }
  }

  async function rememberFailure(req: Request, address: string): Promise<void> {
    // What cannot be read names nobody.
    const key = await pairOf(req, address).catch(() => undefined)
    if (key !== undefined) remember(key)
  }

  return async (req, res, next) => {
    // Read now: when the answer is out, the connection may be gone.
    const { ip: address = '' } = req
    forgetOld()
    // Mostly nobody guesses, and then nobody needs to be told from others.
    if (remembered.size > 0) {
      const key = await pairOf(req, address)
      // Who names no client guesses nothing.
      const failures = key === undefined ? undefined : failuresOf(key)
      if (failures && failures.count >= mostFailures) throw tooMany(failures.until - now().getTime())
    }
    res.once('finish', () => {
      if (res.statusCode === 401) void rememberFailure(req, address)
    })
    next()
  }
}

async function pairOf(req: Request, address: string): Promise<string | undefined> {
  const form = parseParameters(await readForm(req))
  // RFC 6749 §3.1: a client_id without a value is none, and must not hide whom an assertion names.
  const named = form.get('client_id') || subjectOf(form.get('client_assertion'))
  const { clientId = named } = parseClientCredentials(req.headers.authorization)
  if (clientId === undefined || clientId === '') return undefined
  const pair = JSON.stringify([clientId, ipKeyGenerator(address, 64)])
  // A client id may be long, what is remembered of it is not.
  return createHash('sha256').update(pair).digest('base64url')
}

/** RFC 7523 §3: the client that an assertion names, if it can be read. Nothing is proven, so a failure counts for whoever is named from that address. */
function subjectOf(assertion: string | null): string | undefined {
  if (assertion === null) return undefined
  try {
    return decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}

/** RFC 6585 §4. */
function tooMany(milliseconds: number): Refusal {
  const seconds = Math.ceil(milliseconds / 1000)
  const description = `Too many wrong credentials of this client came from this address. Try again in ${seconds} seconds`
  return new Refusal(429, {
    error: 'temporarily_unavailable',
    description,
    headers: { 'Retry-After': String(seconds) },
  })
}
