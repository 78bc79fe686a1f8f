import { displayName } from './result-view.ts'
import { scopeGroups, usualScopes, type ScopeGroup } from './scopes.ts'
import type { Session } from './session.ts'
import { resourceNames, resourceUris, type Notice, type ResourceName, type SignInRequest } from './sign-in.ts'
import { claimNames, wantedClaims, type WantedClaim } from './wanted-claims.ts'
import { usualPayment } from './wanted-details.ts'

export interface StartView {
  today: { weekday: string; day: string; month: string }
  groups: readonly ScopeGroup[]
  claims: readonly WantedClaim[]
  /** None when there is no API. */
  resources: readonly { name: ResourceName; uri: string }[]
  /** Whether there is a grant to add to or to replace. */
  hasGrant: boolean
  request: SignInRequest
  issuer: string
  signedInAs: string | undefined
  message: Notice | undefined
}

interface StartMaterial {
  issuer: string
  apiUrl: string | undefined
  session: Session | undefined
  /** The names of the query's parameters: a redirect to this page says with one of them what it should tell. */
  asked: readonly string[]
  now: Date
}

/** Everything that the start page shows. */
export function startView({ issuer, apiUrl, session, asked, now }: StartMaterial): StartView {
  return {
    today: {
      weekday: dateParts.weekday.format(now),
      day: dateParts.day.format(now),
      month: dateParts.month.format(now),
    },
    groups: scopeGroups,
    claims: wantedClaims,
    resources: apiUrl === undefined ? [] : resourceNames.map((name) => ({ name, uri: resourceUris(apiUrl)[name] })),
    hasGrant: session?.grantId !== undefined,
    request: session?.lastRequest ?? usualRequest,
    issuer,
    signedInAs: session?.signIn && (displayName(session.signIn) ?? 'somebody'),
    message: asked.map((name) => messages.get(name)).find((message) => message !== undefined),
  }
}

const dateParts = {
  weekday: new Intl.DateTimeFormat('en-GB', { weekday: 'long' }),
  day: new Intl.DateTimeFormat('en-GB', { day: 'numeric' }),
  month: new Intl.DateTimeFormat('en-GB', { month: 'long' }),
}

/** What the boxes begin with. Authorization details are left out: with them, Gatehouse asks every time. */
const usualRequest: SignInRequest = {
  scopes: usualScopes,
  paymentId: '',
  claims: claimNames,
  details: [],
  payment: usualPayment,
  resources: [],
  grantAction: '',
  method: 'plain',
  prompt: '',
}

const messages = new Map<string, Notice>([
  [
    'signed-out',
    {
      kind: 'good',
      text: 'You are signed out of Daybook. Your session at Gatehouse goes on, so the next sign-in may be quick.',
    },
  ],
  ['no-scope', { kind: 'bad', text: 'Choose at least one permission. Sign-in alone is enough.' }],
  ['no-grant', { kind: 'bad', text: 'There is no grant yet that could be merged or replaced. Create one first.' }],
])
