/** `npx tsx docs/screenshots.ts`: makes the pictures of the documents from the running server (`npm start` in another window). */
import { openBrowser } from '../test/browser.ts'

const demoUrl = process.env['TEST_DEMO_URL'] ?? 'http://localhost:3001'

const browser = await openBrowser()
for (const colorScheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({ colorScheme, viewport: { width: 620, height: 900 }, deviceScaleFactor: 2 })
  const page = await context.newPage()
  await page.goto(demoUrl)
  await page.getByRole('button', { name: 'Sign in with Gatehouse' }).first().click()
  await page.screenshot({ path: `docs/login-${colorScheme}.png`, fullPage: true })
  await page.fill('input[name="username"]', 'john')
  await page.fill('input[name="password"]', 'john')
  await page.locator('form:has(input[name="password"]:visible) button').last().click()
  await page.waitForURL(/\/consent/)
  await page.check('input[name="scope"][value="notes:read"]')
  await page.screenshot({ path: `docs/consent-${colorScheme}.png`, fullPage: true })
  await context.close()
}
await browser.close()
