import { describe, expect, inject, it } from 'vitest'
import { person, type Page, type Person } from '../flows/person.ts'

const [issuer, demoUrl] = [inject('issuer'), inject('demoUrl')]

/** One browser: Daybook and Gatehouse are two sites to it. */
interface Visitor {
  daybook: Person
  gatehouse: Person
}

type Fields = Record<string, string | readonly string[]>

/** Asks on the start page for what the fields say, and signs in when Gatehouse wants it. Ends on the consent page. */
async function ask({ daybook, gatehouse }: Visitor, fields: Fields, username = 'john'): Promise<Page> {
  const start = await daybook.visit(demoUrl)
  const left = await post(daybook, start, '/login', { method: 'plain', ...fields })
  return arrive(gatehouse, left, username)
}

async function arrive(gatehouse: Person, { sentTo }: Page, username: string): Promise<Page> {
  if (sentTo === undefined) throw new Error('Daybook sent the browser nowhere.')
  const page = await gatehouse.visit(sentTo)
  return page.url.pathname.endsWith('/login') ? gatehouse.signIn(page, username) : page
}

/** Decides on the consent page, and ends on the result page. */
async function allow({ daybook, gatehouse }: Visitor, consent: Page, fields: Fields): Promise<Page> {
  const { sentTo, url, html } = await gatehouse.submit(consent, fields, { name: 'decision', value: 'allow' })
  if (sentTo === undefined) throw new Error(`The browser stayed at ${url.href}:\n${html}`)
  return daybook.visit(sentTo)
}

/** Sends a form of Daybook's, with fields that need not be on the page as inputs. */
async function post(daybook: Person, page: Page, path: string, fields: Fields): Promise<Page> {
  const token = /name="form_token" value="([^"]+)"/.exec(page.html)?.[1] ?? ''
  const form = {
    action: path,
    method: 'post',
    inputs: [{ name: 'form_token', type: 'hidden', value: token, checked: false }],
  }
  const inputs = [
    ...form.inputs,
    ...Object.keys(fields).map((name) => ({ name, type: 'text', value: '', checked: false })),
  ]
  return daybook.submit({ ...page, forms: [{ ...form, inputs, buttons: [] }] }, fields)
}

const newVisitor = (): Visitor => ({ daybook: person(demoUrl), gatehouse: person(issuer) })

/** The words of a page, without its tags. */
function textOf({ html }: Page): string {
  return html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&#34;|&quot;/g, '"')
    .replaceAll(/\s+/g, ' ')
}

const everything: Fields = {
  scope: ['openid', 'account:basic', 'notes:read', 'calendar:read'],
  payment_id: 'inv-42',
  claim: ['preferred_username', 'birthdate', 'zoneinfo', 'nickname'],
  detail: ['payment_initiation', 'account_information'],
  creditor: 'Corner bakery',
  amount: '45.00',
}

describe.each(['plain', 'par'])('a person narrows what Daybook asks for, %s', (method) => {
  it('the result page shows what was asked for beside what was granted, and the API keeps to it', async () => {
    const visitor = newVisitor()
    const consent = await ask(visitor, { ...everything, method })
    const result = await allow(visitor, consent, {
      scope: ['notes:read', 'payment:inv-42'],
      claim: ['zoneinfo'],
      'detail.0': 'on',
      'detail.0.amount': '40.00',
      'detail.1.account': 'DE89370400440532013000',
      'detail.1.action': 'list_accounts',
    })
    expect(result.url.pathname).toBe('/result')
    const text = textOf(result)
    expect(text).toMatch(/See the payment inv-42 payment:inv-42 yes ✓ granted/)
    expect(text).toMatch(/Read your calendar calendar:read yes ✗ declined/)
    expect(text).toMatch(/User name preferred_username essential ✓ released/)
    expect(text).toMatch(/Date of birth birthdate voluntary ✗ not released/)
    expect(text).toMatch(/Time zone zoneinfo voluntary ✓ released/)
    expect(text).toMatch(/Make one payment payment_initiation ✓ narrowed/)
    expect(text).toMatch(/instructedAmount\.amount 45\.00 40\.00/)
    expect(text).toMatch(/accounts – DE89370400440532013000/)
    expect(text).toMatch(/Ask again for what I declined/)
    // What the token response says is shown, and what it opens is not.
    expect(text).toMatch(/"access_token": "[^"]{1,8}…"/)
    expect(text).toMatch(/"authorization_details": \[/)

    const call = async (fields: Fields) => textOf(await post(visitor.daybook, result, '/call', fields))
    expect(await call({ call: 'send-payment', to: 'Corner bakery', amount: '40.00' })).toMatch(/POST \/payments 201/)
    expect(await call({ call: 'send-payment', to: 'Corner bakery', amount: '40.01' })).toMatch(/POST \/payments 403/)
    const accounts = await call({ call: 'read-accounts' })
    expect(accounts).toMatch(/DE89370400440532013000 Savings: no balance EUR/)
    expect(accounts).not.toMatch(/Everyday/)
    expect(await call({ call: 'see-payment', payment: 'inv-42' })).toMatch(/GET \/payments\/inv-42 404/)
    expect(await call({ call: 'see-payment', payment: 'inv-43' })).toMatch(/GET \/payments\/inv-43 403/)
    expect(await call({ call: 'read-calendar' })).toMatch(/insufficient_scope/)
    expect(await call({ call: 'see-token' })).toMatch(/"scope": "[^"]*payment:inv-42/)
  })
})

describe('asking again', () => {
  it('sends the same request, and what was declined can be allowed', async () => {
    const visitor = newVisitor()
    const scope = ['openid', 'account:basic', 'notes:read', 'calendar:read']
    const consent = await ask(visitor, { scope, prompt: 'consent' }, 'jane')
    const result = await allow(visitor, consent, { scope: ['notes:read'] })
    expect(textOf(result)).toMatch(/You allowed 3 of 4 things/)
    const again = result.forms.find(({ inputs }) =>
      inputs.some(({ name, value }) => name === 'prompt' && value === 'consent'),
    )
    if (!again) throw new Error('The page does not offer to ask again.')
    const left = await visitor.daybook.submit({ ...result, forms: [again] }, {})
    const secondConsent = await arrive(visitor.gatehouse, left, 'jane')
    const second = await allow(visitor, secondConsent, { scope: ['notes:read', 'calendar:read'] })
    expect(textOf(second)).toMatch(/You allowed everything that Daybook asked for/)
  })
})

describe('RFC 8707: tokens for one resource', () => {
  it.each([
    ['api', 200],
    ['bank', 401],
  ])('given a token for %s only, then the Daybook API answers %i', async (resource, status) => {
    const visitor = newVisitor()
    const consent = await ask(visitor, { scope: ['openid', 'notes:read'], resource, prompt: 'consent' }, 'jane')
    const result = await allow(visitor, consent, { scope: ['notes:read'] })
    expect(textOf(result)).not.toMatch(/WWW-Authenticate|limited to other resources/)
    const page = await post(visitor.daybook, result, '/call', { call: 'read-notes' })
    expect(textOf(page)).toMatch(new RegExp(`GET /notes ${status}`))
  })
})

describe('Grant Management for OAuth 2.0', () => {
  const scope = ['openid', 'notes:read', 'grant_management_query', 'grant_management_revoke']

  it('given a grant, then it can be queried, added to and revoked', async () => {
    const visitor = newVisitor()
    const created = await allow(visitor, await ask(visitor, { scope, grant: 'create' }, 'jane'), {
      scope: ['notes:read'],
    })
    const grantId = /"grant_id": "([^"]+)"/.exec(textOf(created))?.[1]
    expect(grantId).toBeDefined()

    const queried = await post(visitor.daybook, created, '/grant/query', {})
    expect(textOf(queried)).toMatch(/"scopes": \[ \{ "scope": "[^"]*notes:read/)

    const consent = await ask(visitor, { scope: [...scope, 'calendar:read'], grant: 'merge' }, 'jane')
    const merged = await allow(visitor, consent, { scope: ['calendar:read'] })
    expect(textOf(merged)).toContain(`"grant_id": "${grantId ?? ''}"`)
    expect(textOf(await post(visitor.daybook, merged, '/grant/query', {}))).toMatch(
      /"scopes": \[ \{ "scope": "[^"]*calendar:read/,
    )

    const revoked = await post(visitor.daybook, merged, '/grant/revoke', {})
    expect(textOf(revoked)).toMatch(/revoked the grant/)
    expect(textOf(await post(visitor.daybook, revoked, '/call', { call: 'read-notes' }))).toMatch(/invalid_token/)
  })
})

describe('what Gatehouse refuses is explained', () => {
  it('given an amount that is none, then the page says invalid_authorization_details and which member', async () => {
    const visitor = newVisitor()
    const start = await visitor.daybook.visit(demoUrl)
    const left = await post(visitor.daybook, start, '/login', { ...everything, amount: 'a lot' })
    if (!left.sentTo) throw new Error('Daybook sent the browser nowhere.')
    const { sentTo } = await visitor.gatehouse.visit(left.sentTo)
    if (!sentTo) throw new Error('Gatehouse did not send the browser back.')
    const text = textOf(await visitor.daybook.visit(sentTo))
    expect(text).toMatch(/Gatehouse cannot offer this/)
    expect(text).toMatch(/invalid_authorization_details .*instructedAmount\/amount/)
  })
})
