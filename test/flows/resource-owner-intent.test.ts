import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBrowser } from '../browser.ts'
import {
  demoApiUrl,
  discoverDemoApi,
  discoverDemoWeb,
  finish,
  issuer,
  redirectUri,
  start,
  startByPar,
} from './client.ts'

/*
 * The headline, in a real browser: a client asks for scopes, claims and authorization details; the person narrows each of them on
 * one page; and everything that comes of it says exactly that.
 */

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
})

/** Six: two are required (openid, account:basic), one is sensitive (payments:send), one is parameterized (payment:inv-42). */
const scope = 'openid account:basic notes:read calendar:read payments:send payment:inv-42'

const claims = {
  id_token: { given_name: null, birthdate: { purpose: 'To congratulate you on the day' } },
  userinfo: { zoneinfo: { essential: true }, locale: null },
}

const authorizationDetails = [
  {
    type: 'payment_initiation',
    actions: ['initiate'],
    instructedAmount: { currency: 'EUR', amount: '123.50' },
    creditorName: 'Merchant A',
    creditorAccount: { iban: 'DE02100100109307118603' },
    remittanceInformationUnstructured: 'Ref number 42',
  },
  { type: 'account_information', actions: ['list_accounts', 'read_balances', 'read_transactions'] },
]

const box = (name: string, value: string) => `input[name="${name}"][value="${value}"]`

/** Ticks or unticks a box wherever it is: what was allowed before is folded away. */
async function setBox(page: Page, selector: string, checked: boolean): Promise<void> {
  for (const summary of await page.locator(`details:not([open]):has(${selector}) > summary`).all())
    await summary.click()
  await page.setChecked(selector, checked)
}

describe.each([
  ['plainly, with JavaScript', start, true],
  ['through PAR, without JavaScript', startByPar, false],
] as const)('a person narrows a request that came %s', (_, begin, javaScriptEnabled) => {
  it('token response, ID token, userinfo, introspection, refresh and the resource API agree with exactly what was chosen', async () => {
    const client = await discoverDemoWeb()
    const started = await begin(client, scope, {
      prompt: 'consent',
      claims: JSON.stringify(claims),
      authorization_details: JSON.stringify(authorizationDetails),
    })
    const context = await browser.newContext({ javaScriptEnabled, locale: 'en-GB' })
    // The client of this test is the test: nobody else may redeem its code.
    await context.route(`${redirectUri}*`, (route) => route.fulfill({ body: 'Back at the client.' }))
    const page = await context.newPage()
    await page.goto(started.url.href)
    await page.fill('input[name="username"]', 'john')
    await page.fill('input[name="password"]', 'john')
    await page.locator('form:has(input[name="password"]:visible) button').last().click()
    await page.waitForURL(/\/interaction\/[^/]+\/consent/)

    for (const required of ['openid', 'account:basic'])
      expect(await page.locator(box('scope', required)).count()).toBe(0)
    expect(await page.getByText('Sensitive').count()).toBeGreaterThan(0)
    for (const [name, ticked] of [
      ['notes:read', true],
      ['payment:inv-42', true],
      ['calendar:read', false],
      ['payments:send', false],
    ] as const) {
      await setBox(page, box('scope', name), ticked)
    }
    expect(await page.getByText('To congratulate you on the day').count()).toBe(1)
    await setBox(page, box('claim', 'given_name'), true)
    await setBox(page, box('claim', 'locale'), true)
    await setBox(page, box('claim', 'birthdate'), false)

    await page.setChecked('input[name="detail.0"]', true)
    await page.fill('input[name="detail.0.amount"]', '40.00')
    const accounts = page.locator('input[name="detail.1.account"]')
    expect(await accounts.count()).toBe(3)
    const chosen = (await accounts.nth(1).getAttribute('value')) ?? ''
    await accounts.nth(1).check()
    await page.setChecked(box('detail.1.action', 'read_transactions'), false)
    await page.check(box('duration', 'hour'))
    await page.locator('button[name="decision"][value="allow"]').click()
    await page.waitForURL(`${redirectUri}?*`)
    const tokens = await finish(client, new URL(page.url()), started)

    // One hour, and not a second more: the record of this decision says until when.
    await page.goto(`${issuer}/apps`)
    const app = (await page.locator('main a[href^="/apps/"]').first().getAttribute('href')) ?? ''
    const answer = await page.request.get(`${issuer}${app}/record.json`)
    expect(lastDecision.parse(await answer.json())).toBe(3_600)
    await context.close()

    const grantedScopes = ['account:basic', 'notes:read', 'openid', 'payment:inv-42']
    const grantedDetails = [
      { ...authorizationDetails[0], instructedAmount: { currency: 'EUR', amount: '40.00' } },
      {
        type: 'account_information',
        actions: ['list_accounts', 'read_balances'],
        accounts: [expect.objectContaining({ iban: chosen })],
      },
    ]
    expect(words(tokens.scope)).toEqual(grantedScopes)
    expect(tokens['authorization_details']).toEqual(grantedDetails)

    const idToken = decodeJwt(tokens.id_token ?? '')
    expect(idToken['given_name']).toBe('John')
    expect(idToken).not.toHaveProperty('birthdate')
    expect(idToken).not.toHaveProperty('zoneinfo')

    const userinfo = await oidc.fetchUserInfo(client, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(Object.keys(userinfo).sort()).toEqual(['locale', 'sub', 'zoneinfo'])

    const introspected = await oidc.tokenIntrospection(await discoverDemoApi(), tokens.access_token)
    expect(words(introspected.scope)).toEqual(grantedScopes)
    expect(introspected['authorization_details']).toEqual(grantedDetails)

    expect((await call('/notes', tokens.access_token)).status).toBe(200)
    expect((await call('/calendar', tokens.access_token)).status).toBe(403)
    const listed = await call('/accounts', tokens.access_token)
    expect(listed.status).toBe(200)
    expect(await listed.text()).toContain(chosen)
    const pay = (amount: string) =>
      call('/payments', tokens.access_token, { to: 'Merchant A', amount, currency: 'EUR' })
    expect((await pay('40.00')).status).toBe(201)
    expect((await pay('40.01')).status).toBe(403)

    const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '')
    expect(words(refreshed.scope)).toEqual(grantedScopes)
    expect(refreshed['authorization_details']).toEqual(grantedDetails)
    await expect(
      oidc.refreshTokenGrant(client, refreshed.refresh_token ?? '', { scope: 'openid calendar:read' }),
    ).rejects.toMatchObject({ error: 'invalid_scope' })
  })
})

/** Of the latest record about this request: the seconds between the decision and the end. */
const lastDecision = z
  .object({
    records: z.array(
      z.object({
        at: z.iso.datetime(),
        duration: z.string().optional(),
        ends_at: z.iso.datetime().nullish(),
        requested: z.object({ scopes: z.array(z.string()) }).optional(),
      }),
    ),
  })
  .transform(({ records }) => {
    const ours = records.find(({ requested }) => requested?.scopes.includes('payment:inv-42'))
    return (Date.parse(ours?.ends_at ?? '') - Date.parse(ours?.at ?? '')) / 1000
  })

function words(text: string | undefined): string[] {
  return (text ?? '').split(' ').sort()
}

function call(path: string, accessToken: string, body?: object): Promise<Response> {
  return fetch(`${demoApiUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}
