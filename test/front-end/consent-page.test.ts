import { describe, expect, it } from 'vitest'
import { authorizationRequestFrom, type AuthorizationRequest } from '../../server/authorization-request.ts'
import { consentPage, shownConsent, showedEverything, type ConsentMaterial } from '../../server/consent-page.ts'
import type { ConsentMemory } from '../../server/consents.ts'
import { demoPeople } from '../../server/demo-people.ts'

const now = new Date('2026-11-01T12:00:00Z')

const request = authorizationRequestFrom(
  {
    action: 'INTERACTION',
    resultCode: 'A004001',
    resultMessage: '',
    ticket: 'ticket',
    client: { clientId: 1, clientName: 'Daybook' },
    service: { apiKey: 1, accessTokenDuration: 600, refreshTokenDuration: 2_592_000 },
    scopes: [
      { name: 'openid' },
      { name: 'email' },
      { name: 'telemetry', attributes: [{ key: 'consent.mode', value: 'implicit' }] },
      { name: 'notes:read', description: 'Read your notes.', attributes: [{ key: 'consent.group', value: 'Notes' }] },
      {
        name: 'payments',
        attributes: [
          { key: 'consent.mode', value: 'required' },
          { key: 'consent.title', value: 'Pay' },
        ],
      },
      { name: 'offline_access' },
    ],
    maxAge: 0,
    redirectUri: 'https://login.app.example/cb',
  },
  '',
)

const [user] = demoPeople
if (user === undefined) throw new Error('The demonstration has nobody in it.')

const material: ConsentMaterial = {
  frame: { serviceName: 'Gatehouse', lang: 'en', dir: 'ltr', display: 'page' },
  interaction: {
    id: 'id',
    request,
    progress: { authenticatedSubject: undefined, mustChoose: false },
    shown: undefined,
    expiresAt: new Date(now.getTime() + 60_000),
  },
  client: {
    name: 'Daybook',
    lang: undefined,
    logoUri: undefined,
    clientUri: undefined,
    policyUri: undefined,
    tosUri: undefined,
    badge: undefined,
  },
  csrfToken: 'token',
  user,
  memory: undefined,
  posted: undefined,
  preselect: 'none',
  problem: undefined,
  notice: undefined,
  now,
}

const nothingKnown: ConsentMemory = {
  granted: new Map(),
  declined: new Map(),
  claims: new Map(),
  declinedClaims: new Map(),
  endsAt: undefined,
}

/** The same page for a request that asks for something else. */
function pageOf(change: Partial<AuthorizationRequest>, more: Partial<ConsentMaterial> = {}) {
  const interaction = { ...material.interaction, request: { ...request, ...change } }
  return consentPage({ ...material, interaction, ...more })
}

describe('OIDC Core §3.1.2.4: what a consent page is made of', () => {
  it('given a first request, then every scope is somewhere, once', () => {
    const page = consentPage(material)
    expect(page.identity).toMatchObject([
      { name: 'openid', mode: 'required' },
      { name: 'email', mode: 'optional', checked: false, isNew: false },
    ])
    expect(page.identity[1]?.values).toContainEqual({ label: 'Email', value: 'john@example.com' })
    expect(page.groups).toMatchObject([
      { title: 'Notes', rows: [{ name: 'notes:read', title: 'notes:read', description: 'Read your notes.' }] },
      { title: 'Gatehouse', rows: [{ name: 'payments', title: 'Pay', mode: 'required' }] },
    ])
    expect(page.implicit).toMatchObject([{ name: 'telemetry' }])
    expect(page.offlineAccess).toEqual({
      mode: 'optional',
      checked: false,
      isNew: false,
      declinedOn: undefined,
      endsOn: new Date('2026-12-01T12:00:00Z'),
    })
    expect(page.granted).toBeUndefined()
    expect(page).toMatchObject({
      destination: { kind: 'web', subdomains: 'login.', registrable: 'app.example' },
      accessSeconds: 600,
      connectedSeconds: 2_592_000,
      openForSeconds: 60,
    })
  })

  it('given a memory, then what is new is marked, and what was granted is apart', () => {
    const granted = new Map([
      ['openid', now],
      ['notes:read', now],
    ])
    const memory = { ...nothingKnown, granted, declined: new Map([['email', now]]) }
    const page = consentPage({ ...material, memory })
    expect(page.granted).toMatchObject({ on: now, rows: [{ name: 'notes:read', checked: true }] })
    expect(page.identity).toMatchObject([{ name: 'openid' }, { name: 'email', declinedOn: now, isNew: false }])
    expect(page.groups).toMatchObject([{ rows: [{ name: 'payments', isNew: true }] }])
    expect(page.offlineAccess?.isNew).toBe(true)
  })
})

describe('a decision counts for what was shown', () => {
  const shown = shownConsent(consentPage(material), 'john')

  it('given the page as it is, then it showed everything', () => {
    expect(showedEverything(shown, request, user)).toBe(true)
  })

  it.each([
    ['a required scope is missing', { required: ['openid'] }],
    ['a required scope is shown as optional', { required: ['openid'], optional: [...shown.optional, 'payments'] }],
    ['an implicit scope is missing', { implicit: [] }],
    ['one more is shown', { optional: [...shown.optional, 'admin'] }],
    ['another one is shown', { optional: shown.optional.map((name) => (name === 'email' ? 'phone' : name)) }],
    ['a claim is shown that was not asked for', { optionalClaims: ['nickname'] }],
    ['a claim is shown as needed', { requiredClaims: ['nickname'] }],
    ['an authorization detail has a card that was not asked for', { details: 1 }],
  ])('given that %s, then it did not', (_what, change) => {
    expect(showedEverything({ ...shown, ...change }, request, user)).toBe(false)
  })

  it('given another sentence or another language, then another hash; given other ticks, then the same', () => {
    const hashOf = (change: Partial<ConsentMaterial>) =>
      shownConsent(consentPage({ ...material, ...change }), 'john').sentencesHash
    expect(hashOf({ posted: new URLSearchParams('scope=email&duration=hour') })).toBe(shown.sentencesHash)
    expect(hashOf({ client: { ...material.client, name: 'Another' } })).not.toBe(shown.sentencesHash)
    expect(hashOf({ frame: { ...material.frame, lang: 'de' } })).not.toBe(shown.sentencesHash)
  })

  it('given a page that is shown again, then the same hash on the same day, and another on the next, which it names', () => {
    const hashAt = (time: string) => consentPage({ ...material, now: new Date(time) }).sentencesHash
    expect(hashAt('2026-11-01T12:00:07.123Z')).toBe(shown.sentencesHash)
    expect(hashAt('2026-11-02T12:00:00Z')).not.toBe(shown.sentencesHash)
  })

  it('given another purpose, resource, duration, card or effect on an earlier grant, then another hash', () => {
    const hashOf = (change: Partial<AuthorizationRequest>) => shownConsent(pageOf(change), 'john').sentencesHash
    const { client, service } = request
    const hashes = [
      hashOf({}),
      hashOf({ idTokenClaims: '{"nickname":null}' }),
      hashOf({ idTokenClaims: '{"nickname":{"purpose":"To greet you."}}' }),
      hashOf({ resources: ['https://api.example'] }),
      hashOf({ client: { ...client, grantTypes: ['AUTHORIZATION_CODE'] } }),
      hashOf({ service: { ...service, accessTokenDuration: 60 } }),
      hashOf({ authorizationDetails: { elements: [{ type: 'x' }] } }),
      hashOf({ authorizationDetails: { elements: [{ type: 'x', identifier: 'y' }] } }),
      hashOf({ gmAction: 'REPLACE' }),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})

describe('OIDC Core §5.5: claims that were asked for by name', () => {
  const claims = { userInfoClaims: '{"nickname":{"purpose":"To greet you."},"phone_number":{"essential":true}}' }
  const rowsOf = (more: Partial<ConsentMaterial> = {}) =>
    pageOf(claims, more).identity.filter(({ asked }) => asked === 'claim')

  it('given a first request, then a voluntary one is a box without a tick, and an essential one is fixed', () => {
    expect(rowsOf()).toMatchObject([
      { name: 'nickname', mode: 'optional', checked: false, isNew: false, purpose: 'To greet you.' },
      { name: 'phone_number', mode: 'required', checked: true, purpose: undefined },
    ])
    expect(rowsOf()[0]?.values).toEqual([{ label: 'Nickname', value: 'Jack' }])
  })

  it('given a memory, then what was allowed is ticked, and what was declined says when; with a stranger nothing is', () => {
    const granted = new Map([['openid', now]])
    const allowed = { ...nothingKnown, granted, claims: new Map([['nickname', now]]) }
    const page = pageOf(claims, { memory: allowed })
    expect(page.granted?.rows.at(-1)).toMatchObject({ name: 'nickname', checked: true, isNew: false, allowedOn: now })
    expect(page.identity.map(({ name }) => name)).not.toContain('nickname')
    const declined = { ...nothingKnown, granted, declinedClaims: new Map([['nickname', now]]) }
    expect(rowsOf({ memory: declined })).toMatchObject([{ checked: false, declinedOn: now, isNew: false }, {}])
    const stranger = { ...request.client, dynamicallyRegistered: true }
    const [nickname] = pageOf({ ...claims, client: stranger }, { memory: allowed }).identity.slice(-2)
    expect(nickname).toMatchObject({ name: 'nickname', checked: false })
  })

  it('given claims that a requested scope brings, then its row says why the client asks for them', () => {
    const purpose = 'To write to you'
    const userInfoClaims = JSON.stringify({ email: { purpose }, email_verified: { purpose }, nickname: null })
    const scopes = [...request.scopes, { name: 'email', descriptions: [], attributes: [] }]
    expect(pageOf({ scopes, userInfoClaims }).identity.find(({ name }) => name === 'email')?.purpose).toBe(purpose)
  })

  it('given a purpose as long as a page, then it is cut', () => {
    const userInfoClaims = JSON.stringify({ nickname: { purpose: 'x'.repeat(5_000) } })
    expect(pageOf({ userInfoClaims }).identity.at(-1)?.purpose).toBe(`${'x'.repeat(299)}…`)
  })

  it('given a form, then it alone says what is ticked', () => {
    expect(rowsOf({ posted: new URLSearchParams('claim=nickname') })[0]?.checked).toBe(true)
  })
})

describe('C9: what was allowed before stands apart', () => {
  const implying = [{ key: 'consent.implies', value: 'notes:read openid' }]

  it('given a sensitive scope, or a client that anybody can pretend to be, then the row stays in sight, unticked, and says when', () => {
    const sensitive = [{ key: 'consent.sensitive', value: 'true' }]
    const scopes = [...request.scopes, { name: 'secrets', descriptions: [], attributes: sensitive }]
    const memory = { ...nothingKnown, granted: new Map([['secrets', now]]) }
    const page = pageOf({ scopes }, { memory })
    expect(page.granted).toBeUndefined()
    expect(page.groups.flatMap(({ rows }) => rows)).toContainEqual(
      expect.objectContaining({ name: 'secrets', checked: false, allowedOn: now }),
    )
    const stranger = { ...request.client, dynamicallyRegistered: true }
    const granted = new Map(request.scopes.map(({ name }) => [name, now]))
    expect(pageOf({ client: stranger }, { memory: { ...nothingKnown, granted } }).granted).toBeUndefined()
  })

  it('C8: given a scope that implies another, then its row says what comes along', () => {
    const scopes = [...request.scopes, { name: 'notes:write', descriptions: [], attributes: implying }]
    const rows = pageOf({ scopes }).groups.flatMap((group) => group.rows)
    expect(rows.find(({ name }) => name === 'notes:write')?.includes).toEqual(['notes:read'])
  })
})

describe('C5: what is ticked beforehand', () => {
  const sensitive = [{ key: 'consent.sensitive', value: 'true' }]
  const scopes = [...request.scopes, { name: 'secrets', descriptions: [], attributes: sensitive }]
  const tickedOf = (more: Partial<ConsentMaterial>) =>
    pageOf({ scopes }, more)
      .groups.flatMap(({ rows }) => rows)
      .filter(({ mode, checked }) => mode === 'optional' && checked)
      .map(({ name }) => name)

  it('given CONSENT_PRESELECT=none, then nothing', () => {
    expect(tickedOf({})).toEqual([])
  })

  it('given CONSENT_PRESELECT=nonsensitive, then all but what is sensitive or was declined', () => {
    expect(tickedOf({ preselect: 'nonsensitive' })).toEqual(['notes:read'])
    const memory = { ...nothingKnown, declined: new Map([['notes:read', now]]) }
    expect(tickedOf({ preselect: 'nonsensitive', memory })).toEqual([])
    expect(tickedOf({ preselect: 'nonsensitive', posted: new URLSearchParams() })).toEqual([])
  })
})

describe('RFC 6749 §1.5: how long access may last', () => {
  const valuesOf = (change: Partial<AuthorizationRequest>, posted?: string) =>
    pageOf(change, { posted: posted === undefined ? undefined : new URLSearchParams(posted) }).durations.map(
      ({ value, seconds, checked }) => [value, seconds, checked],
    )

  it('given a client that may refresh, then four, of which one is chosen', () => {
    expect(valuesOf({})).toEqual([
      ['session', 600, false],
      ['hour', 3_600, false],
      ['month', 2_592_000, true],
      ['unlimited', undefined, false],
    ])
    expect(valuesOf({}, 'duration=hour').find(([, , checked]) => checked)?.[0]).toBe('hour')
  })

  it('given refresh tokens that end earlier than a month, then no end of the person is chosen beforehand', () => {
    const service = { ...request.service, refreshTokenDuration: 86_400 }
    expect(valuesOf({ service }).find(([, , checked]) => checked)?.[0]).toBe('unlimited')
  })

  it('given a client that may not refresh, then there is nothing to choose', () => {
    expect(valuesOf({ client: { ...request.client, grantTypes: ['AUTHORIZATION_CODE'] } })).toEqual([])
  })
})

describe('RFC 8707 §2: where access can be used', () => {
  const [api, bank] = ['https://api.example', 'https://bank.example/v1']
  const scopes = [
    { name: 'notes:read', descriptions: [], attributes: [{ key: 'consent.resource', value: api }] },
    {
      name: 'pay',
      descriptions: [],
      attributes: [
        { key: 'consent.resource', value: bank },
        { key: 'consent.group', value: 'Payments' },
      ],
    },
    { name: 'other', descriptions: [], attributes: [{ key: 'consent.group', value: 'Payments' }] },
  ]
  const service = { ...request.service, attributes: [{ key: `resource.name:${bank}`, value: 'Example Bank' }] }
  const details = [{ type: 'x' }, { type: 'y', locations: [bank] }, { type: 'z', locations: [api] }]
  const asked = { scopes, service, authorizationDetails: { elements: details } }

  it('given several resources, then scopes and cards stand under them, by their names', () => {
    const page = pageOf({ ...asked, resources: [api, bank] })
    expect(page.resources).toEqual([
      { uri: api, name: 'api.example' },
      { uri: bank, name: 'Example Bank' },
    ])
    expect(page.groups.map(({ title, rows }) => [title, rows.map(({ name }) => name)])).toEqual([
      ['api.example', ['notes:read']],
      ['Example Bank', ['pay']],
      ['Payments', ['other']],
    ])
    expect(page.details.map(({ index }) => index)).toEqual([2, 1, 0])
  })

  it('given one resource, then it is named, and the groups are as always', () => {
    const page = pageOf({ ...asked, resources: [bank] })
    expect(page.resources).toEqual([{ uri: bank, name: 'Example Bank' }])
    expect(page.groups.map(({ title }) => title)).toEqual(['Gatehouse', 'Payments'])
    expect(page.details.map(({ index }) => index)).toEqual([0, 1, 2])
  })
})

describe('BCP 47: titles and groups in the language of the page', () => {
  it('given tagged texts, then those of the language; given none, then the one without a tag', () => {
    const attributes = [
      { key: 'consent.title', value: 'See your notes' },
      { key: 'consent.title#de', value: 'Ihre Notizen sehen' },
      { key: 'consent.group', value: 'Notes' },
      { key: 'consent.group#de', value: 'Notizen' },
    ]
    const scopes = [{ name: 'notes:read', descriptions: [], attributes }]
    const textsIn = (lang: string) =>
      pageOf({ scopes }, { frame: { ...material.frame, lang } }).groups.map(({ title, rows }) => [
        title,
        rows[0]?.title,
      ])
    expect(textsIn('de')).toEqual([['Notizen', 'Ihre Notizen sehen']])
    expect(textsIn('ja')).toEqual([['Notes', 'See your notes']])
  })
})

describe('Grant Management for OAuth 2.0: what becomes of an earlier grant', () => {
  it.each([
    [{ gmAction: 'CREATE' }, undefined],
    [{ gmAction: 'MERGE', grantSubject: user.subject }, 'merge'],
    [{ gmAction: 'REPLACE', grantSubject: user.subject }, 'replace'],
    [{ gmAction: 'REPLACE', grantSubject: 'somebody else' }, undefined],
  ] as const)('given %j, then the page says %j', (change, said) => {
    expect(pageOf(change).grantAction).toBe(said)
  })
})

describe('OIDC Core §5.2: what is shared in other languages', () => {
  const jane = demoPeople.find(({ username }) => username === 'jane')
  if (jane === undefined) throw new Error('The demonstration has no jane.')
  const valuesOf = (change: Partial<AuthorizationRequest>) => {
    const { identity } = pageOf({ scopes: [], ...change }, { user: jane })
    return identity.map(({ name, title, values }) => [name, title, values])
  }

  it('given claims_locales, then the values of a claim are those that would be released, each with its language', () => {
    expect(valuesOf({ userInfoClaims: '{"name":null}', claimsLocales: ['ar'] })).toEqual([
      [
        'name',
        'Name',
        [
          { label: 'Name', value: jane.claims['name'] },
          { label: 'Name · Arabic', value: jane.claims['name#ar'] },
        ],
      ],
    ])
    expect(valuesOf({ userInfoClaims: '{"name":null}' })).toEqual([
      ['name', 'Name', [{ label: 'Name', value: jane.claims['name'] }]],
    ])
  })

  it('given a claim in a language, then what it brings, by its language', () => {
    expect(valuesOf({ userInfoClaims: '{"name#ja":null,"name#\\"x":null}' })).toEqual([
      [
        'name#ja',
        'Name · Japanese',
        [{ label: 'Name · Japanese (Han, Japan)', value: jane.claims['name#ja-Hani-JP'] }],
      ],
      ['name#"x', 'Name · "x', []],
    ])
  })

  it('given a scope, then the translations that come with it are among its values', () => {
    const scopes = [{ name: 'profile', descriptions: [], attributes: [] }]
    const labelsOf = (change: Partial<AuthorizationRequest>) =>
      pageOf({ scopes, ...change }, { user: jane }).identity[0]?.values.map(({ label }) => label)
    expect(labelsOf({ claimsLocales: ['ar'] })).toContain('Name · Arabic')
    expect(labelsOf({ userInfoClaims: '{"name#ar":null}' })).toContain('Name · Arabic')
    expect(labelsOf({})).not.toContain('Name · Arabic')
  })
})
