import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CryptoKey, JWK } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../free-port.ts'
import type { ServerProcess } from '../server-process.ts'
import { startServer } from '../server-process.ts'
import type { Certificate } from './self-signed-certificate.ts'
import { makeSelfSignedCertificate } from './self-signed-certificate.ts'

const program = resolve(import.meta.dirname, '../../server/engine/main.ts')

let folder: string
let server: ServerProcess
let engineUrl: string
let key: CryptoKey
/** The same keys, published in several places. */
let sites: Record<'allowed' | 'notAllowed' | 'trusted' | 'notTrusted', Site>
let closedPort: number

beforeAll(async () => {
  const pair = await generateKeyPair('ES256')
  key = pair.privateKey
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' }
  const certificate = makeSelfSignedCertificate()
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-jwks-uri-'))
  const trusted = join(folder, 'trusted.pem')
  await writeFile(trusted, certificate.cert)
  sites = {
    allowed: await publish(jwk),
    notAllowed: await publish(jwk),
    trusted: await publish(jwk, certificate),
    notTrusted: await publish(jwk, makeSelfSignedCertificate()),
  }
  closedPort = await freePort()
  const enginePort = await freePort()
  engineUrl = `http://127.0.0.1:${enginePort}`
  const open = [sites.allowed.port, sites.trusted.port, sites.notTrusted.port, closedPort]
  server = await startServer(program, {
    ENGINE_PORT: String(enginePort),
    NODE_EXTRA_CA_CERTS: trusted,
    OUTBOUND_ALLOW: open.map((port) => `localhost:${port}`).join(','),
    LOG_LEVEL: 'silent',
  })
})

afterAll(async () => {
  await server.stop()
  await Promise.all(Object.values(sites).map((site) => site.close()))
  await rm(folder, { recursive: true, force: true })
})

interface Site {
  port: number
  /** How often it was asked. */
  asked: () => number
  close: () => Promise<void>
}

/** A client's own server on this machine, over TLS when it has a certificate. */
async function publish(jwk: JWK, certificate?: Certificate): Promise<Site> {
  let asked = 0
  const listener: RequestListener = (_, response) => {
    asked += 1
    response.writeHead(200, { 'Content-Type': 'application/jwk-set+json' }).end(JSON.stringify({ keys: [jwk] }))
  }
  const site = certificate ? createHttpsServer(certificate, listener) : createHttpServer(listener)
  const port = await freePort()
  site.listen(port, '127.0.0.1')
  await once(site, 'listening')
  return {
    port,
    asked: () => asked,
    async close() {
      site.closeAllConnections()
      site.close()
      await once(site, 'close')
    },
  }
}

async function register(alias: string, jwksUri: string): Promise<void> {
  const response = await fetch(`${engineUrl}/api/1000001/client/create`, {
    method: 'POST',
    headers: { Authorization: 'Bearer dev-engine-token', 'Content-Type': 'application/json' },
    body: JSON.stringify({
      clientIdAlias: alias,
      clientType: 'CONFIDENTIAL',
      grantTypes: ['CLIENT_CREDENTIALS'],
      tokenAuthMethod: 'PRIVATE_KEY_JWT',
      tokenAuthSignAlg: 'ES256',
      jwksUri,
    }),
  })
  expect([await response.text(), response.status]).toEqual([expect.anything(), 201])
}

/** RFC 7523 §2.2: asks for a token, with an assertion that the key of all these clients has signed. */
async function askForToken(clientId: string): Promise<{ status: number; body: unknown }> {
  const assertion = await new SignJWT({ jti: `${clientId} ${Math.random()}` })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(server.issuer)
    .setIssuedAt()
    .setExpirationTime('1 minute')
    .sign(key)
  const response = await fetch(`${server.issuer}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'notes:read',
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }),
  })
  return { status: response.status, body: await response.json() }
}

describe('RFC 7591 §2: private_key_jwt over HTTP, with the keys at a jwks_uri', () => {
  it('given an address that OUTBOUND_ALLOW lets through, then the client is authenticated, and the keys are read once', async () => {
    await register('publisher', `http://localhost:${sites.allowed.port}/jwks`)
    expect(sites.allowed.asked()).toBe(0)
    const answers = [await askForToken('publisher'), await askForToken('publisher')]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(sites.allowed.asked()).toBe(1)
  })

  it('given an address over TLS with a certificate that is trusted, then the client is authenticated', async () => {
    await register('publisher-tls', `https://localhost:${sites.trusted.port}/jwks`)
    expect(await askForToken('publisher-tls')).toMatchObject({ status: 200 })
  })

  it('given a certificate that nobody trusts, a closed port, and addresses that were not let through, then all get one answer', async () => {
    const addresses = {
      'not-trusted': `https://localhost:${sites.notTrusted.port}/jwks`,
      'closed-port': `http://localhost:${closedPort}/jwks`,
      'not-allowed': `http://localhost:${sites.notAllowed.port}/jwks`,
      'other-name': `http://127.0.0.1:${sites.allowed.port}/jwks`,
      private: 'https://10.0.0.1/jwks',
    }
    for (const [alias, address] of Object.entries(addresses)) await register(alias, address)
    const before = sites.allowed.asked()
    const answers = await Promise.all(Object.keys(addresses).map(askForToken))
    const refusal = {
      error: 'invalid_client',
      error_description: '[A957330] The keys of the client could not be read.',
      error_uri: 'https://www.rfc-editor.org/rfc/rfc7591#section-2',
    }
    expect(answers).toEqual(Object.keys(addresses).map(() => ({ status: 401, body: refusal })))
    expect([sites.notTrusted.asked(), sites.notAllowed.asked()]).toEqual([0, 0])
    expect(sites.allowed.asked()).toBe(before)
  })
})
