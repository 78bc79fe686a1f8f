export interface WantedClaim {
  name: string
  title: string
  /** Why Daybook asks, for the person to read on the consent page. */
  purpose: string
  /** OIDC Core §5.5.1: without it, what the person asked Daybook for does not work well. */
  essential: boolean
  /** Which answer brings it. */
  source: 'id_token' | 'userinfo'
}

/** The claims that Daybook may ask for by name, one by one, instead of by a scope that brings several. */
export const wantedClaims: readonly WantedClaim[] = [
  {
    name: 'preferred_username',
    title: 'User name',
    purpose: 'To put a name on your daybook',
    essential: true,
    source: 'id_token',
  },
  {
    name: 'birthdate',
    title: 'Date of birth',
    purpose: 'To congratulate you on the day',
    essential: false,
    source: 'id_token',
  },
  {
    name: 'zoneinfo',
    title: 'Time zone',
    purpose: 'To show appointments in your own time',
    essential: false,
    source: 'userinfo',
  },
  {
    name: 'nickname',
    title: 'Nickname',
    purpose: 'To greet you the way your friends do',
    essential: false,
    source: 'userinfo',
  },
]

export const claimNames: readonly string[] = wantedClaims.map(({ name }) => name)

/** OIDC Core §5.5: the `claims` parameter; `purpose` is of OpenID Connect for Identity Assurance. Absent when nothing is asked. */
export function claimsParameter(names: readonly string[]): string | undefined {
  const asked = wantedClaims.filter(({ name }) => names.includes(name))
  if (asked.length === 0) return undefined
  const from = (source: WantedClaim['source']) =>
    Object.fromEntries(
      asked
        .filter((claim) => claim.source === source)
        .map(({ name, essential, purpose }) => [name, { ...(essential && { essential }), purpose }]),
    )
  return JSON.stringify({ id_token: from('id_token'), userinfo: from('userinfo') })
}

/** What was asked for by name, and whether the answer has it. A claim may also be missing because the person has none. */
export function compareClaims(
  names: readonly string[],
  released: { id_token: object | undefined; userinfo: object | undefined },
): { claim: WantedClaim; released: boolean }[] {
  return wantedClaims
    .filter(({ name }) => names.includes(name))
    .map((claim) => ({ claim, released: Object.hasOwn(released[claim.source] ?? {}, claim.name) }))
}
