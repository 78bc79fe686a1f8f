import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, Service } from '../../sdk/types.ts'
import { makeClientAssertion } from '../client-assertion.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const methods = ['CLIENT_SECRET_BASIC', 'CLIENT_SECRET_JWT'] satisfies Service['supportedTokenAuthMethods']

let under: TestEngine

beforeAll(async () => {
  const settings: Service = {
    supportedTokenAuthMethods: methods,
    supportedRevocationAuthMethods: methods,
    supportedIntrospectionAuthMethods: methods,
    allowableClockSkew: 30,
  }
  under = await openTestEngine(settings, undefined, randomBytes(32))
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

interface Registered {
  clientId: string
  secret: string
}

async function register(settings: Client = {}): Promise<Registered> {
  const body = { tokenAuthMethod: 'CLIENT_SECRET_JWT', ...settings }
  const { status, json } = await under.call('POST', `/${under.serviceId}/client/create`, { body })
  expect([status, json['resultMessage']]).toEqual([201, undefined])
  return { clientId: String(json['clientId']), secret: String(json['clientSecret']) }
}

function update({ clientId }: Registered, settings: Client) {
  return under.call('POST', `/${under.serviceId}/client/update/${clientId}`, { body: settings })
}

function setSecret({ clientId }: Registered, clientSecret: string) {
  return under.call('POST', `/${under.serviceId}/client/secret/update/${clientId}`, { body: { clientSecret } })
}

/** What the revocation endpoint says to an assertion of the client. */
async function authenticate(
  { clientId, secret }: Registered,
  alg = 'HS256',
  claims: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const signer = { clientId, key: Buffer.from(secret), alg }
  const assertion = await makeClientAssertion(signer, { aud: testIssuer, now: under.clock.now() }, { claims })
  const parameters = new URLSearchParams({
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    token: '-',
  }).toString()
  const { json } = await under.call('POST', `/${under.serviceId}/auth/revocation`, { body: { parameters } })
  return json
}

const served = { action: 'OK' }
const refused = (resultCode: string) => ({ action: 'INVALID_CLIENT', resultCode })

describe('OIDC Core §9, client_secret_jwt', () => {
  it.each(['HS256', 'HS384', 'HS512'])('given the secret that the engine made, then it signs with %s', async (alg) => {
    expect(await authenticate(await register(), alg)).toMatchObject(served)
  })

  it('given one algorithm that is registered, then the others are refused', async () => {
    const client = await register({ tokenAuthSignAlg: 'HS384' })
    expect(await authenticate(client, 'HS384')).toMatchObject(served)
    for (const alg of ['HS256', 'HS512']) expect(await authenticate(client, alg)).toMatchObject(refused('A957310'))
  })

  it.each(['ES256', 'RS256', 'NONE'] as const)('given %s as its algorithm, then 400', async (tokenAuthSignAlg) => {
    const body = { tokenAuthMethod: 'CLIENT_SECRET_JWT', tokenAuthSignAlg }
    const { status, json } = await under.call('POST', `/${under.serviceId}/client/create`, { body })
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('HS256, HS384, HS512')])
  })

  it('given a service that allows 30 seconds, then 28 are taken and 31 are not', async () => {
    const client = await register()
    const iat = Math.floor(under.clock.now().getTime() / 1000)
    expect(await authenticate(client, 'HS256', { iat: iat + 28, nbf: iat + 28 })).toMatchObject(served)
    expect(await authenticate(client, 'HS256', { nbf: iat + 31 })).toMatchObject(refused('A957306'))
    expect(await authenticate(client, 'HS256', { iat: iat + 31 })).toMatchObject(refused('A957307'))
    expect(await authenticate(client, 'HS256', { exp: iat - 28 })).toMatchObject(served)
    expect(await authenticate(client, 'HS256', { exp: iat - 30 })).toMatchObject(refused('A957304'))
  })
})

describe('RFC 7518 §3.2: a secret that signs is as long as the hash', () => {
  it('given one that is shorter, then 400, and the old one stays', async () => {
    const client = await register({ tokenAuthSignAlg: 'HS512' })
    const { status, json } = await setSecret(client, 'x'.repeat(63))
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('64 bytes or more')])
    expect(await authenticate(client, 'HS512')).toMatchObject(served)
    const secret = 'x'.repeat(64)
    expect((await setSecret(client, secret)).status).toBe(200)
    expect(await authenticate({ ...client, secret }, 'HS512')).toMatchObject(served)
    expect(await authenticate(client, 'HS512')).toMatchObject(refused('A957311'))
  })

  it('given no algorithm, then 32 bytes do, for HS256 and no other', async () => {
    const client = await register()
    expect((await setSecret(client, 'x'.repeat(31))).status).toBe(400)
    const secret = 'x'.repeat(40)
    expect((await setSecret(client, secret)).status).toBe(200)
    expect(await authenticate({ ...client, secret }, 'HS256')).toMatchObject(served)
    expect(await authenticate({ ...client, secret }, 'HS384')).toMatchObject(refused('A957309'))
    const { status, json } = await update(client, { tokenAuthMethod: 'CLIENT_SECRET_JWT', tokenAuthSignAlg: 'HS512' })
    expect([status, json['resultMessage']]).toEqual([400, expect.stringContaining('tokenAuthSignAlg: ')])
  })

  it('given a client that only shows its secret, then its length is its own business', async () => {
    const client = await register({ tokenAuthMethod: 'CLIENT_SECRET_BASIC' })
    expect((await setSecret(client, 'short')).status).toBe(200)
  })
})

describe('Secrets are sealed for those who sign with them, and for nobody else', () => {
  const sealedOf = async ({ clientId }: Registered) =>
    (await under.storage.findClient(under.serviceId, clientId))?.sealedSecret

  it('given a client that signs, then what is kept does not show the secret', async () => {
    const client = await register()
    const sealed = Buffer.from((await sealedOf(client)) ?? [])
    expect(sealed.length).toBeGreaterThan(client.secret.length)
    expect(sealed.includes(client.secret)).toBe(false)
  })

  it('given a client that shows its secret, then there is a hash and no more', async () => {
    const client = await register({ tokenAuthMethod: 'CLIENT_SECRET_BASIC' })
    await setSecret(client, 'x'.repeat(64))
    expect(await sealedOf(client)).toBeUndefined()
  })

  it('given a client that changes to the method, then it is told that it needs a new secret', async () => {
    const client = await register({ tokenAuthMethod: 'CLIENT_SECRET_BASIC' })
    expect((await update(client, { tokenAuthMethod: 'CLIENT_SECRET_JWT' })).status).toBe(200)
    const answer = await authenticate(client)
    expect(answer).toMatchObject(refused('A957331'))
    expect(answer['resultMessage']).toMatch('Refresh or update the secret')
    const { json } = await under.call('GET', `/${under.serviceId}/client/secret/refresh/${client.clientId}`)
    expect(await authenticate({ ...client, secret: String(json['newClientSecret']) })).toMatchObject(served)
  })

  it('given a client that leaves the method, then its sealed secret is gone, and the hash still holds', async () => {
    const client = await register()
    expect((await update(client, { tokenAuthMethod: 'CLIENT_SECRET_BASIC' })).status).toBe(200)
    expect(await sealedOf(client)).toBeUndefined()
    const body = { parameters: 'token=-', clientId: client.clientId, clientSecret: client.secret }
    const { json } = await under.call('POST', `/${under.serviceId}/auth/revocation`, { body })
    expect(json).toMatchObject(served)
    await update(client, { tokenAuthMethod: 'CLIENT_SECRET_JWT' })
    expect(await authenticate(client)).toMatchObject(refused('A957331'))
  })

  it('given the answers of the API, then a sealed secret is in none of them', async () => {
    const client = await register()
    const { text } = await under.call('GET', `/${under.serviceId}/client/get/${client.clientId}`)
    expect(text).not.toMatch(/sealed|clientSecret/i)
  })
})
