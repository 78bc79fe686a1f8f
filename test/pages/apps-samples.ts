import type { AppDetail, AppPage, AppRemovalPage, AppScope, AppsPage, SignInPage } from '../../server/apps-pages.ts'
import { sampleConsent, sampleLogin } from './sample-pages.ts'

/* The pages of connected apps with everything on them, as the routes would fill them in. */

const page = { serviceName: 'Gatehouse', lang: 'en', dir: 'ltr', display: 'page' } as const

const daybook = {
  clientId: 4_242_424_242_424,
  client: sampleConsent.client,
  firstAllowedOn: new Date('2026-05-03T09:00:00Z'),
  lastUsedOn: new Date('2026-11-20T18:30:00Z'),
  permissions: 4,
  staysConnected: true,
  hasNoAccess: false,
  end: { on: new Date('2026-12-20T18:30:00Z'), inSeconds: 29 * 86_400 },
}

const scope: AppScope = {
  name: 'notes:read',
  title: 'Read your notes',
  parameter: undefined,
  description: 'What you wrote down, and when.',
  lang: undefined,
  descriptionLang: undefined,
  sensitive: false,
  since: daybook.firstAllowedOn,
  canBeRemoved: true,
}

const writing: AppScope = {
  ...scope,
  name: 'notes:write',
  title: 'Notizen ändern',
  description: 'Notizen anlegen, ändern und löschen.',
  lang: 'de',
  descriptionLang: 'de',
  sensitive: true,
}

const detail: AppDetail = {
  id: 'Zm9yIHRoZSBzYW1wbGU',
  title: 'Make one payment',
  lines: [
    { label: 'Amount', value: '€40.00' },
    { label: 'To', value: 'Merchant A' },
  ],
  since: daybook.lastUsedOn,
  end: { on: new Date('2026-11-21T11:00:00Z'), inSeconds: 3_000 },
  canBeRemoved: true,
}

export const sampleSignIn: SignInPage = {
  ...page,
  csrfToken: 'a-token',
  returnTo: '/apps',
  username: '',
  problem: { kind: 'wrong' },
  accountLinks: sampleLogin.accountLinks,
  providers: sampleLogin.providers,
  offersPasskeys: true,
  demoUsers: sampleLogin.demoUsers,
}

export const sampleApps: AppsPage = {
  ...page,
  csrfToken: 'a-token',
  account: sampleConsent.account,
  apps: [
    daybook,
    {
      ...daybook,
      clientId: 7,
      client: { ...daybook.client, name: 'Kalender', lang: 'de', badge: 'metadata-document' },
      staysConnected: false,
      end: { on: daybook.lastUsedOn, inSeconds: 0 },
    },
    { ...daybook, clientId: 8, staysConnected: false, hasNoAccess: true, end: undefined },
  ],
  total: 12,
  search: 'a',
  removed: 9,
  demoClientUri: 'http://localhost:3001',
}

export const sampleApp: AppPage = {
  ...page,
  ...daybook,
  scopes: [
    { ...scope, name: 'openid', title: 'Confirm who you are', canBeRemoved: false },
    scope,
    writing,
    { ...scope, name: 'payment:inv-42', title: 'Make one payment', parameter: 'inv-42' },
  ],
  claims: [{ name: 'nickname', title: 'Nickname', since: daybook.firstAllowedOn }],
  details: [detail],
  activeTokens: 2,
  history: [
    {
      event: 'scope-removed',
      on: daybook.lastUsedOn,
      asked: [],
      allowed: [],
      declined: ['See your calendar'],
      narrowed: [],
    },
    {
      event: 'decided',
      on: daybook.firstAllowedOn,
      asked: ['Read your notes', 'See your calendar'],
      allowed: ['See your calendar'],
      declined: ['Read your notes'],
      narrowed: [
        {
          title: 'Make one payment',
          changes: [
            { label: 'Amount', asked: '€60.00', allowed: '€40.00' },
            { label: 'Until', asked: undefined, allowed: '1 December 2026' },
          ],
        },
      ],
    },
  ],
  hasOlderHistory: true,
  destinations: [
    { kind: 'web', subdomains: 'app.', registrable: 'daybook.example', port: '' },
    { kind: 'app', scheme: 'com.example.app' },
    { kind: 'loopback', port: '' },
  ],
  removed: 'scope-removed',
}

export const sampleAppRemoval: AppRemovalPage = {
  ...page,
  csrfToken: 'a-token',
  clientId: daybook.clientId,
  client: daybook.client,
  what: { kind: 'scope', scope, others: [writing] },
  problem: 'stale',
}

export const sampleDetailRemoval: AppRemovalPage = {
  ...sampleAppRemoval,
  what: { kind: 'detail', detail },
  problem: undefined,
}
