import { createHash, timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import { Refusal } from './refusal.ts'

/**
 * OIDC Core §3.1.2.3, RFC 6749 §10.12: a form counts only when it comes from our own page. Throws when the browser says that it comes
 * from elsewhere. Returns whether its token is this session's: if not, the page was open for too long and is shown again.
 */
export function checkForm(req: Request, fields: URLSearchParams, issuer: string): 'ours' | 'stale' {
  checkOrigin(req, issuer)
  const expected = req.session.csrfToken
  const [token, ...repeated] = fields.getAll('csrf_token')
  if (expected === undefined || token === undefined || repeated.length > 0) return 'stale'
  return timingSafeEqual(sha256(token), sha256(expected)) ? 'ours' : 'stale'
}

/** Fetch Metadata: `same-site` is refused, too, because other ports and other subdomains are other programs. */
function checkOrigin(req: Request, issuer: string): void {
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  // Browsers without Sec-Fetch-Site send the Origin. `null` is what a sandbox or a strict referrer policy makes of it: the token decides.
  const isForeign =
    site === undefined
      ? origin !== undefined && origin !== 'null' && origin !== issuer
      : site !== 'same-origin' && site !== 'none'
  if (isForeign) throw new Refusal(403, { error: 'access_denied', description: 'The form was sent from another site' })
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
