import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { demoPeople } from '../../server/demo-people.ts'
import { person, type Page, type Person } from '../flows/person.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'

const [john, jane] = demoPeople.map(({ subject }) => subject)
const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }

let app: AppUnderTest
/** What the engine accepts next. Each test has a client of its own, so that nothing is remembered of it. */
let accepted: Record<string, unknown>
let clientId = 0

function scope(name: string, policy: Record<string, string> = {}) {
  return { name, attributes: Object.entries(policy).map(([key, value]) => ({ key: `consent.${key}`, value })) }
}

beforeAll(async () => {
  const script = ({ operation, body }: EngineCall) => {
    if (operation === 'auth/authorization') return accepted
    const outcome = operation === 'auth/authorization/fail' ? `error=${String(body['reason'])}` : 'code=the-code'
    return { action: 'LOCATION', responseContent: `https://app.example/cb?${outcome}`, ...result }
  }
  app = await startApp(script, { people: demoPeople.slice(0, 2), env: { TRUST_PROXY: '1' } })
})

afterAll(() => app.close())

beforeEach(() => {
  clientId += 1
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

/** Posts fields to the page's own address, with its form token unless another is given. */
async function post(somebody: Person, page: Page, fields: [string, string][], headers: Record<string, string> = {}) {
  const inputs = page.forms.flatMap((form) => form.inputs)
  const token = inputs.find(({ name }) => name === 'csrf_token')?.value ?? ''
  const hasToken = fields.some(([name]) => name === 'csrf_token')
  const body = new URLSearchParams(hasToken ? fields : [['csrf_token', token], ...fields])
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
  return app.calls.filter(({ operation }) => operation !== 'auth/authorization')
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
    await somebody.decide(consent, 'allow', ['profile'])
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
    expect(consent.html).not.toMatch(/<img src=x|<script>alert|javascript:alert|data:text|tracker\.example/)
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

describe('languages', () => {
  it('given texts in several languages, then the page takes those of its own', async () => {
    accepted['client'] = { clientId, clientName: 'Tagebuch', clientNames: [{ tag: 'en', value: 'Diary' }] }
    accepted['uiLocales'] = ['xx', 'en-GB']
    const { consent } = await openConsent()
    expect(consent.html).toContain('Diary')
    expect(consent.html).toContain('<html lang="en" dir="ltr">')
  })
})
