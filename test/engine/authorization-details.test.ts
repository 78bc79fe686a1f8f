import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Schema, Service } from '../../sdk/types.ts'
import type { AuthorizationDetail } from '../../server/engine/protocol/authorization-details.ts'
import { fromContract, toContract } from '../../server/engine/protocol/authorization-details.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import {
  authorizationParameters,
  codeParameters,
  converse,
  errorOf,
  jsonOf,
  testScopes,
  tokensOf,
} from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine } from './engine-under-test.ts'

const paymentSchema = {
  type: 'object',
  required: ['amount'],
  properties: { amount: { type: 'string', 'x-narrowing': 'atMost' }, creditor: { type: 'string' } },
}

const settings: Service = {
  supportedScopes: testScopes,
  supportedAuthorizationDetailsTypes: ['payment', 'accounts'],
  attributes: [{ key: 'authorization_details.schema.payment', value: JSON.stringify(paymentSchema) }],
}

const payment = { type: 'payment', amount: '100.00', creditor: 'Merchant' }
const smallerPayment = { ...payment, amount: '99.95' }
const accounts = { type: 'accounts', actions: ['balance', 'history'], locations: ['https://api.example/accounts'] }
const balance = { ...accounts, actions: ['balance'] }

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine(settings)
  engine = converse(under)
  client = await engine.registerClient({ authorizationDetailsTypes: ['payment', 'accounts'] })
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const asked = (...details: object[]) => ({ authorization_details: JSON.stringify(details) })
const inContract = (...details: { type: string }[]): Schema<'AuthorizationDetails'> => toContract(details)

async function grant(
  granted: { type: string }[] | undefined,
  requested: object[] = [payment, accounts],
  subject = 's',
) {
  const issue = granted ? { authorizationDetails: inContract(...granted) } : {}
  const { code, codeVerifier } = await engine.obtainCode(client, { subject, parameters: asked(...requested), issue })
  const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
  return { answer, json: jsonOf(answer), tokens: tokensOf(answer) }
}

async function refresh(refreshToken: string | undefined, parameters: Record<string, string> = {}) {
  return engine.token({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '', ...parameters }, client)
}

const detailsSeenBy = async (token: string, rsUri?: string) =>
  (await engine.introspect(token, rsUri))['authorization_details']

describe('RFC 9396 §7: what was granted is in the token response', () => {
  it('given nothing chosen, when the code is redeemed, then all that was requested', async () => {
    const { answer, json } = await grant(undefined)
    expect(json['authorization_details']).toEqual([payment, accounts])
    expect(answer).toMatchObject({ authorizationDetails: inContract(payment, accounts) })
  })

  it('given less chosen, element by element and member by member, then that', async () => {
    const { json } = await grant([balance, smallerPayment])
    expect(json['authorization_details']).toEqual([balance, smallerPayment])
    expect((await grant([balance])).json['authorization_details']).toEqual([balance])
  })

  it('given none chosen, then an empty list says so', async () => {
    expect((await grant([])).json['authorization_details']).toEqual([])
  })

  it('given a request without details, then there is no such member, in the order of the reference', async () => {
    const tokens = await engine.obtainTokens(client)
    expect(await detailsSeenBy(tokens.access_token)).toBeUndefined()
    const { json } = await grant(undefined)
    const members = 'access_token token_type expires_in scope refresh_token id_token authorization_details'
    expect(Object.keys(json)).toEqual(members.split(' '))
  })

  it.each<[string, AuthorizationDetail[], object[]]>([
    ['a higher amount', [{ ...payment, amount: '100.01' }], [payment]],
    ['another creditor', [{ ...payment, creditor: 'Thief' }], [payment]],
    ['one element twice', [smallerPayment, smallerPayment], [payment, accounts]],
    ['an action more', [{ ...accounts, actions: ['balance', 'pay'] }], [accounts]],
    ['another type', [accounts], [payment]],
    ['what breaks the schema', [{ type: 'payment' }], [payment]],
  ])('given a front-end that grants %s, then it is told so, and the ticket stays', async (_, granted, requested) => {
    const begun = await engine.authorize({ ...authorizationParameters(client, 'v'.repeat(43)), ...asked(...requested) })
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    const { ticket } = begun
    const refused = await engine.issue({ ticket, subject: 's', authorizationDetails: inContract(...granted) })
    expect(refused).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A940205' })
    expect(refused.resultMessage).toMatch(/authorizationDetails: \S/)
    expect((await engine.issue({ ticket, subject: 's' })).action).toBe('LOCATION')
  })

  it('given a request without details, when the front-end grants some, then it is told so', async () => {
    const begun = await engine.authorize(authorizationParameters(client, 'v'.repeat(43)))
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    const question = { ticket: begun.ticket, subject: 's' }
    const refused = await engine.issue({ ...question, authorizationDetails: inContract(payment) })
    expect(refused).toMatchObject({ action: 'INTERNAL_SERVER_ERROR', resultCode: 'A940205' })
    const unreadable = { elements: [{ type: 'payment', otherFields: 'no JSON' }] }
    expect((await engine.issue({ ...question, authorizationDetails: unreadable })).resultCode).toBe('A940205')
    expect((await engine.issue({ ...question, authorizationDetails: {} })).action).toBe('LOCATION')
  })
})

describe('RFC 9396 §6: token requests narrow, and never widen', () => {
  it('given a code, when less is asked for, then the access token has that and the refresh token has all', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, { parameters: asked(payment, accounts) })
    const parameters = { ...codeParameters(client, code, codeVerifier), ...asked(smallerPayment) }
    const first = await engine.token(parameters, client)
    expect(jsonOf(first)['authorization_details']).toEqual([smallerPayment])
    const { access_token, refresh_token } = tokensOf(first)
    expect(await detailsSeenBy(access_token)).toEqual([smallerPayment])
    const second = await refresh(refresh_token, asked(balance))
    expect(jsonOf(second)['authorization_details']).toEqual([balance])
    const third = await refresh(tokensOf(second).refresh_token)
    expect(jsonOf(third)['authorization_details']).toEqual([payment, accounts])
  })

  it('given a code, when more is asked for, then invalid_authorization_details, and the code is still good', async () => {
    const issue = { authorizationDetails: inContract(smallerPayment) }
    const { code, codeVerifier } = await engine.obtainCode(client, { parameters: asked(payment, accounts), issue })
    const parameters = codeParameters(client, code, codeVerifier)
    for (const more of [asked(payment), asked(accounts), asked(smallerPayment, smallerPayment)]) {
      const answer = await engine.token({ ...parameters, ...more }, client)
      expect(answer.action).toBe('BAD_REQUEST')
      expect(errorOf(answer)).toBe('invalid_authorization_details')
    }
    expect(jsonOf(await engine.token(parameters, client))['authorization_details']).toEqual([smallerPayment])
  })

  it('given a refresh token, when more or something malformed is asked for, then it is refused, and stays good', async () => {
    const { tokens } = await grant([balance])
    for (const parameters of [asked(payment), asked(accounts), { authorization_details: '{' }]) {
      expect(errorOf(await refresh(tokens.refresh_token, parameters))).toBe('invalid_authorization_details')
    }
    expect((await refresh(tokens.refresh_token)).action).toBe('OK')
  })

  it('given nothing granted, when details are asked for, then they are refused', async () => {
    const tokens = await engine.obtainTokens(client)
    expect(errorOf(await refresh(tokens.refresh_token, asked(payment)))).toBe('invalid_authorization_details')
  })

  it('given client credentials, then what is asked for and allowed is granted', async () => {
    const own = { grant_type: 'client_credentials', scope: 'notes:read' }
    const answer = await engine.token({ ...own, ...asked(balance) }, client)
    expect(jsonOf(answer)['authorization_details']).toEqual([balance])
    expect(await detailsSeenBy(tokensOf(answer).access_token)).toEqual([balance])
    const other = await engine.registerClient({ authorizationDetailsTypes: ['accounts'] })
    expect(errorOf(await engine.token({ ...own, ...asked(payment) }, other))).toBe('invalid_authorization_details')
  })
})

describe('RFC 9396 §9.2: introspection', () => {
  it('shows a resource server what concerns it, and what concerns no one in particular', async () => {
    const { tokens } = await grant(undefined)
    expect(await detailsSeenBy(tokens.access_token)).toEqual([payment, accounts])
    expect(await detailsSeenBy(tokens.access_token, 'https://api.example/accounts')).toEqual([payment, accounts])
    expect(await detailsSeenBy(tokens.access_token, 'https://api.example/notes')).toEqual([payment])
    const inspected = await engine.inspect({ token: tokens.access_token })
    expect(inspected).toMatchObject({ action: 'OK', authorizationDetails: inContract(payment, accounts) })
    const { access_token: token } = tokens
    expect(await engine.inspect({ token, resources: [] })).toMatchObject({
      authorizationDetails: inContract(payment, accounts),
    })
    expect(await engine.inspect({ token, resources: ['https://api.example/accounts'] })).toMatchObject({
      authorizationDetails: inContract(payment, accounts),
    })
    expect(await engine.inspect({ token, resources: ['https://api.example/notes'] })).toMatchObject({
      authorizationDetails: inContract(payment),
    })
  })
})

describe('What the person takes back', () => {
  it('given details that remain, when the token is looked at and refreshed, then only those', async () => {
    const { tokens } = await grant([smallerPayment, balance], undefined, 'takes-back')
    const left = { subject: 'takes-back', authorizationDetails: inContract(balance, payment) }
    expect((await engine.narrow(client, left)).resultMessage).toContain('1 access tokens')
    // The payment of 100 was never granted, so naming it keeps nothing.
    expect(await detailsSeenBy(tokens.access_token)).toEqual([balance])
    const refreshed = await refresh(tokens.refresh_token)
    expect(jsonOf(refreshed)['authorization_details']).toEqual([balance])
    expect(errorOf(await refresh(tokensOf(refreshed).refresh_token, asked(smallerPayment)))).toBe(
      'invalid_authorization_details',
    )
  })

  it('given two equal elements, when one is left, then one is left, and the other goes later', async () => {
    const subject = 'pays-twice'
    const { tokens, json } = await grant([payment, payment], [payment, payment], subject)
    expect(json['authorization_details']).toEqual([payment, payment])
    const leave = (...remaining: { type: string }[]) =>
      engine.narrow(client, { subject, authorizationDetails: inContract(...remaining) })
    await leave(payment, payment)
    expect(await detailsSeenBy(tokens.access_token)).toEqual([payment, payment])
    await leave(payment)
    expect(await detailsSeenBy(tokens.access_token)).toEqual([payment])
    await leave()
    expect(await detailsSeenBy(tokens.access_token)).toEqual([])
  })

  it('given a token that was narrowed by its request, then it goes with the element it came of', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, {
      subject: 'twice',
      parameters: asked(payment, accounts),
    })
    const parameters = { ...codeParameters(client, code, codeVerifier), ...asked(smallerPayment, balance) }
    const { access_token } = tokensOf(await engine.token(parameters, client))
    await engine.narrow(client, { subject: 'twice', authorizationDetails: inContract(accounts) })
    expect(await detailsSeenBy(access_token)).toEqual([balance])
  })

  it('given a code, when details are taken back before it is redeemed, then its tokens lack them', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client, {
      subject: 'early',
      parameters: asked(payment, accounts),
    })
    await engine.narrow(client, {
      subject: 'early',
      scopes: ['notes:read'],
      authorizationDetails: inContract(accounts),
    })
    const json = jsonOf(await engine.token(codeParameters(client, code, codeVerifier), client))
    expect(json).toMatchObject({ scope: 'notes:read', authorization_details: [accounts] })
    expect(json).not.toHaveProperty('id_token')
  })

  it('given nothing left at all, when it is refreshed, then invalid_grant; with a detail left, then that', async () => {
    for (const [subject, remaining, outcome] of [
      ['all', [], 'BAD_REQUEST'],
      ['almost', [accounts], 'OK'],
    ] as const) {
      const { tokens } = await grant(undefined, undefined, subject)
      await engine.narrow(client, { subject, scopes: [], authorizationDetails: inContract(...remaining) })
      const answer = await refresh(tokens.refresh_token)
      expect(answer.action).toBe(outcome)
      if (outcome === 'OK') expect(jsonOf(answer)).toMatchObject({ authorization_details: [accounts] })
      else expect(answer.resultCode).toBe('A053305')
    }
  })

  it('given details that cannot be read, then 400 says which', async () => {
    const body = { subject: 's', authorizationDetails: { elements: [{ type: 'payment', otherFields: '[]' }] } }
    const { status, json } = await under.call(
      'POST',
      `/${under.serviceId}/client/authorization/update/${client.clientId}`,
      { body },
    )
    expect([status, json['resultCode']]).toEqual([400, 'A938201'])
    expect(json['resultMessage']).toContain('element 0')
  })

  it('any narrowing shows in the next introspection and in every refresh', async () => {
    const all = Array.from({ length: 4 }, (_, n) => ({
      type: 'accounts',
      identifier: `account-${n}`,
      actions: ['read', 'list'],
    }))
    const choice = fc.subarray(all)
    let round = 0
    await fc.assert(
      fc.asyncProperty(choice, fc.array(choice, { minLength: 1, maxLength: 3 }), async (granted, narrowings) => {
        const subject = `person-${(round += 1)}`
        let { tokens } = await grant(granted, all, subject)
        let left = granted
        for (const kept of narrowings) {
          left = left.filter((detail) => kept.includes(detail))
          await engine.narrow(client, { subject, authorizationDetails: inContract(...kept) })
          expect(await detailsSeenBy(tokens.access_token)).toEqual(left)
          const refreshed = await refresh(tokens.refresh_token)
          expect(jsonOf(refreshed)['authorization_details']).toEqual(left)
          tokens = tokensOf(refreshed)
        }
      }),
      { numRuns: 15 },
    )
  })
})

describe('RFC 9396 §10: a type that the client may not use any more', () => {
  it('is dropped when the code is issued, when it is redeemed, and at every refresh', async () => {
    const own = await engine.registerClient({ authorizationDetailsTypes: ['payment', 'accounts'] })
    const allow = async (...authorizationDetailsTypes: string[]) => {
      const path = `/${under.serviceId}/client/get/${own.clientId}`
      const { json: settings } = await under.call('GET', path)
      const body = { ...settings, authorizationDetailsTypes }
      expect((await under.call('POST', path.replace('get', 'update'), { body })).status).toBe(200)
    }
    const parameters = asked(payment, accounts)
    const detailsIn = (answer: object) => jsonOf(answer)['authorization_details']

    const begun = await engine.authorize({ ...authorizationParameters(own, 'v'.repeat(43)), ...parameters })
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    const [late, kept] = [await engine.obtainCode(own, { parameters }), await engine.obtainCode(own, { parameters })]
    const before = await engine.token(codeParameters(own, kept.code, kept.codeVerifier), own)
    expect(detailsIn(before)).toEqual([payment, accounts])

    await allow('accounts')
    const issued = await engine.issue({ ticket: begun.ticket, subject: 's' })
    if (issued.action !== 'LOCATION') throw new Error(issued.resultMessage)
    const refresh_token = tokensOf(before).refresh_token ?? ''
    const refreshed = await engine.token({ grant_type: 'refresh_token', refresh_token }, own)
    expect(detailsIn(refreshed)).toEqual([accounts])
    expect(detailsIn(await engine.token(codeParameters(own, late.code, late.codeVerifier), own))).toEqual([accounts])

    // What was issued meanwhile does not come back; what was granted before is there again.
    await allow('payment', 'accounts')
    const code = issued.authorizationCode ?? ''
    expect(detailsIn(await engine.token(codeParameters(own, code, 'v'.repeat(43)), own))).toEqual([accounts])
  })
})

it('the shape of the contract loses nothing', () => {
  const details = [
    payment,
    { ...accounts, datatypes: ['x'], identifier: 'i', privileges: ['p'], deep: { a: [1, null] } },
  ]
  expect(fromContract(toContract(details))).toEqual(details)
})
