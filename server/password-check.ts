import { createHash } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator, rateLimit, type Options } from 'express-rate-limit'
import { z } from 'zod'
import { checkForm } from './csrf.ts'
import { readFields } from './form.ts'
import type { FrontEnd } from './front-end.ts'
import type { LoginProblem } from './pages.ts'
import type { User } from './users.ts'

/** What comes of a posted username and password. */
export type PasswordCheck =
  | { outcome: 'right'; user: User }
  | { outcome: 'refused'; problem: LoginProblem }
  /** The browser has gone, and nobody reads the answer. */
  | { outcome: 'abandoned' }

/** OWASP ASVS 2.2: checks a sign-in form; its route has counted the attempt with {@link countAttempts}. */
export async function checkPasswordForm(
  frontEnd: FrontEnd,
  req: Request,
  fields: URLSearchParams,
): Promise<PasswordCheck> {
  const problem = findFormProblem(frontEnd, req, fields)
  if (problem !== undefined) return { outcome: 'refused', problem }
  const [username, password] = [fields.get('username') ?? '', fields.get('password') ?? '']
  // Nobody's name or password is longer than this, and hashing what is costs time.
  const isPossible = username.length <= maxUsername && password.length <= maxPassword
  const user = isPossible ? await frontEnd.users.authenticate(username, password) : undefined
  // A second click sends the form again, and the browser waits for the later answer only. The session must not change for an answer
  // that nobody reads: its cookie would be lost, and the browser with it.
  if (req.res?.closed === true) return { outcome: 'abandoned' }
  return user === undefined ? { outcome: 'refused', problem: { kind: 'wrong' } } : { outcome: 'right', user }
}

/** OWASP ASVS 2.2: why a sign-in form is not looked at: it is too old, or too many before it were wrong. */
export function findFormProblem({ config }: FrontEnd, req: Request, fields: URLSearchParams): LoginProblem | undefined {
  if (checkForm(req, fields, config.issuer) === 'stale') return { kind: 'stale' }
  const retryAfterSeconds = secondsToWait(req)
  return retryAfterSeconds === undefined ? undefined : { kind: 'too-many', retryAfterSeconds }
}

/** RFC 9110 §15: the status of a sign-in page that is shown again. What has that of `wrong` counts as a wrong attempt. */
export const statusOfProblem = { wrong: 400, passkey: 400, stale: 409, 'too-many': 429, provider: 200 } as const

export const maxUsername = 256
const maxPassword = 1024

/**
 * RFC 6749 §10.10: counts wrong passwords, so that whoever guesses has to wait: few for one account from one address, so that nobody can
 * lock others out; more for one address, so that nobody can try one password on every account. An attempt is counted before it is
 * checked: many at once are no way around. Every page that takes a password shares one counter. A passkey names nobody before it is
 * verified, so those of one address count as one account.
 */
export function countAttempts(): RequestHandler[] {
  return [
    rateLimit({ ...counting, limit: 60, requestPropertyName: 'attemptsOfAddress', keyGenerator: addressOf }),
    rateLimit({
      ...counting,
      limit: 5,
      requestPropertyName: 'attemptsOfAccount',
      // Who has to wait anyway fills no more memory.
      skip: (req) => isExceeded(countedAttempts.parse(req).attemptsOfAddress),
      keyGenerator: async (req) => {
        const username = (await readFields(req)).get('username') ?? ''
        const account = JSON.stringify([username.normalize('NFKC').trim().toLowerCase(), addressOf(req)])
        // A name may be long, what is remembered of it is not.
        return createHash('sha256').update(account).digest('base64url')
      },
    }),
  ]
}

const counting = {
  windowMs: 60_000,
  skipSuccessfulRequests: true,
  requestWasSuccessful: (_req, res) => res.statusCode !== statusOfProblem.wrong,
  // The form is shown again with what was typed, so the login page does the refusing.
  handler: (_req, _res, next) => {
    next()
  },
  standardHeaders: false,
  legacyHeaders: false,
} satisfies Partial<Options>

/** One household, or one server, is one address: IPv6 gives each of them a /64. */
function addressOf(req: Request): string {
  return ipKeyGenerator(req.ip ?? '', 64)
}

const attempts = z.object({ used: z.number(), limit: z.number(), resetTime: z.date() })

const countedAttempts = z.object({ attemptsOfAddress: attempts, attemptsOfAccount: attempts.optional() })

function isExceeded({ used, limit }: z.infer<typeof attempts>): boolean {
  return used > limit
}

/** How long whoever guessed too often has to wait; undefined for everybody else. */
function secondsToWait(req: Request): number | undefined {
  const { attemptsOfAddress, attemptsOfAccount } = countedAttempts.parse(req)
  const exceeded = [attemptsOfAddress, attemptsOfAccount].find(
    (counted) => counted !== undefined && isExceeded(counted),
  )
  return exceeded && Math.max(1, Math.ceil((exceeded.resetTime.getTime() - Date.now()) / 1000))
}
