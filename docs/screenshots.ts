/** `npx tsx docs/screenshots.ts`: makes the pictures of the documents from the running server (`npm start` in another window). */
import { openBrowser } from '../test/browser.ts'

const demoUrl = process.env['TEST_DEMO_URL'] ?? 'http://localhost:3001'

const browser = await openBrowser()
for (const colorScheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width: 620, height: 900 },
    deviceScaleFactor: 1.5,
  })
  const page = await context.newPage()
  await page.goto(demoUrl)
  // Fewer than the demo asks for, so that the picture fits a page.
  for (const scope of ['offline_access', 'phone', 'address', 'calendar:read', 'account:basic', 'telemetry']) {
    await page.uncheck(`input[name="scope"][value="${scope}"]`)
  }
  await page.getByRole('button', { name: 'Sign in with Gatehouse' }).last().click()
  await page.fill('input[name="username"]', 'john')
  await page.fill('input[name="password"]', 'john')
  await page.locator('form:has(input[name="password"]:visible) button').last().click()
  await page.waitForURL(/\/consent/)
  await page.check('input[name="scope"][value="notes:read"]')
  await page.screenshot({ path: `docs/consent-${colorScheme}.png`, fullPage: true })
  await context.close()
}
await browser.close()
