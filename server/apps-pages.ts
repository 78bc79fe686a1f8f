import type { Change } from './authorization-details/compare.ts'
import type { AccountLinks } from './config.ts'
import type { AccountView, ClientView, DemoUser, LoginProblem, Page, ProviderButton } from './pages.ts'
import type { Destination } from './redirect-destination.ts'

/** Posts `username` and `password`, or `credential`, to /sign-in?return=<returnTo>: signing in without a client. */
export interface SignInPage extends Page {
  readonly csrfToken: string
  /** Where it leads. */
  readonly returnTo: string
  readonly username: string
  readonly problem: LoginProblem | undefined
  readonly accountLinks: AccountLinks
  readonly providers: readonly ProviderButton[]
  readonly offersPasskeys: boolean
  /** Empty outside demo mode. */
  readonly demoUsers: readonly DemoUser[]
}

/** GET /apps. The search sends `q` to the same address. Sign-out posts to /sign-out. */
export interface AppsPage extends Page {
  readonly csrfToken: string
  readonly account: AccountView
  /** Those that the search found, or all of them. */
  readonly apps: readonly ListedApp[]
  readonly total: number
  /** What is searched for; undefined where the list is too short to search. */
  readonly search: string | undefined
  /** The client that was removed just now. */
  readonly removed: number | undefined
  /** Demo mode only. */
  readonly demoClientUri: string | undefined
}

export interface ListedApp {
  readonly clientId: number
  readonly client: ClientView
  readonly firstAllowedOn: Date
  readonly lastUsedOn: Date
  readonly permissions: number
  readonly staysConnected: boolean
  /** The engine knows of no live token, although the access has not ended. */
  readonly hasNoAccess: boolean
  readonly end: End | undefined
}

/** When access ends, or ended: then no seconds are left. */
export interface End {
  readonly on: Date
  readonly inSeconds: number
}

/** GET /apps/<clientId>. What can be taken back links to /apps/<clientId>/remove, with `scope`, `detail` or nothing. */
export interface AppPage extends Page, ListedApp {
  readonly scopes: readonly AppScope[]
  /** OIDC Core §5.5: claims that were asked for by name. */
  readonly claims: readonly AppClaim[]
  readonly details: readonly AppDetail[]
  /** Undefined when the engine does not say. */
  readonly activeTokens: number | undefined
  /** The latest first. */
  readonly history: readonly HistoryEntry[]
  /** There is more than the page shows. */
  readonly hasOlderHistory: boolean
  readonly destinations: readonly Destination[]
  /** What was taken back just now. */
  readonly removed: 'scope-removed' | 'detail-removed' | undefined
}

export interface AppScope {
  /** As it is on the wire. */
  readonly name: string
  readonly title: string
  /** What a parameterized scope was allowed for. */
  readonly parameter: string | undefined
  readonly description: string | undefined
  /** WCAG 3.1.2: the languages of title and description, where they are not the page's. */
  readonly lang: string | undefined
  readonly descriptionLang: string | undefined
  readonly sensitive: boolean
  readonly since: Date
  /** Required permissions go only with the whole app; with some engines, all do. */
  readonly canBeRemoved: boolean
}

export interface AppClaim {
  readonly name: string
  readonly title: string
  readonly since: Date
}

export interface AppDetail {
  readonly id: string
  readonly title: string
  readonly lines: readonly { readonly label: string; readonly value: string }[]
  readonly since: Date
  readonly end: End | undefined
  /** With engines that cannot narrow each token by itself, it goes only with the whole app. */
  readonly canBeRemoved: boolean
}

/** What happened on one day, in titles. After a removal `declined` is what was taken back. */
export interface HistoryEntry {
  readonly event: 'decided' | 'denied' | 'skipped' | 'scope-removed' | 'detail-removed' | 'app-removed' | 'returned'
  readonly on: Date
  readonly asked: readonly string[]
  readonly allowed: readonly string[]
  readonly declined: readonly string[]
  /** RFC 9396 §7: authorization details that were allowed in part. */
  readonly narrowed: readonly { readonly title: string; readonly changes: readonly Change[] }[]
}

/** GET /apps/<clientId>/remove: asks whether they are sure. Posts to the same address, with `scope` or `detail` when it is about one. */
export interface AppRemovalPage extends Page {
  readonly csrfToken: string
  readonly clientId: number
  readonly client: ClientView
  readonly what:
    | {
        readonly kind: 'scope'
        readonly scope: AppScope
        /** Scopes that imply it, and go with it. */
        readonly others: readonly AppScope[]
      }
    | { readonly kind: 'detail'; readonly detail: AppDetail }
    | { readonly kind: 'app'; readonly permissions: number }
  readonly problem: 'stale' | undefined
}
