import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durations, tokenDurations } from '../../server/access-duration.ts'
import { authorizationRequestFrom, type AuthorizationRequest } from '../../server/authorization-request.ts'
import { issueQuestion } from '../../server/authorization-response.ts'
import { isNothing, readChoice, wholeGrant, type Grant } from '../../server/consent-choice.ts'
import { passwordAcr } from '../../server/decision.ts'

const now = new Date('2026-11-01T12:00:00Z')
const signedIn = { subject: 'john', authTime: 1, acr: passwordAcr }
const person = { user: { subject: 'john', username: 'john', claims: {} } }

function scope(name: string, policy: Record<string, string> = {}) {
  const attributes = Object.entries(policy).map(([key, value]) => ({ key: `consent.${key}`, value }))
  return { name, descriptions: [], attributes }
}

const request: AuthorizationRequest = {
  ...authorizationRequestFrom(
    {
      action: 'INTERACTION',
      resultCode: 'A004001',
      resultMessage: '',
      ticket: 'ticket',
      client: { clientId: 1, clientName: 'Daybook' },
      service: { apiKey: 1, accessTokenDuration: 600, refreshTokenDuration: 2_592_000 },
      userInfoClaims: '{"nickname":null,"birthdate":null,"zoneinfo":{"essential":true}}',
      maxAge: 0,
    },
    '',
  ),
  scopes: [scope('openid'), scope('basic', { mode: 'required' }), scope('notes'), scope('pay', { sensitive: 'true' })],
  authorizationDetails: { elements: [{ type: 'calendar', identifier: 'team' }] },
}

function choiceOf(form: string, change: Partial<AuthorizationRequest> = {}) {
  const interaction = { request: { ...request, ...change } }
  return readChoice(interaction, person, new URLSearchParams(form), { lang: 'en', now })
}

describe('what a form says, against what was requested', () => {
  it('given an empty form, then what is required and essential, and the duration that the page shows', () => {
    expect(choiceOf('')).toEqual({
      outcome: 'chosen',
      grant: {
        scopes: ['openid', 'basic'],
        claims: ['zoneinfo'],
        declinedClaims: ['nickname', 'birthdate'],
        withheld: [],
        details: [],
        declinedDetails: [{ type: 'calendar', identifier: 'team' }],
        duration: 'month',
      },
      declinedScopes: ['notes', 'pay'],
    })
  })

  it('given ticks, then these, in the order of the request', () => {
    const form =
      'scope=pay&scope=notes&claim=birthdate&claim=birthdate&duration=hour&detail.0=on&decision=allow&other=1'
    expect(choiceOf(form)).toMatchObject({
      outcome: 'chosen',
      grant: {
        scopes: ['openid', 'basic', 'notes', 'pay'],
        claims: ['birthdate', 'zoneinfo'],
        declinedClaims: ['nickname'],
        details: [{ type: 'calendar', identifier: 'team' }],
        declinedDetails: [],
        duration: 'hour',
      },
      declinedScopes: [],
    })
  })

  it.each([
    ['a scope that was not requested', 'scope=admin', 'admin'],
    ['a required scope', 'scope=openid', 'openid'],
    ['a claim that was not requested', 'claim=email', 'email'],
    ['an essential claim', 'claim=zoneinfo', 'zoneinfo'],
    ['a claim with the name of a prototype', 'claim=__proto__', '__proto__'],
    ['a claim with the name of a method', 'claim=constructor', 'constructor'],
    ['an empty claim', 'claim=', ''],
    ['a duration that nobody offers', 'duration=year', 'duration'],
    ['an empty duration', 'duration=', 'duration'],
    ['two durations', 'duration=hour&duration=hour', 'duration'],
    ['a duration with the name of a prototype', 'duration=__proto__', 'duration'],
    ['an authorization detail that was not requested', 'detail.1=on', 'detail.1'],
    ['a member that its card does not have', 'detail.0.identifier=all', 'detail.0.identifier'],
    ['the name of a prototype among details', 'detail.__proto__=on', 'detail.__proto__'],
  ])('given %s, then the form is refused', (_what, form, name) => {
    expect(choiceOf(form)).toEqual({ outcome: 'refused', name })
  })

  it('given a client that cannot refresh, then no duration is offered, and the person sets no end', () => {
    const client = { ...request.client, grantTypes: ['AUTHORIZATION_CODE'] }
    expect(choiceOf('', { client })).toMatchObject({ grant: { duration: 'unlimited' } })
    expect(choiceOf('duration=hour', { client })).toEqual({ outcome: 'refused', name: 'duration' })
  })

  it('given that everything is left out, then it is nothing, unless nothing was asked for', () => {
    const bare = { scopes: [scope('notes')], authorizationDetails: undefined }
    const isEmpty = (form: string, change: Partial<AuthorizationRequest>) => {
      const choice = choiceOf(form, change)
      return choice.outcome === 'chosen' && isNothing(choice)
    }
    expect(isEmpty('', { ...bare, userInfoClaims: undefined })).toBe(true)
    expect(isEmpty('', { ...bare, scopes: [], userInfoClaims: '{"nickname":null}' })).toBe(true)
    expect(isEmpty('', { ...request, scopes: [], userInfoClaims: undefined })).toBe(true)
    expect(isEmpty('scope=notes', { ...bare, userInfoClaims: undefined })).toBe(false)
    expect(isEmpty('detail.0=on', { scopes: [scope('notes')], userInfoClaims: undefined })).toBe(true)
    expect(isEmpty('detail.0=on', { scopes: [], userInfoClaims: undefined })).toBe(false)
    expect(isEmpty('', { scopes: [], userInfoClaims: undefined, authorizationDetails: undefined })).toBe(false)
  })

  it('given any form, then nothing beyond the request comes of it', () => {
    const name = fc.constantFrom('scope', 'claim', 'duration', 'detail.0', 'detail.0.x', 'decision', '__proto__')
    const value = fc.oneof(
      fc.constantFrom('openid', 'notes', 'pay', 'nickname', 'birthdate', 'zoneinfo', 'on', 'hour', 'constructor'),
      fc.string(),
    )
    const requested = request.scopes.map((each) => each.name)
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (pairs) => {
        const choice = choiceOf(new URLSearchParams(pairs).toString())
        if (choice.outcome !== 'chosen') return
        const { grant } = choice
        expect(requested).toEqual(expect.arrayContaining(grant.scopes))
        expect(['nickname', 'birthdate', 'zoneinfo']).toEqual(expect.arrayContaining(grant.claims))
        expect(grant.scopes).toEqual(expect.arrayContaining(['openid', 'basic']))
        expect(grant.details.length).toBeLessThanOrEqual(1)
        expect(durations).toContain(grant.duration)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('what the engine is asked to issue', () => {
  const nothing: Grant = {
    scopes: [],
    claims: [],
    declinedClaims: [],
    withheld: [],
    details: [],
    declinedDetails: [],
    duration: 'unlimited',
  }

  it('given a grant, then the question says exactly that', () => {
    const grant = { ...nothing, scopes: ['openid', 'notes'], claims: ['zoneinfo'], duration: 'hour' as const }
    expect(issueQuestion(request, signedIn, grant, { zoneinfo: 'Europe/Berlin' })).toEqual({
      ticket: 'ticket',
      ...signedIn,
      scopes: ['openid', 'notes'],
      claims: '{"zoneinfo":"Europe/Berlin"}',
      consentedClaims: ['zoneinfo'],
      authorizationDetails: { elements: [] },
      refreshTokenDuration: 3_600,
    })
  })

  it('given a request without scopes, claims and details, then none of them is mentioned', () => {
    const plain = { ...request, scopes: [], userInfoClaims: undefined, authorizationDetails: undefined }
    expect(issueQuestion(plain, signedIn, wholeGrant(plain, { claims: {} }, []), {})).toEqual({
      ticket: 'ticket',
      ...signedIn,
    })
  })

  it('§5.2: given a claim in a certain language, then it goes with the claim', () => {
    const asked = { ...request, scopes: [scope('profile')], userInfoClaims: '{"name#ja":null,"email#de":null}' }
    const grant = { ...nothing, scopes: ['profile'] }
    expect(issueQuestion(asked, signedIn, grant, {}).consentedClaims).toContain('name#ja')
    expect(issueQuestion(asked, signedIn, grant, {}).consentedClaims).not.toContain('email#de')
    expect(issueQuestion(asked, signedIn, nothing, {}).consentedClaims).toEqual([])
  })

  it.each([
    [undefined, 600, {}],
    [3_600, 600, { refreshTokenDuration: 3_600 }],
    [600, 600, { refreshTokenDuration: 600 }],
    [60, 600, { accessTokenDuration: 60, refreshTokenDuration: 60 }],
    [60, undefined, { accessTokenDuration: 60, refreshTokenDuration: 60 }],
  ])(
    'given %j seconds and access tokens of %j, then %j: tokens are shortened, never made longer',
    (seconds, own, said) => {
      const service = { ...request.service, accessTokenDuration: own }
      expect(tokenDurations(seconds, { ...request, service })).toEqual(said)
    },
  )

  it('given what is left of an earlier choice, then that counts', () => {
    const question = issueQuestion(request, signedIn, wholeGrant(request, { claims: {} }, ['openid'], 90), {})
    expect(question).toMatchObject({ accessTokenDuration: 90, refreshTokenDuration: 90 })
  })
})
