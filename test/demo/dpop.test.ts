import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemoApi } from '../../demo/api.ts'
import type { Running } from '../../demo/listen.ts'
import type { ChangeOfProof, ProofKey } from '../dpop-proof.ts'
import { hashOfToken, makeProofKey, rightProofs, wrongProofs } from '../dpop-proof.ts'
import { startIntrospectingServer } from './introspecting-server.ts'

const tokens = new Map<string, object>()
let server: Running
let api: Running
let key: ProofKey
let proven: { htm: string; htu: string; accessToken: string }

beforeAll(async () => {
  server = await startIntrospectingServer(tokens)
  api = await startDemoApi({ issuer: server.url, clientId: 'demo-api', clientSecret: 'demo-api-secret', port: 0 })
  key = await makeProofKey()
  const known = { active: true, sub: 'subject-1', scope: 'notes:read' }
  tokens.set('bound', { ...known, token_type: 'DPoP', cnf: { jkt: key.jkt } })
  tokens.set('bearer', { ...known, token_type: 'Bearer' })
  tokens.set('certificate', { ...known, cnf: { 'x5t#S256': 'x' } })
  proven = { htm: 'GET', htu: `${api.url}/notes`, accessToken: 'bound' }
})

afterAll(async () => {
  await api.close()
  await server.close()
})

async function call(proof: string | undefined, authorization = 'DPoP bound', path = '/notes') {
  const headers = { authorization, ...(proof !== undefined && { dpop: proof }) }
  const response = await fetch(`${api.url}${path}`, { headers })
  return { status: response.status, challenge: response.headers.get('www-authenticate') ?? '' }
}

const prove = (change?: ChangeOfProof, by = key) => by.prove(proven, change)

describe('RFC 9449 §7.1: the API and a token that is bound to a key', () => {
  it.each(rightProofs)('given a proof with %s, then the call goes on', async (_, right) => {
    expect((await call(await right(key, proven))).status).toBe(200)
  })

  it('given a query in the address, then it does not matter', async () => {
    expect((await call(await prove(), 'DPoP bound', '/notes?a=b')).status).toBe(200)
  })

  it('given the scheme in capitals, then it is the same', async () => {
    expect((await call(await prove(), 'DPOP bound')).status).toBe(200)
  })

  it.each(wrongProofs)('given %s, then 401 invalid_dpop_proof', async (_, wrong) => {
    const { status, challenge } = await call(await wrong(key, proven))
    expect(status).toBe(401)
    expect(challenge).toMatch(
      /^DPoP realm="Daybook API", error="invalid_dpop_proof", .*algs="ES256 PS256 EdDSA Ed25519"$/,
    )
  })

  it.each<[string, () => Promise<string | undefined>]>([
    ['no proof', () => Promise.resolve(undefined)],
    ['no ath', () => prove({ claims: { ath: undefined } })],
    ['the ath of another token', () => prove({ claims: { ath: hashOfToken('other') } })],
    ['a proof of another key', async () => prove({}, await makeProofKey())],
  ])('given %s, then 401 invalid_dpop_proof', async (_, proof) => {
    const { status, challenge } = await call(await proof())
    expect(status).toBe(401)
    expect(challenge).toContain('error="invalid_dpop_proof"')
  })

  it('given two headers, then 401', async () => {
    expect(await statusOfTwo(`${api.url}/notes`, await prove())).toBe(401)
  })

  it('§11.1: given a proof that was used before, then 401', async () => {
    const proof = await prove()
    expect((await call(proof)).status).toBe(200)
    expect((await call(proof)).status).toBe(401)
  })

  it('given a good proof and too little scope, then 403 in the scheme of the token', async () => {
    const htu = `${api.url}/calendar`
    const { status, challenge } = await call(await key.prove({ ...proven, htu }), 'DPoP bound', '/calendar')
    expect(status).toBe(403)
    expect(challenge).toMatch(/^DPoP .*error="insufficient_scope"/)
  })

  it('§7.2: given the token as a bearer token, then 401, and DPoP is offered', async () => {
    const { status, challenge } = await call(await prove(), 'Bearer bound')
    expect(status).toBe(401)
    expect(challenge).toMatch(/^Bearer .*error="invalid_token".*, DPoP algs="ES256 /)
  })
})

describe('RFC 9449 §7.1: the API and a token that is not bound with DPoP', () => {
  it.each(['bearer', 'certificate'])('given a %s token in the scheme DPoP, then 401', async (accessToken) => {
    const { status, challenge } = await call(await key.prove({ ...proven, accessToken }), `DPoP ${accessToken}`)
    expect(status).toBe(401)
    expect(challenge).toContain('error="invalid_token"')
  })

  it('given a bearer token as such, then the call goes on; one of a certificate does not', async () => {
    expect((await call(undefined, 'Bearer bearer')).status).toBe(200)
    expect((await call(undefined, 'Bearer certificate')).status).toBe(401)
  })
})

/** A call with the same DPoP header twice; `fetch` would join them. */
function statusOfTwo(url: string, proof: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { authorization: 'DPoP bound', dpop: [proof, proof] } }, (res) => {
      res.resume().on('end', () => {
        resolve(res.statusCode)
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}
