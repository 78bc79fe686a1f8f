import axe from 'axe-core'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser } from '../browser.ts'
import { discoverDemoWeb, finish, issuer, redirectUri, start } from './client.ts'

/* WebAuthn, in a real browser with an authenticator that DevTools make. Bob signs in with a passkey in no other flow. */

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
})

/** A page whose person unlocks passkeys as soon as the browser asks for one: where it suggests them, with no button pressed. */
async function openWithAuthenticator(options: { suggests?: boolean; context?: BrowserContext } = {}) {
  const { suggests = false, context = await browser.newContext({ bypassCSP: true }) } = options
  const page = await context.newPage()
  if (!suggests) await page.addInitScript('delete PublicKeyCredential.isConditionalMediationAvailable')
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { context, page, devtools, authenticatorId, complaints }
}

async function signInWithPassword(page: Page): Promise<void> {
  await page.fill('input[name="username"]', 'bob')
  await page.fill('input[name="password"]', 'bob')
  await page.locator('form:has(input[name="password"]:visible) button').last().click()
}

async function addPasskey(page: Page, name: string): Promise<void> {
  await page.goto(`${issuer}/sign-in?return=%2F`)
  await signInWithPassword(page)
  await page.waitForURL(`${issuer}/`)
  await page.fill('input[name="name"]', name)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.waitForURL(`${issuer}/?passkey=added`)
}

async function signOut(page: Page): Promise<void> {
  await page.goto(issuer)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${issuer}/?signed-out`)
}

/** What the device holds. */
async function credentialsOf(devtools: CDPSession, authenticatorId: string) {
  return (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials
}

async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source)
  return page.evaluate(
    'axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))',
  )
}

/** Passkeys of other tests are no part of this one. */
async function removeAll(): Promise<void> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${issuer}/sign-in?return=%2F`)
  await signInWithPassword(page)
  await page.waitForURL(`${issuer}/`)
  const links = page.locator('a[href^="/passkeys/"]')
  while ((await links.count()) > 0) {
    await links.first().click()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.waitForURL(`${issuer}/?passkey=removed`)
  }
  await context.close()
}

beforeEach(removeAll)

describe('WebAuthn: signing in with a passkey', () => {
  it('given a passkey, then it answers an authorization request, and the ID token says so', async () => {
    const { context, page, complaints } = await openWithAuthenticator()
    await addPasskey(page, 'The phone')
    expect(await page.locator('main').innerText()).toContain('The phone')
    await signOut(page)

    const client = await discoverDemoWeb()
    const started = await start(client, 'openid', { prompt: 'login consent' })
    await page.goto(started.url.href)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.waitForURL(/\/consent/)
    expect(await page.locator('main').innerText()).toContain('Bob Okafor')
    const answered = page.waitForRequest((request) => request.url().startsWith(redirectUri))
    await page.locator('button[name="decision"][value="allow"]').click()
    const tokens = await finish(client, new URL((await answered).url()), started)
    expect(tokens.claims()).toMatchObject({ acr: 'urn:gatehouse:acr:passkey' })
    expect(Math.abs(Number(tokens.claims()?.['auth_time']) - Date.now() / 1000)).toBeLessThan(120)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('given a browser that suggests passkeys for the username, then no button is pressed', async () => {
    const { context, page } = await openWithAuthenticator({ suggests: true })
    await addPasskey(page, '')
    await signOut(page)
    await page.goto(`${issuer}/sign-in?return=%2F`)
    await page.waitForURL(`${issuer}/`)
    expect(await page.locator('main').innerText()).toContain('Bob Okafor')
    await context.close()
  })

  it('given a browser without the JSON methods, then passkeys work as well', async () => {
    const { context, page, complaints } = await openWithAuthenticator()
    await page.addInitScript(`
      for (const name of ['parseRequestOptionsFromJSON', 'parseCreationOptionsFromJSON']) delete PublicKeyCredential[name]
      delete PublicKeyCredential.prototype.toJSON
    `)
    await addPasskey(page, 'By hand')
    await signOut(page)
    await page.goto(`${issuer}/sign-in?return=%2F`)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.waitForURL(`${issuer}/`)
    expect(await page.locator('main').innerText()).toContain('By hand')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('given a second passkey on a device that has one, then the device refuses, and the page says so', async () => {
    const { context, page } = await openWithAuthenticator()
    await addPasskey(page, 'The phone')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('No passkey was added.').waitFor()
    await context.close()
  })

  it('given a page of an earlier session, then the button leads to a new sign-in', async () => {
    const { context, page } = await openWithAuthenticator()
    await page.goto(`${issuer}/sign-in?return=%2F`)
    await signInWithPassword(page)
    await page.waitForURL(`${issuer}/`)
    const other = await context.newPage()
    await signOut(other)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.waitForURL(`${issuer}/sign-in?return=%2F&again`)
    await signInWithPassword(page)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.waitForURL(`${issuer}/?passkey=added`)
    await context.close()
  })

  it('given a passkey that was removed, then it is refused, and the password still serves', async () => {
    const { context, page, devtools, authenticatorId } = await openWithAuthenticator()
    await addPasskey(page, 'The phone')
    expect(await credentialsOf(devtools, authenticatorId)).toHaveLength(1)
    await page.getByRole('link', { name: 'Remove: The phone' }).click()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.waitForURL(`${issuer}/?passkey=removed`)
    await signOut(page)
    await page.goto(`${issuer}/sign-in?return=%2F`)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('This passkey is not known here').first().waitFor()
    expect(await violations(page)).toEqual([])
    await signInWithPassword(page)
    await page.waitForURL(`${issuer}/`)
    await context.close()
  })
})

describe('the pages', () => {
  it.each([
    ['light', 320, 'en'],
    ['dark', 1280, 'en'],
    ['light', 320, 'ar'],
    ['dark', 320, 'de'],
  ] as const)('axe-core finds nothing, and nothing is cut off: %s, %i px, %s', async (colorScheme, width, lang) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
    const { page } = await openWithAuthenticator({ context })
    const isRight = async () => {
      expect(await violations(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    }
    await addPasskey(page, 'A name that is as long as names of passkeys can be, and no longer')
    await context.addCookies([{ name: 'lang', value: lang, url: issuer }])
    await page.reload()
    await isRight()
    await page.locator('a[href^="/passkeys/"]').click()
    await page.waitForURL(/\/remove$/)
    await isRight()
    await context.close()
  })

  it('without JavaScript there is no button that does nothing, and passkeys can be removed', async () => {
    const withScript = await openWithAuthenticator()
    await addPasskey(withScript.page, 'The phone')
    await withScript.context.close()

    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${issuer}/sign-in?return=%2F`)
    expect(await page.getByRole('button', { name: /passkey/i }).count()).toBe(0)
    await signInWithPassword(page)
    await page.waitForURL(`${issuer}/`)
    expect(await page.getByRole('button', { name: /passkey/i }).count()).toBe(0)
    await page.getByRole('link', { name: 'Remove: The phone' }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.waitForURL(`${issuer}/?passkey=removed`)
    await page.goto(issuer)
    // With none, and no way to add one, there is nothing to say.
    expect(await page.getByText('Passkeys').count()).toBe(1)
    expect(await page.getByText('Passkeys').isVisible()).toBe(false)
    await context.close()
  })

  it('in a browser without WebAuthn there is none either', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.addInitScript('delete globalThis.PublicKeyCredential')
    await page.goto(`${issuer}/sign-in?return=%2F`)
    expect(await page.getByRole('button', { name: /passkey/i }).count()).toBe(0)
    await context.close()
  })

  it('OpenID Connect Discovery §3: the class of passkeys is announced', async () => {
    const { acr_values_supported: classes } = (await discoverDemoWeb()).serverMetadata()
    expect(classes).toContain('urn:gatehouse:acr:passkey')
  })
})
