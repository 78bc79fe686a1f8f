import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { JWK } from 'jose'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { Engine } from '../../sdk/engine.ts'
import { ask } from '../../sdk/engine.ts'
import type { Client, Scope, Service } from '../../sdk/types.ts'
import { apiRights, makeCaller } from './api-authentication.ts'
import { publicPartOf } from './keys.ts'
import { differs, endpointsOf, ensureService, found } from './our-service.ts'
import type { ApiRight, ApiToken } from './storage/storage.ts'

/** What the demonstration needs to know. */
export interface SeedParts {
  engine: Engine
  serviceId: string
  issuer: string
  /** Where the demo client listens. */
  demoPort: number
  /** Languages of the pages. */
  uiLocales: readonly string[]
  /** Where the private key of `demo-fapi` is kept. */
  demoFapiKeyFile: string
}

/**
 * Makes the demonstration: a service whose scopes show every kind of consent, and clients of every kind. Through the engine's API, as
 * anybody else would. What is missing is created, what differs is changed back, the rest is left alone. Answers the id of the service.
 */
export async function seed({
  engine,
  issuer,
  demoPort,
  uiLocales,
  demoFapiKeyFile,
  ...parts
}: SeedParts): Promise<string> {
  const settings: Service = {
    ...endpointsOf(issuer),
    serviceName: 'Gatehouse Demo',
    supportedAcrs: ['urn:gatehouse:acr:password'],
    supportedUiLocales: [...uiLocales],
    supportedScopes: demoScopes,
  }
  const serviceId = await ensureService(engine, { serviceId: parts.serviceId, begin: {}, settings })
  const fapiKey = await readOrMakeKey(demoFapiKeyFile)
  for (const client of demoClients(demoPort, fapiKey)) await ensureClient(engine, serviceId, client)
  return serviceId
}

/** The clients that are made here; a server in production does not start while one of them exists. */
export const demoAliases = ['demo-web', 'demo-spa', 'demo-machine', 'demo-api', 'demo-fapi'] as const

/** API access tokens of the demonstration: `dev-engine-token` for everything, and one per right. They are in every copy of this file. */
export function developmentCallers(serviceId: number): ApiToken[] {
  const perRight = rightsOf(apiRights).map((right) =>
    makeCaller({
      id: `development ${right}`,
      token: `dev-engine-token-${right.toLowerCase().replaceAll('_', '-')}`,
      rights: [right],
      // Creating a service concerns none of those that exist.
      serviceIds: right === 'CREATE_SERVICE' ? 'all' : [serviceId],
    }),
  )
  const everything = makeCaller({ id: 'development', token: 'dev-engine-token', rights: ['ADMIN'], serviceIds: 'all' })
  return [everything, ...perRight].map(({ caller }) => caller)
}

function rightsOf(table: typeof apiRights): ApiRight[] {
  const isRight = (name: string): name is ApiRight => Object.hasOwn(table, name)
  return Object.keys(table).filter(isRight)
}

interface DemoClient {
  alias: (typeof demoAliases)[number]
  settings: Client
  /** Whether it authenticates with the secret `<alias>-secret`. */
  hasSecret: boolean
}

function demoClients(demoPort: number, fapiKey: JWK): DemoClient[] {
  const callback = `http://localhost:${demoPort}/callback`
  const verified = { key: 'verified', value: 'true' }
  return [
    {
      alias: 'demo-web',
      hasSecret: true,
      settings: {
        clientName: 'Daybook',
        clientNames: [{ tag: 'ja', value: 'デイブック' }],
        description: 'The demo client: a web application with a server of its own.',
        clientType: 'CONFIDENTIAL',
        applicationType: 'WEB',
        tokenAuthMethod: 'CLIENT_SECRET_BASIC',
        redirectUris: [callback],
        responseTypes: ['CODE'],
        responseModes: ['QUERY', 'FORM_POST'],
        grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
        attributes: [verified],
      },
    },
    {
      alias: 'demo-spa',
      hasSecret: false,
      settings: {
        clientName: 'Daybook in the browser',
        description: 'A client that cannot keep a secret, so PKCE is what protects its codes.',
        clientType: 'PUBLIC',
        applicationType: 'WEB',
        tokenAuthMethod: 'NONE',
        redirectUris: [callback],
        responseTypes: ['CODE'],
        responseModes: ['QUERY', 'FORM_POST'],
        grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
        attributes: [verified],
      },
    },
    {
      alias: 'demo-machine',
      hasSecret: true,
      settings: {
        clientName: 'Daybook night job',
        description: 'A client without people: it acts for itself.',
        clientType: 'CONFIDENTIAL',
        tokenAuthMethod: 'CLIENT_SECRET_BASIC',
        responseTypes: [],
        grantTypes: ['CLIENT_CREDENTIALS'],
        extension: { requestableScopesEnabled: true, requestableScopes: ['notes:read', 'calendar:read'] },
      },
    },
    {
      alias: 'demo-api',
      hasSecret: true,
      settings: {
        clientName: 'Daybook API',
        description: 'The resource server: it asks for no tokens, and may ask about them.',
        clientType: 'CONFIDENTIAL',
        tokenAuthMethod: 'CLIENT_SECRET_BASIC',
        responseTypes: [],
        grantTypes: [],
        attributes: [{ key: 'resource_server', value: 'true' }],
      },
    },
    {
      alias: 'demo-fapi',
      hasSecret: false,
      settings: {
        clientName: 'Daybook for banks',
        description: 'A client that proves who it is with a key instead of a secret.',
        clientType: 'CONFIDENTIAL',
        applicationType: 'WEB',
        tokenAuthMethod: 'PRIVATE_KEY_JWT',
        tokenAuthSignAlg: 'ES256',
        jwks: JSON.stringify({ keys: [publicPartOf(fapiKey)] }),
        redirectUris: [callback],
        responseTypes: ['CODE'],
        responseModes: ['QUERY', 'FORM_POST'],
        grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
        parRequired: true,
        attributes: [verified],
      },
    },
  ]
}

async function ensureClient(
  engine: Engine,
  serviceId: string,
  { alias, settings, hasSecret }: DemoClient,
): Promise<void> {
  const path = { serviceId, clientId: alias }
  const existing = await found(ask(engine.GET('/api/{serviceId}/client/get/{clientId}', { params: { path } })))
  if (!existing) {
    const body = { ...settings, clientIdAlias: alias }
    await ask(engine.POST('/api/{serviceId}/client/create', { params: { path: { serviceId } }, body }))
  } else if (differs(existing, settings)) {
    const body = { ...existing, ...settings }
    await ask(engine.POST('/api/{serviceId}/client/update/{clientId}', { params: { path }, body }))
  }
  if (!hasSecret) return
  await ask(
    engine.POST('/api/{serviceId}/client/secret/update/{clientIdentifier}', {
      params: { path: { serviceId, clientIdentifier: alias } },
      body: { clientSecret: `${alias}-secret` },
    }),
  )
}

/** The key of `demo-fapi`, made at the first start: whoever plays that client reads it from the file. */
async function readOrMakeKey(file: string): Promise<JWK> {
  const kept = await readIfThere(file)
  if (kept !== undefined) return parseKey(kept, file)
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const key = { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'ES256' }
  await mkdir(dirname(file), { recursive: true })
  // Only the owner reads it, and another process that was faster is not overwritten.
  const fresh = await writeIfMissing(file, `${JSON.stringify(key, null, 2)}\n`)
  return fresh ? key : parseKey(await readFile(file, 'utf8'), file)
}

async function writeIfMissing(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function parseKey(text: string, file: string): JWK {
  const key: unknown = JSON.parse(text)
  const isKey = (value: unknown): value is JWK => typeof value === 'object' && value !== null && 'kty' in value
  if (isKey(key)) return key
  throw new Error(`${file} holds no JWK. Delete it, and a new key is made.`)
}

/** A scope with its texts in English, German and Japanese, and its policy. */
function scope(name: string, texts: { en: string; de: string; ja: string }, policy: Record<string, string>): Scope {
  return {
    name,
    description: texts.en,
    descriptions: [
      { tag: 'de', value: texts.de },
      { tag: 'ja', value: texts.ja },
    ],
    attributes: Object.entries(policy).map(([key, value]) => ({ key: `consent.${key}`, value })),
  }
}

/** One scope for each thing that the consent page can show. */
const demoScopes: Scope[] = [
  scope(
    'openid',
    {
      en: 'An identifier for your account, and when you signed in.',
      de: 'Eine Kennung Ihres Kontos und wann Sie sich angemeldet haben.',
      ja: 'アカウントの識別子と、サインインした日時。',
    },
    { mode: 'required', title: 'Confirm who you are', icon: 'person' },
  ),
  scope(
    'profile',
    {
      en: 'Your name and what else is in your profile.',
      de: 'Ihr Name und was sonst in Ihrem Profil steht.',
      ja: '氏名とプロフィールのその他の項目。',
    },
    { mode: 'optional', title: 'See your profile', icon: 'person' },
  ),
  scope(
    'email',
    {
      en: 'Your email address and whether it is confirmed.',
      de: 'Ihre E-Mail-Adresse und ob sie bestätigt ist.',
      ja: 'メールアドレスと、確認済みかどうか。',
    },
    { mode: 'optional', title: 'See your email address', icon: 'mail' },
  ),
  scope(
    'phone',
    {
      en: 'Your phone number and whether it is confirmed.',
      de: 'Ihre Telefonnummer und ob sie bestätigt ist.',
      ja: '電話番号と、確認済みかどうか。',
    },
    { mode: 'optional', title: 'See your phone number', icon: 'phone' },
  ),
  scope(
    'address',
    { en: 'Your postal address.', de: 'Ihre Postanschrift.', ja: '住所。' },
    { mode: 'optional', title: 'See your postal address', icon: 'home' },
  ),
  scope(
    'offline_access',
    {
      en: 'Access goes on while you are away, until you end it.',
      de: 'Der Zugriff besteht weiter, während Sie abwesend sind, bis Sie ihn beenden.',
      ja: '終了するまで、不在の間もアクセスが続きます。',
    },
    { mode: 'optional', title: 'Keep access when you are not using the app', icon: 'clock' },
  ),
  scope(
    'notes:read',
    { en: 'Read all notes that you keep.', de: 'Alle Ihre Notizen lesen.', ja: 'あなたのメモをすべて読みます。' },
    { mode: 'optional', group: 'Notes', title: 'See your notes', icon: 'note' },
  ),
  scope(
    'notes:write',
    {
      en: 'Add notes, and change or delete those that you keep.',
      de: 'Notizen anlegen und Ihre vorhandenen ändern oder löschen.',
      ja: 'メモを追加し、既存のメモを変更・削除します。',
    },
    { mode: 'optional', group: 'Notes', title: 'Add and change notes', icon: 'note', implies: 'notes:read' },
  ),
  scope(
    'calendar:read',
    {
      en: 'See the titles, times and places of your appointments.',
      de: 'Titel, Zeiten und Orte Ihrer Termine sehen.',
      ja: '予定の件名、日時、場所を見ます。',
    },
    { mode: 'optional', group: 'Calendar', title: 'See your calendar', icon: 'calendar' },
  ),
  scope(
    'payments:send',
    {
      en: 'Send payments from your account.',
      de: 'Zahlungen von Ihrem Konto senden.',
      ja: 'あなたの口座から支払いを送ります。',
    },
    { mode: 'optional', sensitive: 'true', group: 'Payments', title: 'Send payments', icon: 'card' },
  ),
  scope(
    'account:basic',
    {
      en: 'Know that your account is open and in good standing.',
      de: 'Wissen, dass Ihr Konto besteht und in Ordnung ist.',
      ja: 'アカウントが有効で問題がないことを知ります。',
    },
    { mode: 'required', group: 'Account', title: 'See the state of your account', icon: 'person' },
  ),
  scope(
    'telemetry',
    {
      en: 'Count how often the app is used, without saying by whom.',
      de: 'Zählen, wie oft die App benutzt wird, ohne zu sagen, von wem.',
      ja: '誰が使ったかを示さずに、アプリの利用回数を数えます。',
    },
    { mode: 'implicit', group: 'Account', title: 'Usage figures', icon: 'chart' },
  ),
]
