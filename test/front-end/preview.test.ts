import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { demoPeople } from '../../server/demo-people.ts'
import { openBrowser } from '../browser.ts'
import { person, type Page, type Person } from '../flows/person.ts'
import { startApp, type AppUnderTest, type EngineCall, type EngineScript } from './app-under-test.ts'

const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }
const payment = {
  type: 'payment_initiation',
  otherFields: JSON.stringify({
    instructedAmount: { currency: 'EUR', amount: '123.50' },
    creditorName: 'Merchant A',
    creditorAccount: { iban: 'DE02100100109307118603' },
  }),
}

const accepted = {
  action: 'INTERACTION',
  ticket: 'ticket-that-nobody-sees',
  client: { clientId: 7, clientName: 'Daybook', clientType: 'CONFIDENTIAL' },
  service: { apiKey: 1, serviceName: 'Gatehouse', accessTokenDuration: 600, refreshTokenDuration: 2_592_000 },
  maxAge: 0,
  scopes: [{ name: 'openid' }, { name: 'email' }, { name: 'notes:read' }],
  claims: ['email'],
  resources: ['https://api.example'],
  authorizationDetails: { elements: [payment] },
  ...result,
}

const script: EngineScript = ({ operation }: EngineCall) =>
  operation === 'auth/authorization'
    ? accepted
    : { action: 'LOCATION', responseContent: 'https://app.example/cb?code=the-code', ...result }

let app: AppUnderTest

beforeAll(async () => {
  app = await startApp(script, { people: demoPeople.slice(0, 2), env: { TRUST_PROXY: '1' } })
})

afterAll(() => app.close())

beforeEach(() => {
  app.calls.length = 0
})

async function openConsent(): Promise<{ somebody: Person; consent: Page }> {
  const somebody = person(app.url)
  const consent = await somebody.signIn(await somebody.visit(`${app.url}/oauth/authorize?client_id=x`), 'john')
  app.calls.length = 0
  return { somebody, consent }
}

type Fields = [name: string, value: string][]

/** Posts what the form of the page would, to where the script posts it. */
async function preview(somebody: Person, consent: Page, fields: Fields, headers: Record<string, string> = {}) {
  const hidden = ['csrf_token', 'shown'].flatMap((wanted): Fields => {
    const value = new RegExp(`name="${wanted}" value="([^"]+)"`).exec(consent.html)?.[1] ?? ''
    return fields.some(([name]) => name === wanted) ? [] : [[wanted, value]]
  })
  const address = consent.url.pathname.replace(/consent$/, 'preview')
  const response = await somebody.request(new URL(address, app.url), {
    method: 'POST',
    body: new URLSearchParams([...hidden, ...fields]),
    headers: { 'sec-fetch-site': 'same-origin', ...headers },
  })
  return { status: response.status, headers: response.headers, html: await response.text() }
}

/** The JSON that stands under the headings of the panel. */
function partsOf(html: string): unknown[] {
  return [...html.matchAll(/<pre[^>]*><code>([\s\S]*?)<\/code><\/pre>/g)].map(([, json = '']): unknown =>
    JSON.parse(json.replaceAll('&#34;', '"')),
  )
}

describe('the live preview, in demo mode', () => {
  it('given a choice, then it is what the engine is asked when the same choice is allowed, without the ticket', async () => {
    const { somebody, consent } = await openConsent()
    const fields: Fields = [
      ['scope', 'email'],
      ['detail.0', 'on'],
      ['detail.0.amount', '40'],
    ]
    const { status, html, headers } = await preview(somebody, consent, fields)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(app.calls).toEqual([])
    expect(html).not.toContain(accepted.ticket)
    const [question, tokenResponse, accessToken, idToken] = partsOf(html)

    await somebody.submit(consent, Object.fromEntries(fields), { name: 'decision', value: 'allow' })
    const issue = app.calls.find(({ operation }) => operation === 'auth/authorization/issue')
    expect(question).toEqual({ ...issue?.body, ticket: '…' })

    const details = [
      {
        ...JSON.parse(payment.otherFields),
        type: payment.type,
        instructedAmount: { currency: 'EUR', amount: '40.00' },
      },
    ] satisfies unknown[]
    expect(tokenResponse).toEqual({
      ...{ access_token: '…', token_type: 'Bearer', expires_in: 600, refresh_token: '…', id_token: '…' },
      scope: 'openid email',
      authorization_details: details,
    })
    expect(accessToken).toMatchObject({
      ...{ active: true, scope: 'openid email', client_id: '7', aud: ['https://api.example'] },
      claims: ['email', 'email_verified'],
      authorization_details: details,
    })
    expect(idToken).toMatchObject({ aud: '7', email: 'john@example.com' })
  })

  it('given something typed that has to be mended, then it says so, and shows no tokens', async () => {
    const { somebody, consent } = await openConsent()
    const { html } = await preview(somebody, consent, [
      ['detail.0', 'on'],
      ['detail.0.amount', '500'],
    ])
    expect(html).toContain('mended')
    expect(partsOf(html)).toEqual([])
  })

  it.each<[string, Fields]>([
    ['a scope', [['scope', 'admin']]],
    ['a claim', [['claim', 'phone_number']]],
    ['a duration', [['duration', 'for ever']]],
    ['an authorization detail', [['detail.1', 'on']]],
    ['a member of one', [['detail.0.creditorName', 'Somebody']]],
    ['the name of a prototype', [['scope', '__proto__']]],
  ])('given %s that the page does not offer, then 400, and the engine is not asked', async (_what, fields) => {
    const { somebody, consent } = await openConsent()
    expect((await preview(somebody, consent, fields)).status).toBe(400)
    expect(app.calls).toEqual([])
  })

  it('given a form of another site, of another session or for another browser, then it shows nothing', async () => {
    const { somebody, consent } = await openConsent()
    const shown = [
      await preview(somebody, consent, [], { 'sec-fetch-site': 'cross-site' }),
      await preview(somebody, consent, [['csrf_token', 'another']]),
      await preview(person(app.url), consent, []),
    ]
    expect(shown.map(({ status }) => status)).toEqual([403, 403, 400])
    for (const { html } of shown) expect(partsOf(html)).toEqual([])
  })

  it('given a form of a page that is not the last one, then it shows nothing', async () => {
    const { somebody, consent } = await openConsent()
    const fields: Fields = [['scope', 'email']]
    expect((await preview(somebody, consent, [...fields, ['shown', 'another']])).status).toBe(409)
    somebody.cookies.set('lang', 'de')
    await somebody.visit(consent.url)
    const { status, html } = await preview(somebody, consent, fields)
    expect([status, partsOf(html)]).toEqual([409, []])
  })

  it('given a request that was answered, then there is nothing to preview', async () => {
    const { somebody, consent } = await openConsent()
    await somebody.submit(consent, { scope: 'email' }, { name: 'decision', value: 'allow' })
    expect((await preview(somebody, consent, [])).status).toBe(409)
  })

  it('without a script: given the button of the panel, then the page comes again with the preview of what is ticked', async () => {
    const { somebody, consent } = await openConsent()
    expect(consent.html).toContain('form="choices" name="decision" value="review"')
    expect(partsOf(consent.html)).toHaveLength(1)
    const again = await somebody.submit(consent, { scope: 'notes:read' }, { name: 'decision', value: 'review' })
    expect(partsOf(again.html)).toContainEqual(expect.objectContaining({ scopes: ['openid', 'notes:read'] }))
    expect(again.html).not.toContain(accepted.ticket)
  })
})

describe('the live preview, with a script', () => {
  it('given a tick and something typed, then the panel follows, and its sentence changes only when another is true', async () => {
    const browser = await openBrowser()
    const page = await browser.newPage()
    await page.goto(`${app.url}/oauth/authorize?client_id=x`)
    await page.fill('[name=username]', 'john')
    await page.fill('[name=password]', 'john')
    await page.click('form .primary')
    const panel = page.locator('#preview')
    const sentence = panel.getByRole('status')
    await panel.getByText('"openid"').first().waitFor()
    const before = await sentence.textContent()

    await page.check('[name=scope][value=email]')
    await panel.getByText('"openid email"').first().waitFor()
    expect(await sentence.textContent()).toBe(before)
    await page.check('[name="detail.0"]')
    await page.fill('[name="detail.0.amount"]', '400')
    await sentence.getByText('mended').waitFor()
    expect(await panel.locator('pre').count()).toBe(0)
    await page.fill('[name="detail.0.amount"]', '40')
    await panel.getByText('"40.00"').first().waitFor()
    expect(await sentence.textContent()).toBe(before)
    expect(app.calls.map(({ operation }) => operation)).not.toContain('auth/authorization/issue')
    await browser.close()
  })
})

describe('the live preview, outside demo mode', () => {
  it('given an issuer that is not this machine, then there is no panel, no script, and nothing at the address', async () => {
    const real = await startApp(script, {
      people: demoPeople.slice(0, 1),
      env: { ISSUER: 'https://as.example', TRUST_PROXY: '1' },
    })
    const somebody = person(real.url)
    /** Follows redirects, as a browser behind the proxy would. */
    const open = async (
      address: string,
      init: RequestInit = {},
    ): Promise<{ address: string; html: string; status: number }> => {
      const headers = { 'x-forwarded-proto': 'https', 'sec-fetch-site': 'same-origin' }
      const response = await somebody.request(real.url + address, { ...init, headers })
      const next = response.headers.get('location')
      return next === null ? { address, html: await response.text(), status: response.status } : open(next)
    }
    const post = (address: string, form: Record<string, string>) =>
      open(address, { method: 'POST', body: new URLSearchParams(form) })

    const login = await open('/oauth/authorize?client_id=x')
    const token = /name="csrf_token" value="([^"]+)"/.exec(login.html)?.[1] ?? ''
    const consent = await post(login.address, { csrf_token: token, username: 'john', password: 'john' })
    expect(consent.html).toContain('name="scope"')
    expect(consent.html).not.toContain('preview')
    const { status } = await post(consent.address.replace(/consent$/, 'preview'), { csrf_token: token })
    expect(status).toBe(404)
    await real.close()
  })
})
