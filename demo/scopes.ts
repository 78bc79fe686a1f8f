export interface Scope {
  name: string
  title: string
  /** What Daybook does with it, in one sentence. */
  explanation: string
  /** How the server's consent page treats it, where that is not simply "your choice". */
  mark?: 'Fixed' | 'Sensitive' | 'Required' | 'Automatic'
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
      },
      { name: 'profile', title: 'Profile', explanation: 'Your name, so that Daybook can greet you.' },
      { name: 'email', title: 'E-mail', explanation: 'Your e-mail address, and whether it has been checked.' },
      { name: 'phone', title: 'Phone', explanation: 'Your phone number.' },
      { name: 'address', title: 'Address', explanation: 'Your postal address.' },
    ],
  },
  {
    title: 'What Daybook may do for you',
    scopes: [
      { name: 'notes:read', title: 'Read notes', explanation: 'Shows the notes that you keep in Daybook.' },
      { name: 'notes:write', title: 'Write notes', explanation: 'Adds new notes.' },
      { name: 'calendar:read', title: 'Read your calendar', explanation: 'Shows the coming seven days.' },
      {
        name: 'payments:send',
        title: 'Send payments',
        explanation: 'Pays for what you book. Only a demo: no money moves.',
        mark: 'Sensitive',
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
      },
      {
        name: 'account:basic',
        title: 'Basic account facts',
        explanation: 'The server insists on it: you see it, but you cannot untick it.',
        mark: 'Required',
      },
      {
        name: 'telemetry',
        title: 'Usage figures',
        explanation: 'Granted without a box of its own, and only mentioned on the consent page.',
        mark: 'Automatic',
      },
    ],
  },
]

const scopes = scopeGroups.flatMap((group) => group.scopes)

export const scopeNames: readonly string[] = scopes.map(({ name }) => name)

/** The boxes that start ticked: enough for a consent page worth reading, with something to decline. */
export const usualScopes: readonly string[] = scopeNames.filter((name) => name !== 'phone' && name !== 'address')

/** Our words for a scope, if we have any: a server may grant scopes that Daybook never heard of. */
export function findScope(name: string): Scope | undefined {
  return scopes.find((scope) => scope.name === name)
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
