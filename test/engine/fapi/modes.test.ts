import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, Scope, Service } from '../../../sdk/types.ts'
import { fapiModesOf, problemOfFapiAttribute } from '../../../server/engine/fapi/modes.ts'
import { checkFapiIntrospection } from '../../../server/engine/fapi/introspection.ts'
import { checkFapiRequestObject, verifiedRequestObject } from '../../../server/engine/fapi/request-object.ts'
import type { VerifiedRequestObject } from '../../../server/engine/fapi/request-object.ts'
import type { FapiMode } from '../../../server/engine/fapi/modes.ts'
import { checkFapiTokenBinding } from '../../../server/engine/fapi/token-request.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testIssuer } from '../engine-under-test.ts'

const tagged = (...attributes: [string, string][]): Scope => ({
  name: 'tagged',
  attributes: attributes.map(([key, value]) => ({ key, value })),
})

const modesOf = (service: Service, client: Client, ...scopes: Scope[]) => [
  ...fapiModesOf({ settings: service }, { settings: client }, scopes),
]

describe('which FAPI profiles hold', () => {
  const offered: Service = { supportedServiceProfiles: ['FAPI'] }

  it('given a service without FAPI, then none, whoever names one', () => {
    expect(
      modesOf({ fapiModes: ['FAPI2_SECURITY'] }, { fapiModes: ['FAPI2_SECURITY'] }, tagged(['fapi2', 'sp'])),
    ).toEqual([])
  })

  it('given the service, then its word is for everybody; else what the client names and what the scopes ask for', () => {
    const scope = tagged(['fapi', 'r'])
    const client: Client = { fapiModes: ['FAPI1_ADVANCED'] }
    expect(modesOf({ ...offered, fapiModes: ['FAPI2_SECURITY'] }, client, scope)).toEqual(['FAPI2_SECURITY'])
    expect(modesOf(offered, client, scope)).toEqual(['FAPI1_ADVANCED', 'FAPI1_BASELINE'])
    expect(modesOf(offered, client)).toEqual(['FAPI1_ADVANCED'])
    expect(modesOf(offered, {}, scope)).toEqual(['FAPI1_BASELINE'])
    expect(modesOf(offered, {})).toEqual([])
  })

  it('given an empty list, then it says nothing: what a scope asks for is not switched off by it', () => {
    const settings = { ...offered, fapiModes: [] }
    expect(modesOf(settings, { fapiModes: [] }, tagged(['fapi2', 'sp']))).toEqual(['FAPI2_SECURITY'])
  })

  it.each<[string, string, FapiMode[]]>([
    ['fapi', 'r', ['FAPI1_BASELINE']],
    ['fapi', 'rw', ['FAPI1_ADVANCED']],
    ['fapi2', 'sp', ['FAPI2_SECURITY']],
    ['fapi2', 'ms-authreq', ['FAPI2_MESSAGE_SIGNING_AUTH_REQ']],
    ['fapi2', 'ms-authres', ['FAPI2_MESSAGE_SIGNING_AUTH_RES']],
    ['fapi2', 'ms-introres', ['FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES']],
    ['fapi2', 'ms-authreq ms-authres', ['FAPI2_MESSAGE_SIGNING_AUTH_REQ', 'FAPI2_MESSAGE_SIGNING_AUTH_RES']],
    ['regex', 'sp', []],
  ])('given a scope with %s=%s, then %j', (key, value, modes) => {
    expect(modesOf(offered, {}, tagged([key, value]))).toEqual(modes)
    expect(problemOfFapiAttribute({ key, value })).toBeUndefined()
  })

  it('given several scopes, then all of their profiles hold', () => {
    expect(modesOf(offered, {}, tagged(['fapi', 'r']), tagged(['fapi2', 'sp']))).toEqual([
      'FAPI1_BASELINE',
      'FAPI2_SECURITY',
    ])
  })

  it.each([
    ['fapi', ''],
    ['fapi', 'RW'],
    ['fapi2', 'sp ms'],
    ['fapi2', 'toString'],
  ])('given a scope with %s=%j, then it is a mistake', (key, value) => {
    expect(problemOfFapiAttribute({ key, value })).toMatch(/is expected/)
  })
})

describe('settings about FAPI', () => {
  let under: TestEngine
  beforeAll(async () => {
    under = await openTestEngine()
  })
  afterAll(async () => {
    expect(under.failures).toEqual([])
    await under.close()
  })

  const update = (settings: object) =>
    under.call('POST', `/${under.serviceId}/service/update`, { body: { issuer: testIssuer, ...settings } })
  const fapi = { supportedServiceProfiles: ['FAPI'] }

  it.each<[string, object]>([
    ['A039250', { ...fapi, fapiModes: ['FAPI2_SECURITY', 'FAPI2_MESSAGE_SIGNING_AUTH_REQ'] }],
    ['A039250', { ...fapi, fapiModes: ['FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES', 'FAPI2_SECURITY'] }],
    ['A970201', { ...fapi, fapiModes: ['FAPI1_BASELINE', 'FAPI1_BASELINE'] }],
    ['A970201', { fapiModes: ['FAPI2_SECURITY'] }],
    ['A970201', { supportedServiceProfiles: ['OPEN_BANKING'] }],
    ['A970201', { supportedScopes: [tagged(['fapi2', 'sp'])] }],
    ['A970201', { ...fapi, supportedScopes: [tagged(['fapi2', 'unknown'])] }],
  ])('given a service that is refused, then %s (%#)', async (resultCode, settings) => {
    const { status, json } = await update(settings)
    expect([status, json['resultCode']]).toEqual([400, resultCode])
  })

  it('given message signing in several ways, then it is taken, and service/get shows it', async () => {
    const fapiModes = ['FAPI2_MESSAGE_SIGNING_AUTH_REQ', 'FAPI2_MESSAGE_SIGNING_AUTH_RES']
    expect((await update({ ...fapi, fapiModes, supportedScopes: [tagged(['fapi2', 'sp'])] })).json).toMatchObject({
      ...fapi,
      fapiModes,
    })
  })

  it('given a client with a profile, then its service must offer FAPI', async () => {
    const create = (fapiModes: string[]) =>
      under.call('POST', `/${under.serviceId}/client/create`, { body: { fapiModes } })
    await update({})
    expect((await create(['FAPI2_SECURITY'])).json['resultMessage']).toMatch(/fapiModes: the service has no FAPI/)
    await update(fapi)
    expect((await create(['FAPI2_SECURITY'])).json['fapiModes']).toEqual(['FAPI2_SECURITY'])
    expect((await create(['FAPI2_SECURITY', 'FAPI2_MESSAGE_SIGNING_AUTH_RES'])).json['resultCode']).toBe('A039250')
  })

  it('RFC 9126 §5: given a service under FAPI 2.0, then its metadata says that requests are pushed, with S256', async () => {
    const metadata = async () => (await under.call('GET', `/${under.serviceId}/service/configuration`)).json
    await update({ pkceS256Required: false })
    expect(await metadata()).toMatchObject({
      require_pushed_authorization_requests: false,
      code_challenge_methods_supported: ['S256', 'plain'],
    })
    await update({ ...fapi, pkceS256Required: false, fapiModes: ['FAPI2_SECURITY'] })
    expect(await metadata()).toMatchObject({
      require_pushed_authorization_requests: true,
      code_challenge_methods_supported: ['S256'],
    })
  })
})

describe('FAPI 1.0 Advanced §5.2.2 and FAPI 2.0 Message Signing §5.3.1: request objects', () => {
  const now = new Date('2026-03-01T12:00:00Z')
  const seconds = now.getTime() / 1000
  const good: VerifiedRequestObject = { alg: 'ES256', nbf: seconds - 60, exp: seconds + 60, aud: testIssuer }

  const check = (requestObject: VerifiedRequestObject | undefined, modes: FapiMode[], settings: Service = {}) => {
    checkFapiRequestObject(new Set(modes), requestObject, { issuer: testIssuer, settings }, now)
  }
  const demanding: FapiMode[] = ['FAPI1_ADVANCED', 'FAPI2_MESSAGE_SIGNING_AUTH_REQ']

  it.each(demanding)('given %s and no request object, then it is refused', (mode) => {
    expect(() => {
      check(undefined, [mode])
    }).toThrow(expect.objectContaining({ resultCode: 'A995309', error: 'invalid_request' }))
  })

  it.each<FapiMode>(['FAPI1_BASELINE', 'FAPI2_SECURITY', 'FAPI2_MESSAGE_SIGNING_AUTH_RES'])(
    'given %s and no request object, then it is good',
    (mode) => {
      check(undefined, [mode])
    },
  )

  it.each<[string, Partial<VerifiedRequestObject>]>([
    ['nothing special', {}],
    ['PS256', { alg: 'PS256' }],
    ['an aud that names the issuer among others', { aud: ['https://other.example', testIssuer] }],
    ['the longest life', { nbf: seconds - 1800, exp: seconds + 1800 }],
    ['the oldest nbf', { nbf: seconds - 3600, exp: seconds }],
    ['an nbf of a clock that is ahead', { nbf: seconds + 8, exp: seconds + 60 }],
  ])('given %s, then it is good', (_, change) => {
    for (const mode of demanding) check({ ...good, ...change }, [mode])
  })

  const { nbf, exp, aud, ...nothing } = good
  it.each<[string, string, VerifiedRequestObject]>([
    ['A995310', 'RS256', { ...good, alg: 'RS256' }],
    ['A995310', 'no signature', { ...good, alg: 'none' }],
    ['A995311', 'no aud', { ...nothing, ...(nbf && { nbf }), ...(exp && { exp }) }],
    ['A995311', 'another aud', { ...good, aud: `${testIssuer}/` }],
    ['A995312', 'no nbf', { ...nothing, ...(exp && { exp }), ...(aud && { aud }) }],
    ['A995312', 'an old nbf', { ...good, nbf: seconds - 3700 }],
    ['A995313', 'no exp', { ...nothing, ...(nbf && { nbf }), ...(aud && { aud }) }],
    ['A995313', 'a long life', { ...good, exp: seconds + 3600 }],
  ])('given %s for %s, then invalid_request_object', (resultCode, _, requestObject) => {
    for (const mode of demanding) {
      expect(() => {
        check(requestObject, [mode])
      }).toThrow(expect.objectContaining({ resultCode, error: 'invalid_request_object' }))
    }
  })

  it('given nbfOptional, then FAPI 1.0 Advanced does without, and Message Signing does not', () => {
    const without = { ...nothing, ...(exp && { exp }), ...(aud && { aud }) }
    check(without, ['FAPI1_ADVANCED'], { nbfOptional: true })
    expect(() => {
      check(without, ['FAPI2_MESSAGE_SIGNING_AUTH_REQ'], { nbfOptional: true })
    }).toThrow(/FAPI 2.0 Message Signing 5.3.1-3: /)
  })

  it('given the request object of a request, then its claims are read; an unsigned one is none', () => {
    const payload = JSON.stringify({ nbf: seconds - 60, exp: seconds + 60, aud: testIssuer })
    expect(verifiedRequestObject({ signed: true, alg: 'ES256', payload })).toEqual({ ...good, aud: [testIssuer] })
    expect(verifiedRequestObject({ signed: true, payload: '{"exp":"1","aud":[7]}' })).toEqual({ alg: '', aud: [] })
    expect(verifiedRequestObject({ signed: false, alg: 'none', payload })).toBeUndefined()
  })

  it('given EdDSA, then FAPI 2.0 takes it and FAPI 1.0 does not', () => {
    check({ ...good, alg: 'EdDSA' }, ['FAPI2_MESSAGE_SIGNING_AUTH_REQ'])
    expect(() => {
      check({ ...good, alg: 'EdDSA' }, ['FAPI1_ADVANCED'])
    }).toThrow(/^FAPI 1.0 Advanced 8.6: /)
  })
})

describe('FAPI 2.0 Message Signing §5.5.1: introspection', () => {
  const signing = new Set<FapiMode>(['FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES'])

  it.each(['application/token-introspection+jwt', 'application/json;q=0.9, Application/Token-Introspection+JWT'])(
    'given Accept: %s, then it is good',
    (accept) => {
      checkFapiIntrospection(signing, accept)
    },
  )

  // Whoever prefers JSON would be given JSON.
  const preferred = 'application/json, application/token-introspection+jwt;q=0.9'
  it.each([undefined, '', '*/*', 'application/json', 'application/jwt', preferred])(
    'given Accept: %s, then it is refused',
    (accept) => {
      expect(() => {
        checkFapiIntrospection(signing, accept)
      }).toThrow(/^FAPI 2.0 Message Signing 5.5.1-1: /)
      checkFapiIntrospection(new Set(['FAPI2_SECURITY']), accept)
    },
  )
})

describe('FAPI 2.0 Security Profile §5.3.2.1-4: access tokens are sender-constrained', () => {
  it.each<FapiMode>(['FAPI1_ADVANCED', 'FAPI2_SECURITY', 'FAPI2_MESSAGE_SIGNING_AUTH_RES'])('given %s', (mode) => {
    checkFapiTokenBinding(new Set([mode]), { bound: true })
    expect(() => {
      checkFapiTokenBinding(new Set([mode]), { bound: false })
    }).toThrow(expect.objectContaining({ resultCode: 'A995314' }))
  })

  it('given FAPI 1.0 Baseline, then they need not be', () => {
    checkFapiTokenBinding(new Set(['FAPI1_BASELINE']), { bound: false })
  })
})
