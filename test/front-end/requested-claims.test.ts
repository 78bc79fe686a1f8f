import { describe, expect, it } from 'vitest'
import { readChoice } from '../../server/consent-choice.ts'
import { claimsBroughtBy, consentedClaims, requestedClaims } from '../../server/requested-claims.ts'
import { requestOf } from './allowed.ts'

const scope = (name: string) => ({ name, descriptions: [], attributes: [] })

/** A request of these scopes, and of these claims at the userinfo endpoint. */
function requestFor(claims: readonly string[], { scopes = ['openid'], claimsLocales = [] as string[] } = {}) {
  const userInfoClaims = JSON.stringify(Object.fromEntries(claims.map((name) => [name, null])))
  return { ...requestOf({ clientId: 1 }), scopes: scopes.map(scope), userInfoClaims, claimsLocales }
}

const user = { subject: 's', username: 'u', claims: {} }
const namesOf = (request: ReturnType<typeof requestFor>) => requestedClaims(request).map(({ name }) => name)

describe('OIDC Core §5.2 and §5.5: a claim and its translations', () => {
  it('given a claim and a translation of it, then each is decided about, and one does not bring the other', () => {
    const request = requestFor(['name', 'name#ar'])
    expect(namesOf(request)).toEqual(['name', 'name#ar'])
    expect(consentedClaims(request, { scopes: ['openid'], claims: ['name'] })).toEqual(['name'])
    expect(consentedClaims(request, { scopes: ['openid'], claims: ['name#ar'] })).toEqual(['name#ar'])
    expect(consentedClaims(request, { scopes: ['openid'], claims: ['name', 'name#ar'] })).toEqual(['name', 'name#ar'])
  })

  it('given a form that ticks one of the two, then the other is declined', () => {
    const context = { lang: 'en', now: new Date() }
    const choice = readChoice(
      { request: requestFor(['name', 'name#ar']) },
      { user },
      new URLSearchParams('claim=name'),
      context,
    )
    expect(choice).toMatchObject({ grant: { claims: ['name'], declinedClaims: ['name#ar'] } })
  })

  it('given a translation of a claim that a scope brings, then it comes and goes with the scope', () => {
    const request = requestFor(['name#ar', 'zoneinfo#de', 'nickname#__proto__'], { scopes: ['openid', 'profile'] })
    expect(namesOf(request)).toEqual([])
    expect(claimsBroughtBy('profile', request)).toEqual(expect.arrayContaining(['name', 'name#ar', 'zoneinfo#de']))
    expect(consentedClaims(request, { scopes: ['openid', 'profile'], claims: [] })).toContain('name#ar')
    expect(consentedClaims(request, { scopes: ['openid'], claims: [] })).toEqual([])
  })

  it.each([
    [['ar'], 'name#ar'],
    [['AR'], 'name#ar'],
    [['de', 'ja'], 'name#ja-Hani-JP'],
  ])(
    'given claims_locales %j, which bring %s with the claim, then it is decided about with the claim',
    (claimsLocales, name) => {
      const request = requestFor(['name', name], { claimsLocales })
      expect(namesOf(request)).toEqual(['name'])
      expect(consentedClaims(request, { scopes: ['openid'], claims: ['name'] })).toEqual(['name', name])
      expect(consentedClaims(request, { scopes: ['openid'], claims: [] })).toEqual([])
      // Asked for alone, nothing else brings it.
      expect(namesOf(requestFor([name], { claimsLocales }))).toEqual([name])
    },
  )

  it.each([['ja-Hani'], ['j'], ['']])(
    'given the locale "%s", which does not bring name#ja, then it is a row of its own',
    (locale) => {
      const request = requestFor(['name', 'name#ja'], { claimsLocales: [locale] })
      expect(namesOf(request)).toEqual(['name', 'name#ja'])
      expect(consentedClaims(request, { scopes: ['openid'], claims: ['name'] })).toEqual(['name'])
    },
  )
})
