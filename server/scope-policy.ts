import type { RequestedScope } from './authorization-request.ts'

/** What a person decides about one requested scope. The policy travels with the scope, in its attributes. */
export interface ScopePolicy {
  name: string
  /** implicit: granted without a question. required: shown and granted. optional: granted when it is ticked. */
  mode: 'implicit' | 'required' | 'optional'
  /** Never ticked beforehand, and never granted from memory. */
  sensitive: boolean
  /** Requested scopes that make no sense to leave out when this one is granted. */
  implies: readonly string[]
  group: string | undefined
  title: string | undefined
  scope: RequestedScope
}

/** Reads `consent.*` of the requested scopes, in the order of the request. */
export function scopePolicies(scopes: readonly RequestedScope[]): ScopePolicy[] {
  return scopes.map((scope) => {
    const attributes = new Map(scope.attributes.map(({ key, value }) => [key, value]))
    const sensitive = attributes.get('consent.sensitive') === 'true'
    return {
      name: scope.name,
      mode: modeOf(scope.name, attributes.get('consent.mode'), sensitive),
      sensitive,
      implies: (attributes.get('consent.implies') ?? '').split(/[\s,]+/).filter((name) => name !== ''),
      group: attributes.get('consent.group'),
      title: attributes.get('consent.title'),
      scope,
    }
  })
}

/** What comes of a decision. */
export type ScopeDecision =
  | { outcome: 'granted'; granted: string[]; declined: string[] }
  /** A name was posted that the page does not offer: the form is not ours. */
  | { outcome: 'refused'; name: string }

/** RFC 6749 §3.3: the person may grant less than was requested, and never anything else. */
export function decideScopes(policies: readonly ScopePolicy[], posted: readonly string[]): ScopeDecision {
  const optional = new Set(policies.filter(({ mode }) => mode === 'optional').map(({ name }) => name))
  const foreign = posted.find((name) => !optional.has(name))
  if (foreign !== undefined) return { outcome: 'refused', name: foreign }

  const granted = new Set(policies.filter(({ mode }) => mode !== 'optional').map(({ name }) => name))
  const byName = new Map(policies.map((policy) => [policy.name, policy]))
  const pending = [...granted, ...posted]
  for (const name of pending) {
    granted.add(name)
    const implied = byName.get(name)?.implies ?? []
    pending.push(...implied.filter((other) => byName.has(other) && !granted.has(other)))
  }
  const names = [...byName.keys()]
  return {
    outcome: 'granted',
    granted: names.filter((name) => granted.has(name)),
    declined: names.filter((name) => !granted.has(name)),
  }
}

function modeOf(name: string, mode: string | undefined, sensitive: boolean): ScopePolicy['mode'] {
  // OIDC Core §3.1.2.1: without `openid` this would not be a sign-in.
  if (name === 'openid' || mode === 'required') return 'required'
  // What is sensitive is never given away unseen, whatever else the attributes say.
  return mode === 'implicit' && !sensitive ? 'implicit' : 'optional'
}
