import type { RequestHandler } from 'express'

/** What scripts of other origins may do at an endpoint. */
export interface CorsRules {
  /** `*`: everybody. No rule lets cookies through, so nothing here can act for the person in front of the browser. */
  origins: '*' | readonly string[]
  methods: string
}

/** RFC 9700 §2.6: cross-origin access for protocol endpoints. It is never mounted where people are: there nobody may look in. */
export function cors({ origins, methods }: CorsRules): RequestHandler {
  const allowed = origins === '*' ? undefined : new Set(origins)
  return (req, res, next) => {
    const { origin } = req.headers
    if (allowed) res.vary('Origin')
    // The list holds real origins only, so `Origin: null` never passes.
    if (allowed === undefined) res.set('Access-Control-Allow-Origin', '*')
    else if (origin !== undefined && allowed.has(origin)) res.set('Access-Control-Allow-Origin', origin)

    if (req.method !== 'OPTIONS') {
      res.set('Access-Control-Expose-Headers', 'WWW-Authenticate, DPoP-Nonce, Retry-After')
      next()
      return
    }
    res.set({
      Allow: methods,
      'Access-Control-Allow-Methods': methods,
      'Access-Control-Allow-Headers': 'Authorization, Content-Type, DPoP',
      'Access-Control-Max-Age': '600',
    })
    res.status(204).end()
  }
}
