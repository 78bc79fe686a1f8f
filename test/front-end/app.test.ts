import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { demoPeople } from '../../server/demo-people.ts'
import { startApp, type AppUnderTest, type EngineScript } from './app-under-test.ts'

let app: AppUnderTest | undefined

/** One application per test, closed after it. */
async function start(...options: Parameters<typeof startApp>): Promise<AppUnderTest> {
  app = await startApp(...options)
  return app
}

afterEach(() => app?.close())

const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }
const badRequest = { action: 'BAD_REQUEST', responseContent: '{"error":"invalid_request"}', ...result }
const unreachable: EngineScript = () => {
  throw new TypeError('fetch failed')
}

const protocolPosts = ['/oauth/token', '/oauth/par', '/oauth/introspect', '/oauth/revoke']
const metadata = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/oauth/jwks']
const pagesOfPeople = [
  '/',
  '/oauth/authorize?x=1',
  '/interaction/x',
  '/interaction/x/login',
  '/interaction/x/consent',
  '/nothing',
]

describe('RFC 9110 §15.5.6: methods', () => {
  it.each([
    ['/oauth/token', 'GET', 'POST'],
    ['/oauth/par', 'PUT', 'POST'],
    ['/oauth/par', 'HEAD', 'POST'],
    ['/oauth/introspect', 'GET', 'POST'],
    ['/oauth/revoke', 'DELETE', 'POST'],
    ['/oauth/userinfo', 'PUT', 'GET, POST'],
    ['/oauth/jwks', 'POST', 'GET, HEAD'],
    ['/oauth/authorize', 'HEAD', 'GET, POST'],
    ['/oauth/authorize', 'PUT', 'GET, POST'],
    ['/oauth/authorize', 'OPTIONS', 'GET, POST'],
    ['/interaction/x/consent', 'DELETE', 'GET, POST'],
    ['/interaction/x/cancel', 'GET', 'POST'],
  ])('given %s and %s, then 405 and what it allows', async (path, method, allow) => {
    const { fetch } = await start(unreachable)
    const res = await fetch(path, { method })
    expect([res.status, res.headers.get('allow')]).toEqual([405, allow])
  })
})

describe('RFC 6749 §3.2: what the protocol endpoints read', () => {
  it.each(protocolPosts)(
    'given %s and a body that is no form, then 415 as JSON, and the engine is not asked',
    async (path) => {
      const { fetch, calls } = await start(unreachable)
      const res = await fetch(path, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } })
      expect(res.status).toBe(415)
      expect(await res.json()).toMatchObject({ error: 'invalid_request' })
      expect(res.headers.get('cache-control')).toBe('no-store')
      expect(calls).toEqual([])
    },
  )

  it.each(protocolPosts)('given %s and more than 64 KiB, then 413', async (path) => {
    const { post } = await start(unreachable)
    expect((await post(path, `a=${'x'.repeat(70_000)}`)).status).toBe(413)
  })

  it('given parameters that are repeated, odd or in brackets, then the engine sees them as they were sent', async () => {
    const { fetch, calls } = await start(() => badRequest)
    const form = 'grant_type=a&grant_type=b&scope[x]=1&%zz=&__proto__=1&empty='
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: 'Basic aWQ6c2VjcmV0' }
    const res = await fetch('/oauth/token?client_secret=in-the-query', { method: 'POST', body: form, headers })
    expect(res.status).toBe(400)
    expect(calls).toEqual([
      { operation: 'auth/token', body: { parameters: form, clientId: 'id', clientSecret: 'secret' } },
    ])
  })

  it('given Basic credentials that cannot be read, then 401 invalid_client, and the engine is not asked', async () => {
    const { post, calls } = await start(unreachable)
    const res = await post('/oauth/token', 'grant_type=x', { Authorization: 'Basic ***' })
    expect([res.status, res.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="token"'])
    expect(await res.json()).toMatchObject({ error: 'invalid_client' })
    expect(calls).toEqual([])
  })

  it('§5.2: given that the engine refuses the client, then a challenge goes to those who used the header', async () => {
    const { post } = await start(() => ({
      action: 'INVALID_CLIENT',
      responseContent: '{"error":"invalid_client"}',
      ...result,
    }))
    const withHeader = await post('/oauth/token', 'a=1', { Authorization: 'Basic aWQ6c2VjcmV0' })
    expect([withHeader.status, withHeader.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="token"'])
    const without = await post('/oauth/token', 'a=1')
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, null])
  })

  it.each(['PASSWORD', 'TOKEN_EXCHANGE', 'JWT_BEARER', 'NATIVE_SSO'])(
    'given an engine that would do %s, then unsupported_grant_type',
    async (action) => {
      const { post } = await start(() => ({ action, ticket: 'ticket', password: 'secret', ...result }))
      const res = await post('/oauth/token', 'grant_type=x')
      expect(res.status).toBe(400)
      expect(await res.json()).toMatchObject({ error: 'unsupported_grant_type' })
    },
  )

  it('given an action that nobody knows, then 500, and nothing of the answer gets out', async () => {
    const { post } = await start(() => ({ action: 'SURPRISE', responseContent: 'secret-content', ...result }))
    const res = await post('/oauth/token', 'grant_type=x')
    expect(res.status).toBe(500)
    expect(await res.json()).toEqual({ error: 'server_error', error_description: 'The server failed' })
  })
})

describe('RFC 9700 §2.6: cross-origin access', () => {
  const env = { CORS_ORIGINS: 'https://app.example' }

  it.each(metadata)('given %s, then everybody may read it', async (path) => {
    const { fetch } = await start(() => ({ issuer: 'x', keys: [] }), { env })
    const res = await fetch(path, { headers: { Origin: 'https://other.example' } })
    expect(res.headers.get('access-control-allow-origin')).toBe('*')
    expect(res.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it.each(['/oauth/token', '/oauth/par', '/oauth/revoke', '/oauth/userinfo'])(
    'given %s, then the listed origins only, errors included',
    async (path) => {
      const { post, fetch } = await start(unreachable, { env })
      const listed = await post(path, 'a=1', { Origin: 'https://app.example' })
      expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.example')
      expect(listed.headers.get('vary')).toContain('Origin')
      for (const origin of [
        'https://other.example',
        'null',
        'https://app.example.evil.example',
        'http://app.example',
      ]) {
        const other = await post(path, 'a=1', { Origin: origin })
        expect(other.headers.get('access-control-allow-origin')).toBeNull()
      }
      const preflight = await fetch(path, {
        method: 'OPTIONS',
        headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' },
      })
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type, DPoP')
    },
  )

  it.each([...pagesOfPeople, '/oauth/introspect'])('given %s, then nobody, not even a listed origin', async (path) => {
    const { fetch } = await start(() => badRequest, { env })
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const res = await fetch(path, { method, headers: { Origin: 'https://app.example' } })
      expect(res.headers.get('access-control-allow-origin')).toBeNull()
    }
  })
})

describe('pages: headers', () => {
  it.each(pagesOfPeople)('given %s, then no frames, no foreign content, nothing kept', async (path) => {
    const { fetch } = await start(() => badRequest)
    const { headers } = await fetch(path)
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';style-src 'self';script-src 'self';img-src 'self' data:;connect-src 'self';base-uri 'none';frame-ancestors 'none'",
    )
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('strict-transport-security')).toBeNull()
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('etag')).toBeNull()
  })

  it('given https, then HSTS; given a proxy that does not say so, then the mistake is told, not hidden', async () => {
    const { fetch, log } = await start(() => badRequest, { env: { ISSUER: 'https://as.example', TRUST_PROXY: '1' } })
    const res = await fetch('/', { headers: { 'X-Forwarded-Proto': 'https' } })
    expect(res.status).toBe(200)
    expect(res.headers.get('strict-transport-security')).toBe('max-age=63072000')
    expect((await fetch('/')).status).toBe(500)
    expect(log.join('')).toContain('X-Forwarded-Proto')
  })

  it('given a server that nobody knows about, then nothing of the demonstration is shown', async () => {
    const { fetch } = await start(() => badRequest, { env: { ISSUER: 'https://as.example', TRUST_PROXY: '1' } })
    const res = await fetch('/', { headers: { 'X-Forwarded-Proto': 'https' } })
    expect(await res.text()).not.toMatch(/john|jane|bob/i)
  })

  it('given the assets of pages, then they are there, and browsers may keep them', async () => {
    const { fetch } = await start(unreachable)
    const res = await fetch('/assets/gatehouse.css?v=1')
    expect(res.status).toBe(200)
    expect(res.headers.get('cache-control')).toContain('immutable')
    expect(res.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(await res.text()).toMatch(
      /^@layer theme,base,parts,pages;@layer theme\{:root\{color-scheme:light dark;--ground/,
    )
    for (const path of ['/assets/', '/assets/../package.json', '/assets/%2e%2e/text/en.json']) {
      expect((await fetch(path)).status).toBe(404)
    }
  })
})

describe('errors', () => {
  it('given an engine that cannot be reached, then 503 and when to come back, as JSON and as a page', async () => {
    const { post, fetch } = await start(unreachable)
    const program = await post('/oauth/token', 'a=1')
    expect([program.status, program.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await program.json()).toMatchObject({ error: 'temporarily_unavailable' })
    const person = await fetch('/oauth/authorize?a=1', { headers: { Accept: 'text/html' } })
    expect([person.status, person.headers.get('retry-after')]).toEqual([503, '5'])
    expect(person.headers.get('content-type')).toContain('text/html')
    expect((await fetch('/readyz')).status).toBe(503)
    expect((await fetch('/healthz')).status).toBe(200)
  })

  it('given an engine that refuses the front-end itself, then 500, and the client is not told why', async () => {
    const fault = { resultCode: 'A999999', resultMessage: '[A999999] The API access token is unknown.' }
    const { post, log } = await start(() => Response.json(fault, { status: 401 }))
    const res = await post('/oauth/token', 'a=1')
    expect(res.status).toBe(500)
    expect(await res.json()).toEqual({ error: 'server_error', error_description: 'The server failed' })
    expect(log.join('')).toContain('A999999')
  })

  it('given somebody who prefers JSON, then JSON in the place of a page', async () => {
    const { fetch } = await start(() => badRequest)
    for (const path of ['/nothing', '/oauth/authorize?a=1', '/interaction/x']) {
      const res = await fetch(path, { headers: { Accept: 'application/json' } })
      expect(res.headers.get('content-type')).toContain('application/json')
    }
  })

  it('given an address that cannot be decoded, then 400', async () => {
    const { fetch } = await start(unreachable)
    expect((await fetch('/interaction/%zz')).status).toBe(400)
  })

  it('given secrets in every place of a request that fails, then none of them is logged or answered', async () => {
    const { post, fetch, log } = await start(unreachable)
    const secrets = ['s3cret-code', 's3cret-token', 's3cret-password', 's3cret-cookie', 's3cret-basic']
    const headers = {
      Authorization: `Basic ${Buffer.from('id:s3cret-basic').toString('base64')}`,
      Cookie: 'sid=s3cret-cookie',
    }
    const answers = [
      await post('/oauth/token?token=s3cret-token', 'code=s3cret-code&password=s3cret-password', headers),
      await fetch('/oauth/authorize?id_token_hint=s3cret-token', { headers }),
      await fetch('/oauth/userinfo', { headers: { Authorization: 'Bearer s3cret-token' } }),
      await post('/oauth/introspect', 'token=s3cret-token', headers),
      await fetch('/interaction/s3cret-code/login', { headers }),
    ]
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    for (const secret of secrets) {
      expect(log.join('')).not.toContain(secret)
      expect(texts.join('')).not.toContain(secret)
    }
    expect(log.join('')).not.toContain(headers.Authorization)
  })
})

describe('RFC 6749 §3.1: the authorization endpoint', () => {
  it('given a form of another site, which carries no cookie, then 303 to the same request as a query (OIDC Core §3.1.2.1)', async () => {
    const { post, calls } = await start(unreachable)
    const res = await post('/oauth/authorize', 'client_id=a&scope=openid+email&state=%2B%00&state=2')
    expect([res.status, res.headers.get('location')]).toEqual([
      303,
      '/oauth/authorize?client_id=a&scope=openid+email&state=%2B%00&state=2',
    ])
    expect(calls).toEqual([])
  })

  it('given a form that is too long for an address, then 413 and a word about PAR', async () => {
    const { post } = await start(unreachable)
    const res = await post('/oauth/authorize', `a=${'x'.repeat(5_000)}&b=${'x'.repeat(5_000)}`)
    expect(res.status).toBe(413)
    expect(await res.text()).toContain('RFC 9126')
  })

  it('given a query, then the engine sees it as it was sent', async () => {
    const { fetch, calls } = await start(() => badRequest)
    await fetch('/oauth/authorize?client_id=a&client_id=b&scope[x]=%zz&?')
    expect(calls[0]).toEqual({
      operation: 'auth/authorization',
      body: { parameters: 'client_id=a&client_id=b&scope[x]=%zz&?' },
    })
  })

  it('given a redirect URI that is not registered, then developers see which are; in production nobody does', async () => {
    const registered = 'https://app.example/callback'
    const script: EngineScript = ({ operation }) =>
      operation === 'client/get/web' ? { clientId: 1, redirectUris: [registered] } : badRequest
    const address = '/oauth/authorize?client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback%2F'
    const development = await start(script)
    expect(await (await development.fetch(address)).text()).toContain(`<code>${registered}</code>`)
    await development.close()

    const production = await start(script, {
      env: {
        NODE_ENV: 'production',
        ISSUER: 'https://as.example',
        TRUST_PROXY: '1',
        ENGINE_ACCESS_TOKEN: 'made-for-this-front-end',
      },
    })
    const page = await production.fetch(address, { headers: { 'X-Forwarded-Proto': 'https' } })
    expect(page.status).toBe(400)
    expect(await page.text()).not.toContain(registered)
    expect(production.calls).toHaveLength(1)
  })

  it('§4.1.2.1: given that the engine trusts no redirect URI, then a page with its words, escaped', async () => {
    const responseContent = JSON.stringify({ error: 'invalid_request', error_description: '<script>x</script>' })
    const { fetch } = await start(() => ({ ...badRequest, responseContent }))
    const res = await fetch('/oauth/authorize?redirect_uri=https://evil.example')
    expect([res.status, res.headers.get('location')]).toEqual([400, null])
    expect(await res.text()).not.toContain('<script>x')
  })

  it('given a redirect URI of any spelling, then the Location is exactly what the engine said', async () => {
    const responseContent = 'com.example.app:/cb?a=%7b%7D&é=ü|^{}&state=%00 x'
      .replace('é', '%C3%A9')
      .replace('ü', '%c3%bc')
    const { fetch } = await start(() => ({ action: 'LOCATION', responseContent, ...result }))
    const res = await fetch('/oauth/authorize?a=1')
    expect([res.status, res.headers.get('location')]).toEqual([303, responseContent])
    expect(res.headers.get('cache-control')).toBe('no-store')
  })

  it('Form Post §2: given a page of the engine, then it goes out as it is, and its one handler may run', async () => {
    const handler = 'javascript:document.forms[0].submit()'
    const responseContent = `<html><body onload="${handler}"><form method="post" action="https://app.example/cb"></form></body></html>`
    const { fetch } = await start(() => ({ action: 'FORM', responseContent, ...result }))
    const res = await fetch('/oauth/authorize?a=1')
    expect(await res.text()).toBe(responseContent)
    const policy = res.headers.get('content-security-policy') ?? ''
    expect(policy).toContain(`'unsafe-hashes' 'sha256-${createHash('sha256').update(handler).digest('base64')}'`)
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('form-action')
    expect(res.headers.get('x-frame-options')).toBe('DENY')
  })

  it('given prompt=none and nobody signed in, then fail with the reason, and no cookie', async () => {
    const { fetch, calls } = await start(({ operation }) =>
      operation === 'auth/authorization'
        ? {
            action: 'NO_INTERACTION',
            ticket: 'the-ticket',
            client: { clientId: 1 },
            service: { apiKey: 1 },
            maxAge: 0,
            ...result,
          }
        : { action: 'LOCATION', responseContent: 'https://app.example/cb?error=login_required', ...result },
    )
    const res = await fetch('/oauth/authorize?prompt=none')
    expect(res.status).toBe(303)
    expect(res.headers.get('set-cookie')).toBeNull()
    expect(calls[1]).toEqual({
      operation: 'auth/authorization/fail',
      body: { ticket: 'the-ticket', reason: 'NOT_LOGGED_IN' },
    })
  })
})

describe('RFC 7662 §2.1: who may introspect', () => {
  const confidential = {
    clientId: 1,
    clientType: 'CONFIDENTIAL',
    attributes: [{ key: 'resource_server', value: 'true' }],
  }

  /** An engine in which everybody's credentials are right. */
  function trusting(clients: Record<string, object>): EngineScript {
    return ({ operation }) => {
      if (operation === 'auth/revocation') return { action: 'OK', ...result }
      if (operation === 'auth/introspection/standard')
        return { action: 'OK', responseContent: '{"active":false}', ...result }
      const client = clients[operation.replace('client/get/', '')]
      return client ?? Response.json(result, { status: 404 })
    }
  }

  it('given a resource server, then its credentials are proven first, and only the token is asked about', async () => {
    const { post, calls } = await start(trusting({ 'demo-api': confidential }))
    const form = 'token=a%2Bb&token_type_hint=access_token&client_id=demo-api&client_secret=s&scope=x'
    const res = await post('/oauth/introspect', form)
    expect(await res.json()).toEqual({ active: false })
    expect(calls.map(({ operation, body }) => [operation, body['parameters']])).toEqual([
      ['auth/revocation', 'client_id=demo-api&client_secret=s&token=-'],
      ['client/get/demo-api', undefined],
      ['auth/introspection/standard', 'token=a%2Bb&token_type_hint=access_token'],
    ])
  })

  it('given one that asks again, then its credentials are proven each time, and what it is is asked for once in a second', async () => {
    let time = Date.parse('2026-01-01T00:00:00Z')
    let isRight = true
    const clients = { 'demo-api': confidential, other: { clientId: 2, clientType: 'CONFIDENTIAL' } }
    const answering = trusting(clients)
    const wrong = { action: 'INVALID_CLIENT', responseContent: '{"error":"invalid_client"}', ...result }
    const { post, calls } = await start(
      (call) => (call.operation === 'auth/revocation' && !isRight ? wrong : answering(call)),
      { now: () => new Date(time) },
    )
    const ask = async (clientId: string) =>
      (await post('/oauth/introspect', `token=x&client_id=${clientId}&client_secret=s`)).status
    const asked = (operation: string) => calls.filter((call) => call.operation === operation).length
    expect([await ask('demo-api'), await ask('demo-api'), await ask('other'), await ask('other')]).toEqual([
      200, 200, 403, 403,
    ])
    // A refusal is not remembered.
    expect([asked('auth/revocation'), asked('client/get/demo-api'), asked('client/get/other')]).toEqual([4, 1, 2])
    isRight = false
    expect(await ask('demo-api')).toBe(401)
    isRight = true
    time += 1_000
    clients['demo-api'] = { ...confidential, attributes: [] }
    expect(await ask('demo-api')).toBe(403)
  })

  it('RFC 8707: given a resource server that is known by its URI, then the engine is told which one asks', async () => {
    const uri = { key: 'resource_server_uri', value: 'https://api.example' }
    const bank = { ...confidential, attributes: [...confidential.attributes, uri] }
    const { post, calls } = await start(trusting({ bank, 'demo-api': confidential }))
    await post('/oauth/introspect', 'token=x&client_id=bank&client_secret=s&rsUri=https://other.example')
    await post('/oauth/introspect', 'token=x&client_id=demo-api&client_secret=s')
    expect(
      calls.filter(({ operation }) => operation === 'auth/introspection/standard').map(({ body }) => body),
    ).toEqual([
      { parameters: 'token=x', rsUri: 'https://api.example', httpAcceptHeader: '*/*' },
      { parameters: 'token=x', httpAcceptHeader: '*/*' },
    ])
  })

  it('RFC 9701 §4: given a resource server that wants a JWT, then the engine is told how it is to be protected', async () => {
    const key = { kty: 'EC', crv: 'P-256', use: 'enc', x: 'x', y: 'y', kid: 'k' }
    const attributes = Object.entries({
      resource_server_uri: 'https://api.example',
      introspection_signed_response_alg: 'PS256',
      introspection_encrypted_response_alg: 'ECDH-ES',
      introspection_encrypted_response_enc: 'A256GCM',
    }).map(([name, value]) => ({ key: name, value }))
    const jwks = JSON.stringify({ keys: [{ ...key, use: 'sig', kid: 'other' }, key] })
    const bank = { ...confidential, attributes: [...confidential.attributes, ...attributes], jwks }
    const answering = trusting({ bank })
    const { post, calls } = await start((call) =>
      call.operation === 'auth/introspection/standard'
        ? { action: 'JWT', responseContent: 'e.y.J', ...result }
        : answering(call),
    )
    const accept = 'application/token-introspection+jwt'
    const res = await post('/oauth/introspect', 'token=x&client_id=bank&client_secret=s', { Accept: accept })
    expect([res.status, res.headers.get('content-type'), await res.text()]).toEqual([200, accept, 'e.y.J'])
    expect(res.headers.get('cache-control')).toBe('no-store')
    expect(calls.at(-1)?.body).toEqual({
      parameters: 'token=x',
      rsUri: 'https://api.example',
      introspectionSignAlg: 'PS256',
      introspectionEncryptionAlg: 'ECDH-ES',
      introspectionEncryptionEnc: 'A256GCM',
      publicKeyForEncryption: JSON.stringify(key),
      httpAcceptHeader: accept,
    })
  })

  it.each([
    ['RSA-OAEP-256', 'rsa'],
    ['RSA_OAEP_256', 'rsa'],
    ['RSA-OAEP', 'any'],
    ['ECDH-ES', 'ec'],
    ['ECDH_ES_A256KW', 'ec'],
    ['ECDH-ES+A128KW', undefined],
  ])('RFC 7517 §4: given %s, then the key %s of the resource server is encrypted to', async (alg, kid) => {
    const keys = [
      { kty: 'RSA', use: 'sig', kid: 'signs' },
      { kty: 'RSA', key_ops: ['verify'], kid: 'verifies' },
      { kty: 'RSA', kid: 'any' },
      { kty: 'OKP', crv: 'Ed25519', kid: 'Ed25519' },
      { kty: 'EC', crv: 'P-256', use: 'enc', alg: alg.endsWith('A256KW') ? 'ECDH-ES+A256KW' : 'ECDH-ES', kid: 'ec' },
      { kty: 'RSA', use: 'enc', alg: 'RSA-OAEP-256', kid: 'rsa' },
    ]
    const wanted = { key: 'introspection_encrypted_response_alg', value: alg }
    const bank = { ...confidential, attributes: [...confidential.attributes, wanted], jwks: JSON.stringify({ keys }) }
    const { post, calls } = await start(trusting({ bank }))
    await post('/oauth/introspect', 'token=x&client_id=bank&client_secret=s')
    const key = keys.find((each) => each.kid === kid)
    expect(calls.at(-1)?.body['publicKeyForEncryption']).toBe(key && JSON.stringify(key))
  })

  it('given a client that was not made for it, then 403; given a public one, then 401', async () => {
    const { post, calls } = await start(
      trusting({ web: { clientId: 2, clientType: 'CONFIDENTIAL' }, spa: { ...confidential, clientType: 'PUBLIC' } }),
    )
    const web = await post('/oauth/introspect', 'token=x&client_id=web&client_secret=s')
    expect([web.status, await web.json()]).toMatchObject([403, { error: 'unauthorized_client' }])
    const spa = await post('/oauth/introspect', 'token=x&client_id=spa')
    expect([spa.status, await spa.json()]).toMatchObject([401, { error: 'invalid_client' }])
    expect(calls.map(({ operation }) => operation)).not.toContain('auth/introspection/standard')
  })

  it.each([
    ['INVALID_CLIENT', 401],
    ['BAD_REQUEST', 400],
    ['INTERNAL_SERVER_ERROR', 500],
  ])('given credentials that the engine answers with %s, then %i', async (action, status) => {
    const { post, calls } = await start(() => ({ action, responseContent: '{"error":"invalid_client"}', ...result }))
    const res = await post('/oauth/introspect', 'token=x', { Authorization: 'Basic aWQ6c2VjcmV0' })
    expect(res.status).toBe(status)
    expect(res.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="introspection"' : null)
    expect(calls).toHaveLength(1)
  })

  const assertion = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${Buffer.from('{"sub":"demo-api"}').toString('base64url')}.c2ln`
  const other = { Authorization: `Basic ${Buffer.from('web:secret').toString('base64')}` }

  it('given an assertion, then its subject is the caller', async () => {
    const { post, calls } = await start(trusting({ 'demo-api': confidential }))
    expect(
      (await post('/oauth/introspect', `token=x&client_assertion=${assertion}&client_assertion_type=t`)).status,
    ).toBe(200)
    expect(calls[1]?.operation).toBe('client/get/demo-api')
  })

  it.each([
    ['no credentials at all', 'token=x', {}, 401],
    ['a repeated client_id', 'token=x&client_id=web&client_id=demo-api&client_secret=s', {}, 400],
    ['a header and a secret', 'token=x&client_id=web&client_secret=s', other, 400],
    [
      'a header and an assertion of another',
      `token=x&client_assertion=${assertion}&client_assertion_type=t`,
      other,
      400,
    ],
    ['a header and another client_id', 'token=x&client_id=demo-api', other, 400],
    ['an assertion and another client_id', `token=x&client_id=web&client_assertion=${assertion}`, {}, 400],
    ['an assertion that is no JWT', 'token=x&client_assertion=zzz&client_assertion_type=t', {}, 401],
  ])('given %s, then nobody is proven, and nothing is asked', async (_what, form, headers, status) => {
    const { post, calls } = await start(trusting({ 'demo-api': confidential, web: confidential }))
    expect((await post('/oauth/introspect', form, headers)).status).toBe(status)
    expect(calls).toEqual([])
  })

  it('given a name that only looks like client_id, then it is not one', async () => {
    const { fetch, calls } = await start(trusting({ 'demo-api': confidential, web: { clientId: 2 } }))
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const body = '?client_id=demo-api&client_id=web&client_secret=s&token=x'
    await fetch('/oauth/introspect', { method: 'POST', body, headers })
    expect(calls[0]?.body).toEqual({ parameters: 'client_id=web&client_secret=s&token=-' })
    expect(calls[1]?.operation).toBe('client/get/web')
  })
})

describe('OIDC Core §5.3: userinfo', () => {
  const john = { action: 'OK', token: 'the-token', subject: '6f0f5c1e8d4b4a7c9b2e', ...result }
  const issued = { action: 'JSON', responseContent: '{"sub":"x"}', ...result }

  it('given a token, then exactly the claims that the engine lists', async () => {
    const script: EngineScript = ({ operation }) =>
      operation === 'auth/userinfo' ? { ...john, claims: ['name', 'picture', '__proto__', 'email'] } : issued
    const { fetch, calls } = await start(script, { people: demoPeople.slice(0, 1) })
    const res = await fetch('/oauth/userinfo', { headers: { Authorization: 'Bearer abc' } })
    expect(await res.text()).toBe('{"sub":"x"}')
    expect(JSON.parse(String(calls[1]?.body['claims']))).toEqual({ name: 'John Flynn', email: 'john@example.com' })
  })

  it('given a token in the query, then 401: it is not read', async () => {
    const { fetch, calls } = await start(() => john)
    expect((await fetch('/oauth/userinfo?access_token=abc')).status).toBe(401)
    expect(calls).toEqual([])
  })

  it('RFC 6750 §3: given that the engine refuses the token, then its challenge', async () => {
    const challenge = 'Bearer error="invalid_token"'
    const { fetch } = await start(() => ({ action: 'UNAUTHORIZED', responseContent: challenge, ...result }))
    const res = await fetch('/oauth/userinfo', { headers: { Authorization: 'Bearer abc' } })
    expect([res.status, res.headers.get('www-authenticate')]).toEqual([401, challenge])
  })
})

describe('RFC 9700 §4.13: headers that a proxy would set', () => {
  it('given no proxy, then they change nothing', async () => {
    const { fetch } = await start(() => ({ issuer: 'http://localhost:3000' }))
    const headers = { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https', Forwarded: 'host=evil.example' }
    const res = await fetch('/', { headers })
    expect(await res.text()).not.toContain('evil.example')
  })
})
