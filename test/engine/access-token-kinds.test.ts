import { randomBytes } from 'node:crypto'
import type { JWK } from 'jose'
import {
  calculateJwkThumbprint,
  compactVerify,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Client } from '../../sdk/types.ts'
import { signingAlgorithms } from '../../server/engine/protocol/signing-algorithms.ts'
import { issueCertificate } from '../certificates.ts'
import { verifyAccessTokenAgain, verifyAgain } from '../second-verifier.ts'
import type { Conversation } from './conversation.ts'
import { authorizationParameters, codeParameters, converse, responseOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const api = 'https://api.example'

let under: TestEngine
let engine: Conversation
let keys: JWK[]

beforeAll(async () => {
  keys = await Promise.all(signingAlgorithms.map(makeKey))
  under = await openTestEngine({
    jwks: JSON.stringify({ keys }),
    supportedAuthorizationDetailsTypes: ['accounts'],
    supportedTokenAuthMethods: ['CLIENT_SECRET_BASIC', 'SELF_SIGNED_TLS_CLIENT_AUTH'],
    tlsClientCertificateBoundAccessTokens: true,
  })
  engine = converse(under)
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

async function makeKey(alg: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) }
}

const signedWith = (value: string): Client => ({ attributes: [{ key: 'access_token.sign_alg', value }] })
const machine = { grant_type: 'client_credentials', scope: 'notes:read' }

/** Two verifiers that know the published keys and nothing else; they must agree. */
async function verifyTwice(token: string, audience = testIssuer): Promise<Record<string, unknown>> {
  const params = { path: { serviceId: String(under.serviceId) } }
  const published = await ask(under.engine.GET('/api/{serviceId}/service/jwks/get', { params }))
  const expected = { issuer: testIssuer, audience }
  const options = { ...expected, typ: 'at+jwt', currentDate: under.clock.now() }
  const { payload } = await jwtVerify(token, createLocalJWKSet(published), options)
  const again = verifyAccessTokenAgain(token, published.keys, { ...expected, now: under.clock.now() })
  expect(again).toEqual(payload)
  return again
}

describe('RFC 7515 §5.2: all that the service signs', () => {
  it.each(signingAlgorithms)(
    'given %s, then two verifiers accept each kind of JWT, and refuse it changed',
    async (alg) => {
      const client = await engine.registerClient({
        ...signedWith(alg),
        ...{ idTokenSignAlg: alg, userInfoSignAlg: alg, authorizationSignAlg: alg },
      })
      const params = { path: { serviceId: String(under.serviceId) } }
      const codeVerifier = randomBytes(32).toString('base64url')
      const asked = await engine.authorize({ ...authorizationParameters(client, codeVerifier), response_mode: 'jwt' })
      if (asked.action !== 'INTERACTION') throw new Error(asked.resultMessage)
      const { response = '' } = responseOf(await engine.issue({ ticket: asked.ticket, subject: 'subject-1' }))
      const { code } = decodeJwt<{ code: string }>(response)
      const { access_token: token, id_token } = tokensOf(
        await engine.token(codeParameters(client, code, codeVerifier), client),
      )
      const userinfo = await ask(under.engine.POST('/api/{serviceId}/auth/userinfo/issue', { params, body: { token } }))
      const introspected = await ask(
        under.engine.POST('/api/{serviceId}/auth/introspection/standard', {
          params,
          body: {
            ...{ parameters: `token=${token}`, rsUri: api, introspectionSignAlg: alg },
            httpAcceptHeader: 'application/token-introspection+jwt',
          },
        }),
      )
      const { keys: published } = await ask(under.engine.GET('/api/{serviceId}/service/jwks/get', { params }))
      const jwts = [token, id_token ?? '', response, userinfo.responseContent, introspected.responseContent]
      for (const jwt of jwts) {
        const { payload, protectedHeader } = await compactVerify(jwt, createLocalJWKSet({ keys: published }))
        expect(protectedHeader.alg).toBe(alg)
        expect(verifyAgain(jwt, published).claims).toEqual(JSON.parse(new TextDecoder().decode(payload)))
        const [header, , signature] = jwt.split('.')
        const other = Buffer.from(JSON.stringify({ ...decodeJwt(jwt), sub: 'somebody else' })).toString('base64url')
        const changed = [header, other, signature].join('.')
        await expect(compactVerify(changed, createLocalJWKSet({ keys: published }))).rejects.toThrow()
        expect(() => verifyAgain(changed, published)).toThrow('the signature does not verify')
      }
    },
  )
})

describe('RFC 9068 §2.1: access tokens of a client are signed when the client asks for it', () => {
  it.each(signingAlgorithms)(
    'given %s, then two verifiers accept them, and the engine still knows them',
    async (alg) => {
      const client = await engine.registerClient(signedWith(alg))
      const { access_token: token } = tokensOf(await engine.token(machine, client))
      expect(decodeProtectedHeader(token)).toMatchObject({ alg, typ: 'at+jwt' })
      expect(await verifyTwice(token)).toMatchObject({ client_id: client.clientId, scope: 'notes:read' })
      expect(await engine.introspect(token)).toMatchObject({ active: true })
      await engine.revoke({ token }, client)
      expect(await engine.introspect(token)).toEqual({ active: false })
      // What revocation cannot reach: whoever only has the keys goes on until the token expires.
      await verifyTwice(token)
      under.clock.advance(600)
      await expect(verifyTwice(token)).rejects.toThrow()
    },
  )

  it.each(['HS256', 'HS384', 'HS512', 'NONE', 'none', 'es256', '', 'ES256K'])(
    'given %j, then registration says what is possible',
    async (alg) => {
      const body = {
        clientName: 'A client',
        attributes: [{ key: 'a', value: 'b' }, ...(signedWith(alg).attributes ?? [])],
      }
      const { status, json } = await under.call('POST', `/${under.serviceId}/client/create`, { body })
      expect([status, json['resultMessage']]).toEqual([
        400,
        expect.stringMatching(/attributes\/1: access_token\.sign_alg: this engine offers ES256, .*EdDSA; never none/),
      ])
    },
  )

  it.each(['HS256', 'NONE'])('given %s for the whole service, then it is refused as well', async (alg) => {
    const { json } = await under.call('GET', `/${under.serviceId}/service/get`)
    const body = { ...json, accessTokenSignAlg: alg }
    const { status } = await under.call('POST', `/${under.serviceId}/service/update`, { body })
    expect(status).toBe(400)
  })

  it('given an algorithm that the service has no key for, then registration says so', async () => {
    const poor = await openTestEngine()
    const body = { clientName: 'A client', ...signedWith('ES512') }
    const { status, text } = await poor.call('POST', `/${poor.serviceId}/client/create`, { body })
    expect([status, text]).toEqual([400, expect.stringContaining('the service has no key for ES512')])
    await poor.close()
  })

  it('given one client that asks and one that does not, then each has its kind', async () => {
    const [signing, plain] = [await engine.registerClient(signedWith('ES256')), await engine.registerClient()]
    expect(tokensOf(await engine.token(machine, signing)).access_token.split('.')).toHaveLength(3)
    expect(tokensOf(await engine.token(machine, plain)).access_token).not.toContain('.')
  })

  it('given another algorithm for the service, then the client has its own', async () => {
    const both = await openTestEngine({ accessTokenSignAlg: 'ES256' })
    const talk = converse(both)
    const alg = async (settings: Client) =>
      decodeProtectedHeader(tokensOf(await talk.token(machine, await talk.registerClient(settings))).access_token).alg
    expect([await alg({}), await alg(signedWith('EdDSA'))]).toEqual(['ES256', 'EdDSA'])
    await both.close()
  })

  it('given a service that gave up the key since, then the engine says what is wrong', async () => {
    const changing = await openTestEngine()
    const talk = converse(changing)
    const client = await talk.registerClient(signedWith('PS256'))
    const { json } = await changing.call('GET', `/${changing.serviceId}/service/get`)
    const kept = keys.filter(({ alg }) => alg === 'ES256' || alg === 'RS256')
    const update = `/${changing.serviceId}/service/update`
    const body = { ...json, jwks: JSON.stringify({ keys: kept }) }
    expect((await changing.call('POST', update, { body })).status).toBe(200)
    const answer = await talk.token(machine, client)
    expect(answer).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A951201' })
    await changing.close()
  })
})

describe('RFC 9068 §2.2: what a signed access token says, and what it never says', () => {
  const detail = { type: 'accounts', actions: ['balance'] }

  it('given all that a grant can have, then these claims, and nothing about the person', async () => {
    const client = await engine.registerClient({ ...signedWith('ES256'), authorizationDetailsTypes: ['accounts'] })
    const asked = { email: null, phone_number: { essential: true } }
    const { code, codeVerifier } = await engine.obtainCode(client, {
      parameters: {
        claims: JSON.stringify({ userinfo: asked, id_token: asked }),
        authorization_details: JSON.stringify([detail]),
      },
      resources: [api],
      issue: {
        authTime: 1_772_366_000,
        acr: 'gold',
        claims: '{"email":"ann@example.com","phone_number":"+49 30 1"}',
        consentedClaims: ['email', 'phone_number'],
        properties: [
          { key: 'tenant', value: 'north' },
          { key: 'consent_id', value: 'c-17', hidden: true },
        ],
      },
    })
    const { access_token: token } = tokensOf(await engine.token(codeParameters(client, code, codeVerifier), client))
    const { jti, iat, exp, ...claims } = await verifyTwice(token, api)
    expect([typeof jti, Number(exp) - Number(iat)]).toEqual(['string', 600])
    expect(claims).toEqual({
      iss: testIssuer,
      sub: 'subject-1',
      aud: [api],
      client_id: client.clientId,
      scope: 'openid email notes:read notes:write',
      authorization_details: [detail],
      grant_type: 'authorization_code',
      auth_time: 1_772_366_000,
      acr: 'gold',
      tenant: 'north',
    })
    expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).not.toMatch(/ann@|\+49|c-17/)
  })

  it('RFC 7800 §3.1: says what it is bound to', async () => {
    const certificate = await issueCertificate()
    const client = await engine.registerClient({
      ...signedWith('ES256'),
      tokenAuthMethod: 'SELF_SIGNED_TLS_CLIENT_AUTH',
      jwks: JSON.stringify({ keys: [certificate.jwk] }),
      tlsClientCertificateBoundAccessTokens: true,
    })
    const body = { ...machine, client_id: client.clientId }
    const { access_token: token } = tokensOf(
      await engine.token(body, undefined, { clientCertificate: certificate.pem }),
    )
    expect(JSON.stringify((await verifyTwice(token))['cnf'])).toMatch(/^{"x5t#S256":"[\w-]{43}"}$/)
    expect(await engine.introspect(token)).toMatchObject({ cnf: decodeJwt(token)['cnf'] })
  })
})
