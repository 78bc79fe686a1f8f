import type { JWK } from 'jose'
import express, { type Request, type Response } from 'express'
import { listen, type Running } from '../../demo/listen.ts'

/** An authorization server that does nothing but introspect (RFC 7662) and publish keys: a token is what the test says that it is. */
export function startIntrospectingServer(
  tokens: ReadonlyMap<string, object>,
  keys: readonly JWK[] = [],
): Promise<Running> {
  return listen(0, (url) => {
    const server = express()
    server.get('/.well-known/openid-configuration', (_req, res) => {
      res.json({ issuer: url, introspection_endpoint: `${url}/introspect`, jwks_uri: `${url}/jwks` })
    })
    server.get('/jwks', (_req, res) => {
      res.json({ keys })
    })
    server.post(
      '/introspect',
      express.text({ type: () => true }),
      (req: Request<unknown, unknown, unknown>, res: Response) => {
        const token = new URLSearchParams(String(req.body)).get('token') ?? ''
        res.json(tokens.get(token) ?? { active: false })
      },
    )
    return server
  })
}
