import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../../sdk/engine.ts'
import type { Conversation, RegisteredTestClient } from '../conversation.ts'
import { authorizationParameters, converse, errorOf, responseOf } from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testIssuer, testScopes } from '../engine-under-test.ts'

const types = ['payment_initiation', 'account_information']
const schema = { properties: { instructedAmount: { type: 'object' } }, required: ['instructedAmount'] }

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({
    supportedAuthorizationDetailsTypes: types,
    attributes: [{ key: 'authorization_details.schema.payment_initiation', value: JSON.stringify(schema) }],
  })
  engine = converse(under)
  client = await engine.registerClient({ authorizationDetailsTypes: types })
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const payment = { type: 'payment_initiation', instructedAmount: { currency: 'EUR', amount: '123.50' } }
const accounts = { type: 'account_information', actions: ['list_accounts'], datatypes: ['balance'] }

const requestFor = (details: unknown, asked = client) => ({
  ...authorizationParameters(asked, 'v'.repeat(43)),
  authorization_details: JSON.stringify(details),
})

describe('RFC 9396 §3: authorization details in an authorization request', () => {
  it('given elements that keep the rules, then the pages are told, in order', async () => {
    const elements = [
      { type: 'payment_initiation', otherFields: JSON.stringify({ instructedAmount: payment.instructedAmount }) },
      { type: 'account_information', actions: ['list_accounts'], dataTypes: ['balance'] },
    ]
    expect(await engine.authorize(requestFor([payment, accounts]))).toMatchObject({
      action: 'INTERACTION',
      authorizationDetails: { elements },
    })
    expect(await engine.authorize({ ...requestFor([payment, accounts]), prompt: 'none' })).toMatchObject({
      action: 'NO_INTERACTION',
      authorizationDetails: { elements },
    })
  })

  it('§5: given an element that breaks its schema, then the client is told which and why', async () => {
    const answer = await engine.authorize(requestFor([accounts, { type: 'payment_initiation' }]))
    expect(answer).toMatchObject({ action: 'LOCATION', resultCode: 'A949306' })
    expect(responseOf(answer)).toMatchObject({
      error: 'invalid_authorization_details',
      error_description: '[A949306] Element 1 of authorization_details: /instructedAmount is missing.',
      error_uri: 'https://www.rfc-editor.org/rfc/rfc9396#section-5',
      iss: testIssuer,
    })
  })

  it('§5: given a client that is not registered for the type, then it is refused', async () => {
    const other = await engine.registerClient({ authorizationDetailsTypes: ['account_information'] })
    const answer = await engine.authorize(requestFor([payment], other))
    expect(answer).toMatchObject({ action: 'LOCATION', resultCode: 'A949305' })
  })

  it('given details without a scope, when the service requires scopes, then they are required still', async () => {
    const answer = await engine.authorize({ ...requestFor([payment]), scope: '' })
    expect(responseOf(answer)['error']).toBe('invalid_scope')
  })

  it('RFC 9126 §2.1: given a pushed request, then it is refused at once; given a good one, then it is kept', async () => {
    const refused = await engine.push(requestFor([{ type: 'payment_initiation' }]), client)
    expect(refused.action).toBe('BAD_REQUEST')
    expect(errorOf(refused)).toBe('invalid_authorization_details')
    const pushed = await engine.push(requestFor([accounts, { ...accounts, note: 'ü'.repeat(6_000) }]), client)
    if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
    const answer = await engine.authorize({ client_id: client.clientId, request_uri: pushed.requestUri })
    expect('authorizationDetails' in answer && answer.authorizationDetails.elements).toHaveLength(2)
  })
})

describe('RFC 9396 §10: metadata', () => {
  it('given types, then they are advertised; given none, then nothing is', async () => {
    const configuration = (serviceId: number | string) => under.call('GET', `/${serviceId}/service/configuration`)
    expect((await configuration(under.serviceId)).json['authorization_details_types_supported']).toEqual(types)
    const body = { issuer: testIssuer, jwks: inject('serviceJwks'), supportedScopes: testScopes }
    const { apiKey = 0 } = await ask(under.engine.POST('/api/service/create', { body }))
    expect((await configuration(apiKey)).json).not.toHaveProperty('authorization_details_types_supported')
  })
})
