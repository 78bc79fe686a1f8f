import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../browser.ts'
import { demoUrl, issuer } from './client.ts'

const axe = createRequire(import.meta.url).resolve('axe-core')

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
})

/** From the demo's start page to the consent page, as a person would. */
async function arriveAtConsent(page: Page, username: string): Promise<void> {
  await page.goto(demoUrl)
  await page.getByRole('button', { name: 'Sign in with Gatehouse' }).first().click()
  expect(new URL(page.url()).origin).toBe(issuer)
  await page.fill('input[name="username"]', username)
  await page.fill('input[name="password"]', username)
  await page.locator('form:has(input[name="password"]:visible) button').last().click()
  await page.waitForURL(/\/interaction\/[^/]+\/consent/)
}

const box = (scope: string) => `input[name="scope"][value="${scope}"]`

async function sees(page: Page, text: RegExp): Promise<void> {
  await page.locator('main', { hasText: text }).waitFor()
}

/** What was allowed before is folded away: opened first, as a person would. */
async function setBox(page: Page, scope: string, checked: boolean): Promise<void> {
  if (!(await page.isVisible(box(scope)))) await page.click(`details:has(${box(scope)}) > summary`)
  await page.setChecked(box(scope), checked)
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('the demo in a real browser, %s', (_, javaScriptEnabled) => {
  it('a person unticks scopes, and the tokens carry what was ticked', async () => {
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await arriveAtConsent(page, 'jane')
    // Optional boxes are the person's to tick; openid is no box.
    expect(await page.locator(box('openid')).count()).toBe(0)
    await setBox(page, 'notes:read', true)
    await setBox(page, 'email', true)
    await setBox(page, 'email', false)
    await setBox(page, 'calendar:read', false)
    await setBox(page, 'offline_access', true)
    await page.locator('button[name="decision"][value="allow"]').click()
    await page.waitForURL(`${demoUrl}/result`)
    await sees(page, /ask again for what I declined/i)
    const press = (name: RegExp) => page.getByRole('button', { name }).first().click()
    await press(/read.*notes/i)
    await sees(page, /\b200\b/)
    await press(/calendar/i)
    await sees(page, /insufficient_scope/)
    await press(/^refresh$/i)
    await press(/read.*notes/i)
    await sees(page, /\b200\b/)
    await press(/^revoke$/i)
    await press(/read.*notes/i)
    await sees(page, /invalid_token/)
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('the pages of the running server', () => {
  it('Back and Deny: the client is told, and a second try works', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await arriveAtConsent(page, 'bob')
    await page.reload()
    await page.locator('button[name="decision"][value="deny"]').click()
    await page.waitForURL((url) => url.origin === demoUrl)
    expect(await page.locator('main').innerText()).toMatch(/access_denied/)
    await page.goBack()
    await page.goto(demoUrl)
    await page.getByRole('button', { name: 'Sign in with Gatehouse' }).first().click()
    // Still signed in: straight to the question.
    await page.waitForURL(/\/interaction\/[^/]+\/consent/)
    await context.close()
  })

  it('Enter in a box decides nothing', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await arriveAtConsent(page, 'bob')
    await setBox(page, 'notes:write', true)
    await page.focus(box('notes:write'))
    await page.keyboard.press('Enter')
    await page.waitForLoadState()
    expect(page.url()).toMatch(/\/interaction\/[^/]+\/consent/)
    expect(await page.isChecked(box('notes:write'))).toBe(true)
    await context.close()
  })

  it.each([
    ['light', 320],
    ['dark', 1280],
  ] as const)('axe-core finds nothing, %s at %i px', async (colorScheme, width) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
    const page = await context.newPage()
    const violations = async () => {
      await page.addScriptTag({ path: axe })
      const found: unknown = await page.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`,
      )
      return found
    }
    await page.goto(demoUrl)
    expect(await violations()).toEqual([])
    await page.getByRole('button', { name: 'Sign in with Gatehouse' }).first().click()
    expect(await violations()).toEqual([])
    await page.fill('input[name="username"]', 'bob')
    await page.fill('input[name="password"]', 'bob')
    await page.locator('form:has(input[name="password"]:visible) button').last().click()
    await page.waitForURL(/\/consent/)
    expect(await violations()).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
      true,
    )
    await page.goto(`${issuer}/oauth/authorize?client_id=nobody`)
    expect(await violations()).toEqual([])
    await page.goto(issuer)
    expect(await violations()).toEqual([])
    await context.close()
  })

  it('asks nothing of anybody else, and is not shown in frames', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const origins = new Set<string>()
    page.on('request', (request) => origins.add(new URL(request.url()).origin))
    await page.goto(issuer)
    await page.goto(`${issuer}/oauth/authorize?client_id=nobody`)
    expect([...origins]).toEqual([issuer])
    const headers = (await fetch(issuer)).headers
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    await context.close()
  })
})
