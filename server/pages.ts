import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import ejs from 'ejs'
import type { Duration } from './access-duration.ts'
import type { DetailCard } from './authorization-details/registry.ts'
import type { AppPage, AppRemovalPage, AppsPage, SignInPage } from './apps-pages.ts'
import type { AccountLinks } from './config.ts'
import type { PageText } from './page-text.ts'
import { pageText } from './page-text.ts'
import type { PasskeyRemovalPage, PasskeySection } from './passkey-pages.ts'
import type { Preview, PreviewFragment } from './preview.ts'
import type { ReceiptPage } from './receipt.ts'
import type { Destination } from './redirect-destination.ts'
import { isLoopback } from './redirect-destination.ts'

/*
 * What every page is made of. A property without a value is there and undefined: a route cannot forget one, and in development
 * a template that misspells one fails instead of printing nothing.
 */

export interface Page {
  /** The name of this service as people know it. */
  readonly serviceName: string
  /** One of pageLanguages. What views/text/<lang>.json does not say is said in English. */
  readonly lang: string
  readonly dir: 'ltr' | 'rtl'
  /** OIDC Core §3.1.2.1: changes nothing but a class of the body. */
  readonly display: 'page' | 'popup' | 'touch' | 'wap'
  /** Added by showPage(). What cannot be opened a second time has none; without an address, the browser says where it was. */
  readonly picker?: Picker
}

/** A page that belongs to one authorization request. Its forms post to /interaction/<id>/… */
interface InteractionPage extends Page {
  readonly interactionId: string
  /** Posted with every form as csrf_token. */
  readonly csrfToken: string
  readonly client: ClientView
}

/** The client as it describes itself, so nothing in it is trusted: names are cut, addresses that a browser could run are dropped. */
export interface ClientView {
  readonly name: string
  /** The language of the name, when it is not the page's. */
  readonly lang: string | undefined
  /** A path on this server, a data: image or an https address (which the CSP's img-src must then allow); otherwise a monogram. */
  readonly logoUri: string | undefined
  readonly clientUri: string | undefined
  readonly policyUri: string | undefined
  readonly tosUri: string | undefined
  /** `verified` only by the service's own word; what a client says of itself never makes a badge. */
  readonly badge: 'verified' | 'registered-itself' | 'metadata-document' | undefined
}

/** Comes back to an address, or posts a form of the page, by its id, so that nothing of it is lost. */
export type Picker = { readonly address: string | undefined } | { readonly form: string }

export interface AccountView {
  readonly username: string
  readonly name: string
  readonly email: string | undefined
}

export interface DemoUser {
  readonly username: string
  readonly password: string
  readonly name: string
}

/** Posts `username` and `password`, or `credential`, to /interaction/<id>/login; `decision=deny` to /interaction/<id>/cancel. */
export interface LoginPage extends InteractionPage {
  /** From login_hint, the demanded subject or the last try. */
  readonly username: string
  /** OIDC Core §5.5.1: the client demanded this subject. */
  readonly usernameLocked: boolean
  /** Why somebody who is signed in already is asked again. */
  readonly reason: 'asked-again' | 'too-long-ago' | 'with-passkey' | 'with-password' | 'stronger' | undefined
  readonly problem: LoginProblem | undefined
  readonly accountLinks: AccountLinks
  /** Where people may sign in as well: each button posts to /interaction/<id>/login/<provider>. */
  readonly providers: readonly ProviderButton[]
  /** WebAuthn: posts `credential` to where the password goes. */
  readonly offersPasskeys: boolean
  /** Empty outside demo mode: then nothing of the banner is rendered. */
  readonly demoUsers: readonly DemoUser[]
}

export type LoginProblem =
  | { readonly kind: 'wrong' }
  | { readonly kind: 'passkey' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }
  | { readonly kind: 'stale' }
  /** Signing in with another provider did not work. */
  | { readonly kind: 'provider' }

export interface ProviderButton {
  readonly id: string
  readonly name: string
}

/** OIDC Core §3.1.2.1, prompt=select_account. Posts `account=<username>`, or `decision` = another, sign-out, to /interaction/<id>/accounts. */
export interface AccountsPage extends InteractionPage {
  readonly accounts: readonly AccountView[]
}

/**
 * Posts `shown`, `scope` and `claim` (repeated), `duration`, `detail.<index>…` and `decision` = allow, deny, review, select-all, or `lang`
 * in its place, to /interaction/<id>/consent; the account switch posts to /interaction/<id>/switch.
 */
export interface ConsentPage extends InteractionPage {
  /** Of everything that the page says: it comes back with the form, which counts for this page only. */
  readonly sentencesHash: string
  readonly account: AccountView
  /** The client demanded this subject, so the page explains instead of offering to switch. */
  readonly accountLocked: boolean
  /** Who the person is: `openid` first, always required; then profile, email, phone, address; then single claims. */
  readonly identity: readonly ConsentRow[]
  /** What the client may do, in groups. Rows of the modes required and optional. */
  readonly groups: readonly ScopeGroup[]
  /** Granted without a question: counted, and listed in a disclosure. */
  readonly implicit: readonly ConsentRow[]
  /** RFC 8707: where what is allowed can be used; empty when the request names no resource. */
  readonly resources: readonly ResourceView[]
  /** RFC 9396: one card for each element; those of one resource stand together. */
  readonly details: readonly DetailCard[]
  /** Allowed before: a collapsed group of its own. */
  readonly granted: GrantedScopes | undefined
  /** Grant Management for OAuth 2.0: what the decision does to an earlier one. */
  readonly grantAction: 'merge' | 'replace' | undefined
  /** offline_access, when it was requested. */
  readonly offlineAccess: OfflineAccess | undefined
  /** How long access may last, to choose from; empty when it ends with the first token in any case. */
  readonly durations: readonly DurationOption[]
  /** Undefined when nobody knows where the answer goes: then the line is left out. */
  readonly destination: Destination | undefined
  readonly accessSeconds: number
  /** The longest life of a refresh token; undefined when none would be issued. */
  readonly connectedSeconds: number | undefined
  /** How long this page can still be submitted. */
  readonly openForSeconds: number
  readonly problem: 'nothing-selected' | 'no-scope' | 'stale' | 'detail' | undefined
  /** Said after a submit that decided nothing: Enter in a checkbox, or Select all. */
  readonly notice: 'review' | 'selected' | undefined
  /** Demo mode only: without it nothing of the panel is rendered. */
  readonly preview?: Preview | undefined
}

/** One scope, or one claim that was requested by name (OIDC Core §5.5). */
export interface ConsentRow {
  readonly asked: 'scope' | 'claim'
  /** As it is on the wire. */
  readonly name: string
  readonly title: string
  /** What a parameterized scope was requested with. */
  readonly parameter: string | undefined
  readonly description: string | undefined
  /** Why the client asks for a claim, in its own words. */
  readonly purpose: string | undefined
  /** The languages of title and description, when they are not the page's. */
  readonly lang: string | undefined
  readonly descriptionLang: string | undefined
  /**
   * required: a fixed row with a lock, nothing is posted for it. optional: a checkbox. fixed: shared without being needed. withheld: the
   * client needs a claim with a value that the person's has not (OIDC Core §5.5.1).
   */
  readonly mode: 'required' | 'optional' | 'fixed' | 'withheld'
  readonly sensitive: boolean
  readonly isNew: boolean
  /** Whether the box is ticked when the page opens. */
  readonly checked: boolean
  /** When the person allowed it the last time. */
  readonly allowedOn: Date | undefined
  readonly declinedOn: Date | undefined
  /** The name of a picture; undefined where there is none of that name. */
  readonly icon: ScopeIcon | undefined
  /** Titles of requested permissions that come along when this one is ticked. */
  readonly includes: readonly string[]
  /** The person's own data that the client would be told. */
  readonly values: readonly SharedValue[]
}

/** The pictures of views/parts/scope-icons.ejs. */
export const scopeIcons = ['calendar', 'card', 'chart', 'clock', 'home', 'mail', 'note', 'person', 'phone'] as const

export type ScopeIcon = (typeof scopeIcons)[number]

export interface SharedValue {
  readonly label: string
  readonly value: string
}

export interface ScopeGroup {
  readonly title: string
  readonly lang: string | undefined
  readonly rows: readonly ConsentRow[]
}

export interface GrantedScopes {
  readonly on: Date
  readonly rows: readonly ConsentRow[]
}

export interface OfflineAccess {
  readonly mode: 'required' | 'optional'
  readonly checked: boolean
  readonly isNew: boolean
  readonly allowedOn: Date | undefined
  readonly declinedOn: Date | undefined
  /** When it ends at the latest; undefined: no end. */
  readonly endsOn: Date | undefined
}

export interface ResourceView {
  readonly uri: string
  readonly name: string
}

export interface DurationOption {
  readonly value: Duration
  /** Undefined: no end. */
  readonly seconds: number | undefined
  readonly checked: boolean
}

export interface ErrorPage extends Page {
  /** Chooses headline, sentence and next step: error.<kind>.… in the catalogue. */
  readonly kind:
    | 'request'
    | 'expired'
    | 'completed'
    | 'other-account'
    | 'forged'
    | 'not-found'
    | 'method-not-allowed'
    | 'too-large'
    | 'too-many'
    | 'server'
  /** Linked as the place to start again, when it is known for certain. */
  readonly client: ClientView | undefined
  /** RFC 6749 §4.1.2.1. */
  readonly error: string | undefined
  readonly errorDescription: string | undefined
  readonly resultCode: string | undefined
  /** An explanation of the result code or the section that was broken. */
  readonly moreUri: string | undefined
  readonly requestId: string
  readonly time: Date
  readonly retryAfterSeconds: number | undefined
  /** Development only: in production it must be undefined. */
  readonly howToFix: HowToFix | undefined
}

export interface HowToFix {
  readonly lines: readonly string[]
  /** Side by side: what came, and what would have been right. */
  readonly compare: { readonly received: string; readonly registered: readonly string[] } | undefined
}

/** GET / of the issuer. Sign-out posts to /sign-out. */
export interface HomePage extends Page {
  readonly csrfToken: string
  readonly issuer: string
  readonly account: AccountView | undefined
  readonly signedOut: boolean
  /** Undefined when nobody is signed in, or where there can be none. */
  readonly passkeys: PasskeySection | undefined
  /** Demo mode only, like demoUsers. */
  readonly demoClientUri: string | undefined
  readonly demoUsers: readonly DemoUser[]
}

export interface Pages {
  'sign-in': SignInPage
  apps: AppsPage
  app: AppPage
  'app-removal': AppRemovalPage
  'passkey-removal': PasskeyRemovalPage
  login: LoginPage
  accounts: AccountsPage
  consent: ConsentPage
  receipt: ReceiptPage
  error: ErrorPage
  home: HomePage
}

/** Renders views/<name>.ejs, read once. The template sees the page and the functions below as `it`, and a part what it was given as `part`. */
export async function renderPage<Name extends keyof Pages>(name: Name, page: Pages[Name]): Promise<string> {
  const text = pageText(page.lang)
  const client = 'client' in page && page.client !== undefined ? { client: tidyClient(page.client, text) } : {}
  const apps =
    'apps' in page ? { apps: page.apps.map((app) => ({ ...app, client: tidyClient(app.client, text) })) } : {}
  // Only the demonstration's preview makes a consent page need more.
  const isSmall = name === 'consent' && !('preview' in page && page.preview !== undefined)
  const styleSheets = ['gatehouse.css', ...(isSmall ? [] : ['other-pages.css'])]
  const it = { ...page, ...client, ...apps, ...text, styleSheets, asset, initial, tint, shownScopes, shownClaims }
  return ejs.renderFile(path.join(views, `${name}.ejs`), { it: isProduction ? it : strict(it) }, options)
}

/** Renders what takes the place of the preview's content. It is a part, and so has no head and no foot. */
export async function renderPreview({ preview, ...page }: PreviewFragment): Promise<string> {
  const it = { ...page, ...pageText(page.lang) }
  return ejs.renderFile(path.join(views, 'parts', 'preview-content.ejs'), { it, part: preview }, options)
}

/**
 * The scopes that a page puts before the person, by how it does. Store them with the interaction:
 * a decision is valid only for what was shown, so they must equal the policy's sets.
 */
export function shownScopes(page: ConsentPage): { required: string[]; optional: string[]; implicit: string[] } {
  const rows = [...page.identity, ...page.groups.flatMap((group) => group.rows), ...(page.granted?.rows ?? [])]
  const named = (mode: ConsentRow['mode']) => namesOf(rows, 'scope', mode)
  const offline = (mode: ConsentRow['mode']) => (page.offlineAccess?.mode === mode ? ['offline_access'] : [])
  return {
    required: [...named('required'), ...offline('required')],
    optional: [...named('optional'), ...offline('optional')],
    implicit: page.implicit.map((row) => row.name),
  }
}

/** The same for the claims that were asked for by name. */
export function shownClaims(page: ConsentPage): { requiredClaims: string[]; optionalClaims: string[] } {
  const rows = [...page.identity, ...(page.granted?.rows ?? [])]
  return {
    requiredClaims: namesOf(rows, 'claim', 'required'),
    optionalClaims: namesOf(rows, 'claim', 'optional'),
  }
}

function namesOf(rows: readonly ConsentRow[], asked: ConsentRow['asked'], mode: ConsentRow['mode']): string[] {
  return rows.filter((row) => row.asked === asked && row.mode === mode).map((row) => row.name)
}

const isProduction = process.env['NODE_ENV'] === 'production'
const views = path.join(import.meta.dirname, '..', 'views')

const options: ejs.Options & { async: false } = {
  async: false,
  cache: true,
  strict: true,
  // EJS copies its locals, which would lose the wrapper of strict(); what is one level deeper arrives as it is.
  localsName: 'locals',
  destructuredLocals: ['it', 'part'],
  compileDebug: !isProduction,
  rmWhitespace: true,
  escape: printable,
}

/** What <%= %> does with a value. Anything but text is a mistake in a template. */
function printable(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return ejs.escapeXML(visible(String(value)))
  if (isProduction) return ''
  throw new Error(`A template prints ${value === null ? 'null' : typeof value}`)
}

/** Without control characters and those that turn the direction of text or cannot be seen: with them a name can show what it is not. */
function visible(text: string): string {
  return text
    .replace(/[\t\n\r\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/gu, '')
}

/** Makes a template fail that asks for a property nobody has. */
function strict<Value extends object>(value: Value): Value {
  return new Proxy(value, {
    get(target, property): unknown {
      if (typeof property === 'string' && !(property in target))
        throw new Error(`There is no "${property}" on this page`)
      const found: unknown = Reflect.get(target, property)
      // A Date does not work through a proxy, and has no properties to misspell.
      return typeof found === 'object' && found !== null && !(found instanceof Date) ? strict(found) : found
    },
  })
}

function tidyClient(client: ClientView, { text }: PageText): ClientView {
  const name = cut(visible(client.name).trim(), 60)
  return {
    ...client,
    name: name === '' ? text('client.nameless') : name,
    logoUri: findLogoUri(client.logoUri),
    clientUri: findLink(client.clientUri),
    policyUri: findLink(client.policyUri),
    tosUri: findLink(client.tosUri),
  }
}

/** Counts what people see as characters, so that none is cut in two; and does not let one of them be a tower of accents. */
export function cut(text: string, length: number): string {
  const graphemes: string[] = []
  // It stops where the text is cut: looking at every character of a long one takes seconds.
  for (const { segment } of segmenter.segment(text)) {
    if (graphemes.length === length) return `${graphemes.slice(0, -1).join('')}…`
    graphemes.push(segment.slice(0, 12))
  }
  return graphemes.join('')
}

const segmenter = new Intl.Segmenter()

/** Escaping makes no javascript: address harmless, so only https passes, and http to this machine while developing. */
function findLink(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined
  const uri = new URL(address)
  return uri.protocol === 'https:' || (uri.protocol === 'http:' && isLoopback(uri) && !isProduction)
    ? uri.href
    : undefined
}

function findLogoUri(address: string | undefined): string | undefined {
  const isOwn = address !== undefined && /^\/(?![/\\])|^data:image\//.test(address)
  return isOwn ? address : findLink(address)
}

/** The letter on a tile. */
function initial(name: string): string {
  const letter = /[\p{Letter}\p{Number}]/u.exec(name)?.[0] ?? '?'
  return letter.toLocaleUpperCase()
}

/** One of four colours, always the same for the same name. */
function tint(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) % 4
}

/** The address of a file in views/public. It changes with the file, so that browsers may keep it for ever. */
function asset(file: string): string {
  let version = assetVersions.get(file)
  if (version === undefined) {
    const content = readFileSync(path.join(views, 'public', file))
    version = createHash('sha256').update(content).digest('hex').slice(0, 8)
    assetVersions.set(file, version)
  }
  return `/assets/${file}?v=${version}`
}

const assetVersions = new Map<string, string>()
