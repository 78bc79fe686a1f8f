import type { Page } from './pages.ts'

/** GET /: the passkeys of whoever is signed in. A new one is posted to /passkeys, with `name`, by a script only. */
export interface PasskeySection {
  readonly passkeys: readonly ListedPasskey[]
  /** A new one takes a recent sign-in; undefined when there are as many as there may be. */
  readonly add: 'now' | 'after-sign-in' | undefined
  readonly notice: 'added' | 'removed' | 'problem' | undefined
}

export interface ListedPasskey {
  readonly credentialId: string
  /** Empty when the person gave none. */
  readonly name: string
  readonly createdOn: Date
  readonly lastUsedOn: Date | undefined
}

/** GET /passkeys/<credential id>/remove: asks whether they are sure. Posts to the same address. */
export interface PasskeyRemovalPage extends Page {
  readonly csrfToken: string
  readonly passkey: ListedPasskey
  readonly problem: 'stale' | undefined
}
