import { createServer } from 'node:http'
import express from 'express'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directionOf, findText, pageLanguage } from '../../server/locale.ts'
import { pageLanguages } from '../../server/page-text.ts'
import { person } from '../flows/person.ts'
import { startApp, type AppUnderTest } from './app-under-test.ts'
import { serve, type Served } from './serve.ts'

const names = [
  { tag: 'de', value: 'Tagebuch' },
  { tag: 'de-CH', value: 'Tagebuech' },
  { tag: 'pt-BR', value: 'Diário' },
]

describe('RFC 4647 §3.4: the text of a language', () => {
  it.each([
    ['de', 'Tagebuch', undefined],
    ['DE-ch', 'Tagebuech', undefined],
    ['de-AT-1996', 'Tagebuch', undefined],
    ['pt', 'Diário', undefined],
    ['fr', 'Daybook', undefined],
  ])('given %s, then %s', (language, text, lang) => {
    expect(findText(names, 'Daybook', language)).toEqual({ text, lang })
  })

  it('given no text without a language and none that fits, then nothing', () => {
    expect(findText(names, undefined, 'fr')).toBeUndefined()
  })
})

describe('the direction of writing', () => {
  it.each([
    ['en', 'ltr'],
    ['ar', 'rtl'],
    ['he-IL', 'rtl'],
    ['ja', 'ltr'],
  ])('given %s, then %s', (language, direction) => {
    expect(directionOf(language)).toBe(direction)
  })
})

describe('OIDC Core §3.1.2.1: the language of a page', () => {
  let served: Served
  /** What the client wishes for, and what the service speaks. */
  let uiLocales: string[] = []
  let supported: string[] = []

  beforeAll(async () => {
    const app = express().set('query parser', 'simple')
    app.get('/', (req, res) => void res.send(pageLanguage(req, uiLocales, supported)))
    served = await serve(createServer(app))
  })
  afterAll(() => served.close())

  interface Situation {
    picked?: string
    pickedHere?: string
    accepted?: string
    wished?: string[]
    ofService?: string[]
    address?: string
  }

  async function languageOf({ picked, pickedHere, accepted, wished = [], ofService = [], address = '/' }: Situation) {
    uiLocales = wished
    supported = ofService
    const cookie = [`a=lang=de`, `lang=${picked ?? ''}`, `request_lang=${pickedHere ?? ''}`].join('; ')
    // Without one, fetch would send `*`.
    const headers = { cookie, 'accept-language': accepted ?? '' }
    return (await fetch(served.url + address, { headers })).text()
  }

  it('given everything, then what was picked on a page of the request, the client, the person, the browser, the service', async () => {
    const all = { pickedHere: 'en', wished: ['de'], picked: 'ja', accepted: 'ar', ofService: ['ja'] }
    expect(await languageOf(all)).toBe('en')
    expect(await languageOf({ ...all, pickedHere: '' })).toBe('de')
    expect(await languageOf({ ...all, pickedHere: '', wished: [] })).toBe('ja')
    expect(await languageOf({ accepted: 'ar', ofService: ['ja'] })).toBe('ar')
    expect(await languageOf({ ofService: ['ja', 'de'] })).toBe('ja')
    expect(await languageOf({})).toBe('en')
  })

  it.each<[string, Situation, string]>([
    ['a wish that nobody can fulfil', { wished: ['fr', 'x'], picked: 'ja' }, 'ja'],
    ['several wishes', { wished: ['fr-CA', 'de-AT', 'ja'] }, 'de'],
    ['a picked language that there is not', { picked: 'fr', accepted: 'de' }, 'de'],
    ['a picked language that is a path', { picked: '../en', accepted: 'de' }, 'de'],
    ['a region', { accepted: 'de-AT' }, 'de'],
    ['weights', { accepted: 'de;q=0.2, ja;q=0.9, fr' }, 'ja'],
    ['a browser that takes any', { accepted: '*' }, 'en'],
    ['a browser that takes any, and a service of Japan', { accepted: '*', ofService: ['ja'] }, 'ja'],
    ['a browser whose language there is not', { accepted: 'fr', ofService: ['ja'] }, 'ja'],
    ['a service whose languages there are not', { ofService: ['fr', 'de-CH'] }, 'de'],
    ['a wish in the address', { address: '/?ui_locales=xx+de', wished: ['ja'] }, 'de'],
    ['a wish that is repeated in the address', { address: '/?ui_locales=de&ui_locales=ar', wished: ['ja'] }, 'ja'],
  ])('given %s, then as BCP 47 and RFC 4647 have it', async (_, situation, language) => {
    expect(await languageOf(situation)).toBe(language)
  })

  it('given the trial language, then only who asks for it by ui_locales gets it', async () => {
    expect(await languageOf({ wished: ['en-XA'] })).toBe('en-XA')
    expect(await languageOf({ address: '/?ui_locales=en-XA' })).toBe('en-XA')
    expect(await languageOf({ picked: 'en-XA', accepted: 'en-XA', ofService: ['en-XA'] })).toBe('en')
  })
})

describe('POST /language', () => {
  let app: AppUnderTest
  let secure: AppUnderTest

  beforeAll(async () => {
    const script = () => ({
      action: 'INTERACTION',
      ticket: 'the-ticket',
      client: { clientId: 1, clientName: 'Daybook' },
      service: { apiKey: 1 },
      scopes: [{ name: 'openid' }],
      uiLocales: ['de'],
      resultCode: 'A000000',
      resultMessage: '[A000000] test',
    })
    app = await startApp(script)
    secure = await startApp(script, { env: { ISSUER: 'https://as.example', TRUST_PROXY: '1' } })
  })
  afterAll(async () => {
    await app.close()
    await secure.close()
  })

  const headers = { 'sec-fetch-site': 'same-origin' }
  const langOf = (html: string) => /<html lang="([^"]+)" dir="([^"]+)">/.exec(html)?.slice(1)

  it('given a language, then the same page comes back in it, and so do others', async () => {
    const somebody = person(app.url)
    const home = await somebody.visit(`${app.url}/?signed-out`)
    expect(langOf(home.html)).toEqual(['en', 'ltr'])
    const again = await somebody.submit(home, {}, { name: 'lang', value: 'ar' })
    expect(again.url.href).toBe(`${app.url}/?signed-out`)
    expect(langOf(again.html)).toEqual(['ar', 'rtl'])
    expect(langOf((await somebody.visit(`${app.url}/nothing`)).html)).toEqual(['ar', 'rtl'])
    const back = await somebody.submit(again, {}, { name: 'lang', value: 'en' })
    expect(langOf(back.html)).toEqual(['en', 'ltr'])
  })

  it('given the picker, then it names every language in its own words, and says which one this is', async () => {
    const html = await (await app.fetch('/', { headers: { accept: 'text/html', 'accept-language': 'ja' } })).text()
    const buttons = [...html.matchAll(/<button class="link" name="lang"([^>]*)>([^<]*)</g)].map(
      ([, attributes, name]) => [name, attributes?.includes('aria-current="true"')],
    )
    expect(buttons).toEqual([
      ['English', false],
      ['العربية', false],
      ['Deutsch', false],
      ['日本語', true],
    ])
  })

  it('given a request whose client wishes for another language, then the page changes all the same, for this request', async () => {
    const somebody = person(app.url)
    const login = await somebody.visit(`${app.url}/oauth/authorize?client_id=x`)
    expect(langOf(login.html)).toEqual(['de', 'ltr'])
    const fields = new URLSearchParams({ lang: 'ja', return: login.url.pathname })
    const res = await somebody.request(`${app.url}/language`, { method: 'POST', body: fields, headers })
    const path = login.url.pathname.replace(/\/login$/, '')
    expect([res.status, res.headers.get('location')]).toEqual([303, login.url.pathname])
    expect(res.headers.getSetCookie().map((cookie) => cookie.replace(/ Expires=[^;]*;/, ''))).toEqual([
      'lang=ja; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax',
      `request_lang=ja; Max-Age=3600; Path=${path}; HttpOnly; SameSite=Lax`,
    ])
    expect(langOf((await somebody.visit(login.url)).html)).toEqual(['ja', 'ltr'])

    // The browser sends the second cookie to the pages of that request only.
    somebody.cookies.delete('request_lang')
    const later = await somebody.visit(`${app.url}/oauth/authorize?client_id=x`)
    expect(langOf(later.html)).toEqual(['de', 'ltr'])
  })

  it('given a form that was posted and shown again, then the picker leads to a page that can be opened', async () => {
    const somebody = person(app.url)
    const login = await somebody.visit(`${app.url}/oauth/authorize?client_id=x`)
    const wrong = await somebody.submit(login, { username: 'nobody', password: 'wrong' })
    expect(wrong.status).toBe(400)
    const again = await somebody.submit(wrong, {}, { name: 'lang', value: 'ar' })
    expect([again.status, again.url.pathname]).toEqual([200, login.url.pathname])
    expect(langOf(again.html)).toEqual(['ar', 'rtl'])
  })

  it('given an address that wishes for a language, then the choice takes its place', async () => {
    const form = { lang: 'ja', return: '/nothing?a=1&ui_locales=de&b=%2F' }
    expect((await app.post('/language', form, headers)).headers.get('location')).toBe('/nothing?a=1&b=%2F')
    const only = { lang: 'ja', return: '/?ui_locales=de' }
    expect((await app.post('/language', only, headers)).headers.get('location')).toBe('/')
  })

  it('given an error page, then it repeats nothing of its address, and the browser says where to come back to', async () => {
    const html = await (await app.fetch('/nothing?code=s3cret', { headers: { accept: 'text/html' } })).text()
    expect(html).toContain('action="/language"')
    expect(html).not.toMatch(/s3cret|name="return"/)
    const from = (referer: string) => app.post('/language', { lang: 'ja' }, { ...headers, referer })
    const destinationFrom = async (referer: string) => (await from(referer)).headers.get('location')
    expect(await destinationFrom('http://localhost:3000/nothing?a=1')).toBe('/nothing?a=1')
    expect(await destinationFrom('http://localhost:3000/interaction/abc/cancel')).toBe('/interaction/abc')
    expect(await destinationFrom('https://evil.example/')).toBe('/')
    expect(await destinationFrom('')).toBe('/')
  })

  it('given https, then the cookies are Secure', async () => {
    const form = { lang: 'de', return: '/interaction/abc/login' }
    const sent = await secure.post('/language', form, { ...headers, 'x-forwarded-proto': 'https' })
    expect(sent.headers.getSetCookie()).toHaveLength(2)
    for (const cookie of sent.headers.getSetCookie()) expect(cookie).toContain('; Secure; SameSite=Lax')
  })

  it.each([
    ['another site', { lang: 'de' }, { 'sec-fetch-site': 'cross-site' }, 403],
    ['another origin', { lang: 'de' }, { origin: 'https://evil.example' }, 403],
    ['no language', { return: '/' }, headers, 400],
    ['an unknown language', { lang: 'fr' }, headers, 400],
    ['the trial language', { lang: 'en-XA' }, headers, 400],
    ['a name that is special to programs', { lang: '__proto__' }, headers, 400],
    ['two languages', 'lang=de&lang=ja', headers, 400],
  ])('given %s, then nothing is set', async (_, form, sent, status) => {
    const res = await app.post('/language', form, sent)
    expect([res.status, res.headers.getSetCookie()]).toEqual([status, []])
  })
})

describe('RFC 9700 §4.11: the language picker is no open redirector', () => {
  let app: AppUnderTest
  beforeAll(async () => {
    app = await startApp(() => ({}))
  })
  afterAll(() => app.close())

  async function destinationOf(address: string): Promise<URL> {
    const form = new URLSearchParams({ lang: 'de', return: address }).toString()
    const res = await app.post('/language', form, { 'sec-fetch-site': 'same-origin' })
    expect(res.status).toBe(303)
    return new URL(res.headers.get('location') ?? '', 'https://as.example/language')
  }

  it.each([
    ...['https://evil.example/', '//evil.example', '\\\\evil.example', '/\\evil.example', '/\t/evil.example'],
    ...['/.//evil.example', '/a/..//evil.example', '/%2e//evil.example', '///evil.example', ' //evil.example'],
    ...['javascript:alert(1)', 'https:evil.example', 'https:/evil.example', '//evil.example\\@as.example/', '//['],
    ...['/\n/evil.example', 'http://this.invalid//evil.example', 'http://this.invalid@evil.example/', ''],
  ])('given %j, then this server’s first page or another of its own', async (address) => {
    const { origin, pathname } = await destinationOf(address)
    expect([origin, pathname.startsWith('//')]).toEqual(['https://as.example', false])
  })

  it('given any text, then an address of this server', async () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '\t',
      '\n',
      ' ',
      '@',
      ':',
      '?',
      '#',
      'x',
      ';',
    )
    const address = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((pieces) => `${pieces.join('')}evil.example`),
      fc.webUrl({ withQueryParameters: true }),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(address, async (text) => {
        const { origin, pathname } = await destinationOf(text)
        expect([origin, pathname.startsWith('//')]).toEqual(['https://as.example', false])
      }),
      { numRuns: 200 },
    )
  })

  it.each(['/', '/apps/12?q=a%20b', '/interaction/AbC-_1/consent', '/oauth/authorize?client_id=x&scope=a+b'])(
    'given %s, then exactly that',
    async (address) => {
      const { pathname, search } = await destinationOf(address)
      expect(pathname + search).toBe(address)
    },
  )

  it('given every language that there is, then each can be picked', async () => {
    for (const lang of pageLanguages) {
      const res = await app.post('/language', { lang, return: '/' }, { 'sec-fetch-site': 'same-origin' })
      expect(res.headers.getSetCookie()[0]).toContain(`lang=${lang};`)
    }
  })
})
