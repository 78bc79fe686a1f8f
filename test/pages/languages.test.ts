import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directionOf } from '../../server/locale.ts'
import { pageLanguages, trialLanguages } from '../../server/page-text.ts'
import { renderPage } from '../../server/pages.ts'
import { openBrowser } from '../browser.ts'
import { sampleApp, sampleAppRemoval, sampleApps, sampleSignIn } from './apps-samples.ts'
import { startPageSite, type PageSite } from './page-site.ts'
import {
  sampleAccounts,
  sampleConsent,
  sampleDetailedConsent,
  sampleError,
  sampleHome,
  sampleLogin,
} from './sample-pages.ts'

const root = path.join(import.meta.dirname, '..', '..')
const views = path.join(root, 'views')

type Catalogue = ReadonlyMap<string, string>

function readCatalogue(lang: string): Catalogue {
  const texts: unknown = JSON.parse(readFileSync(path.join(views, 'text', `${lang}.json`), 'utf8'))
  return new Map(Object.entries(texts ?? {}).map(([key, text]) => [key, String(text)]))
}

const english = readCatalogue('en')

const stemOf = (key: string) => key.replace(/#.*/, '')
const placeholdersOf = (text = '') => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()

/** What is wrong with a translation, one line each. */
function problemsOf(lang: string, texts: Catalogue): string[] {
  const { pluralCategories } = new Intl.PluralRules(lang).resolvedOptions()
  const expected = new Map(
    [...english.keys()]
      .flatMap((key) =>
        key.includes('#')
          ? pluralCategories.map((category) => [`${stemOf(key)}#${category}`, `${stemOf(key)}#other`])
          : [[key, key]],
      )
      .map(([key = '', source = '']) => [key, english.get(source)]),
  )
  return [
    ...[...expected.keys()].filter((key) => !texts.has(key)).map((key) => `"${key}" is missing`),
    ...[...texts.keys()].filter((key) => !expected.has(key)).map((key) => `"${key}" is nothing that en.json has`),
    ...[...texts].filter(([, text]) => text.trim() === '').map(([key]) => `"${key}" is empty`),
    ...[...texts]
      .filter(([, text]) => /^\s|\s$|[\p{Cc}\p{Cf}]/u.test(text))
      .map(([key]) => `"${key}" has invisible characters`),
    ...[...texts]
      .filter(([key, text]) => {
        // A form for a few numbers may name them itself: "one more", "two more".
        const isNumber = (name: string) => name === '{count}' && /#(zero|one|two)$/.test(key)
        const [ours, theirs] = [text, expected.get(key)].map((found) =>
          placeholdersOf(found).filter((name) => !isNumber(name)),
        )
        return expected.has(key) && String(ours) !== String(theirs)
      })
      .map(([key]) => `"${key}" has other placeholders than en.json`),
  ]
}

describe('a translation', () => {
  it.each(pageLanguages)(
    '%s has every text of en.json with its placeholders and plural forms, and no other',
    (lang) => {
      expect(problemsOf(lang, readCatalogue(lang))).toEqual([])
    },
  )

  const german = readCatalogue('de')
  const without = (key: string) => new Map([...german].filter(([name]) => name !== key))

  it.each<[string, Catalogue, string]>([
    ['a text is missing', without('login.title'), '"login.title" is missing'],
    ['a plural form is missing', without('consent.more#one'), '"consent.more#one" is missing'],
    ['there is one more', new Map([...german, ['login.titel', 'x']]), '"login.titel" is nothing that en.json has'],
    [
      'there is a plural form of another language',
      new Map([...german, ['consent.more#few', '{count}']]),
      '"consent.more#few" is nothing that en.json has',
    ],
    [
      'a placeholder is translated',
      new Map([...german, ['login.lead', 'für {kunde}']]),
      '"login.lead" has other placeholders than en.json',
    ],
    [
      'a placeholder is lost',
      new Map([...german, ['consent.more#other', 'mehr']]),
      '"consent.more#other" has other placeholders than en.json',
    ],
    ['a text is empty', new Map([...german, ['login.title', ' ']]), '"login.title" is empty'],
    [
      'a text turns the direction of writing',
      new Map([...german, ['login.title', 'a\u202Eb']]),
      '"login.title" has invisible characters',
    ],
  ])('given that %s, then it is found', (_, texts, problem) => {
    expect(problemsOf('de', texts)).toContain(problem)
  })

  it('names a locale of its own language', () => {
    for (const lang of pageLanguages) {
      expect(new Intl.Locale(readCatalogue(lang).get('intl.locale') ?? '').language).toBe(
        new Intl.Locale(lang).language,
      )
    }
  })
})

function sourcesOf(folder: string, extension: string): { file: string; source: string }[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension) && !file.startsWith('engine'))
    .map((file) => ({ file: path.join(folder, file), source: readFileSync(path.join(root, folder, file), 'utf8') }))
}

describe('the texts and where they are used', () => {
  const templates = sourcesOf('views', '.ejs')
  const all = [...templates, ...sourcesOf('server', '.ts')].map(({ source }) => source).join('\n')
  /** Such as `error.${it.kind}.title`: everything that it can become. */
  const patterns = [...all.matchAll(/`([a-z][a-z-]*\.[^`\s]*)`/g)].map(
    ([, literal = '']) =>
      new RegExp(
        `^${literal
          .split(/\$\{[^}]*\}/)
          .map((part) => part.replaceAll('.', '\\.'))
          .join('.+')}$`,
      ),
  )

  it('every text is used by a template or by the server', () => {
    const keys = [...new Set([...english.keys()].map(stemOf))]
    expect(keys.filter((key) => !all.includes(`'${key}'`) && !patterns.some((pattern) => pattern.test(key)))).toEqual(
      [],
    )
  })

  it('every text that a template asks for is there', () => {
    const stems = new Set([...english.keys()].map(stemOf))
    const asked = templates.flatMap(({ file, source }) =>
      [...source.matchAll(/it\.(?:text|sentence)\('([^']+)'/g)].map(([, key = '']) => ({ file, key })),
    )
    expect(asked.length).toBeGreaterThan(50)
    expect(asked.filter(({ key }) => !stems.has(key))).toEqual([])
  })

  it.each(templates)('$file has no words of its own', ({ source }) => {
    const written = source.replace(/<%[\s\S]*?%>/g, '').replace(/<!?\/?[a-z][^>]*>/gi, '')
    expect(written.match(/\p{Letter}+/gu) ?? []).toEqual([])
    expect(source).not.toMatch(/\s(?:aria-label|alt|title|placeholder)="[^"<]*\p{Letter}/u)
  })
})

describe('the pages in every language, in a real browser', () => {
  let browser: Browser
  let site: PageSite

  beforeAll(async () => {
    site = await startPageSite()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
  })

  /** A page as it is sent: with the address that the picker comes back to. */
  const inLanguage = <Model extends object>(lang: string, model: Model) => ({
    ...model,
    lang,
    dir: directionOf(lang),
    picker: { address: '/' },
  })
  const samples = {
    login: (lang: string) => renderPage('login', inLanguage(lang, { ...sampleLogin, problem: { kind: 'wrong' } })),
    accounts: (lang: string) => renderPage('accounts', inLanguage(lang, sampleAccounts)),
    consent: (lang: string) => renderPage('consent', inLanguage(lang, sampleDetailedConsent)),
    'sign-in': (lang: string) => renderPage('sign-in', inLanguage(lang, sampleSignIn)),
    apps: (lang: string) => renderPage('apps', inLanguage(lang, sampleApps)),
    app: (lang: string) => renderPage('app', inLanguage(lang, sampleApp)),
    'app-removal': (lang: string) => renderPage('app-removal', inLanguage(lang, sampleAppRemoval)),
    error: (lang: string) => renderPage('error', inLanguage(lang, sampleError)),
    home: (lang: string) => renderPage('home', inLanguage(lang, sampleHome)),
  }
  const languages = [...pageLanguages, ...trialLanguages].filter((lang) => lang !== 'en')
  const cases = Object.entries(samples).flatMap(([name, render]) => languages.map((lang) => ({ name, lang, render })))

  it.each(cases)('$name in $lang: axe finds nothing, and nothing is cut off', async ({ lang, render }) => {
    const context = await browser.newContext({ reducedMotion: 'reduce', bypassCSP: true })
    const page = await context.newPage()
    await page.goto(site.add(await render(lang)))
    await page.evaluate('document.querySelectorAll("details").forEach((details) => { details.open = true })')
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    }
    await page.evaluate(axe.source)
    // WCAG 2.2 §2.5.3: a label has the words that are seen. The trial language stretches each text by itself, and so cannot keep that.
    const rules = trialLanguages.includes(lang) ? { 'label-content-name-mismatch': { enabled: false } } : {}
    const found: string[] = await page.evaluate(
      `axe.run({ rules: ${JSON.stringify(rules)} }).then(({ violations }) =>
         violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
    )
    expect(found).toEqual([])
    await context.close()
  })

  it('the picker can be hit with a finger, and says which language this is', async () => {
    const context = await browser.newContext({ viewport: { width: 320, height: 900 }, javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(site.add(await renderPage('home', inLanguage('ar', sampleHome))))
    const picker = page.getByRole('form', { name: 'لغة هذه الصفحة' })
    const heights = await Promise.all(
      (await picker.getByRole('button').all()).map(async (one) => (await one.boundingBox())?.height),
    )
    expect(heights).toHaveLength(pageLanguages.length)
    for (const height of heights) expect(height).toBeGreaterThanOrEqual(44)
    expect(await picker.locator('[aria-current]').innerText()).toBe('العربية')
    await picker.getByRole('button', { name: 'Deutsch' }).click()
    expect(await page.locator('body').textContent()).toBe('/language?return=%2F&lang=de')
    await context.close()
  })

  it('right to left: an arrow points the other way, and what programs read stays in order', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(site.add(await renderPage('consent', inLanguage('ar', sampleConsent))))
    const style = (selector: string, property: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`)
    expect(await style('.destination svg', 'scale')).toBe('-1 1')
    expect(await style('.row code', 'direction')).toBe('ltr')
    expect(await style('h1', 'letterSpacing')).toBe('normal')
    await context.close()
  })
})
