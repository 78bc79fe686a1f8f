import { afterEach, expect, it } from 'vitest'
import { startApp, type AppUnderTest } from './app-under-test.ts'

let app: AppUnderTest | undefined

afterEach(() => app?.close())

const result = { resultCode: 'A004001', resultMessage: '[A004001] test' }

it('E3: given a client that the engine does not have, then the page says what to send or where to register one', async () => {
  app = await startApp(({ operation }) =>
    operation.startsWith('client/get')
      ? Response.json(result, { status: 404 })
      : { action: 'BAD_REQUEST', responseContent: '{"error":"invalid_request"}', ...result },
  )
  const page = await app.fetch('/oauth/authorize?client_id=nobody', { headers: { accept: 'text/html' } })
  const html = await page.text()
  expect(page.status).toBe(400)
  expect(html).toContain('no client with the id nobody')
  expect(html).toMatch(/register one: POST \/api\/\d+\/client\/create/)
})
