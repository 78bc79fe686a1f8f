import type { Browser, BrowserContext, Page } from 'playwright-core'
import axe from 'axe-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../browser.ts'
import { demoUrl, issuer } from './client.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
})

const situations = (['light', 'dark'] as const).flatMap((colorScheme) =>
  ([320, 1280] as const).flatMap((width) =>
    (['en', 'ar'] as const).flatMap((lang) =>
      [true, false].map((hasScript) => ({ colorScheme, width, lang, hasScript })),
    ),
  ),
)

type Situation = (typeof situations)[number]

/** A browser that is set up so. Axe is a script itself, so "without JavaScript" means without any of the server's. */
async function openContext({ colorScheme, width, lang, hasScript }: Situation): Promise<BrowserContext> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
  await context.addCookies([{ name: 'lang', value: lang, url: issuer }])
  if (!hasScript) await context.route('**/*.js*', (route) => route.abort())
  return context
}

/** What axe-core finds, and whether something sticks out on the side. */
async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source)
  return page.evaluate(
    `axe.run().then(({ violations }) => [
       ...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)),
       ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['wider than the window'] : []),
     ])`,
  )
}

describe('WCAG 2.2 AA, as far as axe-core sees it', () => {
  it.each(situations)(
    '$colorScheme, $width px, $lang, scripts $hasScript: login, consent, connected apps, one of them, and the error page',
    async (situation) => {
      const context = await openContext(situation)
      const page = await context.newPage()
      const isRight = async () => {
        expect(await page.getAttribute('html', 'lang')).toBe(situation.lang)
        expect(await page.getAttribute('html', 'dir')).toBe(situation.lang === 'ar' ? 'rtl' : 'ltr')
        expect(await violations(page), page.url()).toEqual([])
      }
      await page.goto(demoUrl)
      // Everything that there is to ask for: cards, resources and claims, too.
      for (const asked of await page.locator('input[type="checkbox"]').all()) await asked.check()
      await page.getByRole('button', { name: 'Sign in with Gatehouse' }).last().click()
      await page.waitForURL(/\/login/)
      await isRight()

      await page.fill('input[name="username"]', 'jane')
      await page.fill('input[name="password"]', 'jane')
      await page.locator('form:has(input[name="password"]:visible) button').last().click()
      await page.waitForURL(/\/consent/)
      await isRight()

      await page.locator('button[name="decision"][value="allow"]').click()
      await page.waitForURL((url) => url.origin === demoUrl)
      await page.goto(`${issuer}/apps`)
      await isRight()

      await page.locator('main a[href^="/apps/"]').first().click()
      await page.waitForURL(/\/apps\/\d+/)
      await isRight()

      await page.goto(`${issuer}/oauth/authorize?client_id=nobody`)
      await isRight()
      await context.close()
    },
  )
})
