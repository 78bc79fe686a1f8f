import type { RequestHandler } from 'express'
import type { FrontEnd } from '../front-end.ts'

/** GET /client-logo/:signature?of=… — RFC 7591 §2, logo_uri: a picture that our pages show. The session has no part in it. */
export function clientLogo({ logos }: FrontEnd): RequestHandler {
  return async (req, res) => {
    const { signature } = req.params
    const { of: logoUri } = req.query
    const isWhole = typeof signature === 'string' && typeof logoUri === 'string'
    const logo = isWhole ? await logos.find(signature, logoUri) : undefined
    // Whoever opens it as a page finds a picture without any rights.
    res.set('Content-Security-Policy', "default-src 'none'; sandbox")
    if (logo === undefined) {
      res.status(404).set('Cache-Control', 'no-store').end()
      return
    }
    res.set('Cache-Control', 'public, max-age=86400, immutable').set('Content-Type', logo.mediaType)
    res.end(Buffer.from(logo.bytes))
  }
}
