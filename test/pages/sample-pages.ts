import { detailCards } from '../../server/authorization-details/registry.ts'
import type { ConsentPage, ConsentRow, ErrorPage, HomePage, LoginPage, AccountsPage } from '../../server/pages.ts'

/* One page of each kind with everything on it, as the routes would fill it in. */

const page = { serviceName: 'Gatehouse', lang: 'en', dir: 'ltr', display: 'page' } as const

const interaction = {
  ...page,
  interactionId: 'b7Yt2kQm0e',
  csrfToken: 'a-token',
  client: {
    name: 'Daybook',
    lang: undefined,
    logoUri: undefined,
    clientUri: 'https://daybook.example/',
    policyUri: 'https://daybook.example/privacy',
    tosUri: 'https://daybook.example/terms',
    badge: 'verified',
  },
} as const

/** An optional scope that nobody was asked for before; `more` says what is different about it. */
export function sampleRow(
  name: string,
  title: string,
  description: string,
  more: Partial<ConsentRow> = {},
): ConsentRow {
  return {
    asked: 'scope',
    name,
    title,
    parameter: undefined,
    description,
    purpose: undefined,
    lang: undefined,
    descriptionLang: undefined,
    mode: 'optional',
    sensitive: false,
    isNew: false,
    checked: false,
    allowedOn: undefined,
    declinedOn: undefined,
    icon: undefined,
    includes: [],
    values: [],
    ...more,
  }
}

export const sampleConsent: ConsentPage = {
  ...interaction,
  sentencesHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
  account: { username: 'john', name: 'John Smith', email: 'john@example.com' },
  accountLocked: false,
  identity: [
    sampleRow('openid', 'Confirm who you are', 'An identifier for your account, and when you signed in.', {
      mode: 'required',
    }),
    sampleRow('profile', 'See your profile', 'Your name and what else is in your profile.', {
      values: [
        { label: 'Name', value: 'John Smith' },
        { label: 'Date of birth', value: '1990-03-09' },
      ],
    }),
    sampleRow('email', 'See your email address', 'Your email address and whether it is confirmed.', {
      values: [{ label: 'Email', value: 'john@example.com' }],
    }),
    {
      ...sampleRow('phone_number', 'Phone', '', { asked: 'claim', mode: 'required' }),
      description: undefined,
      values: [{ label: 'Phone', value: '+44 20 7946 0000' }],
    },
    {
      ...sampleRow('nickname', 'Nickname', '', { asked: 'claim', purpose: 'To greet you.' }),
      description: undefined,
    },
  ],
  groups: [
    {
      title: 'Calendar',
      lang: undefined,
      rows: [
        sampleRow('calendar:read', 'See your calendar', 'Titles, times and places of your appointments.', {
          mode: 'required',
        }),
        sampleRow('calendar:write', 'Add and change appointments', 'Create, move and cancel appointments for you.'),
        sampleRow('calendar:rooms', 'Book rooms', 'Reserve rooms for the appointments that you make.'),
        sampleRow('calendar:share', 'Share your calendar', 'People you choose see when you are free.', {
          sensitive: true,
          declinedOn: new Date('2026-05-03T09:00:00Z'),
        }),
      ],
    },
    {
      title: 'Kontakte',
      lang: 'de',
      rows: [
        sampleRow('contacts:read', 'Kontakte ansehen', 'Namen und Adressen.', {
          isNew: true,
          lang: 'de',
          descriptionLang: 'de',
        }),
      ],
    },
  ],
  implicit: [sampleRow('status', 'See whether the service is up', 'Nothing about you.', { mode: 'required' })],
  resources: [],
  details: [],
  grantAction: undefined,
  granted: {
    on: new Date('2026-05-03T09:00:00Z'),
    rows: [sampleRow('tasks:read', 'See your tasks', 'Open and finished ones.', { checked: true })],
  },
  offlineAccess: {
    mode: 'optional',
    checked: false,
    isNew: false,
    allowedOn: undefined,
    declinedOn: undefined,
    endsOn: new Date('2026-12-21T10:00:00Z'),
  },
  durations: [
    { value: 'session', seconds: 600, checked: false },
    { value: 'hour', seconds: 3_600, checked: false },
    { value: 'month', seconds: 30 * 86_400, checked: true },
    { value: 'unlimited', seconds: undefined, checked: false },
  ],
  destination: { kind: 'web', subdomains: 'app.', registrable: 'daybook.example', port: '' },
  accessSeconds: 600,
  connectedSeconds: 30 * 86_400,
  openForSeconds: 1_200,
  problem: undefined,
  notice: undefined,
}

const bank = 'https://bank.example'

/** The same page with what only some requests have: authorization details, several resources, a managed grant. */
export const sampleDetailedConsent: ConsentPage = {
  ...sampleConsent,
  resources: [
    { uri: bank, name: 'Example Bank' },
    { uri: 'https://api.example', name: 'Example API' },
  ],
  grantAction: 'merge',
  groups: [
    {
      title: 'Payments',
      lang: undefined,
      rows: [sampleRow('payment:1234', 'Make one payment', 'Once, and no other.', { parameter: '1234' })],
    },
  ],
  details: detailCards(
    [
      {
        type: 'payment_initiation',
        locations: [bank],
        otherFields: JSON.stringify({
          instructedAmount: { currency: 'EUR', amount: '123.50' },
          creditorName: 'Merchant A',
          creditorAccount: { iban: 'DE02100100109307118603' },
        }),
      },
      { type: 'account_information', locations: [bank], actions: ['list_accounts', 'read_balances'] },
      { type: 'calendar_share', locations: ['https://api.example'], identifier: 'team' },
    ],
    undefined,
    {
      lang: 'en',
      now: new Date('2026-11-21T10:00:00Z'),
      resourceName: (uri) => uri,
      user: {
        subject: 'john',
        username: 'john',
        claims: { bank_accounts: [{ iban: 'DE02120300000000202051', name: 'Everyday', currency: 'EUR' }] },
      },
    },
  ),
}

/** The page of the request in test/flows/resource-owner-intent.test.ts: six scopes, four claims, two authorization details. */
export const sampleHeadlineConsent: ConsentPage = {
  ...sampleConsent,
  interactionId: 'A7q3vF1mVtY2kQm0eB7Yt2',
  csrfToken: 'A7q3vF1mVtY2kQm0eB7Yt2A7q3vF1mVtY2kQm0eB7Yt',
  identity: [
    sampleRow('openid', 'Confirm who you are', 'An identifier for your account, and when you signed in.', {
      mode: 'required',
      icon: 'person',
    }),
    claimRow('given_name', 'Given name', 'John'),
    claimRow('birthdate', 'Date of birth', '1980-04-12', { purpose: 'To congratulate you on the day' }),
    claimRow('zoneinfo', 'Time zone', 'Europe/Dublin', { mode: 'required' }),
    claimRow('locale', 'Language and region', 'en-IE'),
  ],
  groups: [
    {
      title: 'Account',
      lang: undefined,
      rows: [
        sampleRow(
          'account:basic',
          'See the state of your account',
          'Know that your account is open and in good standing.',
          {
            mode: 'required',
            icon: 'person',
          },
        ),
      ],
    },
    {
      title: 'Notes',
      lang: undefined,
      rows: [sampleRow('notes:read', 'See your notes', 'Read all notes that you keep.', { icon: 'note' })],
    },
    {
      title: 'Calendar',
      lang: undefined,
      rows: [
        sampleRow('calendar:read', 'See your calendar', 'See the titles, times and places of your appointments.', {
          icon: 'calendar',
        }),
      ],
    },
    {
      title: 'Payments',
      lang: undefined,
      rows: [
        sampleRow('payments:send', 'Send payments', 'Send payments from your account.', {
          sensitive: true,
          icon: 'card',
        }),
        sampleRow('payment:inv-42', 'See one payment', 'See the state of this payment and of no other.', {
          parameter: 'inv-42',
          icon: 'card',
        }),
      ],
    },
  ],
  implicit: [],
  granted: undefined,
  offlineAccess: undefined,
  details: detailCards(
    [
      {
        type: 'payment_initiation',
        actions: ['initiate'],
        otherFields: JSON.stringify({
          instructedAmount: { currency: 'EUR', amount: '123.50' },
          creditorName: 'Merchant A',
          creditorAccount: { iban: 'DE02100100109307118603' },
          remittanceInformationUnstructured: 'Ref number 42',
        }),
      },
      { type: 'account_information', actions: ['list_accounts', 'read_balances', 'read_transactions'] },
    ],
    undefined,
    {
      lang: 'en',
      now: new Date('2026-11-21T10:00:00Z'),
      resourceName: (uri) => uri,
      user: {
        subject: 'john',
        username: 'john',
        claims: {
          bank_accounts: [
            { iban: 'IE29AIBK93115212345678', name: 'Everyday', currency: 'EUR' },
            { iban: 'DE89370400440532013000', name: 'Savings', currency: 'EUR' },
            { iban: 'GB29NWBK60161331926819', name: 'Travel', currency: 'GBP' },
          ],
        },
      },
    },
  ),
}

function claimRow(name: string, title: string, value: string, more: Partial<ConsentRow> = {}): ConsentRow {
  const row = sampleRow(name, title, '', { asked: 'claim', values: [{ label: title, value }], ...more })
  return { ...row, description: undefined }
}

const demoUsers = [
  { username: 'john', password: 'john', name: 'John Smith' },
  { username: 'jane', password: 'jane', name: 'Jane Doe' },
]

export const sampleLogin: LoginPage = {
  ...interaction,
  username: '',
  usernameLocked: false,
  reason: 'asked-again',
  problem: undefined,
  providers: [{ id: 'example', name: 'Example' }],
  accountLinks: { signUp: 'https://accounts.example/new', forgotPassword: 'https://accounts.example/forgot' },
  offersPasskeys: true,
  demoUsers,
}

export const sampleAccounts: AccountsPage = {
  ...interaction,
  accounts: [sampleConsent.account, { username: 'jane', name: 'Jane Doe', email: undefined }],
}

export const sampleError: ErrorPage = {
  ...page,
  kind: 'request',
  client: interaction.client,
  error: 'invalid_request',
  errorDescription: 'redirect_uri is not registered for this client',
  resultCode: 'A000001',
  moreUri: 'https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2',
  requestId: '4f1f0a1c',
  time: new Date('2026-11-21T10:00:00Z'),
  retryAfterSeconds: undefined,
  howToFix: {
    lines: ['Register the redirect URI exactly as it was sent, or send one that is registered.'],
    compare: { received: 'https://daybook.example/calback', registered: ['https://daybook.example/callback'] },
  },
}

export const sampleHome: HomePage = {
  ...page,
  csrfToken: 'a-token',
  issuer: 'http://localhost:3000',
  account: sampleConsent.account,
  signedOut: false,
  passkeys: {
    passkeys: [
      { credentialId: 'AQ', name: 'The phone', createdOn: new Date('2026-11-01T10:00:00Z'), lastUsedOn: undefined },
      {
        credentialId: 'Ag',
        name: '',
        createdOn: new Date('2026-11-02T10:00:00Z'),
        lastUsedOn: new Date('2026-11-20T10:00:00Z'),
      },
    ],
    add: 'now',
    notice: 'added',
  },
  demoClientUri: 'http://localhost:3001/',
  demoUsers,
}
