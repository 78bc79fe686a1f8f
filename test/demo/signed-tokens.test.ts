import express from 'express'
import type { CryptoKey, JWK } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemoApi } from '../../demo/api.ts'
import { listen, type Running } from '../../demo/listen.ts'
import { makeProofKey } from '../dpop-proof.ts'
import { startUnreachableServer } from './unreachable-server.ts'

let server: Running
let api: Running
let published: JWK[]
let keys: Record<'ES256' | 'EdDSA' | 'other', CryptoKey>
let jwksStatus = 200
const now = new Date('2026-03-01T12:00:00Z')
const iat = now.getTime() / 1000

beforeAll(async () => {
  const [first, second, other] = await Promise.all([
    generateKeyPair('ES256'),
    generateKeyPair('EdDSA'),
    generateKeyPair('ES256'),
  ])
  keys = { ES256: first.privateKey, EdDSA: second.privateKey, other: other.privateKey }
  published = [
    { ...(await exportJWK(first.publicKey)), alg: 'ES256', kid: 'ES256' },
    { ...(await exportJWK(second.publicKey)), alg: 'EdDSA', kid: 'EdDSA' },
  ]
  server = await startKeyServer()
  api = await startApi(server.url)
})

afterAll(async () => {
  await api.close()
  await server.close()
})

/** An authorization server of which nothing is left but its metadata and its keys. */
function startKeyServer(): Promise<Running> {
  return listen(0, (url) => {
    const app = express()
    app.get('/.well-known/openid-configuration', (_req, res) => {
      res.json({ issuer: url, jwks_uri: `${url}/jwks` })
    })
    app.get('/jwks', (_req, res) => {
      res.status(jwksStatus).json({ keys: published })
    })
    return app
  })
}

function startApi(issuer: string): Promise<Running> {
  const client = { clientId: 'demo-api', clientSecret: 'secret' }
  return startDemoApi({ issuer, ...client, port: 0, tokens: 'verify', now: () => now })
}

interface Changes {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  key?: keyof typeof keys | Uint8Array
}

/** An access token as RFC 9068 §2 wants it, but for the changes; what is undefined is left out. */
function sign({ claims = {}, header = {}, key = 'ES256' }: Changes = {}): Promise<string> {
  const all: Record<string, unknown> = {
    ...{ iss: server.url, aud: api.url, sub: 'jane', client_id: 'app', jti: '1', iat, exp: iat + 60 },
    ...{ scope: 'notes:read', ...claims },
  }
  return new SignJWT(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)))
    .setProtectedHeader({ alg: 'ES256', kid: 'ES256', typ: 'at+jwt', ...header })
    .sign(typeof key === 'string' ? keys[key] : key)
}

async function call(token: string, { scheme = 'Bearer', proof }: { scheme?: string; proof?: string } = {}, to = api) {
  const headers = { authorization: `${scheme} ${token}`, ...(proof !== undefined && { dpop: proof }) }
  const response = await fetch(`${to.url}/introspection`, { headers })
  const answer: unknown = await response.json()
  return { status: response.status, challenge: response.headers.get('www-authenticate'), answer }
}

describe('RFC 9068 §4: an API that has nothing but the keys of the authorization server', () => {
  it('given a good token, then it is known what introspection would tell', async () => {
    const details = [{ type: 'account_information', accounts: [{ iban: 'X' }] }]
    const { status, answer } = await call(await sign({ claims: { authorization_details: details } }))
    expect([status, answer]).toEqual([
      200,
      {
        ...{ active: true, iss: server.url, aud: api.url, sub: 'jane', client_id: 'app', jti: '1', iat, exp: iat + 60 },
        ...{ scope: 'notes:read', authorization_details: details },
      },
    ])
  })

  it.each<[string, Changes]>([
    ['another key of the server', { header: { alg: 'EdDSA', kid: 'EdDSA' }, key: 'EdDSA' }],
    ['the longer name of the type', { header: { typ: 'application/at+jwt' } }],
  ])('given %s, then the token is good', async (_, changes) => {
    expect((await call(await sign(changes))).status).toBe(200)
  })

  it('given several audiences, when the API is one, then the token is good', async () => {
    expect((await call(await sign({ claims: { aud: ['https://other.example', api.url] } }))).status).toBe(200)
  })

  it('§3: given the default audience, then the token is for whoever trusts the server', async () => {
    const { status, answer } = await call(await sign({ claims: { aud: server.url } }))
    expect(status).toBe(200)
    expect(answer).not.toHaveProperty('aud')
  })

  it('§2.2: given a client that acts for itself, then nobody is signed in', async () => {
    const { answer } = await call(await sign({ claims: { sub: 'app' } }))
    expect(answer).not.toHaveProperty('sub')
  })

  it.each<[string, Changes]>([
    ['a signature of somebody else', { key: 'other' }],
    ['a key that is not published', { header: { kid: 'x' } }],
    ['a shared secret', { header: { alg: 'HS256' }, key: new Uint8Array(32) }],
    ['the type of an ID token', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['another issuer', { claims: { iss: 'https://other.example' } }],
    ['another audience', { claims: { aud: 'https://other.example' } }],
    ['no audience', { claims: { aud: undefined } }],
    ['an end that has come', { claims: { exp: iat } }],
    ['no end', { claims: { exp: undefined } }],
    ['no subject', { claims: { sub: undefined } }],
    ['no client', { claims: { client_id: undefined } }],
    ['no jti', { claims: { jti: undefined } }],
    ['a time before which it is not valid', { claims: { nbf: iat + 1 } }],
    ['a scope that is no text', { claims: { scope: ['notes:read'] } }],
  ])('given %s, then 401 invalid_token', async (_, changes) => {
    const { status, challenge } = await call(await sign(changes))
    expect([status, challenge]).toEqual([401, expect.stringContaining('error="invalid_token"')])
  })

  it.each(['opaque', 'a.b.c', `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.e30.`])(
    'given %s, then 401 invalid_token',
    async (token) => {
      const { status, challenge } = await call(token)
      expect([status, challenge]).toEqual([401, expect.stringContaining('error="invalid_token"')])
    },
  )

  it('RFC 9449 §7.1: given a token that is bound to a key, then the proof decides', async () => {
    const key = await makeProofKey()
    const token = await sign({ claims: { cnf: { jkt: key.jkt } } })
    expect((await call(token)).status).toBe(401)
    const request = { htm: 'GET', htu: `${api.url}/introspection`, accessToken: token }
    const proof = await key.prove({ ...request, now })
    expect((await call(token, { scheme: 'DPoP', proof })).status).toBe(200)
  })

  it('given keys that cannot be read now, then 503, and later the token is good', async () => {
    const late = await startApi(server.url)
    const token = await sign({ claims: { aud: late.url } })
    jwksStatus = 500
    expect((await call(token, {}, late)).status).toBe(503)
    jwksStatus = 200
    expect((await call(token, {}, late)).status).toBe(200)
    await late.close()
  })

  it('given a server that cannot be reached, then 503', async () => {
    const nobody = await startUnreachableServer()
    const lonely = await startApi(nobody.issuer)
    expect((await call(await sign(), {}, lonely)).status).toBe(503)
    await lonely.close()
    await nobody.close()
  })
})
