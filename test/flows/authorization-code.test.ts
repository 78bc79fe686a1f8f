import { decodeJwt, decodeProtectedHeader } from 'jose'
import * as oidc from 'openid-client'
import { describe, expect, it } from 'vitest'
import { discoverDemoApi, discoverDemoWeb, finish, issuer, redirectUri, start, startByPar } from './client.ts'
import { person } from './person.ts'

const scope = 'openid profile email notes:read notes:write calendar:read'

describe('RFC 6749 §4.1 and OIDC Core §3.1: the authorization code flow', () => {
  it.each([
    ['plainly', start],
    ['through PAR, RFC 9126', startByPar],
  ])(
    'given a request that is sent %s, when the person ticks some scopes, then every answer carries exactly those',
    async (_, begin) => {
      const client = await discoverDemoWeb()
      const john = person(issuer)
      const started = await begin(client, scope, { prompt: 'consent' })
      const login = await john.visit(started.url)
      expect(login.html).toContain('Daybook')
      const consent = await john.signIn(login)
      const answer = await john.decide(consent, 'allow', ['email', 'notes:read'])
      expect(answer.sentTo?.href.startsWith(`${redirectUri}?`)).toBe(true)
      expect([...(answer.sentTo?.searchParams.keys() ?? [])].sort()).toEqual(['code', 'iss', 'state'])

      const tokens = await finish(client, answer.sentTo, started)
      expect(words(tokens.scope)).toEqual(['email', 'notes:read', 'openid'])
      expect(tokens.token_type).toBe('bearer')
      expect(tokens.expires_in).toBeGreaterThan(0)

      const introspected = await oidc.tokenIntrospection(await discoverDemoApi(), tokens.access_token)
      expect(introspected.active).toBe(true)
      expect(introspected.client_id).toBe('demo-web')
      expect(words(introspected.scope)).toEqual(['email', 'notes:read', 'openid'])

      const claims = tokens.claims()
      const userinfo = await oidc.fetchUserInfo(client, tokens.access_token, claims?.sub ?? '')
      expect(Object.keys(userinfo).sort()).toEqual(['email', 'email_verified', 'sub'])
    },
  )

  it('the ID token says who, for whom, when and how, OIDC Core §2', async () => {
    const { tokens, started } = await signInAndAllow(scope, ['profile'], { acr_values: 'urn:gatehouse:acr:password' })
    const header = decodeProtectedHeader(tokens.id_token ?? '')
    expect(header).toMatchObject({ alg: 'ES256' })
    expect(header.kid).toBeTruthy()
    const claims = decodeJwt(tokens.id_token ?? '')
    expect(claims).toMatchObject({
      iss: issuer,
      aud: ['demo-web'],
      nonce: started.nonce,
      acr: 'urn:gatehouse:acr:password',
    })
    expect(claims['at_hash']).toBeTruthy()
    expect(claims['auth_time']).toBeGreaterThan(Date.now() / 1000 - 300)
    // OIDC Core §5.4: what scopes ask for goes to userinfo.
    expect(claims).not.toHaveProperty('name')
  })

  it('§5.5: the claims parameter brings claims into the ID token', async () => {
    const claims = JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { name: { essential: true } } })
    const { tokens, client } = await signInAndAllow('openid notes:read', ['notes:read'], { claims })
    expect(tokens.claims()?.['email']).toMatch(/@/)
    const userinfo = await oidc.fetchUserInfo(client, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(userinfo.name).toBeTruthy()
    expect(userinfo.email).toBeUndefined()
  })

  it('OAuth 2.0 Form Post: the answer comes as a form', async () => {
    const client = await discoverDemoWeb()
    const john = person(issuer)
    const started = await start(client, scope, { response_mode: 'form_post', prompt: 'consent' })
    const page = await john.decide(await john.signIn(await john.visit(started.url)), 'allow', ['email'])
    expect(page.status).toBe(200)
    expect(page.headers.get('cache-control')).toContain('no-store')
    const [form] = page.forms
    expect(form?.action).toBe(redirectUri)
    expect(form?.method).toBe('post')
    const sent = Object.fromEntries(form?.inputs.map(({ name, value }) => [name, value]) ?? [])
    expect(sent).toMatchObject({ state: started.state, iss: issuer })
    const answer = new Request(redirectUri, { method: 'POST', body: new URLSearchParams(sent) })
    const checks = {
      pkceCodeVerifier: started.codeVerifier,
      expectedState: started.state,
      expectedNonce: started.nonce,
    }
    const tokens = await oidc.authorizationCodeGrant(client, answer, checks)
    expect(words(tokens.scope)).toEqual(['email', 'openid'])
  })

  it('when the person denies, then access_denied with state and iss, RFC 9207', async () => {
    const client = await discoverDemoWeb()
    const john = person(issuer)
    const started = await start(client, scope, { prompt: 'consent' })
    const answer = await john.decide(await john.signIn(await john.visit(started.url)), 'deny')
    expect(Object.fromEntries(answer.sentTo?.searchParams ?? [])).toMatchObject({
      error: 'access_denied',
      state: started.state,
      iss: issuer,
    })
    expect(answer.sentTo?.searchParams.has('code')).toBe(false)
    await expect(finish(client, answer.sentTo, started)).rejects.toThrow(oidc.AuthorizationResponseError)
  })

  it('userinfo answers GET, and POST with the token in header or form, RFC 6750 §2; never from the query', async () => {
    const { tokens } = await signInAndAllow('openid email', ['email'])
    const userinfo = `${issuer}/oauth/userinfo`
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const authorization = `bearer ${tokens.access_token}`
    const answers = await Promise.all([
      fetch(userinfo, { headers: { authorization } }),
      fetch(userinfo, { method: 'POST', headers: { authorization } }),
      fetch(userinfo, {
        method: 'POST',
        headers: form,
        body: new URLSearchParams({ access_token: tokens.access_token }),
      }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const [first, ...others] = await Promise.all(answers.map((answer) => answer.json()))
    for (const other of others) expect(other).toEqual(first)
    const fromQuery = await fetch(`${userinfo}?access_token=${tokens.access_token}`)
    expect(fromQuery.status).toBe(401)
    expect(fromQuery.headers.get('www-authenticate')).toMatch(/^Bearer/)
    const twice = await fetch(userinfo, {
      method: 'POST',
      headers: { ...form, authorization },
      body: new URLSearchParams({ access_token: tokens.access_token }),
    })
    expect(twice.status).toBe(400)
  })
})

describe('RFC 6749 §6: refresh', () => {
  it('rotates the refresh token, and never widens', async () => {
    const { tokens, client } = await signInAndAllow(scope, ['notes:read', 'email'])
    const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')
    expect(words(refreshed.scope)).toEqual(['email', 'notes:read', 'openid'])
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
    expect(refreshed.claims()?.sub).toBe(tokens.claims()?.sub)
    expect(refreshed.claims()?.nonce).toBeUndefined()
    const widened = oidc.refreshTokenGrant(client, refreshed.refresh_token ?? '', {
      scope: 'openid notes:read calendar:read',
    })
    await expect(widened).rejects.toMatchObject({ error: 'invalid_scope', status: 400 })
    const narrowed = await oidc.refreshTokenGrant(client, refreshed.refresh_token ?? '', { scope: 'notes:read' })
    expect(narrowed.scope).toBe('notes:read')
    // Narrow is for the access token: the refresh token keeps what was granted.
    const again = await oidc.refreshTokenGrant(client, narrowed.refresh_token ?? '')
    expect(words(again.scope)).toEqual(['email', 'notes:read', 'openid'])
  })

  it('RFC 9700 §4.14.2: a refresh token that was rotated ends everything that came of it', async () => {
    const { tokens, client } = await signInAndAllow(scope, ['email'])
    const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')
    await expect(oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    await expect(oidc.refreshTokenGrant(client, refreshed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    expect(await oidc.tokenIntrospection(await discoverDemoApi(), refreshed.access_token)).toEqual({ active: false })
  })

  it('OIDC Core §11: who declines offline_access gets no refresh token', async () => {
    const asked = 'openid offline_access notes:read'
    const declined = await signInAndAllow(asked, ['notes:read'], { prompt: 'consent' })
    expect(declined.tokens.refresh_token).toBeUndefined()
    const allowed = await signInAndAllow(asked, ['notes:read', 'offline_access'], { prompt: 'consent' })
    expect(allowed.tokens.refresh_token).toBeTruthy()
  })
})

describe('RFC 7009 and RFC 7662: revocation and introspection', () => {
  it('a revoked token is not active, nor is the other one of its grant', async () => {
    const { tokens, client } = await signInAndAllow(scope, ['email'])
    const api = await discoverDemoApi()
    expect((await oidc.tokenIntrospection(api, tokens.access_token)).active).toBe(true)
    await oidc.tokenRevocation(client, tokens.refresh_token ?? '')
    expect(await oidc.tokenIntrospection(api, tokens.access_token)).toEqual({ active: false })
    await expect(oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('another client cannot revoke', async () => {
    const { tokens } = await signInAndAllow(scope, ['email'])
    const api = await discoverDemoApi()
    await oidc.tokenRevocation(api, tokens.access_token)
    expect((await oidc.tokenIntrospection(api, tokens.access_token)).active).toBe(true)
  })

  it('unknown, malformed and revoked tokens are answered with the same bytes', async () => {
    const { tokens, client } = await signInAndAllow(scope, ['email'])
    await oidc.tokenRevocation(client, tokens.access_token)
    const introspect = async (token: string) => {
      const headers = {
        authorization: basic('demo-api', 'demo-api-secret'),
        'content-type': 'application/x-www-form-urlencoded',
      }
      const response = await fetch(`${issuer}/oauth/introspect`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ token }),
      })
      return [response.status, await response.text()]
    }
    for (const token of [
      tokens.access_token,
      tokens.access_token.slice(1),
      'x',
      '-'.repeat(59),
      tokens.refresh_token ?? 'y',
    ]) {
      expect(await introspect(token)).toEqual([200, '{"active":false}'])
    }
  })

  it.each([
    ['nobody', {}, 'token=x', 401],
    ['a wrong secret', { authorization: basic('demo-api', 'wrong') }, 'token=x', 401],
    ['a public client', {}, 'token=x&client_id=demo-spa', 401],
    ['a client that is no resource server', { authorization: basic('demo-web', 'demo-web-secret') }, 'token=x', 403],
  ])('RFC 7662 §2.1: %s may not introspect', async (_, headers: Record<string, string>, body, status) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers }
    const response = await fetch(`${issuer}/oauth/introspect`, { method: 'POST', headers: form, body })
    expect(response.status).toBe(status)
    expect(await response.text()).not.toContain('active')
  })
})

describe('OIDC Core §3.1.2.1: prompt, max_age and hints', () => {
  it('prompt=none: login_required, consent_required, and a code once consent is remembered', async () => {
    const client = await discoverDemoWeb()
    const john = person(issuer)
    const silently = async (asked: string) => {
      const started = await start(client, asked, { prompt: 'none' })
      return { started, answer: await john.visit(started.url) }
    }
    const nobody = await silently(scope)
    expect(nobody.answer.sentTo?.searchParams.get('error')).toBe('login_required')
    expect(nobody.answer.sentTo?.searchParams.get('iss')).toBe(issuer)

    const first = await start(client, 'openid email', { prompt: 'consent' })
    const consent = await john.signIn(await john.visit(first.url), 'bob')
    await finish(client, (await john.decide(consent, 'allow', ['email'])).sentTo, first)

    const remembered = await silently('openid email')
    const tokens = await finish(client, remembered.answer.sentTo, remembered.started)
    expect(words(tokens.scope)).toEqual(['email', 'openid'])

    const more = await silently('openid email calendar:read phone')
    expect(more.answer.sentTo?.searchParams.get('error')).toBe('consent_required')
  })

  it('prompt=login asks again, and auth_time is new; so does max_age=0', async () => {
    const client = await discoverDemoWeb()
    const john = person(issuer)
    const first = await start(client, 'openid notes:read', { prompt: 'consent' })
    const before = await finish(
      client,
      (await john.decide(await john.signIn(await john.visit(first.url)), 'allow', ['notes:read'])).sentTo,
      first,
    )
    for (const parameters of [{ prompt: 'login' }, { max_age: '0' }]) {
      const again = await start(client, 'openid notes:read', parameters)
      const login = await john.visit(again.url)
      expect(login.forms.some(({ inputs }) => inputs.some(({ name }) => name === 'password'))).toBe(true)
      const after = await john.signIn(login)
      const answer = after.sentTo ? after : await john.decide(after, 'allow', ['notes:read'])
      const tokens = await finish(client, answer.sentTo, again)
      expect(tokens.claims()?.['auth_time']).toBeGreaterThanOrEqual(Number(before.claims()?.['auth_time']))
    }
  })

  it('id_token_hint for another person: login_required under prompt=none', async () => {
    const { tokens, client, john } = await signInAndAllow('openid email', ['email'])
    const jane = await signInAndAllow('openid email', ['email'], {}, 'jane')
    const started = await start(client, 'openid email', { prompt: 'none', id_token_hint: jane.tokens.id_token ?? '' })
    expect((await john.visit(started.url)).sentTo?.searchParams.get('error')).toBe('login_required')
    const own = await start(client, 'openid email', { prompt: 'none', id_token_hint: tokens.id_token ?? '' })
    expect((await john.visit(own.url)).sentTo?.searchParams.get('code')).toBeTruthy()
    const forged = await start(client, 'openid email', { prompt: 'none', id_token_hint: `${tokens.id_token ?? ''}x` })
    expect((await john.visit(forged.url)).sentTo?.searchParams.get('error')).toBe('invalid_request')
  })

  it('login_hint fills in the name', async () => {
    const client = await discoverDemoWeb()
    const page = await person(issuer).visit((await start(client, scope, { login_hint: 'jane' })).url)
    const input = page.forms
      .flatMap(({ inputs }) => inputs)
      .find(({ name, type }) => name === 'username' && type !== 'hidden')
    expect(input?.value).toBe('jane')
  })

  it('prompt=select_account shows who is signed in', async () => {
    const { client, john } = await signInAndAllow('openid email', ['email'])
    const page = await john.visit((await start(client, 'openid email', { prompt: 'select_account' })).url)
    expect(page.sentTo).toBeUndefined()
    expect(page.html).toContain('John')
  })
})

async function signInAndAllow(
  asked: string,
  ticked: readonly string[],
  parameters: Record<string, string> = {},
  username = 'john',
) {
  const client = await discoverDemoWeb()
  const john = person(issuer)
  // What was allowed in another test must not spare us the page.
  const started = await start(client, asked, { prompt: 'consent', ...parameters })
  const consent = await john.signIn(await john.visit(started.url), username)
  const answer = await john.decide(consent, 'allow', ticked)
  return { client, john, started, tokens: await finish(client, answer.sentTo, started) }
}

function words(list: unknown): string[] {
  return typeof list === 'string' ? list.split(' ').sort() : []
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}
