import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listConsents } from '../../server/connected-apps.ts'
import { demoPeople } from '../../server/demo-people.ts'
import { person, type Page, type Person } from '../flows/person.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'

/*
 * OIDC Core §3.1.2.4: two windows show one request, each in its own language. 1,234 is a thousand in English and one in German, so a form
 * counts for the page that was shown last, and for no other.
 */

const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }
const subject = String(demoPeople[0]?.subject)
const allow = { name: 'decision', value: 'allow' }

const payment = {
  type: 'payment_initiation',
  otherFields: JSON.stringify({ instructedAmount: { currency: 'KWD', amount: '5000.000' }, creditorName: 'Shop' }),
}
const accounts = {
  type: 'account_information',
  actions: ['list_accounts', 'read_balances'],
  otherFields: '{"validUntil":"2099-12-31"}',
}

let app: AppUnderTest
let clientId = 0
let details: object[]

beforeAll(async () => {
  const script = ({ operation, body }: EngineCall) => {
    if (operation === 'auth/authorization') {
      return {
        action: 'INTERACTION',
        ticket: 't',
        client: { clientId, clientName: 'Daybook', clientType: 'CONFIDENTIAL' },
        service: { apiKey: 1 },
        maxAge: 0,
        scopes: [{ name: 'openid' }, { name: 'notes:read' }, { name: 'notes:write' }],
        authorizationDetails: { elements: details },
        ...result,
      }
    }
    if (operation.startsWith('client/granted_scopes/get/')) return Response.json(result, { status: 403 })
    const outcome = operation.endsWith('fail') ? `error=${String(body['reason'])}` : 'code=c'
    return { action: 'LOCATION', responseContent: `https://app.example/cb?${outcome}`, ...result }
  }
  app = await startApp(script, { people: demoPeople.slice(0, 1) })
})
afterAll(() => app.close())
beforeEach(() => {
  clientId += 1
  details = [payment, accounts]
  app.calls.length = 0
})

/** One window in German, and then another in English. */
async function openTwo(): Promise<{ somebody: Person; german: Page; english: Page }> {
  const somebody = person(app.url)
  somebody.cookies.set('lang', 'de')
  const german = await somebody.signIn(await somebody.visit(`${app.url}/oauth/authorize?client_id=x`))
  somebody.cookies.set('lang', 'en')
  return { somebody, german, english: await somebody.visit(german.url) }
}

/** The form of a page without the field that says which page it is. */
function withoutShown(page: Page): Page {
  const forms = page.forms.map((form) => ({ ...form, inputs: form.inputs.filter(({ name }) => name !== 'shown') }))
  return { ...page, forms }
}

function boxesOf({ forms }: Page): string[] {
  const inputs = forms.flatMap((form) => form.inputs)
  return inputs.filter(({ checked }) => checked).map(({ name, value }) => `${name}=${value}`)
}

const valueOf = ({ forms }: Page, wanted: string) =>
  forms.flatMap(({ inputs }) => inputs).find(({ name }) => name === wanted)?.value

const told = () => app.calls.filter(({ operation }) => /^auth\/authorization\/(issue|fail)$/.test(operation))

const choice = {
  scope: ['notes:read'],
  'detail.0': 'on',
  'detail.0.amount': '1,234',
  'detail.1.account': 'DE89370400440532013000',
  'detail.1.action': 'list_accounts',
  'detail.1.until': '2030-01-31',
  duration: 'session',
}

describe('a consent page in two windows', () => {
  it.each(['allow', 'deny', 'review'])(
    'given %s in the one that is not the last, then it comes again',
    async (value) => {
      const { somebody, german } = await openTwo()
      const answer = await somebody.submit(german, choice, { name: 'decision', value })
      expect(answer.status).toBe(409)
      expect(answer.html).toContain('<html lang="en"')
      expect(answer.html).toContain('nothing was decided')
      expect(told()).toEqual([])
      expect(await listConsents(app.database, subject, clientId)).toEqual([])
    },
  )

  it('then what was ticked is kept, and a date, which is the same everywhere; an amount has to be typed again', async () => {
    const { somebody, german } = await openTwo()
    const answer = await somebody.submit(german, choice, allow)
    expect(boxesOf(answer)).toEqual([
      'scope=notes:read',
      'detail.0=on',
      'detail.1.account=DE89370400440532013000',
      'detail.1.action=list_accounts',
      'duration=session',
    ])
    expect(valueOf(answer, 'detail.1.until')).toBe('2030-01-31')
    expect(valueOf(answer, 'detail.0.amount')).toBe('')

    // Empty is not the whole amount: pressed at once, it grants nothing.
    const hasty = await somebody.submit(answer, { ...choice, 'detail.0.amount': '' }, allow)
    expect(hasty.status).toBe(400)
    expect(hasty.html).toContain('has to be mended first')
    expect(told()).toEqual([])

    const decided = await somebody.submit(hasty, choice, allow)
    expect(decided.sentTo?.search).toBe('?code=c')
    expect(JSON.stringify(told()[0]?.body['authorizationDetails'])).toContain('1234.000')
  })

  it('given a decision in the last one, then it counts, and the record has its language and its hash', async () => {
    const { somebody, english } = await openTwo()
    await somebody.submit(english, choice, allow)
    expect(JSON.stringify(told()[0]?.body['authorizationDetails'])).toContain('1234.000')
    const records = await listConsents(app.database, subject, clientId)
    expect(records).toMatchObject([{ locale: 'en', sentencesHash: valueOf(english, 'shown') }])
  })

  it('given that a language is picked in the one that is not the last, then nothing is picked', async () => {
    const { somebody, german } = await openTwo()
    const picked = { name: 'lang', value: 'ja' }
    // The button stands at the foot of the page, and belongs to the form.
    const forms = german.forms.map((form) => ({ ...form, buttons: [...form.buttons, picked] }))
    const answer = await somebody.submit({ ...german, forms }, choice, picked)
    expect([answer.status, somebody.cookies.get('lang')]).toEqual([409, 'en'])
  })

  it('given an old form token as well, then the amount is not kept either', async () => {
    const { somebody, german } = await openTwo()
    const forms = german.forms.map((form) => ({
      ...form,
      inputs: form.inputs.map((input) => (input.name === 'csrf_token' ? { ...input, value: 'old' } : input)),
    }))
    const answer = await somebody.submit({ ...german, forms }, choice, allow)
    expect([answer.status, valueOf(answer, 'detail.0.amount')]).toEqual([409, ''])
  })

  it('given two windows that say the same, then both count', async () => {
    const somebody = person(app.url)
    const first = await somebody.signIn(await somebody.visit(`${app.url}/oauth/authorize?client_id=x`))
    const second = await somebody.visit(first.url)
    expect(valueOf(second, 'shown')).toBe(valueOf(first, 'shown'))
    expect((await somebody.submit(first, choice, allow)).sentTo?.search).toBe('?code=c')
  })

  it.each([
    ['that is wrong', ['x']],
    ['that is empty', ['']],
    ['twice', 'both'],
  ] as const)('given the field %s, then the page comes again', async (_what, values) => {
    const { somebody, english } = await openTwo()
    const own = valueOf(english, 'shown') ?? ''
    const given = (values === 'both' ? [own, own] : values).map((value) => ({
      ...{ name: 'shown', type: 'hidden', checked: false },
      value,
    }))
    const page = withoutShown(english)
    const forms = page.forms.map((form) => ({ ...form, inputs: [...form.inputs, ...given] }))
    const { status } = await somebody.submit({ ...page, forms }, { scope: 'notes:read' }, allow)
    expect([status, told()]).toEqual([409, []])
  })
})

describe('a script that posts only what it decides', () => {
  it('given scopes and a decision without the field, then that counts, whatever is shown elsewhere', async () => {
    const { somebody, german } = await openTwo()
    const answer = await somebody.decide(withoutShown(german), 'allow', ['notes:read'])
    expect(answer.sentTo?.search).toBe('?code=c')
    expect(told()[0]?.body['scopes']).toEqual(['openid', 'notes:read'])
  })

  it('given ticks and a date without the field, then that counts: they say the same in every language', async () => {
    details = [accounts, payment]
    const fields = {
      scope: 'notes:read',
      'detail.0.account': 'DE89370400440532013000',
      'detail.0.action': 'list_accounts',
      'detail.0.until': '2030-01-31',
    }
    const { somebody, german } = await openTwo()
    expect((await somebody.submit(withoutShown(german), fields, allow)).sentTo?.search).toBe('?code=c')
    expect(JSON.stringify(told()[0]?.body['authorizationDetails'])).toContain('2030-01-31')
  })

  it('given an amount without the field, then nobody knows in which language it was typed: it is asked again', async () => {
    const { somebody, english } = await openTwo()
    const answer = await somebody.submit(withoutShown(english), choice, allow)
    expect([answer.status, valueOf(answer, 'detail.0.amount'), told()]).toEqual([409, '', []])
  })
})
