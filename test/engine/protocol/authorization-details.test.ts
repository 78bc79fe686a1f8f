import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OAuthError } from '../../../server/engine/oauth-error.ts'
import type { AuthorizationDetail } from '../../../server/engine/protocol/authorization-details.ts'
import {
  detailId,
  detailsFor,
  fromContract,
  grantableDetails,
  grantDetails,
  nameDetails,
  narrowDetails,
  parseAuthorizationDetails,
  toContract,
} from '../../../server/engine/protocol/authorization-details.ts'
import { schemaAttribute } from '../../../server/engine/protocol/detail-schema.ts'
import { clientWith, serviceWith } from './registered.ts'

const paymentSchema = {
  type: 'object',
  required: ['instructedAmount', 'creditorName'],
  properties: {
    type: { const: 'payment_initiation' },
    actions: { type: 'array', minItems: 1 },
    locations: { type: 'array' },
    instructedAmount: {
      type: 'object',
      required: ['currency', 'amount'],
      properties: {
        currency: { type: 'string', pattern: '^[A-Z]{3}$' },
        amount: { type: 'string', pattern: '^[0-9]{1,12}(\\.[0-9]{2})?$', 'x-narrowing': 'atMost' },
      },
      additionalProperties: false,
    },
    creditorName: { type: 'string' },
    validUntil: { type: 'string', format: 'date', 'x-narrowing': 'notAfter' },
    terms: { type: 'string', format: 'uri' },
  },
  additionalProperties: false,
}

const service = serviceWith({
  supportedAuthorizationDetailsTypes: ['payment_initiation', 'account_information', 'photos'],
  attributes: [{ key: `${schemaAttribute}payment_initiation`, value: JSON.stringify(paymentSchema) }],
})
const client = clientWith({ authorizationDetailsTypes: ['payment_initiation', 'account_information'] })

/** RFC 9396 §2, the first example, less what the schema above does not know. */
const payment = {
  type: 'payment_initiation',
  actions: ['initiate', 'status', 'cancel'],
  locations: ['https://example.com/payments'],
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  creditorName: 'Merchant A',
} satisfies AuthorizationDetail

/** RFC 9396 §2, the second example. */
const accounts = {
  type: 'account_information',
  actions: ['list_accounts', 'read_balances', 'read_transactions'],
  locations: ['https://example.com/accounts'],
} satisfies AuthorizationDetail

const parse = (...details: unknown[]) => parseAuthorizationDetails(JSON.stringify(details), service, client)

const refusal = (resultCode: string, text: string | RegExp = ''): unknown =>
  expect.objectContaining({
    error: 'invalid_authorization_details',
    resultCode,
    message: expect.stringMatching(text) as unknown,
  })

describe('RFC 9396 §2: authorization_details', () => {
  it('given none, then none', () => {
    expect(parseAuthorizationDetails(undefined, service, client)).toBeUndefined()
  })

  it('given the examples of the RFC, then they are taken as they are', () => {
    expect(parse(payment, accounts)).toEqual([payment, accounts])
  })

  it.each([
    '',
    '{',
    '{}',
    'null',
    '"x"',
    '[]',
    JSON.stringify({ type: 'payment_initiation' }),
    `[${'1,'.repeat(20)}1]`,
  ])('given %s, which is no array of 1 to 20 elements, then A249304', (text) => {
    expect(() => parseAuthorizationDetails(text, service, client)).toThrow(refusal('A249304'))
  })

  it('given 20 elements, then they are taken', () => {
    expect(parse(...Array.from({ length: 20 }, () => accounts))).toHaveLength(20)
  })

  it('given more than 32,768 characters, then A249304', () => {
    expect(parse({ ...accounts, note: 'x'.repeat(32_000) })).toHaveLength(1)
    expect(() => parse({ ...accounts, note: 'x'.repeat(32_768) })).toThrow(refusal('A249304'))
  })

  it.each<[string, unknown, RegExp]>([
    ['a text', 'payment_initiation', /^Element 1 .*an object/],
    ['null', null, /an object/],
    ['an array', [accounts], /an object/],
    ['no type', { actions: ['x'] }, /type is expected/],
    ['a type that is no text', { type: 1 }, /type is expected/],
    ['an empty type', { type: '' }, /type is expected/],
    ['a type that is too long', { type: 'x'.repeat(201) }, /type is expected/],
    ['NUL in a text', { ...accounts, identifier: 'a\0' }, /NUL/],
    ['NUL deep in it', { ...accounts, deep: [{ a: '\0' }] }, /NUL/],
    ['NUL in a name', { ...accounts, deep: { '\0': 1 } }, /NUL/],
    ['locations that are one text, §2.2', { ...accounts, locations: 'https://a.example' }, /locations is expected/],
    ['actions with a number', { ...accounts, actions: ['a', 1] }, /actions is expected/],
    ['datatypes that are an object', { ...accounts, datatypes: {} }, /datatypes is expected/],
    ['privileges that are null', { ...accounts, privileges: null }, /privileges is expected/],
    ['an identifier that is a number', { ...accounts, identifier: 7 }, /identifier is expected/],
    ['eleven levels', { ...accounts, deep: nested(10) }, /at most 10 levels/],
    ['a list of 501 entries', { ...accounts, list: Array.from({ length: 501 }, () => 0) }, /at most 500 entries/],
  ])('given an element that is %s, then it is refused and named', (_, element, text) => {
    const code = String(text).includes('type is') ? 'A249301' : 'A249304'
    expect(() => parse(accounts, element)).toThrow(refusal(code, text))
  })

  it('given ten levels, then they are taken', () => {
    expect(parse({ ...accounts, deep: nested(9) })).toHaveLength(1)
  })

  it('given the name of a prototype anywhere, then A249304', () => {
    for (const text of ['[{"type":"photos","__proto__":{}}]', '[{"type":"photos","a":[{"__proto__":1}]}]'])
      expect(() => parseAuthorizationDetails(text, service, client)).toThrow(refusal('A249304', '__proto__'))
  })

  it('given a number that JSON could not write again, then A249304', () => {
    const text = '[{"type":"account_information","n":1e999}]'
    expect(() => parseAuthorizationDetails(text, service, client)).toThrow(refusal('A249304', 'too large'))
  })

  it('given whatever is sent, then a refusal or what was sent', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (elements) => {
        try {
          expect(parse(accounts, ...elements)).toEqual([accounts, ...elements])
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError)
        }
      }),
    )
  })
})

describe('RFC 9396 §5: types and their rules', () => {
  it('given a type that the service does not support, then A249302', () => {
    expect(() => parse(accounts, { type: 'nonsense' })).toThrow(refusal('A249302', 'Element 1'))
  })

  it('given a type that the client is not registered for, then A949305', () => {
    expect(() => parse({ type: 'photos' })).toThrow(refusal('A949305', 'Element 0'))
    const withoutTypes = () => parseAuthorizationDetails(JSON.stringify([accounts]), service, clientWith({}))
    expect(withoutTypes).toThrow(refusal('A949305'))
  })

  it.each<[string, object, string]>([
    ['a member that is missing', { type: payment.type, creditorName: 'A' }, '/instructedAmount is missing'],
    ['a member too many', { ...payment, secretFee: 1 }, '/secretFee is no member of this type'],
    ['a member of another type', { ...payment, creditorName: 1 }, '/creditorName is expected to be of the type string'],
    ['a text that does not match', amount('1,50'), '/instructedAmount/amount does not have the expected form'],
    ['a format', { ...payment, validUntil: '2026-02-30' }, '/validUntil is expected to have the format date'],
    ['a relative URI', { ...payment, terms: 'terms.html' }, '/terms is expected to have the format uri'],
    ['a list that is too short', { ...payment, actions: [] }, '/actions must NOT have fewer than 1 items'],
  ])('given %s, then A949306 names the element and the member', (_, element, text) => {
    expect(() => parse(payment, element)).toThrow(refusal('A949306', `Element 1 of authorization_details: ${text}`))
  })

  it('given members that keep the formats, then they are taken', () => {
    const element = { ...payment, validUntil: '2026-12-31', terms: 'https://merchant.example/terms#returns' }
    expect(parse(element)).toEqual([element])
  })

  it('given a member with a name that could mislead, then it is not shown as it is', () => {
    const element = { ...payment, '<b>\u202Eok</b>': 1 }
    expect(() => parse(element)).toThrow(refusal('A949306', /: \/\?b\?\?ok\?\/b\? is no member/))
  })

  it('given a member that objects inherit, then it does not count as sent', () => {
    const strict = serviceWith({
      supportedAuthorizationDetailsTypes: ['photos'],
      attributes: [{ key: `${schemaAttribute}photos`, value: '{"required":["constructor"]}' }],
    })
    const attempt = () =>
      parseAuthorizationDetails('[{"type":"photos"}]', strict, clientWith({ authorizationDetailsTypes: ['photos'] }))
    expect(attempt).toThrow(refusal('A949306', '/constructor is missing'))
  })
})

describe('RFC 9396 §7: what a person grants', () => {
  it('given no choice, then all that was requested, each with its id', () => {
    expect(grantDetails([payment, accounts], undefined, service)).toEqual([
      { id: detailId(payment), detail: payment },
      { id: detailId(accounts), detail: accounts },
    ])
  })

  it('given an empty choice, then nothing', () => {
    expect(grantDetails([payment, accounts], [], service)).toEqual([])
  })

  it('given less in every way that the schema names, then that', () => {
    const chosen = { ...amount('100'), actions: ['initiate'], validUntil: '2026-12-31' }
    expect(grantDetails([payment, accounts], [chosen], service)).toEqual([{ id: detailId(chosen), detail: chosen }])
  })

  it.each<[string, AuthorizationDetail[]]>([
    ['a greater amount', [amount('123.51')]],
    ['another currency', [{ ...payment, instructedAmount: { currency: 'USD', amount: '1' } }]],
    ['another creditor', [{ ...payment, creditorName: 'Mallory' }]],
    ['an action more', [{ ...payment, actions: [...payment.actions, 'refund'] }]],
    ['a place less, which is every place', [{ ...payment, locations: [] }]],
    ['another type', [{ ...accounts, type: 'photos' }]],
    ['the same element twice', [payment, payment]],
    ['two halves of one payment that are more than it', [amount('100'), amount('100')]],
    ['an element nobody asked for', [payment, accounts, accounts]],
  ])('given %s, then invalid_authorization_details', (_, chosen) => {
    expect(() => grantDetails([payment, accounts], chosen, service)).toThrow(refusal('A949301'))
  })

  it('given less that the schema does not allow, then A949306', () => {
    expect(() => grantDetails([payment], [amount('1.5')], service)).toThrow(refusal('A949306'))
  })

  it('given elements that fit several, then the order does not decide', () => {
    const [small, large] = [amount('10'), amount('100')]
    for (const requested of [
      [small, large],
      [large, small],
    ])
      for (const chosen of [
        [small, amount('50')],
        [amount('50'), small],
        [amount('9'), amount('8')],
      ])
        expect(grantDetails(requested, chosen, service)).toHaveLength(2)
  })
})

describe('RFC 9396 §6: what a token request asks for', () => {
  const granted = grantDetails([payment, accounts], undefined, service)

  it('given no wish, then all that was granted; and nothing when nothing was', () => {
    expect(narrowDetails(granted, undefined, service)).toEqual(granted)
    expect(narrowDetails(undefined, undefined, service)).toBeUndefined()
  })

  it('given less, then that, under the id of the element it comes from', () => {
    const asked = { ...accounts, actions: ['read_balances'] }
    expect(narrowDetails(granted, [asked], service)).toEqual([{ id: detailId(accounts), detail: asked }])
  })

  it('given the order turned round, then each keeps its id', () => {
    expect(narrowDetails(granted, [accounts, payment], service)).toEqual([...granted].reverse())
  })

  it('given an element that fits two, then the equal one is its origin', () => {
    const two = grantDetails([amount('100'), amount('50')], undefined, service)
    expect(narrowDetails(two, [amount('50')], service)).toEqual([two[1]])
  })

  it('given more, then invalid_authorization_details', () => {
    expect(() => narrowDetails(granted, [amount('200')], service)).toThrow(refusal('A949301'))
    expect(() => narrowDetails(granted, [payment, payment], service)).toThrow(refusal('A949301'))
    expect(() => narrowDetails([], [payment], service)).toThrow(refusal('A949301'))
    expect(() => narrowDetails(undefined, [payment], service)).toThrow(refusal('A949301'))
  })

  it('given one request after another, then amounts and actions never grow, in sum and each', () => {
    const details = fc.array(
      fc
        .record({ amount: fc.integer({ min: 0, max: 4 }), actions: fc.subarray(payment.actions, { minLength: 1 }) })
        .map((wish): AuthorizationDetail => ({ ...amount(String(wish.amount)), actions: wish.actions })),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(details, fc.array(details, { maxLength: 4 }), (requested, wishes) => {
        let current = grantDetails(requested, undefined, service)
        for (const wish of wishes) {
          try {
            const next = narrowDetails(current, wish, service) ?? []
            expect(sumOf(next.map(({ detail }) => detail))).toBeLessThanOrEqual(
              sumOf(current.map(({ detail }) => detail)),
            )
            expect(current.map(({ id }) => id)).toEqual(expect.arrayContaining(next.map(({ id }) => id)))
            current = next
          } catch (error) {
            expect(error).toMatchObject({ error: 'invalid_authorization_details' })
          }
        }
      }),
    )
  })
})

describe('RFC 9396 §9.2: what a resource server is shown', () => {
  const anywhere = { type: 'account_information', actions: ['list_accounts'] }
  const granted = grantDetails([payment, accounts, anywhere], undefined, service)

  it('given no resource server, then everything', () => {
    expect(detailsFor(granted, undefined)).toEqual(granted)
    expect(detailsFor(undefined, ['https://example.com/payments'])).toBeUndefined()
  })

  it('given one, then what names it, and what names nobody', () => {
    expect(detailsFor(granted, ['https://example.com/payments'])?.map(({ detail }) => detail)).toEqual([
      payment,
      anywhere,
    ])
    expect(detailsFor(granted, ['https://other.example'])?.map(({ detail }) => detail)).toEqual([anywhere])
  })
})

describe('The shape of the contract', () => {
  const full = {
    type: 'account_information',
    locations: ['l'],
    actions: ['a'],
    datatypes: ['d'],
    identifier: 'i',
    privileges: ['p'],
    access: { accounts: [{ iban: 'DE1' }] },
    dataTypes: 'a member like any other on the wire',
  }

  it('given common members and others, then the others are JSON in text', () => {
    expect(toContract([full, { type: 'photos' }])).toEqual({
      elements: [
        {
          type: 'account_information',
          locations: ['l'],
          actions: ['a'],
          dataTypes: ['d'],
          identifier: 'i',
          privileges: ['p'],
          otherFields: JSON.stringify({ access: full.access, dataTypes: full.dataTypes }),
        },
        { type: 'photos' },
      ],
    })
  })

  it('given what came out of it, then it goes back the same', () => {
    expect(fromContract(toContract([full, payment, accounts]))).toEqual([full, payment, accounts])
  })

  it('given nothing, no elements, or none of them, then undefined or none', () => {
    expect(fromContract(undefined)).toBeUndefined()
    expect(fromContract({})).toEqual([])
    expect(fromContract({ elements: [] })).toEqual([])
  })

  it.each(['', '[]', 'x', '{"type":"photos"}', '{"datatypes":["x"]}', '{"actions":[]}'])(
    'given otherFields %s, then A949302',
    (otherFields) => {
      expect(() => fromContract({ elements: [{ type: 'payment_initiation', otherFields }] })).toThrow(
        refusal('A949302', 'otherFields of element 0'),
      )
    },
  )

  it('given the name of a prototype in otherFields, then A249304', () => {
    const otherFields = '{"a":{"__proto__":{"admin":true}}}'
    expect(() => fromContract({ elements: [{ type: 'photos', otherFields }] })).toThrow(refusal('A249304'))
  })
})

describe('The id of an element', () => {
  it('given the same members in another order, then the same id; given other values, then another', () => {
    const turned = Object.fromEntries(Object.entries(payment).reverse())
    expect(detailId({ ...turned, type: payment.type })).toBe(detailId(payment))
    expect(detailId(amount('123.5'))).not.toBe(detailId(payment))
    expect(detailId(payment)).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })
})

function amount(value: string): AuthorizationDetail {
  return { ...payment, instructedAmount: { currency: 'EUR', amount: value } }
}

function sumOf(details: readonly AuthorizationDetail[]): number {
  const texts = details.map((detail) => /"amount":"(\d+)"/.exec(JSON.stringify(detail))?.[1])
  return texts.reduce((sum, text) => sum + Number(text), 0)
}

function nested(levels: number): unknown {
  return levels === 0 ? 0 : [nested(levels - 1)]
}

describe('RFC 9396 §10: what was granted, and the types change', () => {
  const granted = nameDetails([payment, accounts])

  it('given types that both still list, then all of it', () => {
    expect(grantableDetails(granted, service, client)).toEqual(granted)
  })

  it('given a type that the service or the client lists no more, then its elements are dropped', () => {
    const left = granted.slice(1)
    const narrowService = serviceWith({ supportedAuthorizationDetailsTypes: ['account_information'] })
    expect(grantableDetails(granted, narrowService, client)).toEqual(left)
    const narrowClient = clientWith({ authorizationDetailsTypes: ['account_information'] })
    expect(grantableDetails(granted, service, narrowClient)).toEqual(left)
    expect(grantableDetails(granted, serviceWith({}), client)).toEqual([])
  })
})

describe('The names of elements', () => {
  it('given equal elements, then each has a name of its own, and those that remain keep theirs', () => {
    const id = detailId(payment)
    const idsOf = (...details: AuthorizationDetail[]) => nameDetails(details).map((named) => named.id)
    expect(idsOf(payment, accounts, payment, payment)).toEqual([id, detailId(accounts), `${id}.2`, `${id}.3`])
    expect(idsOf(accounts, payment)).toEqual([detailId(accounts), id])
  })
})
