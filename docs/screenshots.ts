/** `npx tsx docs/screenshots.ts`: makes the pictures of the documents from the running server (`npm start` in another window). */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { openBrowser } from '../test/browser.ts'

const demoUrl = process.env['TEST_DEMO_URL'] ?? 'http://localhost:3001'
const issuer = process.env['ISSUER'] ?? 'http://localhost:3000'

const browser = await openBrowser()
for (const colorScheme of ['light', 'dark'] as const) {
  await picture(`consent-${colorScheme}`, { colorScheme }, async (page) => {
    // Fewer than the demo asks for, so that the picture fits a page.
    await arriveAtConsent(page, ['openid', 'profile', 'email', 'notes:read', 'notes:write', 'payments:send'])
    await page.check('input[name="scope"][value="notes:read"]')
  })
}
const wide = { viewport: { width: 1_180, height: 900 }, deviceScaleFactor: 1 }
await picture(
  'consent-details',
  wide,
  async (page) => {
    await arriveAtConsent(page, ['openid', 'notes:read', 'payment_initiation', 'account_information'])
    await page.check('input[name="detail.0"]')
    await page.fill('input[name="detail.0.amount"]', '12.00')
    await page.locator('input[name="detail.1.account"]').nth(1).check()
    await page.check('input[name="duration"][value="hour"]')
    await page.locator('pre', { hasText: '12.00' }).first().waitFor()
  },
  'body',
)
await picture('consent-arabic', { viewport: { width: 390, height: 844 }, locale: 'ar' }, async (page) => {
  await arriveAtConsent(page, ['openid', 'profile', 'notes:read', 'payments:send'])
})
await picture('connected-app', {}, async (page) => {
  await arriveAtConsent(page, ['openid', 'email', 'notes:read', 'calendar:read', 'payment_initiation'])
  for (const scope of ['email', 'notes:read']) await page.check(`input[name="scope"][value="${scope}"]`)
  await page.check('input[name="detail.0"]')
  await page.locator('button[name="decision"][value="allow"]').click()
  await page.waitForURL((url) => url.origin === demoUrl)
  await page.goto(`${issuer}/apps`)
  await page.locator('main a[href^="/apps/"]').first().click()
})
await browser.close()

/** A picture of the card that `go` ends at, or of the whole page. */
async function picture(
  name: string,
  options: BrowserContextOptions,
  go: (page: Page) => Promise<void>,
  part = 'main',
): Promise<void> {
  const viewport = { width: 620, height: 900 }
  const context = await browser.newContext({ viewport, deviceScaleFactor: 1.5, ...options })
  const page = await context.newPage()
  await go(page)
  await page
    .locator(part)
    .first()
    .screenshot({ path: `docs/${name}.png` })
  await context.close()
}

/** From the demo's start page to the consent page, as john. Of what the demo can ask for, these are ticked, by their values. */
async function arriveAtConsent(page: Page, asked: readonly string[]): Promise<void> {
  await page.goto(demoUrl)
  for (const box of await page.locator('input[type="checkbox"]').all()) {
    await box.setChecked(asked.includes((await box.getAttribute('value')) ?? ''))
  }
  await page.getByRole('button', { name: 'Sign in with Gatehouse' }).last().click()
  await page.fill('input[name="username"]', 'john')
  await page.fill('input[name="password"]', 'john')
  await page.locator('form:has(input[name="password"]:visible) button').last().click()
  await page.waitForURL(/\/consent/)
}
