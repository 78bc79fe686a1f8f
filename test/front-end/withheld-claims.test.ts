import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readChoice, wholeGrant } from '../../server/consent-choice.ts'
import { demoPeople } from '../../server/demo-people.ts'
import { consentedClaims } from '../../server/requested-claims.ts'
import { onlyAsAsked, withheldClaims } from '../../server/withheld-claims.ts'
import { person } from '../flows/person.ts'
import { requestOf } from './allowed.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'

const claims = { nickname: 'Jack', birthdate: '1980-04-12', 'name#ja': '山田', address: { locality: 'Dublin' } }
const user = { subject: 's', username: 'u', claims }

const requestFor = (userinfo: object, idToken = {}) => ({
  ...requestOf({ clientId: 1 }),
  userInfoClaims: JSON.stringify(userinfo),
  idTokenClaims: JSON.stringify(idToken),
})

describe('OIDC Core §5.5.1: value and values', () => {
  it.each([
    ['the value is the same', { nickname: { value: 'Jack' } }, []],
    ['the value is another', { nickname: { value: 'Jim' } }, ['nickname']],
    ['one of the values is the same', { nickname: { values: ['Jim', 'Jack'] } }, []],
    ['none of the values is the same', { nickname: { values: ['Jim', 'Joe'] } }, ['nickname']],
    ['the list of values is empty', { nickname: { values: [] } }, ['nickname']],
    ['the person has no value', { website: { value: 'https://x.example' } }, ['website']],
    ['an object is the same', { address: { value: { locality: 'Dublin' } } }, []],
    ['an object has a member more', { address: { value: { locality: 'Dublin', country: 'IE' } } }, ['address']],
    ['a value looks the same, and is of another type', { birthdate: { value: 1980 } }, ['birthdate']],
    ['a translation is another', { 'name#ja': { value: '鈴木' } }, ['name#ja']],
    ['no value is asked for', { nickname: null, birthdate: { essential: true } }, []],
    ['the engine compares it', { sub: { value: 'x' }, acr: { values: ['y'] } }, []],
  ])('given that %s, then %#: the claim is released or withheld', (_what, asked, withheld) => {
    expect(withheldClaims(requestFor(asked), claims)).toEqual(withheld)
    expect(withheldClaims(requestFor({}, asked), claims)).toEqual(withheld)
  })

  it('given another value, then no way leads to the claim: not by name, not by a scope, not without a page', () => {
    const asked = { ...requestFor({ nickname: { value: 'Jim' }, birthdate: { value: '1980-04-12' } }), scopes: [] }
    expect(wholeGrant(asked, user, []).claims).toEqual(['birthdate'])
    const all = { scopes: ['profile'], claims: ['nickname'], withheld: ['nickname'] }
    expect(consentedClaims(asked, all)).not.toContain('nickname')
    const read = (form: string) =>
      readChoice({ request: asked }, { user }, new URLSearchParams(form), { lang: 'en', now: new Date() })
    expect(read('claim=birthdate')).toMatchObject({ grant: { claims: ['birthdate'], declinedClaims: [] } })
    expect(read('claim=nickname')).toEqual({ outcome: 'refused', name: 'nickname' })
  })

  it('given values that changed since, then what is released is still what was asked for', () => {
    const asked = JSON.stringify({ nickname: { value: 'Jim' }, 'name#ja': { value: 'x' }, birthdate: null })
    expect(onlyAsAsked({ ...claims, 'name#ja-Kana': 'y' }, asked)).toEqual({
      birthdate: claims.birthdate,
      address: claims.address,
    })
    expect(onlyAsAsked(claims, undefined)).toEqual(claims)
  })
})

describe('a request for certain values', () => {
  const result = { resultCode: 'A000000', resultMessage: '' }
  const subject = demoPeople[0]?.subject
  let app: AppUnderTest
  let accepted: Record<string, unknown>

  beforeAll(async () => {
    const script = ({ operation, body }: EngineCall) => {
      if (operation === 'auth/authorization') return accepted
      if (operation.startsWith('client/granted_scopes/get/')) return Response.json(result, { status: 403 })
      if (operation === 'auth/userinfo') {
        const userInfoClaims = '{"nickname":{"value":"Jim"},"birthdate":{"value":"1980-04-12"}}'
        return { action: 'OK', token: 't', subject, claims: ['nickname', 'birthdate'], userInfoClaims, ...result }
      }
      if (operation === 'auth/userinfo/issue') {
        return { action: 'JSON', responseContent: JSON.stringify(body['claims']), ...result }
      }
      const outcome = operation.endsWith('fail') ? `error=${String(body['reason'])}` : 'code=c'
      return { action: 'LOCATION', responseContent: `https://app.example/cb?${outcome}`, ...result }
    }
    app = await startApp(script, { people: demoPeople.slice(0, 1) })
  })
  afterAll(() => app.close())
  beforeEach(() => {
    app.calls.length = 0
    accepted = {
      action: 'INTERACTION',
      ticket: 't',
      client: { clientId: 1, clientName: 'Daybook', clientType: 'CONFIDENTIAL' },
      service: { apiKey: 1 },
      maxAge: 0,
      scopes: [{ name: 'openid' }],
      claims: ['nickname', 'birthdate', 'gender'],
      idTokenClaims: JSON.stringify({
        nickname: { value: 'Jim' },
        birthdate: { essential: true, value: '1999-09-09' },
        gender: { value: 'male' },
      }),
      ...result,
    }
  })
  const issued = () => app.calls.find(({ operation }) => operation === 'auth/authorization/issue')?.body

  it('then the page leaves out a voluntary claim, says that an essential one is not available, and tells neither value', async () => {
    const somebody = person(app.url)
    const page = await somebody.signIn(await somebody.visit(`${app.url}/oauth/authorize?client_id=x`))
    expect(page.html).not.toContain('nickname')
    expect(page.html).toContain('Not available')
    expect(page.html).not.toMatch(/Jack|1980-04-12/)
    await somebody.submit(page, { claim: 'gender' }, { name: 'decision', value: 'allow' })
    expect(issued()).toMatchObject({ claims: '{"gender":"male"}', consentedClaims: ['gender'] })

    // Allowed once, it needs no page, and with another value it is withheld all the same.
    accepted['idTokenClaims'] = '{"gender":{"value":"female"}}'
    accepted['claims'] = ['gender']
    app.calls.length = 0
    expect((await somebody.visit(`${app.url}/oauth/authorize?client_id=x`)).sentTo?.search).toBe('?code=c')
    expect(issued()).toMatchObject({ consentedClaims: [] })
    expect(issued()).not.toHaveProperty('claims')
  })

  it.each(['1980-04-12', '1999-09-09'])(
    'with prompt=none, nobody finds out by trying whether it is %s: a claim that was not allowed needs a page, whatever its value',
    async (value) => {
      const somebody = person(app.url)
      await somebody.signIn(await somebody.visit(`${app.url}/oauth/authorize?client_id=x`))
      const idTokenClaims = JSON.stringify({ birthdate: { value } })
      accepted = { ...accepted, action: 'NO_INTERACTION', client: { clientId: 2 }, idTokenClaims }
      const answer = await somebody.visit(`${app.url}/oauth/authorize?client_id=x`)
      expect(answer.sentTo?.search).toBe('?error=CONSENT_REQUIRED')
    },
  )

  it.each([
    ['the guess is right', 'male'],
    ['the guess is wrong', 'female'],
  ])(
    'without a scope, given that %s, when Allow is pressed with nothing ticked, then it ends alike',
    async (_what, value) => {
      accepted = {
        ...accepted,
        // Each with a client of its own, so that nothing is remembered.
        client: { clientId: value.length, clientName: 'Daybook', clientType: 'CONFIDENTIAL' },
        scopes: [],
        claims: ['gender'],
        idTokenClaims: undefined,
        userInfoClaims: JSON.stringify({ gender: { value } }),
      }
      const somebody = person(app.url)
      const page = await somebody.signIn(await somebody.visit(`${app.url}/oauth/authorize?client_id=x`))
      expect(page.html.includes('value="gender"')).toBe(value === 'male')
      const warned = await somebody.decide(page, 'allow')
      expect([warned.status, warned.html.includes('Select at least one permission')]).toEqual([400, true])
      expect((await somebody.decide(warned, 'allow')).sentTo?.search).toBe('?error=DENIED')
      expect(issued()).toBeUndefined()
    },
  )

  it('userinfo: what is not what was asked for is left out', async () => {
    await app.fetch('/oauth/userinfo', { headers: { Authorization: 'Bearer t' } })
    const issue = app.calls.find(({ operation }) => operation === 'auth/userinfo/issue')
    expect(issue?.body['claims']).toBe('{"birthdate":"1980-04-12"}')
  })
})
