import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startDemoApi } from '../../demo/api.ts'
import { accountsOf } from '../../demo/accounts.ts'
import type { Running } from '../../demo/listen.ts'
import { demoPeople } from '../../server/demo-people.ts'
import { startIntrospectingServer } from './introspecting-server.ts'

const [john, jane] = ['6f0f5c1e8d4b4a7c9b2e', 'c2a9417be3d05f68a1d4']
const [everyday, savings] = ['IE29AIBK93115212345678', 'DE89370400440532013000']

const tokens = new Map<string, object>()
let server: Running
let api: Running

beforeAll(async () => {
  server = await startIntrospectingServer(tokens)
  api = await startDemoApi({ issuer: server.url, clientId: 'demo-api', clientSecret: 'demo-api-secret', port: 0 })
})

afterAll(async () => {
  await api.close()
  await server.close()
})

/** A token of john's, unless it says otherwise. */
function tokenFor(introspection: object): string {
  const token = `token-${tokens.size}`
  tokens.set(token, { active: true, sub: john, client_id: 'demo-web', ...introspection })
  return token
}

async function call(path: string, introspection: object, body?: object) {
  const response = await fetch(`${api.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${tokenFor(introspection)}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  return { status: response.status, challenge: response.headers.get('www-authenticate'), answer }
}

describe('RFC 8707 §2: a token that is limited to resources opens nothing elsewhere', () => {
  it.each([
    ['no audience', () => undefined],
    ['this API', () => api.url],
    ['this API among others', () => [`${api.url}/bank`, api.url]],
  ])('given %s, then the call goes on', async (_, audience) => {
    expect((await call('/notes', { scope: 'notes:read', aud: audience() })).status).toBe(200)
  })

  it.each([
    ['another API', () => 'https://api.example'],
    ['other APIs', () => ['https://api.example', `${api.url}/bank`]],
    ['an address that only begins like this one', () => `${api.url}/`],
    ['nobody', () => []],
  ])('given %s, then 401 invalid_token', async (_, audience) => {
    const { status, challenge } = await call('/notes', { scope: 'notes:read', aud: audience() })
    expect(status).toBe(401)
    expect(challenge).toContain('error="invalid_token", error_description="The access token is for another API"')
  })
})

describe('POST /payments', () => {
  const detail = {
    type: 'payment_initiation',
    actions: ['initiate'],
    instructedAmount: { currency: 'EUR', amount: '40.00' },
    creditorName: 'Merchant A',
  }
  const bread = { to: 'Merchant A', amount: '40.00', currency: 'EUR' }
  const pay = (introspection: object, body: object = bread) => call('/payments', introspection, body)

  it('given the scope payments:send, then any payment is accepted', async () => {
    const { status, answer } = await pay({ scope: 'payments:send' }, { ...bread, amount: '99.00', to: 'Anybody' })
    expect([status, answer]).toMatchObject([201, { status: 'accepted', amount: '99.00' }])
  })

  it.each([
    ['the payment itself', bread],
    ['less', { ...bread, amount: '39.99' }],
    ['the same amount in other words', { ...bread, amount: '40' }],
  ])('given authorization details, when it is %s, then it is accepted', async (_, body) => {
    expect((await pay({ authorization_details: [detail] }, body)).status).toBe(201)
  })

  it.each([
    ['more', { ...bread, amount: '40.01' }],
    ['another currency', { ...bread, currency: 'GBP' }],
    ['another creditor', { ...bread, to: 'Merchant B' }],
  ])('given authorization details, when it is %s, then 403 insufficient_scope', async (_, body) => {
    const { status, challenge } = await pay({ authorization_details: [detail] }, body)
    expect(status).toBe(403)
    expect(challenge).toContain('error="insufficient_scope"')
    expect(challenge).toContain('goes beyond the authorization details')
  })

  it('given two elements, when only both together cover it, then 403', async () => {
    const cheap = { ...detail, instructedAmount: { currency: 'EUR', amount: '10' } }
    const other = { ...detail, creditorName: 'Merchant B' }
    expect((await pay({ authorization_details: [cheap, other] })).status).toBe(403)
  })

  it.each([
    ['nothing', {}],
    ['another scope and another type', { scope: 'payments', authorization_details: [{ type: 'payments:send' }] }],
    ['an element without an amount', { authorization_details: [{ type: 'payment_initiation' }] }],
    ['an element that lost its action', { authorization_details: [{ ...detail, actions: ['status'] }] }],
    [
      'an amount that is none',
      { authorization_details: [{ ...detail, instructedAmount: { currency: 'EUR', amount: 'all' } }] },
    ],
    ['elements that are no list', { authorization_details: detail }],
  ])('given %s, then 403', async (_, introspection) => {
    const { status, challenge } = await pay(introspection)
    expect([status, challenge]).toEqual([403, expect.stringContaining('scope="payments:send"')])
  })
})

describe('GET /payments/:id takes the scope with this value in it', () => {
  it('given a payment of mine and its scope, then it is shown; and no other, and to nobody else', async () => {
    const sent = await call('/payments', { scope: 'payments:send' }, { to: 'A', amount: '1.00', currency: 'EUR' })
    const { id } = z.object({ id: z.string() }).parse(sent.answer)
    const scope = `payment:${id}`
    expect((await call(`/payments/${id}`, { scope })).answer).toEqual(sent.answer)
    expect((await call(`/payments/${id}`, { scope, sub: jane })).status).toBe(404)
    const other = await call('/payments/4711', { scope })
    expect([other.status, other.challenge]).toEqual([403, expect.stringContaining('scope="payment:4711"')])
  })

  it.each(['%22', '%0a', 'a%20b', 'x'.repeat(37), '%E2%82%AC', '__proto__'])(
    'given %s, which no scope can name, then 404 and no challenge',
    async (id) => {
      const { status, challenge } = await call(`/payments/${id}`, { scope: 'payment:1' })
      expect([status, challenge]).toEqual([404, null])
    },
  )

  it('given an address that cannot be decoded, then 400', async () => {
    expect((await call('/payments/%E0%A4%A', { scope: 'payment:1' })).status).toBe(400)
  })
})

describe('GET /accounts', () => {
  const detail = { type: 'account_information', actions: ['list_accounts', 'read_balances'] }
  const list = async (introspection: object) => {
    const { answer } = await call('/accounts', introspection)
    return z.object({ accounts: z.array(z.looseObject({ iban: z.string() })) }).parse(answer).accounts
  }

  it('given one account, then this one and no other', async () => {
    expect(await list({ authorization_details: [{ ...detail, accounts: [{ iban: savings }] }] })).toEqual([
      { iban: savings, name: 'Savings', currency: 'EUR', balance: '8800.00' },
    ])
  })

  it('given no read_balances, then no balances', async () => {
    const [account] = await list({ authorization_details: [{ ...detail, actions: ['list_accounts'] }] })
    expect(account).toEqual({ iban: everyday, name: 'Everyday', currency: 'EUR' })
  })

  it('given no accounts named, then all of this person', async () => {
    expect(await list({ authorization_details: [detail] })).toHaveLength(3)
    expect(await list({ authorization_details: [detail], sub: jane })).toHaveLength(1)
  })

  it('given an account of somebody else, then it stays shut', async () => {
    expect(await list({ authorization_details: [{ ...detail, accounts: [{ iban: everyday }] }], sub: jane })).toEqual(
      [],
    )
    expect(await list({ authorization_details: [detail], sub: undefined })).toEqual([])
  })

  it.each([
    ['no list_accounts', { actions: ['read_balances'] }],
    ['an end that has passed', { validUntil: '2020-01-01' }],
    ['an end that is no date', { validUntil: 'for ever' }],
  ])('given %s, then nothing', async (_, change) => {
    expect(await list({ authorization_details: [{ ...detail, ...change }] })).toEqual([])
  })

  it('given two elements, then each opens its own', async () => {
    const both = [
      { ...detail, actions: ['list_accounts'], accounts: [{ iban: everyday }] },
      { ...detail, accounts: [{ iban: savings }] },
    ]
    expect((await list({ authorization_details: both })).map(({ iban, balance }) => [iban, balance])).toEqual([
      [everyday, undefined],
      [savings, '8800.00'],
    ])
  })

  it('given every scope and no authorization details, then 403, and no scope would help', async () => {
    const { status, challenge } = await call('/accounts', { scope: 'payments:send account:basic' })
    expect([status, challenge]).toEqual([403, expect.stringContaining('error="insufficient_scope"')])
    expect(challenge).not.toContain('scope="')
  })

  it('knows the accounts that the people of the demonstration have', () => {
    for (const { subject, claims } of demoPeople) {
      const owned = accountsOf(subject).map(({ iban, name, currency }) => ({ iban, name, currency }))
      expect(owned).toEqual(claims['bank_accounts'] ?? [])
    }
  })
})

describe('GET /introspection says what the API learns about a token (RFC 7662 §2.2)', () => {
  it('given any token, then all of it, and never the token', async () => {
    const introspection = { scope: 'openid', authorization_details: [{ type: 'x' }] }
    const { status, answer } = await call('/introspection', introspection)
    expect([status, answer]).toEqual([200, { active: true, sub: john, client_id: 'demo-web', ...introspection }])
  })

  it('given an unknown token, then 401', async () => {
    expect((await call('/introspection', { active: false })).status).toBe(401)
  })
})
