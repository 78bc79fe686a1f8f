export interface Scope {
  name: string
  title: string
  /** What Daybook does with it, in one sentence. */
  explanation: string
  /** How the server's consent page treats it, where that is not simply "your choice". */
  mark?: 'Fixed' | 'Sensitive' | 'Required' | 'Automatic' | 'Partners'
  /** Whether its box starts ticked: enough for a consent page worth reading, with something to decline. */
  usual: boolean
}

export interface ScopeGroup {
  title: string
  scopes: readonly Scope[]
}

/** What Daybook may ask for, as it asks the person: RFC 6749 §3.3, OIDC Core §5.4 and §11. */
export const scopeGroups: readonly ScopeGroup[] = [
  {
    title: 'Who you are',
    scopes: [
      {
        name: 'openid',
        title: 'Sign-in',
        explanation: 'Makes this a sign-in: Daybook gets an ID token that says who you are.',
        mark: 'Fixed',
        usual: true,
      },
      {
        name: 'profile',
        title: 'Profile',
        explanation: 'Your name and much more, all at once. Without it, Daybook asks for single facts, further down.',
        usual: false,
      },
      {
        name: 'email',
        title: 'E-mail',
        explanation: 'Your e-mail address, and whether it has been checked.',
        usual: true,
      },
      { name: 'phone', title: 'Phone', explanation: 'Your phone number.', usual: false },
      { name: 'address', title: 'Address', explanation: 'Your postal address.', usual: false },
    ],
  },
  {
    title: 'What Daybook may do for you',
    scopes: [
      {
        name: 'notes:read',
        title: 'Read notes',
        explanation: 'Shows the notes that you keep in Daybook.',
        usual: true,
      },
      { name: 'notes:write', title: 'Write notes', explanation: 'Adds new notes.', usual: true },
      {
        name: 'calendar:read',
        title: 'Read your calendar',
        explanation: 'Shows the coming seven days.',
        usual: true,
      },
      {
        name: 'payments:send',
        title: 'Send payments',
        explanation: 'Pays for what you book. Only a demo: no money moves.',
        mark: 'Sensitive',
        usual: true,
      },
      {
        name: 'directory:read',
        title: 'See who you work with',
        explanation: 'Only first-party and partner clients may ask. Daybook is a partner.',
        mark: 'Partners',
        usual: false,
      },
    ],
  },
  {
    title: 'Behind the scenes',
    scopes: [
      {
        name: 'offline_access',
        title: 'Stay connected',
        explanation: 'A refresh token, so that access goes on when you are away. Adds prompt=consent.',
        usual: true,
      },
      {
        name: 'account:basic',
        title: 'Basic account facts',
        explanation: 'The server insists on it: you see it, but you cannot untick it.',
        mark: 'Required',
        usual: true,
      },
      {
        name: 'telemetry',
        title: 'Usage figures',
        explanation: 'Granted without a box of its own, and only mentioned on the consent page.',
        mark: 'Automatic',
        usual: true,
      },
      {
        name: 'grant_management_query',
        title: 'Query the grant',
        explanation: 'Asks Gatehouse later what the grant holds. Choose a grant management action, too.',
        mark: 'Automatic',
        usual: false,
      },
      {
        name: 'grant_management_revoke',
        title: 'Revoke the grant',
        explanation: 'Ends the grant, and everything that came of it.',
        mark: 'Automatic',
        usual: false,
      },
    ],
  },
]

const scopes = scopeGroups.flatMap((group) => group.scopes)

export const scopeNames: readonly string[] = scopes.map(({ name }) => name)

export const usualScopes: readonly string[] = scopes.filter(({ usual }) => usual).map(({ name }) => name)

/** Our title of a scope: a server may grant scopes that Daybook never heard of, and then the name has to do. */
export function scopeTitle(name: string): string {
  const [, paymentId] = /^payment:(.+)$/.exec(name) ?? []
  return paymentId === undefined
    ? (scopes.find((scope) => scope.name === name)?.title ?? name)
    : `See the payment ${paymentId}`
}

export interface ScopeComparison {
  granted: string[]
  declined: string[]
  /** Granted although nobody asked: RFC 6749 §3.3 lets the server decide. */
  added: string[]
}

/** RFC 6749 §3.3: the granted scope may differ from the requested one in both directions. */
export function compareScopes(requested: readonly string[], granted: readonly string[]): ScopeComparison {
  return {
    granted: requested.filter((scope) => granted.includes(scope)),
    declined: requested.filter((scope) => !granted.includes(scope)),
    added: granted.filter((scope) => !requested.includes(scope)),
  }
}
