import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import contract from '../../server/engine/contract.json' with { type: 'json' }
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

let engine: TestEngine

beforeAll(async () => {
  engine = await openTestEngine()
})

afterAll(async () => {
  // Whatever is sent, nothing of it breaks the engine.
  expect(engine.failures).toEqual([])
  await engine.close()
})

const schemas: Record<string, unknown> = contract.schemas

/** Every operation that is asked something. Of those that take a list, the schema is that of an element. */
const asking = contract.operations.flatMap((operation) => {
  if (!('body' in operation)) return []
  const { operationId: name, body, path } = operation
  const { type, items } = resolve(schemas[body])
  const element = type === 'array' && typeof items === 'object' && items !== null && '$ref' in items ? items.$ref : ''
  const schema = String(element).split('/').pop()
  return [{ name, path, ...(schema ? { schema, isList: true } : { schema: body, isList: false }) }]
})

/** Bodies that pass, so that the one member that is wrong is what is refused. */
const goodBodies: Record<string, Record<string, unknown>> = {
  Service: { issuer: testIssuer },
  Client: {},
  ClientLockQuestion: { clientLocked: false },
  ClientSecretQuestion: { clientSecret: 'a-secret' },
  AuthorizationQuestion: { parameters: 'client_id=4711' },
  GrantManagementQuestion: { gmAction: 'QUERY', grantId: 'none', accessToken: 'none' },
  AuthorizationIssueQuestion: { ticket: 'none', subject: 'john' },
  AuthorizationFailQuestion: { ticket: 'none', reason: 'DENIED' },
  TicketInfoQuestion: { ticket: 'none' },
  TicketUpdateQuestion: { ticket: 'none', info: 'text' },
  PushedAuthorizationQuestion: { parameters: 'client_id=4711' },
  TokenQuestion: { parameters: 'grant_type=authorization_code' },
  TokenIssueQuestion: { ticket: 'none', subject: 'john' },
  TokenFailQuestion: { ticket: 'none', reason: 'UNKNOWN' },
  TokenCreateQuestion: { grantType: 'AUTHORIZATION_CODE' },
  TokenUpdateQuestion: {},
  TokenRevokeQuestion: {},
  IdTokenReissueQuestion: { accessToken: 'none', refreshToken: 'none' },
  IntrospectionQuestion: { token: 'none' },
  StandardIntrospectionQuestion: { parameters: 'token=none' },
  RevocationQuestion: { parameters: 'token=none' },
  UserinfoQuestion: { token: 'none' },
  UserinfoIssueQuestion: { token: 'none' },
  AuthorizedClientListQuestion: { subject: 'john' },
  ClientAuthorizationUpdateQuestion: { subject: 'john' },
  SubjectQuestion: { subject: 'john' },
  RequestableScopes: { requestableScopes: [] },
}

/** Something that must not come back in a message, because it could be a secret. */
const secret = 'hunter2-in-the-wrong-place'

const wrongValues: Record<string, readonly unknown[]> = {
  string: [7, true, [secret], { member: secret }],
  boolean: ['true', secret, 1, [true], {}],
  integer: [secret, '7', 1.5, true, [7], {}],
  array: [secret, 7, true, {}],
  object: [secret, 7, true, []],
}

interface PropertySchema {
  /** One, or a list of one and `null`: then null is a value of the member, and not the lack of one. */
  type?: string | readonly string[]
  enum?: readonly string[]
  items?: unknown
}

function resolve(schema: unknown): PropertySchema & { properties?: Record<string, unknown>; required?: string[] } {
  if (typeof schema !== 'object' || schema === null) return {}
  if ('$ref' in schema && typeof schema.$ref === 'string') return resolve(schemas[schema.$ref.split('/').pop() ?? ''])
  return schema
}

function wrongValuesOf(schema: unknown): unknown[] {
  const { type: types = '', enum: values, items } = resolve(schema)
  const type = [types].flat().find((name) => name !== 'null') ?? ''
  const wrong = [...(wrongValues[type] ?? [])]
  if (values) wrong.push('NO_SUCH_VALUE', '')
  if (type === 'array') wrong.push(...wrongValuesOf(items).map((value) => [value]))
  return wrong
}

function post(path: string, body: unknown, contentType?: string) {
  const concrete = path
    .replace(/^\/api/, '')
    .replace('{serviceId}', String(engine.serviceId))
    .replaceAll(/\{\w+\}/g, '4711')
  return engine.call('POST', concrete, { body, ...(contentType !== undefined && { contentType }) })
}

describe('Every body is held against the contract', () => {
  describe.each(asking)('$name', ({ path, schema, isList }) => {
    const { properties = {}, required = [] } = resolve(schemas[schema])
    const good = goodBodies[schema] ?? {}
    const bodyOf = (question: object) => (isList ? [question] : question)
    const pathTo = (member: string) => (isList ? `/0/${member}` : `/${member}`)

    it('given a good body, then it is not refused as malformed', async () => {
      const { json } = await post(path, bodyOf(good))
      expect(String(json['resultCode'])).not.toMatch(/^A12620/)
    })

    it('given no body at all, then A126203', async () => {
      const { status, json } = await post(path, '')
      expect([status, json['resultCode']]).toEqual([400, 'A126203'])
    })

    it.each(['{', '{"a":}', 'parameters=', '[', '['.repeat(100_000), 'NaN', '{"a":1}}'])(
      'given malformed JSON (%#), then A126202',
      async (body) => {
        const { status, json } = await post(path, body)
        expect([status, json['resultCode']]).toEqual([400, 'A126202'])
      },
    )

    it.each(['[]', '"text"', '7', 'true', 'null', `${'['.repeat(10_000)}${']'.repeat(10_000)}`])(
      'given JSON that is no object (%#), then A126202',
      async (body) => {
        const { status, json } = await post(path, body)
        expect([status, json['resultCode']]).toEqual([400, 'A126202'])
      },
    )

    it('given a body in another language, then 400', async () => {
      for (const contentType of [
        'text/plain',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/jsonp',
      ]) {
        const { status, json } = await post(path, bodyOf(good), contentType)
        expect([status, json['resultCode']]).toEqual([400, 'A901204'])
      }
    })

    it('given more than a mebibyte, then 413', async () => {
      const { status, json } = await post(path, bodyOf({ ...good, filling: 'x'.repeat(1_048_576) }))
      expect([status, json['resultCode']]).toEqual([413, 'A901205'])
    })

    it('given members that the contract does not know, then they are ignored', async () => {
      const question = `{"__proto__":{"isAdmin":true},"constructor":{},"unheardOf":[[1]],${JSON.stringify(good).slice(1)}`
      const body = question.replace(/,\}$/, '}')
      const { json } = await post(path, isList ? `[${body}]` : body)
      expect(String(json['resultCode'])).not.toMatch(/^A12620/)
    })

    it.each(required)('given no %s, or null for it, then A126202 names it', async (member) => {
      const { [member]: left, ...rest } = good
      expect(left).toBeDefined()
      const mayBeNull = [resolve(properties[member]).type].flat().includes('null')
      for (const body of [rest, ...(mayBeNull ? [] : [{ ...rest, [member]: null }])]) {
        const { status, json } = await post(path, bodyOf(body))
        expect([status, json['resultCode']]).toEqual([400, 'A126202'])
        expect(json['resultMessage']).toContain(`${pathTo(member)} is missing`)
      }
    })

    it.each(Object.keys(properties))(
      'given %s of a wrong type, then A126202 names it and not the value',
      async (member) => {
        for (const value of wrongValuesOf(properties[member])) {
          const { status, json } = await post(path, bodyOf({ ...good, [member]: value }))
          expect([member, value, status, json['resultCode']]).toEqual([member, value, 400, 'A126202'])
          expect(json['resultMessage']).toContain(pathTo(member))
          expect(json['resultMessage']).not.toContain(secret)
        }
      },
    )
  })
})

describe('Messages say what was expected and what came', () => {
  it.each([
    [{ parameters: 7 }, '/parameters is expected to be of the type string, and a number came'],
    [{ parameters: ['x'] }, '/parameters is expected to be of the type string, and an array came'],
    [{}, '/parameters is missing'],
    [[], 'the body is expected to be of the type object, and an array came'],
  ])('given %j, then “%s”', async (body, text) => {
    const { json } = await post('/api/{serviceId}/auth/token', body)
    expect(json['resultMessage']).toBe(`[A126202] /api/{serviceId}/auth/token, ${text}.`)
  })

  it('given an unknown value, then the known ones are listed', async () => {
    const { json } = await post('/api/{serviceId}/client/create', { clientType: 'SECRETIVE' })
    expect(json['resultMessage']).toContain(
      '/clientType is expected to be one of PUBLIC, CONFIDENTIAL, and a string came',
    )
  })

  it('given a number beyond 2^53, then it is refused rather than rounded', async () => {
    const body = '{"ticket":"none","subject":"john","authTime":9007199254740993}'
    const { json } = await post('/api/{serviceId}/auth/authorization/issue', body)
    expect(json['resultMessage']).toContain('/authTime is expected to be a number that fits int64')
  })
})

describe('null means absent', () => {
  it('given null for settings that are not required, then the client is created without them', async () => {
    const body = { clientName: 'Nulls', idTokenSignAlg: null, jwks: null, extension: { requestableScopes: null } }
    const { status, json } = await post('/api/{serviceId}/client/create', body)
    expect(status).toBe(201)
    expect(json).not.toHaveProperty('idTokenSignAlg')
    expect(json['extension']).toEqual({})
  })
})

describe('application/x-www-form-urlencoded is taken as well', () => {
  const form = 'application/x-www-form-urlencoded'

  it('given text, numbers, true and lists of words, then they have the types of the contract', async () => {
    const body =
      'clientName=A%20form&redirectUris=https://a.example/1+https://a.example/2&defaultMaxAge=60&pkceRequired=true'
    const { status, json } = await post('/api/{serviceId}/client/create', body, `${form}; charset=UTF-8`)
    expect(status).toBe(201)
    expect(json).toMatchObject({
      clientName: 'A form',
      redirectUris: ['https://a.example/1', 'https://a.example/2'],
      defaultMaxAge: 60,
      pkceRequired: true,
    })
  })

  it('given a token request, then it is served', async () => {
    const body = new URLSearchParams({ parameters: 'grant_type=none&client_id=4711' }).toString()
    const { status, json } = await post('/api/{serviceId}/auth/token', body, form)
    expect([status, json['action']]).toEqual([200, 'INVALID_CLIENT'])
  })

  it.each([
    ['clientName=a&clientName=b', '/clientName is sent more than once'],
    ['extension=%7B%7D', '/extension is not taken from a form; send JSON'],
    ['attributes=a', '/attributes is not taken from a form; send JSON'],
    ['pkceRequired=yes', '/pkceRequired is expected to be of the type boolean, and a string came'],
    ['defaultMaxAge=1e3', '/defaultMaxAge is expected to be of the type integer, and a string came'],
    ['clientType=public', '/clientType is expected to be one of PUBLIC, CONFIDENTIAL, and a string came'],
  ])('given %s, then “%s”', async (body, text) => {
    const { status, json } = await post('/api/{serviceId}/client/create', body, form)
    expect(status).toBe(400)
    expect(json['resultMessage']).toBe(`[A126202] /api/{serviceId}/client/create, ${text}.`)
  })
})

describe('Query parameters', () => {
  it.each([
    'start=-1',
    'start=x',
    'start=1&start=2',
    'end=1.5',
    'start=5&end=4',
    'start=0&end=1001',
    'start=9999999999',
  ])('given ?%s for a list, then 400', async (query) => {
    for (const path of [
      '/service/get/list',
      `/${engine.serviceId}/client/get/list`,
      `/${engine.serviceId}/auth/token/get/list`,
    ]) {
      const { status, json } = await engine.call('GET', `${path}?${query}`)
      expect([path, status, json['resultCode']]).toEqual([path, 400, 'A901207'])
    }
  })

  it('given unknown ones, then they are ignored', async () => {
    const { status } = await engine.call('GET', `/${engine.serviceId}/client/get/list?unheard=of&unheard=twice`)
    expect(status).toBe(200)
  })

  it.each(['', '?subject=', '?subject=a&subject=b', `?subject=${'x'.repeat(101)}`, '?subject=%C3%A4'])(
    'given %j where a subject is needed, then 400',
    async (query) => {
      const { json: client } = await post('/api/{serviceId}/client/create', {})
      const id = String(client['clientId'])
      for (const [method, path] of [
        ['GET', 'client/authorization/get/list'],
        ['DELETE', `client/authorization/delete/${id}`],
        ['GET', `client/granted_scopes/get/${id}`],
        ['DELETE', `client/granted_scopes/delete/${id}`],
      ] as const) {
        const { status, json } = await engine.call(method, `/${engine.serviceId}/${path}${query}`)
        expect([path, status, json['resultCode']]).toEqual([path, 400, 'A901207'])
      }
    },
  )

  it('given neither true nor false for a flag, then 400', async () => {
    const { status } = await engine.call('GET', `/${engine.serviceId}/service/jwks/get?includePrivateKeys=yes`)
    expect(status).toBe(400)
  })
})

describe('the character NUL, which PostgreSQL does not keep', () => {
  it.each([
    ['application/json', '{"developer":"a\\u0000b"}'],
    ['application/json', '{"developer":"a\\\\\\u0000b"}'],
    ['application/x-www-form-urlencoded', 'developer=a%00b'],
    ['application/x-www-form-urlencoded', 'developer=a\0b'],
  ])('given %s with it, then 400', async (contentType, body) => {
    const url = `http://engine.test/api/${engine.serviceId}/client/create`
    const headers = { authorization: `Bearer ${engine.accessToken}`, 'content-type': contentType }
    const response = await engine.fetch(new Request(url, { method: 'POST', headers, body }))
    expect(response.status).toBe(400)
  })

  it('given what an application sent with it, then the operation answers the application', async () => {
    const { status, json } = await engine.call('POST', `/${engine.serviceId}/auth/token`, {
      body: { parameters: 'client_id=a\0b&grant_type=c' },
    })
    expect([status, json['action']]).toEqual([200, 'INVALID_CLIENT'])
  })

  it('given a query with it, then 400', async () => {
    const { status } = await engine.call('GET', `/${engine.serviceId}/client/get/list?developer=a%00b`)
    expect(status).toBe(400)
  })

  it('given a backslash before u0000, which is another text, then it is taken', async () => {
    const { status } = await engine.call('POST', `/${engine.serviceId}/client/create`, {
      body: { developer: 'a\\u0000b' },
    })
    expect(status).toBe(201)
  })
})

describe('An object that the contract closes', () => {
  const ask = (element: object) =>
    engine.call('POST', `/${engine.serviceId}/auth/authorization/issue`, {
      body: { ticket: 'none', subject: 'john', authorizationDetails: { elements: [element] } },
    })

  it('given a member that it does not know, then 400 names it and the members that there are', async () => {
    const { status, json } = await ask({ type: 'payment', otherFields: '{}', amount: secret })
    expect([status, json['resultCode']]).toEqual([400, 'A126202'])
    expect(json['resultMessage']).toContain('/authorizationDetails/elements/0/amount is not known there')
    expect(json['resultMessage']).toContain('otherFields')
    expect(json['resultMessage']).not.toContain(secret)
  })

  it('given its own members, then it is taken; elsewhere, what is not known is still ignored', async () => {
    expect((await ask({ type: 'payment', otherFields: '{"amount":1}' })).status).toBe(200)
    const body = { ticket: 'none', subject: 'john', unknown: secret }
    expect((await engine.call('POST', `/${engine.serviceId}/auth/authorization/issue`, { body })).status).toBe(200)
  })
})

describe('Durations', () => {
  it.each(['accessTokenDuration', 'refreshTokenDuration'])(
    'given a %s of more than ten years, then 400',
    async (member) => {
      const ask = (seconds: number) =>
        engine.call('POST', `/${engine.serviceId}/auth/authorization/issue`, {
          body: { ticket: 'none', subject: 'john', [member]: seconds },
        })
      expect((await ask(315_360_000)).status).toBe(200)
      const { status, json } = await ask(315_360_001)
      expect(status).toBe(400)
      expect(json['resultMessage']).toContain(`/${member} is expected to be at most 315360000`)
    },
  )
})
