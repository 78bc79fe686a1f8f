import { createHash } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { Agent, fetch } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemoApi } from '../../demo/api.ts'
import type { Running } from '../../demo/listen.ts'
import type { IssuedCertificate } from '../certificates.ts'
import { issueCertificate } from '../certificates.ts'
import type { ProofKey } from '../dpop-proof.ts'
import { makeProofKey } from '../dpop-proof.ts'
import { startIntrospectingServer } from './introspecting-server.ts'

const tokens = new Map<string, object>()
let server: Running
let api: Running
let verifyingApi: Running
let signingKey: CryptoKey
let ownCertificate: IssuedCertificate
let proofKey: ProofKey
const agents: Agent[] = []
/** By the certificate that is presented. */
let agentOf: Record<'own' | 'other' | 'none', Agent>

const hour = 3_600_000
const known = { active: true, sub: 'subject-1', client_id: 'a-client', scope: 'notes:read' }

beforeAll(async () => {
  const valid = { validFrom: new Date(Date.now() - hour), validTo: new Date(Date.now() + hour) }
  const keys = await generateKeyPair('ES256')
  signingKey = keys.privateKey
  server = await startIntrospectingServer(tokens, [{ ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'one' }])
  const names = [{ type: 'dns' as const, value: 'localhost' }]
  const [tls, own, other] = await Promise.all([
    issueCertificate({ ...valid, names }),
    issueCertificate(valid),
    issueCertificate(valid),
  ])
  const registration = { issuer: server.url, clientId: 'demo-api', clientSecret: 'demo-api-secret' }
  const local = { ...registration, port: 0, tls: { cert: tls.pem, key: tls.privateKeyPem } }
  api = await startDemoApi(local)
  verifyingApi = await startDemoApi({ ...local, tokens: 'verify' })
  const connect = (client?: IssuedCertificate) => {
    const agent = new Agent({
      connect: { ca: tls.pem, ...(client && { cert: client.pem, key: client.privateKeyPem }) },
    })
    agents.push(agent)
    return agent
  }
  agentOf = { own: connect(own), other: connect(other), none: connect() }
  ownCertificate = own
  proofKey = await makeProofKey()
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()))
  await api.close()
  await verifyingApi.close()
  await server.close()
})

const bindingTo = ({ certificate }: IssuedCertificate) => ({
  'x5t#S256': createHash('sha256').update(certificate.raw).digest('base64url'),
})

async function call(
  accessToken: string,
  by: keyof typeof agentOf,
  headers: Record<string, string> = {},
  { url }: Running = api,
) {
  const authorization = `Bearer ${accessToken}`
  const response = await fetch(`${url}/notes`, {
    headers: { authorization, ...headers },
    dispatcher: agentOf[by],
  })
  await response.text()
  return { status: response.status, challenge: response.headers.get('www-authenticate') ?? '' }
}

describe('RFC 8705 §3: the API and a token that is bound to a certificate', () => {
  beforeAll(() => {
    tokens.set('bound', { ...known, cnf: bindingTo(ownCertificate) })
    tokens.set('twice', { ...known, cnf: { ...bindingTo(ownCertificate), jkt: proofKey.jkt } })
    tokens.set('unbound', known)
    tokens.set('strange', { ...known, cnf: { ...bindingTo(ownCertificate), kid: 'x' } })
  })

  it('given its certificate, then the call goes on', async () => {
    expect((await call('bound', 'own')).status).toBe(200)
  })

  it.each(['other', 'none'] as const)('given the certificate %s, then 401 invalid_token', async (by) => {
    const { status, challenge } = await call('bound', by)
    expect(status).toBe(401)
    expect(challenge).toMatch(/^Bearer .*error="invalid_token"/)
  })

  it.each(['own', 'none'] as const)(
    'given a bearer token and the certificate %s, then it does not matter',
    async (by) => {
      expect((await call('unbound', by)).status).toBe(200)
    },
  )

  it('given a token that is bound to a key as well, then it takes both', async () => {
    const prove = async () => ({
      authorization: 'DPoP twice',
      dpop: await proofKey.prove({ htm: 'GET', htu: `${api.url}/notes`, accessToken: 'twice' }),
    })
    expect((await call('twice', 'own', await prove())).status).toBe(200)
    expect((await call('twice', 'other', await prove())).status).toBe(401)
    expect((await call('twice', 'own')).status).toBe(401)
  })

  it('given a confirmation that the API does not know, then 401: it opens nothing', async () => {
    expect((await call('strange', 'own')).status).toBe(401)
  })
})

describe('RFC 8705 §3.1: an API that verifies signed tokens itself, and one that is bound to a certificate', () => {
  async function issue(cnf: object | undefined) {
    const seconds = Math.floor(Date.now() / 1000)
    const usual = { iss: server.url, aud: verifyingApi.url, sub: 'subject-1', client_id: 'a-client', jti: 'x' }
    return new SignJWT({ ...usual, iat: seconds, exp: seconds + 60, scope: 'notes:read', cnf })
      .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'at+jwt' })
      .sign(signingKey)
  }

  it('given its certificate, then the call goes on; given another or none, then 401', async () => {
    const token = await issue(bindingTo(ownCertificate))
    expect((await call(token, 'own', {}, verifyingApi)).status).toBe(200)
    expect((await call(token, 'other', {}, verifyingApi)).status).toBe(401)
    expect((await call(token, 'none', {}, verifyingApi)).status).toBe(401)
  })

  it('given a token that is bound to nothing, then a certificate does no harm', async () => {
    expect((await call(await issue(undefined), 'own', {}, verifyingApi)).status).toBe(200)
  })

  it('given one that is bound to a key, then it is no bearer token', async () => {
    const token = await issue({ jkt: proofKey.jkt })
    expect((await call(token, 'own', {}, verifyingApi)).challenge).toContain('error="invalid_token"')
  })
})
