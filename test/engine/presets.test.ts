import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, Service } from '../../sdk/types.ts'
import { changesOf, examine } from '../../server/engine/doctor/examine.ts'
import { reportOf } from '../../server/engine/doctor/report.ts'
import { settingsOf } from '../../server/engine/presets/preset.ts'
import { isPresetName, presets } from '../../server/engine/presets/presets.ts'
import type { PresetName } from '../../server/engine/presets/presets.ts'
import { serviceDefaults } from '../../server/engine/settings/service-defaults.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testEndpoints, testIssuer } from './engine-under-test.ts'

const names = Object.keys(presets).filter(isPresetName)

let under: TestEngine
/** What only the client has: its key. */
let own: Client

beforeAll(async () => {
  under = await openTestEngine()
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { ...(await exportJWK(publicKey)), kid: 'key', use: 'sig', alg: 'ES256' }
  own = { jwks: JSON.stringify({ keys: [key] }) }
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const serviceOf = (name: PresetName): Service => ({ ...serviceDefaults, ...settingsOf<Service>(presets[name].service) })
const clientOf = (name: PresetName): Client => ({
  clientIdAlias: 'client',
  ...settingsOf<Client>(presets[name].client),
})

async function create(service: object, client: object): Promise<[service: number, client: number, why: unknown]> {
  const made = await under.call('POST', '/service/create', {
    body: { issuer: testIssuer, ...testEndpoints, ...service },
  })
  const registered = await under.call('POST', `/${String(made.json['apiKey'])}/client/create`, { body: client })
  return [made.status, registered.status, [made.json['resultMessage'], registered.json['resultMessage']]]
}

describe('every preset', () => {
  it.each(names)('%s is accepted by service/create and client/create', async (name) => {
    const { service, client } = presets[name]
    const made = await create(settingsOf<Service>(service), {
      ...own,
      ...settingsOf<Client>(client),
    })
    expect(made).toEqual([200, 201, [undefined, undefined]])
  })

  it.each(names)('%s conforms to its own profile', (name) => {
    const findings = examine(name, serviceOf(name), [clientOf(name)])
    expect(findings.filter(({ right }) => !right)).toEqual([])
    expect(findings.length).toBeGreaterThan(5)
  })

  it.each(names)('%s says why, for each member', (name) => {
    const { service, client }: { service: object; client: object } = presets[name]
    for (const advice of [service, client].flatMap((advised): unknown[] => Object.values(advised))) {
      expect(advice).toHaveProperty('because', expect.stringMatching(/^[A-Z][^]*[.]$/))
    }
  })

  it('the safe default is what a service gets that says nothing', () => {
    expect(serviceDefaults).toEqual(settingsOf<Service>(presets['safe-default'].service))
  })
})

describe('npm run doctor: what is wrong for a profile', () => {
  const wrongOf = (profile: PresetName, service: Service, ...clients: Client[]) =>
    examine(profile, service, clients)
      .filter(({ right }) => !right)
      .map(({ client, member, send }) => [client ?? 'service', member, send])

  it.each<[string, Service, unknown]>([
    ['supportedServiceProfiles', { supportedServiceProfiles: [] }, ['FAPI']],
    ['fapiModes', { fapiModes: [] }, ['FAPI2_SECURITY']],
    ['fapiModes', { fapiModes: ['FAPI1_ADVANCED'] }, ['FAPI2_SECURITY']],
    ['supportedResponseTypes', { supportedResponseTypes: ['CODE', 'TOKEN'] }, ['CODE']],
    ['supportedGrantTypes', { supportedGrantTypes: ['AUTHORIZATION_CODE', 'PASSWORD'] }, ['AUTHORIZATION_CODE']],
    [
      'supportedTokenAuthMethods',
      { supportedTokenAuthMethods: ['CLIENT_SECRET_BASIC', 'PRIVATE_KEY_JWT'] },
      ['PRIVATE_KEY_JWT'],
    ],
    ['supportedTokenAuthMethods', { supportedTokenAuthMethods: ['NONE'] }, ['PRIVATE_KEY_JWT']],
    ['clientAssertionAudRestrictedToIssuer', { clientAssertionAudRestrictedToIssuer: false }, true],
    ['refreshTokenKept', { refreshTokenKept: false }, true],
    ['accessTokenSignAlg', { accessTokenSignAlg: 'RS256' }, 'ES256'],
    ['allowableClockSkew', { allowableClockSkew: 61 }, 10],
    ['pkceRequired', { pkceRequired: false }, true],
    ['pkceS256Required', { pkceS256Required: false }, true],
    ['issSuppressed', { issSuppressed: true }, false],
    ['pushedAuthReqDuration', { pushedAuthReqDuration: 600 }, 90],
  ])('given a service with another %s, then fapi2-sp says what to send (%#)', (member, settings, send) => {
    expect(wrongOf('fapi2-sp', { ...serviceOf('fapi2-sp'), ...settings })).toEqual([['service', member, send]])
  })

  it.each<[string, Client, unknown]>([
    ['clientType', { clientType: 'PUBLIC' }, 'CONFIDENTIAL'],
    ['tokenAuthMethod', { tokenAuthMethod: 'CLIENT_SECRET_POST' }, 'PRIVATE_KEY_JWT'],
    ['tokenAuthSignAlg', { tokenAuthSignAlg: 'RS256' }, 'ES256'],
    ['idTokenSignAlg', { idTokenSignAlg: 'RS256' }, 'ES256'],
    ['userInfoSignAlg', { userInfoSignAlg: 'RS256' }, 'ES256'],
    ['requestSignAlg', { requestSignAlg: 'RS256' }, 'ES256'],
    ['authorizationSignAlg', { authorizationSignAlg: 'RS256' }, 'ES256'],
    ['fapiModes', { fapiModes: ['FAPI1_BASELINE', 'FAPI2_SECURITY'] }, ['FAPI2_SECURITY']],
    ['dpopRequired', { dpopRequired: false }, true],
    ['grantTypes', { grantTypes: ['AUTHORIZATION_CODE', 'PASSWORD'] }, ['AUTHORIZATION_CODE']],
    ['responseTypes', { responseTypes: ['CODE', 'CODE_ID_TOKEN'] }, ['CODE']],
    [
      'redirectUris',
      { redirectUris: ['http://localhost/cb', 'https://a.example/'] },
      ['https://localhost/cb', 'https://a.example/'],
    ],
  ])('given a client with another %s, then fapi2-sp says what to send', (member, settings, send) => {
    const client = { ...clientOf('fapi2-sp'), ...settings }
    expect(wrongOf('fapi2-sp', serviceOf('fapi2-sp'), clientOf('fapi2-sp'), client)).toEqual([['client', member, send]])
  })

  it('given a native client with a private-use scheme, then FAPI 1.0 takes it out, and FAPI 2.0 leaves it', () => {
    const redirectUris = ['com.example.app:/cb', 'https://a.example/']
    const native: Client = { applicationType: 'NATIVE', redirectUris }
    const wrong = wrongOf('fapi1-advanced', serviceOf('fapi1-advanced'), { ...clientOf('fapi1-advanced'), ...native })
    expect(wrong).toEqual([['client', 'redirectUris', ['https://a.example/']]])
    expect(wrongOf('fapi2-sp', serviceOf('fapi2-sp'), { ...clientOf('fapi2-sp'), ...native })).toEqual([])
  })

  it('given FAPI2_SECURITY, then fapi2-ms says what the engine takes: its own modes alone', () => {
    const { fapiModes } = serviceOf('fapi2-ms')
    const service: Service = { ...serviceOf('fapi2-ms'), fapiModes: ['FAPI2_SECURITY'] }
    expect(wrongOf('fapi2-ms', service)).toEqual([['service', 'fapiModes', fapiModes]])
  })

  it('given what does as well, then it is right', () => {
    const service: Service = {
      ...serviceOf('fapi2-sp'),
      ...{ fapiModes: [], supportedScopes: [{ name: 'pay', attributes: [{ key: 'fapi2', value: 'sp' }] }] },
      ...{ refreshTokenKept: false, refreshTokenIdempotent: true },
    }
    const native: Client = { applicationType: 'NATIVE', redirectUris: ['http://127.0.0.1/cb'] }
    const certified: Client = {
      ...{ tokenAuthMethod: 'SELF_SIGNED_TLS_CLIENT_AUTH', tlsClientCertificateBoundAccessTokens: true },
      ...{ tokenAuthSignAlg: 'RS256', dpopRequired: false },
    }
    const clients = [native, certified].map((settings) => ({ ...clientOf('fapi2-sp'), ...settings }))
    expect(wrongOf('fapi2-sp', service, ...clients)).toEqual([])
  })

  it.each(names)(
    'given the configuration of every other preset, when it is changed as %s says, then it is right',
    (name) => {
      for (const other of names) {
        const [service, client] = [serviceOf(other), clientOf(other)]
        const findings = examine(name, service, [client])
        const mended = { ...service, ...changesOf(findings.filter((found) => found.client === undefined)) }
        const mendedClient = { ...client, ...changesOf(findings.filter((found) => found.client !== undefined)) }
        expect([other, examine(name, mended, [mendedClient]).filter(({ right }) => !right)]).toEqual([other, []])
      }
    },
  )

  it.each(['safe-default', 'fapi2-sp'] as const)('given its advice for %s, then the engine takes it', async (name) => {
    const findings = examine(name, serviceDefaults, [{ clientIdAlias: 'client' }])
    const changes = changesOf(findings.filter(({ client }) => client === undefined))
    const clientChanges = changesOf(findings.filter(({ client }) => client !== undefined))
    expect(await create(changes, { ...own, ...clientChanges })).toEqual([200, 201, [undefined, undefined]])
  })

  it('given a report, then what is to be changed comes first, with the JSON to send', () => {
    const service = { ...serviceOf('fapi2-sp'), pkceRequired: false }
    const text = reportOf('fapi2-sp', examine('fapi2-sp', service, []), '17')
    expect(text).toMatch(
      /^FAPI 2\.0 Security Profile \(fapi2-sp\): one thing to change\.\n\nservice 17\n {2}change {2}pkceRequired: false -> true/,
    )
    expect(text).toContain('POST /api/17/service/update')
    expect(text.trimEnd().endsWith('{"pkceRequired":true}')).toBe(true)
  })
})
