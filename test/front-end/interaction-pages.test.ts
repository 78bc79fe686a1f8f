import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listConsents } from '../../server/connected-apps.ts'
import { recordShown } from '../../server/interactions.ts'
import { demoPeople } from '../../server/demo-people.ts'
import { person, type Page, type Person } from '../flows/person.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'

const [john, jane] = demoPeople.map(({ subject }) => subject)
const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }

let app: AppUnderTest
/** What the engine accepts next. Each test has a client of its own, so that nothing is remembered of it. */
let accepted: Record<string, unknown>
let clientId = 0
/** What the engine says when it is asked which scopes it remembers: this one does not tell. */
let engineMemory: () => object | Response

function scope(name: string, policy: Record<string, string> = {}) {
  return { name, attributes: Object.entries(policy).map(([key, value]) => ({ key: `consent.${key}`, value })) }
}

beforeAll(async () => {
  const script = ({ operation, body }: EngineCall) => {
    if (operation === 'auth/authorization') return accepted
    if (operation === 'service/get') return { supportedScopes: [scope('pay', { title: 'One payment' })], ...result }
    if (operation.startsWith('client/granted_scopes/get/')) return engineMemory()
    const outcome = operation === 'auth/authorization/fail' ? `error=${String(body['reason'])}` : 'code=the-code'
    return { action: 'LOCATION', responseContent: `https://app.example/cb?${outcome}`, ...result }
  }
  app = await startApp(script, { people: demoPeople.slice(0, 2), env: { TRUST_PROXY: '1' } })
})

afterAll(() => app.close())

beforeEach(() => {
  clientId += 1
  engineMemory = () => Response.json(result, { status: 403 })
  accepted = {
    action: 'INTERACTION',
    ticket: `ticket-${clientId}`,
    client: { clientId, clientName: 'Daybook', clientType: 'CONFIDENTIAL' },
    service: { apiKey: 1, serviceName: 'Gatehouse' },
    maxAge: 0,
    scopes: [
      scope('openid'),
      scope('basic', { mode: 'required' }),
      scope('telemetry', { mode: 'implicit' }),
      scope('notes:read', { group: 'Notes' }),
      scope('notes:write', { group: 'Notes', implies: 'notes:read' }),
      scope('payments', { sensitive: 'true' }),
    ],
    ...result,
  }
  app.calls.length = 0
})

/** Each person comes from an address of their own, so that nobody has to wait for another one's mistakes. */
function newPerson(): Person {
  return person(app.url)
}

const authorize = () => `${app.url}/oauth/authorize?client_id=x`

async function openConsent(somebody = newPerson(), username = 'john'): Promise<{ somebody: Person; consent: Page }> {
  const consent = await somebody.signIn(await somebody.visit(authorize()), username)
  return { somebody, consent }
}

/** Posts fields to the page's own address, with the hidden ones of the page unless others are given. */
async function post(somebody: Person, page: Page, fields: [string, string][], headers: Record<string, string> = {}) {
  const inputs = page.forms.flatMap((form) => form.inputs)
  const hidden = ['csrf_token', 'shown'].flatMap((wanted): [string, string][] => {
    const found = inputs.find(({ name }) => name === wanted)
    return found === undefined || fields.some(([name]) => name === wanted) ? [] : [[wanted, found.value]]
  })
  const body = new URLSearchParams([...hidden, ...fields])
  const response = await somebody.request(page.url, {
    method: 'POST',
    body,
    headers: { 'sec-fetch-site': 'same-origin', ...headers },
  })
  return { status: response.status, location: response.headers.get('location'), html: await response.text() }
}

function ticked(html: string): string[] {
  return [...html.matchAll(/<input type="checkbox"[^>]* name="scope" value="([^"]+)"[^>]* checked/g)].map(
    ([, value = '']) => value,
  )
}

/** What the engine was told at the end. */
function toldEngine() {
  return app.calls.filter(({ operation }) => /^auth\/authorization\/(issue|fail)$/.test(operation))
}

describe('the consent page', () => {
  it('given the first visit, then optional boxes are not ticked, required ones are no boxes, and implicit ones are named', async () => {
    const { consent } = await openConsent()
    expect(consent.status).toBe(200)
    expect(ticked(consent.html)).toEqual([])
    const boxes = [...consent.html.matchAll(/name="scope" value="([^"]+)"/g)].map(([, name]) => name)
    expect(boxes.sort()).toEqual(['notes:read', 'notes:write', 'payments'])
    for (const name of ['openid', 'basic', 'telemetry']) expect(consent.html).toContain(`<code>${name}</code>`)
    expect(consent.html).not.toContain('ticket-')
  })

  it('given ticks, then required, implicit, ticked and implied scopes are granted, and the person comes from the session', async () => {
    const { somebody, consent } = await openConsent()
    const before = Math.floor(Date.now() / 1000)
    const answer = await somebody.decide(consent, 'allow', ['notes:write'])
    expect(answer.sentTo?.href).toBe('https://app.example/cb?code=the-code')
    const [issue] = toldEngine()
    expect(issue).toMatchObject({
      operation: 'auth/authorization/issue',
      body: {
        ticket: accepted['ticket'],
        subject: john,
        acr: 'urn:gatehouse:acr:password',
        scopes: ['openid', 'basic', 'telemetry', 'notes:read', 'notes:write'],
      },
    })
    expect(Math.abs(Number(issue?.body['authTime']) - before)).toBeLessThan(60)
    expect(issue?.body).not.toHaveProperty('consentedClaims')
  })

  it.each([
    ['a scope that was not requested', 'admin'],
    ['a required scope', 'openid'],
    ['an implicit scope', 'telemetry'],
    ['the name of a prototype', '__proto__'],
  ])('rule 1: given %s in the form, then 400, and the engine is not asked', async (_what, name) => {
    const { somebody, consent } = await openConsent()
    for (const decision of ['allow', 'deny', 'review']) {
      const answer = await post(somebody, consent, [
        ['scope', 'notes:read'],
        ['scope', name],
        ['decision', decision],
      ])
      expect(answer.status).toBe(400)
    }
    expect(toldEngine()).toEqual([])
  })

  it('rule 2: given that nothing at all is granted, then it says so once, and then it is a denial; never an empty list', async () => {
    accepted['scopes'] = [scope('notes:read'), scope('notes:write')]
    const { somebody, consent } = await openConsent()
    const warned = await somebody.decide(consent, 'allow')
    expect(warned.status).toBe(400)
    expect(warned.html).toContain('Select at least one permission')
    expect(toldEngine()).toEqual([])
    const answer = await somebody.decide(warned, 'allow')
    expect(answer.sentTo?.search).toBe('?error=DENIED')
    expect(toldEngine()).toMatchObject([{ operation: 'auth/authorization/fail', body: { reason: 'DENIED' } }])
  })

  it('given a request that asks for no scope, then allowing it sends no list', async () => {
    accepted['scopes'] = []
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow')
    expect(toldEngine()).toMatchObject([{ operation: 'auth/authorization/issue' }])
    expect(toldEngine()[0]?.body).not.toHaveProperty('scopes')
  })

  it.each([[], ['yes'], ['ALLOW'], ['allow', 'deny'], ['allow', 'allow'], ['review'], ['']])(
    'rule 4: given the decisions %j, then nothing is decided, and the ticks stay',
    async (...decisions) => {
      const { somebody, consent } = await openConsent()
      const fields = decisions.map((decision): [string, string] => ['decision', decision])
      const answer = await post(somebody, consent, [['scope', 'payments'], ['scope', 'payments'], ...fields])
      expect(answer.status).toBe(200)
      expect(ticked(answer.html)).toEqual(['payments'])
      expect(toldEngine()).toEqual([])
    },
  )

  it('given select-all without JavaScript, then everything is ticked but what is sensitive', async () => {
    const { somebody, consent } = await openConsent()
    const answer = await post(somebody, consent, [['decision', 'select-all']])
    expect(ticked(answer.html)).toEqual(['notes:read', 'notes:write'])
    expect(toldEngine()).toEqual([])
  })

  it.each(['allow', 'deny'])(
    'rule 8: given an old form token, then the page comes again with its ticks, for %s',
    async (decision) => {
      const { somebody, consent } = await openConsent()
      const fields: [string, string][] = [
        ['csrf_token', 'old'],
        ['scope', 'payments'],
        ['decision', decision],
      ]
      const answer = await post(somebody, consent, fields)
      expect(answer.status).toBe(409)
      expect(ticked(answer.html)).toEqual(['payments'])
      expect(answer.html).toContain('nothing was decided')
      expect(toldEngine()).toEqual([])
    },
  )

  it.each(['cross-site', 'same-site'])('given a form of a %s page, then it is refused', async (site) => {
    const { somebody, consent } = await openConsent()
    const answer = await post(somebody, consent, [['decision', 'allow']], { 'sec-fetch-site': site })
    expect(answer.status).toBe(403)
    expect(toldEngine()).toEqual([])
  })

  it('rule 7: given that somebody else signs in meanwhile, then 409, and no grant for either', async () => {
    const { somebody, consent } = await openConsent()
    accepted['prompts'] = ['LOGIN']
    await somebody.signIn(await somebody.visit(authorize()), 'jane')
    const token = (page: Page) => page.forms[0]?.inputs.find(({ name }) => name === 'csrf_token')?.value ?? ''
    const fresh = await somebody.visit(authorize())
    for (const decision of ['allow', 'deny']) {
      const answer = await post(somebody, consent, [
        ['csrf_token', token(fresh)],
        ['decision', decision],
      ])
      expect(answer.status).toBe(409)
      expect(answer.html).toContain('another account')
    }
    expect(toldEngine()).toEqual([])
  })

  it('given a decision that was taken in another tab, then this page still decides for itself', async () => {
    accepted['scopes'] = [scope('openid'), scope('notes:read')]
    const { somebody, consent } = await openConsent()
    const other = await somebody.visit(authorize())
    await somebody.decide(other, 'allow', ['notes:read'])
    const answer = await somebody.decide(consent, 'deny')
    expect(answer.sentTo?.search).toBe('?error=DENIED')
  })

  it('given a scope that is declined, then claims that it brings are not sent, not even when they are asked for by name', async () => {
    Object.assign(accepted, {
      scopes: [scope('openid'), scope('email'), scope('profile')],
      claims: ['name', 'email', 'nickname', 'phone_number', 'sub'],
      idTokenClaims: '{"email":{"essential":true},"phone_number":null}',
    })
    const { somebody, consent } = await openConsent()
    expect(consent.html).toContain('<code>phone_number</code>')
    const fields = { scope: ['profile'], claim: ['phone_number'] }
    await somebody.submit(consent, fields, { name: 'decision', value: 'allow' })
    const body = toldEngine()[0]?.body ?? {}
    expect(JSON.parse(String(body['claims']))).toEqual({
      name: 'John Flynn',
      nickname: 'Jack',
      phone_number: '+1 202 555 0143',
    })
    expect(body['consentedClaims']).toContain('phone_number')
    expect(body['consentedClaims']).not.toContain('email')
  })

  it('given a parameterized scope, then its value is what is ticked and granted', async () => {
    Object.assign(accepted, { scopes: [scope('openid')], dynamicScopes: [{ name: 'pay', value: 'pay:1234' }] })
    const { somebody, consent } = await openConsent()
    expect(consent.html).toContain('<bdi>One payment</bdi>: <bdi>1234</bdi>')
    await somebody.decide(consent, 'allow', ['pay:1234'])
    expect(toldEngine()[0]?.body['scopes']).toEqual(['openid', 'pay:1234'])
  })

  it('given history, then granted scopes are apart and ticked, sensitive ones never, and declined ones say when', async () => {
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow', ['notes:read', 'payments'])
    const again = await somebody.visit(authorize())
    expect(again.html).toContain('Already allowed')
    expect(ticked(again.html)).toEqual(['notes:read'])
    expect(again.html.match(/You said no/g)).toHaveLength(1)
  })

  it('given a client that registered itself, then nothing is ticked beforehand, and it says so', async () => {
    accepted['client'] = { clientId, clientName: 'Stranger', clientType: 'CONFIDENTIAL', dynamicallyRegistered: true }
    const { somebody, consent } = await openConsent()
    expect(consent.html).toContain('Registered itself')
    await somebody.decide(consent, 'allow', ['notes:read'])
    expect(ticked((await somebody.visit(authorize())).html)).toEqual([])
  })

  it('given all that is asked for in memory, then the next request needs no page', async () => {
    accepted['scopes'] = [scope('openid'), scope('notes:read')]
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow', ['notes:read'])
    expect((await somebody.visit(authorize())).sentTo?.search).toBe('?code=the-code')
    expect(toldEngine()).toHaveLength(2)
    expect(toldEngine()[1]?.body['scopes']).toEqual(['openid', 'notes:read'])
  })

  it('given names and texts that are code, then they are text', async () => {
    accepted['client'] = {
      clientId,
      clientName: '<img src=x onerror=alert(1)>',
      clientUri: 'javascript:alert(1)',
      policyUri: 'data:text/html,x',
      logoUri: 'https://tracker.example/logo.png',
    }
    accepted['scopes'] = [{ ...scope('openid'), description: '"><script>alert(1)</script>' }]
    const { consent } = await openConsent()
    expect(consent.html).not.toMatch(/<img src=x|<script>alert|javascript:alert|data:text|src="https:/)
  })
})

const detailed = {
  userInfoClaims: '{"nickname":{"purpose":"To greet you."},"birthdate":null}',
  authorizationDetails: { elements: [{ type: 'calendar', identifier: 'team' }, { type: 'contacts' }] },
}

describe('rules of the decision: a form can leave out, and never add', () => {
  /** Everything that the engine is asked after the page is there. */
  async function callsAfter(page: Page, somebody: Person, fields: [string, string][]) {
    app.calls.length = 0
    const answer = await post(somebody, page, fields)
    return { ...answer, calls: app.calls.map(({ operation }) => operation) }
  }

  const forged: [what: string, fields: [string, string][]][] = [
    ['a scope is added', [['scope', 'admin']]],
    ['a required scope is named', [['scope', 'basic']]],
    ['an implicit scope is named', [['scope', 'telemetry']]],
    ['a scope is a method', [['scope', 'constructor']]],
    ['a scope is a prototype', [['scope', '__proto__']]],
    ['a claim is added', [['claim', 'email']]],
    ['a claim is a prototype', [['claim', '__proto__']]],
    ['an authorization detail is added', [['detail.2', 'on']]],
    ['a member of a detail is added', [['detail.0.actions', 'delete']]],
    ['a detail is a prototype', [['detail.__proto__', 'on']]],
    ['a duration is invented', [['duration', 'forever']]],
    [
      'a duration is repeated',
      [
        ['duration', 'hour'],
        ['duration', 'month'],
      ],
    ],
  ]
  it.each(forged)('given that %s, then 400, and the engine is not asked at all', async (_what, fields) => {
    Object.assign(accepted, detailed)
    const { somebody, consent } = await openConsent()
    for (const decision of ['allow', 'deny', 'review', 'select-all']) {
      const answer = await callsAfter(consent, somebody, [['scope', 'notes:read'], ...fields, ['decision', decision]])
      expect([answer.status, answer.calls]).toEqual([400, []])
      expect(answer.html).toContain('This form did not come from our page')
    }
  })

  it('given the same from somebody who is remembered, then the engine is not asked either', async () => {
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow', ['notes:read'])
    const again = await somebody.visit(authorize())
    const answer = await callsAfter(again, somebody, [
      ['scope', 'admin'],
      ['decision', 'allow'],
    ])
    expect([answer.status, answer.calls]).toEqual([400, []])
  })

  it('given 500 values, then the form is refused', async () => {
    const { somebody, consent } = await openConsent()
    const many = Array.from({ length: 500 }, (): [string, string] => ['scope', 'notes:read'])
    const answer = await callsAfter(consent, somebody, [...many, ['decision', 'allow']])
    expect([answer.status, answer.calls]).toEqual([400, []])
  })

  it('given 90 times the same tick, then it is one', async () => {
    const { somebody, consent } = await openConsent()
    const many = Array.from({ length: 90 }, (): [string, string] => ['scope', 'notes:read'])
    await callsAfter(consent, somebody, [...many, ['decision', 'allow']])
    expect(toldEngine()[0]?.body['scopes']).toEqual(['openid', 'basic', 'telemetry', 'notes:read'])
  })

  it('given the interaction of another browser, then nothing is found, and the engine is not asked', async () => {
    const { consent } = await openConsent()
    const { somebody: stranger, consent: own } = await openConsent()
    const token = own.forms[0]?.inputs.find(({ name }) => name === 'csrf_token')?.value ?? ''
    const answer = await callsAfter(consent, stranger, [
      ['csrf_token', token],
      ['decision', 'allow'],
    ])
    expect([answer.status, answer.calls]).toEqual([400, []])
    expect(answer.html).toContain('This page has expired')
  })
})

describe('what a person narrows', () => {
  const narrow: [string, string][] = [
    ['scope', 'notes:read'],
    ['claim', 'nickname'],
    ['detail.0', 'on'],
    ['duration', 'hour'],
    ['decision', 'allow'],
  ]

  it('given some of everything, then the engine is asked for exactly that', async () => {
    Object.assign(accepted, detailed)
    const { somebody, consent } = await openConsent()
    expect(consent.html).toContain('says why: <bdi>To greet you.</bdi>')
    const answer = await post(somebody, consent, narrow)
    expect(answer.location).toBe('https://app.example/cb?code=the-code')
    expect(toldEngine()).toMatchObject([
      {
        operation: 'auth/authorization/issue',
        body: {
          scopes: ['openid', 'basic', 'telemetry', 'notes:read'],
          consentedClaims: ['nickname'],
          authorizationDetails: { elements: [{ type: 'calendar', identifier: 'team' }] },
          refreshTokenDuration: 3_600,
        },
      },
    ])
  })

  it('given that it is asked again, then claims come back as they were decided, and details are asked anew', async () => {
    Object.assign(accepted, detailed)
    const { somebody, consent } = await openConsent()
    await post(somebody, consent, narrow)
    const again = await somebody.visit(authorize())
    const [form] = again.forms.filter(({ inputs }) => inputs.some(({ name }) => name === 'claim'))
    const boxes = form?.inputs
      .filter(({ name }) => /^(claim|detail)/.test(name))
      .map(({ name, value, checked }) => [name, value, checked])
    expect(boxes).toEqual([
      ['claim', 'birthdate', false],
      ['detail.0', 'on', false],
      ['detail.1', 'on', false],
      // Among what is allowed already.
      ['claim', 'nickname', true],
    ])
    expect(again.html).toContain('You said no on')
  })

  it('given what was allowed for an hour, then the next request without a page goes on for what is left of it', async () => {
    accepted['scopes'] = [scope('openid'), scope('notes:read')]
    const { somebody, consent } = await openConsent()
    await post(somebody, consent, [
      ['scope', 'notes:read'],
      ['duration', 'hour'],
      ['decision', 'allow'],
    ])
    await somebody.visit(authorize())
    const left = Number(toldEngine()[1]?.body['refreshTokenDuration'])
    expect(left).toBeGreaterThan(3_500)
    expect(left).toBeLessThanOrEqual(3_600)
    expect(toldEngine()[1]?.body['accessTokenDuration']).toBe(left)
  })

  it('RFC 9396 §7: given an amount that was raised, then the page comes again and says so; a denial needs no mending', async () => {
    const otherFields = JSON.stringify({
      instructedAmount: { currency: 'EUR', amount: '12.50' },
      creditorName: 'Merchant A',
      creditorAccount: { iban: 'DE02100100109307118603' },
    })
    accepted['authorizationDetails'] = { elements: [{ type: 'payment_initiation', otherFields }] }
    const { somebody, consent } = await openConsent()
    const raised: [string, string][] = [
      ['scope', 'notes:read'],
      ['detail.0', 'on'],
      ['detail.0.amount', '12.51'],
    ]
    const answer = await post(somebody, consent, [...raised, ['decision', 'allow']])
    expect(answer.status).toBe(400)
    expect(answer.html).toContain('<a href="#detail-0">Something that you typed has to be mended first.</a>')
    expect(ticked(answer.html)).toEqual(['notes:read'])
    expect(toldEngine()).toEqual([])
    const denied = await post(somebody, consent, [...raised, ['decision', 'deny']])
    expect(denied.location).toContain('error=DENIED')
  })

  it('given that every scope is left out, then a detail alone is not sent: an empty list of scopes may be read as all of them', async () => {
    Object.assign(accepted, detailed, { userInfoClaims: undefined, scopes: [scope('notes:read')] })
    const { somebody, consent } = await openConsent()
    const answer = await post(somebody, consent, [
      ['detail.1', 'on'],
      ['decision', 'allow'],
    ])
    expect(answer.status).toBe(400)
    expect(answer.html).toContain('<a href="#scope-1">Select at least one permission as well')
    expect(toldEngine()).toEqual([])
    // Said once: after that it is a no.
    const again = await post(somebody, consent, [
      ['detail.1', 'on'],
      ['decision', 'allow'],
    ])
    expect(again.location).toContain('error=DENIED')
  })

  it('given a claim that is ticked without a scope, then the link leads to the first scope', async () => {
    Object.assign(accepted, { userInfoClaims: '{"nickname":null}', scopes: [scope('notes:read')] })
    const { somebody, consent } = await openConsent()
    const answer = await post(somebody, consent, [
      ['claim', 'nickname'],
      ['decision', 'allow'],
    ])
    expect(answer.html).toContain('<a href="#scope-2">Select at least one permission as well')
  })
})

describe('the evidence', () => {
  const recordsOf = () => listConsents(app.database, String(john), clientId)

  it('given Deny, then all that was asked for is on record as declined, and no decision of before has changed', async () => {
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow', ['notes:read'])
    Object.assign(accepted, detailed)
    const again = await somebody.visit(authorize())
    expect((await somebody.decide(again, 'deny')).sentTo?.search).toBe('?error=DENIED')
    const [denied, decided, ...others] = await recordsOf()
    expect([decided?.event, others]).toEqual(['decided', []])
    const requested = ['openid', 'basic', 'telemetry', 'notes:read', 'notes:write', 'payments']
    expect(denied).toMatchObject({
      event: 'denied',
      requested,
      granted: [],
      declined: requested,
      claims: [],
      declinedClaims: ['nickname', 'birthdate'],
      details: { requested: detailed.authorizationDetails.elements, granted: [] },
      locale: 'en',
      ipClass: 'loopback',
    })
    expect(denied?.sentencesHash).toMatch(/^[\w-]{43}$/)
    const third = await somebody.visit(authorize())
    expect(ticked(third.html)).toEqual(['notes:read'])
    // As before: notes:write and payments.
    expect(third.html.match(/You said no/g)).toHaveLength(2)
  })

  it('given a client of the house that may skip the page, when the person denies it something, then they are asked', async () => {
    const attributes = [
      { key: 'affiliation', value: 'first-party' },
      { key: 'consent', value: 'skip' },
    ]
    Object.assign(accepted, {
      client: { clientId, clientType: 'CONFIDENTIAL', attributes },
      scopes: [scope('openid'), scope('notes:read')],
      prompts: ['CONSENT'],
    })
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'deny')
    accepted['prompts'] = undefined
    expect((await somebody.visit(authorize())).url.pathname).toMatch(/consent$/)
  })

  it('given that the language is changed in another tab, then the record names the one that was shown, and amounts are read in it', async () => {
    const otherFields = JSON.stringify({ instructedAmount: { currency: 'EUR', amount: '2000.00' }, creditorName: 'A' })
    accepted['authorizationDetails'] = { elements: [{ type: 'payment_initiation', otherFields }] }
    const { somebody, consent } = await openConsent()
    somebody.cookies.set('lang', 'de')
    await post(somebody, consent, [
      ['detail.0', 'on'],
      ['detail.0.amount', '1,234.50'],
      ['decision', 'allow'],
    ])
    expect(JSON.stringify(toldEngine()[0]?.body['authorizationDetails'])).toContain('1234.50')
    expect(await recordsOf()).toMatchObject([{ event: 'decided', locale: 'en' }])
  })

  it('given a form that has to be mended, then it comes again in the language it was filled in', async () => {
    const { somebody, consent } = await openConsent()
    somebody.cookies.set('lang', 'ar')
    const answer = await post(somebody, consent, [['decision', 'review']])
    expect(answer.html).toContain('<html lang="en" dir="ltr">')
    expect((await somebody.visit(consent.url)).html).toContain('<html lang="ar" dir="rtl">')
  })
})

describe('RFC 8707 §2: what was allowed for one resource', () => {
  const api = 'https://api.example'
  const came = async (resources: string[] | undefined, somebody: Person) => {
    accepted['resources'] = resources
    return somebody.visit(authorize())
  }

  it('given a request for the same, then no page; for another one, for more, or for any, then the person is asked', async () => {
    Object.assign(accepted, { scopes: [scope('openid'), scope('notes:read')], resources: [api] })
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow', ['notes:read'])
    expect((await came([api], somebody)).sentTo?.search).toBe('?code=the-code')
    for (const resources of [['https://evil.example'], [api, 'https://evil.example'], undefined]) {
      const page = await came(resources, somebody)
      expect(page.url.pathname).toMatch(/consent$/)
      expect(ticked(page.html)).toEqual([])
    }
  })

  it('given that it was allowed for any, then for each', async () => {
    accepted['scopes'] = [scope('openid'), scope('notes:read')]
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow', ['notes:read'])
    expect((await came([api], somebody)).sentTo?.search).toBe('?code=the-code')
  })
})

describe('Grant Management for OAuth 2.0: a grant that is replaced', () => {
  it('given what is no part of the new one, then the person is asked about it, and is not told that they said no', async () => {
    accepted['scopes'] = [scope('openid'), scope('notes:read')]
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow', ['notes:read'])
    Object.assign(accepted, { scopes: [scope('openid')], gmAction: 'REPLACE', grantId: 'g', grantSubject: john })
    await somebody.decide(await somebody.visit(authorize()), 'allow')
    Object.assign(accepted, { scopes: [scope('openid'), scope('notes:read')], gmAction: undefined, grantId: undefined })
    const page = await somebody.visit(authorize())
    expect(page.url.pathname).toMatch(/consent$/)
    expect(ticked(page.html)).toEqual([])
    expect(page.html).not.toContain('You said no')
  })
})

describe('what was not shown is not granted', () => {
  it.each(['required', 'requiredClaims', 'optional'] as const)(
    'given a page that left out something of %s, then nothing is granted silently, and the engine is not asked',
    async (left) => {
      const { somebody, consent } = await openConsent()
      const [, id = ''] = /\/interaction\/([^/]+)\/consent/.exec(consent.url.pathname) ?? []
      const hidden = {
        subject: String(john),
        required: ['openid', 'basic'],
        optional: ['notes:read', 'notes:write', 'payments'],
        implicit: ['telemetry'],
        requiredClaims: [],
        optionalClaims: [],
        details: 0,
        lang: 'en',
        sentencesHash: 'hash',
        warnedOfNothing: false,
        [left]: left === 'requiredClaims' ? ['nickname'] : [],
      }
      await recordShown(app.database, id, hidden)
      const answer = await post(somebody, consent, [['decision', 'allow']])
      expect(answer.status).toBe(500)
      expect(answer.html).not.toContain('did not show')
      expect(toldEngine()).toEqual([])
    },
  )
})

describe('RFC 6749 §3.3: which client may ask for what', () => {
  it.each(['INTERACTION', 'NO_INTERACTION'])(
    'given %s and a scope for partners only, then the client is told',
    async (action) => {
      accepted['action'] = action
      accepted['scopes'] = [{ name: 'batch', attributes: [{ key: 'policy.affiliation', value: 'partner' }] }]
      const answer = await newPerson().visit(authorize())
      expect(answer.sentTo?.search).toBe('?error=INVALID_SCOPE')
      expect(String(toldEngine()[0]?.body['description'])).toContain('The scope batch is for partner clients')
    },
  )

  it('given a parameterized scope that the engine does not describe, then nobody decides about it', async () => {
    accepted['dynamicScopes'] = [{ name: 'unknown', value: 'unknown:1' }]
    const answer = await newPerson().visit(authorize())
    expect(answer.status).toBe(500)
    expect(toldEngine()).toEqual([])
    expect(app.log.join('')).toContain('VIEW_SERVICE')
  })
})

describe('what the engine remembers', () => {
  async function comeBack() {
    accepted['scopes'] = [scope('openid'), scope('notes:read')]
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'allow', ['notes:read'])
    app.calls.length = 0
    return somebody.visit(authorize())
  }
  const asked = () => app.calls.filter(({ operation }) => operation.startsWith('client/granted_scopes'))

  it('given no memory of ours, then it is not asked', async () => {
    await openConsent()
    expect(asked()).toEqual([])
  })

  it('given that it remembers the same, then the request needs no page, and the subject is in no address', async () => {
    engineMemory = () => ({ mergedGrantedScopes: ['openid', 'notes:read'], ...result })
    expect((await comeBack()).sentTo?.search).toBe('?code=the-code')
    expect(asked()).toEqual([{ operation: `client/granted_scopes/get/${clientId}`, body: { subject: john } }])
  })

  it.each([403, 404])('given that it answers %s, then our own record serves', async (status) => {
    engineMemory = () => Response.json(result, { status })
    expect((await comeBack()).sentTo?.search).toBe('?code=the-code')
  })

  it('given that it has less, then the person is asked about the rest', async () => {
    engineMemory = () => ({ mergedGrantedScopes: ['openid'], ...result })
    const page = await comeBack()
    expect(page.url.pathname).toMatch(/consent$/)
    expect(ticked(page.html)).toEqual([])
  })

  it('given that it has forgotten the grant, then the person is asked as if for the first time', async () => {
    engineMemory = () => result
    const page = await comeBack()
    expect(page.url.pathname).toMatch(/consent$/)
    expect(page.html).not.toContain('Already allowed')
  })

  it('given that it fails, then so does the request: nothing is granted on half a memory', async () => {
    engineMemory = () => Response.json(result, { status: 500 })
    expect((await comeBack()).status).toBe(500)
    expect(toldEngine()).toEqual([])
  })
})

describe('the login page', () => {
  it('given the right password, then the browser goes to the next page with 303', async () => {
    const somebody = newPerson()
    const login = await somebody.visit(authorize())
    const answer = await post(somebody, login, [
      ['username', 'john'],
      ['password', 'john'],
    ])
    expect([answer.status, answer.location]).toEqual([303, login.url.pathname.replace('login', 'consent')])
  })

  it('given a demanded subject that is signed in here, then its name is fixed; given a stranger to this browser, then it is not told', async () => {
    accepted['subject'] = jane
    const login = await newPerson().visit(authorize())
    expect(login.html).not.toContain('value="jane" required')
    expect(login.html).not.toContain('readonly')

    const { somebody } = await openConsent(newPerson(), 'jane')
    accepted['prompts'] = ['LOGIN']
    expect((await somebody.visit(authorize())).html).toMatch(/value="jane"[^>]*readonly/)
  })

  it('given a demanded subject, then nobody else can answer, and nobody else is signed in', async () => {
    accepted['subject'] = jane
    const somebody = newPerson()
    const answer = await somebody.signIn(await somebody.visit(authorize()), 'john')
    expect(answer.sentTo?.search).toBe('?error=DIFFERENT_SUBJECT')
    accepted['subject'] = undefined
    expect((await somebody.visit(authorize())).url.pathname).toMatch(/login$/)
  })

  it('given too many wrong passwords, then even the right one waits, from this address and for this account only', async () => {
    const somebody = newPerson()
    const login = await somebody.visit(authorize())
    const from = (address: string) => ({ 'x-forwarded-for': address })
    const attempt = async (username: string, password: string, address: string) =>
      (
        await post(
          somebody,
          login,
          [
            ['username', username],
            ['password', password],
          ],
          from(address),
        )
      ).status
    const guesses = await Promise.all(Array.from({ length: 12 }, () => attempt('jane', 'wrong', '2001:db8::1')))
    expect(guesses.filter((status) => status === 400)).toHaveLength(5)
    expect(guesses.filter((status) => status === 429)).toHaveLength(7)
    expect(await attempt('JANE ', 'jane', '2001:db8::2')).toBe(429)
    expect(await attempt('jane', 'wrong', '2001:db8:0:1::1')).toBe(400)
    expect(await attempt('john', 'john', '2001:db8::1')).toBe(303)
    expect(app.log.join('')).not.toContain('wrong')
  })

  it('given a cancelled login, then access_denied, and whoever was signed in still is', async () => {
    const { somebody, consent } = await openConsent()
    await somebody.decide(consent, 'deny')
    accepted['prompts'] = ['LOGIN']
    const login = await somebody.visit(authorize())
    expect(login.html).toContain('asks you to sign in again')
    const answer = await somebody.submit(login, {}, { name: 'decision', value: 'deny' })
    expect(answer.sentTo?.search).toBe('?error=DENIED')
    accepted['prompts'] = undefined
    expect((await somebody.visit(authorize())).url.pathname).toMatch(/consent$/)
  })

  it('given an acr that nobody here performs, then no page at all', async () => {
    Object.assign(accepted, { acrs: ['urn:example:gold'], acrEssential: true })
    expect((await newPerson().visit(authorize())).sentTo?.search).toBe('?error=ACR_NOT_SATISFIED')
  })
})

describe('the account chooser', () => {
  it('given "Not you?", then the request stays, and another account can answer it', async () => {
    const { somebody, consent } = await openConsent()
    const id = consent.url.pathname.split('/')[2] ?? ''
    const switchForm = consent.forms.find(({ action }) => action.endsWith('/switch'))
    expect(switchForm).toBeDefined()
    const chooser = await somebody.submit({ ...consent, forms: switchForm ? [switchForm] : [] }, {})
    expect(chooser.url.pathname).toBe(`/interaction/${id}/accounts`)
    const login = await somebody.submit(chooser, {}, { name: 'decision', value: 'another' })
    const asJane = await somebody.signIn(login, 'jane')
    expect(asJane.url.pathname).toBe(`/interaction/${id}/consent`)
    await somebody.decide(asJane, 'allow')
    expect(toldEngine()[0]?.body['subject']).toBe(jane)
  })

  it('given two accounts, then one is chosen without a password; given a sign-out, then none is left', async () => {
    const { somebody } = await openConsent()
    accepted['prompts'] = ['LOGIN']
    await somebody.signIn(await somebody.visit(authorize()), 'jane')
    accepted['prompts'] = ['SELECT_ACCOUNT']
    const chooser = await somebody.visit(authorize())
    expect(chooser.url.pathname).toMatch(/accounts$/)
    const chosen = await post(somebody, chooser, [['account', 'john']])
    expect(chosen.status).toBe(303)
    const consent = await somebody.visit(new URL(chosen.location ?? '', app.url))
    expect(consent.html).toContain('john@example.com')

    const again = await somebody.visit(authorize())
    const login = await somebody.submit(again, {}, { name: 'decision', value: 'sign-out' })
    expect(login.url.pathname).toMatch(/login$/)
    expect((await somebody.visit(authorize())).url.pathname).toMatch(/login$/)
  })

  it('given an account that is not signed in here, then it cannot be chosen', async () => {
    const { somebody } = await openConsent()
    accepted['prompts'] = ['SELECT_ACCOUNT']
    const chooser = await somebody.visit(authorize())
    const answer = await post(somebody, chooser, [['account', 'jane']])
    expect((await somebody.visit(new URL(answer.location ?? '', app.url))).url.pathname).toMatch(/accounts$/)
  })
})

describe('a language that is picked on the consent page', () => {
  const payment = {
    type: 'payment_initiation',
    otherFields: JSON.stringify({ instructedAmount: { currency: 'EUR', amount: '9999.00' }, creditorName: 'Merchant' }),
  }
  const german: [string, string][] = [
    ['scope', 'payments'],
    ['claim', 'nickname'],
    ['duration', 'hour'],
    ['detail.0', 'on'],
    ['detail.0.amount', '1.234,50'],
  ]

  async function openInGerman() {
    Object.assign(accepted, { userInfoClaims: '{"nickname":null}', authorizationDetails: { elements: [payment] } })
    const somebody = newPerson()
    somebody.cookies.set('lang', 'de')
    return openConsent(somebody)
  }

  it('given what was ticked and typed, then the page comes in the new language with all of it, and decides nothing', async () => {
    const { somebody, consent } = await openInGerman()
    const answer = await post(somebody, consent, [...german, ['lang', 'en']])
    expect(answer.status).toBe(200)
    expect(answer.html).toContain('<html lang="en" dir="ltr">')
    expect(ticked(answer.html)).toEqual(['payments'])
    for (const box of ['claim" value="nickname"', 'duration" value="hour"', 'detail.0" value="on"']) {
      expect(answer.html).toContain(`name="${box} checked`)
    }
    expect(answer.html).toContain('name="detail.0.amount" value="1234.50"')
    expect(toldEngine()).toEqual([])
    // The choice stays, for this browser and for this request.
    expect([somebody.cookies.get('lang'), somebody.cookies.get('request_lang')]).toEqual(['en', 'en'])
    expect((await somebody.visit(consent.url)).html).toContain('<html lang="en"')
  })

  it('given a decision after that, then the form is read in the new language, and the record names what was shown', async () => {
    const { somebody, consent: before } = await openInGerman()
    await post(somebody, before, [...german, ['lang', 'en']])
    const consent = await somebody.visit(before.url)
    const english = german.map(([name, value]): [string, string] => [
      name,
      name.endsWith('amount') ? '1,234.50' : value,
    ])
    await post(somebody, consent, [...english, ['decision', 'allow']])
    const [issue] = toldEngine()
    expect(JSON.stringify(issue?.body['authorizationDetails'])).toContain('1234.50')
    const [record] = await listConsents(app.database, john ?? '', clientId)
    expect(record?.locale).toBe('en')
  })

  it('given an amount that cannot be read, then it stays as it was typed, and the page says what to mend', async () => {
    const { somebody, consent } = await openInGerman()
    const answer = await post(somebody, consent, [
      ['detail.0', 'on'],
      ['detail.0.amount', 'viel'],
      ['lang', 'en'],
    ])
    expect(answer.html).toContain('name="detail.0.amount" value="viel"')
    expect(answer.html).toContain('aria-invalid="true"')
  })

  it.each([
    ['a language that there is not', [['lang', 'fr']]],
    [
      'two languages',
      [
        ['lang', 'en'],
        ['lang', 'ja'],
      ],
    ],
    [
      'a language beside a decision that is none',
      [
        ['lang', 'en'],
        ['decision', 'review'],
      ],
    ],
  ] satisfies [string, [string, string][]][])('given %s, then the page stays as it is', async (_what, fields) => {
    const { somebody, consent } = await openInGerman()
    const answer = await post(somebody, consent, fields)
    expect([answer.status, somebody.cookies.get('request_lang')]).toEqual([200, undefined])
    expect(answer.html).toContain('<html lang="de"')
  })

  it.each([
    ['a scope that was not requested', [['scope', 'admin']], 400],
    ['an old form token', [['csrf_token', 'old']], 409],
  ] satisfies [string, [string, string][], number][])(
    'given %s, then nothing is picked',
    async (_what, fields, status) => {
      const { somebody, consent } = await openInGerman()
      const answer = await post(somebody, consent, [...fields, ['lang', 'en']])
      expect([answer.status, somebody.cookies.get('request_lang')]).toEqual([status, undefined])
    },
  )
})

describe('languages', () => {
  it('given texts in several languages, then the page takes those of its own', async () => {
    accepted['client'] = { clientId, clientIdAlias: 'the-alias', clientNames: [{ tag: 'ja', value: '日記' }] }
    // A name in another language says more than an identifier.
    expect((await openConsent()).consent.html).toContain('<p class="client-name"><bdi lang="ja">日記</bdi></p>')
    accepted['client'] = { clientId, clientName: 'Tagebuch', clientNames: [{ tag: 'en', value: 'Diary' }] }
    accepted['uiLocales'] = ['xx', 'en-GB']
    const { consent } = await openConsent()
    expect(consent.html).toContain('Diary')
    expect(consent.html).toContain('<html lang="en" dir="ltr">')
  })
})
