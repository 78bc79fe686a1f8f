import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { demoPeople } from '../../server/demo-people.ts'
import { person, type Page } from '../flows/person.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'

const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }
const answerOf = (action: string, responseContent: string) => ({ action, responseContent, ...result })
const location = answerOf('LOCATION', 'https://app.example/cb?code=the-code&state=a%22b')

let app: AppUnderTest
let answer: object

beforeAll(async () => {
  const script = ({ operation, body }: EngineCall) => {
    if (operation !== 'auth/authorization') return answer
    const clientId = Number(new URLSearchParams(String(body['parameters'])).get('client_id'))
    return {
      action: 'INTERACTION',
      ticket: 'ticket-that-nobody-sees',
      client: { clientId, clientName: 'Daybook', clientType: 'CONFIDENTIAL' },
      service: { apiKey: 1, serviceName: 'Gatehouse', accessTokenDuration: 600, refreshTokenDuration: 2_592_000 },
      maxAge: 0,
      scopes: [{ name: 'openid' }, { name: 'email' }, { name: 'notes:read' }, { name: 'offline_access' }],
      authorizationDetails: {
        elements: [{ type: 'x', actions: ['read', 'write'] }, { type: 'y' }],
      },
      ...result,
    }
  }
  app = await startApp(script, { people: demoPeople.slice(0, 1), env: { TRUST_PROXY: '1', SHOW_RECEIPT: '1' } })
})

afterAll(() => app.close())

let clientId = 0

beforeEach(() => {
  clientId += 1
  answer = location
})

const choice = { scope: 'email', 'detail.0': 'on', 'detail.0.actions': 'read', duration: 'hour' }

async function decide(decision: 'allow' | 'deny'): Promise<Page> {
  const somebody = person(app.url)
  const opened = await somebody.visit(`${app.url}/oauth/authorize?client_id=${clientId}`)
  return somebody.submit(await somebody.signIn(opened, 'john'), choice, { name: 'decision', value: decision })
}

/** The section under a heading, as plain text. */
function section(html: string, id: string): string {
  const found = new RegExp(`<section[^>]* aria-labelledby="${id}">([\\s\\S]*?)</section>`).exec(html)
  return (found?.[1] ?? '').replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
}

describe('SHOW_RECEIPT: what was decided, before the browser goes back', () => {
  it('given Allow, then the page says what was granted and what was not, and goes on when the person says so', async () => {
    const page = await decide('allow')
    expect(page.status).toBe(200)
    expect(page.headers.get('cache-control')).toBe('no-store')
    const granted = section(page.html, 'granted')
    for (const words of ['openid', 'See your email address', 'x', 'What it may do read'])
      expect(granted).toContain(words)
    expect(granted).not.toContain('write')
    const declined = section(page.html, 'declined')
    for (const words of ['notes:read', 'Keep access when you are not using the app', 'y']) {
      expect(declined).toContain(words)
    }
    expect(page.html).toContain('Access lasts 10 minutes.')
    expect(page.html).toContain('href="/apps"')
    expect(page.html).toContain('href="https://app.example/cb?code=the-code&amp;state=a%22b"')
    expect(page.html).not.toContain('ticket-that-nobody-sees')
  })

  it('given response_mode=form_post, then the button posts what the engine wrote, where it wrote it', async () => {
    const html = [
      '<!doctype html><html><body onload="javascript:document.forms[0].submit()">',
      '<form method="post" action="https://app.example/cb?a=1&amp;b=2">',
      '<input type="hidden" name="code" value="the-code"><input type="hidden" name="state" value="&lt;&#39;&quot;&amp;">',
      '<button type="submit">Continue</button></form></body></html>',
    ]
    answer = answerOf('FORM', html.join('\n'))
    const page = await decide('allow')
    const form = page.forms.find(({ action }) => action === 'https://app.example/cb?a=1&b=2')
    expect(form?.method).toBe('post')
    expect(form?.inputs.map(({ name, value }) => [name, value])).toEqual([
      ['code', 'the-code'],
      ['state', '<\'"&'],
    ])
  })

  it('given an answer that would not survive a page of ours, then it goes to the client as it is', async () => {
    for (const uri of ['javascript:alert(1)', 'https://app.example/cb?state=\u200b']) {
      clientId += 1
      answer = answerOf('FORM', `<form action="${uri}"><input type="hidden" name="code" value="c"></form>`)
      const page = await decide('allow')
      expect(page.html).toBe(`<form action="${uri}"><input type="hidden" name="code" value="c"></form>`)
    }
  })

  it('given Deny, then there is nothing to sum up', async () => {
    const page = await decide('deny')
    expect(page.sentTo?.href).toBe('https://app.example/cb?code=the-code&state=a%22b')
  })
})
