import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConsentPage, Pages } from '../../server/pages.ts'
import { renderPage, shownClaims, shownScopes } from '../../server/pages.ts'
import { compactStyleSheet } from '../../server/style-sheets.ts'
import en from '../../views/text/en.json' with { type: 'json' }
import { openBrowser } from '../browser.ts'
import { sampleApp, sampleAppRemoval, sampleApps, sampleDetailRemoval, sampleSignIn } from './apps-samples.ts'
import type { PageSite } from './page-site.ts'
import { startPageSite } from './page-site.ts'
import {
  sampleAccounts,
  sampleConsent,
  sampleDetailedConsent,
  sampleError,
  sampleHeadlineConsent,
  sampleHome,
  sampleLogin,
  sampleRow,
} from './sample-pages.ts'

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

/** Opens a page in a context of its own, which the test's end closes. */
async function open<Name extends keyof Pages>(
  name: Name,
  model: Pages[Name],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  await page.goto(site.add(await renderPage(name, model)))
  return page
}

/** The bytes of a style sheet as it is sent. */
function sentSize(sheet: string): number {
  return Buffer.byteLength(compactStyleSheet(readFileSync(path.join(views, 'public', sheet), 'utf8')))
}

/** What the form posted: the address, and every name with its values. */
async function posted(page: Page): Promise<{ path: string; values: (name: string) => string[] }> {
  await page.waitForURL('**/interaction/**')
  const { pathname, searchParams } = new URL((await page.locator('body').textContent()) ?? '', 'http://localhost')
  return { path: pathname, values: (name) => searchParams.getAll(name) }
}

const withoutScript = { javaScriptEnabled: false }

describe('WCAG 2.2 AA, in a real browser', () => {
  const samples = {
    login: () => renderPage('login', { ...sampleLogin, problem: { kind: 'wrong' } }),
    accounts: () => renderPage('accounts', sampleAccounts),
    consent: () => renderPage('consent', sampleConsent),
    'consent in detail': () => renderPage('consent', sampleDetailedConsent),
    error: () => renderPage('error', sampleError),
    home: () => renderPage('home', sampleHome),
    'sign-in': () => renderPage('sign-in', sampleSignIn),
    apps: () => renderPage('apps', sampleApps),
    app: () => renderPage('app', sampleApp),
    'app removal': () => renderPage('app-removal', sampleAppRemoval),
    'detail removal': () => renderPage('app-removal', sampleDetailRemoval),
  }
  const cases = Object.entries(samples).flatMap(([name, render]) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      [true, false].map((hasScript) => ({ name, render, colorScheme, hasScript })),
    ),
  )

  it.each(cases)(
    '$name, $colorScheme, script $hasScript: axe finds nothing, nothing is cut off, the policy blocks nothing',
    async ({ render, colorScheme, hasScript }) => {
      const html = await render()
      const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('requestfailed', (request) => complaints.push(request.url()))
      // axe is a script itself, so the page's own is kept from running only while the page loads.
      const devtools = await context.newCDPSession(page)
      await devtools.send('Emulation.setScriptExecutionDisabled', { value: !hasScript })
      await page.goto(site.add(html))
      await devtools.send('Emulation.setScriptExecutionDisabled', { value: false })
      await page.evaluate(axe.source)
      await page.evaluate('document.querySelectorAll("details").forEach((details) => { details.open = true })')

      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 })
        const found: string[] = await page.evaluate(
          'axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)))',
        )
        expect(found).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      }
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  it('consent, right to left: nothing is cut off at 320 pixels', async () => {
    const page = await open('consent', { ...sampleConsent, dir: 'rtl' }, { viewport: { width: 320, height: 900 } })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.context().close()
  })

  it('§2.5.8: every row of the consent page and every button is at least 44 pixels high', async () => {
    const page = await open('consent', sampleConsent)
    const targets = await page.locator('.row.optional, button:visible').all()
    const heights = await Promise.all(targets.map(async (target) => (await target.boundingBox())?.height ?? 44))
    expect(heights.length).toBeGreaterThan(8)
    expect(Math.min(...heights.filter((height) => height > 1))).toBeGreaterThanOrEqual(44)
    await page.context().close()
  })
})

describe('the consent page: what it shows', () => {
  it('C5: no box is ticked unless the page says so, and C4: what is required has no box', async () => {
    const page = await open('consent', sampleConsent, withoutScript)
    const valuesOf = (selector: string) =>
      page.evaluate<string[]>(`[...document.querySelectorAll('${selector}')].map((box) => box.value)`)
    expect(await valuesOf('input[type=checkbox][name=scope]')).toEqual(shownScopes(sampleConsent).optional)
    expect(await valuesOf('input[type=checkbox][name=claim]')).toEqual(shownClaims(sampleConsent).optionalClaims)
    expect(await valuesOf('input[type=checkbox]:checked')).toEqual(['tasks:read'])
    await page.context().close()
  })

  it('shownScopes() names every scope once, by how it is shown', () => {
    expect(shownScopes(sampleConsent)).toEqual({
      required: ['openid', 'calendar:read'],
      optional: [
        ...['profile', 'email', 'calendar:write', 'calendar:rooms', 'calendar:share', 'contacts:read', 'tasks:read'],
        'offline_access',
      ],
      implicit: ['status'],
    })
  })

  it('shownClaims() names every claim once, by how it is shown', () => {
    expect(shownClaims(sampleConsent)).toEqual({ requiredClaims: ['phone_number'], optionalClaims: ['nickname'] })
  })

  it('§5.5: a claim is a box with the words of the client in them, or a fixed row when it is essential', async () => {
    const page = await open('consent', sampleConsent)
    expect(await page.getByRole('checkbox', { name: 'Nickname' }).getAttribute('name')).toBe('claim')
    expect(await page.getByText('Daybook says why: To greet you.').isVisible()).toBe(true)
    expect(await page.getByRole('checkbox', { name: 'Phone' }).count()).toBe(0)
    await page.context().close()
  })

  it('C12: one duration is chosen, each says what it means, and there is a way to Connected apps', async () => {
    const page = await open('consent', sampleConsent, withoutScript)
    const group = page.getByRole('group', { name: 'How long it may last' })
    expect(await group.getByRole('radio').count()).toBe(4)
    expect(await group.getByRole('radio', { name: 'For 30 days' }).isChecked()).toBe(true)
    await group.getByText('Until I remove it').click()
    expect(await group.getByRole('radio', { checked: true }).getAttribute('value')).toBe('unlimited')
    expect(await page.getByRole('link', { name: 'Connected apps' }).first().getAttribute('href')).toBe('/apps')
    await page.context().close()
    expect(await renderPage('consent', { ...sampleConsent, durations: [] })).not.toContain('name="duration"')
  })

  it('RFC 9396, RFC 8707: cards stand under the names of their resources, and the page says what becomes of earlier choices', async () => {
    const page = await open('consent', sampleDetailedConsent, withoutScript)
    const section = page.locator('section', { has: page.locator('#details') })
    expect(await section.locator('h3.hint').allInnerTexts()).toEqual(['Example Bank', 'Example API'])
    expect(await section.getByRole('heading', { name: 'Make one payment' }).count()).toBe(1)
    expect(await page.getByRole('checkbox', { name: 'Make one payment: 1234' }).count()).toBe(1)
    expect(await page.getByText('for Example Bank and Example API only').isVisible()).toBe(true)
    expect(await page.getByText('adds to what you allowed').isVisible()).toBe(true)
    await page.context().close()
  })

  it('C3: a box is named by its title and described by its marks and its description', async () => {
    const page = await open('consent', sampleConsent)
    const box = page.getByRole('checkbox', { name: 'Share your calendar', exact: true })
    const describedBy = (await box.getAttribute('aria-describedby'))?.split(' ') ?? []
    const description = await Promise.all(describedBy.map((id) => page.locator(`#${id}`).innerText()))
    expect(description.join(' ')).toContain('Sensitive')
    expect(description.join(' ')).toContain('People you choose see when you are free.')
    expect(description.join(' ')).toContain('You said no on 3 May 2026.')
    await page.context().close()
  })

  it('C2: the real values are in a disclosure, and a click on a row ticks its box', async () => {
    const page = await open('consent', sampleConsent)
    const row = page.locator('.row', { has: page.locator('[value=profile]') })
    await row.click({ position: { x: 150, y: 40 } })
    expect(await page.locator('[value=profile]').isChecked()).toBe(true)
    expect(await row.getByText('1990-03-09').isVisible()).toBe(false)
    await row.getByText('Will share').click()
    expect(await row.getByText('1990-03-09').isVisible()).toBe(true)
    expect(await page.locator('[value=profile]').isChecked()).toBe(true)
    await page.context().close()
  })

  it('a group of more than ten collapses the rest, but hides nothing required', async () => {
    const many = Array.from({ length: 14 }, (_, index) =>
      sampleRow(`s${index}`, `Permission ${index}`, 'What it is.', index === 13 ? { mode: 'required' } : {}),
    )
    const groups = [{ title: 'Many', lang: undefined, rows: many }]
    const page = await open('consent', { ...sampleConsent, groups })
    expect(await page.getByText('Permission 13').isVisible()).toBe(true)
    expect(await page.getByText('Permission 12').isVisible()).toBe(false)
    await page.getByText('Show 4 more').click()
    expect(await page.getByText('Permission 12').isVisible()).toBe(true)
    await page.context().close()
  })

  it('C13: says where the answer goes, and warns when that is an app on this device', async () => {
    const textOf = async (destination: ConsentPage['destination']) => {
      const page = await open('consent', { ...sampleConsent, destination }, withoutScript)
      const line = page.locator('.destination')
      const said = { text: (await line.innerText()).trim(), emphasised: await line.locator('b').innerText() }
      await page.context().close()
      return said
    }
    expect(await textOf(sampleConsent.destination)).toEqual({
      text: 'After you choose, you go back to app.daybook.example',
      emphasised: 'daybook.example',
    })
    expect(await textOf({ kind: 'loopback', port: '53127' })).toEqual({
      text: 'After you choose, you go back to an app on this device (port 53127).\nContinue only if you started this yourself.',
      emphasised: 'Continue only if you started this yourself.',
    })
    const html = await renderPage('consent', {
      ...sampleConsent,
      destination: { kind: 'app', scheme: 'com.example.app' },
    })
    expect(html).toContain('installed app (<bdi>com.example.app</bdi>)')
  })

  it('C14: Allow and Deny have the same size and class, and Allow says what it allows', async () => {
    const page = await open('consent', sampleConsent)
    const allow = page.getByRole('button', { name: 'Allow selected' })
    const deny = page.getByRole('button', { name: 'Deny' })
    const [first, second] = [await allow.boundingBox(), await deny.boundingBox()]
    expect([first?.width, first?.height]).toEqual([second?.width, second?.height])
    expect(await allow.getAttribute('class')).toBe(await deny.getAttribute('class'))
    await page.context().close()
  })

  it('the title names client and service, and begins with Error when there is a problem', async () => {
    const page = await open('consent', sampleConsent, withoutScript)
    expect(await page.title()).toBe('Allow Daybook? – Gatehouse')
    await page.goto(site.add(await renderPage('consent', { ...sampleConsent, problem: 'stale' })))
    expect(await page.title()).toBe('Error: Allow Daybook? – Gatehouse')
    await page.context().close()
  })

  it.each(['en', 'de', 'ja', 'ar'])('C20: HTML and CSS stay under 25 kB in %s, with cards as well', async (lang) => {
    const picker = { form: 'choices' }
    for (const sample of [sampleConsent, sampleDetailedConsent, sampleHeadlineConsent]) {
      const html = await renderPage('consent', { ...sample, lang, picker })
      const sheets = [...html.matchAll(/<link rel="stylesheet" href="\/assets\/([^?]+)/g)].map(([, file = '']) => file)
      expect(sheets).toEqual(['gatehouse.css'])
      expect(Buffer.byteLength(html) + sentSize('gatehouse.css')).toBeLessThan(25_000)
    }
  })

  it('C20: the style sheet stays within 7.5 kB, the script under 3 kB', () => {
    expect(sentSize('gatehouse.css')).toBeLessThanOrEqual(7_500)
    expect(readFileSync(path.join(views, 'public', 'consent.js')).byteLength).toBeLessThan(3_000)
  })
})

describe('connected apps: what they show', () => {
  it('given a client without links, then there is no room for them', async () => {
    const client = { ...sampleApp.client, clientUri: undefined, policyUri: undefined, tosUri: undefined }
    expect(await renderPage('app', { ...sampleApp, client })).toContain('<footer></footer>')
  })

  it('WCAG 2.2 §3.1.2: title and description of a scope each say their language where it is not that of the page', async () => {
    const [scope] = sampleApp.scopes
    const titled = await renderPage('app', { ...sampleApp, scopes: scope ? [{ ...scope, lang: 'de' }] : [] })
    expect(titled).toContain(`<b lang="de"><bdi>${scope?.title}</bdi></b>`)
    expect(titled).toContain(`<p><bdi>${scope?.description}</bdi></p>`)
    const described = await renderPage('app', {
      ...sampleApp,
      scopes: scope ? [{ ...scope, descriptionLang: 'de' }] : [],
    })
    expect(described).toContain(`<p lang="de"><bdi>${scope?.description}</bdi></p>`)
    expect(described).toContain(`<b><bdi>${scope?.title}</bdi></b>`)
  })
})

describe('the consent page: what it posts', () => {
  it.each([true, false])('Allow posts the ticked scopes and no other (script: %s)', async (javaScriptEnabled) => {
    const page = await open('consent', sampleConsent, { javaScriptEnabled })
    await page.getByLabel('Book rooms').check()
    await page.getByLabel('See your profile').check()
    await page.getByLabel('Nickname').check()
    await page.getByRole('button', { name: 'Allow selected' }).click()
    const form = await posted(page)
    expect(form.path).toBe('/interaction/b7Yt2kQm0e/consent')
    expect(form.values('scope')).toEqual(['profile', 'calendar:rooms', 'tasks:read'])
    expect(form.values('claim')).toEqual(['nickname'])
    expect(form.values('duration')).toEqual(['month'])
    expect(form.values('decision')).toEqual(['allow'])
    expect(form.values('csrf_token')).toEqual(['a-token'])
    await page.context().close()
  })

  it('the language picker posts what is ticked, and Enter does not press it', async () => {
    const model = { ...sampleConsent, picker: { form: 'choices' } }
    const page = await open('consent', model, withoutScript)
    await page.getByLabel('Book rooms').check()
    await page.getByRole('button', { name: 'Deutsch' }).click()
    const form = await posted(page)
    expect(form.path).toBe('/interaction/b7Yt2kQm0e/consent')
    expect([form.values('scope'), form.values('lang')]).toEqual([['calendar:rooms', 'tasks:read'], ['de']])
    expect(form.values('decision')).toEqual([])
    await page.goBack()
    await page.getByLabel('Book rooms').press('Enter')
    const entered = await posted(page)
    expect([entered.values('lang'), entered.values('decision')]).toEqual([[], ['review']])
    await page.context().close()
  })

  it('Deny posts deny, and Switch account posts to its own address', async () => {
    const page = await open('consent', sampleConsent, withoutScript)
    await page.getByRole('button', { name: 'Deny' }).click()
    expect((await posted(page)).values('decision')).toEqual(['deny'])
    await page.goBack()
    await page.getByRole('button', { name: 'Switch account' }).click()
    const form = await posted(page)
    expect([form.path, form.values('csrf_token')]).toEqual(['/interaction/b7Yt2kQm0e/switch', ['a-token']])
    await page.context().close()
  })

  it.each([true, false])('C14: Enter in a checkbox decides nothing (script: %s)', async (javaScriptEnabled) => {
    const page = await open('consent', sampleConsent, { javaScriptEnabled })
    await page.getByLabel('Book rooms').press('Enter')
    expect((await posted(page)).values('decision')).toEqual(['review'])
    await page.context().close()
  })

  it('by keyboard alone: the boxes come before Allow, and Allow before Deny', async () => {
    const page = await open('consent', sampleConsent)
    const focused = () => page.evaluate<string>('document.activeElement.value ?? document.activeElement.tagName')
    const order: string[] = []
    while (order.at(-1) !== 'deny' && order.length < 40) {
      await page.keyboard.press('Tab')
      order.push(await focused())
      if (order.at(-1) === 'calendar:write') await page.keyboard.press('Space')
    }
    const stops = ['profile', 'calendar:write', 'offline_access', 'allow', 'deny']
    expect(order.filter((stop) => stops.includes(stop))).toEqual(stops)
    expect(order).not.toContain('review')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    const form = await posted(page)
    expect([form.values('decision'), form.values('scope')]).toEqual([['allow'], ['calendar:write', 'tasks:read']])
    await page.context().close()
  })

  it('C6: without a script, a button asks the server to select all', async () => {
    const page = await open('consent', sampleConsent, withoutScript)
    await page.getByRole('button', { name: 'Select all except sensitive' }).click()
    expect((await posted(page)).values('decision')).toEqual(['select-all'])
    await page.context().close()
  })

  it('C6: with a script, a group is selected at once but for its sensitive scopes, and a line counts', async () => {
    const page = await open('consent', sampleConsent)
    expect(await page.getByRole('button', { name: 'Select all' }).isVisible()).toBe(false)
    const all = page.getByLabel('Select all except sensitive')
    const isIndeterminate = () => page.evaluate('document.querySelector("[data-select-all]").indeterminate')
    expect(await page.locator('.tally').innerText()).toBe('1 of 9 permissions selected')

    await all.check()
    expect(await page.getByLabel('Book rooms').isChecked()).toBe(true)
    expect(await page.getByLabel('Share your calendar').isChecked()).toBe(false)
    expect(await page.locator('.tally').innerText()).toBe('3 of 9 permissions selected')

    await page.getByLabel('Book rooms').uncheck()
    expect([await all.isChecked(), await isIndeterminate()]).toEqual([false, true])
    await page.getByLabel('Add and change appointments').uncheck()
    expect([await all.isChecked(), await isIndeterminate()]).toEqual([false, false])
    await page.context().close()
  })

  it.each([true, false])(
    'C7: a problem has the focus and leads to a way out (script: %s)',
    async (javaScriptEnabled) => {
      const page = await open('consent', { ...sampleConsent, problem: 'nothing-selected' }, { javaScriptEnabled })
      expect(await page.locator('[role=alert]:focus').count()).toBe(1)
      await page.getByRole('link', { name: 'Deny instead' }).click()
      await page.keyboard.press('Enter')
      expect((await posted(page)).values('decision')).toEqual(['deny'])
      await page.context().close()
    },
  )

  it('C7: the link of a problem leads to the first box there is', async () => {
    const page = await open('consent', { ...sampleConsent, problem: 'nothing-selected' })
    await page.getByRole('link', { name: 'Select at least one' }).click()
    expect(await page.evaluate('document.activeElement.value')).toBe('profile')
    await page.context().close()
  })

  it('C16: when the client demanded the account, the page explains instead of switching', async () => {
    const page = await open('consent', { ...sampleConsent, accountLocked: true }, withoutScript)
    expect(await page.getByRole('button', { name: 'Switch account' }).count()).toBe(0)
    expect(await page.getByText('Daybook asked for this account.').isVisible()).toBe(true)
    await page.context().close()
  })
})

describe('text of others stays text', () => {
  const hostile = '"><script>document.title="owned"</script><img src=x onerror=alert(1)>\u202Eevil\u2066\u200B'
  const shown = '"><script>document.title="owned"</script><img src=x onerror=alert(1)>evil'

  it('in the name of a client, in scopes, in values and in errors', async () => {
    const client = { ...sampleConsent.client, name: hostile }
    const row = sampleRow(hostile, hostile, hostile, { lang: hostile, values: [{ label: hostile, value: hostile }] })
    const groups = [{ title: hostile, lang: hostile, rows: [row] }]
    const account = { username: hostile, name: hostile, email: hostile }
    const models = [
      await renderPage('consent', { ...sampleConsent, client, account, groups, identity: [row], serviceName: hostile }),
      await renderPage('login', { ...sampleLogin, client, username: hostile, problem: { kind: 'wrong' } }),
      await renderPage('accounts', { ...sampleAccounts, client, accounts: [account] }),
      await renderPage('error', { ...sampleError, error: hostile, errorDescription: hostile, requestId: hostile }),
    ]
    const context = await browser.newContext()
    const page = await context.newPage()
    for (const html of models) {
      expect(html).not.toMatch(/[\u202A-\u202E\u2060-\u206F\u200B]/)
      await page.goto(site.add(html))
      expect(await page.locator('script:not([src]), img[onerror]').count()).toBe(0)
      expect(await page.title()).not.toBe('owned')
    }
    await page.goto(site.add(models[0] ?? ''))
    expect(await page.locator('legend').first().textContent()).toBe(shown)
    expect(await page.locator('input[name=scope]').first().getAttribute('value')).toBe(shown)
    await context.close()
  })

  it('a client’s name is cut, stands in <bdi>, and is never empty', async () => {
    const titleOf = async (name: string) => {
      const html = await renderPage('login', { ...sampleLogin, client: { ...sampleLogin.client, name } })
      return /to continue to <bdi>([^<]*)<\/bdi>/.exec(html)?.[1]
    }
    expect(await titleOf('Daybook')).toBe('Daybook')
    expect(await titleOf('x'.repeat(5_000))).toBe(`${'x'.repeat(59)}…`)
    expect(await titleOf(`A${'\u0301'.repeat(5_000)}`)).toHaveLength(12)
    expect(await titleOf('\u202E\u200B ')).toBe('An app without a name')
  })

  it('addresses that a browser would run, or that are not encrypted, do not become links', async () => {
    const addresses = [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://daybook.example/',
      'no address',
      '//x.example',
    ]
    for (const address of addresses) {
      const client = {
        ...sampleLogin.client,
        clientUri: address,
        policyUri: address,
        tosUri: address,
        logoUri: address,
      }
      const html = await renderPage('login', { ...sampleLogin, client })
      expect(html).not.toContain('href="' + address)
      expect(html).not.toContain('<img')
    }
    const logoUri = 'data:image/png;base64,iVBORw0KGgo='
    const withLogo = { ...sampleLogin, client: { ...sampleLogin.client, logoUri } }
    expect(await renderPage('login', withLogo)).toContain(`src="${logoUri}"`)
  })
})

describe('the login page', () => {
  it('L1, L2: says for whom, and has fields that a password manager knows', async () => {
    const page = await open('login', sampleLogin, withoutScript)
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('to continue to Daybook')
    expect(await page.getByLabel('Username').getAttribute('autocomplete')).toBe('username webauthn')
    expect(await page.getByLabel('Password').getAttribute('autocomplete')).toBe('current-password')
    await page.getByLabel('Username').fill('john')
    await page.getByLabel('Password').fill('a long password')
    await page.getByLabel('Password').press('Enter')
    const form = await posted(page)
    expect([form.path, form.values('username'), form.values('password'), form.values('csrf_token')]).toEqual([
      '/interaction/b7Yt2kQm0e/login',
      ['john'],
      ['a long password'],
      ['a-token'],
    ])
    await page.context().close()
  })

  it('L1: a demanded account can be read and not changed', async () => {
    const page = await open('login', { ...sampleLogin, username: 'john', usernameLocked: true }, withoutScript)
    expect(await page.getByLabel('Username').inputValue()).toBe('john')
    expect(await page.getByLabel('Username').isEditable()).toBe(false)
    await page.context().close()
  })

  it('L3: one problem for all, with the focus; the username is kept and the password is not', async () => {
    const page = await open('login', { ...sampleLogin, username: 'john', problem: { kind: 'wrong' } }, withoutScript)
    expect(await page.title()).toBe('Error: Sign in – Gatehouse')
    expect(await page.locator('[role=alert]:focus').count()).toBe(1)
    expect(await page.getByLabel('Username').getAttribute('aria-invalid')).toBe('true')
    expect(await page.getByLabel('Username').inputValue()).toBe('john')
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    await page.context().close()
  })

  it('L3, L4: says when to try again and why one is asked again', async () => {
    const html = await renderPage('login', { ...sampleLogin, problem: { kind: 'too-many', retryAfterSeconds: 40 } })
    expect(html).toContain('Too many attempts. Try again in 40 seconds.')
    expect(html).toContain('<bdi>Daybook</bdi> asks you to sign in again.')
  })

  it('L5: a demo user signs in with one tap and without a script; outside demo mode nothing of it is there', async () => {
    const page = await open('login', sampleLogin, withoutScript)
    await page.getByRole('button', { name: 'Sign in as jane' }).click()
    const form = await posted(page)
    expect([form.path, form.values('username'), form.values('password')]).toEqual([
      '/interaction/b7Yt2kQm0e/login',
      ['jane'],
      ['jane'],
    ])
    await page.context().close()
    const html = await renderPage('login', { ...sampleLogin, demoUsers: [] })
    expect(html).toContain('href="https://accounts.example/forgot"')
    expect(html).not.toMatch(/demo/i)
  })

  it('cancel leads back to the client by its own form', async () => {
    const page = await open('login', sampleLogin, withoutScript)
    await page.getByRole('button', { name: 'Cancel and return to Daybook' }).click()
    const form = await posted(page)
    expect([form.path, form.values('decision')]).toEqual(['/interaction/b7Yt2kQm0e/cancel', ['deny']])
    await page.context().close()
  })

  it('L2: with a script, the password can be seen, and is sent as a password all the same', async () => {
    const page = await open('login', sampleLogin)
    const field = page.locator('#password')
    await page.getByRole('button', { name: 'Show' }).click()
    expect(await field.getAttribute('type')).toBe('text')
    await page.getByRole('button', { name: 'Hide' }).click()
    expect(await field.getAttribute('type')).toBe('password')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByLabel('Username').fill('john')
    await field.fill('a long password')
    await field.press('Enter')
    expect((await posted(page)).values('password')).toEqual(['a long password'])
    await page.goBack()
    expect(await field.getAttribute('type')).toBe('password')
    await page.context().close()
  })
})

describe('the other pages', () => {
  it('L6: an account, another account and signing out are buttons of one form', async () => {
    const page = await open('accounts', sampleAccounts, withoutScript)
    await page.getByRole('button', { name: 'Jane Doe' }).click()
    const form = await posted(page)
    expect([form.path, form.values('account')]).toEqual(['/interaction/b7Yt2kQm0e/accounts', ['jane']])
    await page.goBack()
    await page.getByRole('button', { name: 'Use another account' }).click()
    expect((await posted(page)).values('decision')).toEqual(['another'])
    await page.context().close()
  })

  it('E2: says what to do next, and keeps the particulars in a disclosure', async () => {
    const page = await open('error', sampleError, withoutScript)
    expect(await page.getByText('invalid_request').isVisible()).toBe(false)
    await page.getByText('Details', { exact: true }).click()
    for (const fact of ['invalid_request', 'A000001', '4f1f0a1c', '2026-11-21T10:00:00.000Z']) {
      expect(await page.getByText(fact).isVisible()).toBe(true)
    }
    expect(await page.getByRole('link', { name: 'Go to Daybook' }).getAttribute('href')).toBe(
      'https://daybook.example/',
    )
    expect(await page.getByRole('button', { name: 'Copy details' }).count()).toBe(0)
    await page.context().close()
  })

  it('E2: with a script, the details can be copied', async () => {
    const page = await open('error', sampleError, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByText('Details', { exact: true }).click()
    await page.getByRole('button', { name: 'Copy details' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain('Result code: A000001')
    await page.context().close()
  })

  it('E3: what was received stands beside what is registered, in development only', async () => {
    const html = await renderPage('error', sampleError)
    expect(html).toContain('https://daybook.example/calback')
    expect(html).toContain('<dd><code>https://daybook.example/callback</code></dd>')
    expect(await renderPage('error', { ...sampleError, howToFix: undefined })).not.toContain('How to fix')
  })

  it('E3: what is for developers is English, and says so on a page of another language', async () => {
    const html = await renderPage('error', { ...sampleError, lang: 'ar', dir: 'rtl' })
    expect(html).toContain('<p lang="en" dir="ltr">Register the redirect URI')
    expect(html).toContain('<code lang="en">redirect_uri is not registered for this client</code>')
  })

  it.each([
    ...(['request', 'expired', 'completed', 'other-account', 'forged', 'not-found'] as const),
    ...(['method-not-allowed', 'too-large', 'too-many', 'server'] as const),
  ])('E4, E6: there is a headline for %s', async (kind) => {
    const html = await renderPage('error', { ...sampleError, kind, retryAfterSeconds: 40 })
    expect(/<title>Error: (.*) – Gatehouse<\/title>/.exec(html)?.[1]).toBe(/<h1>(.*)<\/h1>/.exec(html)?.[1])
  })

  it('the home page shows the demo in demo mode only', async () => {
    expect(await renderPage('home', sampleHome)).toContain('Open the demo app')
    const html = await renderPage('home', {
      ...sampleHome,
      passkeys: undefined,
      demoClientUri: undefined,
      demoUsers: [],
    })
    expect(html).not.toMatch(/demo|password/i)
    expect(html).toContain('http://localhost:3000/.well-known/openid-configuration')
  })

  it('RFC 8414 §3.1: the metadata of an issuer with a path is found in front of that path', async () => {
    const html = await renderPage('home', { ...sampleHome, issuer: 'https://example.com/tenant' })
    expect(html).toContain('"https://example.com/tenant/.well-known/openid-configuration"')
    expect(html).toContain('"https://example.com/.well-known/oauth-authorization-server/tenant"')
  })
})

const views = path.join(import.meta.dirname, '..', '..', 'views')

describe('the templates', () => {
  const templates = readdirSync(views, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ejs'))
    .map((file) => ({ file, source: readFileSync(path.join(views, file), 'utf8') }))

  it.each(templates)('$file prints nothing unescaped and needs no hole in the policy', ({ source }) => {
    expect(source).not.toMatch(/<%-(?! include\()/)
    expect(source).not.toMatch(/\sstyle=|\son\w+=|<script(?! type="module" src=)|<style/)
  })

  it('fail when they ask for what the page does not have', async () => {
    const page = { ...sampleHome }
    Reflect.deleteProperty(page, 'signedOut')
    await expect(renderPage('home', page)).rejects.toThrow('There is no "signedOut" on this page')
  })

  it('use every text of the catalogue', () => {
    const server = path.join(views, '../server')
    const frontEnd = readdirSync(server, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('engine'))
      .map((file) => readFileSync(path.join(server, file), 'utf8'))
    const used = [...templates.map(({ source }) => source), ...frontEnd].join('\n')
    // `consent.notice.${notice}` stands for every text of that form.
    const forms = [...used.matchAll(/`([a-z-]+\.(?:[a-z.-]|\$\{[^}`]*\})+)`/g)].map(([, form = '']) => {
      const parts = form.split(/\$\{[^}]*\}/).map((part) => part.replaceAll('.', '\\.'))
      return new RegExp(`^${parts.join('[\\w-]+')}$`)
    })
    const isUsed = (key: string) => used.includes(`'${key}'`) || forms.some((form) => form.test(key))
    const keys = Object.keys(en).map((key) => key.replace(/#.*/, ''))
    expect(keys.filter((key) => !isUsed(key))).toEqual([])
  })
})
