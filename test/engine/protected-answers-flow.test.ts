import { resolve } from 'node:path'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../sdk/engine.ts'
import { ask, connectEngine } from '../../sdk/engine.ts'
import type { Client } from '../../sdk/types.ts'
import { person } from '../flows/person.ts'
import { freePort } from '../free-port.ts'
import type { ServerProcess } from '../server-process.ts'
import { startServer } from '../server-process.ts'
import type { DecryptionKey } from './client-keys.ts'
import { makeDecryptionKey, setOf } from './client-keys.ts'

const params = { path: { serviceId: '1000001' } }
const scope = 'openid email notes:read'

let server: ServerProcess
let engine: Engine
let keys: DecryptionKey[]

beforeAll(async () => {
  const enginePort = await freePort()
  server = await startServer(resolve(import.meta.dirname, '../../server/engine/main.ts'), {
    ENGINE_PORT: String(enginePort),
  })
  engine = connectEngine({ baseUrl: `http://127.0.0.1:${enginePort}`, accessToken: 'dev-engine-token' })
  keys = await Promise.all([makeDecryptionKey('ECDH-ES+A256KW'), makeDecryptionKey('RSA-OAEP-256')])
})

afterAll(() => server.stop())

/** Registers a client, and answers it on a certified library that knows what it registered. */
async function register(settings: Client, metadata: Partial<oidc.ClientMetadata>): Promise<oidc.Configuration> {
  const body: Client = {
    ...{ clientName: 'Bank', clientType: 'CONFIDENTIAL', redirectUris: [`${server.demoUrl}/callback`] },
    ...settings,
  }
  const created = await ask(engine.POST('/api/{serviceId}/client/create', { params, body }))
  const secret = oidc.ClientSecretBasic(created.clientSecret ?? '')
  return oidc.discovery(new URL(server.issuer), settings.clientIdAlias ?? String(created.clientId), metadata, secret, {
    execute: [oidc.allowInsecureRequests],
  })
}

/** From the request to the page that asks Jane. */
async function begin(client: oidc.Configuration, parameters: Record<string, string> = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const expectedNonce = oidc.randomNonce()
  const url = oidc.buildAuthorizationUrl(client, {
    ...{ redirect_uri: redirectUri(), scope, prompt: 'consent', state: expectedState, nonce: expectedNonce },
    ...{ code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' },
  })
  // The library says `jwt`; a request may say more.
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  const jane = person(server.issuer)
  const consent = await jane.signIn(await jane.visit(url), 'jane')
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  return {
    checks,
    allow: () => jane.decide(consent, 'allow', ['email', 'notes:read']),
    deny: () => jane.decide(consent, 'deny'),
  }
}

function redirectUri(): string {
  return `${server.demoUrl}/callback`
}

function enableDecrypting(client: oidc.Configuration): void {
  const given = keys.map(({ privateKey, jwk }) => ({ key: privateKey, ...(jwk.kid !== undefined && { kid: jwk.kid }) }))
  oidc.enableDecryptingResponses(client, undefined, ...given)
}

const encrypted: Client = {
  ...{ authorizationEncryptionAlg: 'ECDH_ES_A256KW', authorizationEncryptionEnc: 'A256GCM' },
  ...{ idTokenSignAlg: 'EdDSA', idTokenEncryptionAlg: 'RSA_OAEP_256', idTokenEncryptionEnc: 'A128GCM' },
  ...{ userInfoSignAlg: 'ES256', userInfoEncryptionAlg: 'ECDH_ES_A256KW' },
}

describe('JARM and encrypted answers, on a certified library, through the pages', () => {
  it('given useJwtResponseMode, then code and denial come in a JWT', async () => {
    const client = await register(
      { authorizationSignAlg: 'PS256' },
      { authorization_signed_response_alg: 'PS256', id_token_signed_response_alg: 'ES256' },
    )
    oidc.useJwtResponseMode(client)
    const first = await begin(client)
    const allowed = await first.allow()
    expect([...(allowed.sentTo?.searchParams.keys() ?? [])]).toEqual(['response'])
    const tokens = await oidc.authorizationCodeGrant(client, allowed.sentTo ?? new URL(redirectUri()), first.checks)
    expect(tokens.claims()?.aud).toEqual([client.clientMetadata().client_id])

    const second = await begin(client)
    const denied = await second.deny()
    expect([...(denied.sentTo?.searchParams.keys() ?? [])]).toEqual(['response'])
    await expect(
      oidc.authorizationCodeGrant(client, denied.sentTo ?? new URL(redirectUri()), second.checks),
    ).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('given enableDecryptingResponses, then responses, ID tokens and userinfo are encrypted, and read', async () => {
    const client = await register(
      { authorizationSignAlg: 'ES256', jwks: setOf(...keys), ...encrypted },
      {
        ...{ authorization_signed_response_alg: 'ES256', id_token_signed_response_alg: 'EdDSA' },
        userinfo_signed_response_alg: 'ES256',
      },
    )
    oidc.useJwtResponseMode(client)
    enableDecrypting(client)
    const { allow, checks } = await begin(client)
    const { sentTo } = await allow()
    // RFC 7516 §7.1: five parts are encrypted.
    expect(sentTo?.searchParams.get('response')?.split('.')).toHaveLength(5)
    const tokens = await oidc.authorizationCodeGrant(client, sentTo ?? new URL(redirectUri()), checks)
    expect(tokens.id_token?.split('.')).toHaveLength(5)
    const sub = tokens.claims()?.sub ?? ''
    expect(sub).not.toBe('')
    const userinfo = await oidc.fetchUserInfo(client, tokens.access_token, sub)
    expect(userinfo.email).toMatch(/@/)
  })

  it('given form_post.jwt, then the form has the JWT alone, and the browser may send it', async () => {
    const client = await register({ authorizationSignAlg: 'ES256' }, { id_token_signed_response_alg: 'ES256' })
    oidc.useJwtResponseMode(client)
    const { allow, checks } = await begin(client, { response_mode: 'form_post.jwt' })
    const [form] = (await allow()).forms
    expect([form?.action, form?.method]).toEqual([redirectUri(), 'post'])
    const sent = form?.inputs.map(({ name, value }): [string, string] => [name, value]) ?? []
    expect(sent.map(([name]) => name)).toEqual(['response'])
    const answer = new Request(redirectUri(), { method: 'POST', body: new URLSearchParams(sent) })
    expect((await oidc.authorizationCodeGrant(client, answer, checks)).access_token).toEqual(expect.any(String))

    // Without a receipt in between, the engine's page goes out with the policy for its one handler.
    const denied = await (await begin(client, { response_mode: 'form_post.jwt' })).deny()
    expect(denied.headers.get('content-security-policy')).toContain("script-src 'unsafe-hashes'")
    expect(denied.forms[0]?.inputs.map(({ name }) => name)).toEqual(['response'])
  })

  it('RFC 9701: given a resource server that registered it, then introspection is signed and encrypted', async () => {
    const web = await register({}, { id_token_signed_response_alg: 'ES256' })
    const { allow, checks } = await begin(web)
    const { sentTo } = await allow()
    const tokens = await oidc.authorizationCodeGrant(web, sentTo ?? new URL(redirectUri()), checks)
    // §5: the library looks for its client_id in `aud`, so this resource server is known by one name.
    const clientIdAlias = 'urn:example:rs'
    const attributes = Object.entries({
      ...{ resource_server: 'true', resource_server_uri: clientIdAlias },
      ...{ introspection_signed_response_alg: 'PS256', introspection_encrypted_response_alg: 'RSA-OAEP-256' },
    }).map(([key, value]) => ({ key, value }))
    const metadata = { introspection_signed_response_alg: 'PS256' }
    // The key for RSA is not the first.
    const api = await register({ clientIdAlias, grantTypes: [], attributes, jwks: setOf(...keys) }, metadata)
    enableDecrypting(api)
    const said = await oidc.tokenIntrospection(api, tokens.access_token)
    expect([said.active, said.scope]).toEqual([true, 'openid email notes:read'])
    expect(await oidc.tokenIntrospection(api, 'unknown')).toEqual({ active: false })
  })
})
