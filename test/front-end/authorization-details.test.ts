import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { amountText, isAmount, isMore, typedAmount } from '../../server/authorization-details/amount.ts'
import {
  chooseDetails,
  describeDetail,
  detailCards,
  detailId,
  lastOfEqual,
  nameDetails,
  sentencesOfCards,
  type AuthorizationDetail,
  type DetailContext,
} from '../../server/authorization-details/registry.ts'
import { membersOf, othersOf } from '../../server/authorization-details/element.ts'
import { renderPage } from '../../server/pages.ts'
import { sampleConsent } from '../pages/sample-pages.ts'

const accounts = [
  { iban: 'DE02120300000000202051', name: 'Everyday', currency: 'EUR' },
  { iban: 'DE02500105170137075030', name: 'Savings', currency: 'EUR' },
  { iban: 'IE29AIBK93115212345678', name: 'Joint', currency: 'EUR' },
]
const [everyday, savings, joint] = accounts.map(({ iban }) => iban)

const context: DetailContext = {
  lang: 'en',
  user: { subject: 's', username: 'john', claims: { bank_accounts: accounts } },
  now: new Date('2026-11-01T12:00:00Z'),
  resourceName: (uri) => (uri === 'https://api.example' ? 'Example Bank' : uri),
}

function detail(type: string, others: Record<string, unknown>, common: Partial<AuthorizationDetail> = {}) {
  return { type, ...common, otherFields: JSON.stringify(others) }
}

/** RFC 9396 §2, the example of a payment. */
const payment = detail(
  'payment_initiation',
  {
    instructedAmount: { currency: 'EUR', amount: '123.50' },
    creditorName: 'Merchant A',
    creditorAccount: { iban: 'DE02100100109307118603' },
    remittanceInformationUnstructured: 'Ref Number Merchant',
  },
  { locations: ['https://api.example'], actions: ['initiate', 'status', 'cancel'] },
)

const actions = ['list_accounts', 'read_balances', 'read_transactions']
const information = detail(
  'account_information',
  {
    accounts: [{ iban: everyday }, { iban: 'FR7630006000011234567890189' }, { iban: joint }],
    validUntil: '2026-12-31',
  },
  { actions },
)
const anyInformation = detail('account_information', {}, { actions })
const other = detail(
  'https://scheme.example/files',
  { permissions: [{ path: '/a', access: ['read', 'write'] }], quota: 3, shared: true },
  { locations: ['https://api.example', 'https://files.example'], actions: ['read'], dataTypes: ['notes', 'photos'] },
)

function choose(
  details: readonly AuthorizationDetail[],
  fields: [string, string][],
  more: Partial<DetailContext> = {},
) {
  return chooseDetails(details, new URLSearchParams(fields), { ...context, ...more })
}

/** The only element that was granted, with its other members read. */
function grantedOf(details: readonly AuthorizationDetail[], fields: [string, string][], more?: Partial<DetailContext>) {
  const choice = choose(details, fields, more)
  if (choice.outcome !== 'chosen') return choice
  const [granted] = choice.granted
  if (granted === undefined) return 'declined'
  return membersOf(granted)
}

function cardOf(element: AuthorizationDetail, posted?: [string, string][], more: Partial<DetailContext> = {}) {
  const [card] = detailCards([element], posted && new URLSearchParams(posted), { ...context, ...more })
  if (card === undefined) throw new Error('There is no card')
  return card
}

describe('RFC 9396 §2: a payment', () => {
  it('given the first visit, then the card says all of it, nothing is ticked, and the amount can be changed', () => {
    const card = cardOf(payment)
    expect(card).toMatchObject({ kind: 'payment_initiation', sensitive: true, lists: [] })
    expect(card.lines).toEqual([
      { label: 'Amount', value: '€123.50' },
      { label: 'To', value: 'Merchant A' },
      { label: 'Account', value: 'DE02 1001 0010 9307 1186 03' },
      { label: 'Reference', value: 'Ref Number Merchant' },
      { label: 'What it may do', value: 'Make the payment, status and cancel' },
      { label: 'Where', value: 'Example Bank' },
    ])
    expect(card.allow).toMatchObject({ name: 'detail.0', value: 'on', checked: false })
    expect(card.field).toMatchObject({ name: 'detail.0.amount', value: '123.50', problem: undefined })
  })

  it('given no tick, then it is declined, whatever is in the field', () => {
    expect(choose([payment], [['detail.0.amount', 'nonsense']])).toEqual({
      outcome: 'chosen',
      granted: [],
      declined: [payment],
    })
  })

  it('given the amount as it was asked for, then it is granted to the letter', () => {
    for (const amount of ['123.50', '123.5', '0123.50', '١٢٣٫٥٠', '１２３．５０']) {
      const fields: [string, string][] = [
        ['detail.0', 'on'],
        ['detail.0.amount', amount],
      ]
      expect(choose([payment], fields)).toEqual({ outcome: 'chosen', granted: [payment], declined: [] })
    }
  })

  it('given a lower amount, then it is granted in the form of the request, and nothing else changes', () => {
    const granted = grantedOf(
      [payment],
      [
        ['detail.0', 'on'],
        ['detail.0.amount', '40'],
      ],
    )
    expect(granted).toEqual({
      ...{ type: payment.type, locations: payment.locations, actions: payment.actions },
      ...othersOf(payment),
      instructedAmount: { currency: 'EUR', amount: '40.00' },
    })
  })

  it.each(['123.51', '1,000', '999999999999999', '0', '0.00', '-1', '1e2', '', 'ten', '12.345', '1 2.3.4', '１２４'])(
    'given %j in the field, then the page is shown again and says what to enter',
    (amount) => {
      const fields: [string, string][] = [
        ['detail.0', 'on'],
        ['detail.0.amount', amount],
      ]
      expect(choose([payment], fields)).toEqual({ outcome: 'invalid', index: 0 })
      const { field, allow } = cardOf(payment, fields)
      expect(field?.problem).toMatch(/^Enter an amount|^The amount can be lowered/)
      expect(field?.value).toBe(amount)
      expect(allow?.checked).toBe(true)
    },
  )

  it.each([
    ['no amount', { instructedAmount: { currency: 'EUR' } }],
    ['an amount that is a number', { instructedAmount: { currency: 'EUR', amount: 5 } }],
    ['more digits than the currency has', { instructedAmount: { currency: 'JPY', amount: '5.5' } }],
    ['a currency that is none', { instructedAmount: { currency: '€', amount: '5' } }],
    ['nothing to pay', { instructedAmount: { currency: 'EUR', amount: '0.00' } }],
    ['a member where the card would not show it', { creditorAccount: { iban: 'DE1', bban: '2' } }],
    ['no creditor', { creditorName: undefined }],
  ])(
    'given %s, then it cannot be allowed: the card says so, shows all of it, and a form that allows it is refused',
    (_what, change) => {
      expectUnreadable(detail('payment_initiation', { ...othersOf(payment), ...change }))
    },
  )

  it('given a member that only this client knows, then the card shows it', () => {
    const more = { ...othersOf(payment), requestedExecution: { onDate: '2026-12-24' } }
    expect(cardOf(detail('payment_initiation', more)).lines).toContainEqual({
      label: 'requested execution › on date',
      value: '2026-12-24',
    })
  })
})

describe('amounts of money', () => {
  it.each([
    ['1,234', 'EUR', 'en', '1234'],
    ['1,234', 'KWD', 'en', '1234'],
    ['1.234', 'EUR', 'en', undefined],
    ['1.234,50', 'EUR', 'en', '1234.50'],
    ['1,234.50', 'EUR', 'en', '1234.50'],
    ["1'234.50", 'CHF', 'en', '1234.50'],
    ['1 234,5', 'EUR', 'en', '1234.5'],
    ['1,234,567', 'JPY', 'en', '1234567'],
    ['1,23,456', 'EUR', 'en', undefined],
    ['1.2.3', 'EUR', 'en', undefined],
    ['1.5', 'JPY', 'en', undefined],
    ['5.', 'EUR', 'en', undefined],
    ['.5', 'EUR', 'en', undefined],
    ['１，２３４', 'JPY', 'en', '1234'],
    ['١٬٢٣٤٫٥٠', 'EUR', 'en', '1234.50'],
  ])('given %j in %s typed on a page in %s, then it is %s', (typed, currency, lang, amount) => {
    expect(typedAmount(typed, currency, lang, 0)).toBe(amount)
  })

  it('given any amount in any language, then what the field shows is read as the same amount', () => {
    const cents = fc.bigInt({ min: 1n, max: 99_999_999_999_999n })
    const currency = fc.constantFrom('EUR', 'JPY', 'KWD')
    const language = fc.constantFrom('en', 'de', 'ja', 'ar')
    fc.assert(
      fc.property(cents, currency, language, (units, code, lang) => {
        const digits = { EUR: 2, JPY: 0, KWD: 3 }[code]
        const text = String(units).padStart(digits + 1, '0')
        const amount = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
        expect(isAmount(amount, code)).toBe(true)
        expect(typedAmount(amountText(amount, code, lang, 'field'), code, lang, digits)).toBe(amount)
        expect(isMore(amount, amount)).toBe(false)
      }),
    )
  })
})

describe('RFC 9396 §2: a look into accounts', () => {
  const all: [string, string][] = actions.map((action) => ['detail.0.action', action])

  it('given the first visit, then the person sees their own accounts among those asked for, unticked, and the actions ticked', () => {
    const card = cardOf(information)
    expect(card.lists.map(({ boxes }) => boxes.map(({ value, label, checked }) => [value, label, checked]))).toEqual([
      [
        [everyday, 'Everyday', false],
        [joint, 'Joint', false],
      ],
      [
        ['list_accounts', 'List the accounts', true],
        ['read_balances', 'See balances', true],
        ['read_transactions', 'See transactions', true],
      ],
    ])
    expect(card.allow).toBeUndefined()
    expect(card.field).toMatchObject({ value: '2026-12-31', min: '2026-11-01', max: '2026-12-31' })
  })

  it('given one account, two actions and an earlier day, then exactly that is granted', () => {
    expect(
      grantedOf(
        [information],
        [
          ['detail.0.account', String(joint)],
          ['detail.0.action', 'read_balances'],
          ['detail.0.action', 'list_accounts'],
          ['detail.0.until', '2026-11-30'],
        ],
      ),
    ).toEqual({
      type: 'account_information',
      actions: ['list_accounts', 'read_balances'],
      accounts: [{ iban: joint }],
      validUntil: '2026-11-30',
    })
  })

  it('given that the request names no account, then all of the person are offered, and those that are ticked are named', () => {
    expect(cardOf(anyInformation).lists[0]?.boxes.map(({ value }) => value)).toEqual([everyday, savings, joint])
    expect(
      grantedOf([anyInformation], [['detail.0.account', String(savings)], ...all, ['detail.0.until', '']]),
    ).toEqual({
      ...{ type: 'account_information', actions },
      accounts: [{ iban: savings }],
    })
  })

  it('given no account or no action, then it is declined', () => {
    expect(grantedOf([information], all)).toBe('declined')
    expect(grantedOf([information], [['detail.0.account', String(joint)]])).toBe('declined')
  })

  it('given that the person has no account, then the card says so, and nothing can be granted', () => {
    const user = { subject: 'b', username: 'bob', claims: {} }
    const card = cardOf(information, undefined, { user })
    expect(card).toMatchObject({ lists: [], field: undefined, allow: undefined })
    expect(card.note).toContain('no account')
    expect(grantedOf([information], [], { user })).toBe('declined')
    expect(choose([information], [['detail.0.account', String(joint)], ...all], { user }).outcome).toBe('refused')
  })

  it.each([
    ['a day after the one asked for', '2027-01-01', 'earlier, not later'],
    ['a day that is over', '2026-10-31', 'over'],
    ['a day that is none', '2026-02-30', 'like 2026-12-31'],
    ['words', 'tomorrow', 'like 2026-12-31'],
  ])('given %s, then the page is shown again and says what to enter', (_what, until, problem) => {
    const fields: [string, string][] = [['detail.0.account', String(joint)], ...all, ['detail.0.until', until]]
    expect(choose([information], fields)).toEqual({ outcome: 'invalid', index: 0 })
    expect(cardOf(information, fields).field?.problem).toContain(problem)
  })

  it('given a time in the request, then an earlier day ends as a time, and the same day stays as it was', () => {
    const timed = detail('account_information', { validUntil: '2026-12-31T10:00:00+02:00' }, { actions })
    const until = (day: string) =>
      grantedOf([timed], [['detail.0.account', String(joint)], ...all, ['detail.0.until', day]])
    expect(until('2026-12-31')).toMatchObject({ validUntil: '2026-12-31T10:00:00+02:00' })
    expect(until('')).toMatchObject({ validUntil: '2026-12-31T10:00:00+02:00' })
    expect(until('2026-12-30')).toMatchObject({ validUntil: '2026-12-30T23:59:59Z' })
  })

  it.each([
    ['2026-12-31t10:00:00z', '2026-12-31'],
    ['2026-12-31T10:00:00.123456789Z', '2026-12-31'],
    ['2026-12-31t23:30:00-01:00', '2027-01-01'],
    ['2026-12-31t00:30:00+05:30', '2026-12-30'],
  ])(
    'RFC 3339 §5.6: given the end %s, then it is a time like any other, and the last day is %s',
    (validUntil, lastDay) => {
      const timed = detail('account_information', { validUntil }, { actions })
      expect(cardOf(timed)).toMatchObject({ kind: 'account_information', field: { max: lastDay, value: lastDay } })
      const fields: [string, string][] = [['detail.0.account', String(joint)], ...all]
      expect(grantedOf([timed], [...fields, ['detail.0.until', '']])).toMatchObject({ validUntil })
      const earlier = grantedOf([timed], [...fields, ['detail.0.until', '2026-12-01']])
      expect(earlier).toMatchObject({ validUntil: '2026-12-01T23:59:59Z' })
    },
  )
})

describe('RFC 9396 §2: a look into accounts that cannot be read', () => {
  const ibans = (count: number) => Array.from({ length: count }, () => ({ iban: String(everyday) }))

  it.each<[string, Record<string, unknown>, string[] | undefined]>([
    ['no action', { validUntil: '2026-12-31' }, undefined],
    ['an empty list of actions', {}, []],
    ['an action that cannot be seen', {}, ['read\u202E']],
    ['too many actions', {}, Array.from({ length: 21 }, (_, index) => `action${index}`)],
    ['too many accounts', { accounts: ibans(101) }, actions],
    ['an account with more in it', { accounts: [{ iban: everyday, bban: '1' }] }, actions],
    ['an end that is no day', { validUntil: '2026-02-30' }, actions],
    ['an end that no clock shows', { validUntil: '2026-12-31T23:59:60Z' }, actions],
    ['an end without seconds', { validUntil: '2026-12-31T23:59Z' }, actions],
    ['an end without a zone', { validUntil: '2026-12-31T23:59:59' }, actions],
    ['an end that is a number', { validUntil: 1_800_000_000 }, actions],
  ])('given %s, then it cannot be allowed', (_what, others, wanted) => {
    expectUnreadable(detail('account_information', others, wanted && { actions: wanted }))
  })
})

/** RFC 9396 §5: what the reader of a known type cannot read must not be put before a person in a weaker form. */
function expectUnreadable(element: AuthorizationDetail): void {
  const card = cardOf(element)
  expect(card).toMatchObject({ kind: 'unreadable', title: element.type, allow: undefined, lists: [], field: undefined })
  expect(card.note).toContain('cannot be allowed')
  expect(card.lines).not.toEqual([])
  expect(choose([element], [])).toEqual({ outcome: 'chosen', granted: [], declined: [element] })
  for (const name of ['detail.0', 'detail.0.actions', 'detail.0.amount', 'detail.0.account', 'detail.0.until']) {
    expect(choose([element], [[name, 'on']])).toEqual({ outcome: 'refused', name })
  }
}

describe('RFC 9396 §2.2: a type that nobody knows', () => {
  it('given nested members, then they are lines to read, and lists of rights can be ticked one by one', () => {
    const card = cardOf(other)
    expect(card).toMatchObject({ kind: 'other', title: 'https://scheme.example/files', allow: { checked: false } })
    // Nobody here knows what it means.
    expect(card.sensitive).toBe(true)
    expect(card.lines).toEqual([
      { label: 'What it may do', value: 'read' },
      { label: 'permissions › 1 › path', value: '/a' },
      { label: 'permissions › 1 › access', value: 'read and write' },
      { label: 'quota', value: '3' },
      { label: 'shared', value: 'Yes' },
    ])
    expect(card.lists.map(({ boxes }) => boxes.map(({ name, value, checked }) => [name, value, checked]))).toEqual([
      [
        ['detail.0.locations', 'https://api.example', true],
        ['detail.0.locations', 'https://files.example', true],
      ],
      [
        ['detail.0.dataTypes', 'notes', true],
        ['detail.0.dataTypes', 'photos', true],
      ],
    ])
  })

  it('given ticks, then what is left of the lists is granted; without the box, or with an empty list, nothing is', () => {
    const kept: [string, string][] = [
      ['detail.0.locations', 'https://api.example'],
      ['detail.0.dataTypes', 'photos'],
      ['detail.0.dataTypes', 'notes'],
    ]
    expect(choose([other], [['detail.0', 'on'], ...kept])).toMatchObject({
      granted: [{ ...other, locations: ['https://api.example'] }],
    })
    expect(grantedOf([other], kept)).toBe('declined')
    expect(grantedOf([other], [['detail.0', 'on'], ...kept.slice(1)])).toBe('declined')
  })

  it('given a value that a browser would change on its way, then the list is shown and not ticked', () => {
    for (const value of ['a\nb', 'a\u202Eb', '', 'x'.repeat(200)]) {
      expect(cardOf({ type: 'x', actions: ['read', value] }).lists).toEqual([])
    }
  })

  it('given a very large element, then the lines are few and short, and say what they leave out', () => {
    const members = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`m${index}`, 'x'.repeat(5000)]))
    const { lines, json } = cardOf(detail('x', members))
    expect(lines).toHaveLength(31)
    expect(lines.at(-1)?.value).toContain('20 more lines')
    expect(Math.max(...lines.map(({ value }) => value.length))).toBeLessThanOrEqual(200)
    expect(json).toContain('m49')
  })
})

describe('what a form may name', () => {
  const details = [payment, information, other]

  it.each([
    ['detail', 'on'],
    ['detail.3', 'on'],
    ['detail.9', 'on'],
    ['detail.1', 'on'],
    ['detail.0', 'yes'],
    ['detail.00', 'on'],
    ['detail.0.creditor', 'Somebody'],
    ['detail.0.until', '2026-12-01'],
    ['detail.1.account', 'DE00000000000000000000'],
    ['detail.1.account', 'FR7630006000011234567890189'],
    ['detail.1.action', 'transfer'],
    ['detail.2.actions', 'write'],
    ['detail.2.actions', 'read'],
    ['detail.__proto__', 'on'],
    ['detail.__proto__.x', 'on'],
    ['detail.0.__proto__', 'on'],
    ['detail.0.constructor', 'on'],
  ])('given %s=%s, then the form is refused', (name, value) => {
    expect(choose(details, [[name, value]])).toEqual({ outcome: 'refused', name })
  })

  it.each(['detail.0', 'detail.0.amount', 'detail.1.until'])('given %s twice, then the form is refused', (name) => {
    const value = name === 'detail.0' ? 'on' : name.endsWith('amount') ? '123.50' : '2026-12-01'
    expect(choose(details, [[name, value]]).outcome).toBe('chosen')
    expect(
      choose(details, [
        [name, value],
        [name, value],
      ]),
    ).toEqual({ outcome: 'refused', name })
  })

  it('given names of other parts of the form, then they are nobody’s business here', () => {
    expect(
      choose(details, [
        ['scope', 'openid'],
        ['details', 'x'],
      ]).outcome,
    ).toBe('chosen')
  })

  it('given whatever form, then what is granted lies within what was requested', () => {
    const name = fc.oneof(
      fc.constantFrom('detail.0', 'detail.0.amount', 'detail.1.account', 'detail.1.action', 'detail.1.until'),
      fc.constantFrom('detail.2', 'detail.2.locations', 'detail.2.dataTypes'),
      fc.string().map((text) => `detail.${text}`),
    )
    const offered = fc.constantFrom(
      ...['on', String(everyday), String(joint), ...actions, 'https://api.example', 'https://files.example', 'notes'],
    )
    const value = fc.oneof(
      { weight: 4, arbitrary: offered },
      fc.double({ min: 0, max: 200, noNaN: true }).map((amount) => amount.toFixed(2)),
      fc
        .date({ min: new Date('2026-10-01'), max: new Date('2027-03-01'), noInvalidDate: true })
        .map((day) => day.toISOString().slice(0, 10)),
      fc.string(),
    )
    const forms = fc.uniqueArray(fc.tuple(name, value), { maxLength: 12, selector: ([one, two]) => `${one}=${two}` })
    // So that many of them are forms that the page could send.
    const likely = fc
      .subarray<[string, string]>([
        ...(
          [
            ['detail.0', 'on'],
            ['detail.2', 'on'],
          ] as const
        ).map(([one, two]): [string, string] => [one, two]),
        ...[everyday, joint].map((iban): [string, string] => ['detail.1.account', String(iban)]),
        ...actions.map((action): [string, string] => ['detail.1.action', action]),
        ['detail.2.locations', 'https://api.example'],
        ['detail.2.dataTypes', 'notes'],
      ])
      .chain((ticks) =>
        fc
          .tuple(value, value)
          .map(
            ([amount, until]) =>
              [...ticks, ['detail.0.amount', amount], ['detail.1.until', until]] satisfies [string, string][],
          ),
      )

    fc.assert(
      fc.property(fc.oneof(forms, likely), (fields) => {
        const choice = choose(details, fields)
        if (choice.outcome !== 'chosen') return
        expect(choice.granted.length + choice.declined.length).toBe(details.length)
        for (const granted of choice.granted) {
          const requested = details.find(({ type }) => type === granted.type)
          if (requested === undefined) throw new Error('A type was granted that nobody asked for')
          expectWithin(granted, requested)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** The rule of RFC 9396 §7 in the plainest words there are. */
function expectWithin(granted: AuthorizationDetail, requested: AuthorizationDetail): void {
  for (const list of ['locations', 'actions', 'dataTypes', 'privileges'] as const) {
    expect(requested[list] ?? []).toEqual(expect.arrayContaining(granted[list] ?? []))
    expect(granted[list]?.length).not.toBe(0)
  }
  const { accounts: had = [], validUntil: end, instructedAmount: most, ...rest } = membersOfKnown(requested)
  const { accounts: has = [], validUntil: until, instructedAmount: amount, ...kept } = membersOfKnown(granted)
  expect(kept).toEqual(rest)
  expect(had).toEqual(expect.arrayContaining(has))
  expect(String(until) <= String(end)).toBe(true)
  expect(amount?.currency).toBe(most?.currency)
  expect(Number(amount?.amount ?? 1)).toBeGreaterThan(0)
  expect(Number(amount?.amount ?? 1)).toBeLessThanOrEqual(Number(most?.amount ?? 1))
}

function membersOfKnown(element: AuthorizationDetail) {
  return z
    .looseObject({
      accounts: z.array(z.unknown()).optional(),
      validUntil: z.string().optional(),
      instructedAmount: z.object({ currency: z.string(), amount: z.string() }).optional(),
    })
    .parse(othersOf(element))
}

describe('RFC 9396 §2: an element in words, and by name', () => {
  it('given a granted element, then its lines say what was granted, and until when', () => {
    const { title, lines, expiresAt } = describeDetail(information, context)
    expect(title).toBe('Look into your bank accounts')
    expect(lines.map(({ label }) => label)).toEqual(['Accounts', 'What it may do', 'Until'])
    expect(lines[2]?.value).toBe('31 December 2026')
    expect(expiresAt).toEqual(new Date('2026-12-31T23:59:59Z'))
  })

  it('given the same members in another order, then the same id; given another value, another id', () => {
    const one = detail('x', { a: 1, b: { c: 2, d: [1, 2] } })
    expect(detailId(one)).toBe(detailId(detail('x', { b: { d: [1, 2], c: 2 }, a: 1 })))
    expect(detailId(one)).not.toBe(detailId(detail('x', { a: 1, b: { c: 2, d: [2, 1] } })))
    expect(detailId(one)).toMatch(/^[\w-]{22}$/)
  })

  it('given other ticks and other text in the fields, then the sentences are the same; given another amount, they are not', () => {
    const hashed = (element: AuthorizationDetail, posted?: [string, string][]) =>
      JSON.stringify(sentencesOfCards([cardOf(element, posted)]))
    expect(
      hashed(payment, [
        ['detail.0', 'on'],
        ['detail.0.amount', 'x'],
      ]),
    ).toBe(hashed(payment))
    expect(hashed(information, [])).toBe(hashed(information))
    const more = { ...othersOf(payment), instructedAmount: { currency: 'EUR', amount: '123.51' } }
    expect(hashed({ ...payment, otherFields: JSON.stringify(more) })).not.toBe(hashed(payment))
  })
})

describe('the cards in the page', () => {
  const page = (lang: string, dir: 'ltr' | 'rtl', details = [payment, information, other]) =>
    renderPage('consent', {
      ...sampleConsent,
      ...{ lang, dir },
      details: detailCards(details, undefined, { ...context, lang }),
    })

  it('given cards, then every field has a label, every id is there once, and JSON stands in disclosures only', async () => {
    const html = await page('en', 'ltr')
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const fields = [...html.matchAll(/<input\b[^>]*\sid="(detail-[^"]+)"/g)].map(([, id]) => id)
    expect(fields).toHaveLength(1 + 1 + 5 + 1 + 1 + 4)
    for (const id of fields) expect(html).toContain(`<label for="${id ?? ''}">`)
    for (const [, described = ''] of html.matchAll(/aria-describedby="([^"]+)"/g)) {
      for (const id of described.split(' ')) expect(ids).toContain(id)
    }
    expect(html.replaceAll(/<details>[\s\S]*?<\/details>/g, '')).not.toContain('{')
    expect(html).toContain('&#34;creditorName&#34;: &#34;Merchant A&#34;')
  })

  it('given words of a client that are markup or change direction, then they are text', async () => {
    const evil = '"><script>alert(1)</script>\u202Eevil'
    const html = await page('en', 'ltr', [
      { type: evil, actions: ['a', '<b>'], otherFields: JSON.stringify({ [evil]: evil }) },
    ])
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('\u202E')
    expect(html).toContain('value="&lt;b&gt;"')
  })

  it('given a language that is written from right to left, then the card is in it, and IBANs and JSON keep their direction', async () => {
    const html = await page('ar', 'rtl')
    expect(html).toContain('dir="rtl"')
    expect(html).toContain('<pre dir="ltr">')
    expect(html).toContain('<bdi>DE02 1001 0010 9307 1186 03</bdi>')
  })
})

describe('the names of details', () => {
  const one = { type: 'a', otherFields: '{"x":1,"y":2}' }
  const same = { type: 'a', otherFields: '{"y":2,"x":1}' }
  const other = { type: 'b' }

  it('given equal ones, then each has a name of its own, as at the engine', () => {
    const named = nameDetails([one, other, same])
    expect(named.map(({ id }) => id)).toEqual([detailId(one), detailId(other), `${detailId(one)}.2`])
    expect(named.map(({ detail }) => detail)).toEqual([one, other, same])
  })

  it('given any of the equal ones, then the last of them goes first, the tenth before the second', () => {
    const named = nameDetails([...Array.from({ length: 10 }, () => one), other])
    const id = detailId(one)
    for (const meant of [id, `${id}.2`]) expect(lastOfEqual(meant, named.toReversed())?.id).toBe(`${id}.10`)
    expect(lastOfEqual(detailId(other), named)?.detail).toBe(other)
    expect(lastOfEqual('none', named)).toBeUndefined()
  })
})
