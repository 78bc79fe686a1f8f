import { describe, expect, it } from 'vitest'
import { authorizationRequestFrom } from '../../server/authorization-request.ts'
import {
  consentPage,
  policiesOf,
  shownConsent,
  showedEverything,
  type ConsentMaterial,
} from '../../server/consent-page.ts'
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
  ticked: undefined,
  problem: undefined,
  notice: undefined,
  now,
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
      limitSeconds: 2_592_000,
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
    const memory = { granted, declined: new Map([['email', now]]), claims: new Map<string, Date>() }
    const page = consentPage({ ...material, memory })
    expect(page.granted).toMatchObject({ on: now, rows: [{ name: 'notes:read', checked: true }] })
    expect(page.identity).toMatchObject([{ name: 'openid' }, { name: 'email', declinedOn: now, isNew: false }])
    expect(page.groups).toMatchObject([{ rows: [{ name: 'payments', isNew: true }] }])
    expect(page.offlineAccess?.isNew).toBe(true)
  })
})

describe('a decision counts for what was shown', () => {
  const policies = policiesOf(material.interaction)
  const shown = shownConsent(consentPage(material), 'john')

  it('given the page as it is, then it showed everything', () => {
    expect(showedEverything(shown, policies)).toBe(true)
  })

  it.each([
    ['a required scope is missing', { required: ['openid'] }],
    ['a required scope is shown as optional', { required: ['openid'], optional: [...shown.optional, 'payments'] }],
    ['an implicit scope is missing', { implicit: [] }],
    ['one more is shown', { optional: [...shown.optional, 'admin'] }],
    ['another one is shown', { optional: shown.optional.map((name) => (name === 'email' ? 'phone' : name)) }],
  ])('given that %s, then it did not', (_what, change) => {
    expect(showedEverything({ ...shown, ...change }, policies)).toBe(false)
  })

  it('given another sentence or another language, then another hash; given other ticks, then the same', () => {
    const hashOf = (change: Partial<ConsentMaterial>) =>
      shownConsent(consentPage({ ...material, ...change }), 'john').sentencesHash
    expect(hashOf({ ticked: ['email'] })).toBe(shown.sentencesHash)
    expect(hashOf({ client: { ...material.client, name: 'Another' } })).not.toBe(shown.sentencesHash)
    expect(hashOf({ frame: { ...material.frame, lang: 'de' } })).not.toBe(shown.sentencesHash)
  })
})
