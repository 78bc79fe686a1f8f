import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { person } from '../flows/person.ts'
import { startServer, type ServerProcess } from '../server-process.ts'

/*
 * The headline request with the words that the demonstration really has: those of other languages take two or three bytes a letter.
 * The server is started for this file alone, so nothing that john decided elsewhere makes the page longer.
 */

let server: ServerProcess

beforeAll(async () => {
  server = await startServer(resolve(import.meta.dirname, '../../server/engine/main.ts'))
}, 60_000)

afterAll(() => server.stop())

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

describe('the consent page of the headline request', () => {
  it.each(['en', 'ja', 'de', 'ar'])('given %s, then HTML and CSS stay under 25,000 bytes', async (lang) => {
    const { issuer, demoUrl } = server
    const request = new URLSearchParams({
      client_id: 'demo-web',
      redirect_uri: `${demoUrl}/callback`,
      response_type: 'code',
      scope: 'openid account:basic notes:read calendar:read payments:send payment:inv-42',
      state: 'af0ifjsldkj',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', // RFC 7636 appendix B
      code_challenge_method: 'S256',
      ui_locales: lang,
      claims: JSON.stringify(claims),
      authorization_details: JSON.stringify(authorizationDetails),
    })
    const john = person(issuer)
    const { html } = await john.signIn(await john.visit(`${issuer}/oauth/authorize?${request.toString()}`), 'john')
    expect(html).toContain(`<html lang="${lang}"`)
    expect(html).toContain('name="detail.1.account"')
    // The preview beside it, with a sheet of its own, is there in demonstrations only.
    const page = html.replace(/<aside class="card preview"[^]*<\/aside>/, '')
    const sheet = /\/assets\/gatehouse\.css[^"]*/.exec(page)?.[0] ?? ''
    const css = await (await fetch(issuer + sheet)).text()
    expect(css.length).toBeGreaterThan(1_000)
    expect(Buffer.byteLength(page) + Buffer.byteLength(css)).toBeLessThan(25_000)
  })
})
